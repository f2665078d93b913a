/// A moment of event time: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
///
/// Event time arrives in the data. Nothing in the core asks a clock for it.
///
/// Data can be damaged or forged: what lies beyond 1677 or 2262 becomes the end of that span, which is
/// not plausible and is left out as such.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
  /// Nanoseconds since the Unix epoch.
  package var nanoseconds: Int64

  @inlinable package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The moment `seconds` after the Unix epoch.
  package init(seconds: Int64) {
    self.init(nanoseconds: seconds * 1_000_000_000)
  }

  // All of them, since what Swift derives is a call through a table from other modules: every row of
  // every machine compares moments.
  @inlinable package static func == (one: Timestamp, other: Timestamp) -> Bool {
    one.nanoseconds == other.nanoseconds
  }

  @inlinable package static func < (earlier: Timestamp, later: Timestamp) -> Bool {
    earlier.nanoseconds < later.nanoseconds
  }

  @inlinable package static func > (later: Timestamp, earlier: Timestamp) -> Bool {
    later.nanoseconds > earlier.nanoseconds
  }

  @inlinable package static func <= (earlier: Timestamp, later: Timestamp) -> Bool {
    earlier.nanoseconds <= later.nanoseconds
  }

  @inlinable package static func >= (later: Timestamp, earlier: Timestamp) -> Bool {
    later.nanoseconds >= earlier.nanoseconds
  }

  /// The moment `duration` later.
  package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(nanoseconds: moment.nanoseconds.clampedSum(duration.nanoseconds))
  }

  /// The moment `duration` earlier.
  package static func - (moment: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(nanoseconds: moment.nanoseconds.clampedDifference(duration.nanoseconds))
  }

  /// The time that passed from `earlier` to `later`; negative when they are the other way round.
  package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    .nanoseconds(later.nanoseconds.clampedDifference(earlier.nanoseconds))
  }

  package static func += (moment: inout Timestamp, duration: Duration) {
    moment = moment + duration
  }

  // One bare number, so that snapshots and journals stay small.
  package init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  /// ISO 8601 in UTC with milliseconds: `2026-10-14T04:20:07.125Z`.
  package var description: String {
    let time = CivilTime(self)
    let milliseconds = time.nanosecond / 1_000_000
    return "\(time.year.padded(4))-\(time.month.padded(2))-\(time.day.padded(2))"
      + "T\(time.hour.padded(2)):\(time.minute.padded(2)):\(time.second.padded(2))"
      + ".\(milliseconds.padded(3))Z"
  }
}

/// A moment as a calendar and a wall clock show it, in the proleptic Gregorian calendar.
package struct CivilTime: Hashable, Sendable {
  package let year: Int
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int
  package let nanosecond: Int
  /// 0 Monday … 6 Sunday (the order of ISO 8601).
  package let weekday: Int

  /// What a clock `offset` ahead of UTC shows at `moment`.
  package init(_ moment: Timestamp, offset: Duration = .zero) {
    let local = moment.nanoseconds.clampedSum(offset.nanoseconds)
    let (days, ofDay) = local.quotientAndRemainderFlooring(dividingBy: 86_400_000_000_000)
    // Days to civil date: the era-based method of Howard Hinnant, "chrono-Compatible Low-Level
    // Date Algorithms" (2013), section `civil_from_days`.
    let shifted = days + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainderFlooring(dividingBy: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    hour = Int(ofDay / 3_600_000_000_000)
    minute = Int(ofDay / 60_000_000_000 % 60)
    second = Int(ofDay / 1_000_000_000 % 60)
    nanosecond = Int(ofDay % 1_000_000_000)
    weekday = Int((days + 3).quotientAndRemainderFlooring(dividingBy: 7).remainder)
  }

  /// The moment at which a UTC calendar and clock show the given date and time.
  ///
  /// - Returns: `nil` for a date or time that no calendar shows, such as 30 February.
  package static func moment(
    year: Int,
    month: Int,
    day: Int,
    hour: Int = 0,
    minute: Int = 0,
    second: Int = 0,
    nanosecond: Int = 0
  ) -> Timestamp? {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
      (0...999_999_999).contains(nanosecond)
    else { return nil }
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let (era, yearOfEra) = shiftedYear.quotientAndRemainderFlooring(dividingBy: 400)
    let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    // Beyond the year 2262 nanoseconds no longer fit; no sensor reports from there.
    let (seconds, overflow) =
      (days * 86_400 + Int64(hour * 3_600 + minute * 60 + second))
      .multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return nil }
    let moment = Timestamp(nanoseconds: seconds) + .nanoseconds(nanosecond)
    let shown = CivilTime(moment)
    // A leap second is taken as the first second of the next minute.
    guard second == 60 || (shown.day == day && shown.month == month) else { return nil }
    return moment
  }
}

extension Duration {
  /// The whole nanoseconds of this duration; of more than 292 years, those of 292 years.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    return whole.clampedSum(attoseconds / 1_000_000_000)
  }

  /// This duration in seconds, rounded to the nearest `Double`.
  package var inSeconds: Double {
    Double(nanoseconds) / 1e9
  }

  /// The duration of `seconds`, to the nanosecond, at most 292 years; none for what is no number.
  package init(inSeconds seconds: Double) {
    let nanoseconds = (seconds * 1e9).rounded()
    self = .nanoseconds(
      Int64(exactly: nanoseconds) ?? (nanoseconds > 0 ? .max : nanoseconds < 0 ? .min : 0)
    )
  }
}

extension Int64 {
  /// The sum, or the end of the range beyond which it lies.
  package func clampedSum(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the end of the range beyond which it lies.
  fileprivate func clampedDifference(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  /// Quotient rounded towards minus infinity, and the remainder in `0..<divisor`.
  fileprivate func quotientAndRemainderFlooring(
    dividingBy divisor: Int64
  ) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension Int {
  /// This number in decimal digits, filled with leading zeros up to `width`.
  package func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
