package import ConditionModel

/// Plain JSON topics: rules only, no socket.
///
/// `MessageRenderer` gives the messages.
///
/// Whoever subscribes sees first what is so now, from the broker's memory. What happened while nobody
/// could be told follows later as history, marked so and not retained: it must not put the present
/// in the shade. What the broker still remembers and is no longer so leaves its memory with each
/// connection: word of an end may have been lost with a full or a damaged store.
package struct JSONSession: Publication {
  private let renderer: MessageRenderer
  private let commandTopic: String
  private let machines: Set<Substring>
  private var gate: CommandGate
  package private(set) var isReady = false
  private var agent: String?
  /// What the broker should remember: the newest message of each topic, in the order of first use.
  private var retained: [Message] = []
  /// The number of the latest output that was observed.
  private var latestSequence: UInt64 = 0
  /// When the newest values of each machine were read.
  private var newest: [Timestamp?]
  private var connectedAt = Timestamp(nanoseconds: .min)

  /// - Parameters:
  ///   - plant: The names and units behind the numbers.
  ///   - gate: Which commands are taken up.
  ///   - openAlerts: The alerts that were open when the program started.
  ///   - wording: What people read about an alert.
  package init(
    plant: Plant,
    gate: CommandGate = CommandGate(allowed: []),
    openAlerts: [PipelineOutput] = [],
    wording: @escaping @Sendable (Advisory) -> AdvisoryText
  ) {
    renderer = MessageRenderer(plant: plant, wording: wording)
    commandTopic = "vigie/\(plant.site)/\(plant.gateway)/command"
    machines = Set(plant.assets.map { Substring($0.name) })
    self.gate = gate
    newest = Array(repeating: nil, count: plant.assets.count)
    for alert in openAlerts { observe(.output(alert)) }
  }

  package var memory: UInt8 { 0 }
  package var asksForWill: Bool { false }
  package var counts: CommandCounts { gate.counts }
  package var subscriptions: [String] {
    renderer.rememberedTopics + (gate.acceptsRequests ? [commandTopic] : [])
  }

  // MARK: - The connection

  package mutating func connecting(at now: Timestamp) -> Message {
    renderer.status(.offline, reason: "connection lost", time: now)
  }

  package mutating func connected(at now: Timestamp) -> [PublicationStep] {
    isReady = true
    connectedAt = now
    return ([renderer.status(.online, time: now, agent: agent)] + retained).map { .send($0) }
  }

  package mutating func disconnected(wasHeard: Bool) {
    isReady = false
  }

  package func farewell(at now: Timestamp) -> Message {
    renderer.status(.offline, reason: "stopped", time: now)
  }

  package mutating func advance(to now: Timestamp) -> [PublicationStep] { [] }

  package mutating func report(_ json: String, at now: Timestamp) -> [Message] {
    agent = json
    return isReady ? [renderer.status(.online, time: now, agent: agent)] : []
  }

  package mutating func received(
    _ message: ReceivedMessage,
    at now: Timestamp
  ) -> [PublicationStep] {
    if let machine = renderer.machine(ofRemembered: message.topic) {
      // What is not from the broker's memory is our own word.
      let isOver =
        message.isRetained && !message.payload.isEmpty
        && !isSo(message.topic, of: machine)
      return isOver ? [.send(Message(topic: message.topic, payload: [], isRetained: true))] : []
    }
    guard gate.admits(message) else { return [] }
    guard message.topic == commandTopic else {
      gate.countForeign()
      return []
    }
    return gate.command(in: message.payload, at: now).map { [.command($0)] } ?? []
  }

  /// Whether the broker rightly remembers something under `topic`.
  private func isSo(_ topic: String, of machine: Substring) -> Bool {
    // How a machine is now, the next report tells.
    topic.contains("/alert/") ? retained.contains { $0.topic == topic } : machines.contains(machine)
  }

  // MARK: - What is told

  package mutating func observe(_ content: OutboxEntry.Content) {
    switch content {
    case .telemetry(let frame): newest[Int(frame.asset.index)] = frame.timestamp
    case .output(let output):
      latestSequence = max(latestSequence, output.sequence)
      for message in renderer.messages(for: output) where message.isRetained { remember(message) }
    case .departed: break
    }
  }

  package mutating func publish(
    _ entry: OutboxEntry,
    isPast: Bool,
    at now: Timestamp
  ) -> [Message] {
    switch entry.content {
    case .telemetry(let frame):
      // The newest values of a machine are its present, however old they are.
      let isHistory = isPast && frame.timestamp != newest[Int(frame.asset.index)]
      return [renderer.telemetry(frame, id: entry.id, isHistory: isHistory)]
    case .output(let output):
      // It may be read from the store before word of it came.
      if output.sequence > latestSequence, output.timestamp >= connectedAt {
        observe(entry.content)
      }
      let messages = renderer.messages(for: output)
      guard let said = messages.first, let last = messages.last else { return [] }
      let current = retained.first { $0.topic == said.topic }
      if current == said { return messages }
      var past = renderer.messages(for: output, isHistory: isPast)[0]
      past.isRetained = false
      // An alert that is over leaves the broker's memory, unless it came back since.
      return last.payload.isEmpty && current == nil ? [past, last] : [past]
    case .departed(let machine):
      return renderer.messages(for: machine, isHistory: isPast)
    }
  }

  package mutating func historyEnded(at now: Timestamp) -> [Message] { [] }

  private mutating func remember(_ message: Message) {
    let place = retained.firstIndex { $0.topic == message.topic }
    switch (place, message.payload.isEmpty) {
    case (let place?, false): retained[place] = message
    case (let place?, true): retained.remove(at: place)
    case (nil, false): retained.append(message)
    case (nil, true): break
    }
  }
}
