package import DataAcquisition
import EdgeRuntime
import Glibc

/// Reads registers over a serial port or a TCP connection, on a thread of its own.
///
/// It opens on first use, brings the line to a known state after every error, and never tries twice
/// by itself: when to ask again is the poller's decision.
package actor LibmodbusConnection: RegisterReader {
  private let executor: ThreadExecutor
  private let line: BusDefinition.Line
  private let rate: LineRate
  private let settleTime: Duration
  private var link: ModbusLink?
  /// When the last byte passed, as far as is known.
  private var lastActivity = Duration.zero
  /// A unit that may still answer a request that was given up.
  private var owing: (unit: UInt8, until: Duration)?

  /// Answers that came after their time-out, so far; they are never taken for the next one.
  package private(set) var lateAnswers = 0

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Prepares a connection; nothing is opened yet.
  ///
  /// - Parameter bus: The line; and the devices on it, for the longest rest that one of them needs
  ///   after a connection is made.
  package init(_ bus: BusDefinition) {
    executor = ThreadExecutor(name: bus.name)
    line = bus.line
    rate = LineRate(bus.line)
    settleTime = bus.devices.reduce(.zero) { max($0, $1.timing.settleTime) }
  }

  package func read(_ request: PollRequest) async throws(ModbusError) -> [UInt16] {
    let link = try readyLink(for: request)
    do {
      let registers = try link.read(request)
      lastActivity = monotonicNow()
      return registers
    } catch {
      lastActivity = monotonicNow()
      throw recover(from: error, request, link)
    }
  }

  package func close() async {
    link = nil
  }

  // MARK: - Before a request

  /// An open line on which nothing is left from before and the device has had its rest.
  private func readyLink(for request: PollRequest) throws(ModbusError) -> ModbusLink {
    if let open = link {
      if isQuiet(open, before: request) { return open }
      // The other side closed while nobody asked anything: that is its right.
      link = nil
    }
    do throws(LinkError) {
      let opened: ModbusLink
      switch line {
      case .serial(let serial): opened = try ModbusLink.open(serial)
      case .tcp(let endpoint):
        opened = try ModbusLink.connect(endpoint, within: max(request.responseTimeout, .seconds(1)))
      }
      blockThread(for: settleTime)
      _ = opened.drain(waiting: rate.frameGap)
      owing = nil
      link = opened
      return opened
    } catch {
      throw .notConnected(line: lineName, detail: error.detail)
    }
  }

  /// Waits for the silence that a request needs, and empties the receive buffer.
  ///
  /// - Parameters:
  ///   - link: The open line.
  ///   - request: What will be sent.
  /// - Returns: Whether the line may be used.
  private func isQuiet(_ link: ModbusLink, before request: PollRequest) -> Bool {
    if let debtor = owing, debtor.unit == request.unit {
      // Without transaction numbers a late answer of this unit would look like the next one.
      let rest = debtor.until - monotonicNow()
      if rest > .zero, !discard(link, waiting: rest) { return false }
      owing = nil
    }
    blockThread(for: lastActivity + rate.frameGap + request.guardTime - monotonicNow())
    return discard(link, waiting: .zero)
  }

  /// Throws away what came unasked.
  ///
  /// - Parameters:
  ///   - link: The open line.
  ///   - patience: How long something may still come.
  /// - Returns: Whether the line may be used.
  private func discard(_ link: ModbusLink, waiting patience: Duration) -> Bool {
    guard let count = link.drain(waiting: patience) else { return false }
    guard count > 0 else { return true }
    lateAnswers += 1
    lastActivity = monotonicNow()
    // Over TCP a stray answer means that request and answer no longer belong together.
    guard rate.isSerial else { return false }
    return true
  }

  // MARK: - After an error

  private func recover(
    from failure: LibraryError,
    _ request: PollRequest,
    _ link: ModbusLink
  ) -> ModbusError {
    guard let error = failure.modbusError(for: request) else {
      self.link = nil
      return .notConnected(line: lineName, detail: "connection lost: \(systemText(failure.number))")
    }
    if case .refused = error { return error }
    guard case .serial(let serial) = line else {
      self.link = nil
      return error
    }
    if access(serial.port, F_OK) != 0 {
      self.link = nil
      return .notConnected(line: lineName, detail: "the port has disappeared; plug it in again")
    }
    let silence = rate.answerDuration(of: request) + rate.frameGap
    guard let count = link.drain(waiting: silence) else {
      self.link = nil
      return .notConnected(line: lineName, detail: "the port no longer works")
    }
    lastActivity = monotonicNow()
    switch error {
    case .noAnswer where count == 0:
      owing = (unit: request.unit, until: lastActivity + request.responseTimeout)
    case .noAnswer:
      lateAnswers += 1
      owing = nil
    default:
      // If an answer is still owed, it ran into this one.
      if owing != nil { lateAnswers += 1 }
    }
    return error
  }

  private var lineName: String {
    switch line {
    case .serial(let serial): serial.port
    case .tcp(let endpoint): "\(endpoint.host):\(endpoint.port)"
    }
  }
}
