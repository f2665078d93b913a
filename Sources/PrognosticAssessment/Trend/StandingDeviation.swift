import ConditionModel
import SignalProcessing

/// A deviation that an alert told of, followed for as long as it stands about as far off as it ever was.
///
/// Nobody named where such a deviation ends, so it foretells no moment: what remains is how long faults
/// usually last once they are found, less where it is far off already or grows quickly.
package struct StandingDeviation: Hashable, Sendable, Codable {
  /// What one channel shows.
  package struct Reading: Sendable {
    /// The deviation as a signed multiple of its own alert limit.
    package var ofLimit: Double
    /// Whether an alert stands on this channel.
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
    /// The natural logarithm of how much larger it is than two days ago.
    var growth: Double
  }

  /// Below this multiple of its limit, or this part of the farthest it went, it tells nothing for now;
  /// below that, it is over: wear does not heal.
  private static let leastSize = 1.3
  private static let leastPart = 0.85
  private static let endSize = 0.5
  private static let endPart = 0.5
  /// Readings are kept so far apart, for two days.
  private static let spacing = Duration.seconds(6 * 3_600)
  private static let keptCount = 9
  /// How far a deviation counts that is this small, lest its growth from nothing be without end.
  private static let leastEarlier = 0.1

  private var since: Timestamp?
  private var farthest = 0.0
  private var isAbove = true
  private var latest = 0.0
  /// The latest readings, oldest first, and when the last of them was kept.
  private var earlier: [Float] = []
  private var kept: Timestamp?

  init() {
    earlier.reserveCapacity(Self.keptCount + 1)
  }

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
    for _ in 0..<Self.keptCount where moment <= now {
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
    let size = size(quantity)
    guard let since, size > Self.leastSize, size > Self.leastPart * farthest,
      let first = earlier.first
    else { return nil }
    let before = (isAbove ? Double(first) : -Double(first)) / latest.magnitude
    let least = max(Self.leastEarlier / latest.magnitude, 0.05)
    return Standing(
      since: since,
      size: size,
      growth: 0 - steadyLogarithm(max(before, least))
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
