/// A way to say numbers of one kind as integers, and to have exactly the same numbers back.
///
/// What a sensor's register held is an integer times a scale: `integer / divisor` gives back the
/// `Double` to the bit where the register map divides too (0.1 is a tenth). Numbers that no divisor
/// explains, such as 32-bit floating-point registers, are taken by their bit patterns, ordered as the
/// numbers are, so that near numbers have near integers.
package enum NumberForm: Hashable, Sendable {
  /// `integer / 10^exponent`, for exponents 0…9.
  case decimal(exponent: Int)
  /// `integer / 2^exponent`, for exponents 1…24.
  case binary(exponent: Int)
  /// The pattern of a `Float` that is the number.
  case float
  /// The pattern of the `Double` itself: fits all numbers.
  case double

  private static let powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
  private static let largestInteger = 9_007_199_254_740_992.0
  private static let mostBinary = 24

  /// All forms, in the order in which they are tried: integers are shorter than patterns.
  package static let all: [NumberForm] =
    (0..<powersOfTen.count).map { .decimal(exponent: $0) }
    + (1...mostBinary).map { .binary(exponent: $0) } + [.float, .double]

  /// The byte that stands for this form in files: never change one, only add.
  package var code: UInt8 {
    switch self {
    case .decimal(let exponent): UInt8(exponent)
    case .binary(let exponent): UInt8(32 + exponent)
    case .float: 128
    case .double: 129
    }
  }

  package init?(code: UInt8) {
    switch code {
    case 0..<UInt8(Self.powersOfTen.count): self = .decimal(exponent: Int(code))
    case 33...UInt8(32 + Self.mostBinary): self = .binary(exponent: Int(code) - 32)
    case 128: self = .float
    case 129: self = .double
    default: return nil
    }
  }

  /// `integer ∕ divisor` is the number, for the forms that are not bit patterns.
  @inline(__always)
  package var divisor: Double? {
    switch self {
    case .decimal(let exponent): Self.powersOfTen[exponent]
    case .binary(let exponent): Double(1 << exponent)
    case .float, .double: nil
    }
  }

  /// The integer for `number`; `nil` where the number would not come back to the bit.
  @inline(__always)
  package func integer(_ number: Double) -> Int64? {
    switch self {
    case .decimal, .binary:
      guard let divisor else { return nil }
      return Self.integer(number, divisor: divisor)
    case .float:
      let short = Float(number)
      guard Double(short).bitPattern == number.bitPattern else { return nil }
      return Int64(Int32(bitPattern: short.bitPattern).reordered)
    case .double:
      return Int64(bitPattern: number.bitPattern).reordered
    }
  }

  @inline(__always)
  static func integer(_ number: Double, divisor: Double) -> Int64? {
    let product = (number * divisor).rounded()
    guard product.magnitude <= largestInteger else { return nil }
    let integer = Int64(product)
    return (Double(integer) / divisor).bitPattern == number.bitPattern ? integer : nil
  }

  /// The number of `integer`: the reverse of `integer(_:)`, and something for any other integer.
  @inline(__always)
  package func number(_ integer: Int64) -> Double {
    switch self {
    case .decimal, .binary: return Double(integer) / (divisor ?? 1)
    case .float:
      let pattern = Int32(truncatingIfNeeded: integer).reordered
      return Double(Float(bitPattern: UInt32(bitPattern: pattern)))
    case .double:
      return Double(bitPattern: UInt64(bitPattern: integer.reordered))
    }
  }

  /// The first form, from `start` on, that fits `number`.
  package static func fitting(
    _ number: Double,
    from start: NumberForm = .decimal(exponent: 0)
  )
    -> NumberForm
  {
    let begin = all.firstIndex(of: start) ?? 0
    return all[begin...].first { $0.integer(number) != nil } ?? .double
  }

  /// A form that fits all of `numbers`: integers where there are such.
  package static func fitting(_ numbers: [Double]) -> NumberForm {
    let form = numbers.reduce(.decimal(exponent: 0)) { form, number in
      form.integer(number) == nil ? fitting(number, from: form) : form
    }
    // The one that fits the last number need not fit the first: tenths and 1/16384.
    return [form, .float].first { form in numbers.allSatisfy { form.integer($0) != nil } }
      ?? .double
  }
}

extension FixedWidthInteger where Self: SignedInteger {
  /// The bit pattern of a floating-point number as an integer that rises as the number does, and back.
  @inline(__always)
  fileprivate var reordered: Self { self ^ (self >> (Self.bitWidth - 1) & .max) }
}
