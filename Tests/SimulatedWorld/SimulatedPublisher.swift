import ConditionModel
import HistoryStore
import MQTTPublishing

/// What `MQTTPublisher` does around a `Delivery`, without its tasks and its socket.
struct SimulatedPublisher {
  let reader: String
  private var delivery: Delivery
  private let outbox: any Outbox
  private let remember: @Sendable (UInt8) async -> Void
  private var remembered: UInt8?
  private var session = 0
  /// Entries that the outbox gave and no message told: nothing in them was worth one.
  private var untold: Set<Int64> = []
  /// Entries that a message told on this connection, not confirmed yet: what is asked for as history
  /// may reach into the news.
  private var told: Set<Int64> = []
  /// When there is something to do although nothing happened.
  private(set) var resumesAt: Duration?
  /// Deliberately broken: says that the broker has what was only just handed out.
  var forgets = false

  init(
    _ publication: any Publication,
    reader: String,
    outbox: any Outbox,
    remember: @escaping @Sendable (UInt8) async -> Void
  ) {
    self.reader = reader
    self.outbox = outbox
    self.remember = remember
    delivery = Delivery(publication, historyRate: Self.historyRate)
  }

  private static let historyRate = 1_000

  var heldCount: Int { delivery.heldCount }
  /// How much may be held: a few windows of messages.
  ///
  /// What Sparkplug writes counts as told only after a while, and as much history as may go out
  /// meanwhile is on its way.
  var mostHeld: Int {
    let written = Int(SimulatedBroker.confirmationTime.inSeconds) * Self.historyRate
    return 400 + (reader == "sparkplug" ? written : 0)
  }
  var inFlightCount: Int { delivery.inFlightCount }
  func farewell(at now: Timestamp) -> Message { delivery.publication.farewell(at: now) }

  /// Wants a connection, with a last will that was never used.
  mutating func connect(_ broker: inout SimulatedBroker, _ clock: SimulatedClock) async {
    let will = delivery.connecting(at: clock.wall)
    if remembered != delivery.publication.memory {
      remembered = delivery.publication.memory
      await remember(delivery.publication.memory)
    }
    let subscriptions = delivery.publication.subscriptions
    broker.connect(will, hearing: subscriptions, at: clock.elapsed)
  }

  /// Hears what is stored now.
  mutating func stored(_ contents: [OutboxEntry.Content], _ clock: SimulatedClock) {
    delivery.stored(contents)
  }

  mutating func report(_ json: String, _ clock: SimulatedClock) {
    delivery.report(json, at: clock.wall)
  }

  /// Takes what the broker did, and does what there is to do.
  ///
  /// - Returns: What somebody asked through the broker.
  mutating func turn(
    _ broker: inout SimulatedBroker,
    _ clock: SimulatedClock,
    _ ledger: inout Ledger
  ) async throws -> [RemoteCommand] {
    resumesAt = nil
    var commands: [RemoteCommand] = []
    // What is sent may have arrived at once, and what it makes room for too.
    for _ in 0..<10_000 {
      let events = broker.events(at: clock.elapsed)
      for event in events { commands += await take(event, &broker, clock) }
      try ledger.taken(broker.takeAccepted(), by: reader)
      let hasSent = try await work(&broker, clock, &ledger)
      guard hasSent || !events.isEmpty else { return commands }
    }
    throw BrokenPromise("\(reader): the delivery never comes to rest")
  }

  private mutating func take(
    _ event: SimulatedBroker.Event,
    _ broker: inout SimulatedBroker,
    _ clock: SimulatedClock
  ) async -> [RemoteCommand] {
    var steps: [PublicationStep] = []
    switch event {
    case .connected(let number):
      session = number
      untold = []
      told = []
      steps = delivery.connected(number, at: clock.wall)
    case .disconnected(let wasHeard):
      delivery.disconnected(wasHeard: wasHeard)
      await connect(&broker, clock)
    case .progress(let number, let progress):
      steps = delivery.progressed(progress, session: number, at: clock.wall)
    }
    return steps.compactMap { step in
      if case .command(let command) = step { command } else { nil }
    }
  }

  /// - Returns: Whether anything was sent.
  private mutating func work(
    _ broker: inout SimulatedBroker,
    _ clock: SimulatedClock,
    _ ledger: inout Ledger
  ) async throws -> Bool {
    var hasSent = false
    while true {
      switch delivery.next(at: clock.wall, elapsed: clock.elapsed) {
      case .send(let parcels):
        let tickets = parcels.compactMap(\.ticket)
        untold.subtract(tickets)
        told.formUnion(tickets)
        broker.send(parcels, session: session, at: clock.elapsed)
        hasSent = true
      case .acknowledge(let ids):
        told.subtract(ids)
        let silent = ids.filter { untold.remove($0) != nil }
        let strange = silent.filter { !ledger.mayBeSilent($0) }
        guard strange.isEmpty || reader != "json" else {
          throw BrokenPromise("json: entries \(strange) count as told, and no message tells them")
        }
        try ledger.taken(silent, by: reader)
        try ledger.acknowledged(ids, by: reader)
        try await outbox.acknowledge(ids)
        delivery.settled()
      case .findLatest:
        delivery.begin(behind: try await outbox.latestID(), elapsed: clock.elapsed)
      case .fetch(let position, let limit):
        let entries = try await outbox.pending(after: position, limit: limit)
        try ledger.fetched(entries, by: reader)
        if forgets, let entry = entries.last { try await outbox.acknowledge([entry.id]) }
        untold.formUnion(entries.map(\.id).filter { !told.contains($0) })
        delivery.take(forgets ? entries.dropLast() : entries, at: clock.wall)
      case .pause(let pause):
        resumesAt = clock.elapsed + pause
        return hasSent
      case .rest: return hasSent
      }
    }
  }
}
