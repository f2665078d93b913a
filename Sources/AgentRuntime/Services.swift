import ConditionModel
import DataAcquisition
import Logging
import MQTTPublishing
import ModbusTransport
import ServiceLifecycle

/// Polls one bus and hands what it reads to the monitor.
struct PollingService: Service {
  let name: String
  let loop: BusLoop<ContinuousClock>
  let monitor: Monitor
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await loop.run { output in
        for event in output.events {
          logger.log(
            level: event.isProblem ? .warning : .notice,
            "\(event)",
            metadata: ["bus": "\(name)"]
          )
        }
        if !output.frames.isEmpty { await monitor.consume(output.frames) }
        if !output.waveforms.isEmpty { await monitor.consume(output.waveforms) }
      }
    }
  }
}

/// Lets time pass in the core, once a second.
struct TickingService: Service {
  let monitor: Monitor

  func run() async throws {
    await repeatUntilShutdown(every: .seconds(1)) { await monitor.tick() }
  }
}

/// Stores what gathered, once a second, and all that is left when the agent stops.
struct RecordingService: Service {
  let agent: Agent
  let startedAt: Timestamp

  /// How the agent is costs more to say and to store than a second's values of some machines.
  private static let roundsPerStatus = 5

  func run() async throws {
    var round = 0
    await repeatUntilShutdown(every: .seconds(1)) {
      if round % Self.roundsPerStatus == 0 {
        await agent.storeRound(statusSince: startedAt)
      } else {
        await agent.storeRound()
      }
      round += 1
    }
    await agent.storeRound(isLast: true)
    // What was stored last should still go out; what does not waits for the next start.
    await agent.awaitPublication()
    await agent.storeRound(statusSince: startedAt, isLast: true)
  }
}

/// Publishes from the store.
struct PublishingService: Service {
  let publisher: MQTTPublisher

  func run() async throws {
    await cancelWhenGracefulShutdown { await publisher.run() }
  }
}

/// Gives back the memory that only the start needed, while every part does its first rounds.
struct TidyingService: Service {
  func run() async throws {
    await repeatUntilShutdown(every: .milliseconds(500), times: 12) { StartMemory.giveBack() }
    // A service that returned would end the others.
    try await gracefulShutdown()
  }
}

/// Tells systemd that the agent runs, and that it lives as long as every part of it moves.
struct LifeService: Service {
  let agent: Agent

  func run() async throws {
    agent.notifyReady()
    var last = await agent.storeRoundCount
    await repeatUntilShutdown(every: (agent.watchdogPeriod ?? .seconds(60)) / 3) {
      let now = await agent.storeRoundCount
      // Slow parts get the whole period: only then is the silence told by not pinging.
      guard now != last, agent.areEdgesAlive else { return }
      last = now
      agent.notifyAlive()
    }
    agent.notifyStopping()
  }
}

/// Does `work` at a steady rate; a turn that took too long is not made up for.
private func repeatUntilShutdown(
  every period: Duration,
  times: Int = .max,
  _ work: () async -> Void
) async {
  let clock = ContinuousClock()
  var due = clock.now
  for _ in 0..<times {
    due = max(due + period, clock.now)
    let moment = due
    let isRunning = await cancelWhenGracefulShutdown {
      (try? await clock.sleep(until: moment)) != nil
    }
    guard isRunning, !Task.isCancelled else { return }
    await work()
  }
}
