import ConditionModel

// How unusual a channel is, as a multiple of what it may be.
extension MachineLearner {
  /// Grease takes up to a third of the high frequencies away, here as a logarithm.
  private static let mostSmoothed = 0.43

  /// The smallest deviation that would matter to anybody, in the unit of the model.
  func floor(of place: Int) -> Double {
    let share: Double
    switch layout.quantities[place] {
    case let quantity where quantity.isProportional: return 0.1
    case .temperature: return 0.8
    // A filter is changed at a multiple of what it began with.
    case .differentialPressure: share = 0.05
    default: share = 0.02
    }
    return max(share * memory.peaks[place], 3 * resolutions[place])
  }

  /// How much more it takes on a side on which wear does not show.
  func reluctance(of place: Int, isAbove: Bool) -> Double {
    let quantity = layout.quantities[place]
    var reluctance = 1.0
    if hasJumped(place), !isSmoothed(place) { return 1 }
    if !isAbove, quantity.isProportional { reluctance *= 3 }
    if !isAbove, quantity == .temperature, layout.kind != .chiller { reluctance *= 2 }
    // Where nothing shows the weather it looks like heat, the more so beside no other temperature.
    if memory.surroundings == nil, layout.temperatures.contains(place) {
      reluctance *= layout.temperatures.count > 1 ? 1.4 : 2
    }
    // What a machine has to do is asked of it, the more so where nothing else explains it.
    if isDemand(place) {
      reluctance *= memory.models[place].explained < 0.3 ? 1.9 : 1.45
    }
    return reluctance
  }

  /// Whether a channel shows fewer high frequencies, by no more than what fresh grease takes away.
  func isSmoothed(_ place: Int) -> Bool {
    let size = memory.models[place].size(0)
    return layout.quantities[place] == .highFrequencyAccelerationRMS
      && (-Self.mostSmoothed..<0).contains(size)
  }

  /// The deviation that all temperatures share where nothing shows the weather.
  func commonHeat(_ span: Int) -> Double {
    guard memory.surroundings == nil, layout.temperatures.count > 1 else { return 0 }
    var least = Double.infinity
    var isAbove: Bool?
    for place in layout.temperatures where memory.models[place].hasModel {
      let size = memory.models[place].size(span)
      if let isAbove, isAbove != (size >= 0) { return 0 }
      isAbove = size >= 0
      least = min(least, abs(size))
    }
    return least.isFinite ? (isAbove == true ? least : -least) : 0
  }

  /// Whether a state looks new because what tells it is read wrong: it leapt alone.
  func isDriverMisread() -> Bool {
    layout.drivers.indices.contains { driver in
      guard let place = place(ofDriver: driver), isGiven(place) else { return false }
      return hasJumped(place) && memory.jumps[place].isAlone
    }
  }

  func excess(of place: Int, spans: Range<Int> = ChannelModel.spans.indices) -> Double {
    // Weather is no fault, and a speed is what is commanded.
    guard memory.models[place].hasModel, place != memory.surroundings,
      !layout.quantities[place].isCommanded
    else { return 0 }
    let isAbove = memory.models[place].size(1) >= 0
    let reluctance = reluctance(of: place, isAbove: isAbove)
    let isHeat = layout.temperatures.contains(place)
    let floor = floor(of: place)
    var most = 0.0
    for span in spans {
      let size = memory.models[place].size(span)
      let own = isHeat ? size - commonHeat(span) : size
      guard (own >= 0) == isAbove else { continue }
      let share = size == 0 ? 0 : min(1, abs(own / size))
      most = max(
        most,
        min(
          share * memory.models[place].excess(span, quantile: quantile),
          abs(own) / floor
        ) / (isMisled ? 1 : memory.models[place].leeway(span))
      )
    }
    return most / reluctance
  }

  /// Whether a channel shows what is asked of the machine rather than how it is.
  func isDemand(_ place: Int) -> Bool {
    switch layout.quantities[place] {
    case .rotationSpeed, .frequency, .load, .activePower, .current, .torque, .apparentPower,
      .pressure, .duration:
      true
    // A second flow is what leaks, drains or cools.
    case .flow: layout.drivers.contains(place)
    default: false
    }
  }
}
