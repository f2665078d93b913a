import ConditionModel

// Recordings come from other programs, whose words differ: `velocity_rms`, `Speed`, `press`.

extension MachineKind {
  /// The kind that a word of another program means; `nil` when that is not clear.
  init?(looselyNamed text: String) {
    let words = plainWords(text)
    if let kind = Self.allCases.first(where: { plainWords($0.rawValue) == words }) {
      self = kind
      return
    }
    // The last that fits decides: a gearbox conveyor is a conveyor.
    let hints: [(String, MachineKind)] = [
      ("pump", .centrifugalPump), ("motor", .electricMotor), ("compressor", .screwCompressor),
      ("piston", .pistonCompressor), ("fan", .fan), ("blower", .fan), ("gearbox", .gearbox),
      ("conveyor", .conveyor), ("spindle", .spindle), ("press", .hydraulicPress),
      ("chiller", .chiller), ("cabinet", .cabinet),
    ]
    guard let hint = hints.last(where: { words.contains($0.0) }) else { return nil }
    self = hint.1
  }
}

extension Quantity {
  /// The quantity that a word of another program means; `nil` when that is not clear.
  init?(looselyNamed text: String) {
    let words = plainWords(text)
    let joined = words.joined()
    let match = Self.allCases.first {
      plainWords($0.rawValue) == words || plainWords($0.rawValue).joined() == joined
    }
    if let match {
      self = match
      return
    }
    let others: [String: Quantity] = [
      "vibration": .velocityRMS, "velocity": .velocityRMS, "vibration velocity": .velocityRMS,
      "vibration velocity rms": .velocityRMS, "rms velocity": .velocityRMS,
      "acceleration": .accelerationRMS, "vibration acceleration": .accelerationRMS,
      "envelope": .highFrequencyAccelerationRMS,
      "high frequency acceleration": .highFrequencyAccelerationRMS,
      "power": .activePower, "speed": .rotationSpeed, "rotational speed": .rotationSpeed,
      "rpm": .rotationSpeed, "pressure drop": .differentialPressure,
      "pressure difference": .differentialPressure, "delta pressure": .differentialPressure,
      "volume flow": .flow, "mass flow": .flow, "flow rate": .flow,
      "relative humidity": .humidity, "status": .statusWord, "state": .statusWord,
      "position": .other, "valve": .other, "ratio": .other, "none": .other,
    ]
    guard let quantity = others[words.joined(separator: " ")] else { return nil }
    self = quantity
  }

  /// What is mostly measured in a unit; `nil` where that is open.
  init?(usuallyIn unit: Unit) {
    switch unit.dimension {
    case .temperature: self = .temperature
    case .velocity: self = .velocityRMS
    case .acceleration: self = .accelerationRMS
    case .length: self = .displacement
    case .pressure: self = .pressure
    case .voltage: self = .voltage
    case .current: self = .current
    case .activePower: self = .activePower
    case .reactivePower: self = .reactivePower
    case .apparentPower: self = .apparentPower
    case .energy: self = .energy
    case .frequency: self = .frequency
    case .rotationSpeed: self = .rotationSpeed
    case .torque: self = .torque
    case .flow, .massFlow: self = .flow
    case .duration: self = .duration
    case .number, .reactiveEnergy, .angle, .storage, .resistance: return nil
    }
  }
}

/// Small letters, without marks between words.
private func plainWords(_ text: String) -> [String] {
  text.lowercased().split { !($0.isLetter || $0.isNumber) }.map { String($0) }
}
