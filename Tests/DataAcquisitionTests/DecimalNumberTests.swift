import DataAcquisition
import SignalProcessing
import Testing

struct DecimalNumberTests {
  private func number(_ text: String) -> Double? {
    decimalNumber(Array(text.utf8).span)
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `a number reads as the language reads it, to the last bit`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<5_000 {
      let whole = generator.bits() >> generator.bits() % 64
      let decimals = String(generator.bits() >> generator.bits() % 64)
      let sign = generator.uniform() < 0.5 ? "-" : ""
      for text in [
        "\(sign)\(whole).\(decimals)", "\(sign)\(whole)", "\(sign).\(decimals)", "\(whole)e-7",
      ] {
        #expect(number(text) == Double(text), "\(text)")
      }
    }
  }

  @Test(arguments: [
    " 1.5 ", "+2", "007", "1.", "74.93588199999998", "1E3", "000000000000000000001.5",
    "18446744073709551617", "36893488147419103233.5",
  ])
  func `what a person would write is a number`(text: String) throws {
    let read = try #require(number(text))
    #expect(read == Double(text.filter { $0 != " " }))
  }

  @Test(arguments: [
    "", " ", "-", ".", "nan", "inf", "0x10", "1,5", "1.2.3", "--1", "1e999", "12 V", "\0",
  ])
  func `anything else is none`(text: String) {
    #expect(number(text) == nil)
  }
}
