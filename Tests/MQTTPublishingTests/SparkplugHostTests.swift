import ConditionModel
import EdgeRuntime
import Glibc
import ProcessSupport
import Synchronization
import Testing

@testable import MQTTPublishing

/// The node at a real broker, heard by a host that others wrote.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SparkplugHostTests {
  private let plant = samplePlant(channels: 2)
  private let outbox = MemoryOutbox()

  private func publisher(
    _ brokers: [BrokerSettings],
    primaryHost: String? = nil,
    allowed: Set<RemoteCommand.Kind> = [.rebirth],
    remember: @escaping @Sendable (UInt8) async throws -> Void = { _ in },
    obey: @escaping @Sendable (RemoteCommand) async -> Void = { _ in }
  ) -> MQTTPublisher {
    MQTTPublisher(
      format: "sparkplug",
      brokers: brokers,
      publication: SparkplugSession(
        settings: SparkplugSettings(
          group: "atelier-nord",
          node: "gw-01",
          primaryHost: primaryHost,
          brokerCount: brokers.count
        ),
        plant: plant,
        gate: CommandGate(allowed: allowed),
        wording: words
      ),
      outbox: outbox,
      surroundings: MQTTPublisher.Surroundings(remember: remember, obey: obey)
    )
  }

  /// Values of the two channels, read now.
  private func values(_ values: Double...) async -> [OutboxEntry.Content] {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var frame = plant.frame(second: 0, values: values)
    frame.timestamp = Timestamp(
      nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    )
    return await outbox.add([.telemetry(frame)])
  }

  @Test(arguments: [false, true])
  func `a host sees the births, the values by their names, and the end`(
    usesMQTT5: Bool
  ) async throws {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    var settings = broker.settings
    settings.usesMQTT5 = usesMQTT5
    let publisher = publisher([settings])
    try await running(publisher) {
      let births = try await host.heard { $0.kind == "DBIRTH" }
      #expect(births.map(\.kind) == ["NBIRTH", "DBIRTH"])
      #expect(births.map(\.sequence) == [0, 1])
      #expect(births.allSatisfy { $0.quality == 0 && !$0.isRetained })
      #expect(births[0].value("bdSeq") == .number(0))
      #expect(births[0].value("Node Control/Rebirth") == .boolean(false))
      #expect(births[1].device == "pompe-3")
      #expect(births[1].value("drive end/velocity rms") == .null)
      #expect(births[1].metrics.first?.properties["engUnit"] == .string("mm/s"))
      publisher.stored(await values(4.5, 40))
      publisher.stored(await outbox.add([.output(plant.health())]))
      let data = try await host.heard { $0.value("Health/Grade") != nil }
      #expect(data.map(\.kind) == ["DDATA", "DDATA"])
      #expect(data.allSatisfy { $0.quality == 0 && !$0.isRetained })
      #expect(data[0].value("drive end/temperature") == .number(40))
      #expect(data[0].metrics[0].properties["Quality"] == .number(192))
      #expect(data[1].value("Health/Grade") == .number(0.625))
    }
    let end = try await host.heard { $0.kind == "NDEATH" }
    #expect(end.last?.value("bdSeq") == .number(0))
    #expect(end.last?.sequence == nil)
    #expect(end.last?.quality == 1 && end.last?.isRetained == false)
    if usesMQTT5 {
      // Asked to (payloads-ndeath-will-message-publisher-disconnect-mqtt50), the broker says it too.
      let will = try await host.heard { _ in true }
      #expect(will[0].kind == "NDEATH" && will[0].value("bdSeq") == .number(0))
      #expect(will[0].quality == 1 && !will[0].isRetained)
    }
    // The broker confirmed the goodbye, and with it all that was written before.
    #expect(await outbox.entries.isEmpty)
  }

  @Test func `a host that asks for births gets them, in the same session`() async throws {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    let publisher = publisher([broker.settings])
    try await running(publisher) {
      _ = try await host.heard { $0.kind == "DBIRTH" }
      publisher.stored(await values(4.5, 40))
      _ = try await host.heard { $0.kind == "DDATA" }
      await host.ask("rebirth atelier-nord gw-01")
      let births = try await host.heard { $0.kind == "DBIRTH" }
      #expect(births.map(\.sequence) == [0, 1])
      #expect(births[0].value("bdSeq") == .number(0))
      #expect(births[1].value("drive end/velocity rms") == .number(4.5))
      // Asked again within the second, it says them at its end, although nothing else happens.
      await host.ask("rebirth atelier-nord gw-01")
      let more = try await host.heard { $0.kind == "DBIRTH" }
      #expect(more.map(\.sequence) == [0, 1])
    }
  }

  @Test func `numbers of messages follow each other, 255 and then 0, and a silent machine dies`()
    async throws
  {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    let publisher = publisher([broker.settings])
    try await running(publisher) {
      var heard = try await host.heard { $0.kind == "DBIRTH" }
      for value in 1...300 { publisher.stored(await values(Double(value), 40)) }
      heard += try await host.heard { $0.value("drive end/velocity rms") == .number(300) }
      #expect(heard.map(\.sequence) == (0...301).map { $0 % 256 })
      // Nobody answers for longer than ten seconds.
      let moment = Timestamp.wallClock
      for second in [1, 12] {
        var frame = plant.frame(
          second: 0,
          values: [0, 0],
          qualities: [.bad(.noAnswer), .bad(.noAnswer)]
        )
        frame.timestamp = moment + .seconds(second)
        publisher.stored(await outbox.add([.telemetry(frame)]))
      }
      let death = try #require(try await host.heard { $0.kind == "DDEATH" }.last)
      #expect(death.device == "pompe-3" && death.sequence == 303 % 256)
      #expect(death.quality == 0 && !death.isRetained)
    }
  }

  @Test func `a node that was never born says no death`() async throws {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    let waiting = publisher([broker.settings], primaryHost: "elsewhere")
    try await running(waiting) { try await until { waiting.status.isConnected } }
    try await running(publisher([broker.settings])) {
      let births = try await host.heard { $0.kind == "DBIRTH" }
      #expect(births.map(\.kind) == ["NBIRTH", "DBIRTH"])
    }
  }

  @Test func `a number that was written to a broker is not used again, whatever the line does`()
    async throws
  {
    // Takes what comes and hangs up without an answer.
    let script = """
      import socket, struct, sys
      server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
      print("ready", flush=True)
      while True:
          client, _ = server.accept()
          print(client.recv(4096).hex(), flush=True)
          client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
          client.close()
      """
    let port = freePort()
    let server = try ChildProcess([python, "-c", script, "\(port)"])
    #expect(server.line() == "ready")
    let publisher = publisher(
      [BrokerSettings(host: "127.0.0.1", port: port, clientID: "vigie-test")]
    )
    try await running(publisher) {
      var numbers: [SparkplugMetric.Value?] = []
      for _ in 0..<3 {
        let bytes = try #require(server.line()).hexBytes
        let topic = Array("spBv1.0/atelier-nord/NDEATH/gw-01".utf8)
        let start = try #require(bytes.firstRange(of: topic)).upperBound
        let count = Int(bytes[start]) << 8 + Int(bytes[start + 1])
        let will = try SparkplugPayload(decoding: Array(bytes[(start + 2)...].prefix(count)))
        numbers.append(will.metrics[0].value)
      }
      #expect(numbers == [.int64(0), .int64(1), .int64(2)])
    }
  }

  /// A broker that still has to answer when the line ends says the last will.
  @Test func `a session ends once the broker has answered its subscriptions`() async throws {
    // Answers them when nothing more has come for half a second; prints the kinds of the packets that
    // came before and after.
    let script = """
      import socket, sys
      server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
      print("ready", flush=True)
      client, _ = server.accept()
      client.recv(4096)
      client.sendall(bytes([0x20, 2, 0, 0]))
      client.settimeout(0.5)
      def packets():
          data = b""
          try:
              while chunk := client.recv(4096):
                  data += chunk
          except TimeoutError:
              pass
          found = []
          while data:
              found.append(data[:2 + data[1]])
              data = data[2 + data[1]:]
          print(*(packet[0] >> 4 for packet in found), flush=True)
          return found
      for packet in packets():
          client.sendall(bytes([0x90, 3]) + packet[2:4] + bytes([1]))
      packets()
      """
    let port = freePort()
    let server = try ChildProcess([python, "-c", script, "\(port)"])
    #expect(server.line() == "ready")
    let waiting = publisher(
      [BrokerSettings(host: "127.0.0.1", port: port, clientID: "vigie-test")],
      primaryHost: "elsewhere"
    )
    try await running(waiting) { try await until { waiting.status.isConnected } }
    let (subscribe, disconnect) = ("8", "14")
    let before = try #require(server.line()).split(separator: " ")
    #expect(!before.isEmpty && before.allSatisfy { $0 == subscribe })
    #expect(server.line() == disconnect)
  }

  @Test func `a number that could not be kept is tried again`() async throws {
    let broker = try Broker()
    try broker.start()
    let remembered = Mutex<[UInt8]>([])
    let publisher = publisher(
      [broker.settings],
      remember: { number in
        let count = remembered.withLock { numbers in
          numbers.append(number)
          return numbers.count
        }
        if count == 1 { throw Full() }
      }
    )
    try await running(publisher) {
      try await until { remembered.withLock { $0.count } == 2 && publisher.status.isHeard }
    }
    #expect(remembered.withLock { $0 } == [0, 0])
    #expect(publisher.status.connectionCount == 1)
  }

  private struct Full: Error {}

  @Test func `what was written into a dead line is told as history after the next birth`()
    async throws
  {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    var settings = broker.settings
    settings.port = freePort()
    let line = [
      "socat", "TCP-LISTEN:\(settings.port),bind=127.0.0.1,reuseaddr",
      "TCP:127.0.0.1:\(broker.port)",
    ]
    var cable = try ChildProcess(line)
    let publisher = publisher([settings])
    try await running(publisher) {
      _ = try await host.heard { $0.kind == "DBIRTH" }
      publisher.stored(await values(1, 40))
      _ = try await host.heard { $0.kind == "DDATA" }
      // The line takes what is written and delivers nothing.
      cable.signal(SIGSTOP)
      for value in 2...6 { publisher.stored(await values(Double(value), 40)) }
      try await until { publisher.status.acknowledgedCount >= 8 }
      cable.end()
      // Stored while there is no line at all.
      publisher.stored(await values(7, 40))
      publisher.stored(await values(8, 40))
      cable = try ChildProcess(line)
      let heard = try await host.heard { message in
        message.kind == "DDATA"
          && message.metrics.contains { $0.isHistorical && $0.value == .number(7) }
      }
      let death = try #require(heard.first)
      #expect(death.kind == "NDEATH" && death.value("bdSeq") == .number(0))
      #expect(heard[1].kind == "NBIRTH" && heard[1].value("bdSeq") == .number(1))
      // The present first: the last value, then what was never heard, in order and marked.
      #expect(heard[2].value("drive end/velocity rms") == .number(8))
      let history = heard.dropFirst(3).flatMap(\.metrics)
      #expect(history.allSatisfy { $0.isHistorical })
      let told = history.filter { $0.name == "drive end/velocity rms" }.map(\.value)
      #expect(told.suffix(6) == (2...7).map { .number(Double($0)) })
      let times = history.map(\.timestamp)
      #expect(times == times.sorted())
    }
  }

  @Test func `nothing is told without the primary host, and the node follows it to its broker`()
    async throws
  {
    let first = try Broker()
    let second = try Broker()
    try first.start()
    try second.start()
    let hostHere = try await SparkplugHost(port: first.port)
    let hostThere = try await SparkplugHost(port: second.port)
    await hostHere.ask("offline 1000")
    await hostThere.ask("online 1000")
    let publisher = publisher([first.settings, second.settings], primaryHost: "scada")
    try await running(publisher) {
      let there = try await hostThere.heard { $0.kind == "DBIRTH" }
      #expect(there.map(\.kind) == ["NBIRTH", "DBIRTH"])
      let number = try #require(there[0].value("bdSeq")?.number)
      #expect(number >= 1)
      publisher.stored(await values(1, 40))
      _ = try await hostThere.heard { $0.kind == "DDATA" }
      // The host moves: the node says goodbye and goes where the host is.
      await hostHere.ask("online 2000")
      await hostThere.ask("offline 2000")
      let end = try await hostThere.heard { $0.kind == "NDEATH" }
      #expect(end.last?.value("bdSeq") == .number(number))
      let here = try await hostHere.heard { $0.kind == "DBIRTH" }
      let births = here.filter { $0.kind == "NBIRTH" }
      #expect(births.last?.value("bdSeq") == .number(number + 1))
      #expect(publisher.status.isHeard)
    }
  }

  @Test func `of commands the node takes up those that the site file allows, and each once`()
    async throws
  {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    let asked = Mutex<[RemoteCommand]>([])
    let publisher = publisher(
      [broker.settings],
      allowed: [.acknowledge],
      obey: { command in asked.withLock { $0.append(command) } }
    )
    try await running(publisher) {
      let births = try await host.heard { $0.kind == "DBIRTH" }
      #expect(births[0].value("Node Control/Command") == .string(""))
      func ask(_ id: String, _ command: String, _ rest: String = #""alert": 7"#) async {
        let now = Timestamp.wallClock.nanoseconds / 1_000_000
        let form = #"{"id": "\#(id)", "timestamp": \#(now), "command": "\#(command)", \#(rest)}"#
        await host.ask("command atelier-nord gw-01 \(form)")
      }
      await host.ask("rebirth atelier-nord gw-01")
      await ask("1", "acknowledge", #""alert": 7, "user": "marie""#)
      await ask("1", "acknowledge")
      await ask("2", "shelve", #""alert": 7, "hours": 8, "reason": "belt ordered""#)
      await ask("3", "acknowledge", #""alert": "seven""#)
      await ask("4", "acknowledge")
      try await until { publisher.status.commands.accepted == 2 }
      let counts = publisher.status.commands
      #expect(counts.foreign == 2 && counts.replayed == 1 && counts.malformed == 1)
      #expect(
        asked.withLock { $0 } == [
          RemoteCommand(.acknowledge(alert: 7), user: "marie"),
          RemoteCommand(.acknowledge(alert: 7), user: ""),
        ]
      )
      // The births that were asked for without leave did not come.
      publisher.stored(await values(4.5, 40))
      let next = try await host.heard { _ in true }
      #expect(next.map(\.kind) == ["DDATA"])
    }
  }

  @Test func `of two nodes of the same name one gives way, and says so`() async throws {
    let broker = try Broker()
    try broker.start()
    var settings = broker.settings
    let first = publisher([settings])
    settings.clientID = "vigie-test-2"
    let second = publisher([settings])
    try await running(first) {
      // Its births are with the broker: of two that hear each other's, both give way for a while.
      try await until { first.status.acknowledgedCount == 2 }
      try await running(second) {
        // The younger; of two that are both young, the one that hears the other first.
        try await until { first.status.lastError != nil || second.status.lastError != nil }
        let words = "another Sparkplug node is called 'atelier-nord/gw-01' here"
        let said = try #require(first.status.lastError ?? second.status.lastError)
        #expect(said.hasPrefix(words))
        try await until { first.status.isHeard != second.status.isHeard }
      }
    }
  }

  @Test func `commands that are not ours do nothing, and are counted`() async throws {
    let broker = try Broker()
    try broker.start()
    let host = try await SparkplugHost(port: broker.port)
    let publisher = publisher([broker.settings])
    try await running(publisher) {
      _ = try await host.heard { $0.kind == "DBIRTH" }
      let topic = "spBv1.0/atelier-nord/NCMD/gw-01"
      await host.ask("raw \(topic) ffff")
      await host.ask("raw \(topic)")
      await host.ask("raw \(topic) " + String(repeating: "00", count: 5_000))
      await host.ask("raw \(topic) 120b0a07556e6b6e6f776e5001")
      try await until { publisher.status.commands.foreign > 0 }
      let counts = publisher.status.commands
      #expect(counts.malformed == 2 && counts.oversized == 1 && counts.foreign == 1)
      #expect(counts.accepted == 0)
      // It is still well.
      await host.ask("rebirth atelier-nord gw-01")
      _ = try await host.heard { $0.kind == "DBIRTH" }
      #expect(publisher.status.commands.accepted == 1)
    }
  }
}

extension String {
  /// The bytes that it shows in hexadecimal.
  fileprivate var hexBytes: [UInt8] {
    var digits = self[...]
    var bytes: [UInt8] = []
    while let byte = UInt8(digits.prefix(2), radix: 16) {
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
    return bytes
  }
}
