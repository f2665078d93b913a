// Exponentials and logarithms with the same bits on every machine, which those of C libraries have
// not: exact steps by powers of two, then a series in fixed order.

/// `e` to the power of a number, which is held to ±700, within 1e-13 of the result.
package func steadyExponential(_ number: Double) -> Double {
  guard !number.isNaN else { return .nan }
  let held = min(max(number, -700), 700)
  let whole = (held / 0.693_147_180_559_945_3).rounded()
  let rest = held - whole * 0.693_147_180_559_945_3
  var sum = 1.0
  for term in stride(from: 16, through: 1, by: -1) { sum = 1 + sum * rest / Double(term) }
  return sum * Double(sign: .plus, exponent: Int(whole), significand: 1)
}

/// `e` to the power of a number, within 1e-6 of the result: 0 below −80, infinite above 88.
package func steadyExponential(_ number: Float) -> Float {
  guard number >= -80 else { return number.isNaN ? .nan : 0 }
  guard number <= 88 else { return .infinity }
  let doublings = (number * 1.442_695).rounded()
  // ln 2 in two parts, the first with so few digits that its multiples are exact.
  let rest = number - doublings * 0.693_145_75 - doublings * 1.428_606_8e-6
  // What is left is within ±0.35, where seven terms of the series suffice.
  var term: Float = 1
  var sum: Float = 1
  for order in 1...7 {
    term *= rest / Float(order)
    sum += term
  }
  return sum * Float(sign: .plus, exponent: Int(doublings), significand: 1)
}

/// The natural logarithm of a positive number, within 1e-15 or, far from 1, of the result.
package func steadyLogarithm(_ number: Double) -> Double {
  precondition(number > 0 && number.isFinite, "only positive numbers have a logarithm")
  // Taken from the bits, since the properties that say the same are calls that look at every case.
  let bits = number.bitPattern
  var significand = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
  var exponent = Double(Int(bits >> 52) - 1_023)
  if number < .leastNormalMagnitude {
    significand = number.significand
    exponent = Double(number.exponent)
  }
  if significand > 1.414_213_562_373_095_1 {
    significand /= 2
    exponent += 1
  }
  let ratio = (significand - 1) / (significand + 1)
  let square = ratio * ratio
  // Written out, since a loop would divide again and again.
  var sum = 1.0 / 21
  sum = sum * square + 1.0 / 19
  sum = sum * square + 1.0 / 17
  sum = sum * square + 1.0 / 15
  sum = sum * square + 1.0 / 13
  sum = sum * square + 1.0 / 11
  sum = sum * square + 1.0 / 9
  sum = sum * square + 1.0 / 7
  sum = sum * square + 1.0 / 5
  sum = sum * square + 1.0 / 3
  sum = sum * square + 1
  return exponent * 0.693_147_180_559_945_3 + 2 * ratio * sum
}

/// The natural logarithm of a normal positive number, within 1.3e-7 or, far from 1, of the result.
@inline(__always)
package func steadyLogarithm(_ number: Float) -> Float {
  steadyLogarithm(SIMD8(repeating: number))[0]
}

/// The natural logarithm of eight normal positive numbers, each as it is for one.
@inline(__always)
package func steadyLogarithm(_ numbers: SIMD8<Float>) -> SIMD8<Float> {
  let bits = unsafe unsafeBitCast(numbers, to: SIMD8<UInt32>.self)
  // The mantissa between 1 ∕ √2 and √2, so that the argument of the series stays small.
  let shifted = bits &+ 0x004A_FB0D
  let exponent = SIMD8<Float>(shifted &>> 23)
  let mantissa = (shifted & 0x007F_FFFF) &+ 0x3F35_04F3
  let number = unsafe unsafeBitCast(mantissa, to: SIMD8<Float>.self)
  // ln m = 2 artanh((m − 1) ∕ (m + 1)), by its series: the argument stays below 0.172.
  let ratio = (number - 1) / (number + 1)
  let square = ratio * ratio
  var series = square * 0.142_857_14 + 0.2
  series = series * square + 0.333_333_33
  series = series * square + 1
  return (exponent - 127) * 0.693_147_18 + 2 * ratio * series
}
