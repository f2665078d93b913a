import ConditionModel
import Synchronization

/// The clocks of a simulated gateway: one that only runs, and starts anew with each power-up, and one
/// that people and NTP set.
final class SimulatedClock: Sendable {
  private struct State {
    var elapsed = Duration.zero
    var poweredOn = Duration.zero
    var offset: Duration
  }

  private let state: Mutex<State>

  /// - Parameter start: What the wall clock shows first.
  init(start: Timestamp) {
    state = Mutex(State(offset: .nanoseconds(start.nanoseconds)))
  }

  /// Since the simulation began; no power cut stops it.
  var elapsed: Duration { state.withLock { $0.elapsed } }
  var sinceBoot: Duration { state.withLock { $0.elapsed - $0.poweredOn } }
  var wall: Timestamp { read().wall }

  func read() -> (monotonic: Duration, wall: Timestamp) {
    state.withLock { state in
      (
        state.elapsed - state.poweredOn,
        Timestamp(nanoseconds: (state.elapsed + state.offset).nanoseconds)
      )
    }
  }

  /// Lets time pass, up to a moment of `elapsed`.
  func advance(to moment: Duration) {
    state.withLock { $0.elapsed = max($0.elapsed, moment) }
  }

  /// Sets the wall clock so much forward (negative: back).
  func step(by step: Duration) {
    state.withLock { $0.offset += step }
  }

  /// Sets the wall clock right, or to any other moment.
  func set(to moment: Timestamp) {
    state.withLock { $0.offset = .nanoseconds(moment.nanoseconds) - $0.elapsed }
  }

  /// The power comes back: the running clock begins at 0.
  func powerOn() {
    state.withLock { $0.poweredOn = $0.elapsed }
  }
}
