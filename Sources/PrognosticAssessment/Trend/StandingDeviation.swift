import ConditionModel

/// A deviation on a machine of which an alert told, followed until it is half as far off as it was.
///
/// Nobody named where such a deviation ends, so it foretells no moment: what remains follows from how
/// long faults usually last and how long this one took to become as large as it is.
package struct StandingDeviation: Hashable, Sendable, Codable {
  /// What one channel shows.
  package struct Reading: Sendable {
    /// The deviation as a signed multiple of its own alert limit.
    package var ofLimit: Double
    /// Whether an alert stands on the machine, on this channel or another.
    package var isAlerted: Bool

    package init(ofLimit: Double, isAlerted: Bool) {
      self.ofLimit = ofLimit
      self.isAlerted = isAlerted
    }
  }

  /// Where a deviation stands.
  struct Standing: Hashable, Sendable {
    /// When it was found.
    var since: Timestamp
    /// As a multiple of its alert limit.
    var size: Double
    /// For how many hours of the calendar it has been beyond a third of that, four weeks at most.
    var grownHours: Double
  }

  /// It begins beyond its limit.
  private static let leastSize = 1.0
  /// Below that, or below this part of the farthest it went, it is over: wear does not heal.
  private static let endSize = 0.5
  private static let endPart = 0.5
  /// From where its growth is timed: sooner it hides in the noise, later it is a last step.
  private static let grownPart = 0.35
  /// Readings are kept so far apart, for four weeks.
  private static let spacing = Duration.seconds(6 * 3_600)
  private static let keptCount = 112

  private var since: Timestamp?
  private var farthest = 0.0
  private var isAbove = true
  private var latest = 0.0
  /// The latest readings, oldest first, and when the last of them was kept.
  private var earlier: [Float] = []
  private var kept: Timestamp?

  /// Whether an alert told of it and it is not over.
  var isFound: Bool { since != nil }

  /// Whether any reading was taken, so that the channel is learned.
  var isLearned: Bool { kept != nil }

  /// Takes a reading.
  ///
  /// - Parameters:
  ///   - reading: What the channel shows.
  ///   - quantity: Of the channel.
  ///   - now: The moment of the reading.
  mutating func take(_ reading: Reading, of quantity: Quantity, at now: Timestamp) {
    keep(reading.ofLimit, at: now)
    latest = reading.ofLimit
    if since == nil {
      guard reading.isAlerted, size(quantity) > Self.leastSize else { return }
      since = now
      isAbove = latest > 0
    }
    let size = size(quantity)
    farthest = max(farthest, size)
    if size < Self.endPart * farthest || size < Self.endSize || isAbove != (latest > 0) { end() }
  }

  private mutating func keep(_ value: Double, at now: Timestamp) {
    guard let last = kept else {
      kept = now
      earlier.append(Float(value))
      return
    }
    // What was while the machine stood is what it was before.
    var moment = last + Self.spacing
    for _ in 0..<Self.keptCount {
      guard moment <= now else { break }
      earlier.append(Float(moment + Self.spacing <= now ? latest : value))
      if earlier.count > Self.keptCount { earlier.removeFirst() }
      kept = moment
      moment += Self.spacing
    }
    if moment <= now { kept = now }
  }

  private mutating func end() {
    since = nil
    farthest = 0
  }

  /// Forgets all, as after work on the machine.
  mutating func restart() {
    self = StandingDeviation()
  }

  /// How far off the channel is, as far as that may be wear.
  private func size(_ quantity: Quantity) -> Double {
    latest.magnitude * quantity.wearShown(isAbove: latest > 0)
  }

  /// Where it stands; `nil` where nothing is found that does.
  func standing(_ quantity: Quantity) -> Standing? {
    guard let since else { return nil }
    let part = Self.grownPart * latest.magnitude
    let grownCount = earlier.reversed().prefix { (isAbove ? Double($0) : -Double($0)) > part }.count
    return Standing(
      since: since,
      size: size(quantity),
      grownHours: Double(grownCount) * Self.spacing.inSeconds / 3_600
    )
  }

  /// Moves with the clock.
  mutating func shift(by step: Duration) {
    since = since?.shifted(by: step)
    kept = kept?.shifted(by: step)
  }
}

extension Quantity {
  /// How much a deviation of it says of wear, against one that clearly is.
  ///
  /// Worn machines shake more and run hotter, worn pumps lose pressure, filters gain pressure drop; the
  /// other way round is no wear. What is asked of a machine, as current and flow, has other causes too.
  func wearShown(isAbove: Bool) -> Double {
    switch self {
    case .temperature, .differentialPressure, .velocityRMS, .velocityPeak, .accelerationRMS,
      .accelerationPeak, .highFrequencyAccelerationRMS, .displacement, .crestFactor, .kurtosis:
      isAbove ? 1 : 0
    case .pressure: isAbove ? 0 : 1
    default: 0.25
    }
  }
}
