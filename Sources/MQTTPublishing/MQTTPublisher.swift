package import ConditionModel
import EdgeRuntime
import Synchronization

/// Publishes in one format what the outbox holds, and tells the outbox what a broker has.
///
/// `Delivery` decides what goes out and when; here it meets the store, the clock and the broker.
package actor MQTTPublisher {
  private enum Event: Sendable {
    case link(MosquittoLink.Event)
    /// The newest of what is stored.
    case stored([OutboxEntry.Content])
    case again
    case tick
    case report(String)
  }

  /// What the publisher needs of the world around it.
  package struct Surroundings: Sendable {
    /// Keeps a number over restarts, the `memory` of the publication; it is tried again when it throws.
    package var remember: @Sendable (UInt8) async throws -> Void
    /// Takes up what somebody asks through the broker.
    package var obey: @Sendable (RemoteCommand) async -> Void

    package init(
      remember: @escaping @Sendable (UInt8) async throws -> Void = { _ in },
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

  private var delivery: Delivery
  /// The `memory` of the publication that is kept over restarts.
  private var remembered: UInt8?
  /// The number of the latest connection.
  private var session = 0
  private let start = ContinuousClock.now

  /// Prepares; `run()` connects.
  ///
  /// - Parameters:
  ///   - format: What the status calls it.
  ///   - brokers: How to reach them; one is used at a time.
  ///   - publication: What is said.
  ///   - outbox: What is to be published.
  ///   - surroundings: What else is needed.
  ///   - historyRate: How many entries of history may go out in a second: a week at ten a second is told
  ///     within two hours.
  package init(
    format: String,
    brokers: [BrokerSettings],
    publication: any Publication,
    outbox: any Outbox,
    surroundings: Surroundings = Surroundings(),
    historyRate: Int = 1_000
  ) {
    self.outbox = outbox
    self.surroundings = surroundings
    delivery = Delivery(publication, historyRate: historyRate)
    let (events, feed) = AsyncStream.makeStream(of: Event.self)
    self.events = events
    self.feed = feed
    link = MosquittoLink(brokers: brokers, window: Delivery.window) { feed.yield(.link($0)) }
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
    let clock = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(500))
        feed.yield(.tick)
      }
    }
    defer { clock.cancel() }
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
    case .tick:
      await keepMemory()
      guard let steps = delivery.advance(to: .wallClock) else { return }
      await take(steps)
    case .stored(let contents): delivery.stored(contents)
    case .report(let json): delivery.report(json, at: .wallClock)
    case .link(let event): await handle(event)
    }
    do {
      try await work()
    } catch let error {
      complain(error)
    }
    let delivery = delivery
    current.withLock { status in
      status.inFlightCount = delivery.inFlightCount
      status.isTellingHistory = delivery.isTellingHistory
      status.isHeard = delivery.isHeard
      status.commands = delivery.publication.counts
      status.publishedCount = delivery.publishedCount
      status.acknowledgedCount = delivery.acknowledgedCount
      status.acknowledgedValueCount = delivery.acknowledgedValueCount
      status.rejectedCount = delivery.rejectedCount
    }
  }

  private func handle(_ event: MosquittoLink.Event) async {
    switch event {
    case .connected(let number):
      session = number
      current.withLock { status in
        status.isConnected = true
        status.connectionCount += 1
        status.refusal = nil
      }
      await take(delivery.connected(number, at: .wallClock))
    case .disconnected(let reason, let wasHeard):
      delivery.disconnected(wasHeard: wasHeard)
      let broker = link.broker.address
      current.withLock { status in
        status.isConnected = false
        status.broker = broker
        status.lastError = reason
      }
      await connect()
    case .refused(let reason):
      current.withLock { status in
        status.lastError = "the broker refused a message: \(reason)"
        status.refusal = reason
      }
    case .progress(let number, let progress):
      await take(delivery.progressed(progress, session: number, at: .wallClock))
    }
  }

  /// Lets the link connect, with a last will that was never used.
  private func connect() async {
    let will = delivery.connecting(at: .wallClock)
    let publication = delivery.publication
    await keepMemory()
    link.connect(
      MosquittoLink.Terms(
        will: will,
        subscriptions: publication.subscriptions,
        asksForWill: publication.asksForWill,
        farewell: { publication.farewell(at: .wallClock) }
      )
    )
  }

  private func keepMemory() async {
    let memory = delivery.publication.memory
    guard remembered != memory else { return }
    do {
      try await surroundings.remember(memory)
      remembered = memory
    } catch let error {
      current.withLock { $0.lastError = "\(error)" }
    }
  }

  private func take(_ steps: [PublicationStep]) async {
    for step in steps {
      switch step {
      case .send: preconditionFailure("the delivery keeps the messages")
      case .leave(let reason): link.leave(reason, .elsewhere)
      case .yield(let reason): link.leave(reason, .rival)
      case .command(let command): await surroundings.obey(command)
      }
    }
  }

  /// Does what there is to do.
  private func work() async throws {
    while true {
      switch delivery.next(at: .wallClock, elapsed: ContinuousClock.now - start) {
      case .send(let parcels): link.send(parcels, session: session)
      case .acknowledge(let ids):
        try await outbox.acknowledge(ids)
        delivery.settled()
      case .findLatest:
        let latest = try await outbox.latestID()
        delivery.begin(behind: latest, elapsed: ContinuousClock.now - start)
      case .fetch(let position, let limit):
        let entries = try await outbox.pending(after: position, limit: limit)
        delivery.take(entries, at: .wallClock)
      case .pause(let pause): return again(in: pause)
      case .rest: return
      }
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
