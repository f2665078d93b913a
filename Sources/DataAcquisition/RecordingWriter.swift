package import ConditionModel

/// Writes frames as a recording that `RecordingParser` reads back without any loss.
package struct RecordingWriter: Sendable {
  private let channels: [ChannelID]
  private var time: Timestamp?
  private var cells: [String]
  /// The column of each channel of the plant, by its index; `nil` for channels left out.
  private var columns: [Int?]

  /// The first line.
  package let header: String

  /// Prepares a recording.
  ///
  /// - Parameters:
  ///   - plant: Whose channels are recorded.
  ///   - channels: The channels to record, in the order of their columns; `nil` for all.
  package init(plant: Plant, channels: [ChannelID]? = nil) {
    let channels = channels ?? plant.channels.map(\.id)
    self.channels = channels
    cells = [String](repeating: "", count: channels.count)
    columns = [Int?](repeating: nil, count: plant.channels.count)
    for (column, channel) in channels.enumerated() { columns[Int(channel.index)] = column }
    header = (["time"] + channels.map { quoted(plant.columnName(of: $0)) }).asLine
  }

  /// Adds a frame; frames of one instant share a row.
  ///
  /// - Parameters:
  ///   - frame: The values; its time is not earlier than that of the frame before.
  ///   - text: Takes the row that became complete, if any.
  package mutating func append(_ frame: Frame, to text: inout String) {
    let collides = frame.channels.contains { channel in
      columns[Int(channel.index)].map { !cells[$0].isEmpty } ?? false
    }
    if time != frame.timestamp || collides { finish(to: &text) }
    time = frame.timestamp
    for place in frame.channels.indices {
      guard let column = columns[Int(frame.channels[place].index)] else { continue }
      cells[column] = cell(frame.values[place], frame.qualities[place])
    }
  }

  /// Completes the last row.
  package mutating func finish(to text: inout String) {
    guard let time = time else { return }
    text += ([RecordingTime.text(time)] + cells).asLine
    self.time = nil
    for column in cells.indices { cells[column] = "" }
  }

  private func cell(_ value: Double, _ quality: Quality) -> String {
    switch quality {
    case .bad(let fault): "!\(fault.rawValue)"
    // The description of a Double is the shortest text that reads back as the same number.
    case .good: "\(value)"
    case .uncertain(let doubt): "\(value)?\(doubt.rawValue)"
    }
  }
}

private func quoted(_ text: String) -> String {
  guard text.contains(where: { "\",\r\n".contains($0) }) else { return text }
  return "\""
    + text.split(separator: "\"", omittingEmptySubsequences: false)
    .joined(separator: "\"\"") + "\""
}

extension [String] {
  fileprivate var asLine: String { joined(separator: ",") + "\n" }
}
