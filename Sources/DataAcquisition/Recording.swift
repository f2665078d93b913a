package import ConditionModel

// A recording is CSV (RFC 4180): a first column `time`, then one column per channel named
// `<machine>/<location>/<point>`; one row per instant. An empty cell is a gap. `!no answer` is a bad
// value with its reason, `4.2?outside valid range` a doubtful one.

/// What is wrong with a recording, where, and how to mend it.
package struct RecordingError: Error, Hashable, Sendable {
  /// From 1.
  package var line: Int
  /// The cell, from 1; `nil` where the whole line is meant.
  package var column: Int?
  package var message: String

  package init(line: Int, column: Int?, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}

extension RecordingError: CustomStringConvertible {
  package var description: String {
    let place = column.map { "line \(line), column \($0)" } ?? "line \(line)"
    return "\(place): \(message)"
  }
}

extension Plant {
  /// The name of a channel's column in a recording: `pompe-3/drive end/velocity rms z`.
  package func columnName(of channel: ChannelID) -> String {
    "\(self[self[channel].asset].name)/\(self[channel].name)"
  }
}

/// Times as a recording writes them.
enum RecordingTime {
  /// Reads ISO 8601 (without zone: UTC) or decimal seconds since 1970, to the nanosecond.
  static func parse(_ text: some StringProtocol) -> Timestamp? {
    let bytes = Array(text.utf8)
    var reader = Reader(bytes: bytes[...])
    if bytes.count >= 10 && bytes[4] == Reader.dash { return reader.calendarTime() }
    return reader.seconds()
  }

  /// Writes ISO 8601 in UTC with as many decimals as the moment needs.
  static func text(_ moment: Timestamp) -> String {
    let milliseconds = moment.description
    let below = CivilTime(moment).nanosecond % 1_000_000
    guard below != 0 else { return milliseconds }
    return milliseconds.dropLast() + below.padded(6) + "Z"
  }

  private struct Reader {
    static let dash = UInt8(ascii: "-")
    var bytes: ArraySlice<UInt8>

    mutating func take(_ character: Character) -> Bool {
      guard let first = bytes.first, first == character.asciiValue else { return false }
      bytes.removeFirst()
      return true
    }

    mutating func digits(_ count: Int) -> Int? {
      let head = bytes.prefix(count)
      guard head.count == count, head.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      bytes.removeFirst(count)
      return head.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Decimals after a point, as nanoseconds; beyond the ninth they are dropped.
    mutating func nanoseconds() -> Int? {
      guard take(".") || take(",") else { return 0 }
      let run = bytes.prefix { (0x30...0x39).contains($0) }
      guard !run.isEmpty else { return nil }
      bytes.removeFirst(run.count)
      var value = run.prefix(9).reduce(0) { $0 * 10 + Int($1 - 0x30) }
      for _ in run.count..<max(9, run.count) { value *= 10 }
      return value
    }

    mutating func calendarTime() -> Timestamp? {
      guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2)
      else { return nil }
      var time = (hour: 0, minute: 0, second: 0, nanosecond: 0)
      if take("T") || take(" ") {
        guard let hour = digits(2), take(":"), let minute = digits(2) else { return nil }
        time.hour = hour
        time.minute = minute
        if take(":") {
          guard let second = digits(2), let nanosecond = nanoseconds() else { return nil }
          time.second = second
          time.nanosecond = nanosecond
        }
      }
      guard let offset = zone(), bytes.isEmpty else { return nil }
      let moment = CivilTime.moment(
        year: year,
        month: month,
        day: day,
        hour: time.hour,
        minute: time.minute,
        second: time.second,
        nanosecond: time.nanosecond
      )
      return moment.map { $0 - .seconds(offset) }
    }

    /// Seconds ahead of UTC.
    private mutating func zone() -> Int? {
      if bytes.isEmpty || take("Z") { return 0 }
      let sign: Int
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hours = digits(2) else { return nil }
      _ = take(":")
      let minutes = bytes.isEmpty ? 0 : digits(2)
      return minutes.map { sign * (hours * 3_600 + $0 * 60) }
    }

    mutating func seconds() -> Timestamp? {
      let isNegative = take("-")
      let run = bytes.prefix { (0x30...0x39).contains($0) }
      // Ten digits reach the year 2286; more are milliseconds, which would be read as far future.
      guard (1...10).contains(run.count) else { return nil }
      let whole = run.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
      bytes.removeFirst(run.count)
      guard let fraction = nanoseconds(), bytes.isEmpty, whole < 9_223_372_036 else { return nil }
      let total = whole * 1_000_000_000 + Int64(fraction)
      return Timestamp(nanoseconds: isNegative ? -total : total)
    }
  }
}
