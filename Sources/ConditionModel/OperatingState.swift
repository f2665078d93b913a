/// What a machine is doing, as far as its own signals tell.
package enum OperatingState: Hashable, Sendable, Codable {
  /// Nothing is configured that would tell.
  case untold
  /// The signal that tells has delivered no usable value lately.
  case unknown
  /// It runs since this moment; shortly after it, levels still settle.
  case running(since: Timestamp)
  case stopped(since: Timestamp)

  /// Whether the machine runs; `nil` when nothing tells.
  @inlinable package var isRunning: Bool? {
    switch self {
    case .untold, .unknown: nil
    case .running: true
    case .stopped: false
    }
  }

  /// Moves with the clock.
  package mutating func shift(by step: Duration) {
    switch self {
    case .untold, .unknown: break
    case .running(let since): self = .running(since: since.shifted(by: step))
    case .stopped(let since): self = .stopped(since: since.shifted(by: step))
    }
  }
}

extension Timestamp {
  /// The moments that a sensor can report: 1970 to 2199.
  ///
  /// Between any two of them the difference fits, so arithmetic on them cannot fail.
  package static let plausible =
    Timestamp(seconds: 0)...Timestamp(seconds: 7_258_118_399)

  /// Whether a sensor can report this moment.
  package var isPlausible: Bool { Self.plausible.contains(self) }

  /// This moment on a clock that was set by `step`, held within `plausible`.
  package func shifted(by step: Duration) -> Timestamp {
    let limit = Timestamp.plausible.upperBound.nanoseconds
    let wholeStep = min(max(step, .nanoseconds(-limit)), .nanoseconds(limit)).nanoseconds
    let (sum, overflow) = nanoseconds.addingReportingOverflow(wholeStep)
    return Timestamp(nanoseconds: overflow ? limit : min(max(sum, 0), limit))
  }
}
