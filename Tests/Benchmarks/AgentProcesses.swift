import Foundation
import ProcessSupport

/// A simulated plant, a broker, a subscriber of another make, and the agent between them, each a
/// process of its own.
///
/// Whatever still runs ends with this object.
final class AgentProcesses {
  let site: BenchSite
  let storePath: String
  private let folder = TemporaryFolder()
  private let sitePath: String
  private let brokerPath: String
  private let plantSitePath: String
  private let vigie: String

  private var plant: RunningProgram?
  private var broker: RunningProgram?
  private var subscriber: RunningProgram?
  private(set) var agent: RunningProgram?

  /// Writes the files that all of them need; nothing is started yet.
  ///
  /// - Parameters:
  ///   - period: How often each device is read, as in a site file.
  ///   - line: Where the agent finds the devices; makes a serial bus's port in the given folder.
  ///   - formats: What the agent publishes, as in a site file.
  ///   - plantLine: Where the plant offers them, should something lie between.
  /// - Throws: When the program is not built or a file cannot be written.
  init(
    period: String,
    line: (_ folder: String) -> BenchSite.Line,
    formats: String = "json",
    plantLine: BenchSite.Line? = nil
  ) throws {
    vigie = try vigieProgram()
    let port = freePort()
    site = BenchSite(
      period: period,
      line: line(folder.path),
      brokerPort: port,
      formats: formats
    )
    storePath = folder.file("history.sqlite")
    sitePath = try folder.write(site.text, to: "site.yaml")
    var plantSite = site
    plantSite.line = plantLine ?? site.line
    plantSitePath = try folder.write(plantSite.text, to: "plant.yaml")
    brokerPath = try folder.write(
      """
      listener \(port) 127.0.0.1
      allow_anonymous true
      persistence false
      max_queued_messages 0
      log_type subscribe
      log_type error
      """,
      to: "mosquitto.conf"
    )
  }

  /// Starts everything in the order in which each finds what it needs.
  func start(scenarios: [String] = [], isPaced: Bool = false) throws {
    let plant = try RunningProgram(
      vigie,
      ["simulate", "--config", plantSitePath] + (isPaced ? [] : ["--unpaced"])
        + scenarios.flatMap { ["--scenario", $0] }
    )
    self.plant = plant
    try plant.waitForOutput("answers at")
    try startBroker()
    let subscriber = try RunningProgram(
      "mosquitto_sub",
      [
        "-h", "127.0.0.1", "-p", "\(site.brokerPort ?? 0)", "-q", "1", "-t",
        "vigie/+/+/+/telemetry", "-F", "%t %p",
      ]
    )
    self.subscriber = subscriber
    try waitForSubscription()
    try startAgent()
  }

  private func startBroker() throws {
    broker = try RunningProgram("mosquitto", ["-c", brokerPath])
    try waitUntilListening(port: site.brokerPort ?? 0)
  }

  private func waitForSubscription() throws {
    try broker?.waitForOutput("vigie/+/+/+/telemetry")
  }

  /// Stops the broker and starts it again after `seconds`; meanwhile does `work`.
  ///
  /// A broker forgets what it confirmed and did not deliver, which would look like the agent's loss.
  /// So the agent is held for a moment at both ends: until all is delivered, and until the subscriber
  /// has found the new broker.
  func withoutBroker(for seconds: Double, _ work: () throws -> Void) throws {
    agent?.signal(SIGSTOP)
    Thread.sleep(forTimeInterval: 0.5)
    broker?.stop()
    agent?.signal(SIGCONT)
    let start = ContinuousClock.now
    try work()
    let rest = .seconds(seconds) - (ContinuousClock.now - start)
    Thread.sleep(forTimeInterval: max(0, rest / .seconds(1)))
    agent?.signal(SIGSTOP)
    defer { agent?.signal(SIGCONT) }
    try startBroker()
    try waitForSubscription()
  }

  func startAgent() throws {
    agent = try RunningProgram(vigie, ["run", "--config", sitePath, "--store", storePath])
  }

  func killAgent() {
    agent?.signal(SIGKILL)
    agent?.waitUntilExit()
  }

  func figures() throws -> ProcessFigures {
    guard let agent else { throw Timeout(what: "an agent that was never started") }
    guard agent.isRunning else {
      let code = agent.waitUntilExit()
      throw Timeout(what: "the agent, which ended with \(code) and said:\n\(agent.text)")
    }
    return try ProcessFigures(of: agent)
  }

  /// Stops the plant, lets the agent publish the rest, and stops all others.
  ///
  /// - Returns: What the plant answered, by its own count, and what the subscriber received.
  func finish() throws -> (requests: Int, answers: Int, telemetry: Telemetry) {
    plant?.stop()
    let counts = (plant?.text ?? "").matches(of: #/: (\d+) requests, (\d+) answers/#)
    // The agent stores once a second and publishes what it stored.
    Thread.sleep(forTimeInterval: 3)
    agent?.stop()
    Thread.sleep(forTimeInterval: 0.5)
    subscriber?.stop()
    broker?.stop()
    return (
      counts.reduce(0) { $0 + (Int($1.output.1) ?? 0) },
      counts.reduce(0) { $0 + (Int($1.output.2) ?? 0) },
      try Telemetry(subscriber?.text ?? "")
    )
  }
}
