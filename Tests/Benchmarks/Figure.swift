import Foundation

/// One measured number beside what was promised.
struct Figure {
  var name: String
  var value: Double
  var unit: String
  /// What the value must not leave; `nil` where nothing is promised.
  var budget: Budget?
  /// What would be better still.
  var aim: Double?
  /// Whether leaving the budget is a failure; seconds depend on the computer and are not.
  var isBinding = true

  enum Budget {
    case atMost(Double)
    case atLeast(Double)
    case within(ClosedRange<Double>)
  }

  var isWithinBudget: Bool? {
    switch budget {
    case .atMost(let limit): value <= limit
    case .atLeast(let limit): value >= limit
    case .within(let range): range.contains(value)
    case nil: nil
    }
  }

  var breaksBudget: Bool { isBinding && isWithinBudget == false }
}

extension Figure.Budget: CustomStringConvertible {
  var description: String {
    switch self {
    case .atMost(let limit): "≤ \(text(limit))"
    case .atLeast(let limit): "≥ \(text(limit))"
    case .within(let range): "\(text(range.lowerBound)) … \(text(range.upperBound))"
    }
  }
}

extension Figure: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, value, unit, budget, aim
    case isWithinBudget = "within_budget"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encodeIfPresent(budget?.description, forKey: .budget)
    try container.encodeIfPresent(aim, forKey: .aim)
    try container.encodeIfPresent(isWithinBudget, forKey: .isWithinBudget)
  }
}

/// The figures as a table for people.
func table(_ figures: [Figure]) -> String {
  let head = ["", "measured", "unit", "budget", "aim", ""]
  let rows =
    [head]
    + figures.map { figure in
      [
        figure.name, text(figure.value), figure.unit, figure.budget?.description ?? "",
        figure.aim.map(text) ?? "", figure.isWithinBudget.map { $0 ? "yes" : "NO" } ?? "",
      ]
    }
  let widths = head.indices.map { column in rows.map(\.[column].count).max() ?? 0 }
  return
    rows.map { row in
      zip(row, widths).enumerated()
        .map { column, cell in
          let padding = String(repeating: " ", count: cell.1 - cell.0.count)
          return column == 1 ? padding + cell.0 : cell.0 + padding
        }
        .joined(separator: "  ")
    }
    .joined(separator: "\n")
}

/// The figures for programs.
func jsonText(_ figures: [Figure]) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(["figures": figures]), as: UTF8.self)
}

/// A number with four digits that count, whole ones as such.
private func text(_ value: Double) -> String {
  if value == value.rounded() || abs(value) >= 1_000 { return String(format: "%.0f", value) }
  return String(format: "%.4g", value)
}

/// Says on standard error what is going on.
func tell(_ message: String) {
  FileHandle.standardError.write(Data("\(message)\n".utf8))
}
