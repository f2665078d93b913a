/// Something about a bus that belongs in the log, told once when it changes.
package enum BusEvent: Hashable, Sendable {
  /// A unit stopped answering; it is probed alone from now on.
  case unitSilent(device: String, unit: UInt8, cause: ModbusError)
  /// A silent unit answers again.
  case unitAnswers(device: String, unit: UInt8, after: Duration)
  /// The device has no such address; the point is left out and the others are read without it.
  case pointUnreadable(device: String, point: String, register: String, cause: ModbusError)
  /// A point that had been left out can be read after all.
  case pointReadable(device: String, point: String, register: String)
  /// The device refuses blocks with unused addresses; its points are read without them.
  case holesAvoided(device: String)
  /// The device refuses requests longer than this.
  case requestsShortened(device: String, count: Int)
  /// The device refuses a request; it is asked less often.
  case requestRefused(ModbusError)
  /// The port or connection is gone.
  case lineLost(ModbusError)
  /// The port or connection is back.
  case lineBack(bus: String)
  /// Polls are left out because the bus cannot keep up; told once per device.
  case behind(device: String)
  /// The device replaces a block of samples while it is read; told once per device.
  case blockTorn(device: String, block: String)
  /// The device refuses registers of a block of samples; it is tried again every hour.
  case blockRefused(block: String, cause: ModbusError)

  /// Whether something got worse rather than better.
  package var isProblem: Bool {
    switch self {
    case .unitAnswers, .pointReadable, .lineBack: false
    default: true
    }
  }
}

extension BusEvent: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unitSilent(let device, let unit, let cause):
      "\(device), unit \(unit), gives no usable answer and is now asked every 5 to 60 s, the others "
        + "keep their rate; last: \(cause)"
    case .unitAnswers(let device, let unit, let silence):
      "\(device), unit \(unit), answers again after \(silence.components.seconds) s"
    case .pointUnreadable(let device, let point, let register, let cause):
      "\(device): \(point) (\(register)) is left out, the other points are read without it; "
        + "it is tried again every hour; \(cause)"
    case .pointReadable(let device, let point, let register):
      "\(device): \(point) (\(register)) can be read again"
    case .holesAvoided(let device):
      "\(device): refuses blocks with unused addresses; they are left out from now on "
        + "(allow_holes: false in the profile says so from the start)"
    case .requestsShortened(let device, let count):
      "\(device): refuses longer requests than \(count); its limit in the profile is too high"
    case .requestRefused(let error):
      "\(error)"
    case .lineLost(let error):
      "\(error); it is tried again for as long as it takes"
    case .lineBack(let bus):
      "\(bus): connected again"
    case .behind(let device):
      "\(device): polls are left out because the bus cannot keep up; see vigie check"
    case .blockTorn(let device, let block):
      "\(device): \(block) was replaced while it was read and is thrown away; "
        + "see in vigie check how long it takes"
    case .blockRefused(let block, let cause):
      "\(block) is left out and tried again every hour; \(cause)"
    }
  }
}
