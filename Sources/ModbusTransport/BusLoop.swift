import ConditionModel
package import DataAcquisition
import Synchronization

/// Keeps one bus going: asks the poller, reads, waits, and hands on what came.
///
/// It is fast enough or it leaves polls out: whoever takes the frames may make it wait.
package actor BusLoop<BusClock: Clock<Duration>> {
  /// Counts turns of the loop, at least one each second while the bus is alive; for a watchdog.
  package nonisolated let heartbeat = Heartbeat()

  private var poller: BusPoller
  private var output = BusPoller.Output()
  private let reader: any RegisterReader
  private let clock: BusClock
  private let start: BusClock.Instant
  private let stamp: @Sendable () -> Stamp

  /// The longest sleep, so that the heart beats while there is nothing to do.
  private static var longestSleep: Duration { .seconds(1) }

  /// Prepares a loop.
  ///
  /// - Parameters:
  ///   - bus: What to read.
  ///   - reader: The line.
  ///   - clock: Decides when requests are due.
  ///   - stamp: Tells the time that goes on values.
  package init(
    _ bus: BusDefinition,
    reader: any RegisterReader,
    clock: BusClock,
    stamp: @escaping @Sendable () -> Stamp
  ) {
    poller = BusPoller(bus, start: .zero)
    self.reader = reader
    self.clock = clock
    self.stamp = stamp
    start = clock.now
  }

  /// How the bus does.
  package var statistics: BusStatistics {
    get async {
      let lateAnswers = await reader.lateAnswers
      var statistics = poller.statistics
      statistics.lateAnswers = lateAnswers
      return statistics
    }
  }

  /// Runs until its task is cancelled, which takes effect after the request that is out.
  ///
  /// - Parameter deliver: Takes frames in order, waveforms, and events for the log.
  package func run(deliver: @Sendable (BusPoller.Output) async -> Void) async {
    while !Task.isCancelled {
      switch poller.next(at: now, stamp: stamp(), into: &output) {
      case .read(let request):
        let result = await read(request)
        poller.finish(result, at: now, stamp: stamp(), into: &output)
        await handOn(to: deliver)
      case .wait(let moment):
        await handOn(to: deliver)
        let pause = min(moment - now, Self.longestSleep)
        if pause > .zero {
          try? await clock.sleep(until: clock.now.advanced(by: pause), tolerance: nil)
        }
      }
      heartbeat.beat()
    }
    await reader.close()
  }

  private var now: Duration { start.duration(to: clock.now) }

  private func read(_ request: PollRequest) async -> Result<[UInt16], ModbusError> {
    do throws(ModbusError) {
      return .success(try await reader.read(request))
    } catch {
      return .failure(error)
    }
  }

  private func handOn(to deliver: @Sendable (BusPoller.Output) async -> Void) async {
    guard !output.isEmpty else { return }
    let full = output
    output.removeAll()
    await deliver(full)
  }
}

extension BusLoop where BusClock == ContinuousClock {
  /// Prepares a loop on the system's clock.
  package init(
    _ bus: BusDefinition,
    reader: any RegisterReader,
    stamp: @escaping @Sendable () -> Stamp
  ) {
    self.init(bus, reader: reader, clock: ContinuousClock(), stamp: stamp)
  }
}

/// A count that rises as long as something makes progress.
package final class Heartbeat: Sendable {
  private let beats = Atomic<UInt64>(0)

  package init() {}

  /// How many beats there were.
  package var count: UInt64 { beats.load(ordering: .relaxed) }

  package func beat() {
    beats.add(1, ordering: .relaxed)
  }
}
