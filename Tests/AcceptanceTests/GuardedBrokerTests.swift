import Foundation
import ProcessSupport
import Testing

/// A mosquitto that runs by the files in `deploy/mosquitto`.
private final class GuardedBroker {
  let authority: CertificateAuthority
  private let folder = TemporaryFolder()
  private let port: UInt16
  private var program: RunningProgram?
  private var identity: CertificateAuthority.Identity?

  /// - Parameters:
  ///   - port: Where it will listen.
  ///   - authority: Who vouches for its clients.
  init(port: UInt16, authority: CertificateAuthority) {
    self.port = port
    self.authority = authority
  }

  deinit { stop() }

  /// Starts it as `identity`.
  func start(as identity: CertificateAuthority.Identity) throws {
    self.identity = identity
    let rules = try shipped("vigie.acl").replacing("workshop", with: "works")
    let acl = try folder.write(rules, to: "vigie.acl")
    let settings = try shipped("vigie.conf")
      .replacing("listener 8883", with: "listener \(port) 127.0.0.1")
      .replacing("/etc/mosquitto/certs/ca.pem", with: authority.certificate)
      .replacing("/etc/mosquitto/certs/broker.pem", with: identity.certificate)
      .replacing("/etc/mosquitto/certs/broker.key", with: identity.key)
      .replacing("/etc/mosquitto/conf.d/vigie.acl", with: acl)
    try FileManager.default.createDirectory(
      atPath: folder.file("conf.d"),
      withIntermediateDirectories: true
    )
    // As Debian's own file does, which includes it; but as this user.
    _ = try folder.write(settings, to: "conf.d/vigie.conf")
    let path = try folder.write(
      """
      user root
      persistence true
      persistence_location \(folder.path)/
      include_dir \(folder.file("conf.d"))
      """,
      to: "mosquitto.conf"
    )
    program = try RunningProgram("mosquitto", ["-c", path])
    try waitUntilListening(port: port)
  }

  func stop() {
    program?.signal(SIGKILL)
    program?.waitUntilExit()
    program = nil
  }

  private func shipped(_ name: String) throws -> String {
    try String(contentsOfFile: "\(packageFolder())/deploy/mosquitto/\(name)", encoding: .utf8)
  }

  /// What a client of mosquitto needs to be `identity`.
  func options(of identity: CertificateAuthority.Identity) -> [String] {
    [
      "-h", "127.0.0.1", "-p", "\(port)", "--cafile", authority.certificate, "--cert",
      identity.certificate, "--key", identity.key,
    ]
  }
}

extension ProcessTests {
  /// Encrypted publication by certificates, with the broker files that Vigie ships.
  struct GuardedBrokerTests {
    private static func mqtt(port: UInt16, _ more: String) -> String {
      "mqtt: { broker: 'mqtts://127.0.0.1:\(port)', formats: [json, sparkplug]\(more) }\n"
    }

    /// A folder as systemd makes it of `LoadCredential=`.
    private func credentials(
      _ authority: CertificateAuthority,
      _ identity: CertificateAuthority.Identity
    ) throws -> TemporaryFolder {
      let folder = TemporaryFolder()
      for (name, path) in [
        ("mqtt_ca", authority.certificate), ("mqtt_certificate", identity.certificate),
        ("mqtt_key", identity.key),
      ] { _ = try folder.write(String(contentsOfFile: path, encoding: .utf8), to: name) }
      return folder
    }

    @Test func `by its certificate a gateway says its own, and only who may can ask it`()
      async throws
    {
      let port = freePort()
      let authority = try CertificateAuthority()
      let broker = GuardedBroker(port: port, authority: authority)
      try broker.start(as: authority.identity("broker", address: "IP:127.0.0.1"))
      let workplace = try Workplace(
        mqtt: Self.mqtt(port: port, ", commands: [acknowledge, rebirth]")
      )
      let scada = try broker.options(of: authority.identity("scada"))
      let heard = try RunningProgram(
        "mosquitto_sub",
        scada + ["-t", "vigie/#", "-t", "spBv1.0/#", "-F", "%t %p"]
      )
      let plant = try await workplace.simulate(
        "pump-1: bearing wear from 2 s over 10 s",
        speed: 10
      )
      let secrets = try credentials(authority, authority.identity("gw"))
      let agent = try await workplace.run(environment: ["CREDENTIALS_DIRECTORY": secrets.path])
      #expect(agent.text.contains("mqtt_ca, mqtt_certificate, mqtt_key"))
      try await heard.prints("vigie/works/gw/pump-1/telemetry")
      try await heard.prints("spBv1.0/works/DBIRTH/gw/pump-1")
      try await heard.prints("spBv1.0/works/DDATA/gw/pump-1")
      try await heard.prints("vigie/works/gw/pump-1/alert/1 ")

      func ask(_ identity: [String], id: String, age: Int = 0, alert: Int = 1) throws {
        let now = Int(Date().timeIntervalSince1970 * 1_000) - age * 1_000
        let command = """
          {"id":"\(id)","timestamp":\(now),"command":"acknowledge","alert":\(alert),"user":"marie"}
          """
        let (code, text) = try RunningProgram.run(
          "mosquitto_pub",
          identity + ["-q", "1", "-t", "vigie/works/gw/command", "-m", command]
        )
        #expect(code == 0, "\(text)")
      }
      // Another gateway of the same authority may not: the broker drops it.
      try ask(broker.options(of: authority.identity("gw-2")), id: "foreign")
      try ask(scada, id: "late", age: 400)
      try ask(scada, id: "none", alert: 77)
      try ask(scada, id: "first")
      try await heard.prints("\"acknowledged\":true")
      try ask(scada, id: "first")
      try await eventually("counted commands") {
        try workplace.status().brokers.first?.commands?.replayed == 2
      }
      let counts = try #require(try workplace.status().brokers.first?.commands)
      #expect(counts.accepted == 2 && counts.malformed == 0)

      // A payload with the one metric 'Node Control/Rebirth', a Boolean (11) that is true.
      let name = Array("Node Control/Rebirth".utf8)
      let metric = [0x0A, UInt8(name.count)] + name + [0x20, 11, 0x70, 1]
      let file = workplace.folder.file("rebirth")
      try Data([0x12, UInt8(metric.count)] + metric).write(to: URL(filePath: file))
      func askForBirths(_ identity: [String]) throws {
        let (code, text) = try RunningProgram.run(
          "mosquitto_pub",
          identity + ["-q", "1", "-t", "spBv1.0/works/NCMD/gw", "-f", file]
        )
        #expect(code == 0, "\(text)")
      }
      try askForBirths(broker.options(of: authority.identity("gw-2")))
      try askForBirths(scada)
      try await heard.prints("spBv1.0/works/NBIRTH/gw", times: 2)
      try await eventually("one counted request for births") {
        try workplace.status().brokers.last?.commands?.accepted == 1
      }
      #expect(agent.stop() == 0)
      try await heard.prints("spBv1.0/works/NDEATH/gw")
      plant.stop()
    }

    @Test(arguments: [
      "has expired", "names another host", "is not vouched for by the authority",
    ])
    func `a certificate that is no good is told, and the agent waits for a better one`(
      words: String
    ) async throws {
      let port = freePort()
      let authority = try CertificateAuthority()
      let broker = GuardedBroker(port: port, authority: authority)
      let workplace = try Workplace(mqtt: Self.mqtt(port: port, ", version: 5"))
      let secrets = try credentials(authority, authority.identity("gw"))
      let address = "IP:127.0.0.1"
      let bad =
        switch words {
        case "has expired": try authority.identity("broker", address: address, days: -1)
        case "names another host": try authority.identity("broker", address: "DNS:elsewhere")
        default:
          try CertificateAuthority(name: "another").identity("broker", address: address)
        }
      try broker.start(as: bad)
      let agent = try await workplace.run(environment: ["CREDENTIALS_DIRECTORY": secrets.path])
      try await eventually("'\(words)' in the status") {
        (try? workplace.status())?.brokers.allSatisfy {
          $0.lastError?.contains(words) == true
        } == true
      }
      broker.stop()
      try broker.start(as: authority.identity("broker", address: address))
      try await eventually("connections", limit: .seconds(30)) {
        try workplace.status().brokers.allSatisfy(\.isConnected)
      }
      #expect(agent.stop() == 0)
    }

    @Test(arguments: [true, false])
    func `a gateway whose certificate is refused is told, and goes on once it has a better one`(
      isForeign: Bool
    ) async throws {
      let port = freePort()
      let authority = try CertificateAuthority()
      let broker = GuardedBroker(port: port, authority: authority)
      try broker.start(as: authority.identity("broker", address: "IP:127.0.0.1"))
      let bad =
        isForeign
        ? try CertificateAuthority(name: "another").identity("gw")
        : try authority.identity("gw", days: -1)
      let secrets = try credentials(authority, bad)
      let workplace = try Workplace(mqtt: Self.mqtt(port: port, ""))
      let agent = try await workplace.run(environment: ["CREDENTIALS_DIRECTORY": secrets.path])
      try await eventually("the refusal in the status") {
        (try? workplace.status())?.brokers.allSatisfy {
          $0.lastError?.hasPrefix("the broker refuses the certificate of this gateway") == true
        } == true
      }
      let better = try credentials(authority, authority.identity("gw"))
      for name in ["mqtt_certificate", "mqtt_key"] {
        _ = try secrets.write(String(contentsOfFile: better.file(name), encoding: .utf8), to: name)
      }
      try await eventually("connections", limit: .seconds(40)) {
        try workplace.status().brokers.allSatisfy(\.isConnected)
      }
      #expect(agent.stop() == 0)
    }
  }
}
