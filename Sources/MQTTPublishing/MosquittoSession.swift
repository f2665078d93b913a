import CMosquitto
import Glibc

/// One connection to the broker, from CONNECT to its end; used on one thread only.
///
/// The library object lives as long as the connection: a used one does not reliably connect again
/// (mosquitto issue 2242), and its queue would outlive our knowledge of it.
final class MosquittoSession {
  /// Why a connection could not be made, or ended.
  struct Failure: Error {
    var cause: ReconnectDelay.Cause
    var reason: String
  }

  /// The broker has accepted us.
  private(set) var isAccepted = false
  private var refusal: String?
  /// What came since the last `takeProgress`.
  private var progress = LinkProgress()
  /// Messages in flight, by the library's number.
  private var inFlight: [Int32: (ticket: Int64?, isAcknowledged: Bool)] = [:]
  /// Messages of quality of service 0 that were written, oldest first: nobody confirms them.
  private var unconfirmed: [(ticket: Int64?, written: ContinuousClock.Instant)] = []
  /// Why the broker did not take a message over; MQTT 5 only.
  private var lastRefusal: String?
  /// A message of quality of service 0 that was written while it was handed over.
  private var writtenEarly: Int32?
  /// What the library logged last as an error.
  private var lastComplaint: String?
  /// Topics whose subscription the broker has not confirmed yet.
  private var unansweredCount = 0
  private let client: OpaquePointer
  private let encryption: TLSContext?
  private let usesMQTT5: Bool

  /// In seconds; a broker that is silent for half as long again is gone.
  private static let keepAlive: Int32 = 10
  /// What was written this long ago on a connection that still stands has arrived: after ten silent
  /// seconds the library asks the broker, and waits ten more for the answer.
  private static let confirmationTime = Duration.seconds(25)
  /// No message that makes sense here is larger; the rest is not even copied.
  private static let mostReceivedBytes: Int32 = 65_536

  /// Begins to connect; `isAccepted` tells when it is done.
  init(_ settings: BrokerSettings, will: Message, window: Int) throws {
    _ = Self.library
    usesMQTT5 = settings.usesMQTT5
    encryption = try settings.encryption.map { try TLSContext($0, host: settings.host) }
    guard let client = mosquitto_new(settings.clientID, true, nil) else {
      throw Failure(cause: .refused, reason: "no memory, or the client name cannot be used")
    }
    self.client = client
    mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_connect_callback_set(client) { _, context, code in
      MosquittoSession.from(context)?.connected(code)
    }
    mosquitto_publish_v5_callback_set(client) { _, context, number, code, _ in
      MosquittoSession.from(context)?.published(number, code)
    }
    mosquitto_message_callback_set(client) { _, context, message in
      if let message { MosquittoSession.from(context)?.received(message.pointee) }
    }
    mosquitto_subscribe_callback_set(client) { _, context, _, _, _ in
      MosquittoSession.from(context)?.unansweredCount -= 1
    }
    mosquitto_log_callback_set(client) { _, context, level, text in
      guard level == MOSQ_LOG_ERR, let text else { return }
      MosquittoSession.from(context)?.lastComplaint = String(cString: text)
    }
    if usesMQTT5 { mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) }
    mosquitto_max_inflight_messages_set(client, UInt32(window))
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1)
    try configure(settings)
    try check(
      will.payload.withUnsafeBytes {
        mosquitto_will_set(client, will.topic, Int32($0.count), $0.baseAddress, 1, will.isRetained)
      },
      "last will"
    )
    let code = mosquitto_connect_async(client, settings.host, Int32(settings.port), Self.keepAlive)
    try check(code, nil)
    // Data that nobody confirms for this long means that the line is cut: without it TCP would wait
    // longer and longer, also once the line is back.
    set(TCP_USER_TIMEOUT, 5_000)
    lookForPeer()
  }

  deinit {
    mosquitto_destroy(client)
  }

  /// Whether the broker has answered everything.
  ///
  /// One that still has to answer when the line ends takes that for a break, and says the last will.
  var isIdle: Bool { inFlight.isEmpty && unansweredCount == 0 }

  /// Whether a message was given up because the broker never takes it.
  private(set) var hasGivenUp = false

  /// Whether a message still waits for the broker's answer.
  var isOwedAnswer: Bool { inFlight.values.contains(where: \.isAcknowledged) }

  /// Whether the broker may know that we tried: the line stood once, so that CONNECT may be on it.
  private(set) var wasHeard = false

  /// The library closes the socket as soon as it hears of an end, so this is asked before it can.
  private func lookForPeer() {
    guard !wasHeard else { return }
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutableBytes(of: &address) {
      getpeername(
        mosquitto_socket(client),
        $0.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        &size
      )
    }
    wasHeard = result == 0
  }

  /// Asks for the messages of a topic.
  func subscribe(_ topic: String) throws {
    try check(mosquitto_subscribe(client, nil, topic, 1), "subscribe to \(topic)")
    unansweredCount += 1
  }

  /// Hands a message to the library; the ticket comes back from `takeProgress`.
  func publish(_ message: Message, ticket: Int64?) throws {
    // A broker may hang up right after it refused: once a write has failed, its reason cannot be read.
    var waits = [pollfd(fd: mosquitto_socket(client), events: Int16(POLLIN), revents: 0)]
    if poll(&waits, 1, 0) > 0 { try check(mosquitto_loop_read(client, 100), nil) }
    if let refusal = refusal { throw Failure(cause: .refused, reason: refusal) }
    var number: Int32 = 0
    let code = message.payload.withUnsafeBytes {
      mosquitto_publish(
        client,
        &number,
        message.topic,
        Int32($0.count),
        $0.baseAddress,
        message.isAcknowledged ? 1 : 0,
        message.isRetained
      )
    }
    try check(code, "publish to \(message.topic)")
    // The library may have written it already, and said so.
    if !message.isAcknowledged, writtenEarly == number {
      writtenEarly = nil
      wrote(ticket)
    } else {
      inFlight[number] = (ticket, message.isAcknowledged)
    }
  }

  /// Waits for the network or for a byte in the pipe, then does what is due.
  ///
  /// - Throws: `Failure` when the connection is over.
  func turn(orUntil wakeUp: Int32, milliseconds: Int32) throws {
    let socket = mosquitto_socket(client)
    guard socket >= 0 else { throw Failure(cause: .away, reason: "the connection is closed") }
    let events = POLLIN | (mosquitto_want_write(client) ? POLLOUT : 0)
    var waits = [
      pollfd(fd: socket, events: Int16(events), revents: 0),
      pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
    ]
    poll(&waits, 2, milliseconds)
    lookForPeer()
    let happened = Int32(waits[0].revents)
    if happened & ~POLLOUT != 0 {
      try check(mosquitto_loop_read(client, 100), nil)
      // The broker sends its small acknowledgements one at a time, each after our confirmation of
      // the last (Nagle): were those delayed as usual, a window would take 40 ms.
      set(TCP_QUICKACK, 1)
    }
    if happened & POLLOUT != 0 { try check(mosquitto_loop_write(client, 100), nil) }
    try check(mosquitto_loop_misc(client), nil)
    if let refusal = refusal { throw Failure(cause: .refused, reason: refusal) }
  }

  /// What the broker did since the last call.
  func takeProgress() -> LinkProgress {
    let now = ContinuousClock.now
    let arrived = unconfirmed.prefix { now - $0.written >= Self.confirmationTime }
    progress.confirmed += arrived.compactMap(\.ticket)
    unconfirmed.removeFirst(arrived.count)
    defer { progress = LinkProgress() }
    return progress
  }

  /// The last message that the broker refused since the last call, and why.
  func takeRefusal() -> String? {
    defer { lastRefusal = nil }
    return lastRefusal
  }

  /// Ends the connection in order.
  ///
  /// The broker forgets the last will, which was said before, unless a client of version 5 asks to hear
  /// it all the same: a Sparkplug node must
  /// (payloads-ndeath-will-message-publisher-disconnect-mqtt50).
  func disconnect(askingForWill: Bool) {
    if usesMQTT5, askingForWill {
      // 0x04: disconnect with will message (MQTT 5.0, section 3.14.2.1).
      mosquitto_disconnect_v5(client, 4, nil)
    } else {
      mosquitto_disconnect(client)
    }
  }

  // MARK: - Inside

  private func set(_ option: Int32, _ value: Int32) {
    var value = value
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(mosquitto_socket(client), Int32(IPPROTO_TCP), option, &value, size)
  }

  private static let library: Int32 = mosquitto_lib_init()

  private static func from(_ context: UnsafeMutableRawPointer?) -> MosquittoSession? {
    context.map { Unmanaged<MosquittoSession>.fromOpaque($0).takeUnretainedValue() }
  }

  private func connected(_ code: Int32) {
    if code == 0 {
      isAccepted = true
    } else {
      refusal = String(
        cString: usesMQTT5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code)
      )
    }
  }

  private func published(_ number: Int32, _ code: Int32) {
    guard let message = inFlight.removeValue(forKey: number) else {
      writtenEarly = number
      return
    }
    guard message.isAcknowledged else {
      wrote(message.ticket)
      return
    }
    // The broker reads in order: what was written before this one has arrived as well.
    progress.confirmed += unconfirmed.compactMap(\.ticket)
    unconfirmed.removeAll()
    guard code < 128 else { return refused(message.ticket, code) }
    progress.doneCount += 1
    if let ticket = message.ticket { progress.confirmed.append(ticket) }
  }

  /// The broker did not take a message over (MQTT 5.0, section 3.4.2.1): the next connection tries again.
  private func refused(_ ticket: Int64?, _ code: Int32) {
    let reason = String(cString: mosquitto_reason_string(code))
    lastRefusal = reason
    refusal = "the broker refuses messages: \(reason)"
    // Topic name invalid, packet too large, payload format invalid: it is no better the next time.
    guard let ticket, [0x90, 0x95, 0x99].contains(code) else { return }
    progress.rejected.append(ticket)
    hasGivenUp = true
  }

  private func wrote(_ ticket: Int64?) {
    progress.doneCount += 1
    unconfirmed.append((ticket, .now))
  }

  private func received(_ message: mosquitto_message) {
    guard let topic = message.topic else { return }
    // An oversized one is shown by its beginning: long enough to be recognised as such.
    let count = Int(min(message.payloadlen, Self.mostReceivedBytes))
    let bytes = UnsafeRawBufferPointer(start: message.payload, count: count)
    progress.received.append(
      ReceivedMessage(
        topic: String(cString: topic),
        payload: Array(bytes),
        isRetained: message.retain
      )
    )
  }

  private func configure(_ settings: BrokerSettings) throws {
    if let user = try settings.user ?? settings.userFile.map(Self.firstLine) {
      let password = try settings.passwordFile.map(Self.firstLine)
      try check(mosquitto_username_pw_set(client, user, password), "user and password")
    }
    guard let encryption else { return }
    mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0)
    try check(
      mosquitto_void_option(
        client,
        MOSQ_OPT_SSL_CTX,
        UnsafeMutableRawPointer(encryption.pointer)
      ),
      "encryption"
    )
  }

  private static func firstLine(of path: String) throws -> String {
    guard let file = fopen(path, "r") else {
      throw Failure(cause: .refused, reason: "\(path): cannot be read")
    }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer.prefix(count).prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
  }

  private func check(_ code: Int32, _ what: String?) throws {
    guard code != MOSQ_ERR_SUCCESS.code else { return }
    // Only what stood can be lost: it may be before we could look.
    if code == MOSQ_ERR_CONN_LOST.code { wasHeard = true }
    let isHungUp = !isAccepted && refusal == nil
    if let objection = encryption?.objection ?? (isHungUp ? encryption?.suspicion : nil) {
      throw Failure(cause: .refused, reason: objection)
    }
    let isOurs = [MOSQ_ERR_TLS.code, MOSQ_ERR_INVAL.code, MOSQ_ERR_AUTH.code].contains(code)
    let reason = isOurs ? (lastComplaint ?? Self.describe(code)) : Self.describe(code)
    throw Failure(
      cause: isOurs || refusal != nil ? .refused : .away,
      reason: refusal ?? what.map { "\($0): \(reason)" } ?? reason
    )
  }

  private static func describe(_ code: Int32) -> String {
    let text =
      code == MOSQ_ERR_ERRNO.code
      ? strerror(errno) : UnsafeMutablePointer(mutating: mosquitto_strerror(code))
    guard let text = text else { return "error \(code)" }
    return String(cString: text)
  }
}

extension mosq_err_t {
  /// As the functions of the library return it.
  fileprivate var code: Int32 { Int32(rawValue) }
}
