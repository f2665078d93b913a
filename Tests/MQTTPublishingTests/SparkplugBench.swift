import ConditionModel
import Testing

@testable import MQTTPublishing

/// A session that a test drives second by second, and what it says in short words.
///
/// `NBIRTH 0 bdSeq=0 Node Control/Rebirth=false` is type, sequence number and metrics; a device's
/// messages begin with `DBIRTH:pompe-3`, aliases show as the names that the births gave them, history
/// with a leading `~`, null as `-`, and a quality that is not good behind `!`.
struct SparkplugBench {
  static let group = "atelier-nord"
  static let node = "gw-01"
  private static let birthTopic = "spBv1.0/\(group)/NBIRTH/\(node)"

  var session: SparkplugSession
  let plant: Plant
  var second: Int64 = 1_000
  private var names: [UInt64: String] = [:]
  private var nextID: Int64 = 1
  private var sequence: UInt64 = 0
  private(set) var messages: [Message] = []

  init(
    channels: Int = 2,
    devices: Int = 1,
    numbers: [UInt16] = [],
    allowed: Set<RemoteCommand.Kind> = [.rebirth],
    lastBirthNumber: UInt8 = 255,
    _ change: (inout SparkplugSettings) -> Void = { _ in }
  ) {
    var plant = samplePlant(channels: channels, machines: devices)
    for (channel, number) in numbers.enumerated() { plant.channels[channel].device = number }
    self.plant = plant
    var settings = SparkplugSettings(group: Self.group, node: Self.node)
    change(&settings)
    session = SparkplugSession(
      settings: settings,
      plant: plant,
      gate: CommandGate(allowed: allowed),
      lastBirthNumber: lastBirthNumber,
      wording: words
    )
  }

  enum Event: Sendable {
    case connecting
    case connected
    case cut(wasHeard: Bool)
    /// Values of the first machine, stored now.
    case values([Double])
    /// All channels of the first machine say this.
    case fault(Fault)
    /// Values that were stored so many seconds ago and are told only now.
    case late(Int64, [Double])
    /// Values that are stored while nobody listens.
    case unheard([Double])
    case historyEnded
    case health(Double)
    case alert(UInt64, Advisory.Phase)
    case life
    case noLife
    case rebirth(Bool)
    case state(String)
    case hear(String, [UInt8])
    /// The broker sends back the last birth of the node.
    case echo
    /// Another node says that it is this one.
    case foreignBirth
    case wait(Int64)
    case stop
  }

  /// What the session says to an event, in short words.
  mutating func tell(_ event: Event) -> [String] {
    second += 1
    switch event {
    case .connecting: return say([session.connecting(at: now)])
    case .connected: return say(session.connected(at: now))
    case .cut(let wasHeard):
      session.disconnected(wasHeard: wasHeard)
      return []
    case .values(let values): return store(.telemetry(plant.frame(second: second, values: values)))
    case .fault(let fault):
      let count = plant.channels.count { $0.asset == plant.assets[0].id }
      return store(
        .telemetry(
          plant.frame(
            second: second,
            values: Array(repeating: 0, count: count),
            qualities: Array(repeating: .bad(fault), count: count)
          )
        )
      )
    case .late(let age, let values):
      let frame = plant.frame(second: second - age, values: values)
      return publish(.telemetry(frame), isPast: true)
    case .unheard(let values):
      session.observe(.telemetry(plant.frame(second: second, values: values)))
      return []
    case .historyEnded: return say(session.historyEnded(at: now))
    case .health(let grade): return store(health(grade))
    case .alert(let id, let phase): return store(alert(id, phase))
    case .life: return store(.output(life(.remainingLife(plant.remainingLife))))
    case .noLife: return store(.output(life(.noTrend(.steady))))
    case .rebirth(let isWanted):
      let metric = SparkplugMetric(
        name: "Node Control/Rebirth",
        timestamp: now,
        dataType: .boolean,
        value: .boolean(isWanted)
      )
      let payload = SparkplugPayload(timestamp: now, metrics: [metric])
      return hear("spBv1.0/\(Self.group)/NCMD/\(Self.node)", payload.encoded)
    case .state(let json): return hear("spBv1.0/STATE/scada", Array(json.utf8))
    case .hear(let topic, let payload): return hear(topic, payload)
    case .echo:
      guard let birth = messages.last(where: { $0.topic == Self.birthTopic }) else { return [] }
      return hear(Self.birthTopic, birth.payload)
    case .foreignBirth: return hear(Self.birthTopic, [0x18, 0])
    case .wait(let seconds):
      second += seconds
      return say(session.advance(to: now))
    case .stop: return say([session.farewell(at: now)])
    }
  }

  var now: Timestamp { Timestamp(seconds: second) }

  /// What the core says about the first machine now.
  mutating func alert(_ id: UInt64, _ phase: Advisory.Phase) -> OutboxEntry.Content {
    sequence += 1
    var output = plant.advisory(id, phase, sequence: sequence)
    if case .advisory(var advisory) = output.content {
      advisory.timestamp = now
      output.content = .advisory(advisory)
    }
    return .output(output)
  }

  private mutating func health(_ grade: Double) -> OutboxEntry.Content {
    sequence += 1
    var output = plant.health(sequence: sequence)
    if case .health(var report) = output.content {
      report.timestamp = now
      report.grade = grade
      output.content = .health(report)
    }
    return .output(output)
  }

  private func life(_ outlook: Prognosis.Outlook) -> PipelineOutput {
    let prognosis = Prognosis(asset: plant.assets[0].id, timestamp: now, outlook: outlook)
    return PipelineOutput(sequence: 1, content: .prognosis(prognosis))
  }

  mutating func store(_ content: OutboxEntry.Content) -> [String] {
    session.observe(content)
    return publish(content)
  }

  mutating func publish(_ content: OutboxEntry.Content, isPast: Bool = false) -> [String] {
    guard session.isReady else { return [] }
    nextID += 1
    let entry = OutboxEntry(id: nextID, content: content)
    return say(session.publish(entry, isPast: isPast, at: now))
  }

  private mutating func hear(_ topic: String, _ payload: [UInt8]) -> [String] {
    say(session.received(ReceivedMessage(topic: topic, payload: payload), at: now))
  }

  private mutating func say(_ steps: [PublicationStep]) -> [String] {
    steps.flatMap { step -> [String] in
      switch step {
      case .send(let message): say([message])
      case .leave(let reason): ["leave: \(reason)"]
      case .yield(let reason): ["yield: \(reason)"]
      case .command(let command): ["command: \(command.content) by \(command.user)"]
      }
    }
  }

  private mutating func say(_ said: [Message]) -> [String] {
    messages += said
    return said.map { message in
      guard let payload = try? SparkplugPayload(decoding: message.payload) else {
        return "no payload on \(message.topic)"
      }
      let parts = message.topic.split(separator: "/")
      var line = "\(parts[2])"
      if parts.count > 4 { line += ":\(parts[4])" }
      if let sequence = payload.sequence { line += " \(sequence)" }
      for metric in payload.metrics {
        if let name = metric.name, let alias = metric.alias { names[alias] = name }
        line += " " + text(of: metric)
      }
      return line
    }
  }

  private func text(of metric: SparkplugMetric) -> String {
    let name = metric.name ?? metric.alias.flatMap { names[$0] } ?? "?"
    let value =
      switch metric.value {
      case nil: "-"
      case .int32(let number): "\(number)"
      case .int64(let number): "\(number)"
      case .double(let number): "\(number)"
      case .boolean(let flag): "\(flag)"
      case .string(let text): "'\(text)'"
      }
    let quality = metric.properties.first { $0.key == "Quality" }?.value
    let doubt: String
    if case .int32(let code) = quality, code != 192 { doubt = "!\(code)" } else { doubt = "" }
    return "\(metric.isHistorical ? "~" : "")\(name)=\(value)\(doubt)"
  }
}
