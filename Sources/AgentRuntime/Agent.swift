package import AdvisoryGeneration
import ConditionModel
import DataAcquisition
import EdgeRuntime
import Glibc
import HistoryStore
package import Logging
import MQTTPublishing
import ModbusTransport
import MonitoringPipeline
import ServiceLifecycle
package import SiteConfiguration
import UnixSignals

/// The whole agent: what the service runs.
///
/// Values go from the buses through the monitor into the store, and from the store to the broker.
/// Each part can fail and come back on its own; none waits for the broker.
package struct Agent {
  private let site: Site
  private let version: String
  private let storePath: String
  private let logger: Logger
  private let notifier: SystemdNotifier

  private let store: HistoryStore
  private let monitor: Monitor
  private let recorder: Recorder
  private let publishers: [MQTTPublisher]
  private let buses: [BusLoop<ContinuousClock>]

  /// Opens the store and takes up where the last run ended.
  ///
  /// - Parameters:
  ///   - site: What to watch.
  ///   - storePath: The database file.
  ///   - clock: What the clocks on the site's walls show.
  ///   - version: Of the program, for the status.
  ///   - environment: Where systemd says what it wants to hear.
  ///   - logger: Takes what a person may want to read later.
  /// - Throws: When the store cannot be used or the configuration contradicts itself.
  package init(
    site: Site,
    storePath: String,
    clock: LocalTimeTable,
    version: String,
    environment: [String: String],
    logger: Logger
  ) async throws {
    self.site = site
    self.version = version
    self.storePath = storePath
    self.logger = logger
    // The site file has been read by now.
    StartMemory.giveBack()
    notifier = SystemdNotifier(environment: environment)
    let plant = site.plant
    let wording = Wording(site.language)
    let describe: @Sendable (Advisory) -> AdvisoryText = { advisory in
      let text = wording.text(for: advisory, in: plant, clock: clock)
      return AdvisoryText(language: site.language, title: text.title, text: text.text)
    }

    var options = HistoryStore.Options()
    options.sizeLimitBytes = site.store.sizeLimitBytes
    options.retention = site.store.retention
    options.readers = site.mqtt?.formats ?? []
    store = try await HistoryStore(path: storePath, plant: plant, options: options)
    let pipeline = try await startingPipeline(
      site.pipeline,
      from: store,
      at: .wallClock,
      wording: wording,
      describe: describe,
      logger: logger
    )
    let time = StationTime(after: pipeline.latestMoment)
    monitor = Monitor(
      pipeline: pipeline,
      assetCount: plant.assets.count,
      time: time,
      describe: describe
    )
    publishers = try await Self.publishers(
      for: site,
      store: store,
      storePath: storePath,
      openAlerts: pipeline.openAdvisories.map {
        PipelineOutput(sequence: pipeline.latestSequence, content: .advisory($0))
      },
      credentials: environment["CREDENTIALS_DIRECTORY"],
      describe,
      logger
    )
    recorder = Recorder(
      monitor: monitor,
      store: store,
      logger: logger,
      stored: { [publishers] contents in
        for publisher in publishers { publisher.stored(contents) }
      }
    )
    buses = site.buses.map { bus in
      BusLoop(bus, reader: LibmodbusConnection(bus), stamp: { time.stamp() })
    }
    // The store is open, and the core is where it was.
    StartMemory.giveBack()
  }

  /// Runs until SIGTERM, SIGINT or SIGHUP; then stops in the order of the data: buses, core, store, broker.
  package func run() async throws {
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
    func add(_ service: any Service) { services.append(.init(service: service)) }
    for publisher in publishers { add(PublishingService(publisher: publisher)) }
    add(RecordingService(agent: self, startedAt: Timestamp.wallClock))
    add(TickingService(monitor: monitor))
    add(LifeService(agent: self))
    add(TidyingService())
    for (bus, loop) in zip(site.buses, buses) {
      add(PollingService(name: bus.name, loop: loop, monitor: monitor, logger: logger))
    }
    var quiet = logger
    quiet.logLevel = .warning
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services,
        gracefulShutdownSignals: [.sigterm, .sigint, .sighup],
        logger: quiet
      )
    )
    logger.notice(
      "watching; machines: \(site.plant.assets.count), buses: \(site.buses.count)",
      metadata: ["store": "\(storePath)"]
    )
    try await group.run()
    await store.close()
    let lost = await recorder.waitingValues
    if lost == 0 {
      logger.notice("stopped; everything read is stored")
    } else {
      logger.error("stopped; \(lost) values are lost because the store refused them")
    }
  }

  // MARK: - How the agent is

  /// One sentence for `systemctl status`.
  func summary(of status: AgentStatus) -> String {
    let alerts = status.machines.count { $0.state != ConditionState.normal.word }
    let silent = status.buses.reduce(0) { $0 + $1.devices.count(where: \.isSilent) }
    let broker = status.brokers.first.map { _ in
      status.brokers.allSatisfy(\.isConnected) ? "broker connected" : "broker away"
    }
    return [
      "\(status.machines.count) machines, \(alerts) with an alert", "\(silent) silent devices",
    ]
    .joined(separator: ", ") + (broker.map { ", \($0), \(status.store.pending) waiting" } ?? "")
  }

  /// Rises while the core and the store move.
  var storeRoundCount: Int { get async { await recorder.turnCount } }

  /// Whether every bus and network thread does its rounds.
  var areEdgesAlive: Bool { buses.allSatisfy(\.isAlive) && publishers.allSatisfy(\.isAlive) }

  /// Stores what gathered, with how the agent is when it is told since when it runs.
  func storeRound(statusSince start: Timestamp? = nil, isLast: Bool = false) async {
    var report: StatusReport?
    if let start {
      let status = await status(startedAt: start)
      let json = jsonText(status)
      report = StatusReport(timestamp: Timestamp.wallClock, json: json)
      notifier.status(summary(of: status))
      for publisher in publishers { publisher.report(json) }
    }
    await recorder.storeRound(status: report, isLast: isLast)
  }

  /// Gives a broker that is there a second for what was stored last.
  ///
  /// What it does not take now, it gets after the next start.
  func awaitPublication() async {
    let end = ContinuousClock.now + .seconds(1)
    while publishers.contains(where: \.status.isHeard), ContinuousClock.now < end,
      let state = try? await store.state(), state.pendingCount > 0
    {
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  private func status(startedAt: Timestamp) async -> AgentStatus {
    let usage = ProcessUsage.current()
    let now = Timestamp.wallClock
    let published = publishers.map(\.status)
    let kept = try? await store.state()
    var buses: [AgentStatus.Bus] = []
    for loop in self.buses { buses.append(AgentStatus.Bus(await loop.statistics)) }
    var brokers: [AgentStatus.Broker] = []
    for status in published {
      let waiting = status.isTellingHistory ? await store.pendingCount(of: status.format) : 0
      brokers.append(AgentStatus.Broker(status, historyWaiting: waiting))
    }
    let health = await monitor.health
    let earlier = await monitor.earlierEstimates
    let learning = await monitor.learning
    let prognoses = await monitor.prognoses
    return AgentStatus(
      version: version,
      processId: getpid(),
      startedAt: startedAt.description,
      time: now.description,
      valuesRead: await monitor.valuesRead,
      valuesStored: await recorder.valuesStored,
      valuesPublished: published.map(\.acknowledgedValueCount).min() ?? 0,
      valuesDropped: await recorder.valuesDropped,
      valuesLate: await monitor.lateSampleCount,
      rssMb: megabytes(usage.residentBytes),
      privateMb: megabytes(usage.privateBytes),
      cpuS: usage.processorSeconds,
      cpuPercent: 100 * usage.processorSeconds / max(1, (now - startedAt).inSeconds),
      writtenMb: megabytes(usage.writtenBytes),
      machines: site.plant.assets.map { asset in
        AgentStatus.Machine(
          name: asset.name,
          health: health[Int(asset.id.index)],
          earlier: earlier[Int(asset.id.index)],
          learning: learning[Int(asset.id.index)],
          prognosis: prognoses[Int(asset.id.index)]
        )
      },
      buses: buses,
      brokers: brokers,
      store: AgentStatus.Store(
        path: storePath,
        sizeMb: megabytes(kept?.fileBytes ?? 0),
        pending: kept?.pendingCount ?? 0,
        dropped: kept?.droppedCount ?? 0,
        journalMb: megabytes(kept?.journalBytes ?? 0),
        limitMb: megabytes(kept?.limitBytes ?? 0),
        wear: CardWear(
          writtenBytes: usage.writtenBytes,
          syncCount: kept?.syncCount ?? 0,
          seconds: (now - startedAt).inSeconds,
          storePath: storePath
        ).map(AgentStatus.Wear.init),
        setAside: kept?.setAside,
        error: (await recorder.storeError ?? kept?.trouble)?.description
      )
    )
  }

  func notifyReady() { notifier.ready() }
  func notifyStopping() { notifier.stopping() }
  func notifyAlive() { notifier.watchdog() }
  var watchdogPeriod: Duration? { notifier.watchdogPeriod }
}

private func megabytes(_ bytes: Int64) -> Double {
  (Double(bytes) / 100_000).rounded() / 10
}
