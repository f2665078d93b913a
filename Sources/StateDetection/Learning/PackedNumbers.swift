/// Numbers as a text that is short and loses no bit, for snapshots, which hold thousands of them.
///
/// Eleven signs for each: the 64 bits in base 64, least significant first.
struct PackedNumbers: Codable {
  var numbers: [Double]

  private static let digits = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".utf8
  )

  init(_ numbers: [Double]) {
    self.numbers = numbers
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = Array(try container.decode(String.self).utf8)
    var values = [UInt64](repeating: 64, count: 256)
    for (value, digit) in Self.digits.enumerated() { values[Int(digit)] = UInt64(value) }
    guard text.count.isMultiple(of: 11), text.allSatisfy({ values[Int($0)] < 64 }) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no packed numbers")
    }
    numbers = stride(from: 0, to: text.count, by: 11).map { start in
      var bits: UInt64 = 0
      for place in 0..<11 { bits |= values[Int(text[start + place])] << (6 * UInt64(place)) }
      return Double(bitPattern: bits)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var text: [UInt8] = []
    text.reserveCapacity(11 * numbers.count)
    for number in numbers {
      var bits = number.bitPattern
      for _ in 0..<11 {
        text.append(Self.digits[Int(bits & 63)])
        bits >>= 6
      }
    }
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: text, as: UTF8.self))
  }
}
