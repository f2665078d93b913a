package import ConditionModel

/// Reads the times of a recording: ISO 8601, without a zone taken as UTC, or seconds since 1970.
///
/// It keeps the day that it read last, since the next row mostly lies in the same one.
package struct RecordedClock: Sendable {
  private var dateNumber = -1
  private var midnight = Timestamp(nanoseconds: 0)

  package init() {}

  /// 22 September 1677, the first day that a timestamp can hold from its beginning.
  private static let firstDay = Timestamp(seconds: -106_751 * 86_400)

  /// Reads one time; `nil` for text that is none, or one of before 22 September 1677 in UTC.
  package mutating func moment(_ text: Span<UInt8>) -> Timestamp? {
    guard let moment = anyMoment(text), moment >= Self.firstDay else { return nil }
    return moment
  }

  private mutating func anyMoment(_ text: Span<UInt8>) -> Timestamp? {
    guard text.count >= 10, text[4] == dash, text[7] == dash else { return seconds(text) }
    guard let century = twoDigits(text, 0), let ofCentury = twoDigits(text, 2),
      let month = twoDigits(text, 5), let day = twoDigits(text, 8)
    else { return nil }
    let year = century * 100 + ofCentury
    let number = (year * 100 + month) * 100 + day
    if number != dateNumber {
      guard let start = CivilTime.moment(year: year, month: month, day: day) else { return nil }
      dateNumber = number
      midnight = start
    }
    var index = 10
    guard index < text.count else { return midnight }
    guard text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " ") else {
      return nil
    }
    guard let hour = twoDigits(text, 11), hour < 24, text.count >= 16, text[13] == colon,
      let minute = twoDigits(text, 14), minute < 60
    else { return nil }
    index = 16
    var nanoseconds = Int64(hour * 60 + minute) * 60_000_000_000
    if index < text.count, text[index] == colon {
      guard let second = twoDigits(text, 17), second <= 60 else { return nil }
      index = 19
      nanoseconds += Int64(second) * 1_000_000_000
      guard let fraction = fraction(text, &index) else { return nil }
      nanoseconds += fraction
    }
    guard let ahead = zone(text, index) else { return nil }
    let ofZone = nanoseconds - Int64(ahead) * 1_000_000_000
    return Timestamp(nanoseconds: midnight.nanoseconds.clampedSum(ofZone))
  }

  private func twoDigits(_ text: Span<UInt8>, _ first: Int) -> Int? {
    guard first + 2 <= text.count else { return nil }
    let tens = text[first] &- UInt8(ascii: "0")
    let ones = text[first + 1] &- UInt8(ascii: "0")
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
  }

  /// Decimals after a point or comma, as nanoseconds; beyond the ninth they are dropped.
  private func fraction(_ text: Span<UInt8>, _ index: inout Int) -> Int64? {
    guard index < text.count, text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: ",")
    else { return 0 }
    index += 1
    let first = index
    var value: Int64 = 0
    var unit: Int64 = 100_000_000
    while index < text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value += Int64(digit) * unit
      unit /= 10
      index += 1
    }
    return index > first ? value : nil
  }

  /// Seconds ahead of UTC.
  private func zone(_ text: Span<UInt8>, _ start: Int) -> Int64? {
    var index = start
    if index < text.count, text[index] == UInt8(ascii: " ") { index += 1 }
    guard index < text.count else { return 0 }
    if text[index] == UInt8(ascii: "Z") { return index + 1 == text.count ? 0 : nil }
    let sign: Int64
    switch text[index] {
    case UInt8(ascii: "+"): sign = 1
    case dash: sign = -1
    default: return nil
    }
    guard let hours = twoDigits(text, index + 1) else { return nil }
    index += 3
    if index < text.count, text[index] == colon { index += 1 }
    guard index < text.count else { return sign * Int64(hours) * 3_600 }
    guard let minutes = twoDigits(text, index), index + 2 == text.count else { return nil }
    return sign * Int64(hours * 3_600 + minutes * 60)
  }

  private func seconds(_ text: Span<UInt8>) -> Timestamp? {
    var index = 0
    let isNegative = text.count > 0 && text[0] == dash
    if isNegative { index = 1 }
    let first = index
    var whole: Int64 = 0
    while index < text.count, index - first < 11 {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      whole = whole * 10 + Int64(digit)
      index += 1
    }
    // Ten digits reach the year 2286; more are milliseconds, which would be read as far future.
    guard (1...10).contains(index - first), whole < 9_223_372_036,
      let nanoseconds = fraction(text, &index), index == text.count
    else { return nil }
    let total = whole * 1_000_000_000 + nanoseconds
    return Timestamp(nanoseconds: isNegative ? -total : total)
  }
}

private let dash = UInt8(ascii: "-")
private let colon = UInt8(ascii: ":")
