package import DataAcquisition

/// Turns a physical value into the words of a device: the way back of reading registers.
package enum RegisterEncoder {
  /// What a sensor reports instead of a value when it has none.
  package enum Reading: Hashable, Sendable {
    case value(Double)
    /// The device's code for "no valid reading", or what is nearest to one where it has none.
    case invalid
  }

  /// The words of `point`, and which of their bits belong to it.
  package struct Words: Hashable, Sendable {
    package var values: [UInt16]
    package var masks: [UInt16]
  }

  /// Returns the words in which a device with this point sends `reading`.
  ///
  /// - Parameters:
  ///   - reading: In the point's unit; what is beyond the range of the type is sent as the end of it.
  ///   - point: Where and how the value is sent; a bit of a coil or discrete input is one word.
  ///   - exponent: The content of the exponent register where the point has one.
  /// - Returns: As many words as the point has registers.
  package static func words(
    for reading: Reading,
    of point: PointDefinition,
    exponent: Int = 0
  ) -> Words {
    if case .text(let registers) = point.type {
      return Words(
        values: Array(repeating: 0x2020, count: registers),
        masks: Array(repeating: 0xFFFF, count: registers)
      )
    }
    switch point.type {
    case .f32:
      let raw = rawValue(of: reading, point, exponent) ?? .nan
      return split(UInt64(Float(raw).bitPattern), registers: 2, point.wordOrder)
    case .f64:
      let raw = rawValue(of: reading, point, exponent) ?? .nan
      return split(raw.bitPattern, registers: 4, point.wordOrder)
    default:
      return integerWords(rawValue(of: reading, point, exponent), point)
    }
  }

  /// Returns the value that remains of `value` once the registers of `point` have rounded it.
  package static func rounded(
    _ value: Double,
    by point: PointDefinition,
    exponent: Int = 0
  ) -> Double {
    guard let raw = rawValue(of: .value(value), point, exponent) else { return value }
    let sent: Double
    switch point.type {
    case .f32: sent = Double(Float(raw))
    case .f64: sent = raw
    default: sent = clamped(raw, to: range(of: point))
    }
    switch point.scaling {
    case .linear(let scale, let offset):
      // As the agent reads it: a scale of 0.1 means tenths, and 3 ∕ 10 is 0.3, but 3 · 0.1 is not.
      let divisor = (1 / scale).rounded()
      return (1 / divisor == scale ? sent / divisor : sent * scale) + offset
    case .twoPoint(let rawLow, let rawHigh, let low, let high):
      return low + (sent - rawLow) * (high - low) / (rawHigh - rawLow)
    case .exponentRegister:
      return exponent < 0 ? sent / powerOfTen(-exponent) : sent * powerOfTen(exponent)
    }
  }

  /// Returns the smallest exponent, from −3 up, with which `value` fits the type of `point`.
  package static func exponent(for value: Double, of point: PointDefinition) -> Int {
    let range = range(of: point)
    for exponent in -3..<10 {
      guard let raw = rawValue(of: .value(value), point, exponent) else { break }
      if range.contains(raw.rounded()) { return exponent }
    }
    return 0
  }
}

extension RegisterEncoder {
  /// The raw number before it is rounded to the type; `nil` where nothing but "not a number" fits.
  private static func rawValue(
    of reading: Reading,
    _ point: PointDefinition,
    _ exponent: Int
  ) -> Double? {
    guard case .value(let value) = reading else {
      return invalidRawValue(of: point)
    }
    switch point.scaling {
    case .linear(let scale, let offset):
      return scale == 0 ? 0 : (value - offset) / scale
    case .twoPoint(let rawLow, let rawHigh, let low, let high):
      return high == low ? rawLow : rawLow + (value - low) * (rawHigh - rawLow) / (high - low)
    case .exponentRegister:
      return exponent < 0 ? value * powerOfTen(-exponent) : value / powerOfTen(exponent)
    }
  }

  private static func invalidRawValue(of point: PointDefinition) -> Double? {
    for code in point.invalidCodes {
      switch code {
      case .equals(let raw): return raw
      case .above(let raw): return raw + 1
      case .below(let raw): return raw - 1
      }
    }
    switch point.type {
    case .f32, .f64: return nil
    default: break
    }
    // A broken wire of a current loop carries no current; other inputs run into their end.
    if case .twoPoint = point.scaling { return 0 }
    return range(of: point).upperBound
  }

  private static func integerWords(_ raw: Double?, _ point: PointDefinition) -> Words {
    let value = integer(raw ?? 0, in: range(of: point))
    var bits = UInt64(truncatingIfNeeded: value)
    if case .u64 = point.type, point.bitField == nil {
      bits = unsigned(raw ?? 0)
    }
    var mask = UInt64.max
    if let field = point.bitField {
      mask = ((1 << UInt64(field.count)) &- 1) << UInt64(field.lowest)
      bits = (bits << UInt64(field.lowest)) & mask
    }
    switch point.type {
    case .bit:
      mask = point.bitField == nil ? 1 : mask
      bits &= mask
      if point.table.holdsBits { return Words(values: [UInt16(bits & 1)], masks: [1]) }
    case .u8Low:
      bits &= 0xFF
      mask &= 0xFF
    case .u8High:
      bits = (bits & 0xFF) << 8
      mask = (mask & 0xFF) << 8
    default: break
    }
    let registers = point.type.registerCount
    return Words(
      values: split(bits, registers: registers, point.wordOrder).values,
      masks: split(mask, registers: registers, point.wordOrder).values
    )
  }

  /// The lowest `registers` words of `bits`, in the order in which the device sends them.
  private static func split(_ bits: UInt64, registers: Int, _ order: WordOrder) -> Words {
    var words: [UInt16] = []
    for index in 0..<registers {
      words.append(UInt16(truncatingIfNeeded: bits >> UInt64(16 * (registers - 1 - index))))
    }
    if order == .cdab || order == .dcba { words.reverse() }
    if order == .badc || order == .dcba { words = words.map(\.byteSwapped) }
    return Words(values: words, masks: Array(repeating: 0xFFFF, count: registers))
  }

  /// The raw numbers that the type, or the field of bits, can hold.
  private static func range(of point: PointDefinition) -> ClosedRange<Double> {
    if let field = point.bitField {
      switch point.type {
      case .s16, .s32, .s64:
        // The highest bit of the field is its sign.
        let half = powerOfTwo(field.count - 1)
        return -half...(half - 1)
      default:
        return 0...(powerOfTwo(field.count) - 1)
      }
    }
    switch point.type {
    case .bit: return 0...1
    case .u8Low, .u8High: return 0...255
    case .u16: return 0...65_535
    case .s16: return -32_768...32_767
    case .u32: return 0...4_294_967_295
    case .s32: return -2_147_483_648...2_147_483_647
    case .u64: return 0...0x1p64
    case .s64: return -0x1p63...0x1p63
    case .f32, .f64, .text:
      return -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    }
  }

  private static func clamped(_ raw: Double, to range: ClosedRange<Double>) -> Double {
    guard !raw.isNaN else { return 0 }
    return min(max(raw.rounded(), range.lowerBound), range.upperBound)
  }

  private static func integer(_ raw: Double, in range: ClosedRange<Double>) -> Int64 {
    let limited = clamped(raw, to: range)
    return limited >= 0x1p63 ? .max : Int64(limited)
  }

  private static func unsigned(_ raw: Double) -> UInt64 {
    let limited = clamped(raw, to: 0...0x1p64)
    return limited >= 0x1p64 ? .max : UInt64(limited)
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<exponent { power *= 10 }
    return power
  }

  private static func powerOfTwo(_ exponent: Int) -> Double {
    var power = 1.0
    for _ in 0..<exponent { power *= 2 }
    return power
  }
}
