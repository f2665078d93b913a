/// The natural logarithm of a positive number: the same bits on every machine, within 1e-14.
///
/// C libraries differ in the last bit of `log`; here the exponent is split off exactly and a series
/// of fixed order follows.
func naturalLogarithm(_ number: Double) -> Double {
  precondition(number > 0 && number.isFinite, "only positive numbers have a logarithm")
  var significand = number.significand
  var exponent = Double(number.exponent)
  if significand > 1.414_213_562_373_095_1 {
    significand /= 2
    exponent += 1
  }
  let ratio = (significand - 1) / (significand + 1)
  let square = ratio * ratio
  var sum = 0.0
  for odd in stride(from: 21, through: 1, by: -2) { sum = sum * square + 1 / Double(odd) }
  return exponent * 0.693_147_180_559_945_3 + 2 * ratio * sum
}

/// `e` to the power of a number: the same bits on every machine, within 1e-14 of the result.
func exponential(_ number: Double) -> Double {
  let held = min(max(number, -700), 700)
  let whole = (held / 0.693_147_180_559_945_3).rounded()
  let rest = held - whole * 0.693_147_180_559_945_3
  var sum = 1.0
  for term in stride(from: 16, through: 1, by: -1) { sum = 1 + sum * rest / Double(term) }
  return sum * Double(sign: .plus, exponent: Int(whole), significand: 1)
}
