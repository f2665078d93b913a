import ConditionModel
import DataAcquisition

extension RegisterMapReader {
  /// Checks what one point asks of the device.
  mutating func check(
    _ point: PointDefinition,
    at position: Position,
    against limits: RequestLimits
  ) {
    let last = Int(point.address) + point.width - 1
    if last > 65_535 {
      problems.error(
        file,
        position,
        "'\(point.name)' needs \(point.width) registers and ends beyond address 65535",
        "correct the address or the type"
      )
    }
    if !point.table.holdsBits, point.width > limits.registers {
      problems.error(
        file,
        position,
        "'\(point.name)' needs \(point.width) registers, but the device gives at most "
          + "\(limits.registers) in one request",
        "correct the type, or 'registers' under 'requests'"
      )
    }
    if case .exponentRegister(let address) = point.scaling {
      let span = max(last, Int(address)) - min(Int(point.address), Int(address)) + 1
      if span > limits.registers {
        problems.error(
          file,
          position,
          "'\(point.name)' and its exponent register are \(span) registers apart, but the "
            + "device gives at most \(limits.registers) in one request",
          "correct the address of one of them"
        )
      }
    }
    for forbidden in limits.forbidden
    where forbidden.table == point.table && last >= Int(forbidden.addresses.lowerBound)
      && Int(point.address) <= Int(forbidden.addresses.upperBound)
    {
      problems.error(
        file,
        position,
        "'\(point.name)' lies in the forbidden range \(forbidden.addresses.lowerBound) to "
          + "\(forbidden.addresses.upperBound)",
        "correct the address or the range"
      )
    }
    if point.quantity == .velocityRMS, point.axis == nil {
      problems.add(
        .warning,
        file,
        position,
        "'\(point.name)' has no axis",
        "add 'axis: x', 'y' or 'z', as the sensor names it"
      )
    }
  }

  /// Two points may share a register only if each takes other bits of it.
  mutating func reportOverlaps(_ points: [(point: PointDefinition, position: Position)]) {
    for table in RegisterTable.allCases {
      let sorted =
        points
        .filter { $0.point.table == table }
        .sorted { ($0.point.address, $0.position) < ($1.point.address, $1.position) }
      for (index, one) in sorted.enumerated() {
        let end = Int(one.point.address) + one.point.width
        for next in sorted[(index + 1)...].prefix(while: { Int($0.point.address) < end })
        where !one.point.takesOtherBits(than: next.point) {
          let (later, earlier) = one.position < next.position ? (next, one) : (one, next)
          problems.error(
            file,
            later.position,
            "'\(later.point.name)' shares the register \(next.point.address) with "
              + "'\(earlier.point.name)' on line \(earlier.position.line)",
            "correct the address or the type of one of them"
          )
        }
      }
    }
  }
}

extension PointDefinition {
  /// Whether both lie in the same registers but none of their bits is the same.
  fileprivate func takesOtherBits(than other: PointDefinition) -> Bool {
    guard address == other.address, width == other.width, wordOrder == other.wordOrder || width == 1
    else { return false }
    return bits.isDisjoint(with: other.bits)
  }

  /// The bits of the registers, taken as one number, that this point uses.
  private var bits: Set<Int> {
    let first = type == .u8High ? 8 : 0
    let count = type == .u8Low || type == .u8High ? 8 : 16 * width
    guard let bitField else { return Set(first..<first + count) }
    return Set(first + bitField.lowest..<first + bitField.lowest + bitField.count)
  }
}
