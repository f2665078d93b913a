import ConditionModel
import MQTTPublishing
import SignalProcessing

/// A broker and the connection to it, for one client: what `MosquittoLink` tells, without a socket.
struct SimulatedBroker {
  enum Event {
    case connected(Int)
    case disconnected(wasHeard: Bool)
    case progress(Int, LinkProgress)
  }

  private struct Flight {
    var parcel: Delivery.Parcel
    var arrival: Duration
  }

  private struct Confirmation {
    var parcel: Delivery.Parcel
    var arrival: Duration
  }

  /// Until when nobody answers, and until when messages and confirmations are late and out of order.
  var awayUntil = Duration.zero
  var stormyUntil = Duration.zero
  /// What somebody says to the client when it next listens.
  var heard: [ReceivedMessage] = []
  /// What the broker remembers, by topic.
  private(set) var retained: [String: [UInt8]] = [:]
  /// Entries that came since the last `takeAccepted`.
  private var accepted: [Int64] = []

  private var session = 0
  private var isConnected = false
  private var will: Message?
  private var subscriptions: [String] = []
  /// Of the topics that were seen on this connection, whether the client asked for them.
  private var wanted: [String: Bool] = [:]
  private var retryAt: Duration?
  private var dropAt: Duration?
  private var flights: [Flight] = []
  private var confirmations: [Confirmation] = []
  /// Messages of quality of service 0 that were written: their entries, and when.
  private var written: [(ticket: Int64, at: Duration)] = []
  private var doneEarly = 0
  private var generator: SeededGenerator

  /// As in the link: what was written this long ago on a connection that stands has arrived.
  static let confirmationTime = Duration.seconds(25)

  init(_ generator: SeededGenerator) { self.generator = generator }

  var isStandingBy: Bool { isConnected }

  /// When something happens next by itself.
  var due: Duration? {
    if !isConnected { return retryAt }
    if !heard.isEmpty || doneEarly > 0 { return .zero }
    return [
      flights.first?.arrival, confirmations.map(\.arrival).min(), dropAt,
      written.first.map { $0.at + Self.confirmationTime },
    ].compactMap { $0 }.min()
  }

  /// The client wants a connection, and with it the messages of some topics.
  mutating func connect(_ will: Message, hearing subscriptions: [String], at now: Duration) {
    self.will = will
    self.subscriptions = subscriptions
    wanted = [:]
    retryAt = max(retryAt ?? .zero, now + .milliseconds(10))
  }

  /// The client is gone, without a word or with one.
  mutating func clientEnded(saying farewell: Message?, at now: Duration) {
    if isConnected {
      let last = farewell ?? will
      // What was written before is on its way to the broker all the same.
      for flight in flights { take(flight.parcel) }
      if let last { remember(last) }
    }
    hangUp()
    retryAt = nil
  }

  mutating func send(_ parcels: [Delivery.Parcel], session number: Int, at now: Duration) {
    guard isConnected, number == session else { return }
    for parcel in parcels {
      if !parcel.message.isAcknowledged {
        doneEarly += 1
        if let ticket = parcel.ticket { written.append((ticket, now)) }
      }
      let isStormy = now < stormyUntil
      let delay = isStormy ? Duration(inSeconds: generator.uniform() * 3) : .zero
      let arrival = max(now + delay, flights.last?.arrival ?? .zero)
      flights.append(Flight(parcel: parcel, arrival: arrival))
    }
  }

  /// All is well from now on.
  mutating func heal(at now: Duration) {
    awayUntil = .zero
    stormyUntil = .zero
    dropAt = nil
    if retryAt != nil { retryAt = now }
  }

  /// The entries that the broker has taken since the last call.
  mutating func takeAccepted() -> [Int64] {
    defer { accepted = [] }
    return accepted
  }

  /// What happened until `now`.
  mutating func events(at now: Duration) -> [Event] {
    guard isConnected else { return attempt(at: now) }
    var events: [Event] = []
    if now < awayUntil || dropAt.map({ $0 <= now }) ?? false {
      // What arrived before it is with the broker, although nobody hears that it is.
      arrive(by: now < awayUntil ? .zero : now)
      if let will { remember(will) }
      hangUp()
      return [.disconnected(wasHeard: true)]
    }
    arrive(by: now)
    var progress = LinkProgress()
    progress.doneCount = doneEarly
    doneEarly = 0
    let arrived = confirmations.filter { $0.arrival <= now }
    confirmations.removeAll { $0.arrival <= now }
    progress.doneCount += arrived.count
    progress.confirmed += arrived.compactMap(\.parcel.ticket)
    while let first = written.first, now - first.at >= Self.confirmationTime {
      progress.confirmed.append(first.ticket)
      written.removeFirst()
    }
    progress.received = heard
    heard = []
    if progress.doneCount > 0 || !progress.confirmed.isEmpty || !progress.received.isEmpty {
      events.append(.progress(session, progress))
    }
    return events
  }

  private mutating func attempt(at now: Duration) -> [Event] {
    guard let moment = retryAt, moment <= now else { return [] }
    retryAt = nil
    let isRefused = now < stormyUntil && generator.uniform() < 0.5
    guard now >= awayUntil, !isRefused else {
      // The next attempt comes after a pause that grows; here it is of a minute or so.
      retryAt = max(
        now + Duration(inSeconds: 5 + generator.uniform() * 60),
        isRefused ? now : awayUntil
      )
      return [.disconnected(wasHeard: isRefused)]
    }
    session += 1
    isConnected = true
    if now < stormyUntil {
      dropAt = now + Duration(inSeconds: 1 + generator.uniform() * 300)
    }
    for (topic, payload) in retained.sorted(by: { $0.key < $1.key }) where isWanted(topic) {
      heard.append(ReceivedMessage(topic: topic, payload: payload, isRetained: true))
    }
    return [.connected(session)]
  }

  private mutating func arrive(by now: Duration) {
    while let flight = flights.first, flight.arrival <= now {
      flights.removeFirst()
      take(flight.parcel)
      guard flight.parcel.message.isAcknowledged else { continue }
      let isStormy = flight.arrival < stormyUntil
      let delay = isStormy ? Duration(inSeconds: generator.uniform() * 5) : .zero
      confirmations.append(Confirmation(parcel: flight.parcel, arrival: flight.arrival + delay))
    }
  }

  /// Whether the client asked for messages of this topic.
  private mutating func isWanted(_ topic: String) -> Bool {
    if let known = wanted[topic] { return known }
    let levels = topic.split(separator: "/")
    let isAskedFor = subscriptions.contains { subscription in
      let parts = subscription.split(separator: "/")
      return parts.count == levels.count
        && zip(parts, levels).allSatisfy { $0 == "+" || $0 == $1 }
    }
    wanted[topic] = isAskedFor
    return isAskedFor
  }

  private mutating func take(_ parcel: Delivery.Parcel) {
    remember(parcel.message)
    let message = parcel.message
    if isConnected, isWanted(message.topic) {
      heard.append(ReceivedMessage(topic: message.topic, payload: message.payload))
    }
    if let ticket = parcel.ticket { accepted.append(ticket) }
  }

  private mutating func remember(_ message: Message) {
    guard message.isRetained else { return }
    retained[message.topic] = message.payload.isEmpty ? nil : message.payload
  }

  private mutating func hangUp() {
    isConnected = false
    dropAt = nil
    flights = []
    confirmations = []
    written = []
    doneEarly = 0
    heard = []
  }
}
