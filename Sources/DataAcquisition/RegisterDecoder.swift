package import ConditionModel

/// A number and how far it may be trusted.
package struct Reading: Hashable, Sendable {
  /// In the point's unit; 0 where the quality is bad.
  package var value: Double
  package var quality: Quality

  package init(value: Double, quality: Quality) {
    self.value = value
    self.quality = quality
  }

  /// No number, for the given reason.
  package static func bad(_ fault: Fault) -> Reading {
    Reading(value: 0, quality: .bad(fault))
  }
}

/// Turns raw registers into values, by the description of the point alone.
///
/// Integers of 64 bits become `Double`: beyond 2⁵³ (9·10¹⁵) they are rounded to the nearest
/// representable number, at worst by one part in 10¹⁵.
package enum RegisterDecoder {
  /// The value of `point` in a block of registers.
  ///
  /// Codes for "no valid reading" are compared with the raw number before scaling, after a bit field
  /// has been cut out. A bit field of a signed type is signed: its highest bit is the sign.
  ///
  /// - Parameters:
  ///   - point: What to look for.
  ///   - registers: What was read, in address order; for tables of bits one 0 or 1 per element.
  ///   - firstAddress: The address of the first element.
  /// - Returns: The value in the point's unit with its quality.
  package static func decode(
    _ point: PointDefinition,
    in registers: [UInt16],
    from firstAddress: UInt16
  ) -> Reading {
    let pattern = bits(of: point, in: words(of: point, in: registers, from: firstAddress))
    guard let raw = number(of: point, pattern) else { return .bad(.notANumber) }
    if point.invalidCodes.contains(where: { $0.matches(raw, type: point.type) }) {
      return .bad(.invalidCode)
    }
    guard raw.isFinite else { return .bad(.notANumber) }
    let value: Double
    switch point.scaling {
    case .linear(let scale, let offset):
      value = product(raw, scale) + offset
    case .twoPoint(let rawLow, let rawHigh, let low, let high):
      value = low + (raw - rawLow) * (high - low) / (rawHigh - rawLow)
    case .exponentRegister(let address):
      let exponent = Int16(bitPattern: registers[Int(address) - Int(firstAddress)])
      guard let scaled = scaled(raw, byTenTo: Int(exponent)) else { return .bad(.invalidCode) }
      value = scaled
    }
    guard value.isFinite else { return .bad(.notANumber) }
    if let range = point.validRange, !range.contains(value) {
      return Reading(value: value, quality: .uncertain(.outsideValidRange))
    }
    return Reading(value: value, quality: .good)
  }

  /// The registers of `point` alone, as they came: what a person compares with the manual.
  package static func words(
    of point: PointDefinition,
    in registers: [UInt16],
    from firstAddress: UInt16
  ) -> ArraySlice<UInt16> {
    let start = Int(point.address) - Int(firstAddress)
    precondition(
      start >= 0 && start + point.width <= registers.count,
      "the block does not hold the point \(point.name)"
    )
    return registers[start..<start + point.width]
  }

  /// The bits of a point with the highest byte first, whatever order the device sends.
  private static func bits(of point: PointDefinition, in words: ArraySlice<UInt16>) -> UInt64 {
    // One element of a table of bits is one bit, not a word whose bytes could be swapped.
    let swapsBytes =
      (point.wordOrder == .badc || point.wordOrder == .dcba) && !point.table.holdsBits
    let lowWordFirst = point.wordOrder == .cdab || point.wordOrder == .dcba
    var pattern: UInt64 = 0
    for offset in 0..<words.count {
      let word = words[lowWordFirst ? words.endIndex - 1 - offset : words.startIndex + offset]
      pattern = pattern << 16 | UInt64(swapsBytes ? word.byteSwapped : word)
    }
    return pattern
  }

  private static func number(of point: PointDefinition, _ pattern: UInt64) -> Double? {
    switch point.type {
    case .f32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern)))
    case .f64: Double(bitPattern: pattern)
    case .text: nil
    case .bit: integer(pattern, width: 16, isSigned: false, field: point.bitField ?? .lowestBit)
    case .u8Low: integer(pattern & 0xFF, width: 8, isSigned: false, field: point.bitField)
    case .u8High: integer(pattern >> 8, width: 8, isSigned: false, field: point.bitField)
    case .u16: integer(pattern, width: 16, isSigned: false, field: point.bitField)
    case .s16: integer(pattern, width: 16, isSigned: true, field: point.bitField)
    case .u32: integer(pattern, width: 32, isSigned: false, field: point.bitField)
    case .s32: integer(pattern, width: 32, isSigned: true, field: point.bitField)
    case .u64: integer(pattern, width: 64, isSigned: false, field: point.bitField)
    case .s64: integer(pattern, width: 64, isSigned: true, field: point.bitField)
    }
  }

  private static func integer(
    _ pattern: UInt64,
    width: Int,
    isSigned: Bool,
    field: BitField?
  ) -> Double {
    let unused = 64 - (field?.count ?? width)
    let atTop = (pattern >> (field?.lowest ?? 0)) << unused
    return isSigned ? Double(Int64(bitPattern: atTop) >> unused) : Double(atTop >> unused)
  }

  /// `raw · scale`, by division where `scale` stands for a whole fraction.
  ///
  /// 0.1 has no exact binary form: 3 · 0.1 is 0.30000000000000004, but 3 ∕ 10 is the number that
  /// people write as 0.3.
  private static func product(_ raw: Double, _ scale: Double) -> Double {
    let divisor = (1 / scale).rounded()
    return divisor.isFinite && 1 / divisor == scale ? raw / divisor : raw * scale
  }

  /// `raw · 10^exponent`, or `nil` for an exponent that means "not implemented" (0x8000, SunSpec).
  ///
  /// SunSpec allows −10…10; powers up to 10²² are exact in a `Double`, what lies beyond is no scale.
  private static func scaled(_ raw: Double, byTenTo exponent: Int) -> Double? {
    guard (-22...22).contains(exponent) else { return nil }
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent < 0 ? raw / power : raw * power
  }
}

extension BitField {
  fileprivate static let lowestBit = BitField(lowest: 0, count: 1)
}

extension InvalidCode {
  /// Whether `raw` is this code; one written in decimals matches the `Float` nearest to it.
  fileprivate func matches(_ raw: Double, type: RegisterType) -> Bool {
    switch self {
    case .equals(let code): raw == code || (type == .f32 && raw == Double(Float(code)))
    case .above(let limit): raw > limit
    case .below(let limit): raw < limit
    }
  }
}
