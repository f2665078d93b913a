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

/// Where to publish.
package struct MQTTSettings: Hashable, Sendable {
  package var host: String
  package var port: UInt16
  package var usesTLS: Bool
  /// The name of the user; the password comes from a file, never from the site file.
  package var user: String?
  package var passwordFile: String?
  /// Files in PEM form.
  package var authorityFile: String?
  package var certificateFile: String?
  package var keyFile: String?

  package init(
    host: String,
    port: UInt16,
    usesTLS: Bool,
    user: String? = nil,
    passwordFile: String? = nil,
    authorityFile: String? = nil,
    certificateFile: String? = nil,
    keyFile: String? = nil
  ) {
    self.host = host
    self.port = port
    self.usesTLS = usesTLS
    self.user = user
    self.passwordFile = passwordFile
    self.authorityFile = authorityFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
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
