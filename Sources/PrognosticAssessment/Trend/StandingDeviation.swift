import ConditionModel

/// A deviation on a machine of which an alert told, followed until it is half as far off as it was.
///
/// Nobody named where such a deviation ends, so it foretells no moment: what remains follows from how
/// long faults usually last.
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
  }

  /// It begins beyond its limit.
  private static let leastSize = 1.0
  /// Below that, or below this part of the farthest it went, it is over: wear does not heal.
  private static let endSize = 0.5
  private static let endPart = 0.5

  private var since: Timestamp?
  private var farthest = 0.0
  private var isAbove = true
  private var latest: Double?

  /// Whether an alert told of it and it is not over.
  var isFound: Bool { since != nil }

  /// Whether any reading was taken, so that the channel is learned.
  var isLearned: Bool { latest != nil }

  /// Takes a reading.
  ///
  /// - Parameters:
  ///   - reading: What the channel shows.
  ///   - quantity: Of the channel.
  ///   - now: The moment of the reading.
  mutating func take(_ reading: Reading, of quantity: Quantity, at now: Timestamp) {
    latest = reading.ofLimit
    if since == nil {
      guard reading.isAlerted, size(quantity) > Self.leastSize else { return }
      since = now
      isAbove = reading.ofLimit > 0
    }
    let size = size(quantity)
    farthest = max(farthest, size)
    let isOver = size < Self.endPart * farthest || size < Self.endSize
    if isOver || isAbove != (reading.ofLimit > 0) { end() }
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
    let latest = latest ?? 0
    return latest.magnitude * quantity.wearShown(isAbove: latest > 0)
  }

  /// Where it stands; `nil` where nothing is found that does.
  func standing(_ quantity: Quantity) -> Standing? {
    since.map { Standing(since: $0, size: size(quantity)) }
  }

  /// Moves with the clock.
  mutating func shift(by step: Duration) {
    since = since?.shifted(by: step)
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
