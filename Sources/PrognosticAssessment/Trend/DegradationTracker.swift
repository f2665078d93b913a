/// Follows one indicator of wear: keeps its history, learns how it wanders, and says how long until it
/// has gone as far as counts as failed.
package struct DegradationTracker: Hashable, Sendable, Codable {
  /// What the history says.
  package struct Estimate: Hashable, Sendable, Codable {
    /// The probability that this is wear, not wandering nor a step that leads nowhere.
    package var wearShare: Float
    /// Hours of operation until failure.
    package var p10: Float
    package var p50: Float
    package var p90: Float
    /// Hours of operation since the wear began.
    package var sinceOnset: Float
    package var isRising: Bool
    /// How far the indicator has gone, in standard deviations of a day.
    package var strength: Float
    /// Where it is now, smoothed over half a day.
    package var level: Float
  }

  /// Wear shows at least this many standard deviations of a day, or is not looked for.
  private static let leastDistance: Float = 2
  /// An indicator that is back within this part of the farthest it went was mended.
  private static let mendedShare: Float = 0.6
  private static let clearDistance: Float = 3
  /// From here on, what is read teaches nothing about usual wandering.
  private static let suspicion: Float = 0.3

  package private(set) var history = IndicatorHistory()
  private var wander = WanderEstimate()
  /// The span that is being filled.
  private var sum: Double = 0
  private var hours: Double = 0
  private var daySum: Double = 0
  private var dayHours: Double = 0
  /// Hours of operation so far.
  package private(set) var age: Double = 0
  package private(set) var isSuspect = false
  /// How often in a row the estimate was sure enough to be told.
  var sureCount = 0
  /// The farthest that the indicator has clearly been, signed.
  private var farthest: Float = 0
  /// Half a step of the sensor's resolution, as a standard deviation.
  private var resolution: Float

  package init(resolution: Float = 0) {
    self.resolution = resolution
  }

  /// Takes the mean reading over some hours of operation.
  package mutating func observe(_ reading: Double, hours passed: Double, hoursPerDay: Double) {
    guard reading.isFinite, passed > 0 else { return }
    age += passed
    sum += reading * passed
    hours += passed
    daySum += reading * passed
    dayHours += passed
    if dayHours >= hoursPerDay {
      if !isSuspect { wander.append(day: Float(daySum / dayHours)) }
      daySum = 0
      dayHours = 0
    }
    guard hours >= Double(IndicatorHistory.spanHours) else { return }
    history.append(
      IndicatorHistory.Span(
        centre: Float(age - hours / 2),
        hours: Float(hours),
        mean: Float(sum / hours)
      )
    )
    sum = 0
    hours = 0
  }

  /// Forgets the history, as after work on the machine; how the indicator wanders stays known.
  package mutating func restart() {
    history.removeAll()
    wander.restart()
    sum = 0
    hours = 0
    daySum = 0
    dayHours = 0
    isSuspect = false
    sureCount = 0
    farthest = 0
  }

  package var isLearned: Bool { wander.isLearned }

  /// Says how long until the indicator is at `limit`, above or below.
  ///
  /// - Returns: `nil` while too little is known, or nothing moves that way.
  mutating func estimate(
    limit: Float,
    hoursPerDay: Double,
    by posterior: inout WearPosterior,
    spans: inout [IndicatorHistory.Span]
  ) -> Estimate? {
    isSuspect = false
    guard wander.isLearned, let recent = recentLevel(&spans) else { return nil }
    let baseline = baseline(spans)
    let distance = recent - baseline
    let floor = max(resolution * resolution, 1e-12)
    let variance = wander.dayVariance(floor: floor)
    // Wear does not heal: somebody mended the machine, or it was no wear.
    let returned = farthest < 0 ? -distance : distance
    if returned < Self.mendedShare * farthest.magnitude {
      restart()
      return nil
    }
    guard distance * distance > Self.leastDistance * Self.leastDistance * variance else {
      return nil
    }
    if distance * distance > Self.clearDistance * Self.clearDistance * variance,
      distance.magnitude > farthest.magnitude
    {
      farthest = distance
    }
    let failure = limit - start(spans)
    // Moving away from the limit is no wear.
    guard (distance > 0) == (failure > 0) else { return nil }
    let result = posterior.evaluate(
      spans,
      dayVariance: variance,
      walkVariance: max(wander.walkVariance, 0.01 * variance),
      hoursPerDay: Float(hoursPerDay),
      now: Float(age),
      failure: failure
    )
    guard let result else { return nil }
    isSuspect = result.wearShare > Self.suspicion
    return Estimate(
      wearShare: result.wearShare,
      p10: result.p10,
      p50: result.p50,
      p90: result.p90,
      sinceOnset: result.sinceOnset,
      isRising: distance > 0,
      strength: abs(distance) / variance.squareRoot(),
      level: recent
    )
  }

  /// The mean of the latest half day of operation.
  private func recentLevel(_ spans: inout [IndicatorHistory.Span]) -> Float? {
    history.copy(into: &spans)
    guard spans.count >= 12 else { return nil }
    var recent: Float = 0
    for index in spans.count - 4..<spans.count { recent += spans[index].mean }
    return recent / 4
  }

  /// Where the indicator was when its history began: from there a limit is counted.
  private func start(_ spans: [IndicatorHistory.Span]) -> Float {
    var sum: Float = 0
    var weight: Float = 0
    for span in spans where weight < 24 {
      sum += span.mean * span.hours
      weight += span.hours
    }
    return sum / weight
  }

  /// The mean of the older half.
  private func baseline(_ spans: [IndicatorHistory.Span]) -> Float {
    var sum: Float = 0
    var weight: Float = 0
    for index in 0..<spans.count / 2 {
      sum += spans[index].mean * spans[index].hours
      weight += spans[index].hours
    }
    return sum / weight
  }
}
