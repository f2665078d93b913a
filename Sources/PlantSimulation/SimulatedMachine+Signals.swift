import ConditionModel
import SignalProcessing

// What the machine's state means in physical quantities, before any sensor looks at it.

extension SimulatedMachine {
  /// In degrees Celsius: a day's swing of ±4 around 21, warmest at 15 h UTC.
  var ambientTemperature: Double {
    let time = CivilTime(state.now)
    let hour = Double(time.hour) + Double(time.minute * 60 + time.second) / 3_600
    return 21 + 4 * sineOfTurn((hour - 9) / 24)
  }

  /// In hertz.
  var shaftHertz: Double { rotationSpeedRPM / 60 }

  /// In revolutions per minute, with a little slip under load.
  var rotationSpeedRPM: Double {
    traits.ratedSpeedRPM * state.speed * (1 + 0.01 * (0.7 - state.load))
  }

  /// In watts.
  var activePowerWatts: Double {
    let rated = traits.ratedPowerKilowatts * 1_000
    if case .standing = traits.duty { return rated * state.load }
    // Pumps and fans follow the cube of the speed, everything else the speed itself.
    let isFlowMachine = asset.kind == .centrifugalPump || asset.kind == .fan
    let motion = isFlowMachine ? state.speed * state.speed * state.speed : state.speed
    let drawn = traits.idlePower + (1 - traits.idlePower) * state.load
    let wear = 1 + 0.03 * level(of: .bearingWear)
    // A radial wheel behind a clogged filter moves less air and so draws less.
    let clogging = asset.kind == .fan ? 1 - 0.25 * level(of: .filterClogging) : 1
    return rated * motion * drawn * wear * clogging
  }

  /// A motor's power factor falls with its load.
  var powerFactor: Double {
    let share = min(1, activePowerWatts / (traits.ratedPowerKilowatts * 1_000))
    return 0.45 + 0.42 * share * (2 - share)
  }

  /// Of one phase against neutral, in volts.
  var phaseVoltage: Double { 231 + 1.2 * state.mainsWander }

  /// Of one phase, in amperes.
  var phaseCurrent: Double { activePowerWatts / (3 * phaseVoltage * powerFactor) }

  /// RMS in mm/s, 10–1000 Hz, in the direction of the shaft's largest motion.
  func velocityRMS(at location: String) -> Double {
    let speedSquared = state.speed * state.speed
    let healthy =
      traits.velocity * (0.8 + 0.28 * state.load) * (1 + 0.03 * state.vibrationWander)
    // Late in its life a bearing's damage reaches the velocity, too.
    let late = max(0, (level(of: .bearingWear, at: location) - 0.2) / 0.8)
    let wear = 11 * late * late.squareRoot()
    let imbalance = 7 * level(of: .imbalance, at: location)
    return speedSquared * (healthy + wear + imbalance)
  }

  /// RMS in g, above 1 kHz: the first to show a damaged bearing.
  func highFrequencyAccelerationRMS(at location: String) -> Double {
    let healthy =
      traits.highFrequencyAcceleration * (0.7 + 0.4 * state.load)
      * (1 + 0.05 * state.vibrationWander)
    return state.speed * state.speed * healthy * (1 + 9 * level(of: .bearingWear, at: location))
  }

  /// RMS in g, over the whole band of the sensor.
  func accelerationRMS(at location: String) -> Double {
    let standardGravity = 9_806.65
    let highFrequency = highFrequencyAccelerationRMS(at: location)
    // Most of the velocity sits near the shaft's rate and its first multiples.
    let low = velocityRMS(at: location) * 2 * Double.pi * 2 * shaftHertz / standardGravity
    return (low * low + highFrequency * highFrequency).squareRoot()
  }

  /// The peak over the RMS: rises with the first damage, falls back as the damage spreads.
  func crestFactor(at location: String) -> Double {
    guard state.speed > 0 else { return 0 }
    return 3.4 + 3.6 * impulsiveness(at: location) + 0.1 * state.vibrationWander
  }

  /// The fourth moment; 3 for healthy noise, and like the crest factor no sign of late damage.
  func kurtosis(at location: String) -> Double {
    guard state.speed > 0 else { return 0 }
    return 3.0 + 6.5 * impulsiveness(at: location) + 0.08 * state.vibrationWander
  }

  /// 0 smooth … 1 single hard impacts, as from the first small spall.
  private func impulsiveness(at location: String) -> Double {
    let wear = level(of: .bearingWear, at: location)
    return wear < 0.4 ? wear / 0.4 : max(0.15, 1 - (wear - 0.4) / 0.5)
  }

  /// Of the bearing housing, in degrees Celsius.
  func housingTemperature(at location: String) -> Double {
    // The heat of a bearing reaches its neighbour weakened.
    let level = level(of: .bearingWear)
    let share = level > 0 ? self.level(of: .bearingWear, at: location) / level : 1
    return ambientTemperature + state.housingRise + share * state.wearHeat
      + 0.5 * state.coolingLoss
  }

  var windingTemperature: Double {
    ambientTemperature + state.windingRise + 0.6 * state.coolingLoss
  }

  /// Of what the machine works with: oil, discharged air, refrigerant.
  var mediumTemperature: Double {
    ambientTemperature + state.mediumRise + state.coolingLoss
  }

  /// In m³/h.
  var flow: Double {
    let rated = traits.ratedPowerKilowatts * traits.flowPerKilowatt
    let clogging = 1 - 0.4 * level(of: .filterClogging)
    if case .loadUnload = traits.duty {
      return state.isFilling ? rated * state.speed * clogging : 0
    }
    return rated * state.speed * (0.4 + 0.6 * state.load) * clogging
  }

  /// Delivered by the machine, in bar above the atmosphere.
  var pressure: Double {
    let leak = level(of: .leak)
    switch traits.duty {
    case .loadUnload:
      return state.receiverPressure
    case .standing:
      return traits.pressure * (1 - 0.4 * leak)
    case .continuous, .batches:
      let head = state.speed * state.speed * (1.15 - 0.2 * state.load)
      return traits.pressure * head * (1 - 0.4 * leak)
        * (1 - 0.1 * level(of: .filterClogging))
    }
  }

  /// At the machine's inlet, in bar above the atmosphere.
  var inletPressure: Double {
    0.4 - state.speed * state.speed * (0.1 + 0.45 * level(of: .filterClogging))
  }

  /// Across the filter, in bar.
  var filterDifferentialPressure: Double {
    let flowShare: Double
    if case .loadUnload = traits.duty {
      flowShare = state.isFilling ? state.speed : 0.2 * state.speed
    } else {
      flowShare = state.speed * (0.4 + 0.6 * state.load)
    }
    let clogging = level(of: .filterClogging)
    return traits.filterDifferentialPressure * flowShare * flowShare
      * (1 + 5 * clogging * clogging + 2 * clogging)
  }

  /// Of a tank, as a share of its height.
  var fillLevel: Double {
    max(0.02, 0.72 + 0.02 * state.loadWander - 0.55 * level(of: .leak))
  }

  /// A number from −1 to 1 that returns once per turn, as the sine does.
  ///
  /// Bhaskara's approximation (7th century), off by less than 0.002: it needs no C library, whose
  /// sines differ.
  private func sineOfTurn(_ turns: Double) -> Double {
    let turn = turns - turns.rounded(.down)
    let half = turn < 0.5 ? turn : turn - 0.5
    let degrees = half * 360
    let product = degrees * (180 - degrees)
    let sine = 4 * product / (40_500 - product)
    return turn < 0.5 ? sine : -sine
  }
}
