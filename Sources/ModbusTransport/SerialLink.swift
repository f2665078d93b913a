import CModbus
import DataAcquisition
import Glibc

extension ModbusLink {
  /// The rates that libmodbus knows; any other it would silently turn into 9600.
  private static let knownBauds: Set<Int> = [
    110, 300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800,
    500_000, 576_000, 921_600, 1_000_000,
  ]

  /// Opens a serial port for this process alone.
  ///
  /// - Parameter line: The port and how to set it.
  /// - Returns: The open port.
  /// - Throws: What is wrong with the port and what to do about it.
  static func open(_ line: SerialLine) throws(LinkError) -> ModbusLink {
    guard knownBauds.contains(line.baud) else {
      throw LinkError(detail: "serial ports have no rate of \(line.baud) baud")
    }
    let lock = try lockPort(line.port)
    let parity =
      switch line.parity {
      case .none: CChar(UInt8(ascii: "N"))
      case .even: CChar(UInt8(ascii: "E"))
      case .odd: CChar(UInt8(ascii: "O"))
      }
    guard let context = modbus_new_rtu(line.port, Int32(line.baud), parity, 8, Int32(line.stopBits))
    else {
      close(lock)
      throw LinkError(detail: "the port cannot be set up: \(systemText(errno))")
    }
    let link = ModbusLink(context: context, lock: lock)
    guard modbus_connect(context) == 0 else {
      throw LinkError(detail: "the port cannot be opened: \(systemText(errno))")
    }
    let descriptor = modbus_get_socket(context)
    // From here on other programs get "busy", whether or not they know about locks.
    _ = ioctl(descriptor, UInt(TIOCEXCL))
    guard descriptor < FD_SETSIZE else {
      throw LinkError(detail: "too many files are open for the port to be used")
    }
    try setDirection(line.direction, context)
    // Rests inside a frame: a USB adapter hands bytes on every 16 ms at worst.
    modbus_set_byte_timeout(context, 0, 200_000)
    return link
  }

  /// Locks the port before anything about it is changed.
  private static func lockPort(_ port: String) throws(LinkError) -> Int32 {
    let lock = Glibc.open(port, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard lock >= 0 else {
      throw LinkError(opening: port, number: errno)
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw LinkError(detail: "the port is in use by another program; end that first")
    }
    guard isatty(lock) == 1 else {
      close(lock)
      throw LinkError(detail: "this is not a serial port")
    }
    return lock
  }

  private static func setDirection(
    _ direction: SerialLine.DirectionControl,
    _ context: OpaquePointer
  ) throws(LinkError) {
    let result: Int32
    switch direction {
    case .automatic: return
    case .kernel: result = modbus_rtu_set_serial_mode(context, MODBUS_RTU_RS485)
    case .rts: result = modbus_rtu_set_rts(context, MODBUS_RTU_RTS_UP)
    }
    guard result == 0 else {
      throw LinkError(
        detail: "the port cannot switch its direction by \(direction.rawValue): "
          + "\(systemText(errno)); most adapters do it themselves (direction: automatic)"
      )
    }
  }
}

extension LinkError {
  /// Why the system did not open a port, by the number of its error.
  init(opening port: String, number: Int32) {
    let reason =
      switch number {
      case ENOENT, ENXIO, ENODEV: "there is no such port; is the adapter plugged in?"
      case EACCES: "no permission for the port; add the user to group dialout"
      // So systemd keeps a service from what its unit does not name.
      case EPERM:
        "the service may not use this kind of port; add 'DeviceAllow=\(port) rw' to its unit "
          + "('systemctl edit vigie')"
      case EBUSY: "the port is in use by another program; end that first"
      default: "the port cannot be opened: \(systemText(number))"
      }
    self.init(detail: reason)
  }
}
