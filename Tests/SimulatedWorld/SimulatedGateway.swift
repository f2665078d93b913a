import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import DataAcquisition
import HistoryStore
import Logging
import MQTTPublishing
import MonitoringPipeline
import SiteConfiguration
import Synchronization

/// A run of the agent, from its start to its end, wired as `Agent` does it.
final class SimulatedGateway {
  /// What the store has taken, batch by batch, and whether it was on the medium by then.
  final class Inbox: Sendable {
    private let batches = Mutex<[(contents: [OutboxEntry.Content], isDurable: Bool)]>([])
    private let texts = Mutex<[(alert: Advisory, text: String)]>([])

    func add(_ contents: [OutboxEntry.Content], isDurable: Bool) {
      batches.withLock { $0.append((contents, isDurable)) }
    }

    func take() -> [(contents: [OutboxEntry.Content], isDurable: Bool)] {
      batches.withLock { batches in
        defer { batches = [] }
        return batches
      }
    }

    func add(_ text: String, of alert: Advisory) {
      texts.withLock { $0.append((alert, text)) }
    }

    /// What was put into words since the last call.
    func takeTexts() -> [(alert: Advisory, text: String)] {
      texts.withLock { texts in
        defer { texts = [] }
        return texts
      }
    }
  }

  /// Small, so that a disk that fails for some hours fills it.
  static let mostHeldValues = 1_000

  let store: HistoryStore
  let time: StationTime
  let monitor: Monitor
  let recorder: Recorder
  let inbox = Inbox()
  var buses: [SimulatedBus]
  var publishers: [SimulatedPublisher]
  /// What the core remembered at the start.
  let startSequence: UInt64
  let startAlerts: [Advisory]
  let startState: [UInt8]

  init(
    site: Site,
    units: Int,
    path: String,
    options: HistoryStore.Options,
    disk: FaultyDisk,
    clock: SimulatedClock,
    wallClock: LocalTimeTable,
    thread: SimulationThread,
    logger: Logger
  ) async throws {
    let plant = site.plant
    let store = try await HistoryStore(
      path: path,
      plant: plant,
      options: options,
      disk: disk,
      now: clock.wall,
      elapsed: { clock.sinceBoot },
      executor: thread
    )
    do {
      let wording = Wording(site.language)
      let describe: @Sendable (Advisory) -> AdvisoryText = { [inbox] advisory in
        let text = wording.text(for: advisory, in: plant, clock: wallClock)
        inbox.add(text.text, of: advisory)
        return AdvisoryText(language: site.language, title: text.title, text: text.text)
      }
      let pipeline = try await startingPipeline(
        site.pipeline,
        from: store,
        at: clock.wall,
        wording: wording,
        describe: describe,
        logger: logger
      )
      let time = StationTime(after: pipeline.latestMoment) { clock.read() }
      startSequence = pipeline.latestSequence
      startAlerts = pipeline.openAdvisories
      startState = pipeline.snapshot.encoded()
      monitor = Monitor(
        pipeline: pipeline,
        assetCount: plant.assets.count,
        time: time,
        describe: describe
      )
      recorder = Recorder(
        monitor: monitor,
        store: store,
        logger: logger,
        mostHeldValues: Self.mostHeldValues,
        elapsed: { clock.sinceBoot },
        stored: { [inbox] contents in
          inbox.add(contents, isDurable: disk.isClean || disk.faults.liesAboutSync)
        }
      )
      let open = startAlerts.map {
        PipelineOutput(sequence: pipeline.latestSequence, content: .advisory($0))
      }
      let name = "sparkplug births"
      let births = try await store.number(named: name).map { UInt8(truncatingIfNeeded: $0) }
      let sparkplug = SparkplugSession(
        settings: SparkplugSettings(
          group: "works",
          node: "gw",
          primaryHost: nil,
          deadband: 0.01,
          maximumSilence: .seconds(3_600),
          ranges: plant.channels.map { _ in nil },
          brokerCount: 1
        ),
        plant: plant,
        openAlerts: open,
        lastBirthNumber: births ?? 255,
        wording: describe
      )
      let json = JSONSession(
        plant: plant,
        gate: CommandGate(allowed: [.acknowledge, .shelve]),
        openAlerts: open,
        wording: describe
      )
      publishers = [
        SimulatedPublisher(json, reader: "json", outbox: store.outbox(of: "json")) { _ in },
        SimulatedPublisher(sparkplug, reader: "sparkplug", outbox: store.outbox(of: "sparkplug")) {
          latest in
          try? await store.setNumber(Int64(latest), named: name)
        },
      ]
      self.time = time
      self.store = store
      buses = site.buses.map { bus in
        let numbers = bus.devices.map { ($0.unit, Int($0.unit) - 1) }
        return SimulatedBus(
          bus,
          places: Dictionary(numbers) { first, _ in first },
          at: clock.elapsed
        )
      }
    } catch {
      await store.abandon()
      throw error
    }
  }

  /// When a bus wants to be heard again.
  var due: Duration { buses.map(\.due).min() ?? .zero }

  /// What the core remembers now.
  func state() async -> [UInt8]? {
    await monitor.takeBatch(withSnapshot: true).snapshot?.state
  }

  static let wallClock = LocalTimeTable.of(zone: "Europe/Paris") ?? .utc
}
