package import ConditionModel
package import DataAcquisition
package import MonitoringPipeline

/// A site file with its profiles, read, checked and resolved: what every command starts from.
package struct Site: Hashable, Sendable {
  package var plant: Plant
  package var language: Language
  /// IANA name, such as `Europe/Paris`; `nil` for the gateway's own.
  package var timeZone: String?
  package var buses: [BusDefinition]
  package var pipeline: PipelineConfiguration
  package var mqtt: MQTTSettings?
  package var store: StoreSettings
  /// Machines that are replayed, not read.
  package var recordings: [MachineRecording]
  /// Warnings, and notes on what was assumed, by file and place; never an error.
  package var remarks: [Problem]

  package init(
    plant: Plant,
    language: Language,
    timeZone: String?,
    buses: [BusDefinition],
    pipeline: PipelineConfiguration,
    mqtt: MQTTSettings?,
    store: StoreSettings,
    recordings: [MachineRecording] = [],
    remarks: [Problem] = []
  ) {
    self.plant = plant
    self.language = language
    self.timeZone = timeZone
    self.buses = buses
    self.pipeline = pipeline
    self.mqtt = mqtt
    self.store = store
    self.recordings = recordings
    self.remarks = remarks
  }
}

/// Where to publish, and what.
package struct MQTTSettings: Hashable, Sendable {
  /// One is used at a time; the others when it is away, or when the primary host is not there.
  package var brokers: [Broker]
  /// Version 3.1.1, or 5.
  package var usesMQTT5: Bool
  /// The name of the user; the password comes from a file, never from the site file.
  package var user: String?
  package var passwordFile: String?
  /// Files in PEM form.
  package var authorityFile: String?
  package var certificateFile: String?
  package var keyFile: String?
  /// Whether plain JSON is published.
  package var publishesJSON: Bool
  /// `nil`: not as a Sparkplug node.
  package var sparkplug: SparkplugNames?
  /// What may be asked through the broker: `acknowledge`, `shelve`, `rebirth`.
  package var commands: [String]

  package init(
    brokers: [Broker],
    usesMQTT5: Bool = false,
    user: String? = nil,
    passwordFile: String? = nil,
    authorityFile: String? = nil,
    certificateFile: String? = nil,
    keyFile: String? = nil,
    publishesJSON: Bool = true,
    sparkplug: SparkplugNames? = nil,
    commands: [String] = []
  ) {
    self.brokers = brokers
    self.usesMQTT5 = usesMQTT5
    self.user = user
    self.passwordFile = passwordFile
    self.authorityFile = authorityFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.publishesJSON = publishesJSON
    self.sparkplug = sparkplug
    self.commands = commands
  }

  /// What is published: `json`, `sparkplug`.
  package var formats: [String] {
    (publishesJSON ? ["json"] : []) + (sparkplug == nil ? [] : ["sparkplug"])
  }

  package struct Broker: Hashable, Sendable {
    package var host: String
    package var port: UInt16
    package var usesTLS: Bool

    package init(host: String, port: UInt16, usesTLS: Bool) {
      self.host = host
      self.port = port
      self.usesTLS = usesTLS
    }
  }

  /// How the agent appears to Sparkplug hosts.
  package struct SparkplugNames: Hashable, Sendable {
    package var group: String
    package var node: String
    package var primaryHost: String?
    /// The change that is told, as a share of the range.
    package var deadband: Double
    package var maximumSilence: Duration
    /// What each channel can measure, by number.
    package var ranges: [ClosedRange<Double>?]

    package init(
      group: String,
      node: String,
      primaryHost: String? = nil,
      deadband: Double = 0,
      maximumSilence: Duration = .seconds(600),
      ranges: [ClosedRange<Double>?]
    ) {
      self.group = group
      self.node = node
      self.primaryHost = primaryHost
      self.deadband = deadband
      self.maximumSilence = maximumSilence
      self.ranges = ranges
    }
  }
}

/// What is kept and for how long.
package struct StoreSettings: Hashable, Sendable {
  /// The database file; `nil` for the default place of the service.
  package var path: String?
  /// The size that the file must not grow beyond, in bytes.
  package var sizeLimitBytes: Int64
  /// How long raw samples are kept.
  package var retention: Duration

  package init(path: String?, sizeLimitBytes: Int64, retention: Duration) {
    self.path = path
    self.sizeLimitBytes = sizeLimitBytes
    self.retention = retention
  }
}
