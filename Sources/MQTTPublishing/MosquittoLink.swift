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
    /// The broker has accepted a new connection, the `session`-th.
    case connected(session: Int)
    /// The broker has these messages now, by ticket.
    case acknowledged(session: Int, tickets: [Int64?])
    /// The connection ended or was not made; what was in flight is unknown.
    case disconnected(reason: String)
  }

  private struct Shared {
    var session = 0
    var outgoing: [(message: Message, ticket: Int64?)] = []
    var isStopping = false
    var isImpatient = false
    /// When the thread came round last, and whether it was about to connect: the resolver inside
    /// may wait long.
    var lastTurn = ContinuousClock.now
    var isConnecting = false
  }

  private let shared = Mutex(Shared())
  private let wakeUp: (read: Int32, write: Int32)
  private let settings: BrokerSettings
  private let window: Int
  private let will: @Sendable () -> Message
  private let farewell: @Sendable () -> Message
  private let handler: @Sendable (Event) -> Void

  /// How long the broker has to accept a connection, and at the end to acknowledge the last words.
  private static let acceptLimit = Duration.seconds(4)
  private static let farewellLimit = Duration.seconds(2)

  init(
    settings: BrokerSettings,
    window: Int,
    will: @escaping @Sendable () -> Message,
    farewell: @escaping @Sendable () -> Message,
    handler: @escaping @Sendable (Event) -> Void
  ) {
    self.settings = settings
    self.window = window
    self.will = will
    self.farewell = farewell
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

  /// Leaves messages for the thread; they vanish if the session is no longer `session`.
  func send(_ messages: [(message: Message, ticket: Int64?)], session: Int) {
    shared.withLock { shared in
      if shared.session == session { shared.outgoing += messages }
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
    var generator = SystemRandomNumberGenerator()
    while !isStopping {
      let start = ContinuousClock.now
      do {
        try runSession()
      } catch let failure as MosquittoSession.Failure {
        handler(.disconnected(reason: failure.reason))
        if ContinuousClock.now - start > .seconds(5) { delay.reset() }
        wait(delay.next(after: failure.cause, using: &generator))
      } catch let error {
        preconditionFailure("a session throws only its own failures, not \(error)")
      }
    }
  }

  /// Returns only after a goodbye.
  private func runSession() throws {
    turned(isConnecting: true)
    let session = try MosquittoSession(settings, will: will(), window: window)
    turned(isConnecting: false)
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
      return shared.session
    }
    handler(.connected(session: number))
    while !isStopping {
      try sendOutgoing(session)
      try turn(session)
      report(session, number)
    }
    try sendOutgoing(session)
    try session.publish(farewell(), ticket: nil)
    let end = ContinuousClock.now + Self.farewellLimit
    while !session.isIdle && ContinuousClock.now < end {
      try turn(session)
      report(session, number)
    }
    session.disconnect()
  }

  private func sendOutgoing(_ session: MosquittoSession) throws {
    let outgoing = shared.withLock { shared in
      defer { shared.outgoing.removeAll(keepingCapacity: true) }
      return shared.outgoing
    }
    for (message, ticket) in outgoing { try session.publish(message, ticket: ticket) }
  }

  private func turn(_ session: MosquittoSession) throws {
    turned(isConnecting: false)
    try session.turn(orUntil: wakeUp.read, milliseconds: 500)
    emptyPipe()
  }

  private func report(_ session: MosquittoSession, _ number: Int) {
    let tickets = session.takeAcknowledged()
    if !tickets.isEmpty { handler(.acknowledged(session: number, tickets: tickets)) }
  }

  /// Waits, unless somebody is impatient or wants to stop.
  private func wait(_ duration: Duration) {
    let end = ContinuousClock.now + duration
    shared.withLock { $0.isImpatient = false }
    while true {
      turned(isConnecting: false)
      let rest = end - ContinuousClock.now
      let isOver = shared.withLock { $0.isStopping || $0.isImpatient }
      guard rest > .zero, !isOver else { return }
      var waits = [pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0)]
      poll(&waits, 1, Int32(rest.nanoseconds / 1_000_000 + 1))
      emptyPipe()
    }
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
