import ConditionModel

/// A block of samples that comes back every period.
struct WaveformTask: Sendable {
  let poll: WaveformPoll
  var due: Duration
  /// The end of the period that the next block is for.
  var periodEnd: Duration
  /// The header of the last block that came through, so that none is taken twice.
  var lastHeader: [UInt16]?
  /// Blocks torn in this period.
  var tornCount = 0

  /// A torn block is begun anew so many times before the period is given up.
  static let mostTorn = 3
  /// How long a block rests whose registers the device refuses.
  static let refusedRest = Duration.seconds(3_600)

  init(_ poll: WaveformPoll, due: Duration) {
    self.poll = poll
    self.due = due
    periodEnd = due + poll.period
  }

  /// How soon to look again for a block that is not there yet.
  private var patience: Duration { max(.milliseconds(500), poll.period / 20) }

  /// Looks again soon.
  ///
  /// - Returns: Whether the period ended meanwhile, without a block.
  mutating func lookAgain(after now: Duration) -> Bool {
    due = now + patience
    guard due >= periodEnd else { return false }
    let next = periodEnd
    finish(at: now)
    due = max(next, now + patience)
    return true
  }

  /// The period is served, or given up.
  mutating func finish(at now: Duration) {
    tornCount = 0
    let passed = max(0, (now - periodEnd).nanoseconds / poll.period.nanoseconds)
    due = now < periodEnd ? periodEnd : periodEnd + .nanoseconds(passed * poll.period.nanoseconds)
    periodEnd = due + poll.period
  }
}
