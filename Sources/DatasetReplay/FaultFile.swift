package import ConditionModel
import DataAcquisition

/// A time in which a machine is known to have had a fault.
package struct KnownFault: Hashable, Sendable {
  package var machine: String
  package var start: Timestamp
  /// The failure or the repair.
  package var end: Timestamp
}

/// Reads `machine,start,end`: what was wrong, and when.
package enum FaultFile {
  /// - Parameters:
  ///   - path: A CSV file with these three columns, in any order.
  ///   - plant: Whose machines the rows name.
  /// - Returns: The faults, by their start.
  /// - Throws: At the first row that cannot be understood: labels are never guessed.
  package static func read(_ path: String, plant: Plant) throws(ReplayError) -> [KnownFault] {
    var rows = try TextTable(path: path, columns: ["machine", "start", "end"])
    var clock = RecordedClock()
    var faults: [KnownFault] = []
    while try rows.next() {
      let machine = rows[0]
      guard plant.assets.contains(where: { $0.name == machine }) else {
        throw rows.problem("the site has no machine '\(machine)'")
      }
      guard let start = clock.moment(Array(rows[1].utf8).span),
        let end = clock.moment(Array(rows[2].utf8).span), start <= end
      else { throw rows.problem("'\(rows[1])' to '\(rows[2])' is no stretch of time") }
      faults.append(KnownFault(machine: machine, start: start, end: end))
    }
    return faults.sorted { ($0.start, $0.machine) < ($1.start, $1.machine) }
  }
}

/// A small table of texts with a header, separated by commas.
struct TextTable {
  private let path: String
  private let blocks: FileBlocks
  private var rows = DelimitedRows(separator: UInt8(ascii: ","))
  private var isAtEnd = false
  private var places: [Int] = []

  /// - Parameters:
  ///   - path: The file.
  ///   - columns: The columns to read, in the order in which they are asked for.
  /// - Throws: If the file cannot be read or lacks a column.
  init(path: String, columns: [String]) throws(ReplayError) {
    self.path = path
    blocks = try FileBlocks(path: path)
    guard try next() else {
      throw ReplayError(
        path: path,
        problem: "it is empty; \(columns.joined(separator: ",")) was expected"
      )
    }
    var names = (0..<rows.fieldCount).map { rows.text($0) }
    if names[0].unicodeScalars.first == "\u{FEFF}" { names[0].unicodeScalars.removeFirst() }
    for column in columns {
      guard let place = names.firstIndex(of: column) else {
        throw ReplayError(
          path: path,
          problem:
            "there is no column '\(column)'; the header has: \(names.joined(separator: ", "))"
        )
      }
      places.append(place)
    }
  }

  subscript(column: Int) -> String { rows.text(places[column]) }

  /// The line of the row that was read last.
  var line: Int { rows.line }

  mutating func next() throws(ReplayError) -> Bool {
    while true {
      do throws(RecordingError) {
        if try rows.next() { return true }
      } catch {
        throw ReplayError(path: path, problem: "\(error)")
      }
      if isAtEnd { return false }
      let block = try blocks.next()
      if block.isEmpty {
        isAtEnd = true
        rows.end()
      } else {
        rows.append(block)
      }
    }
  }

  func problem(_ text: String) -> ReplayError {
    ReplayError(path: path, problem: "line \(line): \(text)")
  }
}
