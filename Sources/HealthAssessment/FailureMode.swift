import ConditionModel

/// How a failure mode shows in the values of a machine.
///
/// Only modes that single values can support stand here; what needs spectra joins with them. The
/// symptoms follow the annexes of ISO 17359 and ISO 13373-3 as trade guides quote them; they rank
/// suspicions and prove nothing.
struct FailureMode {
  /// A sign: one of the quantities is too high or too low.
  struct Sign {
    var quantities: [Quantity]
    var side: Finding.Side

    static func high(_ quantities: Quantity...) -> Sign {
      Sign(quantities: quantities, side: .above)
    }

    static func low(_ quantities: Quantity...) -> Sign {
      Sign(quantities: quantities, side: .below)
    }
  }

  /// The key of its words in the catalogue.
  var key: String
  /// The machines that it occurs on.
  var machines: [MachineKind]
  /// Whether the signs must all be found at one place, as at one bearing.
  var isLocal = false
  /// Each of these must be found.
  var needs: [Sign]
  /// Each of these that is found makes the mode likelier.
  var supports: [Sign] = []
  /// None of these may be found.
  var excludes: [Sign] = []
}

extension FailureMode.Sign {
  fileprivate static let highFrequency = FailureMode.Sign.high(
    .highFrequencyAccelerationRMS,
    .accelerationRMS,
    .accelerationPeak,
    .crestFactor,
    .kurtosis,
    .envelopeOuterRace,
    .envelopeInnerRace,
    .envelopeRollingElement,
    .envelopeCage
  )
  fileprivate static let velocity = FailureMode.Sign.high(
    .velocityRMS,
    .velocityPeak,
    .displacement,
    .velocityHalfOrder,
    .velocityFirstOrder,
    .velocitySecondOrder,
    .velocityThirdOrder
  )
  fileprivate static let hot = FailureMode.Sign.high(.temperature)
  fileprivate static let highPower = FailureMode.Sign.high(
    .current,
    .activePower,
    .apparentPower,
    .torque,
    .load
  )
  fileprivate static let lowPower = FailureMode.Sign.low(
    .current,
    .activePower,
    .apparentPower,
    .torque,
    .load
  )
}

extension FailureMode {
  private static let rotating: [MachineKind] = [
    .centrifugalPump, .fan, .screwCompressor, .pistonCompressor, .gearbox, .conveyor, .spindle,
    .electricMotor, .hydraulicPress, .chiller, .otherRotating,
  ]
  private static let every = MachineKind.allCases

  /// All modes; where two fit equally well, the earlier is named first.
  static let all: [FailureMode] = vibration + liquids + air + drive + heat + supply

  private static let vibration: [FailureMode] = [
    FailureMode(
      key: "bearing-advanced",
      machines: rotating,
      isLocal: true,
      needs: [.highFrequency, .velocity],
      supports: [.hot]
    ),
    FailureMode(
      key: "bearing-or-lubrication",
      machines: rotating,
      isLocal: true,
      needs: [.highFrequency],
      supports: [.hot],
      excludes: [.velocity]
    ),
    FailureMode(
      key: "fan-fouled",
      machines: [.fan],
      isLocal: true,
      needs: [.velocity],
      excludes: [.highFrequency]
    ),
    FailureMode(
      key: "vibration-raised",
      machines: rotating,
      isLocal: true,
      needs: [.velocity]
    ),
    FailureMode(
      key: "gear-damage",
      machines: rotating,
      isLocal: true,
      needs: [.high(.gearMesh, .gearMeshSidebands)]
    ),
    FailureMode(
      key: "blade-damage",
      machines: rotating,
      isLocal: true,
      needs: [.high(.bladePass, .bladePassSidebands)]
    ),
    FailureMode(
      key: "gear-wear",
      machines: [.gearbox, .conveyor],
      isLocal: true,
      needs: [.highFrequency]
    ),
  ]

  private static let liquids: [FailureMode] = [
    FailureMode(
      key: "cavitation",
      machines: [.centrifugalPump],
      needs: [.highFrequency, .low(.pressure)],
      excludes: [.lowPower]
    ),
    FailureMode(
      key: "prime-lost",
      machines: [.centrifugalPump],
      needs: [.lowPower, .low(.pressure, .flow)],
      supports: [.hot]
    ),
    FailureMode(
      key: "outlet-blocked",
      machines: [.centrifugalPump],
      needs: [.high(.pressure)],
      supports: [.low(.flow), .lowPower]
    ),
    FailureMode(
      key: "impeller-worn",
      machines: [.centrifugalPump],
      needs: [.low(.pressure, .flow)],
      excludes: [.lowPower, .highFrequency]
    ),
    FailureMode(
      key: "hydraulic-leak",
      machines: [.hydraulicPress],
      needs: [.low(.pressure, .level)],
      supports: [.hot, .high(.flow, .duration)]
    ),
    FailureMode(key: "level-low", machines: every, needs: [.low(.level)]),
  ]

  private static let air: [FailureMode] = [
    FailureMode(
      key: "separator-clogged",
      machines: [.screwCompressor],
      needs: [.high(.differentialPressure)],
      supports: [.highPower]
    ),
    FailureMode(
      key: "filter-clogged",
      machines: every.filter { $0 != .screwCompressor },
      needs: [.high(.differentialPressure)],
      supports: [.low(.flow), .lowPower]
    ),
    FailureMode(
      key: "filter-torn",
      machines: every,
      needs: [.low(.differentialPressure)]
    ),
    FailureMode(
      key: "air-leak",
      machines: [.screwCompressor, .pistonCompressor],
      needs: [.low(.pressure)],
      supports: [.highPower, .high(.duration)],
      excludes: [.hot]
    ),
    FailureMode(
      key: "valves-or-rings",
      machines: [.pistonCompressor],
      needs: [.hot],
      supports: [.low(.pressure, .flow)]
    ),
    FailureMode(
      key: "condenser-fouled",
      machines: [.chiller],
      needs: [.high(.pressure)],
      supports: [.highPower]
    ),
    FailureMode(
      key: "refrigerant-low",
      machines: [.chiller],
      needs: [.low(.pressure)]
    ),
  ]

  private static let drive: [FailureMode] = [
    FailureMode(
      key: "overload",
      machines: every,
      needs: [.highPower],
      supports: [.hot, .low(.rotationSpeed)]
    ),
    FailureMode(
      key: "drive-slipping",
      machines: [.fan, .conveyor],
      needs: [.low(.rotationSpeed)],
      supports: [.lowPower]
    ),
    FailureMode(
      key: "underload",
      machines: rotating,
      needs: [.lowPower],
      excludes: [.low(.pressure, .flow), .high(.pressure, .differentialPressure)]
    ),
  ]

  private static let heat: [FailureMode] = [
    FailureMode(
      key: "cooler-fouled",
      machines: [.screwCompressor, .hydraulicPress],
      needs: [.hot],
      excludes: [.highPower]
    ),
    FailureMode(
      key: "cooling-blocked",
      machines: [.electricMotor],
      needs: [.hot],
      excludes: [.highPower]
    ),
    FailureMode(key: "gear-oil", machines: [.gearbox, .conveyor], needs: [.hot]),
    FailureMode(key: "spindle-bearing", machines: [.spindle], needs: [.hot]),
    FailureMode(
      key: "loose-connection",
      machines: [.cabinet],
      needs: [.hot],
      excludes: [.highPower]
    ),
    FailureMode(
      key: "overheating",
      machines: every,
      needs: [.hot],
      excludes: [.highFrequency]
    ),
  ]

  private static let supply: [FailureMode] = [
    FailureMode(key: "voltage-high", machines: every, needs: [.high(.voltage)]),
    FailureMode(key: "voltage-low", machines: every, needs: [.low(.voltage)]),
    FailureMode(key: "harmonics", machines: every, needs: [.high(.harmonicDistortion)]),
    FailureMode(key: "power-factor-low", machines: every, needs: [.low(.powerFactor)]),
  ]
}
