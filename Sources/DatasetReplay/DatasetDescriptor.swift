/// What a public or own dataset is: where its files lie, what their columns mean, what is known of
/// them.
///
/// Read from `datasets/<name>/dataset.yaml`. It states facts about the data and the benchmark's
/// protocol, never how to detect.
package struct DatasetDescriptor: Hashable, Sendable {
  package var name: String
  package var title: String
  package var licence: String
  /// Where a person with internet gets it.
  package var source: String
  /// The folder below the dataset's root that holds the groups.
  package var folder: String
  package var groups: [Group]
  /// The groups that were looked at while the detectors were made.
  package var tunedGroups: [String]
  package var separator: UInt8
  package var timeColumn: String
  var timeFormat: TimeFormat
  /// The usual time between two rows; `nil` to take it from the learning part of each file.
  package var periodSeconds: Double?
  package var channels: [Column]
  /// `nil` if nothing is known to be wrong in any file.
  package var labels: Labels?
  package var learning: Learning

  /// Files of one folder, each the run of one machine.
  package struct Group: Hashable, Sendable {
    package var name: String
    /// Whether anything is wrong in these files; if not, they have no label columns.
    package var hasFaults: Bool
    /// The channel that shows these faults best, where it is known.
    package var tellingChannel: String?
  }

  /// A channel of the machine.
  package struct Column: Hashable, Sendable {
    package var name: String
    /// A UCUM code.
    package var unit: String
  }

  /// Where the truth is.
  package enum Labels: Hashable, Sendable {
    /// Two columns, 1 in rows that lie in a fault and in rows at which something changes. A notice
    /// within the window after a change counts for it.
    case columns(fault: String, change: String, windowSeconds: Double)
    /// A JSON file: for each file a list of first and last moments.
    case windows(file: String)
  }

  /// The rows at the start of a file that the protocol declares normal.
  package enum Learning: Hashable, Sendable {
    case rows(Int)
    case share(Double, atMost: Int)

    /// How many rows of a file with `rowCount` rows.
    func rows(of rowCount: Int) -> Int {
      switch self {
      case .rows(let rows): min(rows, rowCount)
      case .share(let share, let most): min(Int((share * Double(rowCount)).rounded(.down)), most)
      }
    }
  }
}
