package import ConditionModel
import Glibc

/// The two clocks of a gateway: one that people set, one that only runs.
package enum GatewayClock {
  /// What the wall clock shows; it may be wrong, and it may jump.
  package static func wall() -> Timestamp {
    Timestamp(nanoseconds: read(CLOCK_REALTIME))
  }

  /// Time since the gateway was switched on, time asleep included; it never jumps.
  package static func sinceBoot() -> Duration {
    .nanoseconds(read(CLOCK_BOOTTIME))
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
