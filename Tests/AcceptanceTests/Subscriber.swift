import Foundation
import ProcessSupport
import Synchronization

/// A third-party client that notes all that reaches the broker.
final class Subscriber: Sendable {
  private let program: RunningProgram
  private let parsed = Mutex<(lineCount: Int, messages: [Message])>((0, []))

  /// Subscribes, and returns when the broker has taken the subscription.
  init(port: UInt16) async throws {
    program = try RunningProgram(testPython, [fixture("subscribe.py"), "\(port)"])
    try await isReady(times: 1)
  }

  /// Waits for another subscription after the broker has come back.
  func isReady(times count: Int) async throws {
    try await program.prints("\"ready\"", times: count)
  }

  /// Waits until all has come that the broker at `port` has confirmed to others.
  ///
  /// A broker that is killed before takes with it what it has confirmed and not passed on.
  func hasAllConfirmed(port: UInt16) async throws {
    let topic = "vigie/end-\(messages.count)"
    let (code, text) = try RunningProgram.run(
      "mosquitto_pub",
      ["-h", "127.0.0.1", "-p", "\(port)", "-q", "1", "-t", topic, "-m", "end"]
    )
    guard code == 0 else { throw Timeout(what: "mosquitto_pub: \(text)") }
    try await eventually("the end of what is confirmed") {
      self.messages.contains { $0.topic == topic }
    }
  }

  /// Everything that came, in order.
  var messages: [Message] {
    parsed.withLock { parsed in
      let text = program.text
      let complete = text.prefix(through: text.lastIndex(of: "\n") ?? text.startIndex)
      let lines = complete.split(separator: "\n")
      for line in lines.dropFirst(parsed.lineCount) {
        let line = Data(line.utf8)
        if let message = try? JSONDecoder().decode(Message.self, from: line) {
          parsed.messages.append(message)
        }
      }
      parsed.lineCount = lines.count
      return parsed.messages
    }
  }

  /// The telemetry, each message once however often it was sent, in order.
  var telemetry: [Telemetry] {
    var known: Set<String> = []
    return messages.filter { $0.topic.hasSuffix("/telemetry") }
      .compactMap { $0.content(as: Telemetry.self) }
      .filter { known.insert($0.id).inserted }
  }

  /// The latest reading of each value, by its name on its machine.
  var latest: [String: Telemetry.Reading] {
    telemetry.reduce(into: [:]) { $0.merge($1.values) { $1 } }
  }

  /// Every step in the lives of alerts.
  var alerts: [Alert] {
    messages.filter { $0.topic.contains("/alert/") }.compactMap { $0.content(as: Alert.self) }
  }

  var statuses: [AgentState] {
    messages.filter { $0.topic.hasSuffix("/status") }
      .compactMap { $0.content(as: AgentState.self) }
  }
}

struct Message: Decodable {
  var topic: String
  var retained: Bool
  var payload: String

  func content<Content: Decodable>(as type: Content.Type) -> Content? {
    try? JSONDecoder().decode(type, from: Data(payload.utf8))
  }
}

struct Telemetry: Decodable {
  var id: String
  var machine: String
  var time: String
  /// Whether it is of the time before the present; left out where not.
  var historical: Bool?
  var values: [String: Reading]

  struct Reading: Decodable, Equatable {
    var value: Double?
    var unit: String
    var quality: String
    var reason: String?
  }

  /// Its place in the order of what was stored.
  var place: Int { id.split(separator: "-").last.flatMap { Int($0) } ?? -1 }

  /// The same text for a frame in the store.
  var key: String {
    let values = values.map { name, reading in
      "\(name)=\(reading.value.map { "\($0)" } ?? "-")"
    }
    return "\(time) \(machine) \(values.sorted())"
  }
}

struct Alert: Decodable {
  var id: String
  var alert: UInt64
  var phase: String
  var `class`: String
  var priority: String
  var since: String
  var language: String
  var title: String
  var text: String
}

struct AgentState: Decodable {
  var state: String
  var reason: String?
  /// How the agent is; left out before it knows.
  var agent: Agent?

  struct Agent: Decodable {
    var store: Store
  }

  struct Store: Decodable {
    var error: String?
  }
}

/// The way from the agent to the broker, which a test opens and cuts.
///
/// A subscriber that goes straight to the broker is there before the agent finds it again.
final class Gate: Sendable {
  private let port: UInt16
  private let brokerPort: UInt16
  private let forwarder = Mutex<RunningProgram?>(nil)

  /// A closed gate: whoever connects to `port` is refused.
  init(port: UInt16, to brokerPort: UInt16) {
    self.port = port
    self.brokerPort = brokerPort
  }

  func open() throws {
    let program = try RunningProgram(
      "socat",
      ["TCP-LISTEN:\(port),bind=127.0.0.1,reuseaddr,fork", "TCP:127.0.0.1:\(brokerPort)"]
    )
    forwarder.withLock { $0 = program }
    try waitUntilListening(port: port)
  }

  /// Cuts the connections and refuses new ones.
  func close() async throws {
    try forwarder.withLock { forwarder in
      guard let forwarder else { return }
      // It must not take another connection while its children, which carry them, are listed.
      forwarder.signal(SIGSTOP)
      let id = forwarder.processID
      let children = try String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
      forwarder.signal(SIGKILL)
      for child in children.split(separator: " ").compactMap({ Int32($0) }) { kill(child, SIGKILL) }
    }
    try await eventually("a closed gate") { !isListening(port: port) }
  }
}
