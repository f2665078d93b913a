import ConditionModel

// What explains what: fitted daily while the machine is learned, then every few days.
extension MachineLearner {
  /// Days after which a period of the quarantine ends.
  private static let quarantineDays: Int64 = 4
  /// Minutes of running without which nothing is fitted.
  private static let leastCount = 360.0

  mutating func fitIfDue(_ step: Int64, isLearning: Bool) {
    if isLearning {
      guard step - memory.lastFitStep >= stepsPerDay,
        memory.running.learned.count >= Self.leastCount
      else { return }
      memory.lastFitStep = step
      memory.lastTurnStep = step
      fit()
    } else if step - memory.lastTurnStep >= Self.quarantineDays * stepsPerDay {
      memory.lastTurnStep = step
      memory.running.turn()
      if memory.running.learned.count >= Self.leastCount { fit() }
    }
  }

  private mutating func fit() {
    let moments = memory.running.learned
    var explaining: [[Int]: FeatureSpread] = [:]
    var telling: [[Int]] = []
    memory.spreads = []
    for place in layout.channels.indices {
      let allowed = features(explaining: place)
      let spread = explaining[allowed] ?? learnedSpread(of: allowed, moments)
      explaining[allowed] = spread
      let coefficients = spread.regression(of: place, moments)
      let given = allowed.filter { layout.features[$0].drivers.allSatisfy(isGivenDriver) }
      if !telling.contains(given) {
        telling.append(given)
        memory.spreads.append(learnedSpread(of: given, moments))
      }
      memory.models[place].spread = telling.firstIndex(of: given) ?? 0
      let all = moments.variance(ofChannel: place)
      memory.models[place].explained =
        all > 0 ? 1 - moments.residualVariance(of: place, coefficients) / all : 0
      memory.models[place].coefficients = coefficients
    }
    divideStates(moments)
    findSubstitutes(moments)
  }

  private func learnedSpread(of features: [Int], _ moments: MomentMatrix) -> FeatureSpread {
    FeatureSpread(moments, of: features, stiffness: features.map { layout.features[$0].stiffness })
  }

  /// Whether a driver is given to the machine: power and flow change when it wears, so that a state
  /// that is new by them may be the fault itself.
  private func isGivenDriver(_ driver: Int) -> Bool {
    switch layout.families[driver] {
    case .speed, .load, .surroundings: true
    case .electrical, .flow: false
    }
  }

  /// Looks for each driver for the channel that follows it most closely.
  private mutating func findSubstitutes(_ moments: MomentMatrix) {
    for driver in layout.drivers.indices {
      guard let place = place(ofDriver: driver) else { continue }
      let all = moments.variance(ofChannel: place)
      var best = 0.8
      memory.substitutes[place] = nil
      for other in memory.values.indices where other != place {
        let variance = moments.variance(ofChannel: other)
        guard variance > 0, all > 0 else { continue }
        let both = moments.covariance(driver: driver, at: place, channel: other)
        let share = both * both / (variance * all)
        guard share > best else { continue }
        best = share
        let slope = both / variance
        memory.substitutes[place] = Substitute(
          place: other,
          constant: moments.mean(ofChannel: place) - slope * moments.mean(ofChannel: other),
          slope: slope
        )
      }
    }
  }

  /// The features that may explain a channel: not those that are made of it, nor of what says the
  /// same; slow ones only for what is slow.
  private func features(explaining place: Int) -> [Int] {
    var family: ChannelRole.Family?
    for driver in layout.drivers.indices where self.place(ofDriver: driver) == place {
      family = layout.families[driver]
    }
    if family == nil, layout.quantities[place].isElectrical { family = .electrical }
    let hasSurroundings = memory.surroundings != nil
    return layout.features.indices.filter { index in
      let feature = layout.features[index]
      switch feature.form {
      case .one: return false
      case .timeOfDay where hasSurroundings: return false
      default: break
      }
      if let lag = feature.lag, lag > 0, !layout.quantities[place].isSluggish { return false }
      return !feature.drivers.contains { layout.families[$0] == family }
    }
  }

  /// Divides what the main drivers did into bins, once.
  private mutating func divideStates(_ moments: MomentMatrix) {
    guard memory.binLow.isEmpty else { return }
    for driver in layout.mainDrivers {
      guard let place = layout.drivers[driver] else { continue }
      let mean = moments.mean(ofChannel: place)
      let spread = max(moments.variance(ofChannel: place), 0).squareRoot()
      memory.binLow.append(mean - 2 * spread)
      memory.binWidth.append(spread > 0.02 * abs(mean) ? 0.4 * spread : 0)
    }
  }
}

extension Quantity {
  var isElectrical: Bool {
    switch self {
    case .activePower, .current, .apparentPower, .torque: true
    default: false
    }
  }
}
