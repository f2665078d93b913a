package import ConditionModel

/// What of the outbox goes to a broker, and when: events in, things to do out, without a clock, a
/// socket or a store.
///
/// Nothing is sent unless a listener is there, and never more than a small window: the backlog of an
/// outage stays in the store. After a new connection the present comes first: the state of all
/// machines, then whatever is stored from now on. What was not confirmed follows beside it, oldest
/// first, at a limited rate, with the identity that it had before.
package struct Delivery: Sendable {
  /// What is to be done next.
  package enum Step: Sendable {
    case send([Parcel])
    /// Tell the outbox that the broker has these, then call `settled()`.
    case acknowledge([Int64])
    /// Ask the outbox for its newest identity, and call `begin(behind:elapsed:)`.
    case findLatest
    /// Ask the outbox for entries, and call `take(_:at:)`.
    case fetch(after: Int64, limit: Int)
    /// Nothing before this time has passed, or something happens.
    case pause(Duration)
    /// Nothing before something happens.
    case rest
  }

  /// A message on its way.
  package struct Parcel: Sendable {
    package var message: Message
    /// The entry that is told with it, if it is the last message of one.
    package var ticket: Int64?
  }

  package private(set) var publication: any Publication
  /// As many messages may be in flight.
  package static let window = 20
  /// Entries of history in a second.
  private let historyRate: Int

  /// The connection in use; `nil` while there is none.
  private var session: Int?
  /// What goes out before the entries.
  private var waiting: [Message] = []
  private var outgoing: [Parcel] = []
  package private(set) var inFlightCount = 0
  /// How many values each telemetry entry on its way holds.
  private var valueCounts: [Int64: Int] = [:]
  /// Confirmed by the broker, while the outbox has not taken notice.
  private var confirmed: [Int64] = []

  /// The last entry that was sent as news; `nil` until somebody listens.
  private var position: Int64?
  /// Whether the outbox was asked and has no more news.
  private var isUpToDate = false
  /// The entries before the first news, while they are not all told.
  private var history: History?

  private struct History {
    /// The last entry that was sent.
    var position: Int64 = 0
    /// The last one that belongs to it.
    var end: Int64
    /// How many may be sent now.
    var allowance: Int
    var filledAt: Duration
  }

  /// Messages sent since the start.
  package private(set) var publishedCount = 0
  /// Messages since the start that the broker confirmed, or that were written and no longer need it.
  package private(set) var acknowledgedCount = 0
  /// Messages since the start that were given up because the broker takes nothing like them.
  package private(set) var rejectedCount = 0
  /// Values of telemetry that the broker has since the start.
  package private(set) var acknowledgedValueCount = 0

  /// - Parameters:
  ///   - publication: What is said.
  ///   - historyRate: How many entries of history may go out in a second.
  package init(_ publication: any Publication, historyRate: Int) {
    self.publication = publication
    self.historyRate = historyRate
  }

  /// Whether entries of the time without a listener are still to be told.
  package var isTellingHistory: Bool { history != nil }

  /// Whether there is somebody to tell.
  package var isHeard: Bool { session != nil && publication.isReady }

  /// What is kept in memory: messages, and what is known of entries on their way.
  package var heldCount: Int {
    waiting.count + outgoing.count + confirmed.count + valueCounts.count
  }

  // MARK: - What happens

  /// The last will for the next connection.
  package mutating func connecting(at now: Timestamp) -> Message {
    publication.connecting(at: now)
  }

  /// A broker has accepted a new connection, the `number`-th.
  ///
  /// - Returns: What else follows than messages.
  package mutating func connected(_ number: Int, at now: Timestamp) -> [PublicationStep] {
    session = number
    inFlightCount = 0
    waiting = []
    outgoing = []
    return queue(publication.connected(at: now))
  }

  /// The connection ended or was not made; what was in flight is unknown.
  package mutating func disconnected(wasHeard: Bool) {
    session = nil
    inFlightCount = 0
    waiting = []
    outgoing = []
    position = nil
    history = nil
    valueCounts = [:]
    publication.disconnected(wasHeard: wasHeard)
  }

  /// The broker did something on a connection.
  package mutating func progressed(
    _ progress: LinkProgress,
    session number: Int,
    at now: Timestamp
  ) -> [PublicationStep] {
    confirmed += progress.confirmed + progress.rejected
    acknowledgedCount += progress.doneCount
    rejectedCount += progress.rejected.count
    for ticket in progress.rejected { valueCounts[ticket] = nil }
    acknowledgedValueCount += progress.confirmed.reduce(0) {
      $0 + (valueCounts.removeValue(forKey: $1) ?? 0)
    }
    guard number == session else { return [] }
    inFlightCount -= progress.doneCount
    return progress.received.flatMap { queue(publication.received($0, at: now)) }
  }

  /// These are in the outbox now.
  package mutating func stored(_ contents: [OutboxEntry.Content]) {
    for content in contents { publication.observe(content) }
  }

  /// Time passed.
  ///
  /// - Returns: What else follows than messages; `nil` where nothing does.
  package mutating func advance(to now: Timestamp) -> [PublicationStep]? {
    let steps = publication.advance(to: now)
    return steps.isEmpty ? nil : queue(steps)
  }

  /// What the agent says about itself, a JSON object.
  package mutating func report(_ json: String, at now: Timestamp) {
    let messages = publication.report(json, at: now)
    if session != nil { for message in messages { queue(message) } }
  }

  // MARK: - What is to be done

  /// Decides what comes next; to be asked until there is a pause or rest.
  ///
  /// - Parameters:
  ///   - now: The present time.
  ///   - elapsed: A clock that only counts, from any start.
  /// - Returns: One thing to do.
  package mutating func next(at now: Timestamp, elapsed: Duration) -> Step {
    if !confirmed.isEmpty { return .acknowledge(confirmed) }
    guard session != nil else { return .rest }
    let ahead = waiting.prefix(max(0, Self.window - inFlightCount))
    waiting.removeFirst(ahead.count)
    hand(ahead.map { Parcel(message: $0) })
    if !outgoing.isEmpty {
      defer { outgoing = [] }
      return .send(outgoing)
    }
    // Half a window at a time: fewer questions to the store.
    guard waiting.isEmpty, inFlightCount <= Self.window / 2, publication.isReady else {
      return rest(.rest)
    }
    guard let position else { return .findLatest }
    guard isUpToDate else { return .fetch(after: position, limit: room) }
    guard var past = history else { return rest(.rest) }
    let earned = Int((elapsed - past.filledAt).inSeconds * Double(historyRate))
    if earned > 0 {
      past.allowance = min(past.allowance + earned, max(historyRate / 10, 1))
      past.filledAt = elapsed
    }
    history = past
    guard past.allowance > 0 else { return rest(.pause(.milliseconds(20))) }
    return .fetch(after: past.position, limit: min(room, past.allowance))
  }

  /// The outbox has taken notice of what `next` told.
  package mutating func settled() { confirmed.removeAll(keepingCapacity: true) }

  /// Everything up to `latest` is history.
  package mutating func begin(behind latest: Int64, elapsed: Duration) {
    position = latest
    isUpToDate = false
    history = History(end: latest, allowance: historyRate / 10, filledAt: elapsed)
  }

  /// Takes what the outbox gave for the last `fetch`.
  package mutating func take(_ entries: [OutboxEntry], at now: Timestamp) {
    guard isUpToDate else {
      if let last = entries.last { position = last.id } else { isUpToDate = true }
      return publish(entries, isPast: false, at: now)
    }
    // There may be news before the next piece of history.
    isUpToDate = false
    guard var past = history else { return }
    let entries = entries.prefix { $0.id <= past.end }
    guard let last = entries.last else {
      history = nil
      return hand(publication.historyEnded(at: now).map { Parcel(message: $0) })
    }
    past.position = last.id
    past.allowance -= entries.count
    history = past
    publish(entries, isPast: true, at: now)
  }

  private var room: Int { Self.window - inFlightCount - 1 }

  /// What was not there may be there when this is asked again.
  private mutating func rest(_ step: Step) -> Step {
    isUpToDate = false
    return step
  }

  private mutating func publish(
    _ entries: some Collection<OutboxEntry>,
    isPast: Bool,
    at now: Timestamp
  ) {
    for entry in entries where !confirmed.contains(entry.id) {
      let messages = publication.publish(entry, isPast: isPast, at: now)
      if messages.isEmpty {
        confirmed.append(entry.id)
        continue
      }
      if case .telemetry(let frame) = entry.content { valueCounts[entry.id] = frame.values.count }
      // The last message of an entry takes it out of the outbox.
      hand(
        messages.enumerated().map { place, message in
          Parcel(message: message, ticket: place == messages.count - 1 ? entry.id : nil)
        }
      )
    }
  }

  private mutating func hand(_ parcels: [Parcel]) {
    outgoing += parcels
    inFlightCount += parcels.count
    publishedCount += parcels.count
  }

  /// Puts the messages among the steps behind those that wait.
  ///
  /// - Returns: The other steps.
  private mutating func queue(_ steps: [PublicationStep]) -> [PublicationStep] {
    steps.filter { step in
      guard case .send(let message) = step else { return true }
      queue(message)
      return false
    }
  }

  /// Of retained messages only the newest of a topic waits.
  private mutating func queue(_ message: Message) {
    if message.isRetained { waiting.removeAll { $0.topic == message.topic } }
    waiting.append(message)
  }
}

/// What a broker did on a connection.
package struct LinkProgress: Sendable {
  /// Messages that are no longer in flight.
  package var doneCount = 0
  /// Tickets of messages that the broker has.
  package var confirmed: [Int64] = []
  /// Tickets of messages that it will never take.
  package var rejected: [Int64] = []
  package var received: [ReceivedMessage] = []

  package init() {}

  var isEmpty: Bool { doneCount == 0 && confirmed.isEmpty && rejected.isEmpty && received.isEmpty }
}
