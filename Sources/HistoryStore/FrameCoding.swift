import ConditionModel
import FoundationEssentials

// How the arrays of a frame lie in the columns `readings` and `qualities`.

/// The values as 64-bit floating-point numbers, lowest byte first.
func encodeReadings(_ values: [Double]) -> Data {
  var bytes = Data(capacity: values.count * 8)
  for value in values {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }
  return bytes
}

/// The values that `encodeReadings` has written; a torn rest of fewer than 8 bytes is left out.
func decodeReadings(_ bytes: Data) -> [Double] {
  bytes.withUnsafeBytes { raw in
    (0..<raw.count / 8).map { index in
      let bits = raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
      return Double(bitPattern: UInt64(littleEndian: bits))
    }
  }
}

/// One byte per value, or `nil` when all are good.
func encodeQualities(_ qualities: [Quality]) -> Data? {
  guard qualities.contains(where: { $0 != .good }) else { return nil }
  return Data(qualities.map(\.storedCode))
}

/// The qualities that `encodeQualities` has written, `count` of them.
func decodeQualities(_ bytes: Data?, count: Int) -> [Quality] {
  guard let bytes = bytes else { return Array(repeating: .good, count: count) }
  let known = bytes.prefix(count).map(Quality.init(storedCode:))
  return known + Array(repeating: .bad(.damagedAnswer), count: count - known.count)
}

extension Quality {
  // The codes stand in files that outlive this program: never change one, only add.
  private static let codes: [(code: UInt8, quality: Quality)] = [
    (0, .good),
    (1, .uncertain(.outsideValidRange)),
    (2, .uncertain(.clockNotSet)),
    (128, .bad(.noAnswer)),
    (129, .bad(.noSuchAddress)),
    (130, .bad(.refused)),
    (131, .bad(.busy)),
    (132, .bad(.notReachable)),
    (133, .bad(.damagedAnswer)),
    (134, .bad(.notConnected)),
    (135, .bad(.invalidCode)),
    (136, .bad(.notANumber)),
    (137, .bad(.tornBlock)),
  ]

  /// The byte that stands for this quality in the store; 255 for one without a code.
  var storedCode: UInt8 {
    self == .good ? 0 : Self.codes.first { $0.quality == self }?.code ?? 255
  }

  /// A code that this version does not know means that the value must not be trusted.
  init(storedCode: UInt8) {
    self = Self.codes.first { $0.code == storedCode }?.quality ?? .bad(.damagedAnswer)
  }
}
