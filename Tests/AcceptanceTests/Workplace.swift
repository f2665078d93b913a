import ConditionModel
import Foundation
import HistoryStore
import ProcessSupport
import Testing

/// Tests with real processes; one after the other, for they share a machine.
@Suite(.serialized, .timeLimit(.minutes(1)))
enum ProcessTests {}

/// A site for one test: its folder, ports, site file and store, and the programs on it.
final class Workplace: Sendable {
  let folder = TemporaryFolder()
  let busPort = freePort()
  /// Where the agent finds the broker.
  let brokerPort = freePort()
  let site: String

  /// Writes the site file.
  ///
  /// - Parameters:
  ///   - language: Of the alerts.
  ///   - bus: How the bus is reached; the port of `busPort` on loopback when left out.
  ///   - machines: The machines in YAML; one pump with a vibration sensor when left out.
  ///   - alerts: The settings of alerts.
  ///   - publishes: Whether there is a broker.
  ///   - formats: What is published.
  ///   - mqtt: The settings of publication; to `brokerPort` in the clear when left out.
  /// - Throws: When the file cannot be written.
  init(
    language: String = "en",
    bus: String? = nil,
    machines: String = Workplace.pump,
    alerts: String = "{ on delay: 1 s, silent after: 3 s }",
    publishes: Bool = true,
    formats: String = "json",
    mqtt: String? = nil
  ) throws {
    let broker = "broker: 'mqtt://127.0.0.1:\(brokerPort)'"
    let plain = publishes ? "mqtt: { \(broker), formats: [\(formats)] }\n" : ""
    site = try folder.write(
      """
      site: works
      gateway: gw
      language: \(language)
      time zone: UTC
      buses:
        line: \(bus ?? "{ host: 127.0.0.1, port: \(busPort) }")
      machines:
      \(machines)
      alerts: \(alerts)
      \(mqtt ?? plain)
      """,
      to: "site.yaml"
    )
  }

  static let pump = """
      pump-1:
        kind: centrifugal pump
        power: 22 kW
        mounting: rigid
        speed: 1480 rpm
        points:
          drive end:
            device: banner/qm30vt2
            bus: line
            unit: 1
            every: 200 ms
            only: [velocity rms z, temperature, high-frequency acceleration rms z]
    """

  var store: String { folder.file("history.sqlite") }

  /// Starts the simulated machines of the site, and waits until they answer.
  func simulate(_ scenarios: String..., speed: Int = 1) async throws -> RunningProgram {
    let options = scenarios.flatMap { ["--scenario", $0] } + ["--speed", "\(speed)"]
    let plant = try RunningProgram(vigieProgram(), ["simulate", "--config", site] + options)
    try await plant.prints("answers at")
    return plant
  }

  /// Starts the agent, and waits until it watches.
  func run(
    store: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> RunningProgram {
    let agent = try RunningProgram(
      vigieProgram(),
      ["run", "--config", site, "--store", store ?? self.store],
      environment: environment
    )
    try await agent.prints("watching; machines: 1")
    return agent
  }

  /// Runs a command that ends by itself.
  func vigie(_ arguments: String...) throws -> (exitCode: Int32, text: String) {
    try RunningProgram.run(vigieProgram(), arguments)
  }

  /// Fills the store, as an agent does that sees no broker: a frame of the first machine each half minute,
  /// up to now, with another first value each time.
  ///
  /// - Parameters:
  ///   - count: Of frames.
  ///   - formats: Who is to publish them later.
  /// - Throws: When the program does not start, or the store cannot be written.
  func storeUntold(_ count: Int, for formats: [String]) async throws {
    // What the site file makes of the machines, the program knows.
    let agent = try await run(store: folder.file("other.sqlite"))
    agent.stop()
    let reader = try HistoryReader(path: folder.file("other.sqlite"))
    let plant = try #require(try await reader.plant())
    await reader.close()
    var options = HistoryStore.Options()
    options.readers = formats
    let history = try await HistoryStore(path: store, plant: plant, options: options)
    let channels = plant.channels.filter { $0.asset == plant.assets[0].id }.map(\.id)
    let now = Int64(Date().timeIntervalSince1970)
    let frames = (0..<count).map { number in
      Frame(
        asset: plant.assets[0].id,
        timestamp: Timestamp(seconds: now - 30 * Int64(count - number)),
        channels: channels,
        values: channels.map { $0 == channels[0] ? Double(number) : 1 },
        qualities: channels.map { _ in .good }
      )
    }
    for start in stride(from: 0, to: count, by: 100) {
      try await history.commit(Batch(frames: Array(frames[start..<min(start + 100, count)])))
    }
    await history.close()
  }

  /// The frames in the store, as `Telemetry.key` names them.
  func storedFrames(in path: String? = nil) async throws -> [String] {
    let reader = try HistoryReader(path: path ?? store)
    let plant = try #require(try await reader.plant())
    let frames = try await reader.frames(after: Timestamp(nanoseconds: 0), limit: 1_000_000)
    await reader.close()
    return frames.map { frame in
      let values = zip(frame.channels, zip(frame.values, frame.qualities)).map { channel, reading in
        let (value, quality) = reading
        return "\(plant[channel].name)=\(quality.isUsable ? "\(value)" : "-")"
      }
      return "\(frame.timestamp) \(plant[frame.asset].name) \(values.sorted())"
    }.sorted()
  }

  /// The times of the frames in the store, in seconds since 1970.
  func storedTimes(in path: String? = nil) async throws -> [Double] {
    let reader = try HistoryReader(path: path ?? store)
    let frames = try await reader.frames(after: Timestamp(nanoseconds: 0), limit: 1_000_000)
    await reader.close()
    return frames.map { Double($0.timestamp.nanoseconds) / 1e9 }
  }

  /// What the agent said about itself last.
  func status(in path: String? = nil) throws -> Status {
    let (_, text) = try vigie("status", "--config", site, "--store", path ?? store, "--json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Status.self, from: Data(text.utf8))
  }

  struct Status: Decodable {
    var valuesRead: Int
    var valuesStored: Int
    var valuesDropped: Int
    var store: Store
    var brokers: [Broker]

    struct Broker: Decodable {
      var isConnected: Bool
      var lastError: String?
      var historyWaiting: Int
      var commands: Commands?
    }

    struct Commands: Decodable {
      var accepted: Int
      var malformed: Int
      var replayed: Int
    }

    struct Store: Decodable {
      var pending: Int
      var error: String?
    }
  }
}

/// A file of the folder `Fixtures`.
func fixture(_ name: String) throws -> String {
  try #require(Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil))
}
