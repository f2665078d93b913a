package import ConditionModel

/// The time that goes on a value.
package struct Stamp: Hashable, Sendable {
  package var timestamp: Timestamp
  /// Whether the gateway's clock has been set since it lost its time.
  package var isClockSet: Bool

  package init(timestamp: Timestamp, isClockSet: Bool = true) {
    self.timestamp = timestamp
    self.isClockSet = isClockSet
  }
}

/// Event time from two clocks: one that never jumps, and one that people and NTP set.
///
/// Stamps follow the wall clock, but never go back: a difference of less than half a second is
/// made up by running up to a tenth faster or slower. A larger one is a step, told once; whoever
/// remembers times then moves them along. That holds across restarts too: a wall clock that has lost
/// its time goes on from the latest moment that is known, and one that shows less than that was set
/// back meanwhile. Otherwise what a restart remembers would lie in the future of all that is read.
package struct StationClock: Sendable {
  /// Wall clock less monotonic clock, as stamps use it.
  private var offset: Duration?
  private var lastMonotonic = Duration.zero
  /// The latest moment that is known from before the first look.
  private let known: Timestamp
  /// What a wall clock lacks that has lost its time.
  private var lead = Duration.zero

  /// 2025-01-01: no gateway that shows an earlier time has had its clock set.
  package static let earliestBelievable = Timestamp(seconds: 1_735_689_600)
  private static let smallestStep = Duration.milliseconds(500)

  /// - Parameter known: The latest moment that an earlier run has told.
  package init(after known: Timestamp = Timestamp(nanoseconds: 0)) {
    self.known = known
  }

  /// Takes one look at both clocks.
  ///
  /// - Parameters:
  ///   - monotonic: A clock that only counts, from any start; never less than at the last look.
  ///   - wall: The clock that shows the date, at the same moment.
  /// - Returns: The stamp for this moment, and by how much the clock was stepped since the last
  ///   look (`nil` if it was not). The step comes before the stamp: deliver it first.
  package mutating func read(
    monotonic: Duration,
    wall: Timestamp
  ) -> (stamp: Stamp, step: Duration?) {
    let isSet = wall >= Self.earliestBelievable
    var step: Duration?
    if offset == nil, wall < known {
      if isSet { step = wall - known } else { lead = known - wall }
    }
    let shown = isSet ? wall : wall + lead
    let measured = Duration.nanoseconds(shown.nanoseconds) - monotonic
    let passed = max(.zero, monotonic - lastMonotonic)
    lastMonotonic = max(lastMonotonic, monotonic)
    if let used = offset {
      let difference = measured - used
      if abs(difference) >= Self.smallestStep {
        step = difference
        offset = measured
      } else {
        let most = passed / 10
        offset = used + max(.zero - most, min(most, difference))
      }
    } else {
      offset = measured
    }
    let timestamp = Timestamp(nanoseconds: (lastMonotonic + (offset ?? measured)).nanoseconds)
    return (Stamp(timestamp: timestamp, isClockSet: isSet), step)
  }
}

private func abs(_ duration: Duration) -> Duration {
  duration < .zero ? .zero - duration : duration
}
