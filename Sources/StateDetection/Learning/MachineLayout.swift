import ConditionModel

/// What of a machine may explain what: fixed by its channels.
struct MachineLayout: Sendable {
  /// One element of the vector that explains channels.
  struct Feature: Sendable {
    enum Form: Hashable, Sendable {
      case one
      case value(Int)
      case square(Int)
      /// The driver averaged exponentially over `MachineLayout.lags[lag]` minutes.
      case lagged(Int, lag: Int)
      case product(Int, Int)
      case timeOfDay(sine: Bool)
    }

    var form: Form
    /// The drivers that are in it, as places in `drivers`.
    var drivers: [Int]
    /// Shrinks the coefficient: slow features have few independent values.
    var stiffness: Double

    var lag: Int? {
      if case .lagged(_, let lag) = form { lag } else { nil }
    }
  }

  /// Something that tells whether the machine runs.
  struct Activity: Sendable {
    var place: Int
    /// The share of the highest value below which the machine stands still.
    var share: Double
  }

  /// Time constants of the averages, in minutes: a bearing, a motor, an oil tank or a building.
  static let lags: [Double] = [10, 45, 240]
  private static let driverLimit = 5

  let kind: MachineKind
  /// The channels of the machine that are watched, in order of their number.
  let channels: [ChannelID]
  let quantities: [Quantity]
  /// Places in `channels`; `nil` for the surroundings where only the values can tell which it is.
  let drivers: [Int?]
  let families: [ChannelRole.Family]
  let features: [Feature]
  let activity: [Activity]
  /// The places in `drivers` of the one or two that tell the operating state best.
  let mainDrivers: [Int]
  /// The place of the surroundings in `drivers`.
  let surroundings: Int?
  /// The place in `channels` of the temperature that is that of the surroundings by its name.
  let namedSurroundings: Int?
  /// The places of the temperatures that rise and fall with that of the surroundings: all but those in
  /// kelvin, which are differences (the approach of a cooler, superheat).
  let temperatures: [Int]

  init(_ asset: Asset, in plant: Plant) {
    kind = asset.kind
    let watched = plant.channels.filter {
      $0.asset == asset.id && ChannelRole($0) != .ignored
    }
    channels = watched.map(\.id)
    quantities = watched.map(\.quantity)
    temperatures = watched.indices.filter {
      watched[$0].quantity == .temperature && watched[$0].unit != "K"
    }
    var (drivers, families) = Self.drivers(among: watched)
    namedSurroundings = families.firstIndex(of: .surroundings).flatMap { drivers[$0] }
    if namedSurroundings == nil, temperatures.count > 1 {
      drivers.append(nil)
      families.append(.surroundings)
    }
    self.drivers = drivers
    self.families = families
    features = Self.features(of: families)
    activity = Self.activity(among: watched)
    let order: [ChannelRole.Family] = [.speed, .load, .electrical, .flow]
    mainDrivers = Array(order.compactMap { [families] in families.firstIndex(of: $0) }.prefix(2))
    surroundings = families.firstIndex(of: .surroundings)
  }

  /// At most one driver of a family.
  private static func drivers(
    among channels: [Channel]
  ) -> (places: [Int?], families: [ChannelRole.Family]) {
    let order: [Quantity] = [
      .rotationSpeed, .frequency, .load, .activePower, .current, .torque, .apparentPower, .flow,
      .temperature,
    ]
    var places: [Int?] = []
    var families: [ChannelRole.Family] = []
    for quantity in order {
      for (place, channel) in channels.enumerated() where channel.quantity == quantity {
        guard case .driver(let family) = ChannelRole(channel), !families.contains(family),
          places.count < driverLimit
        else { continue }
        places.append(place)
        families.append(family)
      }
    }
    return (places, families)
  }

  private static func features(of families: [ChannelRole.Family]) -> [Feature] {
    var features = [Feature(form: .one, drivers: [], stiffness: 0)]
    for (driver, family) in families.enumerated() {
      features.append(Feature(form: .value(driver), drivers: [driver], stiffness: 0.002))
      if family != .surroundings {
        features.append(Feature(form: .square(driver), drivers: [driver], stiffness: 0.005))
      }
      for lag in lags.indices {
        let stiffness = [0.005, 0.01, 0.02][lag]
        features.append(
          Feature(form: .lagged(driver, lag: lag), drivers: [driver], stiffness: stiffness)
        )
      }
    }
    let working = families.indices.filter { families[$0] != .surroundings }.prefix(3)
    for one in working {
      for other in working where other > one {
        features.append(
          Feature(form: .product(one, other), drivers: [one, other], stiffness: 0.01)
        )
      }
    }
    for sine in [true, false] {
      features.append(Feature(form: .timeOfDay(sine: sine), drivers: [], stiffness: 0.05))
    }
    return features
  }

  private static func activity(among channels: [Channel]) -> [Activity] {
    func share(_ quantity: Quantity) -> Double? {
      switch quantity {
      case .rotationSpeed, .frequency, .flow, .current: 0.08
      case .activePower, .apparentPower: 0.04
      default: nil
      }
    }
    var found: [Activity] = []
    for (place, channel) in channels.enumerated() {
      if let share = share(channel.quantity) {
        found.append(Activity(place: place, share: share))
      }
    }
    // One that breaks would stop the machine.
    guard found.count < 2 else { return found }
    for (place, channel) in channels.enumerated()
    where channel.quantity == .velocityRMS || channel.quantity == .accelerationRMS {
      found.append(Activity(place: place, share: 0.15))
    }
    return found
  }
}
