package import ConditionModel

/// Writes frames as a recording that `RecordingParser` reads back without any loss.
package struct RecordingWriter: Sendable {
  private let channels: [ChannelID]
  private var time: Timestamp?
  private var cells: [String]
  /// The column of each channel of the plant, by its index; `nil` for channels left out.
  private var columns: [Int?]
  /// How many columns of channels there are; those of waveforms follow, in order of `WaveformID`.
  private let channelCount: Int

  /// The first line.
  package let header: String

  /// Prepares a recording.
  ///
  /// - Parameters:
  ///   - plant: Whose channels are recorded.
  ///   - channels: The channels to record, in the order of their columns; `nil` for all.
  ///   - withWaveforms: Whether blocks of samples get a column for each source: a recording without
  ///     them is a hundredth of the size, but its features can only be played back, not made anew.
  package init(plant: Plant, channels: [ChannelID]? = nil, withWaveforms: Bool = false) {
    let channels = channels ?? plant.channels.map(\.id)
    let waveforms = withWaveforms ? plant.waveforms.map(\.id) : []
    self.channels = channels
    channelCount = channels.count
    cells = [String](repeating: "", count: channels.count + waveforms.count)
    columns = [Int?](repeating: nil, count: plant.channels.count)
    for (column, channel) in channels.enumerated() { columns[Int(channel.index)] = column }
    header =
      (["time"] + channels.map { quoted(plant.columnName(of: $0)) }
      + waveforms.map { quoted(plant.columnName(of: $0)) }).asLine
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

  /// Adds a block of samples in the row of its end; without columns for blocks it is left out.
  ///
  /// - Parameters:
  ///   - waveform: The block; its end is not earlier than the time of what came before.
  ///   - text: Takes the row that became complete, if any.
  package mutating func append(_ waveform: Waveform, to text: inout String) {
    let column = channelCount + Int(waveform.source.index)
    guard column < cells.count else { return }
    if time != waveform.end || !cells[column].isEmpty { finish(to: &text) }
    time = waveform.end
    switch waveform.quality {
    case .bad(let fault): cells[column] = "!\(fault.rawValue)"
    case .good: cells[column] = numbers(of: waveform)
    case .uncertain(let doubt): cells[column] = numbers(of: waveform) + "?\(doubt.rawValue)"
    }
  }

  /// The rate and the samples, with blanks between: `12800.0: 0.01 -0.02 …`.
  private func numbers(of waveform: Waveform) -> String {
    "\(waveform.sampleRateHertz): "
      + waveform.samples.map { "\($0)" }.joined(separator: " ")
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
