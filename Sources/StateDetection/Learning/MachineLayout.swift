import ConditionModel

/// What of a machine explains what: fixed by its channels.
struct MachineLayout: Hashable {
  /// One element of the vector that explains channels.
  struct Feature: Hashable {
    enum Form: Hashable {
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
  }

  /// Time constants of the averages, in minutes: a bearing, a motor, an oil tank or a building.
  static let lags: [Double] = [10, 45, 240]
  private static let driverLimit = 5

  let asset: AssetID
  /// The channels of the machine that are watched, in order of their number.
  let channels: [ChannelID]
  let quantities: [Quantity]
  /// Places in `channels`.
  let drivers: [Int]
  let families: [ChannelRole.Family]
  let features: [Feature]
  /// For each channel the features that may explain it, without the first.
  let allowed: [[Int]]
  let stiffness: [[Double]]
  /// Places in `channels` of what tells whether the machine runs, with the share of the highest
  /// value below which it does not.
  let activity: [(place: Int, share: Double)]
  /// The place in `drivers` of what tells the operating state best.
  let mainDrivers: [Int]
  /// The place in `drivers` of the temperature around the machine.
  let surroundings: Int?

  init(_ asset: Asset, in plant: Plant) {
    self.asset = asset.id
    let watched = plant.channels.filter {
      $0.asset == asset.id && ChannelRole($0) != .ignored
    }
    channels = watched.map(\.id)
    quantities = watched.map(\.quantity)
    let (drivers, families) = Self.drivers(among: watched)
    let features = Self.features(of: families)
    var allowed: [[Int]] = []
    var stiffness: [[Double]] = []
    for (place, channel) in watched.enumerated() {
      let family: ChannelRole.Family? =
        if case .driver(let family) = ChannelRole(channel) { family } else { nil }
      let usable = features.indices.filter { index in
        let feature = features[index]
        guard feature.form != .one else { return false }
        if case .lagged(_, let lag) = feature.form, lag > 0, !channel.quantity.isSluggish {
          return false
        }
        return !feature.drivers.contains { driver in
          drivers[driver] == place || (family != nil && families[driver] == family)
        }
      }
      allowed.append(usable)
      stiffness.append(usable.map { features[$0].stiffness })
    }
    self.drivers = drivers
    self.families = families
    self.features = features
    self.allowed = allowed
    self.stiffness = stiffness
    activity = Self.activity(among: watched)
    let order: [ChannelRole.Family] = [.speed, .load, .electrical, .flow]
    mainDrivers = order.compactMap { family in families.firstIndex(of: family) }
    surroundings = families.firstIndex(of: .surroundings)
  }

  /// At most one driver of a family, but the load as people set it beside the power that it takes.
  private static func drivers(
    among channels: [Channel]
  ) -> (places: [Int], families: [ChannelRole.Family]) {
    let order: [Quantity] = [
      .rotationSpeed, .frequency, .load, .activePower, .current, .torque, .apparentPower, .flow,
      .temperature,
    ]
    var places: [Int] = []
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
        let stiffness = [0.005, 0.01, 0.03][lag]
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

  private static func activity(among channels: [Channel]) -> [(place: Int, share: Double)] {
    func share(_ quantity: Quantity) -> Double? {
      switch quantity {
      case .rotationSpeed, .frequency, .flow: 0.08
      case .activePower, .apparentPower: 0.04
      case .current: 0.08
      default: nil
      }
    }
    var found: [(place: Int, share: Double)] = []
    for (place, channel) in channels.enumerated() {
      if let share = share(channel.quantity) { found.append((place, share)) }
    }
    guard found.isEmpty else { return found }
    for (place, channel) in channels.enumerated()
    where channel.quantity == .velocityRMS || channel.quantity == .accelerationRMS {
      found.append((place, 0.15))
    }
    return found
  }

  static func == (one: MachineLayout, other: MachineLayout) -> Bool {
    one.asset == other.asset && one.channels == other.channels
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(asset)
    hasher.combine(channels)
  }
}
