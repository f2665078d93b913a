/// Returns the number that `text` writes in decimal, correctly rounded.
///
/// Up to 19 digits and powers of ten up to 22 are exact in one step; the rest goes the slow way.
///
/// - Parameter text: ASCII such as `-12.5` or `1e-3`, spaces around it allowed.
/// - Returns: `nil` for anything that is not a finite number.
func decimalNumber(_ text: ArraySlice<UInt8>) -> Double? {
  var text = text
  while text.first == UInt8(ascii: " ") { text.removeFirst() }
  while text.last == UInt8(ascii: " ") { text.removeLast() }
  var index = text.startIndex
  let isNegative = text.first == UInt8(ascii: "-")
  if isNegative || text.first == UInt8(ascii: "+") { index += 1 }

  var digits: UInt64 = 0
  var digitCount = 0
  var decimals = 0
  var hasPoint = false
  while index < text.endIndex {
    let byte = text[index]
    if let digit = byte.decimalDigit {
      guard digitCount < 19 else { return slowDecimalNumber(text) }
      digits = digits * 10 + UInt64(digit)
      digitCount += 1
      if hasPoint { decimals += 1 }
    } else if byte == UInt8(ascii: "."), !hasPoint {
      hasPoint = true
    } else {
      return slowDecimalNumber(text)
    }
    index += 1
  }
  guard digitCount > 0 else { return nil }
  guard digits < 1 << 53 else { return slowDecimalNumber(text) }
  let magnitude = Double(digits) / exactPowersOfTen[decimals]
  return isNegative ? -magnitude : magnitude
}

/// 10⁰ … 10²², which a `Double` holds exactly.
private let exactPowersOfTen = sequence(first: 1.0) { $0 * 10 }.prefix(23).map { $0 }

private func slowDecimalNumber(_ text: ArraySlice<UInt8>) -> Double? {
  // Only what a person would write: `Double` would also take `inf`, `nan` and hexadecimal.
  let allowed = text.allSatisfy { $0.decimalDigit != nil || "+-.eE".utf8.contains($0) }
  guard allowed, let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite
  else { return nil }
  return number
}
