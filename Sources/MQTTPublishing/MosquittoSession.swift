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
  /// What the broker has acknowledged since the last `takeAcknowledged`.
  private var acknowledged: [Int64?] = []
  /// Tickets of messages in flight, by the library's number.
  private var tickets: [Int32: Int64?] = [:]
  private let client: OpaquePointer

  /// Begins to connect; `isAccepted` tells when it is done.
  init(_ settings: BrokerSettings, will: Message, window: Int) throws {
    _ = Self.library
    guard let client = mosquitto_new(settings.clientID, true, nil) else {
      throw Failure(cause: .refused, reason: "no memory, or the client name cannot be used")
    }
    self.client = client
    mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_connect_callback_set(client) { _, context, code in
      MosquittoSession.from(context)?.connected(code)
    }
    mosquitto_publish_callback_set(client) { _, context, number in
      MosquittoSession.from(context)?.published(number)
    }
    mosquitto_max_inflight_messages_set(client, UInt32(window))
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1)
    try configure(settings)
    try check(
      will.payload.withUnsafeBytes {
        mosquitto_will_set(client, will.topic, Int32($0.count), $0.baseAddress, 1, will.isRetained)
      },
      "last will"
    )
    let code = mosquitto_connect_async(client, settings.host, Int32(settings.port), 10)
    guard code == MOSQ_ERR_SUCCESS.code else {
      throw Failure(cause: .away, reason: Self.describe(code))
    }
    // Data that nobody confirms for this long means that the line is cut: without it TCP would wait
    // longer and longer, also once the line is back.
    set(TCP_USER_TIMEOUT, 5_000)
  }

  deinit {
    mosquitto_destroy(client)
  }

  var isIdle: Bool { tickets.isEmpty }

  /// Hands a message to the library; the ticket comes back from `takeAcknowledged`.
  func publish(_ message: Message, ticket: Int64?) throws {
    var number: Int32 = 0
    let code = message.payload.withUnsafeBytes {
      mosquitto_publish(
        client,
        &number,
        message.topic,
        Int32($0.count),
        $0.baseAddress,
        1,
        message.isRetained
      )
    }
    try check(code, "publish to \(message.topic)")
    tickets[number] = ticket
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

  /// The tickets of the messages that the broker has acknowledged since the last call.
  func takeAcknowledged() -> [Int64?] {
    defer { acknowledged.removeAll(keepingCapacity: true) }
    return acknowledged
  }

  /// Says goodbye, so that the broker does not publish the last will.
  func disconnect() {
    mosquitto_disconnect(client)
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
      refusal = String(cString: mosquitto_connack_string(code))
    }
  }

  private func published(_ number: Int32) {
    if let ticket = tickets.removeValue(forKey: number) { acknowledged.append(ticket) }
  }

  private func configure(_ settings: BrokerSettings) throws {
    if let user = settings.user {
      let password = try settings.passwordFile.map(Self.firstLine)
      try check(mosquitto_username_pw_set(client, user, password), "user and password")
    }
    guard let encryption = settings.encryption else { return }
    let files = [encryption.authorityFile, encryption.certificateFile, encryption.keyFile]
    for file in files.compactMap({ $0 }) where access(file, R_OK) != 0 {
      throw Failure(cause: .refused, reason: "\(file): cannot be read")
    }
    try check(
      mosquitto_tls_set(
        client,
        encryption.authorityFile,
        encryption.authorityFile == nil ? "/etc/ssl/certs" : nil,
        encryption.certificateFile,
        encryption.keyFile,
        nil
      ),
      "certificates"
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
    let reason = Self.describe(code)
    let isOurs = [MOSQ_ERR_TLS.code, MOSQ_ERR_INVAL.code, MOSQ_ERR_AUTH.code].contains(code)
    throw Failure(
      cause: isOurs ? .refused : .away,
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
