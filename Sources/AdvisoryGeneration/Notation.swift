package import ConditionModel

/// Numbers and units as people of a language write them.
package struct Notation: Hashable, Sendable {
  private let language: Language

  package init(_ language: Language) {
    self.language = language
  }

  private static let mostDecimals = 6

  /// A space at which no line breaks.
  static let fixedSpace = "\u{A0}"

  /// The number with three significant digits, or with all digits before the decimal mark when these
  /// are more; zeros at the end of the decimals are left out.
  package func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let magnitude = value.magnitude
    guard magnitude < 1e15 else { return "\(value)" }
    var decimals = 0
    var scale = 1.0
    while decimals < Self.mostDecimals, magnitude * scale < 99.95 {
      decimals += 1
      scale *= 10
    }
    var digits = String(Int64((magnitude * scale).rounded()))
    if digits.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits
    }
    var whole = String(digits.dropLast(decimals))
    var fraction = String(digits.suffix(decimals))
    while fraction.last == "0" { fraction.removeLast() }
    if whole.count > 4 { whole = grouped(whole) }
    if !fraction.isEmpty { fraction = decimalMark + fraction }
    let isZero = (whole + fraction).allSatisfy { $0 == "0" }
    return (value < 0 && !isZero ? "\u{2212}" : "") + whole + fraction
  }

  /// The number with its unit: `4.9 mm/s`.
  package func quantity(_ value: Double, ucum: String) -> String {
    let symbol = unitSymbol(ucum: ucum)
    if symbol.isEmpty || symbol == "°" { return number(value) + symbol }
    if symbol == "%" && language == .english { return number(value) + symbol }
    return number(value) + Self.fixedSpace + symbol
  }

  /// The unit as people write it: `Cel` is `°C`; empty for a bare number.
  package func unitSymbol(ucum: String) -> String {
    switch ucum {
    case "", "1": ""
    case "Cel": "°C"
    case "[degF]": "°F"
    case "Ohm": "Ω"
    case "kOhm": "kΩ"
    case "um": "µm"
    case "us": "µs"
    case "uA": "µA"
    case "deg": "°"
    case "m/s2": "m/s²"
    case "mm/s2": "mm/s²"
    case "[g]", "gn": "g"
    case "[psi]": "psi"
    case "[HP]": "hp"
    case "[ppm]": "ppm"
    case "[in_i]/s": "in/s"
    case "m2": "m²"
    case "m3": "m³"
    case "m3/h": "m³/h"
    case "L/min", "l/min": "L/min"
    case "L/h", "l/h": "L/h"
    case "N.m": "N·m"
    case "W.h", "kW.h", "MW.h": String(ucum.filter { $0 != "." })
    case "V.A", "kV.A", "MV.A": String(ucum.filter { $0 != "." })
    case "V.A.h", "kV.A.h": String(ucum.filter { $0 != "." })
    case "var.h", "kvar.h": String(ucum.filter { $0 != "." })
    case "/min", "1/min", "min-1", "{rev}/min", "{rpm}": language == .french ? "tr/min" : "rpm"
    case "d": language == .french ? "j" : "d"
    // What is in braces is a note, and all that is known of the unit of a recording.
    default: ucum.first == "{" && ucum.last == "}" ? String(ucum.dropFirst().dropLast()) : ucum
    }
  }

  private var decimalMark: String { language == .french ? "," : "." }

  /// Groups of three, counted from the right.
  private func grouped(_ whole: String) -> String {
    // French wants a narrow space that does not break.
    let mark = language == .french ? "\u{202F}" : ","
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0 && (whole.count - index) % 3 == 0 { result += mark }
      result.append(digit)
    }
    return result
  }
}
