package import ConditionModel
import EdgeRuntime
import Synchronization

/// Publishes in one format what the outbox holds, and tells the outbox what a broker has.
///
/// Nothing is handed to the library unless a listener is there, and never more than a small window:
/// the backlog of an outage stays in the store. After a new connection the present comes first: the
/// state of all machines, then whatever is stored from now on. What was not confirmed follows beside
/// it, oldest first, at a limited rate, with the identity that it had before.
package actor MQTTPublisher {
  private enum Event: Sendable {
    case link(MosquittoLink.Event)
    /// The newest of what is stored.
    case stored([OutboxEntry.Content])
    case again
    case report(String)
  }

  /// What the publisher needs of the world around it.
  package struct Surroundings: Sendable {
    /// Keeps a number over restarts: the `memory` of the publication.
    package var remember: @Sendable (UInt8) async -> Void
    /// Takes up what somebody asks through the broker.
    package var obey: @Sendable (RemoteCommand) async -> Void

    package init(
      remember: @escaping @Sendable (UInt8) async -> Void = { _ in },
      obey: @escaping @Sendable (RemoteCommand) async -> Void = { _ in }
    ) {
      self.remember = remember
      self.obey = obey
    }
  }

  private let outbox: any Outbox
  private let surroundings: Surroundings
  private let link: MosquittoLink
  private let events: AsyncStream<Event>
  private let feed: AsyncStream<Event>.Continuation
  private nonisolated let current: Mutex<PublisherStatus>
  /// Whether an `again` is on its way already.
  private nonisolated let isSignalled = Atomic(false)

  private var publication: any Publication
  /// The `memory` of the publication that is kept over restarts.
  private var remembered: UInt8?
  /// The connection in use; `nil` while there is none.
  private var session: Int?
  /// What goes out before the entries.
  private var waiting: [Message] = []
  private var inFlight = 0
  /// How many values each telemetry entry on its way holds.
  private var valueCounts: [Int64: Int] = [:]
  /// Confirmed by the broker, while the store has not taken notice.
  private var confirmed: [Int64] = []

  /// The last entry that was sent as news; `nil` until somebody listens.
  private var position: Int64?
  /// The entries before the first news, while they are not all told.
  private var history: History?

  private struct History {
    /// The last entry that was sent.
    var position: Int64 = 0
    /// The last one that belongs to it.
    var end: Int64
    /// How many may be sent now.
    var allowance: Int
    var filledAt = ContinuousClock.now
  }

  /// As many messages as may be in flight.
  private static let window = 20
  /// Entries of history in a second: a week at ten a second is told within two hours.
  private let historyRate: Int

  /// Prepares; `run()` connects.
  ///
  /// - Parameters:
  ///   - format: What the status calls it.
  ///   - brokers: How to reach them; one is used at a time.
  ///   - publication: What is said.
  ///   - outbox: What is to be published.
  ///   - surroundings: What else is needed.
  ///   - historyRate: How many entries of history may go out in a second.
  package init(
    format: String,
    brokers: [BrokerSettings],
    publication: any Publication,
    outbox: any Outbox,
    surroundings: Surroundings = Surroundings(),
    historyRate: Int = 1_000
  ) {
    self.outbox = outbox
    self.publication = publication
    self.surroundings = surroundings
    self.historyRate = historyRate
    let (events, feed) = AsyncStream.makeStream(of: Event.self)
    self.events = events
    self.feed = feed
    link = MosquittoLink(brokers: brokers, window: Self.window) { feed.yield(.link($0)) }
    var status = PublisherStatus()
    status.format = format
    status.broker = link.broker.address
    current = Mutex(status)
  }

  /// Publishes until the task is cancelled; then sends what is on its way, says goodbye, and returns
  /// within about 2 seconds.
  package func run() async {
    let link = link
    let feed = feed
    await connect()
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
      status.isHeard = false
      status.inFlightCount = 0
    }
  }

  /// These are in the outbox now.
  package nonisolated func stored(_ contents: [OutboxEntry.Content]) {
    feed.yield(.stored(contents))
  }

  /// Publishes, where the format has a place for it, what the agent says about itself.
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
    case .again: isSignalled.store(false, ordering: .releasing)
    case .stored(let contents):
      for content in contents { publication.observe(content) }
      await take(publication.advance(to: .wallClock))
    case .report(let json):
      let messages = publication.report(json, at: .wallClock)
      if session != nil { queue(messages) }
    case .link(let event): await handle(event)
    }
    await settle()
    await pump()
    let count = inFlight
    let rest = history.map { $0.position == 0 ? 0 : max(0, $0.end - $0.position) } ?? 0
    let isHeard = session != nil && publication.isReady
    let commands = publication.counts
    current.withLock { status in
      status.inFlightCount = count
      status.historyCount = rest
      status.isHeard = isHeard
      status.commands = commands
    }
  }

  private func handle(_ event: MosquittoLink.Event) async {
    switch event {
    case .connected(let number):
      session = number
      inFlight = 0
      waiting = []
      current.withLock { status in
        status.isConnected = true
        status.connectionCount += 1
      }
      await take(publication.connected(at: .wallClock))
    case .disconnected(let reason, let wasHeard):
      session = nil
      inFlight = 0
      waiting = []
      position = nil
      history = nil
      valueCounts = [:]
      publication.disconnected(wasHeard: wasHeard)
      let broker = link.broker.address
      current.withLock { status in
        status.isConnected = false
        status.broker = broker
        status.lastError = reason
      }
      await connect()
    case .refused(let reason):
      current.withLock { $0.lastError = "the broker refused a message: \(reason)" }
    case .progress(let number, let progress):
      confirmed += progress.confirmed
      let values = progress.confirmed.reduce(0) {
        $0 + (valueCounts.removeValue(forKey: $1) ?? 0)
      }
      current.withLock { status in
        status.acknowledgedCount += progress.doneCount
        status.acknowledgedValueCount += values
      }
      guard number == session else { return }
      inFlight -= progress.doneCount
      for message in progress.received {
        await take(publication.received(message, at: .wallClock))
      }
    }
  }

  /// Lets the link connect, with a last will that was never used.
  private func connect() async {
    let will = publication.connecting(at: .wallClock)
    if remembered != publication.memory {
      remembered = publication.memory
      await surroundings.remember(publication.memory)
    }
    let publication = publication
    link.connect(
      MosquittoLink.Terms(
        will: will,
        subscriptions: publication.subscriptions,
        farewell: { publication.farewell(at: .wallClock) }
      )
    )
  }

  private func take(_ steps: [PublicationStep]) async {
    for step in steps {
      switch step {
      case .send(let message): queue([message])
      case .leave(let reason): link.leave(reason)
      case .command(let command): await surroundings.obey(command)
      }
    }
  }

  /// Tells the outbox what the broker has.
  private func settle() async {
    guard !confirmed.isEmpty else { return }
    do {
      try await outbox.acknowledge(confirmed)
      confirmed.removeAll(keepingCapacity: true)
    } catch let error {
      complain(error)
    }
  }

  /// Fills the window, first with what waits, then with news, then with history.
  private func pump() async {
    guard let session else { return }
    let ahead = waiting.prefix(max(0, Self.window - inFlight))
    waiting.removeFirst(ahead.count)
    send(ahead.map { ($0, nil) }, session)
    do {
      // Half a window at a time: fewer questions to the store.
      while waiting.isEmpty && inFlight <= Self.window / 2 && publication.isReady {
        guard try await sendNews(session) else { return }
      }
    } catch let error {
      complain(error)
    }
  }

  /// Sends the next entries.
  ///
  /// - Returns: Whether there may be more.
  private func sendNews(_ session: Int) async throws -> Bool {
    let room = Self.window - inFlight - 1
    guard let news = position else {
      let latest = try await outbox.latestID()
      position = latest
      history = History(end: latest, allowance: historyRate / 10)
      return true
    }
    let entries = try await outbox.pending(after: news, limit: room)
    if let last = entries.last {
      position = last.id
      publish(entries, session)
      return true
    }
    return try await sendHistory(session, room: room)
  }

  private func sendHistory(_ session: Int, room: Int) async throws -> Bool {
    guard var past = history else { return false }
    let now = ContinuousClock.now
    let earned = Int((now - past.filledAt).inSeconds * Double(historyRate))
    if earned > 0 {
      past.allowance = min(past.allowance + earned, max(historyRate / 10, 1))
      past.filledAt = now
    }
    history = past
    guard past.allowance > 0 else {
      again(in: .milliseconds(20))
      return false
    }
    let entries = try await outbox.pending(
      after: past.position,
      limit: min(room, past.allowance)
    ).prefix { $0.id <= past.end }
    guard let last = entries.last else {
      history = nil
      let messages = publication.historyEnded(at: .wallClock)
      send(messages.map { ($0, nil) }, session)
      return true
    }
    past.position = last.id
    past.allowance -= entries.count
    history = past
    publish(entries, session)
    return true
  }

  private func publish(_ entries: some Collection<OutboxEntry>, _ session: Int) {
    for entry in entries where !confirmed.contains(entry.id) {
      let messages = publication.publish(entry, at: .wallClock)
      if case .telemetry(let frame) = entry.content { valueCounts[entry.id] = frame.values.count }
      // The last message of an entry takes it out of the outbox.
      send(
        messages.enumerated().map { ($1, $0 == messages.count - 1 ? entry.id : nil) },
        session
      )
      if messages.isEmpty { confirmed.append(entry.id) }
    }
  }

  private func send(_ messages: [(message: Message, ticket: Int64?)], _ session: Int) {
    guard !messages.isEmpty else { return }
    inFlight += messages.count
    current.withLock { $0.publishedCount += messages.count }
    link.send(messages, session: session)
  }

  /// Puts messages behind those that wait; of retained ones only the newest of a topic.
  private func queue(_ messages: [Message]) {
    for message in messages {
      if message.isRetained { waiting.removeAll { $0.topic == message.topic } }
      waiting.append(message)
    }
  }

  /// The store could not be used: say so, and try again in a second.
  private func complain(_ error: any Error) {
    let text = "\(error)"
    current.withLock { $0.lastError = text }
    again(in: .seconds(1))
  }

  private func again(in pause: Duration) {
    guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
    Task {
      try? await Task.sleep(for: pause)
      feed.yield(.again)
    }
  }
}

extension BrokerSettings {
  /// As people write it.
  package var address: String { "\(host):\(port)" }
}
