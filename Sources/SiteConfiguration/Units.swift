/// A unit in which a value may be written, and how it relates to others of its dimension.
struct Unit: Hashable, Sendable {
  /// The code that values carry (UCUM).
  var code: String
  /// How people write it; the first is shown in messages.
  var spellings: [String]
  var dimension: Dimension
  /// `base = value · factor + offset`.
  var factor: Double
  var offset: Double

  init(
    _ dimension: Dimension,
    _ code: String,
    _ spellings: [String],
    _ factor: Double = 1,
    offset: Double = 0
  ) {
    self.dimension = dimension
    self.code = code
    self.spellings = spellings
    self.factor = factor
    self.offset = offset
  }

  /// What can be compared with what.
  enum Dimension: String, Hashable, Sendable {
    case number
    case temperature
    case velocity
    case acceleration
    case length
    case pressure
    case voltage
    case current
    case activePower = "power"
    case reactivePower = "reactive power"
    case apparentPower = "apparent power"
    case energy
    case reactiveEnergy = "reactive energy"
    case frequency
    case rotationSpeed = "rotation speed"
    case torque
    case angle
    case flow
    case massFlow = "mass flow"
    case duration
    case storage = "storage size"
    case resistance
  }
}

extension Unit {
  /// All units that are understood.
  ///
  /// Inch and standard gravity are exact by definition; psi and horsepower follow from them (NIST
  /// SP 811, appendix B).
  static let all: [Unit] = [
    Unit(.number, "1", ["1"]),
    Unit(.number, "%", ["%"], 0.01),
    Unit(.number, "[ppm]", ["ppm"], 1e-6),
    Unit(.temperature, "Cel", ["°C", "Cel", "degC", "ºC"]),
    Unit(.temperature, "K", ["K"], offset: -273.15),
    Unit(.temperature, "[degF]", ["°F", "degF"], 5.0 / 9, offset: -160.0 / 9),
    Unit(.velocity, "mm/s", ["mm/s"]),
    Unit(.velocity, "m/s", ["m/s"], 1_000),
    Unit(.velocity, "[in_i]/s", ["in/s", "ips"], 25.4),
    Unit(.acceleration, "[g]", ["g"], 9.806_65),
    Unit(.acceleration, "m/s2", ["m/s²", "m/s2"]),
    Unit(.length, "um", ["µm", "μm", "um"]),
    Unit(.length, "mm", ["mm"], 1_000),
    Unit(.length, "cm", ["cm"], 10_000),
    Unit(.length, "m", ["m"], 1_000_000),
    Unit(.pressure, "bar", ["bar"]),
    Unit(.pressure, "mbar", ["mbar", "hPa"], 0.001),
    Unit(.pressure, "Pa", ["Pa"], 0.000_01),
    Unit(.pressure, "kPa", ["kPa"], 0.01),
    Unit(.pressure, "MPa", ["MPa"], 10),
    Unit(.pressure, "[psi]", ["psi"], 0.068_947_572_931_683_6),
    Unit(.voltage, "V", ["V"]),
    Unit(.voltage, "mV", ["mV"], 0.001),
    Unit(.voltage, "kV", ["kV"], 1_000),
    Unit(.current, "A", ["A"]),
    Unit(.current, "mA", ["mA"], 0.001),
    Unit(.activePower, "kW", ["kW"]),
    Unit(.activePower, "W", ["W"], 0.001),
    Unit(.activePower, "MW", ["MW"], 1_000),
    Unit(.activePower, "[HP]", ["hp"], 0.745_699_871_582_270_2),
    Unit(.reactivePower, "kvar", ["kvar"]),
    Unit(.reactivePower, "var", ["var"], 0.001),
    Unit(.apparentPower, "kV.A", ["kVA"]),
    Unit(.apparentPower, "V.A", ["VA"], 0.001),
    Unit(.energy, "kW.h", ["kWh"]),
    Unit(.energy, "W.h", ["Wh"], 0.001),
    Unit(.energy, "MW.h", ["MWh"], 1_000),
    Unit(.reactiveEnergy, "kvar.h", ["kvarh"]),
    Unit(.reactiveEnergy, "var.h", ["varh"], 0.001),
    Unit(.frequency, "Hz", ["Hz"]),
    Unit(.frequency, "kHz", ["kHz"], 1_000),
    Unit(.rotationSpeed, "{rpm}", ["rpm", "tr/min", "r/min"]),
    Unit(.torque, "N.m", ["Nm", "N·m"]),
    Unit(.angle, "deg", ["deg", "°"]),
    Unit(.flow, "m3/h", ["m³/h", "m3/h"]),
    Unit(.flow, "L/min", ["L/min", "l/min"], 0.06),
    Unit(.flow, "L/s", ["L/s", "l/s"], 3.6),
    Unit(.massFlow, "kg/h", ["kg/h"]),
    Unit(.duration, "s", ["s"]),
    Unit(.duration, "ms", ["ms"], 0.001),
    Unit(.duration, "min", ["min"], 60),
    Unit(.duration, "h", ["h"], 3_600),
    Unit(.duration, "d", ["days", "day", "d"], 86_400),
    Unit(.storage, "By", ["B"]),
    Unit(.storage, "kBy", ["kB"], 1e3),
    Unit(.storage, "MBy", ["MB"], 1e6),
    Unit(.storage, "GBy", ["GB"], 1e9),
    Unit(.resistance, "Ohm", ["Ω", "Ohm"]),
  ]

  static func spelled(_ text: String) -> Unit? {
    all.first { $0.spellings.contains(text) || $0.code == text }
  }

  static func code(_ code: String) -> Unit? {
    all.first { $0.code == code }
  }

  static func of(_ dimension: Dimension) -> [Unit] {
    all.filter { $0.dimension == dimension }
  }

  /// As messages show it: `°C`.
  var shown: String { spellings[0] }
}

/// A number with the unit that stood behind it: `11 kW`.
struct Measure: Hashable, Sendable {
  var value: Double
  var unit: Unit

  /// As messages show it: `4.5 mm/s`.
  var shown: String { "\(value.shown) \(unit.shown)" }

  /// The value in another unit of the same dimension; for a span (a deadband) the offset is left out.
  func converted(to other: Unit, isSpan: Bool = false) -> Double {
    precondition(other.dimension == unit.dimension, "only like can be compared with like")
    if other == unit { return value }
    if isSpan { return (value * unit.factor / other.factor).roundedToDigits }
    return ((value * unit.factor + unit.offset - other.offset) / other.factor).roundedToDigits
  }
}

extension Double {
  /// Twelve digits, so that `80 °C` of `176 °F` is not 79.99999999999999.
  fileprivate var roundedToDigits: Double {
    guard self != 0, isFinite else { return self }
    var scale = 1.0
    while abs(self) * scale < 1e11 { scale *= 10 }
    return (self * scale).rounded() / scale
  }

  /// As people write it: `11`, `0.5`.
  var shown: String {
    if self == rounded(), abs(self) < 1e15 { return String(Int64(self)) }
    return description
  }
}

/// A text cut into the number at its start and the rest: `11 kW`.
struct NumberAndRest {
  var number: Double?
  var rest: String

  init(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
    // An `e` or `E` may also begin the unit: take the longest start that is a number.
    var end = digits.endIndex
    while end > text.startIndex {
      let start = text[..<end]
      if start.last?.isNumber == true, let value = Double(start), value.isFinite {
        number = value
        rest = String(text[end...].drop { $0 == " " || $0 == "\u{A0}" || $0 == "\u{202F}" })
        return
      }
      end = text.index(before: end)
    }
    rest = text
  }
}
