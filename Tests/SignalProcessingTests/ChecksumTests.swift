import SignalProcessing
import Testing

struct ChecksumTests {
  @Test func `the checksum is the usual one`() {
    #expect(Checksum.of(Array("123456789".utf8)[...]) == 0xCBF4_3926)
  }

  @Test func `a word counts as its four bytes, lowest first`() {
    var words = Checksum()
    words.add(0x3433_3231)
    words.add(Array("56789".utf8)[...])
    #expect(words.value == 0xCBF4_3926)
  }

  @Test(arguments: 0...40)
  func `however long and wherever cut, it is that of the division bit by bit`(length: Int) {
    let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
    var remainder: UInt32 = .max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    for cut in 0...length {
      var checksum = Checksum()
      checksum.add(bytes[..<cut])
      checksum.add(bytes[cut...])
      #expect(checksum.value == ~remainder)
    }
  }
}
