import ConditionModel

/// Cuts delimited text that comes in pieces into rows and fields (RFC 4180).
///
/// It holds the bytes of the piece at hand and of one row, whatever the length of the text. A field in
/// quotes may hold separators, line breaks and doubled quotes.
package struct DelimitedRows: Sendable {
  /// The line on which the current row begins, from 1.
  package private(set) var line = 0
  private let separator: UInt8
  /// The highest of the bytes that cut rows and fields.
  private let highestCut: UInt8
  private var nextLine = 1
  private var buffer: [UInt8] = []
  /// Where the first row that was not read begins.
  private var start = 0
  private var fields: [Field] = []
  private var isEnded = false

  private struct Field {
    var start: Int
    var end: Int
    var isQuoted: Bool

    var range: Range<Int> { start..<end }
  }

  private static let longestRow = 1 << 20

  package init(separator: UInt8) {
    self.separator = separator
    highestCut = max(separator, quote, newline, carriageReturn)
  }

  /// Takes the next bytes of the text; a piece may end anywhere.
  package mutating func append(_ piece: some Collection<UInt8>) {
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
    } else {
      buffer.removeSubrange(..<start)
    }
    start = 0
    buffer.append(contentsOf: piece)
  }

  /// Says that no more bytes will come: the last row may lack its line break.
  package mutating func end() { isEnded = true }

  /// Moves on to the next row that is not blank.
  ///
  /// - Returns: `false` when it needs more bytes, or has given all rows after `end`.
  /// - Throws: At a row that cannot be cut.
  package mutating func next() throws(RecordingError) -> Bool {
    while start < buffer.count {
      guard let (end, breaks) = try cut() else {
        guard !isEnded else {
          throw RecordingError(
            line: nextLine,
            column: nil,
            message: "a quoted cell is not closed; add the missing \""
          )
        }
        guard buffer.count - start < Self.longestRow else {
          throw RecordingError(
            line: nextLine,
            column: nil,
            message: "the line is longer than 1 MB; is this a text file?"
          )
        }
        return false
      }
      line = nextLine
      nextLine += breaks
      start = end
      if fields.contains(where: \.isQuoted) { unquote() }
      if fields.count > 1 || !fields[0].range.isEmpty || fields[0].isQuoted { return true }
    }
    return false
  }

  // MARK: - The current row

  package var fieldCount: Int { fields.count }

  /// The bytes of a field, quotes removed; empty where the row is too short.
  package subscript(column: Int) -> ArraySlice<UInt8> {
    column < fields.count ? buffer[fields[column].range] : []
  }

  package func text(_ column: Int) -> String {
    String(decoding: self[column], as: UTF8.self)
  }

  /// Whether there is nothing in a field.
  package func isEmpty(_ column: Int) -> Bool {
    column >= fields.count || fields[column].range.isEmpty
  }

  /// The number in a field; `nil` where there is none.
  package func number(_ column: Int) -> Double? {
    column < fields.count ? decimalNumber(buffer.span.extracting(fields[column].range)) : nil
  }

  /// The moment in a field; `nil` where there is none.
  func moment(_ column: Int, by clock: inout RecordedClock) -> Timestamp? {
    column < fields.count ? clock.moment(buffer.span.extracting(fields[column].range)) : nil
  }

  // MARK: - Cutting

  /// Finds the fields of the row at `start`.
  ///
  /// - Returns: Where the next row begins, and how many line breaks lie before it; `nil` when the
  ///   row is not complete.
  private mutating func cut() throws(RecordingError) -> (end: Int, breaks: Int)? {
    var found = fields
    fields = []
    defer { fields = found }
    found.removeAll(keepingCapacity: true)
    let bytes = buffer.span
    let (separator, highestCut) = (separator, highestCut)
    var first = start
    var index = start
    var breaks = 0
    while true {
      // Nearly all bytes: digits and letters lie above all that cuts.
      while index < bytes.count, bytes[index] > highestCut { index &+= 1 }
      guard index < bytes.count else { break }
      let byte = bytes[index]
      if byte == separator {
        found.append(Field(start: first, end: index, isQuoted: false))
        first = index &+ 1
      } else if byte == newline {
        let hasReturn = index > first && bytes[index &- 1] == carriageReturn
        found.append(Field(start: first, end: hasReturn ? index - 1 : index, isQuoted: false))
        return (index + 1, breaks + 1)
      } else if byte == quote, index == first {
        guard let close = closingQuote(after: index, in: bytes, &breaks) else { return nil }
        found.append(Field(start: index + 1, end: close, isQuoted: true))
        index = close + 1
        if index < bytes.count, bytes[index] == carriageReturn { index += 1 }
        guard index < bytes.count else { break }
        if bytes[index] == newline { return (index + 1, breaks + 1) }
        guard bytes[index] == separator else {
          throw RecordingError(
            line: nextLine + breaks,
            column: found.count,
            message: "text after a closing \"; put a separator between the cells"
          )
        }
        first = index + 1
        // A separator at the very end of the text has an empty field behind it.
      }
      index &+= 1
    }
    guard isEnded else { return nil }
    if found.last?.isQuoted != true || first > (found.last?.end ?? 0) {
      let hasReturn = index > first && bytes[index - 1] == carriageReturn
      found.append(Field(start: first, end: hasReturn ? index - 1 : index, isQuoted: false))
    }
    return (bytes.count, breaks)
  }

  private func closingQuote(
    after open: Int,
    in bytes: Span<UInt8>,
    _ breaks: inout Int
  ) -> Int? {
    var index = open + 1
    while index < bytes.count {
      if bytes[index] == newline { breaks += 1 }
      if bytes[index] == quote {
        // The second of two may not be here yet.
        guard index + 1 < bytes.count else { return isEnded ? index : nil }
        guard bytes[index + 1] == quote else { return index }
        index += 1
      }
      index += 1
    }
    return nil
  }

  /// Makes one quote of two, in place.
  private mutating func unquote() {
    for place in fields.indices where fields[place].isQuoted {
      var write = fields[place].start
      var read = fields[place].start
      while read < fields[place].end {
        buffer[write] = buffer[read]
        read += buffer[read] == quote ? 2 : 1
        write += 1
      }
      fields[place].end = write
    }
  }
}

private let quote = UInt8(ascii: "\"")
private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
