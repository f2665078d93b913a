import ConditionModel
import EdgeRuntime
import Glibc
import Synchronization

/// The thread that keeps a connection to the broker for as long as the program runs.
///
/// It alone touches the library. Others leave messages and a byte in a pipe; what happens comes
/// back as events, in order.
final class MosquittoLink: Sendable {
  enum Event: Sendable {
    /// A broker has accepted a new connection, the `session`-th.
    case connected(session: Int)
    case progress(session: Int, LinkProgress)
    /// The broker did not take a message over.
    case refused(reason: String)
    /// The connection ended or was not made; what was in flight is unknown. The next attempt waits
    /// for `connect`.
    case disconnected(reason: String, wasHeard: Bool)
  }

  /// What belongs to one connection.
  struct Terms: Sendable {
    var will: Message
    var subscriptions: [String]
    /// Whether the broker is to say the will after an end on purpose too.
    var asksForWill: Bool
    /// The last words, when the connection is ended on purpose and something was said on it.
    var farewell: @Sendable () -> Message
  }

  private struct Shared {
    var session = 0
    var outgoing: [Delivery.Parcel] = []
    /// Of the next connection; `nil` until somebody wants one.
    var terms: Terms?
    /// Why the present connection is to be ended.
    var leaving: MosquittoSession.Failure?
    /// The broker that is used or tried.
    var place = 0
    var isStopping = false
    var isImpatient = false
    /// When the thread came round last, and whether it was about to connect: the resolver inside
    /// may wait long.
    var lastTurn = ContinuousClock.now
    var isConnecting = false
  }

  private let shared = Mutex(Shared())
  private let wakeUp: (read: Int32, write: Int32)
  private let brokers: [BrokerSettings]
  private let window: Int
  private let handler: @Sendable (Event) -> Void

  /// How long the broker has to accept a connection, and at the end to acknowledge the last words.
  private static let acceptLimit = Duration.seconds(4)
  private static let farewellLimit = Duration.seconds(2)

  /// - Parameters:
  ///   - brokers: At least one; after each connection the next one is tried.
  ///   - window: How many messages may be in flight.
  ///   - handler: Hears what happens, on the thread.
  init(
    brokers: [BrokerSettings],
    window: Int,
    handler: @escaping @Sendable (Event) -> Void
  ) {
    precondition(!brokers.isEmpty, "there must be a broker to connect to")
    self.brokers = brokers
    self.window = window
    self.handler = handler
    var ends: [Int32] = [-1, -1]
    let result = pipe(&ends)
    precondition(result == 0, "the system refuses a pipe (error \(errno))")
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    wakeUp = (ends[0], ends[1])
  }

  deinit {
    close(wakeUp.read)
    close(wakeUp.write)
  }

  /// Starts the thread; `finished` is its last act, after `stop()`.
  func start(finished: @escaping @Sendable () -> Void) {
    startThread(named: "mqtt") {
      self.run()
      finished()
    }
  }

  /// Wants a connection; the thread tries once, after a pause when the last attempt failed.
  func connect(_ terms: Terms) {
    shared.withLock { $0.terms = terms }
    wake()
  }

  /// Ends the present connection with a goodbye; the next one waits as `cause` asks for.
  func leave(_ reason: String, _ cause: ReconnectDelay.Cause) {
    shared.withLock { $0.leaving = MosquittoSession.Failure(cause: cause, reason: reason) }
    wake()
  }

  /// The broker that is used or tried.
  var broker: BrokerSettings { brokers[shared.withLock { $0.place }] }

  /// Leaves messages for the thread; they vanish if the session is no longer `session`.
  func send(_ parcels: [Delivery.Parcel], session: Int) {
    shared.withLock { shared in
      if shared.session == session { shared.outgoing += parcels }
    }
    wake()
  }

  /// Tries again to connect at once instead of waiting.
  func reconnectNow() {
    shared.withLock { $0.isImpatient = true }
    wake()
  }

  /// Lets the thread say goodbye and end.
  func stop() {
    shared.withLock { $0.isStopping = true }
    wake()
  }

  /// Whether the thread came round lately; inside an attempt to connect it has more time.
  func isAlive(at now: ContinuousClock.Instant) -> Bool {
    shared.withLock { now - $0.lastTurn < .seconds($0.isConnecting ? 120 : 15) }
  }

  private func wake() {
    var byte: UInt8 = 1
    write(wakeUp.write, &byte, 1)
  }

  // MARK: - On the thread

  private func run() {
    var delay = ReconnectDelay()
    var watch = RivalWatch()
    var generator = SystemRandomNumberGenerator()
    while !isStopping {
      guard let terms = shared.withLock({ $0.terms.take() }) else {
        pause(milliseconds: 500)
        continue
      }
      let start = ContinuousClock.now
      do {
        try runSession(terms)
        return
      } catch let end as Ended {
        let length = ContinuousClock.now - start
        // What is given up is not in the way of the next attempt.
        if length > .seconds(5) || end.hasGivenUp { delay.reset() }
        let isRivalled = watch.isRivalled(
          by: end.failure.cause,
          wasAccepted: end.wasAccepted,
          isOwedAnswer: end.isOwedAnswer,
          after: length
        )
        let failure = isRivalled ? Self.rivalled(broker, by: end.failure) : end.failure
        shared.withLock { $0.place = ($0.place + 1) % brokers.count }
        handler(.disconnected(reason: failure.reason, wasHeard: end.wasHeard))
        wait(delay.next(after: failure.cause, using: &generator))
      } catch let error {
        preconditionFailure("a session throws only its own failures, not \(error)")
      }
    }
  }

  private struct Ended: Error {
    var failure: MosquittoSession.Failure
    var wasHeard: Bool
    var wasAccepted = false
    var isOwedAnswer = false
    var hasGivenUp = false
  }

  private static func rivalled(
    _ broker: BrokerSettings,
    by failure: MosquittoSession.Failure
  ) -> MosquittoSession.Failure {
    MosquittoSession.Failure(
      cause: .rival,
      reason: """
        the broker ends each connection at once (\(failure.reason)): most likely another client is \
        called '\(broker.clientID)' too, so that each throws out the other; give each gateway a name \
        of its own. The next attempt comes in minutes
        """
    )
  }

  /// Returns only after `stop`.
  private func runSession(_ terms: Terms) throws {
    turned(isConnecting: true)
    let session: MosquittoSession
    do {
      session = try MosquittoSession(broker, will: terms.will, window: window)
    } catch let failure as MosquittoSession.Failure {
      throw Ended(failure: failure, wasHeard: false)
    }
    turned(isConnecting: false)
    do {
      try run(session, terms)
    } catch let failure as MosquittoSession.Failure {
      // What the broker said before the end counts.
      if session.isAccepted { report(session, shared.withLock { $0.session }) }
      throw Ended(
        failure: failure,
        wasHeard: session.wasHeard,
        wasAccepted: session.isAccepted,
        isOwedAnswer: session.isOwedAnswer,
        hasGivenUp: session.hasGivenUp
      )
    }
  }

  private func run(_ session: MosquittoSession, _ terms: Terms) throws {
    let deadline = ContinuousClock.now + Self.acceptLimit
    while !session.isAccepted {
      try turn(session)
      if isStopping { return }
      guard ContinuousClock.now < deadline else {
        throw MosquittoSession.Failure(cause: .away, reason: "no answer from the broker")
      }
    }
    let number = shared.withLock { shared in
      shared.session += 1
      shared.outgoing.removeAll()
      shared.leaving = nil
      return shared.session
    }
    for topic in terms.subscriptions { try session.subscribe(topic) }
    handler(.connected(session: number))
    var leaving: MosquittoSession.Failure?
    var hasSpoken = false
    while !isStopping && leaving == nil {
      if try sendOutgoing(session) { hasSpoken = true }
      // Before the turn, which may wait: what needs no confirmation is written already.
      report(session, number)
      try turn(session)
      leaving = shared.withLock { $0.leaving }
    }
    if try sendOutgoing(session) { hasSpoken = true }
    // Of a Sparkplug node the birth comes first, or nothing.
    if hasSpoken { try session.publish(terms.farewell(), ticket: nil) }
    let end = ContinuousClock.now + Self.farewellLimit
    while !session.isIdle && ContinuousClock.now < end {
      try turn(session)
      report(session, number)
    }
    session.disconnect(askingForWill: terms.asksForWill)
    if !isStopping, let leaving { throw leaving }
  }

  /// - Returns: Whether there was anything to send.
  private func sendOutgoing(_ session: MosquittoSession) throws -> Bool {
    let outgoing = shared.withLock { shared in
      defer { shared.outgoing.removeAll(keepingCapacity: true) }
      return shared.outgoing
    }
    for parcel in outgoing { try session.publish(parcel.message, ticket: parcel.ticket) }
    return !outgoing.isEmpty
  }

  private func turn(_ session: MosquittoSession) throws {
    turned(isConnecting: false)
    try session.turn(orUntil: wakeUp.read, milliseconds: 500)
    emptyPipe()
  }

  private func report(_ session: MosquittoSession, _ number: Int) {
    let progress = session.takeProgress()
    if !progress.isEmpty { handler(.progress(session: number, progress)) }
    if let reason = session.takeRefusal() { handler(.refused(reason: reason)) }
  }

  /// Waits, unless somebody is impatient or wants to stop.
  private func wait(_ duration: Duration) {
    let end = ContinuousClock.now + duration
    // Not at the beginning: whoever heard of the end before this thread came here is impatient already.
    defer { shared.withLock { $0.isImpatient = false } }
    while true {
      turned(isConnecting: false)
      let rest = end - ContinuousClock.now
      let isOver = shared.withLock { $0.isStopping || $0.isImpatient }
      guard rest > .zero, !isOver else { return }
      // In pieces: a thread that never comes round would be taken for dead.
      pause(milliseconds: Int32(min(rest, .seconds(5)).nanoseconds / 1_000_000 + 1))
    }
  }

  /// Waits for a byte in the pipe.
  private func pause(milliseconds: Int32) {
    turned(isConnecting: false)
    var waits = [pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0)]
    poll(&waits, 1, milliseconds)
    emptyPipe()
  }

  private func emptyPipe() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(wakeUp.read, &bytes, bytes.count) == bytes.count {}
  }

  private func turned(isConnecting: Bool) {
    let now = ContinuousClock.now
    shared.withLock { shared in
      shared.lastTurn = now
      shared.isConnecting = isConnecting
    }
  }

  private var isStopping: Bool {
    shared.withLock { $0.isStopping }
  }
}
