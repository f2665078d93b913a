package import ConditionModel
package import DataAcquisition
import EdgeRuntime
import Synchronization

/// The time of the whole agent: every bus stamps its values by it.
///
/// A step of the wall clock is seen by whoever looks first, but it is told once, by `takeStep`, so
/// that the core hears of it before it sees a value on the new scale.
package final class StationTime: Sendable {
  private let state: Mutex<State>
  private let readClocks: @Sendable () -> (monotonic: Duration, wall: Timestamp)

  private struct State {
    var clock: StationClock
    var step = Duration.zero
  }

  /// - Parameters:
  ///   - known: The latest moment that an earlier run has told.
  ///   - readClocks: Both clocks at one moment.
  package init(
    after known: Timestamp = Timestamp(nanoseconds: 0),
    readClocks: @escaping @Sendable () -> (monotonic: Duration, wall: Timestamp) = {
      (Duration.sinceBoot, Timestamp.wallClock)
    }
  ) {
    state = Mutex(State(clock: StationClock(after: known)))
    self.readClocks = readClocks
  }

  /// The stamp for this moment.
  package func stamp() -> Stamp {
    state.withLock { state in
      let (monotonic, wall) = readClocks()
      let (stamp, step) = state.clock.read(monotonic: monotonic, wall: wall)
      state.step += step ?? .zero
      return stamp
    }
  }

  /// By how much the clock was stepped since the last call; `nil` if it was not.
  package func takeStep() -> Duration? {
    state.withLock { state in
      defer { state.step = .zero }
      return state.step == .zero ? nil : state.step
    }
  }
}
