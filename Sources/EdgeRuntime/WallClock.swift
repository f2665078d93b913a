package import ConditionModel
import Glibc

extension Timestamp {
  /// What the gateway's clock shows, right or wrong.
  package static var wallClock: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

extension Duration {
  /// Time since the gateway was switched on, time asleep included; it never jumps.
  package static var sinceBoot: Duration {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }
}
