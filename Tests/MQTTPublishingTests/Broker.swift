import EdgeRuntime
import Glibc
import MQTTPublishing
import ProcessSupport
import Testing

/// A mosquitto of our own on a free port of the loopback interface, with a folder of its own.
final class Broker {
  let port: UInt16
  let folder: String
  private let configuration: String
  private var process: ChildProcess?

  /// Prepares the broker; `start()` starts it.
  init(_ lines: [String] = ["allow_anonymous true"]) throws {
    port = freePort()
    var template = Array("/tmp/vigie-mqtt-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    configuration = folder + "/mosquitto.conf"
    try configure(lines)
  }

  /// Writes the rules by which it runs from the next start on.
  func configure(_ lines: [String]) throws {
    let listener = ["listener \(port) 127.0.0.1"]
    let common = [
      "user root", "persistence true", "persistence_location \(folder)/", "log_type none",
      "max_queued_messages 0", "max_inflight_messages 1000",
    ]
    try writeFile((listener + lines + common).joined(separator: "\n") + "\n", to: configuration)
  }

  var settings: BrokerSettings {
    BrokerSettings(host: "127.0.0.1", port: port, clientID: "vigie-test")
  }

  /// Starts it, and waits until it listens.
  func start() throws {
    process = try ChildProcess(["mosquitto", "-c", configuration])
    try waitUntilListening(port: port)
  }

  /// Stops it so that it keeps the sessions and messages of its clients.
  func stop() {
    process?.end(with: SIGTERM)
  }

  /// Stops it so that it forgets everything.
  func forget() {
    process?.end(with: SIGKILL)
    unlink(folder + "/mosquitto.db")
  }

  func freeze() {
    process?.signal(SIGSTOP)
  }

  func thaw() {
    process?.signal(SIGCONT)
  }

  func subscriber(_ name: String = "reader") async throws -> Subscriber {
    let subscriber = try Subscriber(port: port, name: name)
    try await subscriber.awaitReady()
    return subscriber
  }

  deinit {
    process?.end()
    for name in ["mosquitto.conf", "mosquitto.db", "mosquitto.db.new", "password", "users"] {
      unlink("\(folder)/\(name)")
    }
    rmdir(folder)
  }
}

/// An authority and a certificate for 127.0.0.1, made by openssl for this test.
final class Certificates {
  private let holder: Broker
  var authority: String { holder.folder + "/authority.pem" }
  var certificate: String { holder.folder + "/broker.pem" }
  var key: String { holder.folder + "/broker.key" }

  init() throws {
    holder = try Broker()
    let process = try ChildProcess([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
      "-nodes", "-days", "2", "-subj", "/CN=vigie test", "-addext",
      "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
    ])
    #expect(process.line() == nil)
    let copy = try ChildProcess(["cp", certificate, authority])
    #expect(copy.line() == nil)
  }

  deinit {
    for file in [authority, certificate, key] { unlink(file) }
  }
}

/// An independent subscriber to everything (paho), whose session the broker keeps.
actor Subscriber {
  struct Received: Sendable {
    var topic: String
    var isRetained: Bool
    /// The identity of the message; empty for those without.
    var id: String
    fileprivate var text: String

    /// What the message says; `nil` for an empty one.
    var payload: JSONValue? { text.isEmpty ? nil : try? JSONValue(parsing: text) }
  }

  private let process: ChildProcess
  // Reading blocks.
  private let executor = ThreadExecutor(name: "subscriber")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(port: UInt16, name: String) throws {
    process = try ChildProcess([python, fixture("subscribe.py"), "\(port)", name])
  }

  /// Waits until it is subscribed.
  func awaitReady() throws {
    let line = try #require(process.line(), "the subscriber does not start; is paho installed?")
    #expect(line.contains("ready"))
  }

  /// The next message; `nil` if none comes.
  func next() throws -> Received? {
    while let line = process.line() {
      let value = try JSONValue(parsing: line)
      guard value["event"]?.string == "message" else { continue }
      return Received(
        topic: value["topic"]?.string ?? "",
        isRetained: value["retained"] == .boolean(true),
        id: value["id"]?.string ?? "",
        text: value["payload"]?.string ?? ""
      )
    }
    return nil
  }

  /// The messages up to and with the first that `isLast`.
  func messages(until isLast: @Sendable (Received) -> Bool) throws -> [Received] {
    var all: [Received] = []
    while true {
      let message = try #require(try next(), "nothing comes any more after \(all.count) messages")
      all.append(message)
      if isLast(message) { return all }
    }
  }

  /// The last two parts of the topics of the next `count` messages.
  func leaves(_ count: Int) throws -> Set<String> {
    var leaves: Set<String> = []
    for _ in 0..<count {
      let message = try #require(try next())
      leaves.insert(message.topic.split(separator: "/").suffix(2).joined(separator: "/"))
    }
    return leaves
  }

  /// The identities of telemetry, until there are `count` different ones.
  func telemetry(_ count: Int) throws -> [String] {
    var ids: [String] = []
    var known: Set<String> = []
    while known.count < count {
      let message = try #require(try next(), "nothing comes any more after \(known.count) frames")
      guard message.topic.hasSuffix("/telemetry") else { continue }
      if known.insert(message.id).inserted { ids.append(message.id) }
    }
    return ids
  }
}
