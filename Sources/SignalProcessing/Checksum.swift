/// CRC-32 as in Ethernet, gzip and zlib (ITU-T V.42): finds every error burst of up to 32 bits.
package struct Checksum: Hashable, Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1
    }
  }

  package init() {}

  package mutating func add(_ bytes: ArraySlice<UInt8>) {
    let table = Self.table
    for byte in bytes {
      register = table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ register >> 8
    }
  }

  /// Adds the bytes of a word, lowest first.
  package mutating func add(_ word: UInt32) {
    let table = Self.table
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      let byte = UInt8(truncatingIfNeeded: register ^ word >> shift)
      register = table[Int(byte)] ^ register >> 8
    }
  }

  package var value: UInt32 { ~register }

  package static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var checksum = Checksum()
    checksum.add(bytes)
    return checksum.value
  }
}
