/// Numbers as a text that is short and loses no bit: six signs for each, its 32 bits in base 64.
struct PackedFloats: Codable {
  var numbers: [Float]

  private static let digits = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".utf8
  )

  init(_ numbers: [Float]) {
    self.numbers = numbers
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = Array(try container.decode(String.self).utf8)
    var values = [UInt32](repeating: 64, count: 256)
    for (value, digit) in Self.digits.enumerated() { values[Int(digit)] = UInt32(value) }
    guard text.count.isMultiple(of: 6), text.allSatisfy({ values[Int($0)] < 64 }) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no packed numbers")
    }
    numbers = stride(from: 0, to: text.count, by: 6).map { start in
      var bits: UInt32 = 0
      for place in 0..<6 { bits |= values[Int(text[start + place])] << UInt32(6 * place) }
      return Float(bitPattern: bits)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var text: [UInt8] = []
    text.reserveCapacity(6 * numbers.count)
    for number in numbers {
      var bits = number.bitPattern
      for _ in 0..<6 {
        text.append(Self.digits[Int(bits & 63)])
        bits >>= 6
      }
    }
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: text, as: UTF8.self))
  }
}
