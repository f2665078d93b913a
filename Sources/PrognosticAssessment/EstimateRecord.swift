package import ConditionModel

/// What was estimated about a machine, one estimate a day, and how it compared with what happened.
package struct EstimateRecord: Hashable, Sendable, Codable {
  private struct Entry: Hashable, Sendable, Codable {
    var told: Timestamp
    var due: RemainingLife.Quantiles<Timestamp>
  }

  private static let capacity = 60
  private static let spacing = Duration.seconds(86_400)

  private var pending: [Entry] = []
  /// What came of those whose end is known.
  package private(set) var tally = EstimateTally()

  package init() {}

  /// Keeps an estimate to be scored, at most one a day.
  mutating func note(_ due: RemainingLife.Quantiles<Timestamp>, at now: Timestamp) {
    if let last = pending.last, now - last.told < Self.spacing { return }
    if pending.count == Self.capacity { pending.removeFirst() }
    pending.append(Entry(told: now, due: due))
  }

  /// Whether estimates of the last days contradict this one: the middle of one lies outside the other.
  func isSwinging(_ due: RemainingLife.Quantiles<Timestamp>, at now: Timestamp) -> Bool {
    for entry in pending.suffix(3) where now - entry.told < .seconds(4 * 86_400) {
      if due.p50 < entry.due.p10 || entry.due.p90 < due.p50 { return true }
    }
    return false
  }

  /// Scores all that was estimated: the machine failed at a moment.
  mutating func score(failure moment: Timestamp) {
    for entry in pending where entry.told < moment {
      if moment < entry.due.p10 {
        tally.tooLong += 1
      } else if entry.due.p90 < moment {
        tally.tooShort += 1
      } else {
        tally.within += 1
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Somebody worked on the machine before it failed: all that is known is that it ran so far.
  mutating func score(repairedAt moment: Timestamp) {
    tally.tooShort += pending.count { $0.due.p90 < moment }
    pending.removeAll(keepingCapacity: true)
  }

  mutating func shift(by step: Duration) {
    for index in pending.indices {
      pending[index].told = pending[index].told.shifted(by: step)
      pending[index].due.p10 = pending[index].due.p10.shifted(by: step)
      pending[index].due.p50 = pending[index].due.p50.shifted(by: step)
      pending[index].due.p90 = pending[index].due.p90.shifted(by: step)
    }
  }
}
