import CModbus
import DataAcquisition
import Glibc

/// Why a port or connection could not be opened.
struct LinkError: Error {
  let detail: String
}

/// An open serial port or connection with its libmodbus context; closed when it is let go.
///
/// Only the four functions that read are used. The library's recovery modes stay off: they sleep,
/// flush and send again without bound. Its float helpers are not used either.
final class ModbusLink {
  private let context: OpaquePointer
  /// Holds the lock on a serial port.
  private let lock: Int32?

  /// Takes over what was opened.
  ///
  /// - Parameters:
  ///   - context: Of libmodbus, connected.
  ///   - lock: A descriptor to close at the end.
  init(context: OpaquePointer, lock: Int32? = nil) {
    self.context = context
    self.lock = lock
  }

  deinit {
    modbus_close(context)
    modbus_free(context)
    if let lock = lock { close(lock) }
  }

  private var descriptor: Int32 { modbus_get_socket(context) }

  /// Sends the request and waits for its answer.
  ///
  /// - Parameter request: What to read.
  /// - Returns: Registers, or bits as 0 and 1.
  /// - Throws: The error number of libmodbus, taken before anything else can change it.
  func read(_ request: PollRequest) throws(LibraryError) -> [UInt16] {
    guard modbus_set_slave(context, Int32(request.unit)) == 0 else {
      throw LibraryError(number: errno)
    }
    let (seconds, attoseconds) = request.responseTimeout.components
    let microseconds = max(seconds == 0 ? 1 : 0, attoseconds / 1_000_000_000_000)
    modbus_set_response_timeout(context, UInt32(seconds), UInt32(microseconds))
    let address = Int32(request.address)
    let count = Int32(request.count)
    if request.table.holdsBits {
      var bits = [UInt8](repeating: 0, count: request.count)
      let result =
        request.table == .coil
        ? modbus_read_bits(context, address, count, &bits)
        : modbus_read_input_bits(context, address, count, &bits)
      let number = errno
      guard result == count else { throw LibraryError(number: result < 0 ? number : 0) }
      return bits.map { UInt16($0) }
    }
    var registers = [UInt16](repeating: 0, count: request.count)
    let result =
      request.table == .holding
      ? modbus_read_registers(context, address, count, &registers)
      : modbus_read_input_registers(context, address, count, &registers)
    let number = errno
    guard result == count else { throw LibraryError(number: result < 0 ? number : 0) }
    return registers
  }

  /// Throws away what lies in the receive buffer and what still comes.
  ///
  /// - Parameter patience: How long to wait for a first byte; once bytes come, they are followed to
  ///   their end.
  /// - Returns: How many bytes there were; `nil` if the other side is gone.
  func drain(waiting patience: Duration) -> Int? {
    var total = 0
    var buffer = [UInt8](repeating: 0, count: 512)
    // A line that never falls silent has another master on it; do not listen to it for ever.
    let limit = monotonicNow() + patience + .seconds(1)
    while hasEvent(POLLIN, on: descriptor, within: total == 0 ? patience : Self.restInFrame) {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && (errno == EAGAIN || errno == EINTR) { return total }
      guard count > 0 else { return nil }
      total += count
      if monotonicNow() > limit { return total }
    }
    return total
  }

  /// USB adapters hand on what they received every 16 ms.
  private static let restInFrame = Duration.milliseconds(20)
}

/// An error number of libmodbus; 0 for an answer of the wrong length.
struct LibraryError: Error {
  let number: Int32

  /// The error for the request, or `nil` when the port or connection itself is broken.
  func modbusError(for request: PollRequest) -> ModbusError? {
    switch number - MODBUS_ENOBASE {
    case 1...11:
      return .refused(request, exception: UInt8(number - MODBUS_ENOBASE))
    case 12: return .damagedAnswer(request, detail: "wrong checksum")
    case 13: return .damagedAnswer(request, detail: "wrong length or transaction")
    case 14, 15: return .damagedAnswer(request, detail: "an exception code that no standard knows")
    case 16: return .damagedAnswer(request, detail: "more data than asked for")
    case 17: return .damagedAnswer(request, detail: "another unit answered")
    default: break
    }
    switch number {
    case 0: return .damagedAnswer(request, detail: "wrong length")
    case ETIMEDOUT: return .noAnswer(request, after: request.responseTimeout)
    case EINVAL:
      return .damagedAnswer(request, detail: "unit numbers 248 to 254 cannot be asked")
    default: return nil
    }
  }
}

/// What the system says about an error number.
func systemText(_ number: Int32) -> String {
  String(cString: strerror(number))
}

/// Time since an arbitrary moment; nothing sets this clock.
func monotonicNow() -> Duration {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
}

/// Waits for an event on a descriptor; that the other side hung up is one too.
///
/// - Parameters:
///   - event: `POLLIN` or `POLLOUT`.
///   - descriptor: Where.
///   - limit: How long, in whole milliseconds.
/// - Returns: Whether it came.
func hasEvent(_ event: Int32, on descriptor: Int32, within limit: Duration) -> Bool {
  var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
  let milliseconds = max(0, min(limit / .milliseconds(1), 60_000)).rounded(.up)
  return poll(&entry, 1, Int32(milliseconds)) > 0
}

/// Blocks the calling thread.
func blockThread(for duration: Duration) {
  let end = monotonicNow() + duration
  while true {
    let rest = end - monotonicNow()
    guard rest > .zero else { return }
    var pause = timespec(rest)
    nanosleep(&pause, nil)
  }
}

extension timespec {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
  }
}
