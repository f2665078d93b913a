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

  let first = index
  var digits: UInt64 = 0
  var pointIndex: Int?
  while index < end {
    // Between the ends there are bytes.
    let byte = unsafe text[unchecked: index]
    let digit = byte &- UInt8(ascii: "0")
    if digit <= 9 {
      digits = digits &* 10 &+ UInt64(digit)
    } else if byte == UInt8(ascii: "."), pointIndex == nil {
      pointIndex = index
    } else {
      return slowDecimalNumber(text.extracting(start..<end))
    }
    index &+= 1
  }
  let digitCount = end - first - (pointIndex == nil ? 0 : 1)
  guard digitCount > 0 else { return nil }
  guard digitCount <= 19, digits < 1 << 53 else {
    return slowDecimalNumber(text.extracting(start..<end))
  }
  let decimals = pointIndex.map { end - $0 - 1 } ?? 0
  let magnitude = Double(Int64(digits)) / exactPowersOfTen[decimals]
  return isNegative ? -magnitude : magnitude
}

/// 10⁰ … 10²², which a `Double` holds exactly.
private let exactPowersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

private func slowDecimalNumber(_ text: Span<UInt8>) -> Double? {
  let bytes = text.indices.map { text[$0] }
  // Only what a person would write: `Double` would also take `inf`, `nan` and hexadecimal.
  let allowed = bytes.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
  guard allowed, let number = Double(String(decoding: bytes, as: UTF8.self)), number.isFinite
  else { return nil }
  return number
}
