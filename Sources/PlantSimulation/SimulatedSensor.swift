package import ConditionModel
import SignalProcessing

/// What one channel of a site file senses of its machine, in the channel's unit.
///
/// Quantity, axis and unit say most of it. Where several things on a machine have the same
/// quantity, the words of the point decide (`winding`, `L1`), where a device has one point for
/// several places also those of the location (`inlet`).
package struct SimulatedSensor: Hashable, Sendable {
  package let channel: Channel
  private let measurand: Measurand
  /// The share of the measurand that this sensor sees: its direction, its phase, its scatter.
  private let gain: Double
  private let unit: UnitConversion
  /// The standard deviation of the sensor's noise, relative and in the measurand's own unit.
  private let relativeNoise: Double
  private let absoluteNoise: Double

  private enum Measurand: Hashable, Sendable {
    case velocityRMS
    case velocityPeak
    case accelerationRMS
    case accelerationPeak
    case highFrequencyAccelerationRMS
    case displacement
    case crestFactor
    case kurtosis
    case shaftFrequency
    case ambientTemperature
    case housingTemperature
    case windingTemperature
    case mediumTemperature
    case pressure
    case inletPressure
    case filterDifferentialPressure
    case flow
    case fillLevel
    case humidity
    case phaseVoltage
    case intermediateVoltage
    case motorVoltage
    case current
    case activePower
    case reactivePower
    case apparentPower
    case powerFactor
    case energy
    case mainsFrequency
    case motorFrequency
    case harmonicDistortion
    case rotationSpeed
    case torque
    case load
    case thermalLoad
    case runningTime
    case starts
    case isRunning
    case nothing
  }

  package init(_ channel: Channel) {
    self.channel = channel
    let words = Words(channel)
    let quantity = Self.quantity(of: channel)
    measurand = Self.measurand(of: quantity, words)
    unit = UnitConversion(unit: channel.unit, of: quantity)

    // Two sensors of one kind never agree to the last digit.
    var scatter = SeededGenerator(seed: UInt64(channel.id.index) &* 0x51_7CC1)
    let spread = 1 + 0.01 * scatter.normal()
    switch quantity {
    case .velocityRMS, .velocityPeak, .displacement:
      gain = spread * Self.share(of: channel.axis, x: 0.78, y: 0.6)
      (relativeNoise, absoluteNoise) = (0.015, 0)
    case .accelerationRMS, .accelerationPeak, .highFrequencyAccelerationRMS:
      gain = spread * Self.share(of: channel.axis, x: 0.9, y: 0.8)
      (relativeNoise, absoluteNoise) = (0.025, 0)
    case .crestFactor, .kurtosis:
      gain = 1
      (relativeNoise, absoluteNoise) = (0.02, 0)
    case .temperature:
      gain = 1
      (relativeNoise, absoluteNoise) = (0, 0.04)
    case .activePower, .reactivePower, .apparentPower, .energy:
      gain = words.names("l1", "l2", "l3") ? spread / 3 : 1
      (relativeNoise, absoluteNoise) = quantity == .energy ? (0, 0) : (0.002, 0)
    case .pressure, .differentialPressure, .flow, .current, .torque, .load:
      gain = quantity == .current ? spread : 1
      (relativeNoise, absoluteNoise) = (0.004, 0)
    case .level, .humidity, .voltage:
      let isBetweenPhases = words.names("l1-l2", "l2-l3", "l3-l1", "line to line", "phase to phase")
      gain = isBetweenPhases ? Double(3).squareRoot() : 1
      (relativeNoise, absoluteNoise) = (0.001, 0)
    case .frequency, .vibrationFrequency, .rotationSpeed, .powerFactor, .harmonicDistortion:
      gain = 1
      (relativeNoise, absoluteNoise) = (0.000_3, 0)
    case .duration, .count, .statusWord, .other, .lowFrequencyAccelerationRMS, .velocityHalfOrder,
      .velocityFirstOrder,
      .velocitySecondOrder, .velocityThirdOrder, .envelopeOuterRace, .envelopeInnerRace,
      .envelopeRollingElement, .envelopeCage, .gearMesh, .gearMeshSidebands, .bladePass,
      .bladePassSidebands:
      gain = 1
      (relativeNoise, absoluteNoise) = (0, 0)
    }
  }

  private static func measurand(of quantity: Quantity, _ words: Words) -> Measurand {
    switch quantity {
    case .velocityRMS: .velocityRMS
    case .velocityPeak: .velocityPeak
    case .accelerationRMS: .accelerationRMS
    case .accelerationPeak: .accelerationPeak
    case .highFrequencyAccelerationRMS: .highFrequencyAccelerationRMS
    case .displacement: .displacement
    case .crestFactor: .crestFactor
    case .kurtosis: .kurtosis
    case .vibrationFrequency: .shaftFrequency
    case .temperature: words.temperature
    case .pressure:
      words.names("suction", "inlet", "intake", "aspiration", anywhere: true)
        ? .inletPressure : .pressure
    case .differentialPressure: .filterDifferentialPressure
    case .flow: .flow
    case .level: .fillLevel
    case .humidity: .humidity
    case .voltage:
      if words.names("dc", "intermediate", "link") {
        .intermediateVoltage
      } else if words.names("motor voltage", "output voltage") {
        .motorVoltage
      } else {
        .phaseVoltage
      }
    case .current: .current
    case .activePower: .activePower
    case .reactivePower: .reactivePower
    case .apparentPower: .apparentPower
    case .powerFactor: .powerFactor
    case .energy: words.names("export") ? .nothing : .energy
    case .frequency: words.names("output", "motor") ? .motorFrequency : .mainsFrequency
    case .harmonicDistortion: .harmonicDistortion
    case .rotationSpeed: .rotationSpeed
    case .torque: .torque
    case .load: words.names("thermal", "thermique") ? .thermalLoad : .load
    case .duration: .runningTime
    case .count: .starts
    case .statusWord:
      words.names("alarm", "warning", "fault", "error", "trip") ? .nothing : .isRunning
    case .other: .load
    // What is made of waveforms has no register that a sensor would fill.
    case .lowFrequencyAccelerationRMS, .velocityHalfOrder, .velocityFirstOrder,
      .velocitySecondOrder, .velocityThirdOrder, .envelopeOuterRace, .envelopeInnerRace,
      .envelopeRollingElement, .envelopeCage, .gearMesh, .gearMeshSidebands, .bladePass,
      .bladePassSidebands:
      .nothing
    }
  }

  /// What is measured; where a profile calls it something else, the unit tells.
  private static func quantity(of channel: Channel) -> Quantity {
    guard channel.quantity == .other else { return channel.quantity }
    return switch channel.unit {
    case "mm/s": .velocityRMS
    case "[g]", "g", "m/s2": .accelerationRMS
    case "um": .displacement
    case "Cel": .temperature
    case "bar": .pressure
    case "V": .voltage
    case "A": .current
    case "W", "kW": .activePower
    default: .other
    }
  }

  private static func share(of axis: Axis?, x: Double, y: Double) -> Double {
    switch axis {
    case .x: x
    case .y: y
    case .z, nil: 1
    }
  }
}

// MARK: - Reading

extension SimulatedSensor {
  /// What the sensor shows now, in the channel's unit, before its registers round it.
  ///
  /// The noise depends on the seed, the channel and the machine's time alone: two readings at one
  /// instant are equal, whoever asks and in whichever order.
  package func value(on machine: SimulatedMachine) -> Double {
    var value = gain * signal(on: machine)
    if relativeNoise > 0 || absoluteNoise > 0 {
      let place = UInt64(channel.id.index) &* 0x9E6C_63D0_876A_3F6B
      var noise = SeededGenerator(seed: machine.seed ^ place ^ (machine.state.steps << 20))
      value += (relativeNoise * value + absoluteNoise) * noise.normal()
    }
    return unit.converted(value)
  }

  private func signal(on machine: SimulatedMachine) -> Double {
    let location = channel.location
    let state = machine.state
    switch measurand {
    case .velocityRMS: return machine.velocityRMS(at: location)
    case .velocityPeak: return machine.velocityRMS(at: location) * Double(2).squareRoot()
    case .accelerationRMS: return machine.accelerationRMS(at: location)
    case .accelerationPeak:
      return machine.accelerationRMS(at: location) * machine.crestFactor(at: location)
    case .highFrequencyAccelerationRMS: return machine.highFrequencyAccelerationRMS(at: location)
    case .displacement:
      guard machine.shaftHertz > 0 else { return 0 }
      return machine.velocityRMS(at: location) * 1_000 / (2 * Double.pi * machine.shaftHertz)
    case .crestFactor: return machine.crestFactor(at: location)
    case .kurtosis: return machine.kurtosis(at: location)
    case .shaftFrequency: return machine.shaftHertz
    case .ambientTemperature: return machine.ambientTemperature
    case .housingTemperature: return machine.housingTemperature(at: location)
    case .windingTemperature: return machine.windingTemperature
    case .mediumTemperature: return machine.mediumTemperature
    case .pressure: return machine.pressure
    case .inletPressure: return machine.inletPressure
    case .filterDifferentialPressure: return machine.filterDifferentialPressure
    case .flow: return machine.flow
    case .fillLevel: return machine.fillLevel
    case .humidity: return 0.5 - 0.02 * (machine.ambientTemperature - 21)
    case .phaseVoltage: return machine.phaseVoltage
    case .intermediateVoltage: return machine.phaseVoltage * Double(6).squareRoot()
    case .motorVoltage: return 400 * state.speed
    case .current: return machine.phaseCurrent
    case .activePower: return machine.activePowerWatts
    case .apparentPower: return machine.activePowerWatts / machine.powerFactor
    case .reactivePower:
      let factor = machine.powerFactor
      return machine.activePowerWatts / factor * (1 - factor * factor).squareRoot()
    case .powerFactor: return machine.powerFactor
    case .energy: return state.energyWattHours
    case .mainsFrequency: return 50 + 0.015 * state.mainsWander
    case .motorFrequency: return 50 * state.speed
    case .harmonicDistortion: return 0.021 + 0.002 * state.mainsWander
    case .rotationSpeed: return machine.rotationSpeedRPM
    case .torque:
      guard machine.shaftHertz > 0 else { return 0 }
      return machine.activePowerWatts / (2 * Double.pi * machine.shaftHertz)
    case .load: return state.load
    case .thermalLoad: return min(1, (machine.windingTemperature - 20) / 110)
    case .runningTime: return state.runningSeconds
    case .starts: return Double(state.starts)
    case .isRunning: return state.speed > 0 ? 1 : 0
    case .nothing: return 0
    }
  }

  /// The words of a channel's name.
  private struct Words {
    private let point: String
    private let everything: String

    init(_ channel: Channel) {
      point = channel.point.lowercased()
      everything = "\(channel.location.lowercased()) \(point)"
    }

    func names(_ words: String..., anywhere: Bool = false) -> Bool {
      words.contains { (anywhere ? everything : point).contains($0) }
    }

    var temperature: Measurand {
      if names("ambient", "ambiant", "room", "outside", "intake", anywhere: true) {
        .ambientTemperature
      } else if names(
        "winding",
        "stator",
        "enroulement",
        "bobinage",
        "heat sink",
        "heatsink",
        anywhere: true
      ) {
        .windingTemperature
      } else if names(
        "oil",
        "huile",
        "discharge",
        "refoulement",
        "air end",
        "coolant",
        anywhere: true
      ) {
        .mediumTemperature
      } else {
        .housingTemperature
      }
    }
  }
}
