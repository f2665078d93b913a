import ConditionModel

/// The breaker of one unit: after three misses in a row it lets only a rare probe through.
struct PolledUnit: Sendable {
  let number: UInt8
  private var misses = 0
  private var firstMiss = Duration.zero
  private var probe: Probe?

  private struct Probe {
    var at: Duration
    var pause: Duration
    var fault: Fault
  }

  private static let allowedMisses = 3
  private static let firstPause = Duration.seconds(5)
  private static let longestPause = Duration.seconds(60)

  init(number: UInt8) {
    self.number = number
  }

  var isSilent: Bool { probe != nil }

  /// Why the unit must not be asked now; `nil` when it may, be it as a probe.
  func obstacle(at now: Duration) -> Fault? {
    guard let probe = probe, now < probe.at else { return nil }
    return probe.fault
  }

  /// Notes a sign of life.
  ///
  /// - Parameter now: The monotonic clock.
  /// - Returns: How long the unit had been silent, if it had been taken as silent.
  mutating func noteLife(at now: Duration) -> Duration? {
    let wasSilent = isSilent
    misses = 0
    probe = nil
    return wasSilent ? now - firstMiss : nil
  }

  /// Notes a request without a usable answer.
  ///
  /// - Parameters:
  ///   - fault: What stands beside the values that could not be read.
  ///   - now: The monotonic clock.
  /// - Returns: Whether the unit is taken as silent from this miss on.
  mutating func noteMiss(_ fault: Fault, at now: Duration) -> Bool {
    if misses == 0 { firstMiss = now }
    misses += 1
    if let last = probe {
      let pause = min(last.pause * 2, Self.longestPause)
      probe = Probe(at: now + pause, pause: pause, fault: fault)
      return false
    }
    guard misses >= Self.allowedMisses else { return false }
    probe = Probe(at: now + Self.firstPause, pause: Self.firstPause, fault: fault)
    return true
  }
}
