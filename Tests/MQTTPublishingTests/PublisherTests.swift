import ConditionModel
import Glibc
import MQTTPublishing
import ProcessSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(1)))
struct PublisherTests {
  private let plant = samplePlant(channels: 50)
  private let outbox = MemoryOutbox()

  private func publisher(
    _ settings: BrokerSettings,
    openAlerts: [PipelineOutput] = []
  ) -> MQTTPublisher {
    MQTTPublisher(
      format: "json",
      brokers: [settings],
      publication: JSONSession(plant: plant, openAlerts: openAlerts, wording: words),
      outbox: outbox
    )
  }

  private func telemetry(_ seconds: Range<Int64>) -> [OutboxEntry.Content] {
    seconds.map { .telemetry(plant.frame(second: $0, values: (0..<50).map(Double.init))) }
  }

  private func ids(_ range: ClosedRange<Int>) -> [String] {
    range.map { "frame-\($0)" }
  }

  @Test func `what waits is published in order, and the outbox is empty after it`() async throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try await broker.subscriber()
    await outbox.add(telemetry(0..<200))
    let publisher = publisher(broker.settings)
    try await running(publisher) {
      await outbox.whenEmpty()
      let received = try await subscriber.telemetry(200)
      #expect(received == ids(1...200))
      await publisher.stored(outbox.add(telemetry(200..<210)))
      await outbox.whenEmpty()
      let next = try await subscriber.telemetry(10)
      #expect(next == ids(201...210))
    }
    let status = publisher.status
    #expect(status.connectionCount == 1)
    #expect(status.inFlightCount == 0)
  }

  @Test func `it says online, and offline when it is stopped`() async throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try await broker.subscriber()
    let publisher = publisher(broker.settings)
    try await running(publisher) {
      let online = try #require(try await subscriber.next())
      #expect(online.topic == "vigie/atelier-nord/gw-01/status")
      #expect(online.payload?["state"] == .string("online"))
      publisher.report(#"{"rss_mb":14.5}"#)
      let report = try #require(try await subscriber.next())
      #expect(report.payload?["agent"]?["rss_mb"] == .number(14.5))
    }
    let offline = try #require(try await subscriber.next())
    #expect(offline.payload?["state"] == .string("offline"))
    #expect(offline.payload?["reason"] == .string("stopped"))
    // Whoever comes later sees it too, and nothing from the last will.
    let late = try await broker.subscriber("late")
    let retained = try #require(try await late.next())
    #expect(retained.isRetained && retained.payload == offline.payload)
  }

  @Test func `when the program is killed the broker says that it is offline`() async throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try await broker.subscriber()
    await #expect(processExitsWith: .signal(SIGKILL)) { [port = broker.port as UInt16] in
      let outbox = MemoryOutbox()
      let plant = samplePlant()
      await outbox.add([.telemetry(plant.frame(second: 1, values: [1]))])
      let publisher = MQTTPublisher(
        format: "json",
        brokers: [BrokerSettings(host: "127.0.0.1", port: port, clientID: "vigie-killed")],
        publication: JSONSession(plant: plant, wording: words),
        outbox: outbox
      )
      let task = Task { await publisher.run() }
      await outbox.whenEmpty()
      kill(getpid(), SIGKILL)
      await task.value
    }
    let messages = try await subscriber.messages { $0.payload?["state"] == .string("offline") }
    #expect(messages.last?.payload?["reason"] == .string("connection lost"))
    #expect(messages.map { $0.payload?["state"]?.string ?? "-" } == ["online", "-", "offline"])
  }

  @Test func `a broker that is absent at the start gets everything when it comes`() async throws {
    let broker = try Broker()
    // The subscriber is known to the broker before it goes away.
    try broker.start()
    let subscriber = try await broker.subscriber()
    broker.stop()
    await outbox.add(telemetry(0..<50))
    let publisher = publisher(broker.settings)
    try await running(publisher) {
      try await until { publisher.status.lastError != nil }
      #expect(publisher.status.lastError == "Connection refused")
      #expect(publisher.isAlive && !publisher.status.isConnected)
      #expect(publisher.status.publishedCount == 0)
      try broker.start()
      let received = try await subscriber.telemetry(50)
      #expect(received == ids(1...50))
    }
  }

  /// Starts a broker by these rules on who may write what; with MQTT 5 it says what it refuses.
  private func guarded(_ rules: [String]) throws -> (Broker, BrokerSettings) {
    let broker = try Broker()
    let list = broker.folder + "/users"
    try writeFile(rules.joined(separator: "\n") + "\n", to: list)
    try broker.configure(["allow_anonymous true", "acl_file \(list)"])
    try broker.start()
    var settings = broker.settings
    settings.usesMQTT5 = true
    return (broker, settings)
  }

  @Test func `what a broker may not take over is kept, told and tried again`() async throws {
    let (broker, settings) = try guarded(["topic read #"])
    await outbox.add(telemetry(0..<50))
    let publisher = publisher(settings)
    try await running(publisher) {
      // Mosquitto hangs up as well, and now and then that is noticed first.
      try await until {
        let status = publisher.status
        return status.connectionCount >= 2 && !status.isConnected
          && status.lastError == "the broker refuses messages: Not authorized"
      }
      #expect(await outbox.entries.count == 50)
      #expect(publisher.status.acknowledgedCount == 0)
      broker.stop()
      try broker.configure(["allow_anonymous true"])
      try broker.start()
      try await until { await outbox.entries.isEmpty }
      #expect(publisher.status.refusal == nil && publisher.status.rejectedCount == 0)
    }
  }

  @Test func `what a broker never takes is given up, counted and told`() async throws {
    let broker = try Broker()
    try broker.configure(["allow_anonymous true", "message_size_limit 600"])
    try broker.start()
    var settings = broker.settings
    settings.usesMQTT5 = true
    await outbox.add(telemetry(0..<2))
    let publisher = publisher(settings)
    try await running(publisher) {
      try await until { await outbox.entries.isEmpty }
      #expect(publisher.status.rejectedCount == 2)
      #expect(publisher.status.acknowledgedValueCount == 0)
      #expect(publisher.status.lastError == "the broker refuses messages: Packet too large")
    }
  }

  @Test(arguments: 1...2)
  func `nothing is lost when the connection is cut with messages in flight`(
    round: Int
  ) async throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try await broker.subscriber()
    // A line between us and the broker that can be cut.
    var settings = broker.settings
    settings.port = freePort()
    let line = [
      "socat", "TCP-LISTEN:\(settings.port),bind=127.0.0.1,reuseaddr",
      "TCP:127.0.0.1:\(broker.port)",
    ]
    var cable = try ChildProcess(line)
    await outbox.add(telemetry(0..<600))
    let publisher = publisher(settings)
    try await running(publisher) {
      for cut in 1...3 {
        try await until {
          publisher.status.connectionCount >= cut
            && publisher.status.acknowledgedCount >= cut * round * 50
        }
        cable.end()
        cable = try ChildProcess(line)
      }
      await outbox.whenEmpty()
      let received = try await subscriber.telemetry(600)
      #expect(received == ids(1...600))
    }
    #expect(publisher.status.connectionCount >= 4)
  }

  @Test func `nothing is lost when the broker is stopped and started`() async throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try await broker.subscriber()
    await outbox.add(telemetry(0..<1_000))
    let publisher = publisher(broker.settings)
    try await running(publisher) {
      try await until { publisher.status.acknowledgedCount >= 200 }
      broker.stop()
      await publisher.stored(outbox.add(telemetry(1_000..<1_100)))
      try broker.start()
      await outbox.whenEmpty()
      let received = try await subscriber.telemetry(1_100)
      #expect(Set(received) == Set(ids(1...1_100)))
    }
  }

  @Test func `while the broker stands still only the window is in flight`() async throws {
    let broker = try Broker()
    try broker.start()
    let subscriber = try await broker.subscriber()
    let publisher = publisher(broker.settings)
    try await running(publisher) {
      try await until {
        publisher.status.isConnected && publisher.status.inFlightCount == 0
      }
      broker.freeze()
      await publisher.stored(outbox.add(telemetry(0..<1_000)))
      try await until { publisher.status.inFlightCount >= 15 }
      #expect(publisher.status.inFlightCount <= 20)
      #expect(publisher.status.publishedCount <= 21)
      broker.thaw()
      await outbox.whenEmpty()
      let received = try await subscriber.telemetry(1_000)
      #expect(received == ids(1...1_000))
    }
  }

  @Test func `who comes later sees open alerts and health, and no alert that is over`() async throws
  {
    let broker = try Broker()
    try broker.start()
    let early = try await broker.subscriber()
    let publisher = publisher(broker.settings)
    try await running(publisher) {
      await publisher.stored(
        outbox.add(
          [plant.advisory(1, .raised), plant.advisory(2, .raised, sequence: 2), plant.health()]
            .map { .output($0) } + [.output(plant.advisory(1, .cleared, sequence: 3))]
        )
      )
      let seen = try await early.messages { $0.topic.hasSuffix("alert/1") && $0.payload == nil }
      #expect(seen.contains { $0.payload?["phase"] == .string("cleared") })
      await outbox.whenEmpty()
      let late = try await broker.subscriber("late")
      let leaves = try await late.leaves(3)
      #expect(leaves == ["alert/2", "pompe-3/health", "gw-01/status"])
    }
  }

  @Test func `a broker that lost its memory is told again what is open`() async throws {
    let broker = try Broker()
    try broker.start()
    let publisher = publisher(broker.settings, openAlerts: [plant.advisory(9, .updated)])
    try await running(publisher) {
      await publisher.stored(outbox.add([.output(plant.health())]))
      await outbox.whenEmpty()
      broker.forget()
      try broker.start()
      let subscriber = try await broker.subscriber()
      let seen = try await subscriber.leaves(3)
      #expect(seen == ["alert/9", "pompe-3/health", "gw-01/status"])
    }
  }

  @Test func `an alert whose end was lost with a full store leaves the memory of the broker`()
    async throws
  {
    let broker = try Broker()
    try broker.start()
    let first = publisher(broker.settings)
    try await running(first) {
      let raised = [plant.advisory(1, .raised), plant.advisory(2, .raised, sequence: 2)]
      await first.stored(outbox.add(raised.map { .output($0) }))
      await outbox.whenEmpty()
    }
    let early = try await broker.subscriber()
    try await running(publisher(broker.settings, openAlerts: [plant.advisory(2, .updated)])) {
      let seen = try await early.messages { $0.topic.hasSuffix("alert/1") && $0.payload == nil }
      #expect(!seen.contains { $0.topic.hasSuffix("alert/2") && $0.payload == nil })
      let late = try await broker.subscriber("late")
      #expect(try await late.leaves(2) == ["alert/2", "gw-01/status"])
    }
  }

  @Test func `a wrong password is said, and the right one is taken without a restart`() async throws
  {
    let users = try Broker()
    let broker = try Broker(["allow_anonymous false", "password_file \(users.folder)/users"])
    try writeFile("vigie:secret\n", to: users.folder + "/users")
    let hashing = try ChildProcess(["mosquitto_passwd", "-U", users.folder + "/users"])
    #expect(hashing.line() == nil)
    try broker.start()
    var settings = broker.settings
    settings.user = "vigie"
    settings.passwordFile = users.folder + "/password"
    await outbox.add(telemetry(0..<5))
    let publisher = publisher(settings)
    try await running(publisher) {
      try await until { publisher.status.lastError != nil }
      #expect(publisher.status.lastError == users.folder + "/password: cannot be read")
      try writeFile("wrong\n", to: users.folder + "/password")
      publisher.reconnectNow()
      try await until { publisher.status.lastError?.hasPrefix("Connection") == true }
      #expect(publisher.status.lastError == "Connection Refused: not authorised.")
      try writeFile("secret\n", to: users.folder + "/password")
      publisher.reconnectNow()
      await outbox.whenEmpty()
      #expect(publisher.status.isConnected)
    }
  }

  @Test(arguments: [false, true])
  func `beside a client of the same name it gives way, and says so`(usesMQTT5: Bool) async throws {
    let broker = try Broker()
    try broker.start()
    var settings = broker.settings
    settings.usesMQTT5 = usesMQTT5
    let publisher = publisher(settings)
    try await running(publisher) {
      try await until { publisher.status.isConnected }
      // It comes back each second, as long as it lives.
      let rival = try ChildProcess([
        "mosquitto_sub", "-p", "\(broker.port)", "-i", settings.clientID, "-t", "nothing",
      ])
      try await until { publisher.status.lastError?.contains("is called 'vigie-test' too") == true }
      #expect(publisher.status.connectionCount == 5)
      rival.end()
      publisher.reconnectNow()
      try await until { publisher.status.isConnected }
    }
  }

  @Test func `over TLS it trusts the right authority only, and says so otherwise`() async throws {
    let certificates = try Certificates()
    let broker = try Broker([
      "allow_anonymous true", "cafile \(certificates.authority)",
      "certfile \(certificates.certificate)", "keyfile \(certificates.key)",
    ])
    try broker.start()
    var settings = broker.settings
    settings.encryption = .init()
    await outbox.add(telemetry(0..<30))
    let suspicious = publisher(settings)
    try await running(suspicious) {
      try await until { suspicious.status.lastError != nil }
      #expect(
        suspicious.status.lastError
          == "the broker's certificate is not vouched for by the authority that is trusted here; "
          + "name its own as 'ca'"
      )
      #expect(suspicious.status.publishedCount == 0)
      #expect(suspicious.isAlive)
    }
    settings.encryption = .init(authorityFile: certificates.authority)
    let trusting = publisher(settings)
    try await running(trusting) {
      await outbox.whenEmpty()
      #expect(trusting.status.isConnected)
    }
    settings.encryption = .init(authorityFile: "/nowhere.pem")
    let mistaken = publisher(settings)
    try await running(mistaken) {
      try await until { mistaken.status.lastError != nil }
      #expect(mistaken.status.lastError == "/nowhere.pem: cannot be read")
    }
  }

  @Test(arguments: [true, false])
  func `where the broker refuses our certificate that is told, and tried for ever`(
    showsCertificate: Bool
  ) async throws {
    let (ours, foreign) = (try Certificates(), try Certificates())
    func rules(trusting authority: String, areStrict: Bool = true) -> [String] {
      [
        "allow_anonymous true", "cafile \(authority)", "certfile \(ours.certificate)",
        "keyfile \(ours.key)", "require_certificate \(areStrict)",
      ]
    }
    let broker = try Broker(rules(trusting: foreign.authority))
    try broker.start()
    var settings = broker.settings
    settings.encryption = .init(
      authorityFile: ours.authority,
      certificateFile: showsCertificate ? ours.certificate : nil,
      keyFile: showsCertificate ? ours.key : nil
    )
    let words =
      showsCertificate
      ? "the broker refuses the certificate of this gateway"
      : "the broker asks for a certificate of this gateway; name it as 'certificate' and its key as "
        + "'key', or give both as credentials"
    await outbox.add(telemetry(0..<30))
    let publisher = publisher(settings)
    try await running(publisher) {
      // Whatever the network tells first, each attempt ends the same.
      for _ in 0..<5 {
        try await until { publisher.status.lastError != nil }
        #expect(publisher.status.lastError?.hasPrefix(words) == true)
        #expect(publisher.isAlive && !publisher.status.isConnected)
        publisher.reconnectNow()
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(publisher.status.connectionCount == 0)
      broker.stop()
      try broker.configure(rules(trusting: ours.authority, areStrict: showsCertificate))
      try broker.start()
      publisher.reconnectNow()
      await outbox.whenEmpty()
      #expect(publisher.status.isConnected && publisher.status.connectionCount == 1)
    }
  }
}
