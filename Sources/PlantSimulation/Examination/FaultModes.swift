/// A way in which a kind of machine wears, and how that shows at the end; the first effect leads.
struct FaultMode: Hashable, Sendable {
  var name: String
  var weight = 1.0
  var effects: [Effect]
  var tremble = 0.0
  /// Demand added, as a share of full load.
  var demand = 0.0

  struct Effect: Hashable, Sendable {
    var role: ExaminationChannel.Role
    /// Growth as a share of the running part.
    var factor = 0.0
    /// Kelvin, for temperatures.
    var kelvin = 0.0
    var loadShare = 0.0
    var isLate = false

    init(
      _ role: ExaminationChannel.Role,
      _ factor: Double = 0,
      kelvin: Double = 0,
      loadShare: Double = 0,
      isLate: Bool = false
    ) {
      self.role = role
      self.factor = factor
      self.kelvin = kelvin
      self.loadShare = loadShare
      self.isLate = isLate
    }
  }

  init(
    _ name: String,
    weight: Double = 1,
    tremble: Double = 0,
    demand: Double = 0,
    _ effects: [Effect]
  ) {
    self.name = name
    self.weight = weight
    self.effects = effects
    self.tremble = tremble
    self.demand = demand
  }

  private typealias E = Effect

  static let rotating: [FaultMode] = [
    FaultMode(
      "bearing wear, drive end",
      weight: 2,
      [
        E(.highDE, 1.6, loadShare: 0.3), E(.velocityDE, 0.8, isLate: true),
        E(.bearingDE, kelvin: 9, isLate: true), E(.highNDE, 0.25),
        E(.velocityNDE, 0.1, isLate: true),
      ]
    ),
    FaultMode(
      "bearing wear, without high-frequency signal",
      weight: 0.7,
      [E(.velocityDE, 0.9), E(.bearingDE, kelvin: 9, loadShare: 0.3), E(.highDE, 1.0)]
    ),
    FaultMode(
      "bearing wear, non-drive end",
      weight: 1.2,
      [
        E(.highNDE, 1.6, loadShare: 0.3), E(.velocityNDE, 0.8, isLate: true),
        E(.bearingNDE, kelvin: 9, isLate: true), E(.highDE, 0.25),
      ]
    ),
    FaultMode(
      "unbalance",
      [E(.velocityDE, 1.1), E(.velocityNDE, 0.7)]
    ),
    FaultMode(
      "misalignment",
      weight: 0.8,
      [
        E(.velocityDE, 0.7, loadShare: 0.4), E(.bearingDE, kelvin: 5), E(.bearingNDE, kelvin: 2),
        E(.velocityNDE, 0.25), E(.current, 0.01),
      ]
    ),
    FaultMode(
      "looseness",
      weight: 0.6,
      tremble: 0.5,
      [E(.velocityDE, 0.8), E(.highDE, 0.3)]
    ),
    FaultMode(
      "poor lubrication",
      weight: 0.8,
      [E(.bearingDE, kelvin: 8), E(.highDE, 0.7), E(.current, 0.008), E(.power, 0.008)]
    ),
    FaultMode(
      "motor cooling blocked",
      weight: 0.8,
      [E(.winding, kelvin: 22, loadShare: 0.7), E(.bearingDE, kelvin: 2)]
    ),
  ]

  static let pump: [FaultMode] = [
    FaultMode(
      "impeller worn",
      weight: 1.6,
      [
        E(.pressure, -0.13), E(.flow, -0.09), E(.current, -0.05), E(.power, -0.05),
        E(.velocityDE, 0.1),
      ]
    ),
    FaultMode(
      "cavitation",
      tremble: 0.4,
      [E(.highDE, 1.0, loadShare: 0.6), E(.suction, 0.8, loadShare: 0.5), E(.pressure, -0.03)]
    ),
    FaultMode(
      "suction strainer clogged",
      [E(.suction, 1.2, loadShare: 1), E(.flow, -0.08), E(.pressure, -0.05), E(.current, -0.04)]
    ),
  ]

  static let compressor: [FaultMode] = [
    FaultMode(
      "cooler fouled",
      weight: 1.6,
      [E(.medium, kelvin: 13, loadShare: 0.3), E(.oil, kelvin: 13, loadShare: 0.3)]
    ),
    FaultMode(
      "separator clogged",
      weight: 1.2,
      [E(.separator, 1.4), E(.power, 0.02), E(.current, 0.02)]
    ),
    FaultMode(
      "intake filter clogged",
      [E(.suction, 1.2), E(.flow, -0.08), E(.medium, kelvin: 2)]
    ),
    FaultMode(
      "valve leak",
      weight: 0.7,
      demand: 0.12,
      [E(.medium, kelvin: 6, loadShare: 0.5), E(.flow, -0.07), E(.bearingDE, kelvin: 1)]
    ),
    FaultMode(
      "air end worn",
      [
        E(.highDE, 1.3), E(.velocityDE, 0.5), E(.medium, kelvin: 4, isLate: true),
        E(.current, 0.03),
      ]
    ),
  ]

  static let fan: [FaultMode] = [
    FaultMode(
      "dust on the blades",
      weight: 1.4,
      [E(.velocityDE, 1.0), E(.velocityNDE, 0.8), E(.flow, -0.03)]
    ),
    FaultMode(
      "filter clogged",
      weight: 1.5,
      [E(.filter, 1.2), E(.flow, -0.09), E(.current, -0.04), E(.power, -0.04)]
    ),
    FaultMode("hub loose", weight: 0.6, tremble: 0.6, [E(.velocityDE, 0.8), E(.velocityNDE, 0.5)]),
    FaultMode(
      "belt slips",
      [E(.flow, -0.11), E(.velocityDE, 0.3), E(.current, -0.05), E(.power, -0.05)]
    ),
  ]

  static let conveyor: [FaultMode] = [
    FaultMode(
      "gear wear",
      weight: 1.6,
      [
        E(.highDE, 1.3, loadShare: 0.7), E(.velocityDE, 0.5, loadShare: 0.5),
        E(.oil, kelvin: 3, isLate: true),
      ]
    ),
    FaultMode("oil low", weight: 1.2, [E(.oil, kelvin: 11, loadShare: 0.4), E(.highDE, 0.5)]),
    FaultMode(
      "idler drags",
      weight: 1.2,
      [
        E(.current, 0.13), E(.power, 0.13), E(.torque, 0.13),
        E(.winding, kelvin: 6, loadShare: 0.4),
      ]
    ),
  ]

  static let press: [FaultMode] = [
    FaultMode(
      "pump worn",
      weight: 1.6,
      [E(.drain, 1.0, loadShare: 0.6), E(.cycle, 0.1), E(.oil, kelvin: 5), E(.highDE, 0.4)]
    ),
    FaultMode("filter clogged", weight: 1.2, [E(.filter, 1.1)]),
    FaultMode("oil cooler fouled", weight: 1.2, [E(.oil, kelvin: 12)]),
    FaultMode("valve sticks", tremble: 0.6, [E(.cycle, 0.14), E(.pressure, -0.03)]),
    FaultMode("cylinder leaks", [E(.pressure, -0.07), E(.cycle, 0.07), E(.oil, kelvin: 3)]),
  ]

  static let spindle: [FaultMode] = [
    FaultMode(
      "spindle bearing",
      weight: 2,
      [
        E(.highDE, 1.3), E(.bearingDE, kelvin: 7), E(.velocityDE, 0.4, isLate: true),
        E(.power, 0.02),
      ]
    ),
    FaultMode(
      "coolant short",
      [E(.flow, -0.25), E(.bearingDE, kelvin: 6), E(.winding, kelvin: 8)]
    ),
    FaultMode("clamping weak", tremble: 0.4, [E(.velocityDE, 0.9, loadShare: 0.5)]),
  ]

  static let chiller: [FaultMode] = [
    FaultMode(
      "condenser fouled",
      weight: 1.6,
      [
        E(.pressure, 0.17), E(.approach, 0.9), E(.current, 0.06), E(.power, 0.06),
        E(.medium, kelvin: 6),
      ]
    ),
    FaultMode(
      "refrigerant low",
      weight: 1.3,
      [
        E(.suction, 0.3), E(.superheat, 0.8), E(.current, -0.03), E(.power, -0.03),
        E(.supply, -0.1),
      ]
    ),
    FaultMode("evaporator fouled", [E(.suction, 0.25), E(.supply, -0.15), E(.superheat, -0.3)]),
  ]
}
