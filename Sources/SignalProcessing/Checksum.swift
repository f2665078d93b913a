/// CRC-32 as in Ethernet, gzip and zlib (ITU-T V.42): finds every error burst of up to 32 bits.
package struct Checksum: Hashable, Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  /// Eight tables of 256: the n-th tells what becomes of a byte behind which n others follow.
  private static let tables: [UInt32] = {
    var tables: [UInt32] = (0..<256).map { index in
      (0..<8).reduce(UInt32(index)) { value, _ in
        value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1
      }
    }
    for index in 0..<1_792 {
      let before: UInt32 = tables[index]
      let low = Int(before & 0xFF)
      tables.append(tables[low] ^ before >> 8)
    }
    return tables
  }()

  package init() {}

  /// Eight bytes at a time: eight look-ups that do not wait for each other.
  ///
  /// - SeeAlso: Kounavis and Berry, "A Systematic Approach to Building High Performance
  ///   Software-Based CRC Generators", IEEE ISCC 2005.
  package mutating func add(_ bytes: ArraySlice<UInt8>) {
    let tables = Self.tables
    let table = tables.span
    let data = bytes.span
    var index = 0
    while index &+ 8 <= data.count {
      var sum: UInt32 = 0
      for place in 0..<8 {
        // The register reaches the first four of them.
        let earlier: UInt32 = place < 4 ? register >> UInt32(8 &* place) : 0
        let byte = UInt8(truncatingIfNeeded: earlier) ^ data[index &+ place]
        sum ^= table[256 &* (7 &- place) &+ Int(byte)]
      }
      register = sum
      index &+= 8
    }
    while index < data.count {
      register = table[Int(UInt8(truncatingIfNeeded: register) ^ data[index])] ^ register >> 8
      index &+= 1
    }
  }

  /// Adds the bytes of a word, lowest first.
  package mutating func add(_ word: UInt32) {
    let table = Self.tables
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
