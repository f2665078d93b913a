package import ConditionModel
import DataAcquisition

/// Reads `timestamp,machine,text`: work orders and marks, as marks of the pipeline.
package struct EventFile: Sendable {
  /// In order of time.
  package private(set) var marks: [MaintenanceMark] = []
  /// Rows that name no machine of the site, whose time cannot be read, or that are but notes.
  package private(set) var remarks: [String] = []

  /// - Parameters:
  ///   - path: A CSV file with these three columns, in any order.
  ///   - plant: Whose machines the rows name.
  /// - Throws: If the file cannot be read or lacks a column.
  package init(path: String, plant: Plant) throws(ReplayError) {
    var rows = try TextTable(path: path, columns: ["timestamp", "machine", "text"])
    var clock = RecordedClock()
    var unknown: [String] = []
    var unreadable: (count: Int, firstLine: Int) = (0, 0)
    var notes: (count: Int, firstLine: Int) = (0, 0)
    while try rows.next() {
      guard let moment = clock.moment(Array(rows[0].utf8).span) else {
        if unreadable.count == 0 { unreadable.firstLine = rows.line }
        unreadable.count += 1
        continue
      }
      let name = rows[1]
      guard let asset = plant.assets.first(where: { $0.name == name }) else {
        if !unknown.contains(name) { unknown.append(name) }
        continue
      }
      let text = rows[2]
      let kind = MaintenanceMark.Kind(rawValue: Self.word(text))
      if kind == nil {
        if notes.count == 0 { notes.firstLine = rows.line }
        notes.count += 1
      }
      marks.append(
        MaintenanceMark(
          asset: asset.id,
          timestamp: moment,
          kind: kind ?? .note,
          text: text
        )
      )
    }
    if unreadable.count > 0 {
      let words =
        unreadable.count == 1
        ? "1 event without a readable time is left out"
        : "\(unreadable.count) events without a readable time are left out"
      remarks.append("\(words), first on line \(unreadable.firstLine); write 2026-10-14T04:20:07Z")
    }
    if notes.count > 0 {
      let words = MaintenanceMark.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      let count =
        notes.count == 1
        ? "1 event is taken as a note" : "\(notes.count) events are taken as notes"
      remarks.append(
        count + ", which changes nothing, first on line \(notes.firstLine);"
          + " the text of others is one word alone: \(words)"
      )
    }
    if !unknown.isEmpty {
      remarks.append(
        "the site has no machine \(unknown.joined(separator: ", ")); it has "
          + plant.assets.map(\.name).joined(separator: ", ")
      )
    }
    marks = marks.enumerated()
      .sorted { ($0.element.timestamp, $0.offset) < ($1.element.timestamp, $1.offset) }
      .map(\.element)
  }

  /// A text in small letters without the spaces around it.
  private static func word(_ text: String) -> String {
    let rest = text.drop(while: \.isWhitespace)
    let end = rest.lastIndex { !$0.isWhitespace }.map { rest.index(after: $0) } ?? rest.startIndex
    return rest[..<end].lowercased()
  }
}
