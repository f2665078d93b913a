package import ConditionModel
import DataAcquisition
import Glibc

/// Reads `timestamp,machine,text`: work orders and marks, as marks of the pipeline.
package struct EventFile: Sendable {
  /// In order of time.
  package private(set) var marks: [MaintenanceMark] = []
  /// Rows that name no machine of the site, or whose time cannot be read.
  package private(set) var remarks: [String] = []

  /// - Parameters:
  ///   - path: A CSV file with these three columns, in any order.
  ///   - plant: Whose machines the rows name.
  /// - Throws: If the file cannot be read or lacks a column.
  package init(path: String, plant: Plant) throws(ReplayError) {
    var blocks = try FileBlocks(path: path)
    var rows = DelimitedRows(separator: UInt8(ascii: ","))
    var clock = RecordedClock()
    var columns: (time: Int, machine: Int, text: Int)?
    var unknown: [String] = []
    var unreadable = 0
    do {
      while true {
        let block = try blocks.next()
        if block.isEmpty { rows.end() } else { rows.append(block) }
        while try rows.next() {
          guard let columns else {
            columns = try Self.columns(of: rows, path: path)
            continue
          }
          let name = rows.text(columns.machine)
          guard let moment = clock.moment(Array(rows[columns.time]).span) else {
            unreadable += 1
            continue
          }
          guard let asset = plant.assets.first(where: { $0.name == name }) else {
            if !unknown.contains(name) { unknown.append(name) }
            continue
          }
          let text = rows.text(columns.text)
          marks.append(
            MaintenanceMark(
              asset: asset.id,
              timestamp: moment,
              kind: MaintenanceMark.Kind(rawValue: text.lowercased()) ?? .note,
              text: text
            )
          )
        }
        if block.isEmpty { break }
      }
    } catch let error as RecordingError {
      throw ReplayError(path: path, problem: "\(error)")
    } catch let error as ReplayError {
      throw error
    } catch {
      throw ReplayError(path: path, problem: "\(error)")
    }
    guard columns != nil else {
      throw ReplayError(path: path, problem: "it is empty; timestamp,machine,text was expected")
    }
    if unreadable > 0 {
      remarks.append("\(unreadable) events without a readable time are left out")
    }
    if !unknown.isEmpty {
      remarks.append("the site has no machine \(unknown.joined(separator: ", "))")
    }
    marks = marks.enumerated()
      .sorted { ($0.element.timestamp, $0.offset) < ($1.element.timestamp, $1.offset) }
      .map(\.element)
  }

  private static func columns(
    of rows: DelimitedRows,
    path: String
  ) throws(ReplayError) -> (time: Int, machine: Int, text: Int) {
    var names = (0..<rows.fieldCount).map { rows.text($0) }
    if names[0].unicodeScalars.first == "\u{FEFF}" { names[0].unicodeScalars.removeFirst() }
    func place(_ name: String) throws(ReplayError) -> Int {
      guard let place = names.firstIndex(of: name) else {
        throw ReplayError(
          path: path,
          problem: "there is no column '\(name)'; the header has: \(names.joined(separator: ", "))"
        )
      }
      return place
    }
    return (try place("timestamp"), try place("machine"), try place("text"))
  }
}
