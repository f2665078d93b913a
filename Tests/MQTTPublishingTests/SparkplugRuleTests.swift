import ConditionModel
import Testing

@testable import MQTTPublishing

/// The rules of Sparkplug B 3.0 that bind a node with devices, each with what it shows on the wire.
///
/// The names are those of the specification's assertions, without `tck-id-`.
struct SparkplugRuleTests {
  struct Rule: Sendable, CustomTestStringConvertible {
    var names: String
    var events: [SparkplugBench.Event]
    /// What is said to each event.
    var said: [[String]]
    var primaryHost: String?
    var brokerCount = 1
    var lastBirthNumber: UInt8 = 255

    var testDescription: String { names }
  }

  private static let place = "drive end"
  private static let birth =
    "\(place)/velocity rms=-!500 \(place)/temperature=-!500 " + unknownTags
  private static let unknownTags =
    "Health/Grade=- Health/State=- Health/Running=- Health/Coverage=- "
    + "Alerts/Open=0 Alerts/Severity=0 Alerts/Unacknowledged=0 Alerts/Title='' "
    + "Remaining Life/Outlook=- Remaining Life/P10=- Remaining Life/P50=- Remaining Life/P90=- "
    + "Remaining Life/Basis=-"
  private static func births(_ number: Int, _ device: String = birth) -> [String] {
    [
      "NBIRTH 0 bdSeq=\(number) Node Control/Rebirth=false",
      "DBIRTH:pompe-3 1 \(device)",
    ]
  }
  private static let rival =
    "yield: another Sparkplug node is called 'atelier-nord/gw-01' here; give each gateway a node "
    + "name of its own. The next attempt comes in minutes"
  private static func told(_ first: Double, _ second: Double) -> String {
    "\(place)/velocity rms=\(first) \(place)/temperature=\(second) \(unknownTags)"
  }

  static let rules: [Rule] = [
    Rule(
      names: "message-flow-edge-node-birth-publish-will-message-payload-bdSeq, "
        + "topics-ndeath-payload, topics-ndeath-seq, topics-nbirth-bdseq-matching, "
        + "topics-nbirth-seq-num, topics-nbirth-rebirth-metric, topics-dbirth-seq, "
        + "payloads-dbirth-order, operational-behavior-edge-node-intentional-disconnect-ndeath",
      events: [.connecting, .connected, .stop],
      said: [["NDEATH bdSeq=0"], births(0), ["NDEATH bdSeq=0"]]
    ),
    Rule(
      names: "topics-nbirth-bdseq-increment: +1 for each connection that may have been seen",
      events: [
        .connecting, .cut(wasHeard: false), .connecting, .cut(wasHeard: true), .connecting,
        .connected, .cut(wasHeard: true), .connecting,
      ],
      said: [
        ["NDEATH bdSeq=0"], [], ["NDEATH bdSeq=0"], [], ["NDEATH bdSeq=1"], births(1), [],
        ["NDEATH bdSeq=2"],
      ]
    ),
    Rule(
      names: "topics-nbirth-bdseq-increment: 255 is followed by 0, over a restart too",
      events: [.connecting, .connected, .cut(wasHeard: true), .connecting],
      said: [["NDEATH bdSeq=255"], births(255), [], ["NDEATH bdSeq=0"]],
      lastBirthNumber: 254
    ),
    Rule(
      names: "topics-ddata-seq-num, payloads-sequence-num-incrementing, "
        + "payloads-alias-data-cmd-requirement, operational-behavior-data-publish-dbirth-change",
      events: [
        .connecting, .connected, .values([4.5, 40]), .values([4.5, 41]), .values([4.5, 41]),
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0),
        ["DDATA:pompe-3 2 \(place)/velocity rms=4.5 \(place)/temperature=40.0"],
        ["DDATA:pompe-3 3 \(place)/temperature=41.0"], [],
      ]
    ),
    Rule(
      names: "operational-behavior-data-publish-dbirth-values: births show what is so now",
      events: [.unheard([4.5, 40]), .connecting, .connected, .values([4.5, 40])],
      said: [[], ["NDEATH bdSeq=0"], births(0, told(4.5, 40)), []]
    ),
    Rule(
      names: "payloads-propertyset-quality-value-value: silence is stale, an open circuit bad",
      events: [
        .connecting, .connected, .values([4.5, 40]), .fault(.invalidCode), .fault(.noAnswer),
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0),
        ["DDATA:pompe-3 2 \(place)/velocity rms=4.5 \(place)/temperature=40.0"],
        ["DDATA:pompe-3 3 \(place)/velocity rms=-!0 \(place)/temperature=-!0"],
        ["DDATA:pompe-3 4 \(place)/velocity rms=-!500 \(place)/temperature=-!500"],
      ]
    ),
    Rule(
      names: "operational-behavior-device-ddeath, payloads-ddeath-seq, payloads-ddata-order: "
        + "a machine that is silent for ten seconds dies, and is born when it answers",
      events: [
        .connecting, .connected, .historyEnded, .values([4.5, 40]), .wait(9), .fault(.noAnswer),
        .fault(.noAnswer), .values([4, 40]),
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0), [],
        ["DDATA:pompe-3 2 \(place)/velocity rms=4.5 \(place)/temperature=40.0"], [],
        ["DDEATH:pompe-3 3"], [], ["DBIRTH:pompe-3 4 \(told(4, 40))"],
      ]
    ),
    Rule(
      names: "operational-behavior-data-commands-rebirth-action-1, -2, -3, "
        + "(ours) local-rebirth-false-ignored: births again, bdSeq as it was",
      events: [
        .connecting, .connected, .historyEnded, .values([4.5, 40]), .rebirth(false),
        .rebirth(true), .values([4.5, 41]),
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0), [],
        ["DDATA:pompe-3 2 \(place)/velocity rms=4.5 \(place)/temperature=40.0"], [],
        births(0, told(4.5, 40)), ["DDATA:pompe-3 2 \(place)/temperature=41.0"],
      ]
    ),
    Rule(
      names: "a rebirth tells again who is dead",
      events: [
        .connecting, .connected, .historyEnded, .fault(.noAnswer), .wait(9), .fault(.noAnswer),
        .rebirth(true),
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0), [],
        ["DDATA:pompe-3 2 \(place)/velocity rms=-!500 \(place)/temperature=-!500"], [],
        ["DDEATH:pompe-3 3"], births(0) + ["DDEATH:pompe-3 2"],
      ]
    ),
    Rule(
      names: "topic-structure-namespace-unique-edge-node-descriptor: of two nodes of one name the "
        + "younger gives way, and its own births are not those of another",
      events: [
        .connecting, .connected, .echo, .foreignBirth, .cut(wasHeard: true), .connecting,
        .connected, .wait(10), .foreignBirth, .echo, .foreignBirth,
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0), [], [rival], [], ["NDEATH bdSeq=1"], births(1), [],
        births(1), [], [rival],
      ]
    ),
    Rule(
      names: "topic-structure-namespace-unique-edge-node-descriptor: births that a host asked for "
        + "do not make the older one young",
      events: [.connecting, .connected, .wait(10), .rebirth(true), .foreignBirth],
      said: [["NDEATH bdSeq=0"], births(0), [], births(0), births(0)]
    ),
    Rule(
      names: "store and forward: what is older than the tag is history, also while news come",
      events: [
        .connecting, .connected, .values([1, 40]), .cut(wasHeard: true), .unheard([2, 41]),
        .unheard([3, 42]), .connecting, .connected, .late(4, [2, 41]), .values([4, 42]),
        .late(5, [3, 42]), .historyEnded,
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0),
        ["DDATA:pompe-3 2 \(place)/velocity rms=1.0 \(place)/temperature=40.0"], [], [], [],
        ["NDEATH bdSeq=1"], births(1, told(3, 42)),
        ["DDATA:pompe-3 2 ~\(place)/velocity rms=2.0 ~\(place)/temperature=41.0"],
        ["DDATA:pompe-3 3 \(place)/velocity rms=4.0"],
        ["DDATA:pompe-3 4 ~\(place)/velocity rms=3.0 ~\(place)/temperature=42.0"], [],
      ]
    ),
    Rule(
      names: "store and forward: what was told into a dead line is told again, also where it "
        + "stayed so",
      events: [
        .connecting, .connected, .values([1, 40]), .cut(wasHeard: true), .unheard([1, 40]),
        .connecting, .connected, .late(5, [1, 40]), .late(4, [1, 40]), .cut(wasHeard: true),
        .connecting, .connected, .late(8, [1, 40]), .late(8, [1, 41]), .rebirth(true),
        .late(8, [1, 41]),
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0),
        ["DDATA:pompe-3 2 \(place)/velocity rms=1.0 \(place)/temperature=40.0"], [], [],
        ["NDEATH bdSeq=1"], births(1, told(1, 40)),
        ["DDATA:pompe-3 2 ~\(place)/velocity rms=1.0 ~\(place)/temperature=40.0"], [], [],
        ["NDEATH bdSeq=2"], births(2, told(1, 40)),
        ["DDATA:pompe-3 2 ~\(place)/velocity rms=1.0 ~\(place)/temperature=40.0"],
        ["DDATA:pompe-3 3 ~\(place)/temperature=41.0"], births(2, told(1, 40)), [],
      ]
    ),
    Rule(
      names: "store and forward: a silent machine dies when its history is told, not before",
      events: [
        .values([1, 40]), .wait(20), .fault(.noAnswer), .connecting, .connected,
        .late(25, [1, 40]), .historyEnded,
      ],
      said: [
        [], [], [], ["NDEATH bdSeq=0"], births(0),
        ["DDATA:pompe-3 2 ~\(place)/velocity rms=1.0 ~\(place)/temperature=40.0"],
        ["DDEATH:pompe-3 3"],
      ]
    ),
    Rule(
      names: "health, alerts and remaining life are tags of the machine",
      events: [
        .connecting, .connected, .health(0.5), .alert(7, .raised), .alert(8, .raised),
        .alert(7, .cleared), .alert(8, .cleared), .life, .noLife,
      ],
      said: [
        ["NDEATH bdSeq=0"], births(0),
        ["DDATA:pompe-3 2 Health/Grade=0.5 Health/State='alert' Health/Coverage=1.0"],
        [
          "DDATA:pompe-3 3 Alerts/Open=1 Alerts/Severity=3 Alerts/Unacknowledged=1 "
            + "Alerts/Title='Pompe 3 : vibration élevée'"
        ],
        ["DDATA:pompe-3 4 Alerts/Open=2 Alerts/Unacknowledged=2"],
        ["DDATA:pompe-3 5 Alerts/Open=1 Alerts/Unacknowledged=1"],
        ["DDATA:pompe-3 6 Alerts/Open=0 Alerts/Severity=0 Alerts/Unacknowledged=0 Alerts/Title=''"],
        [
          "DDATA:pompe-3 7 Remaining Life/Outlook='remaining life' Remaining Life/P10=216.0 "
            + "Remaining Life/P50=576.0 Remaining Life/P90=984.5 Remaining Life/Basis='trend'"
        ],
        [
          "DDATA:pompe-3 8 Remaining Life/Outlook='no trend: steady' Remaining Life/P10=- "
            + "Remaining Life/P50=- Remaining Life/P90=- Remaining Life/Basis=-"
        ],
      ]
    ),
    Rule(
      names: "message-flow-edge-node-birth-publish-phid-wait, -phid-wait-online, "
        + "operational-behavior-edge-node-birth-sequence-wait: no word before the host is there",
      events: [
        .connecting, .connected, .state("{\"online\":false,\"timestamp\":5}"), .values([1, 40]),
        .state("{\"online\":\"true\",\"timestamp\":6}"), .state("ONLINE"), .state(""),
        .state("{\"online\":true,\"timestamp\":6}"),
      ],
      said: [
        ["NDEATH bdSeq=0"], [], [], [], [], [], [], births(0, told(1, 40)),
      ],
      primaryHost: "scada"
    ),
    Rule(
      names: "message-flow-edge-node-birth-publish-phid-wait-id: only the one host counts",
      events: [
        .connecting, .connected,
        .hear("spBv1.0/STATE/scada2", Array("{\"online\":true,\"timestamp\":5}".utf8)),
      ],
      said: [["NDEATH bdSeq=0"], [], []],
      primaryHost: "scada"
    ),
    Rule(
      names: "message-flow-edge-node-birth-publish-phid-offline, -phid-wait-timestamp, "
        + "operational-behavior-edge-node-termination-host-offline, -host-offline-timestamp, "
        + "-host-offline-reconnect: leave when the host goes, not for an old word of it",
      events: [
        .connecting, .connected, .state("{\"online\":true,\"timestamp\":5}"),
        .state("{\"online\":false,\"timestamp\":4}"),
        .state("{\"online\":false,\"timestamp\":5}"), .stop, .cut(wasHeard: true), .connecting,
        .connected, .state("{\"online\":true,\"timestamp\":3}"),
      ],
      said: [
        ["NDEATH bdSeq=0"], [], births(0), [], ["leave: the primary host is offline"],
        ["NDEATH bdSeq=0"], [], ["NDEATH bdSeq=1"], [], births(1),
      ],
      primaryHost: "scada"
    ),
    Rule(
      names: "operational-behavior-primary-application-state-with-multiple-servers-walk: "
        + "on to the next broker when the host is not at this one, or never says a word",
      events: [
        .connecting, .connected, .state("{\"online\":false,\"timestamp\":5}"),
        .cut(wasHeard: true), .connecting, .connected, .wait(20), .wait(10),
      ],
      said: [
        ["NDEATH bdSeq=0"], [], ["leave: the primary host is offline here"], [],
        ["NDEATH bdSeq=1"], [], [], ["leave: no word of the primary host here"],
      ],
      primaryHost: "scada",
      brokerCount: 2
    ),
  ]

  @Test(arguments: rules)
  func `what is said on each event`(rule: Rule) {
    var bench = SparkplugBench(lastBirthNumber: rule.lastBirthNumber) { settings in
      settings.primaryHost = rule.primaryHost
      settings.brokerCount = rule.brokerCount
    }
    for (event, said) in zip(rule.events, rule.said) {
      #expect(bench.tell(event) == said, "\(event)")
    }
    #expect(rule.events.count == rule.said.count)
  }

  /// Rules that hold for whatever happens, over a long random life of two machines.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `invariants of a session hold whatever happens`(seed: UInt64) throws {
    var state = seed
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var bench = SparkplugBench(channels: 4, devices: 2)
    var isConnected = false
    for _ in 0..<3_000 {
      switch random(20) {
      case 0 where isConnected:
        _ = bench.tell(.cut(wasHeard: true))
        isConnected = false
      case 1: _ = bench.tell(.fault(.noAnswer))
      case 2: _ = bench.tell(.wait(Int64(random(20))))
      case 3 where isConnected: _ = bench.tell(.rebirth(true))
      case 4 where isConnected: _ = bench.tell(.late(Int64(random(90)), [Double(random(9))]))
      case 5 where isConnected: _ = bench.tell(.historyEnded)
      case 6: _ = bench.tell(.health(Double(random(5)) / 4))
      case 7: _ = bench.tell(.alert(random(5), random(2) == 0 ? .cleared : .raised))
      case _ where !isConnected:
        _ = bench.tell(.connecting)
        _ = bench.tell(.connected)
        isConnected = true
      default: _ = bench.tell(.values([Double(random(4)), Double(random(4))]))
      }
    }
    try check(bench.messages)
    #expect(bench.messages.count > 1_000)
  }

  /// As a host would look at it, from the bytes.
  private func check(_ messages: [Message]) throws {
    var next: UInt8?
    var born: [String: Set<UInt64>] = [:]
    var dead: Set<String> = []
    var number: SparkplugMetric.Value?
    for message in messages {
      let parts = message.topic.split(separator: "/").map(String.init)
      let payload = try SparkplugPayload(decoding: message.payload)
      #expect(parts[0] == "spBv1.0" && parts[1] == SparkplugBench.group)
      #expect(parts[2].first == "D" ? parts.count == 5 : parts.count == 4)
      #expect(!message.isRetained && message.isAcknowledged == (parts[2] == "NDEATH"))
      #expect(payload.timestamp != nil)
      let device = parts.last ?? ""
      switch parts[2] {
      case "NDEATH":
        #expect(payload.sequence == nil && payload.metrics.map(\.name) == ["bdSeq"])
        number = payload.metrics[0].value
        next = nil
        born = [:]
        dead = []
      case "NBIRTH":
        #expect(payload.sequence == 0)
        #expect(payload.metrics.first { $0.name == "bdSeq" }?.value == number)
        next = 0
        born = [:]
        dead = []
      case "DBIRTH":
        let aliases = payload.metrics.compactMap(\.alias)
        #expect(Set(aliases).count == payload.metrics.count)
        #expect(payload.metrics.allSatisfy { $0.name != nil && $0.dataType != nil })
        #expect(Set(payload.metrics.compactMap { $0.name?.lowercased() }).count == aliases.count)
        for (other, known) in born where other != device {
          #expect(known.isDisjoint(with: aliases))
        }
        let times = payload.metrics.compactMap(\.timestamp)
        #expect(times.count == aliases.count && times == times.sorted())
        born[device] = Set(aliases)
        dead.remove(device)
      case "DDATA":
        let known = try #require(born[device], "data before the birth of \(device)")
        #expect(born.count == 2, "data before the births of all")
        #expect(!dead.contains(device))
        #expect(!payload.metrics.isEmpty)
        for metric in payload.metrics {
          #expect(metric.name == nil && metric.dataType == nil && metric.timestamp != nil)
          #expect(metric.alias.map(known.contains) == true)
        }
      case "DDEATH":
        #expect(payload.metrics.isEmpty && born[device] != nil)
        #expect(dead.insert(device).inserted)
      default: Issue.record("\(message.topic) is no topic of a node")
      }
      if parts[2] != "NDEATH" {
        #expect(payload.sequence == next)
        next = payload.sequence.map { $0 &+ 1 }
      }
    }
  }

  @Test func `a change within the deadband is not told, until the silence has lasted`() {
    var bench = SparkplugBench { settings in
      settings.deadband = 0.01
      settings.ranges = [0...100, nil]
      settings.maximumSilence = .seconds(60)
    }
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    _ = bench.tell(.values([50, 200]))
    #expect(bench.tell(.values([51, 202])) == [])
    #expect(bench.tell(.values([49, 198])) == [])
    // Compared with what was told, so that a slow drift is told too.
    #expect(bench.tell(.values([51.5, 202])) == ["DDATA:pompe-3 3 drive end/velocity rms=51.5"])
    #expect(bench.tell(.values([51.5, 202.5])) == ["DDATA:pompe-3 4 drive end/temperature=202.5"])
    second(&bench, 60)
    #expect(
      bench.tell(.values([51.5, 202.5])) == [
        "DDATA:pompe-3 5 drive end/velocity rms=51.5 drive end/temperature=202.5"
      ]
    )
  }

  private func second(_ bench: inout SparkplugBench, _ count: Int64) { bench.second += count }

  @Test func `a clock that is set back does not turn the present into history`() {
    var bench = SparkplugBench()
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    _ = bench.tell(.values([1, 40]))
    second(&bench, -500)
    #expect(
      bench.tell(.values([2, 41])) == [
        "DDATA:pompe-3 3 drive end/velocity rms=2.0 drive end/temperature=41.0"
      ]
    )
    #expect(bench.tell(.values([3, 41])) == ["DDATA:pompe-3 4 drive end/velocity rms=3.0"])
  }

  @Test func `what was stored before the births is history, wherever the clock was`() {
    var bench = SparkplugBench()
    // The clock runs an hour ahead and is set right during the outage.
    _ = bench.tell(.unheard([1, 40]))
    second(&bench, -3_600)
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    _ = bench.tell(.values([2, 41]))
    #expect(
      bench.tell(.late(-3_600, [1, 40])) == [
        "DDATA:pompe-3 3 ~drive end/velocity rms=1.0 ~drive end/temperature=40.0"
      ]
    )
    #expect(bench.tell(.values([3, 41])) == ["DDATA:pompe-3 4 drive end/velocity rms=3.0"])
  }

  @Test func `an alert that came and went while nobody could hear it is told as history`() {
    var bench = SparkplugBench()
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    // Told into a dead line; it ends during the outage.
    let raised = bench.alert(7, .raised)
    #expect(bench.store(raised).count == 1)
    _ = bench.tell(.cut(wasHeard: true))
    let cleared = bench.alert(7, .cleared)
    bench.session.observe(cleared)
    _ = bench.tell(.connecting)
    #expect(bench.tell(.connected).last?.contains("Alerts/Open=0") == true)
    #expect(
      bench.publish(raised, isPast: true) == [
        "DDATA:pompe-3 2 ~Alerts/Open=1 ~Alerts/Severity=3 ~Alerts/Unacknowledged=1 "
          + "~Alerts/Title='Pompe 3 : vibration élevée'"
      ]
    )
    #expect(
      bench.publish(cleared, isPast: true) == [
        "DDATA:pompe-3 3 ~Alerts/Open=0 ~Alerts/Severity=0 ~Alerts/Unacknowledged=0 "
          + "~Alerts/Title=''"
      ]
    )
  }

  @Test func `an alert that was open at the start is told as history where nobody heard of it`()
    throws
  {
    let plant = samplePlant()
    let alert = plant.advisory(7, .raised, sequence: 9)
    var session = SparkplugSession(
      settings: SparkplugSettings(group: "g", node: "n"),
      plant: plant,
      openAlerts: [alert],
      wording: words
    )
    let now = Timestamp(seconds: 1_000)
    _ = session.connecting(at: now)
    _ = session.connected(at: now)
    let entry = OutboxEntry(id: 1, content: .output(alert))
    let told = session.publish(entry, isPast: true, at: now)
    let payload = try SparkplugPayload(decoding: try #require(told.first).payload)
    #expect(payload.metrics.count == 4 && payload.metrics.allSatisfy(\.isHistorical))
  }

  @Test func `an alert between the births and the first look into the store is news`() {
    var bench = SparkplugBench()
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    let raised = bench.alert(7, .raised)
    bench.session.observe(raised)
    #expect(bench.publish(raised, isPast: true).first?.hasPrefix("DDATA:pompe-3 2 Alerts/") == true)
  }

  @Test func `a machine dies when all its devices are silent, each by its own period`() {
    var bench = SparkplugBench(numbers: [0, 1]) { settings in
      settings.periods = [0: .seconds(1), 1: .seconds(60)]
    }
    func read(_ channel: Int, _ fault: Fault? = nil) -> String {
      let frame = Frame(
        asset: bench.plant.assets[0].id,
        timestamp: bench.now,
        channels: [bench.plant.channels[channel].id],
        values: [1],
        qualities: [fault.map { .bad($0) } ?? .good]
      )
      return bench.store(.telemetry(frame)).first?.split(separator: ":").first.map(String.init)
        ?? ""
    }
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    _ = bench.tell(.historyEnded)
    #expect(read(0) == "DDATA" && read(1) == "DDATA")
    // The fast one is silent, the slow one answers each minute.
    for second in 1...600 {
      self.second(&bench, 1)
      #expect(read(0, .noAnswer) != "DDEATH")
      if second % 60 == 0 { #expect(read(1) != "DDEATH") }
    }
    // Now neither does; one missed answer of the slow one is no death yet, the third is.
    for minute in 1...3 {
      for _ in 1...59 {
        self.second(&bench, 1)
        #expect(read(0, .noAnswer) != "DDEATH")
      }
      self.second(&bench, 1)
      #expect((read(1, .noAnswer) == "DDEATH") == (minute == 3))
    }
    self.second(&bench, 1)
    #expect(read(0) == "DBIRTH")
  }

  @Test func `births of all machines come in one piece, at once and amid history`() {
    var bench = SparkplugBench(channels: 3, devices: 3)
    _ = bench.tell(.connecting)
    let names = ["NBIRTH", "DBIRTH:pompe-3", "DBIRTH:pompe-4", "DBIRTH:pompe-5"]
    func kinds(_ said: [String]) -> [String] { said.map { String($0.prefix { $0 != " " }) } }
    #expect(kinds(bench.tell(.connected)) == names)
    _ = bench.tell(.values([5]))
    #expect(bench.tell(.late(90, [1])) == ["DDATA:pompe-3 5 ~drive end/velocity rms=1.0"])
    let again = bench.tell(.rebirth(true))
    #expect(kinds(again) == names)
    #expect(again[1].hasPrefix("DBIRTH:pompe-3 1 drive end/velocity rms=5.0"))
    // It goes on where it was.
    #expect(bench.tell(.late(90, [1])) == [])
    #expect(bench.tell(.late(90, [2])) == ["DDATA:pompe-3 4 ~drive end/velocity rms=2.0"])
    #expect(bench.tell(.values([5])) == [])
  }

  @Test func `what is on its way to the outbox at a rebirth is told behind it, live`() {
    var bench = SparkplugBench()
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    _ = bench.tell(.values([1, 40]))
    // Stored, and not taken from the store yet.
    let frames = [2.0, 1.0].map { value in
      bench.second += 1
      return OutboxEntry.Content.telemetry(
        bench.plant.frame(second: bench.second, values: [value, 40])
      )
    }
    for frame in frames { bench.session.observe(frame) }
    let births = bench.tell(.rebirth(true))
    #expect(births.last?.contains("velocity rms=1.0 drive end/temperature=40.0") == true)
    #expect(bench.publish(frames[0]) == ["DDATA:pompe-3 2 drive end/velocity rms=2.0"])
    #expect(bench.publish(frames[1]) == ["DDATA:pompe-3 3 drive end/velocity rms=1.0"])
  }

  @Test func `births carry units and ranges`() throws {
    var bench = SparkplugBench { $0.ranges = [0...25, nil] }
    _ = bench.tell(.connecting)
    _ = bench.tell(.connected)
    let birth = try SparkplugPayload(decoding: bench.messages[2].payload)
    let properties = Dictionary(
      uniqueKeysWithValues: birth.metrics.map { ($0.name ?? "", $0.properties) }
    )
    #expect(
      properties["drive end/velocity rms"] == [
        .init("engUnit", .string("mm/s")), .init("engLow", .double(0)),
        .init("engHigh", .double(25)), .init("Quality", .int32(500)),
      ]
    )
    #expect(
      properties["drive end/temperature"] == [
        .init("engUnit", .string("Cel")), .init("Quality", .int32(500)),
      ]
    )
    #expect(properties["Remaining Life/P50"] == [.init("engUnit", .string("h"))])
  }
}
