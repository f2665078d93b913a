package import ConditionModel

/// Turns a recording, chunk by chunk, into what the pipeline takes.
///
/// Each row becomes a tick of its time, so that delays run out as they would have live, and then one
/// frame per machine that has anything in the row.
package struct RecordingParser: Sendable {
  private let plant: Plant
  private var line = 1
  private var row: [Cell] = []
  private var cell = Cell()
  private var state = State.cellStart
  private var machines: [Machine]?
  private var columnCount = 0
  private var lastTime: Timestamp?

  private enum State {
    case cellStart
    case plain
    case quoted
    /// After a quote inside a quoted cell: its end, or the first of two.
    case quoteInQuoted
  }

  /// A cell as bytes; quoted cells are never taken as numbers written by a locale.
  private struct Cell {
    var bytes: [UInt8] = []
    var isQuoted = false
  }

  /// The columns of one machine, by rising column.
  private struct Machine {
    var asset: AssetID
    var columns: [Int]
    var channels: [ChannelID]
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
    _ chunk: some Sequence<UInt8>,
    into inputs: inout [PipelineInput]
  ) throws(RecordingError) {
    for byte in chunk { try take(byte, into: &inputs) }
  }

  /// Ends the file, whose last line may lack its line break.
  ///
  /// - Parameter inputs: Takes what the last row holds.
  /// - Throws: When the last line is broken or there was no header at all.
  package mutating func finish(into inputs: inout [PipelineInput]) throws(RecordingError) {
    if state == .quoted {
      throw problem("a quoted cell is not closed; add the missing \"")
    }
    if !row.isEmpty || !cell.bytes.isEmpty || cell.isQuoted { try endRow(into: &inputs) }
    if machines == nil {
      throw problem("the recording is empty; its first line names the columns, `time` first")
    }
  }

  // MARK: - Cells

  private mutating func take(
    _ byte: UInt8,
    into inputs: inout [PipelineInput]
  ) throws(RecordingError) {
    switch (byte, state) {
    case (quote, .cellStart):
      state = .quoted
      cell.isQuoted = true
    case (quote, .quoted):
      state = .quoteInQuoted
    case (quote, .quoteInQuoted):
      cell.bytes.append(byte)
      state = .quoted
    case (quote, .plain):
      throw problem("a \" inside a cell; write the cell in quotes and the \" twice", inCell: true)
    case (_, .quoted):
      if byte == newline { line += 1 }
      cell.bytes.append(byte)
    case (comma, _):
      endCell()
    case (newline, _):
      try endRow(into: &inputs)
      line += 1
    case (carriageReturn, _):
      // Belongs to the line break; alone it means nothing.
      break
    case (_, .quoteInQuoted):
      throw problem("text after a closing \"; put a comma between the cells", inCell: true)
    default:
      cell.bytes.append(byte)
      state = .plain
    }
  }

  private mutating func endCell() {
    row.append(cell)
    cell.bytes.removeAll(keepingCapacity: true)
    cell.isQuoted = false
    state = .cellStart
  }

  private mutating func endRow(into inputs: inout [PipelineInput]) throws(RecordingError) {
    let isBlank = row.isEmpty && cell.bytes.isEmpty && !cell.isQuoted
    guard !isBlank else { return }
    endCell()
    if let machines = machines {
      try read(machines, into: &inputs)
    } else {
      machines = try readHeader()
      columnCount = row.count
    }
    row.removeAll(keepingCapacity: true)
  }

  // MARK: - Rows

  private func readHeader() throws(RecordingError) -> [Machine] {
    var names = row.map { String(decoding: $0.bytes, as: UTF8.self) }
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
    var machines: [Machine] = []
    var unknown: [String] = []
    var seen: Set<ChannelID> = []
    for (column, name) in names.enumerated().dropFirst() {
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
    guard row.count == columnCount else {
      throw problem("\(row.count) cells where the header has \(columnCount)")
    }
    let text = String(decoding: row[0].bytes, as: UTF8.self)
    guard let time = RecordingTime.parse(text) else {
      throw problem(
        "`\(text)` is not a time; write 2026-10-14T04:20:07.125Z or seconds since 1970",
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
  }

  /// What a cell says; `nil` for a gap.
  private func reading(in column: Int) throws(RecordingError) -> Reading? {
    let bytes = row[column].bytes
    guard let first = bytes.first else { return nil }
    if first == UInt8(ascii: "!") {
      let reason = String(decoding: bytes.dropFirst(), as: UTF8.self)
      guard let fault = Fault(rawValue: reason) else {
        throw problem(
          "`\(reason)` is no reason for a missing value; one of: "
            + Fault.allCases.map(\.rawValue).joined(separator: ", "),
          column: column + 1
        )
      }
      return .bad(fault)
    }
    let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
    guard let value = number(bytes[..<mark]) else {
      let text = String(decoding: bytes, as: UTF8.self)
      let hint = text.contains(",") ? " (write decimals with a point)" : ""
      throw problem(
        "`\(text)` is not a number\(hint); leave a cell empty where there is no value",
        column: column + 1
      )
    }
    guard mark < bytes.endIndex else { return Reading(value: value, quality: .good) }
    let reason = String(decoding: bytes[(mark + 1)...], as: UTF8.self)
    guard let doubt = Doubt(rawValue: reason) else {
      throw problem(
        "`\(reason)` is no reason for doubt; one of: "
          + Doubt.allCases.map(\.rawValue).joined(separator: ", "),
        column: column + 1
      )
    }
    return Reading(value: value, quality: .uncertain(doubt))
  }

  /// The finite number that the bytes write in decimal, correctly rounded.
  private func number(_ bytes: ArraySlice<UInt8>) -> Double? {
    if let value = shortNumber(bytes) { return value }
    // Hexadecimal, `inf` and `nan` would be understood below.
    guard bytes.allSatisfy({ decimalBytes.contains($0) }),
      let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
  }

  /// A number of at most 15 digits without exponent: one division of two exact numbers is exact.
  private func shortNumber(_ bytes: ArraySlice<UInt8>) -> Double? {
    var digits = bytes
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    var mantissa: Int64 = 0
    var divisor: Int64 = 1
    var count = 0
    var isFraction = false
    for byte in digits {
      if byte == UInt8(ascii: "."), !isFraction, count > 0 {
        isFraction = true
        continue
      }
      guard (0x30...0x39).contains(byte), count < 15 else { return nil }
      mantissa = mantissa * 10 + Int64(byte - 0x30)
      if isFraction { divisor *= 10 }
      count += 1
    }
    guard count > 0, !isFraction || divisor > 1 else { return nil }
    let value = Double(mantissa) / Double(divisor)
    return isNegative ? -value : value
  }

  private func problem(
    _ message: String,
    column: Int? = nil,
    inCell: Bool = false
  ) -> RecordingError {
    RecordingError(line: line, column: inCell ? row.count + 1 : column, message: message)
  }
}

private let quote = UInt8(ascii: "\"")
private let comma = UInt8(ascii: ",")
private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let decimalBytes = Array("0123456789+-.eE".utf8)
