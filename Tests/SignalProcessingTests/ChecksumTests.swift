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
}
