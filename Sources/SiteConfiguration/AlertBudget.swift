/// How many false alerts the owner of a site accepts: `1 per machine and month`.
package struct AlertBudget: Hashable, Sendable {
  package var count: Double
  package var span: Span

  package init(count: Double, span: Span) {
    self.count = count
    self.span = span
  }

  package enum Span: String, Hashable, Sendable, CaseIterable {
    case day
    case week
    case month
    case year

    /// In weeks; a month is a twelfth of a year.
    var weeks: Double {
      switch self {
      case .day: 1.0 / 7
      case .week: 1
      case .month: 365.25 / 84
      case .year: 365.25 / 7
      }
    }
  }

  package var perMachineWeek: Double { count / span.weeks }

  /// The budget of so many a week, in the span in which it is a round number.
  package init(perMachineWeek: Double) {
    for span in [Span.month, .week, .day, .year] {
      let count = perMachineWeek * span.weeks
      if count >= 0.5, abs(count - count.rounded()) <= 0.01 * count {
        self.init(count: count.rounded(), span: span)
        return
      }
    }
    self.init(count: (perMachineWeek * Span.year.weeks * 10).rounded() / 10, span: .year)
  }

  /// Reads `1 per machine and month`; `nil` for anything else.
  package init?(_ text: String) {
    let words = text.lowercased().split { $0 == " " || $0 == "/" }
      .filter { !["per", "and", "a", "each", "machine", "at", "most"].contains($0) }
    guard words.count == 2, text.lowercased().contains("machine"),
      let count = words[0] == "one" ? 1 : Double(words[0]), count > 0, count.isFinite,
      let span = Span(rawValue: String(words[1]))
    else { return nil }
    self.init(count: count, span: span)
  }
}

extension AlertBudget: CustomStringConvertible {
  package var description: String { "\(count.shown) per machine and \(span.rawValue)" }
}
