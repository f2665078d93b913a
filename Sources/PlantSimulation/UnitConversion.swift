import ConditionModel

/// From the simulation's own unit of a quantity to the unit of a channel (UCUM codes).
///
/// The simulation's units are mm/s, g, µm, °C, bar, m³/h, W (and VA, var), Wh, V, A, Hz, rev/min,
/// N·m, s, and shares of 1. A unit that is not known here is taken for the simulation's own.
struct UnitConversion: Hashable, Sendable {
  private var scale: Double
  private var offset: Double

  init(unit: String, of quantity: Quantity) {
    (scale, offset) = (Self.scale(to: unit, of: quantity), 0)
    guard quantity == .temperature else { return }
    switch unit {
    case "[degF]", "degF", "°F": (scale, offset) = (1.8, 32)
    case "K": offset = 273.15
    default: break
    }
  }

  func converted(_ value: Double) -> Double {
    value * scale + offset
  }

  private static func scale(to unit: String, of quantity: Quantity) -> Double {
    switch quantity {
    case .velocityRMS, .velocityPeak:
      switch unit {
      case "m/s": 0.001
      case "cm/s": 0.1
      case "[in_i]/s", "in/s": 1 / 25.4
      default: 1
      }
    case .accelerationRMS, .accelerationPeak, .highFrequencyAccelerationRMS:
      switch unit {
      case "m/s2", "m/s²": 9.806_65
      case "m[g]", "mg": 1_000
      default: 1
      }
    case .displacement:
      unit == "mm" ? 0.001 : 1
    case .pressure, .differentialPressure:
      switch unit {
      case "Pa": 100_000
      case "kPa": 100
      case "hPa", "mbar": 1_000
      case "MPa": 0.1
      case "[psi]", "psi": 14.503_774
      default: 1
      }
    case .flow:
      switch unit {
      case "l/min", "L/min": 1_000 / 60.0
      case "l/s", "L/s": 1 / 3.6
      case "l/h", "L/h": 1_000
      case "m3/min": 1 / 60.0
      case "m3/s": 1 / 3_600.0
      default: 1
      }
    case .activePower, .reactivePower, .apparentPower, .energy, .voltage, .current, .frequency,
      .vibrationFrequency:
      switch unit.first {
      case "k": 0.001
      case "M": 0.000_001
      case "m": 1_000
      default: 1
      }
    case .rotationSpeed:
      unit == "Hz" || unit == "/s" ? 1 / 60.0 : 1
    case .level:
      // The tank is two metres high.
      switch unit {
      case "%": 100
      case "m": 2
      case "cm": 200
      case "mm": 2_000
      default: 1
      }
    case .humidity, .powerFactor, .harmonicDistortion, .load, .other:
      unit == "%" ? 100 : 1
    case .duration:
      switch unit {
      case "min": 1 / 60.0
      case "h": 1 / 3_600.0
      case "d": 1 / 86_400.0
      default: 1
      }
    case .lowFrequencyAccelerationRMS, .velocityHalfOrder, .velocityFirstOrder,
      .velocitySecondOrder, .velocityThirdOrder, .envelopeOuterRace, .envelopeInnerRace,
      .envelopeRollingElement, .envelopeCage, .gearMesh, .gearMeshSidebands, .bladePass,
      .bladePassSidebands:
      1
    case .temperature, .crestFactor, .kurtosis, .torque, .count, .statusWord: 1
    }
  }
}
