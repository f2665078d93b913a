package import ConditionModel

/// Something that reads registers: a real bus, or a simulated one in tests.
package protocol RegisterReader: Sendable {
  /// Reads what `request` names; bits come as one 0 or 1 per element.
  ///
  /// Never called again before the previous call has returned. After an error the reader brings the
  /// line back to a known state (flush and silence, or close) before it sends again.
  func read(_ request: PollRequest) async throws(ModbusError) -> [UInt16]

  /// Gives the port or connection back, so that the next read opens it anew.
  func close() async

  /// Answers that came after their time-out and were thrown away, so far.
  var lateAnswers: Int { get async }
}

extension RegisterReader {
  package var lateAnswers: Int { 0 }
}

/// Why a read gave no registers.
package enum ModbusError: Error, Hashable, Sendable {
  /// The device did not answer in time.
  case noAnswer(PollRequest, after: Duration)
  /// The device refused the request (Modbus Application Protocol V1.1b3, section 7).
  case refused(PollRequest, exception: UInt8)
  /// Bytes came, but not a correct answer: checksum, length, unit or transaction.
  case damagedAnswer(PollRequest, detail: String)
  /// The port or connection cannot be opened, or broke.
  case notConnected(line: String, detail: String)
}

extension ModbusError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noAnswer(let request, let limit):
      "\(request): no answer within \(limit); check wiring, baud rate and unit number"
    case .refused(let request, exception: 1):
      "\(request): the device does not know this function; compare its manual with the register map"
    case .refused(let request, exception: 2):
      "\(request): the device has no such address; compare its manual with the register map"
    case .refused(let request, exception: 5), .refused(let request, exception: 6):
      "\(request): the device is busy; it will be asked again"
    case .refused(let request, exception: 10):
      "\(request): the gateway has no path to the device; check the gateway's settings"
    case .refused(let request, exception: 11):
      "\(request): the device behind the gateway does not answer; check its power and wiring"
    case .refused(let request, let code):
      "\(request): refused with Modbus exception \(code)"
    case .damagedAnswer(let request, let detail):
      "\(request): damaged answer (\(detail)); check termination, shielding, "
        + "doubled unit numbers and adapters that echo"
    case .notConnected(let line, let detail):
      "\(line): \(detail)"
    }
  }
}

extension ModbusError {
  /// What stands beside a value that this error kept from being read.
  package var fault: Fault {
    switch self {
    case .noAnswer: .noAnswer
    case .refused(_, exception: 2): .noSuchAddress
    case .refused(_, exception: 5), .refused(_, exception: 6): .busy
    case .refused(_, exception: 10), .refused(_, exception: 11): .notReachable
    case .refused: .refused
    case .damagedAnswer: .damagedAnswer
    case .notConnected: .notConnected
    }
  }

  /// Whether the unit gave no sign of life that could be relied on.
  ///
  /// A gateway answers with exceptions 10 and 11 in place of a silent unit; a damaged answer costs
  /// the bus as much as none. Any other exception shows that the unit lives.
  var isMiss: Bool {
    switch self {
    case .noAnswer, .damagedAnswer, .refused(_, exception: 10), .refused(_, exception: 11): true
    case .refused, .notConnected: false
    }
  }
}
