import ConditionModel
import DataAcquisition

/// How moments are written in a column: `YYYY`, `MM`, `DD`, `hh`, `mm`, `ss`, and other characters
/// as they are; or `ISO 8601`, with or without a zone.
///
/// A fraction of a second may follow. What is read counts as UTC: recordings rarely say more.
struct TimeFormat: Hashable, Sendable {
  /// As written in the descriptor.
  let pattern: String
  private let parts: [Part]
  private static let standard = "ISO 8601"

  private enum Part: Hashable {
    case number(Unit, digits: Int)
    case literal(UInt8)
  }

  private enum Unit: Int {
    case year
    case month
    case day
    case hour
    case minute
    case second
  }

  /// Reads a pattern with at least year, month and day, each once: `YYYY-MM-DD hh:mm:ss`; or the
  /// words `ISO 8601`.
  ///
  /// - Parameter pattern: As written in the descriptor; one that is not like this gives `nil`.
  init?(_ pattern: String) {
    if pattern == Self.standard {
      self.pattern = pattern
      parts = []
      return
    }
    let units: [UInt8: (Unit, Int)] = [
      UInt8(ascii: "Y"): (.year, 4), UInt8(ascii: "M"): (.month, 2), UInt8(ascii: "D"): (.day, 2),
      UInt8(ascii: "h"): (.hour, 2), UInt8(ascii: "m"): (.minute, 2),
      UInt8(ascii: "s"): (.second, 2),
    ]
    var parts: [Part] = []
    var found: Set<Int> = []
    var rest = Array(pattern.utf8)[...]
    while let first = rest.first {
      if let (unit, digits) = units[first] {
        guard rest.prefix(digits).count == digits, rest.prefix(digits).allSatisfy({ $0 == first }),
          found.insert(unit.rawValue).inserted
        else { return nil }
        parts.append(.number(unit, digits: digits))
        rest = rest.dropFirst(digits)
      } else {
        parts.append(.literal(first))
        rest = rest.dropFirst()
      }
    }
    guard found.isSuperset(of: [Unit.year, .month, .day].map(\.rawValue)) else { return nil }
    self.pattern = pattern
    self.parts = parts
  }

  /// Reads the moment that `text` shows; `nil` if it does not follow the pattern.
  func moment(_ text: some RandomAccessCollection<UInt8>) -> Timestamp? {
    if parts.isEmpty {
      var clock = RecordedClock()
      return clock.moment(Array(text).span)
    }
    var values: (Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0)
    var index = text.startIndex
    for part in parts {
      switch part {
      case .literal(let byte):
        guard index < text.endIndex, text[index] == byte else { return nil }
        text.formIndex(after: &index)
      case .number(let unit, let digits):
        var value = 0
        for _ in 0..<digits {
          guard index < text.endIndex, let digit = text[index].decimalDigit else { return nil }
          value = value * 10 + digit
          text.formIndex(after: &index)
        }
        switch unit {
        case .year: values.0 = value
        case .month: values.1 = value
        case .day: values.2 = value
        case .hour: values.3 = value
        case .minute: values.4 = value
        case .second: values.5 = value
        }
      }
    }
    guard let nanosecond = fraction(text[index...]) else { return nil }
    return CivilTime.moment(
      year: values.0,
      month: values.1,
      day: values.2,
      hour: values.3,
      minute: values.4,
      second: values.5,
      nanosecond: nanosecond
    )
  }

  /// Reads `.5` as 500,000,000 nanoseconds, nothing as 0, and anything else as `nil`.
  private func fraction(_ text: some RandomAccessCollection<UInt8>) -> Int? {
    guard let point = text.first else { return 0 }
    guard point == UInt8(ascii: "."), (2...10).contains(text.count) else { return nil }
    var nanoseconds = 0
    var unit = 100_000_000
    for byte in text.dropFirst() {
      guard let digit = byte.decimalDigit else { return nil }
      nanoseconds += digit * unit
      unit /= 10
    }
    return nanoseconds
  }
}

extension UInt8 {
  /// The digit that this ASCII byte shows.
  var decimalDigit: Int? {
    let digit = Int(self) - 48
    return (0...9).contains(digit) ? digit : nil
  }
}
