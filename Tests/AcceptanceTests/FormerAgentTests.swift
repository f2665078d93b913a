import AgentRuntime
import ConditionModel
import Foundation
import HistoryStore
import ProcessSupport
import Testing

@testable import vigie

/// What the commands say of an agent that is gone, and that had read another site file.
struct FormerAgentTests {
  private let folder = TemporaryFolder()

  private static func site(of machines: [String]) -> String {
    "site: works\ngateway: gw\nmachines:\n"
      + machines.map { name in
        """
          \(name): { kind: fan, recording: \(name).csv, points: { speed: { unit: rpm } } }

        """
      }.joined()
  }

  /// A report of the present, however long a test takes: it comes from ahead.
  private static let present = -3_600

  /// A store with an alert on the second of two machines, whose agent reported so long ago.
  private func store(_ age: Duration, refusal: String = "null") async throws -> String {
    let path = folder.file("history.sqlite")
    var plant = Plant(site: "works", gateway: "gw", assets: [], channels: [])
    for (place, name) in ["fan-a", "fan-b"].enumerated() {
      let asset = AssetID(index: UInt16(place))
      plant.assets.append(Asset(id: asset, name: name, kind: .fan))
      plant.channels.append(
        Channel(
          id: ChannelID(index: UInt16(place)),
          asset: asset,
          location: "",
          point: "speed",
          unit: "{rpm}",
          quantity: .rotationSpeed,
          device: 0
        )
      )
    }
    let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    let alert = Advisory(
      id: 1,
      asset: plant.assets[1].id,
      findingClass: .machine,
      location: "",
      phase: .raised,
      priority: .medium,
      since: now - age,
      timestamp: now - age,
      isAcknowledged: false,
      findings: [
        Finding(
          channel: plant.channels[1].id,
          kind: .limit(.above, threshold: 4),
          state: .alert,
          since: now - age,
          observed: 5,
          extreme: 5
        )
      ],
      suspects: [],
      unmoved: []
    )
    let output = PipelineOutput(sequence: 1, content: .advisory(alert))
    let store = try await HistoryStore(path: path, plant: plant)
    try await store.commit(
      Batch(
        outputs: [
          WordedOutput(output, text: AdvisoryText(language: .english, title: "T", text: "Since."))
        ],
        status: StatusReport(timestamp: now - age, json: Self.status(refusal: refusal))
      )
    )
    await store.close()
    return path
  }

  private static func status(refusal: String) -> String {
    let machines = ["fan-a", "fan-b"].map { name in
      #"{"name":"\#(name)","state":"normal","grade":1,"coverage":1}"#
    }
    return """
      {"version":"1","process_id":1,"started_at":"","time":"","values_read":1,"values_stored":1,
       "values_published":1,"values_dropped":0,"values_late":0,"rss_mb":1,"private_mb":1,"cpu_s":1,
       "cpu_percent":1,"written_mb":1,"machines":[\(machines.joined(separator: ","))],"buses":[],
       "brokers":[{"format":"json","address":"b:1883","is_connected":true,"is_heard":true,
         "history_waiting":0,"published":9,"acknowledged":1,"refusal":\(refusal)}],
       "store":{"path":"","size_mb":1,"pending":7,"dropped":0,"journal_mb":1,"limit_mb":9}}
      """
  }

  private func run(_ words: [String], machines: [String]) throws -> (exitCode: Int32, text: String)
  {
    let file = try folder.write(Self.site(of: machines), to: "site.yaml")
    return try RunningProgram.run(
      vigieProgram(),
      words + ["--config", file, "--store", folder.file("history.sqlite")]
    )
  }

  @Test func `alerts keep their machine when the site file is edited`() async throws {
    _ = try await store(.seconds(Self.present))
    for machines in [["fan-b", "fan-a"], ["fan-c", "fan-a", "fan-b"], ["fan-c"]] {
      let list = try run(["alerts", "list", "--json"], machines: machines)
      #expect(list.text.contains(#""machine":"fan-b""#), "\(list.text)")
      #expect(try run(["alerts", "show", "1"], machines: machines).text.contains("Since."))
      let board = try run(["watch", "--once"], machines: machines).text.split(separator: "\n")
      #expect(board.contains { $0.contains("fan-a  normal") })
      #expect(board.contains { $0.contains("fan-b  alert") })
      #expect(!board.contains { $0.contains("fan-c") })
    }
  }

  @Test(arguments: [present, 100])
  func `an agent that is gone is shown as such`(age: Int) async throws {
    _ = try await store(.seconds(age))
    let machines = ["fan-a", "fan-b"]
    let board = try run(["watch", "--once"], machines: machines).text
    let isGone = age > 30
    #expect(board.contains("s old: the agent is not running") == isGone)
    #expect(board.contains("fan-a  no data") == isGone)
    #expect(board.contains("fan-b  alert"))
    #expect(board.contains("b:1883 connected") == !isGone)
    for words in [["status"], ["status", "--json"]] {
      #expect(try run(words, machines: machines).exitCode == (isGone ? 1 : 0))
    }
    let (_, json) = try run(["status", "--json"], machines: machines)
    #expect(AgentStatus(json: json) != nil)
  }

  @Test func `a broker that refuses messages is no broker that is well`() async throws {
    _ = try await store(.seconds(Self.present), refusal: #""Not authorized""#)
    let status = try run(["status"], machines: ["fan-a", "fan-b"])
    #expect(status.exitCode == 1)
    #expect(status.text.contains("BAD  broker: json: b:1883 connected, but refuses messages: Not"))
  }

  @Test func `output that cannot be written is an error, a reader that has enough is none`()
    async throws
  {
    let store = try await store(.seconds(Self.present))
    let file = try folder.write(Self.site(of: ["fan-a", "fan-b"]), to: "site.yaml")
    let command = try "\(vigieProgram()) alerts list --config \(file) --store \(store)"
    let full = try RunningProgram.run("sh", ["-c", "\(command) > /dev/full"])
    #expect(full.exitCode == 4)
    #expect(full.text.contains("the output cannot be written: No space left on device"))
    let left = try RunningProgram.run("bash", ["-c", "\(command) | true; exit ${PIPESTATUS[0]}"])
    #expect(left.exitCode == 0 && left.text.isEmpty)
  }

  @Test(arguments: ["America/Argentina", "Europe/Pariss"])
  func `a time zone that the gateway does not know is told by the check`(zone: String) throws {
    let file = try folder.write("time zone: \(zone)\n" + Self.site(of: ["fan"]), to: "site.yaml")
    let (code, text) = try RunningProgram.run(vigieProgram(), ["check", "--config", file])
    #expect(code == 4)
    #expect(text.contains("this gateway does not know the time zone '\(zone)'"))
  }
}
