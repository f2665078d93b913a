import SignalProcessing
import Testing

struct SeededGeneratorTests {
  @Test func `the bits are those of SplitMix64`() {
    // From the generator's published reference code, seed 1234567.
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(published.map { _ in generator.bits() } == published)
  }

  @Test func `the same seed gives the same numbers, another seed others`() {
    var first = SeededGenerator(seed: 7)
    var second = SeededGenerator(seed: 7)
    var other = SeededGenerator(seed: 8)
    let numbers = (0..<100).map { _ in first.uniform() }
    #expect(numbers == (0..<100).map { _ in second.uniform() })
    #expect(numbers != (0..<100).map { _ in other.uniform() })
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `uniform numbers stay in their range and fill it evenly`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var counts = [Int](repeating: 0, count: 10)
    var strays = 0
    for _ in 0..<100_000 {
      let number = generator.uniform(in: -3..<7)
      guard number >= -3 && number < 7 else {
        strays += 1
        continue
      }
      counts[Int((number + 3).rounded(.down))] += 1
    }
    #expect(strays == 0)
    // Six standard deviations of a count of 10,000.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 570 }, "\(counts)")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `normal numbers have mean 0, variance 1 and no skew`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let count = 100_000
    let numbers = (0..<count).map { _ in generator.normal() }
    let mean = numbers.reduce(0, +) / Double(count)
    let variance = numbers.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(count)
    let third = numbers.map { ($0 - mean) * ($0 - mean) * ($0 - mean) }.reduce(0, +)
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 1) < 0.03)
    #expect(abs(third / Double(count)) < 0.05)
    #expect(numbers.allSatisfy { abs($0) <= 6 })
  }
}
