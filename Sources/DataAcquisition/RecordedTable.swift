package import ConditionModel

/// Reads a table of one machine's values, row by row: a column of times and one column per point.
///
/// It is made for what other programs write. What cannot be used is left out and counted, with the
/// line where it was first seen; only a file that cannot be what it should be is an error.
package struct RecordedTable: Sendable {
  /// What was met so far.
  package private(set) var account = RecordingAccount()
  private let asset: AssetID
  private let points: [Point]
  private var rows = DelimitedRows(separator: UInt8(ascii: ","))
  private var hasBegun = false
  private var clock = RecordedClock()
  private var timeColumn = -1
  /// The column of each point.
  private var columns: [Int] = []
  private var columnCount = 0
  private var usesDecimalComma = false
  private var last: Timestamp?

  /// A point and the column that holds it.
  package struct Point: Hashable, Sendable {
    package var channel: ChannelID
    package var column: String

    package init(channel: ChannelID, column: String) {
      self.channel = channel
      self.column = column
    }
  }

  package init(asset: AssetID, points: [Point]) {
    self.asset = asset
    self.points = points
  }

  /// A frame to hand to `next`, so that rows are read without new memory.
  package var emptyFrame: Frame {
    Frame(
      asset: asset,
      timestamp: Timestamp(nanoseconds: 0),
      channels: [],
      values: [],
      qualities: []
    )
  }

  /// Takes the next bytes of the file; a piece may end anywhere.
  ///
  /// - Throws: If these are not the bytes of a text.
  package mutating func append(_ piece: ArraySlice<UInt8>) throws(RecordingError) {
    if !hasBegun, !piece.isEmpty {
      try refuseOtherFormats(piece)
      let separator = Self.separator(of: piece)
      rows = DelimitedRows(separator: separator)
      usesDecimalComma = separator != UInt8(ascii: ",")
      hasBegun = true
    }
    rows.append(piece)
  }

  /// Says that no more bytes will come.
  package mutating func end() { rows.end() }

  /// Reads the next row that holds anything to use.
  ///
  /// - Parameter frame: Takes the row; one that `emptyFrame` or this gave before.
  /// - Returns: `false` when it needs more bytes, or has given all rows after `end`.
  /// - Throws: If the file is not a recording with the columns that are asked for.
  package mutating func next(into frame: inout Frame) throws(RecordingError) -> Bool {
    while try rows.next() {
      guard timeColumn >= 0 else {
        try readHeader()
        continue
      }
      if try read(into: &frame) { return true }
    }
    return false
  }

  /// Whether the columns are known.
  package var hasHeader: Bool { timeColumn >= 0 }

  // MARK: - The start of the file

  private func refuseOtherFormats(_ piece: ArraySlice<UInt8>) throws(RecordingError) {
    let kinds: [([UInt8], String)] = [
      ([0x1F, 0x8B], "it is compressed (gzip); unpack it first"),
      ([0x50, 0x4B, 0x03, 0x04], "it is a zip archive or a spreadsheet; save it as CSV"),
      ([0x50, 0x41, 0x52, 0x31], "it is a Parquet file; save it as CSV"),
      ([0xFF, 0xFE], "it is UTF-16; save it as UTF-8"),
      ([0xFE, 0xFF], "it is UTF-16; save it as UTF-8"),
    ]
    for (start, message) in kinds where piece.starts(with: start) {
      throw RecordingError(line: 1, column: nil, message: message)
    }
    guard !piece.prefix(4_096).contains(0) else {
      throw RecordingError(line: 1, column: nil, message: "it is not a text file; save it as CSV")
    }
  }

  /// Of comma, semicolon and tab, the one that the first line has most of.
  private static func separator(of piece: ArraySlice<UInt8>) -> UInt8 {
    let line = piece.prefix { $0 != UInt8(ascii: "\n") }
    var best: (byte: UInt8, count: Int) = (UInt8(ascii: ","), 0)
    for byte in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")] {
      let count = line.count { $0 == byte }
      if count > best.count { best = (byte, count) }
    }
    return best.byte
  }

  private mutating func readHeader() throws(RecordingError) {
    var names = (0..<rows.fieldCount).map { rows.text($0).trimmed }
    if names[0].unicodeScalars.first == "\u{FEFF}" { names[0].unicodeScalars.removeFirst() }
    columnCount = names.count
    let known = ["timestamp", "time", "datetime", "date time", "date"]
    let lower = names.map { $0.lowercased() }
    guard let time = known.lazy.compactMap({ lower.firstIndex(of: $0) }).first else {
      throw RecordingError(
        line: rows.line,
        column: nil,
        message: "there is no column 'timestamp'; the header has: \(names.shortened)"
      )
    }
    var missing: [String] = []
    for point in points {
      let places = names.indices.filter { names[$0] == point.column.trimmed }
      guard let place = places.first else {
        missing.append("'\(point.column)'")
        continue
      }
      guard places.count == 1 else {
        throw RecordingError(
          line: rows.line,
          column: places[1] + 1,
          message: "the column '\(point.column)' stands here twice; remove one"
        )
      }
      columns.append(place)
    }
    guard missing.isEmpty else {
      throw RecordingError(
        line: rows.line,
        column: nil,
        message: "there is no column \(missing.joined(separator: ", "));"
          + " the header has: \(names.shortened)"
      )
    }
    timeColumn = time
  }

  // MARK: - Rows

  private mutating func read(into frame: inout Frame) throws(RecordingError) -> Bool {
    let line = rows.line
    account.rows += 1
    if rows.fieldCount != columnCount { account.oddRows.add(line) }
    guard let moment = rows.moment(timeColumn, by: &clock) else {
      account.unreadableTimes.add(line)
      return false
    }
    if let last {
      let step = moment - last
      guard step > .zero else {
        if step == .zero {
          account.doubledTimes.add(line)
        } else {
          account.addBackward(by: .zero - step, line)
        }
        return false
      }
    }
    last = moment
    if account.first == nil { account.first = moment }
    account.last = moment
    frame.timestamp = moment
    if frame.values.count == columns.count, readNumbers(into: &frame) { return true }
    frame.channels.removeAll(keepingCapacity: true)
    frame.values.removeAll(keepingCapacity: true)
    frame.qualities.removeAll(keepingCapacity: true)
    for place in columns.indices {
      if let value = rows.number(columns[place]) {
        frame.add(points[place].channel, value, .good)
      } else if let reading = reading(in: columns[place], line) {
        frame.add(points[place].channel, reading.value, reading.quality)
      } else {
        account.emptyCells += 1
      }
    }
    account.values += frame.values.count
    return true
  }

  /// Reads a row like nearly all: it has a number for each point, as the one before had a value.
  ///
  /// - Returns: Whether it is one; if not, values and qualities of the frame mean nothing.
  private mutating func readNumbers(into frame: inout Frame) -> Bool {
    var values = frame.values.mutableSpan
    for place in columns.indices {
      guard let value = rows.number(columns[place]) else { return false }
      values[place] = value
    }
    var qualities = frame.qualities.mutableSpan
    for place in columns.indices { qualities[place] = .good }
    account.values += columns.count
    return true
  }

  /// What a cell says that is not simply a number; `nil` for a gap.
  private mutating func reading(in column: Int, _ line: Int) -> Reading? {
    guard !rows.isEmpty(column) else { return nil }
    let text = rows.text(column).trimmed
    if ["", "nan", "na", "n/a", "null", "none", "-"].contains(text.lowercased()) { return nil }
    if text.hasPrefix("!"), let fault = Fault(rawValue: String(text.dropFirst())) {
      return .bad(fault)
    }
    let parts = text.split(separator: "?", maxSplits: 1).map { String($0) }
    if parts.count == 2, let value = Self.number(parts[0]), let doubt = Doubt(rawValue: parts[1]) {
      return Reading(value: value, quality: .uncertain(doubt))
    }
    if usesDecimalComma, text.count(where: { $0 == "," }) == 1,
      let value = Self.number(String(text.map { $0 == "," ? "." : $0 }))
    {
      return Reading(value: value, quality: .good)
    }
    account.unreadableValues.add(line)
    return .bad(.notANumber)
  }

  private static func number(_ text: String) -> Double? {
    decimalNumber(Array(text.utf8).span)
  }
}

extension Frame {
  fileprivate mutating func add(_ channel: ChannelID, _ value: Double, _ quality: Quality) {
    channels.append(channel)
    values.append(value)
    qualities.append(quality)
  }
}

extension String {
  /// Without the spaces around it.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension [String] {
  fileprivate var shortened: String {
    prefix(20).joined(separator: ", ") + (count > 20 ? ", …" : "")
  }
}
