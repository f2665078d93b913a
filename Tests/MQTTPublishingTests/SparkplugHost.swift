import ConditionModel
import EdgeRuntime
import Glibc
import Testing

/// An independent Sparkplug host (pysparkplug) at a broker.
actor SparkplugHost {
  struct Heard: Sendable {
    var kind: String
    var device: String?
    var sequence: Int?
    var quality: Int
    var isRetained: Bool
    var metrics: [Metric]

    struct Metric: Sendable {
      var name: String
      var value: JSONValue
      var isHistorical: Bool
      var timestamp: Int64
      var properties: JSONValue
    }

    func value(_ name: String) -> JSONValue? { metrics.first { $0.name == name }?.value }
  }

  private let process: ChildProcess
  private let executor = ThreadExecutor(name: "host")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Subscribes to everything.
  init(port: UInt16, name: String = "scada") async throws {
    process = try ChildProcess([
      sparkplugPython, fixture("sparkplug_host.py"), "\(port)", name,
    ])
    let line = try #require(process.line(), "the host does not start; see deploy/test")
    #expect(line.contains("ready"))
  }

  /// Has the host do something: `online 5`, `rebirth GROUP NODE`, `raw TOPIC HEX`.
  func ask(_ command: String) {
    process.write(Array("\(command)\n".utf8))
  }

  /// What came, up to and with the first that `isLast`.
  func heard(until isLast: @Sendable (Heard) -> Bool) throws -> [Heard] {
    var all: [Heard] = []
    while true {
      let line = try #require(process.line(), "nothing comes any more after \(all.map(\.kind))")
      guard let heard = try Self.heard(in: line) else { continue }
      all.append(heard)
      if isLast(heard) { return all }
    }
  }

  private static func heard(in line: String) throws -> Heard? {
    let read = try JSONValue(parsing: line)
    guard read["event"]?.string == "message", case .array(let metrics) = read["metrics"] else {
      return nil
    }
    return Heard(
      kind: read["kind"]?.string ?? "",
      device: read["device"]?.string,
      sequence: read["seq"]?.number.map { Int($0) },
      quality: Int(read["qos"]?.number ?? -1),
      isRetained: read["retained"] == .boolean(true),
      metrics: metrics.map { metric in
        Heard.Metric(
          name: metric["name"]?.string ?? "",
          value: metric["value"] ?? .null,
          isHistorical: metric["historical"] == .boolean(true),
          timestamp: Int64(metric["timestamp"]?.number ?? 0),
          properties: metric["properties"] ?? .null
        )
      }
    )
  }
}

/// The Python with the Sparkplug host, beside the other one: the two need different paho versions.
private var sparkplugPython: String {
  python.split(separator: "/python/").joined(separator: "/sparkpython/")
}
