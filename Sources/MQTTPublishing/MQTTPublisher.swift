package import ConditionModel
import Glibc
import Synchronization

/// Publishes what the outbox holds, and takes it out when the broker has it.
///
/// Nothing is handed to the library unless the broker is there, and never more than a small window:
/// the backlog of an outage stays in the store. After a new connection everything that was not
/// acknowledged goes out again, in order and with the same identity. Open alerts and the health of
/// machines are said anew, because a broker may have lost its memory.
package actor MQTTPublisher {
  private enum Event: Sendable {
    case link(MosquittoLink.Event)
    case newEntries
    case report(String)
  }

  private let outbox: any Outbox
  private let renderer: MessageRenderer
  private let link: MosquittoLink
  private let events: AsyncStream<Event>
  private let feed: AsyncStream<Event>.Continuation
  private nonisolated let current = Mutex(PublisherStatus())
  /// Whether a `newEntries` is on its way already.
  private nonisolated let isSignalled = Atomic(false)

  /// The connection in use; `nil` while there is none.
  private var session: Int?
  /// The last entry that was sent in this session.
  private var position: Int64 = 0
  private var inFlight = 0
  /// What goes out before the entries: status, and what the broker may have forgotten.
  private var waiting: [Message] = []
  /// The newest retained message of each topic, in the order of the topics' first use.
  private var retained: [Message] = []
  /// How many values each telemetry entry on its way holds.
  private var valueCounts: [Int64: Int] = [:]
  /// Acknowledged by the broker, while the store has not taken it.
  private var confirmed: [Int64] = []
  private var agent: String?

  /// As many messages as the library sends without waiting for acknowledgements.
  private static let window = 20

  /// Prepares; `run()` connects.
  ///
  /// - Parameters:
  ///   - settings: How to reach the broker.
  ///   - plant: The names and units behind the numbers.
  ///   - outbox: What is to be published.
  ///   - openAlerts: The alerts that were open when the program started.
  ///   - wording: What people read about an alert.
  package init(
    settings: BrokerSettings,
    plant: Plant,
    outbox: any Outbox,
    openAlerts: [PipelineOutput] = [],
    wording: @escaping @Sendable (Advisory) -> AdvisoryText
  ) {
    self.outbox = outbox
    let renderer = MessageRenderer(plant: plant, wording: wording)
    self.renderer = renderer
    retained = openAlerts.flatMap(renderer.messages(for:)).filter { $0.isRetained }
    let (events, feed) = AsyncStream.makeStream(of: Event.self)
    self.events = events
    self.feed = feed
    link = MosquittoLink(
      settings: settings,
      window: Self.window,
      will: { renderer.status(.offline, reason: "connection lost", time: .now) },
      farewell: { renderer.status(.offline, reason: "stopped", time: .now) },
      handler: { feed.yield(.link($0)) }
    )
  }

  /// Publishes until the task is cancelled; then sends what is on its way, says that the agent is
  /// offline, and returns within about 2 seconds.
  package func run() async {
    let link = link
    let feed = feed
    link.start { feed.finish() }
    // A task of its own, so that the last acknowledgements are still heard after a cancellation.
    let work = Task { for await event in events { await handle(event) } }
    await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      link.stop()
    }
    current.withLock { status in
      status.isConnected = false
      status.inFlightCount = 0
    }
  }

  /// New entries are in the outbox.
  package nonisolated func signal() {
    guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
    feed.yield(.newEntries)
  }

  /// Publishes, as part of the retained status, what the agent says about itself.
  ///
  /// - Parameter json: A JSON object.
  package nonisolated func report(_ json: String) {
    feed.yield(.report(json))
  }

  /// Tries to connect now, for instance because the network just came up.
  package nonisolated func reconnectNow() {
    link.reconnectNow()
  }

  package nonisolated var status: PublisherStatus { current.withLock { $0 } }

  /// Whether the network thread does its rounds, connected or not: for the watchdog.
  package nonisolated var isAlive: Bool { link.isAlive(at: .now) }

  // MARK: - Events, one after the other

  private func handle(_ event: Event) async {
    switch event {
    case .newEntries:
      isSignalled.store(false, ordering: .releasing)
    case .report(let json):
      agent = json
      if session != nil { queueStatus() }
    case .link(.connected(let number)):
      session = number
      position = 0
      inFlight = 0
      waiting = retained
      queueStatus()
      current.withLock { status in
        status.isConnected = true
        status.connectionCount += 1
      }
    case .link(.disconnected(let reason)):
      session = nil
      inFlight = 0
      waiting = []
      current.withLock { status in
        status.isConnected = false
        status.lastError = reason
      }
    case .link(.acknowledged(let number, let tickets)):
      confirmed += tickets.compactMap { $0 }
      if number == session { inFlight -= tickets.count }
      let values = tickets.reduce(0) { sum, ticket in
        sum + (ticket.flatMap { valueCounts.removeValue(forKey: $0) } ?? 0)
      }
      current.withLock { status in
        status.acknowledgedCount += tickets.count
        status.acknowledgedValueCount += values
      }
    }
    await settle()
    await pump()
    let count = inFlight
    current.withLock { $0.inFlightCount = count }
  }

  /// Takes what the broker has out of the outbox.
  private func settle() async {
    guard !confirmed.isEmpty else { return }
    do {
      try await outbox.acknowledge(confirmed)
      confirmed.removeAll(keepingCapacity: true)
    } catch let error {
      complain(error)
    }
  }

  /// Fills the window, first with what waits, then with the oldest entries.
  private func pump() async {
    guard let session = session else { return }
    let ahead = waiting.prefix(max(0, Self.window - inFlight))
    waiting.removeFirst(ahead.count)
    send(ahead.map { ($0, nil) }, session)
    // Half a window at a time: fewer questions to the store.
    while waiting.isEmpty && inFlight <= Self.window / 2 {
      do {
        let entries = try await outbox.pending(after: position, limit: Self.window - inFlight - 1)
        guard let last = entries.last else { return }
        position = last.id
        for entry in entries where !confirmed.contains(entry.id) {
          if case .telemetry(let frame) = entry.content {
            valueCounts[entry.id] = frame.values.count
          }
          let messages = renderer.messages(for: entry)
          for message in messages where message.isRetained { remember(message) }
          // The last message of an entry takes it out of the outbox.
          send(
            messages.enumerated().map { ($1, $0 == messages.count - 1 ? entry.id : nil) },
            session
          )
          if messages.isEmpty { confirmed.append(entry.id) }
        }
      } catch let error {
        complain(error)
        return
      }
    }
  }

  private func send(_ messages: [(message: Message, ticket: Int64?)], _ session: Int) {
    guard !messages.isEmpty else { return }
    inFlight += messages.count
    current.withLock { $0.publishedCount += messages.count }
    link.send(messages, session: session)
  }

  private func queueStatus() {
    waiting.removeAll { $0.topic == renderer.statusTopic }
    waiting.insert(renderer.status(.online, time: .now, agent: agent), at: 0)
  }

  private func remember(_ message: Message) {
    let place = retained.firstIndex { $0.topic == message.topic }
    switch (place, message.payload.isEmpty) {
    case (let place?, false): retained[place] = message
    case (let place?, true): retained.remove(at: place)
    case (nil, false): retained.append(message)
    case (nil, true): break
    }
  }

  /// The store could not be used: say so, and try again in a second.
  private func complain(_ error: any Error) {
    let text = "\(error)"
    current.withLock { $0.lastError = text }
    Task {
      try? await Task.sleep(for: .seconds(1))
      signal()
    }
  }
}

extension Timestamp {
  /// What the gateway's clock shows.
  fileprivate static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
