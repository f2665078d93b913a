import ConditionModel

/// What was detected in one file, row by row, and what is known of it.
struct ReplayedFile: Sendable {
  /// Below the dataset's folder: `valve1/0.csv`.
  let name: String
  let group: DatasetDescriptor.Group
  /// How many rows at the start are not judged.
  var learningRows = 0
  /// When each row was taken, in seconds since 1970.
  var seconds: [Double] = []
  /// To nine decimals, as they stand in the score file.
  var scores: [Double] = []
  var alarms: [Bool] = []
  var notices: [Bool] = []
  /// The place of the most telling channel.
  var channels: [UInt16] = []
  /// Whether a fault is labelled in each row.
  var faults: [Bool] = []
  /// Whether a change is labelled at each row.
  var changes: [Bool] = []
  /// The first and last rows of labelled windows; empty where rows are labelled.
  var windows: [ClosedRange<Int>] = []
  var problems = FileProblems()
  /// The course of each channel and of the score; empty unless a report is drawn.
  var traces: [Trace] = []
  var scoreTrace: Trace?

  var rowCount: Int { seconds.count }

  /// The rows that are judged; none of a file that ends before it is learned.
  var judged: Range<Int> { min(learningRows, rowCount)..<rowCount }

  /// The events of the file: windows, or unbroken runs of labelled rows.
  var events: [ClosedRange<Int>] {
    guard windows.isEmpty else { return windows }
    var events: [ClosedRange<Int>] = []
    for row in faults.indices where faults[row] {
      if let last = events.last, last.upperBound == row - 1 {
        events[events.count - 1] = last.lowerBound...row
      } else {
        events.append(row...row)
      }
    }
    return events
  }
}

/// What was wrong with a file, counted.
package struct FileProblems: Hashable, Sendable, Codable {
  /// Fields that hold no number: they count as no value.
  package var missingValues = 0
  /// Rows without a readable moment: they count as taken with the row before.
  package var unreadableTimes = 0
  /// Rows that were not taken after the row before.
  package var disorderedTimes = 0
  /// Rows with too few fields: what lacks counts as no value.
  package var shortRows = 0

  package var isEmpty: Bool { self == FileProblems() }

  static func += (sum: inout FileProblems, more: FileProblems) {
    sum.missingValues += more.missingValues
    sum.unreadableTimes += more.unreadableTimes
    sum.disorderedTimes += more.disorderedTimes
    sum.shortRows += more.shortRows
  }
}
