/// Returns the number that `text` writes in decimal, correctly rounded.
///
/// Up to 19 digits and powers of ten up to 22 are exact in one step; the rest goes the slow way.
///
/// - Parameter text: ASCII such as `-12.5` or `1e-3`, spaces around it allowed.
/// - Returns: `nil` for anything that is not a finite number.
package func decimalNumber(_ text: Span<UInt8>) -> Double? {
  var index = 0
  var end = text.count
  while index < end, text[index] == UInt8(ascii: " ") { index += 1 }
  while index < end, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
  guard index < end else { return nil }
  let start = index
  let isNegative = text[index] == UInt8(ascii: "-")
  if isNegative || text[index] == UInt8(ascii: "+") { index += 1 }

  var digits: UInt64 = 0
  var digitCount = 0
  var pointIndex: Int?
  while index < end {
    let digit = text[index] &- UInt8(ascii: "0")
    if digit <= 9, digitCount < 19 {
      digits = digits &* 10 &+ UInt64(digit)
      digitCount += 1
    } else if text[index] == UInt8(ascii: "."), pointIndex == nil {
      pointIndex = index
    } else {
      return slowDecimalNumber(text.extracting(start..<end))
    }
    index += 1
  }
  guard digitCount > 0 else { return nil }
  guard digits < 1 << 53 else { return slowDecimalNumber(text.extracting(start..<end)) }
  let decimals = pointIndex.map { end - $0 - 1 } ?? 0
  let magnitude = Double(digits) / exactPowersOfTen[decimals]
  return isNegative ? -magnitude : magnitude
}

/// 10⁰ … 10²², which a `Double` holds exactly.
private let exactPowersOfTen = sequence(first: 1.0) { $0 * 10 }.prefix(23).map { $0 }

private func slowDecimalNumber(_ text: Span<UInt8>) -> Double? {
  let bytes = text.indices.map { text[$0] }
  // Only what a person would write: `Double` would also take `inf`, `nan` and hexadecimal.
  let allowed = bytes.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
  guard allowed, let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite
  else { return nil }
  return number
}
