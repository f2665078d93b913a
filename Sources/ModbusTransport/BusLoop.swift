import ConditionModel
package import DataAcquisition
import Synchronization

/// Keeps one bus going: asks the poller, reads, waits, and hands on what came.
///
/// It is fast enough or it leaves polls out: whoever takes the frames may make it wait.
package actor BusLoop<BusClock: Clock<Duration>> {
  private var poller: BusPoller
  private var output = BusPoller.Output()
  private let reader: any RegisterReader
  private let clock: BusClock
  private let start: BusClock.Instant
  private let stamp: @Sendable () -> Stamp
  /// When the loop comes round again, at the latest.
  private nonisolated let deadline = Mutex(turnLimit)
  /// The longest rest that a device wants after a connection is made.
  private let settleTime: Duration

  /// The longest sleep, so that the loop comes round while there is nothing to do.
  private static var longestSleep: Duration { .seconds(1) }
  /// How long a turn may take besides waiting for the line.
  private static var turnLimit: Duration { .seconds(15) }
  /// How long a connection may take to be made: a resolver without a network asks long.
  private static var connectLimit: Duration { .seconds(120) }

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
    settleTime = bus.devices.reduce(.zero) { max($0, $1.timing.settleTime) }
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

  /// Whether the loop comes round as it should, for a watchdog; inside a request it has the time that
  /// the line was given.
  package nonisolated var isAlive: Bool {
    start.duration(to: clock.now) < deadline.withLock { $0 }
  }

  /// Runs until its task is cancelled, which takes effect after the request that is out.
  ///
  /// - Parameter deliver: Takes frames in order, waveforms, and events for the log.
  package func run(deliver: @Sendable (BusPoller.Output) async -> Void) async {
    while !Task.isCancelled {
      switch poller.next(at: now, stamp: stamp(), into: &output) {
      case .read(let request):
        // A late answer is waited for, a connection made, and the answer waited for.
        allow(Self.connectLimit + settleTime + request.responseTimeout * 3)
        let result = await read(request)
        allow(Self.turnLimit)
        poller.finish(result, at: now, stamp: stamp(), into: &output)
        await handOn(to: deliver)
      case .wait(let moment):
        await handOn(to: deliver)
        let pause = min(moment - now, Self.longestSleep)
        if pause > .zero {
          try? await clock.sleep(until: clock.now.advanced(by: pause), tolerance: nil)
        }
      }
      allow(Self.turnLimit)
    }
    await reader.close()
  }

  private var now: Duration { start.duration(to: clock.now) }

  private func allow(_ time: Duration) {
    let end = now + time
    deadline.withLock { $0 = end }
  }

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
