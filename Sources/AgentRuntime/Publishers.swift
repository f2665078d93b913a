import ConditionModel
import DataAcquisition
import EdgeRuntime
import Glibc
import HistoryStore
import Logging
import MQTTPublishing
import SiteConfiguration

extension Agent {
  /// One publisher for each format: each needs a last will, and so a connection, of its own.
  static func publishers(
    for site: Site,
    store: HistoryStore,
    storePath: String,
    openAlerts: [PipelineOutput],
    credentials: String?,
    _ wording: @escaping @Sendable (Advisory) -> AdvisoryText,
    _ logger: Logger
  ) async throws -> [MQTTPublisher] {
    guard let settings = site.mqtt else { return [] }
    let credentials = Credentials(folder: credentials)
    if !credentials.found.isEmpty {
      logger.notice("credentials of the service: \(credentials.found.joined(separator: ", "))")
    }
    let start = ContinuousClock.now
    let gate = CommandGate(
      allowed: Set(settings.commands.compactMap { RemoteCommand.Kind(rawValue: $0) }),
      runningTime: { ContinuousClock.now - start }
    )
    var surroundings = MQTTPublisher.Surroundings()
    surroundings.obey = { command in
      do throws(StoreError) {
        let desk = try RequestDesk(path: storePath)
        let user = command.user.isEmpty ? "mqtt" : "mqtt: \(command.user)"
        _ = try desk.ask(command.request, at: Timestamp.wallClock, by: user)
      } catch {
        logger.error("a command from the broker was not taken up: \(error)")
      }
    }
    var publishers: [MQTTPublisher] = []
    if settings.publishesJSON {
      publishers.append(
        MQTTPublisher(
          format: "json",
          brokers: settings.brokers(of: site.plant, credentials, suffix: ""),
          publication: JSONSession(
            plant: site.plant,
            gate: gate,
            openAlerts: openAlerts,
            wording: wording
          ),
          outbox: store.outbox(of: "json"),
          surroundings: surroundings
        )
      )
    }
    if let names = settings.sparkplug {
      let number = "sparkplug births"
      surroundings.remember = { latest in
        try await store.setNumber(Int64(latest), named: number)
      }
      let last = try await store.number(named: number).map { UInt8(truncatingIfNeeded: $0) }
      publishers.append(
        MQTTPublisher(
          format: "sparkplug",
          brokers: settings.brokers(of: site.plant, credentials, suffix: "-sparkplug"),
          publication: SparkplugSession(
            settings: SparkplugSettings(names, of: site, brokerCount: settings.brokers.count),
            plant: site.plant,
            gate: gate,
            openAlerts: openAlerts,
            lastBirthNumber: last ?? 255,
            wording: wording
          ),
          outbox: store.outbox(of: "sparkplug"),
          surroundings: surroundings
        )
      )
    }
    return publishers
  }
}

/// What systemd hands to the service: files of fixed names in a folder that nobody else can read.
///
/// They stand in where the site file names none: `LoadCredential=mqtt_password:…` in the unit.
private struct Credentials {
  let found: [String]
  private let folder: String?

  init(folder: String?) {
    self.folder = folder
    found = ["mqtt_user", "mqtt_password", "mqtt_ca", "mqtt_certificate", "mqtt_key"].filter {
      folder != nil && access("\(folder ?? "")/\($0)", R_OK) == 0
    }
  }

  func path(_ name: String) -> String? {
    found.contains(name) ? folder.map { "\($0)/\(name)" } : nil
  }
}

extension MQTTSettings {
  fileprivate func brokers(
    of plant: Plant,
    _ credentials: Credentials,
    suffix: String
  ) -> [BrokerSettings] {
    let encryption = BrokerSettings.Encryption(
      authorityFile: authorityFile ?? credentials.path("mqtt_ca"),
      certificateFile: certificateFile ?? credentials.path("mqtt_certificate"),
      keyFile: keyFile ?? credentials.path("mqtt_key")
    )
    return brokers.map { broker in
      BrokerSettings(
        host: broker.host,
        port: broker.port,
        clientID: "vigie-\(plant.site)-\(plant.gateway)\(suffix)",
        user: user,
        userFile: user == nil ? credentials.path("mqtt_user") : nil,
        passwordFile: passwordFile ?? credentials.path("mqtt_password"),
        encryption: broker.usesTLS ? encryption : nil,
        usesMQTT5: usesMQTT5
      )
    }
  }
}

extension SparkplugSettings {
  fileprivate init(_ names: MQTTSettings.SparkplugNames, of site: Site, brokerCount: Int) {
    let devices = site.buses.flatMap(\.devices)
    self.init(
      group: names.group,
      node: names.node,
      primaryHost: names.primaryHost,
      deadband: names.deadband,
      maximumSilence: names.maximumSilence,
      ranges: names.ranges,
      periods: Dictionary(devices.map { ($0.index, $0.period) }) { first, _ in first },
      brokerCount: brokerCount
    )
  }
}

extension RemoteCommand {
  /// The same as people ask at the gateway.
  fileprivate var request: PersonalRequest.Content {
    switch content {
    case .acknowledge(let alert): .acknowledge(alert: alert)
    case .shelve(let alert, let duration, let reason):
      .shelve(alert: alert, for: duration, reason: reason)
    }
  }
}

extension AgentStatus.Broker {
  init(_ status: PublisherStatus, historyWaiting: Int) {
    self.init(
      format: status.format,
      address: status.broker,
      isConnected: status.isConnected,
      isHeard: status.isHeard,
      historyWaiting: historyWaiting,
      commands: status.commands == CommandCounts() ? nil : status.commands,
      published: status.publishedCount,
      acknowledged: status.acknowledgedCount,
      rejected: status.rejectedCount == 0 ? nil : status.rejectedCount,
      refusal: status.refusal,
      lastError: status.lastError
    )
  }
}
