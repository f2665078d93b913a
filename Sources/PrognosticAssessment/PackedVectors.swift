/// Vectors that are saved as one short text, six characters for a value of four bytes.
///
/// A window holds thousands of values and is saved every minute.
struct PackedVectors: Hashable, Sendable, Codable {
  private var vectors: [SIMD8<Float>]

  init(count: Int) {
    vectors = Array(repeating: .zero, count: count)
  }

  subscript(_ place: Int) -> SIMD8<Float> {
    get { vectors[place] }
    set { vectors[place] = newValue }
  }

  /// Thirty-six bits hold a value: six characters of six bits each, lowest first.
  private static let firstCharacter = UInt8(ascii: "0")

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = Array(try container.decode(String.self).utf8)
    guard text.count % 48 == 0,
      text.allSatisfy({ (Self.firstCharacter..<Self.firstCharacter + 64).contains($0) })
    else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no packed vectors")
    }
    vectors = stride(from: 0, to: text.count, by: 48).map { start in
      var vector = SIMD8<Float>.zero
      for lane in 0..<8 {
        var bits: UInt64 = 0
        for place in 0..<6 {
          let part = UInt64(text[start + lane * 6 + place] - Self.firstCharacter)
          bits |= part << UInt64(6 * place)
        }
        vector[lane] = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      }
      return vector
    }
  }

  func encode(to encoder: any Encoder) throws {
    var text: [UInt8] = []
    text.reserveCapacity(vectors.count * 48)
    for vector in vectors {
      for lane in 0..<8 {
        let bits = UInt64(vector[lane].bitPattern)
        for place in 0..<6 {
          text.append(Self.firstCharacter + UInt8(bits >> UInt64(6 * place) & 63))
        }
      }
    }
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: text, as: UTF8.self))
  }
}
