import ConditionModel
import DataAcquisition
import EdgeRuntime
import Glibc

/// The thread that answers on one bus.
///
/// What changes is touched by `init` and then by the thread alone, `signals` by its owner alone; so
/// it needs no lock.
final class BusServer: @unchecked Sendable {
  let address: String
  private let bus: BusDefinition
  private let place: Int
  private let shared: SharedPlant
  private let options: PlantServer.Options
  private let port: BusPort
  private let framing: ModbusFraming
  private var connections: [Connection] = []
  private var pending: [PendingAnswer] = []
  private let noise = NoiseCounter()
  /// Whether nobody has the pseudo-terminal open: it then reports that all the time, so it is
  /// looked at only now and then.
  private var isAbandoned = false
  /// From `stop` to the thread, and from the thread to `stop`; there while the thread is.
  private var signals: (stop: Pipe, end: Pipe)?

  private struct Connection {
    var descriptor: Int32
    var buffer: [UInt8] = []
    /// When its last bytes came.
    var lastHeard: Int64 = 0
  }

  private struct PendingAnswer {
    var due: Int64
    var descriptor: Int32
    var bytes: [UInt8]
  }

  /// Bytes that do not become a request within this time are the rest of a damaged one.
  private static let frameTimeoutNanoseconds: Int64 = 50_000_000
  /// How often a port that nobody has opened is looked at.
  private static let absencePollNanoseconds: Int64 = 20_000_000

  init(
    bus: BusDefinition,
    at place: Int,
    _ shared: SharedPlant,
    _ options: PlantServer.Options
  ) throws(PlantServerError) {
    self.bus = bus
    self.place = place
    self.shared = shared
    self.options = options
    switch bus.line {
    case .tcp(let endpoint):
      port = try BusPort(listeningOn: endpoint, bus: bus.name)
      framing = .tcp
    case .serial(let line):
      port = try BusPort(linkedAt: line.port, bus: bus.name)
      framing = .serial
      connections = [Connection(descriptor: port.descriptor)]
    }
    address = port.address
  }

  /// Starts the thread.
  func run() {
    let signals = (stop: Pipe(), end: Pipe())
    self.signals = signals
    startThread(named: "sim \(bus.name)") {
      while self.waitForEvents(or: signals.stop) {
        self.sendDueAnswers()
      }
      self.closeAll()
      signals.end.closeWriting()
    }
  }

  /// Ends the thread and closes the port; returns when both are done.
  func stop() {
    guard let signals else { return port.close() }
    signals.stop.closeWriting()
    signals.end.waitForEnd()
    signals.stop.closeReading()
    self.signals = nil
  }

  // MARK: - The thread

  private func closeAll() {
    for connection in connections where connection.descriptor != port.descriptor {
      close(connection.descriptor)
    }
    port.close()
  }

  /// Waits for bytes, connections or the time of the next answer, and takes in what has come.
  ///
  /// - Returns: Whether to go on.
  private func waitForEvents(or stop: Pipe) -> Bool {
    let now = monotonicNanoseconds()
    var watched = [pollfd(fd: stop.reading, events: Int16(POLLIN), revents: 0)]
    var wait = pending.map { max(0, $0.due - now) }.min()
    if framing == .tcp {
      watched.append(pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0))
    }
    if isAbandoned {
      wait = Self.absencePollNanoseconds
    } else {
      for connection in connections {
        watched.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
      }
    }
    let ready = poll(&watched, UInt(watched.count), Self.milliseconds(toWait: wait))
    if isAbandoned { receive(from: port.descriptor) }
    guard ready > 0 else { return true }
    for entry in watched where entry.revents != 0 {
      if entry.fd == stop.reading { return false }
      if framing == .tcp && entry.fd == port.descriptor {
        accept()
      } else {
        receive(from: entry.fd)
      }
    }
    return true
  }

  /// What to tell `poll`; what is shorter than its unit is slept here.
  private static func milliseconds(toWait nanoseconds: Int64?) -> Int32 {
    guard let nanoseconds else { return -1 }
    if (1..<1_000_000).contains(nanoseconds) {
      usleep(UInt32(nanoseconds / 1_000) + 1)
      return 0
    }
    return Int32(clamping: nanoseconds / 1_000_000)
  }

  private func accept() {
    guard let descriptor = port.accept() else { return }
    connections.append(Connection(descriptor: descriptor))
  }

  private func receive(from descriptor: Int32) {
    guard let index = connections.firstIndex(where: { $0.descriptor == descriptor }) else { return }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &bytes, bytes.count)
    let isWaiting = count < 0 && (errno == EAGAIN || errno == EINTR)
    guard count > 0 || isWaiting else {
      hangUp(index)
      return
    }
    isAbandoned = false
    guard count > 0 else { return }
    let now = monotonicNanoseconds()
    if now - connections[index].lastHeard > Self.frameTimeoutNanoseconds {
      discardRest(of: index)
    }
    connections[index].lastHeard = now
    connections[index].buffer += bytes.prefix(count)
    cutting: while true {
      switch framing.cut(&connections[index].buffer) {
      case .request(let request):
        answer(request, to: descriptor, heardAt: now)
      case .damaged:
        shared.count(on: place) { $0.damagedRequests += 1 }
      case .incomplete:
        break cutting
      }
    }
  }

  private func discardRest(of index: Int) {
    guard framing == .serial, !connections[index].buffer.isEmpty else { return }
    connections[index].buffer.removeAll()
    shared.count(on: place) { $0.damagedRequests += 1 }
  }

  private func answer(_ request: ModbusRequest, to descriptor: Int32, heardAt now: Int64) {
    shared.count(on: place) { $0.requests += 1 }
    guard let function = request.pdu.first else { return }
    var pdu: [UInt8]
    var delay = Duration.zero
    var isDamaged = false
    switch shared.answer(request, on: place) {
    case .answer(let bytes, let after, let isOnNoisyLine):
      (pdu, delay) = (bytes, after)
      isDamaged = isOnNoisyLine && noise.damagesNext()
    case .noSuchUnit where framing == .tcp && options.reportsUnknownUnits:
      pdu = [function | 0x80, ModbusException.targetSilent.rawValue]
    case .noSuchUnit, .silence:
      shared.count(on: place) { $0.unanswered += 1 }
      return
    }
    shared.count(on: place) { counts in
      counts.answers += 1
      if pdu[0] & 0x80 != 0 { counts.exceptions += 1 }
      if Self.writingFunctions.contains(function) { counts.refusedWrites += 1 }
    }
    let bytes = framing.frame(pdu, answering: request, isDamaged: isDamaged)
    delay += wireTime(characters: request.characters + bytes.count)
    pending.append(
      PendingAnswer(due: now + delay.nanoseconds, descriptor: descriptor, bytes: bytes)
    )
  }

  private static let writingFunctions: [UInt8] = [5, 6, 15, 16, 22, 23]

  /// How long request and answer are on the wire, with the rest of 3.5 characters between them.
  private func wireTime(characters: Int) -> Duration {
    guard options.isPaced, case .serial(let line) = bus.line, line.baud > 0 else { return .zero }
    let baud = Double(line.baud)
    let rest = line.baud > 19_200 ? 0.001_75 : 3.5 * 11 / baud
    let character = Double(line.bitsPerCharacter) / baud
    return Duration(inSeconds: Double(characters) * character + rest)
  }

  private func sendDueAnswers() {
    let now = monotonicNanoseconds()
    while let index = pending.firstIndex(where: { $0.due <= now }) {
      let answer = pending.remove(at: index)
      let sent = answer.bytes.withUnsafeBytes { bytes in
        framing == .tcp
          ? send(answer.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
          : write(answer.descriptor, bytes.baseAddress, bytes.count)
      }
      if sent != answer.bytes.count,
        let index = connections.firstIndex(where: { $0.descriptor == answer.descriptor })
      {
        hangUp(index)
      }
    }
  }

  private func hangUp(_ index: Int) {
    let descriptor = connections[index].descriptor
    pending.removeAll { $0.descriptor == descriptor }
    if framing == .serial {
      connections[index].buffer.removeAll()
      port.resetTerminal()
      isAbandoned = true
    } else {
      connections.remove(at: index)
      close(descriptor)
    }
  }
}

/// Two ends of a pipe, to tell another thread once that something is over.
private struct Pipe {
  let reading: Int32
  private let writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "the system has no file descriptor left")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  func closeWriting() {
    close(writing)
  }

  /// Returns when the other end is closed.
  func waitForEnd() {
    var byte: UInt8 = 0
    while read(reading, &byte, 1) < 0 && errno == EINTR {}
    closeReading()
  }

  func closeReading() {
    close(reading)
  }
}
