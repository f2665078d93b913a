/// How far a value may be trusted; it travels beside the value through every block.
package enum Quality: Hashable, Sendable, Codable {
  /// As good as the sensor can tell.
  case good
  /// A number was read, but something about it gives reason for doubt.
  case uncertain(Doubt)
  /// There is no usable number; whatever stands beside this quality must not be looked at.
  case bad(Fault)

  /// Whether a number stands beside this quality at all.
  @inlinable package var isUsable: Bool {
    if case .bad = self { false } else { true }
  }

  /// One word for machines: `good`, `uncertain` or `bad`.
  package var word: String {
    switch self {
    case .good: "good"
    case .uncertain: "uncertain"
    case .bad: "bad"
    }
  }

  /// The reason in one or two words for machines; `nil` for good values.
  package var reason: String? {
    switch self {
    case .good: nil
    case .uncertain(let doubt): doubt.rawValue
    case .bad(let fault): fault.rawValue
    }
  }
}

/// Why a number that was read is not fully trusted.
package enum Doubt: String, Hashable, Sendable, Codable, CaseIterable {
  /// Outside the range in which the profile calls the value valid, but not a fault code.
  case outsideValidRange = "outside valid range"
  /// The gateway's clock is not known to be right, so the time of the value may be off.
  case clockNotSet = "clock not set"
}

/// Why there is no number.
package enum Fault: String, Hashable, Sendable, Codable, CaseIterable {
  /// The device did not answer in time.
  case noAnswer = "no answer"
  /// The device has no such address (Modbus exception 2).
  case noSuchAddress = "no such address"
  /// The device refused the request with another Modbus exception.
  case refused = "refused"
  /// The device is busy or needs more time (Modbus exceptions 5 and 6).
  case busy = "busy"
  /// A gateway did not reach the device (Modbus exceptions 10 and 11).
  case notReachable = "not reachable"
  /// The answer was damaged: checksum, length, or the wrong unit or transaction.
  case damagedAnswer = "damaged answer"
  /// The serial port or the connection is gone.
  case notConnected = "not connected"
  /// The device sent its code for "no valid reading", such as an open circuit.
  case invalidCode = "invalid code"
  /// The registers hold no finite number.
  case notANumber = "not a number"
  /// The device replaced a block of samples while it was read.
  case tornBlock = "torn block"
  /// There is no such value at present, and nothing is wrong with the sensor: the line of a shaft
  /// that rests, whose speed is not known, or that turns too fast or slowly for the block.
  case notApplicable = "not applicable"
}
