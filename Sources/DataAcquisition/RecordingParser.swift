package import ConditionModel

/// Turns a recording, chunk by chunk, into what the pipeline takes.
///
/// Each row becomes a tick of its time, so that delays run out as they would have live, and then one
/// frame per machine that has anything in the row.
package struct RecordingParser: Sendable {
  private let plant: Plant
  private var rows = DelimitedRows(separator: UInt8(ascii: ","))
  private var clock = RecordedClock()
  private var machines: [Machine]?
  /// The columns of blocks of samples, by rising column.
  private var waveforms: [WaveformColumn] = []
  private var columnCount = 0
  private var lastTime: Timestamp?

  /// The columns of one machine, by rising column.
  private struct Machine {
    var asset: AssetID
    var columns: [Int]
    var channels: [ChannelID]
  }

  private struct WaveformColumn {
    var column: Int
    var source: WaveformID
  }

  /// Prepares to read.
  ///
  /// - Parameter plant: Whose channels the columns name.
  package init(plant: Plant) {
    self.plant = plant
  }

  /// The channels that the recording has columns for; `nil` before its header has been read.
  package var channels: [ChannelID]? { machines?.flatMap(\.channels) }

  /// Takes the next bytes of the file; a chunk may end anywhere.
  ///
  /// - Parameters:
  ///   - chunk: The bytes.
  ///   - inputs: Takes what the completed rows hold.
  /// - Throws: At the first line that cannot be understood; the parser is then of no more use.
  package mutating func parse(
    _ chunk: some Collection<UInt8>,
    into inputs: inout [PipelineInput]
  ) throws(RecordingError) {
    rows.append(chunk)
    try readRows(into: &inputs)
  }

  /// Ends the file, whose last line may lack its line break.
  ///
  /// - Parameter inputs: Takes what the last row holds.
  /// - Throws: When the last line is broken or there was no header at all.
  package mutating func finish(into inputs: inout [PipelineInput]) throws(RecordingError) {
    rows.end()
    try readRows(into: &inputs)
    if machines == nil {
      throw RecordingError(
        line: 1,
        column: nil,
        message: "the recording is empty; its first line names the columns, `time` first"
      )
    }
  }

  private mutating func readRows(into inputs: inout [PipelineInput]) throws(RecordingError) {
    while try rows.next() {
      if let machines = machines {
        try read(machines, into: &inputs)
      } else {
        machines = try readHeader()
        columnCount = rows.fieldCount
      }
    }
  }

  // MARK: - Rows

  private mutating func readHeader() throws(RecordingError) -> [Machine] {
    var names = (0..<rows.fieldCount).map { rows.text($0) }
    if names[0].unicodeScalars.first == "\u{FEFF}" { names[0].unicodeScalars.removeFirst() }
    guard names[0] == "time" else {
      let hint =
        names[0].hasPrefix("time;") ? "separate the columns by commas, not semicolons" : nil
      throw problem(hint ?? "the first column must be named `time`, not `\(names[0])`", column: 1)
    }
    var channelOfName: [String: ChannelID] = [:]
    for channel in plant.channels {
      channelOfName[plant.columnName(of: channel.id)] = channel.id
    }
    var sourceOfName: [String: WaveformID] = [:]
    for source in plant.waveforms { sourceOfName[plant.columnName(of: source.id)] = source.id }
    var machines: [Machine] = []
    var unknown: [String] = []
    var seen: Set<ChannelID> = []
    for (column, name) in names.enumerated().dropFirst() {
      if let source = sourceOfName[name] {
        waveforms.append(WaveformColumn(column: column, source: source))
        continue
      }
      guard let channel = channelOfName[name] else {
        unknown.append("column \(column + 1) `\(name)`")
        continue
      }
      guard seen.insert(channel).inserted else {
        throw problem("the column `\(name)` stands here twice; remove one", column: column + 1)
      }
      let asset = plant[channel].asset
      let place =
        machines.firstIndex { $0.asset == asset }
        ?? {
          machines.append(Machine(asset: asset, columns: [], channels: []))
          return machines.count - 1
        }()
      machines[place].columns.append(column)
      machines[place].channels.append(channel)
    }
    guard unknown.isEmpty else {
      throw problem(
        "the site has no such channels: \(unknown.joined(separator: ", ")); "
          + "name columns `machine/location/point` as the site file does, or remove them"
      )
    }
    return machines
  }

  private mutating func read(
    _ machines: [Machine],
    into inputs: inout [PipelineInput]
  ) throws(RecordingError) {
    guard rows.fieldCount == columnCount else {
      throw problem("\(rows.fieldCount) cells where the header has \(columnCount)")
    }
    guard let time = rows.moment(0, by: &clock) else {
      throw problem(
        "`\(rows.text(0))` is not a time; write 2026-10-14T04:20:07.125Z or seconds since 1970",
        column: 1
      )
    }
    if let last = lastTime, time < last {
      throw problem("time goes back from \(last) to \(time); sort the rows by time", column: 1)
    }
    if time != lastTime { inputs.append(.tick(time)) }
    lastTime = time
    for machine in machines {
      var frame = Frame(
        asset: machine.asset,
        timestamp: time,
        channels: [],
        values: [],
        qualities: []
      )
      for (column, channel) in zip(machine.columns, machine.channels) {
        guard let reading = try reading(in: column) else { continue }
        frame.channels.append(channel)
        frame.values.append(reading.value)
        frame.qualities.append(reading.quality)
      }
      if !frame.channels.isEmpty { inputs.append(.frame(frame)) }
    }
    for waveform in waveforms {
      if let block = try block(in: waveform, endingAt: time) { inputs.append(.waveform(block)) }
    }
  }

  /// The block of samples in a cell; `nil` for a gap.
  private func block(
    in place: WaveformColumn,
    endingAt end: Timestamp
  ) throws(RecordingError) -> Waveform? {
    var bytes = rows[place.column]
    guard let first = bytes.first else { return nil }
    var waveform = Waveform(
      source: place.source,
      asset: plant[place.source].asset,
      start: end,
      sampleRateHertz: 1,
      samples: [],
      quality: .good
    )
    // A reason is read as that of a single value.
    if first == UInt8(ascii: "!") {
      waveform.quality = try reading(in: place.column)?.quality ?? .bad(.notANumber)
      return waveform
    }
    if let mark = bytes.lastIndex(of: UInt8(ascii: "?")) {
      let reason = String(decoding: bytes[(mark + 1)...], as: UTF8.self)
      guard let doubt = Doubt(rawValue: reason) else {
        throw problem("`\(reason)` is no reason for doubt", column: place.column + 1)
      }
      waveform.quality = .uncertain(doubt)
      bytes = bytes[..<mark]
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let rate = decimalNumber(Array(bytes[..<colon]).span), rate > 0
    else {
      throw problem(
        "a block of samples begins with its rate in hertz: `12800: 0.01 -0.02 …`",
        column: place.column + 1
      )
    }
    waveform.sampleRateHertz = rate
    for word in bytes[(colon + 1)...].split(separator: UInt8(ascii: " ")) {
      guard let value = decimalNumber(Array(word).span) else {
        throw problem(
          "`\(String(decoding: word, as: UTF8.self))` in a block is not a number",
          column: place.column + 1
        )
      }
      waveform.samples.append(Float(value))
    }
    waveform.start = end - waveform.duration
    return waveform
  }

  /// What a cell says; `nil` for a gap.
  private func reading(in column: Int) throws(RecordingError) -> Reading? {
    if let value = rows.number(column) { return Reading(value: value, quality: .good) }
    let text = rows.text(column)
    guard !text.isEmpty else { return nil }
    if text.hasPrefix("!") {
      let reason = String(text.dropFirst())
      guard let fault = Fault(rawValue: reason) else {
        throw problem(
          "`\(reason)` is no reason for a missing value; one of: "
            + Fault.allCases.map(\.rawValue).joined(separator: ", "),
          column: column + 1
        )
      }
      return .bad(fault)
    }
    let mark = text.firstIndex(of: "?") ?? text.endIndex
    guard let value = decimalNumber(Array(text[..<mark].utf8).span) else {
      guard !text.contains("\"") else {
        throw problem(
          "a \" inside a cell; write the cell in quotes and the \" twice",
          column: column + 1
        )
      }
      let hint = text.contains(",") ? " (write decimals with a point)" : ""
      throw problem(
        "`\(text)` is not a number\(hint); leave a cell empty where there is no value",
        column: column + 1
      )
    }
    guard mark < text.endIndex else { return Reading(value: value, quality: .good) }
    let reason = String(text[text.index(after: mark)...])
    guard let doubt = Doubt(rawValue: reason) else {
      throw problem(
        "`\(reason)` is no reason for doubt; one of: "
          + Doubt.allCases.map(\.rawValue).joined(separator: ", "),
        column: column + 1
      )
    }
    return Reading(value: value, quality: .uncertain(doubt))
  }

  private func problem(_ message: String, column: Int? = nil) -> RecordingError {
    RecordingError(line: rows.line, column: column, message: message)
  }
}
