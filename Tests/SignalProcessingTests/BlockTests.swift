import PlainKernels
import SignalProcessing
import Testing

/// What all kernels say of one block.
private struct Findings {
  let mean: Float
  let level: Float
  let peak: Float
  let crestFactor: Float?
  let kurtosis: Float?
  let statistics: BlockStatistics

  init(_ window: [Float]) {
    let block = window.span
    mean = SignalProcessing.mean(block)
    level = rootMeanSquare(block)
    peak = SignalProcessing.peak(block)
    crestFactor = SignalProcessing.crestFactor(block)
    kurtosis = SignalProcessing.kurtosis(block)
    statistics = BlockStatistics(block)
  }
}

private func product(_ one: [Float], _ other: [Float]) -> Double {
  let block = one.span
  return sumOfProducts(block, other.span)
}

@Suite struct BlockTests {
  @Test(arguments: Array(1...67) + [2047, 2048, 2049, 2055, 4095, 20_480, 20_483])
  func `every length gives what the plain loops give`(count: Int) throws {
    let window = noise(count, seed: UInt64(count)).map { $0 + 0.25 }
    let other = noise(count, seed: 99)
    let plain = plainMoments(window)
    let found = Findings(window)
    let statistics = found.statistics
    let level = (plain.mean * plain.mean + plain.variance).squareRoot()

    #expect(abs(Double(found.level) - level) < 1e-6 * level)
    #expect(abs(found.level - plainRootMeanSquare(window)) < 1e-4)
    #expect(found.peak == plainPeak(window))
    let exact = zip(window, other).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(product(window, other) - exact) < 1e-6 * Double(count))

    #expect(statistics.count == count)
    #expect(statistics.minimum == window.min())
    #expect(statistics.maximum == window.max())
    #expect(statistics.peak == plainPeak(window))
    #expect(abs(statistics.mean - plain.mean) < 1e-6)
    #expect(abs(Double(found.mean) - plain.mean) <= 1e-7 * abs(plain.mean))
    #expect(abs(statistics.variance - plain.variance) < 1e-5)
    #expect(abs(statistics.rootMeanSquare - level) < 1e-5)
    guard count > 1 else {
      #expect(statistics.kurtosis == nil)
      return
    }
    #expect(abs(try #require(statistics.skewness) - plain.skewness) < 1e-4)
    #expect(abs(try #require(statistics.kurtosis) - plain.kurtosis) < 1e-4)
    let crest = try #require(found.crestFactor)
    #expect(abs(crest - plainCrestFactor(window)) < 1e-4 * crest)
    let shape = try #require(found.kurtosis)
    #expect(abs(shape - plainKurtosis(window)) < 1e-3 * shape)
  }

  @Test func `a sine has the shape of a sine`() throws {
    let found = Findings(sine(4096, cycles: 16))
    #expect(abs(found.level - Float(0.5).squareRoot()) < 1e-6)
    #expect(abs(try #require(found.crestFactor) - Float(2).squareRoot()) < 1e-5)
    #expect(abs(try #require(found.kurtosis) - 1.5) < 1e-5)
  }

  @Test func `a window without samples is refused`() async {
    await #expect(processExitsWith: .failure) {
      let window: [Float] = []
      _ = rootMeanSquare(window.span)
    }
    await #expect(processExitsWith: .failure) {
      let window: [Float] = []
      _ = BlockStatistics(window.span)
    }
    await #expect(processExitsWith: .failure) {
      let window: [Float] = []
      _ = mean(window.span)
    }
    await #expect(processExitsWith: .failure) {
      _ = RealTransform(length: 0)
    }
  }

  @Test func `no samples have products that sum to zero`() {
    #expect(product([], []) == 0)
  }

  @Test(arguments: [1, 8, 100, 5000])
  func `a block that does not vary has a level but no shape`(count: Int) {
    let window = [Float](repeating: -3.3, count: count)
    let found = Findings(window)
    let statistics = found.statistics
    #expect(statistics.mean == Double(Float(-3.3)))
    #expect(statistics.variance == 0)
    #expect(statistics.kurtosis == nil)
    #expect(statistics.skewness == nil)
    #expect(statistics.crestFactor == 1)
    #expect(found.kurtosis == nil)
  }

  @Test func `a block of zeros has no crest factor`() {
    let found = Findings([Float](repeating: 0, count: 40))
    #expect(found.level == 0)
    #expect(found.peak == 0)
    #expect(found.crestFactor == nil)
    #expect(found.statistics.crestFactor == nil)
  }

  @Test(arguments: [1e-25, 1e25] as [Float])
  func `squares that leave the range of a Float give no crest factor, not a wrong one`(
    unit: Float
  ) throws {
    let found = Findings(sine(64, cycles: 4).map { $0 * unit })
    #expect(found.crestFactor == nil)
    let crest = try #require(found.statistics.crestFactor)
    #expect(abs(crest - 2.0.squareRoot()) < 1e-5)
  }

  @Test(arguments: [0, 7, 8, 50, 98], [Float.nan, .infinity, -.infinity])
  func `a sample that is not finite is never hidden`(place: Int, value: Float) {
    var window = noise(99)
    window[place] = value
    let found = Findings(window)
    #expect(!found.level.isFinite)
    #expect(!found.peak.isFinite)
    #expect(found.crestFactor == nil)
    #expect(found.kurtosis == nil)
    let statistics = found.statistics
    #expect(!found.mean.isFinite)
    #expect(statistics.mean.isNaN)
    #expect(statistics.variance.isNaN)
    #expect(statistics.peak.isNaN)
    #expect(statistics.skewness == nil)
  }

  @Test(arguments: [0x1p-145, 0x1p-130, 0x1p-60, 0x1p40, 0x1p100] as [Float])
  func `the shape does not depend on the unit, however small or large`(unit: Float) throws {
    // Whole numbers, so that even the smallest unit holds them exactly.
    let window = noise(3000).map { ($0 * 8).rounded() }
    let expected = Findings(window).statistics
    let scaled = Findings(window.map { $0 * unit }).statistics
    let factor = Double(unit)
    #expect(abs(scaled.mean / factor - expected.mean) < 1e-5)
    #expect(abs(scaled.standardDeviation / factor - expected.standardDeviation) < 1e-4)
    #expect(abs(try #require(scaled.kurtosis) - #require(expected.kurtosis)) < 1e-4)
    #expect(abs(try #require(scaled.skewness) - #require(expected.skewness)) < 1e-4)
  }

  @Test(arguments: [2, 3, 9, 2049, 2600, 20_483], [0, 0.7, 4096])
  func `a level that steps in the middle costs no digits, in any unit`(
    count: Int,
    offset: Double
  ) throws {
    for unit in [0x1p-133, 0x1p-40, 1, 0x1p40, 0x1p100] as [Float] {
      let window = noise(count, seed: 5).enumerated().map { index, value in
        // A grid of sixty-fourths, so that the offset loses nothing.
        Float((Double(value) * 64).rounded() / 64 + offset + (index > count / 2 ? 30 : 0)) * unit
      }
      let plain = plainMoments(window.map { $0 / unit })
      let found = Findings(window)
      let scale = Double(unit)
      let deviation = plain.variance.squareRoot()
      #expect(abs(found.statistics.mean / scale - plain.mean) < 1e-5 * deviation)
      let variance = found.statistics.variance / (scale * scale)
      #expect(abs(variance / plain.variance - 1) < 5e-6)
      #expect(abs(try #require(found.statistics.kurtosis) / plain.kurtosis - 1) < 1e-5)
      #expect(abs(Double(try #require(found.kurtosis)) / plain.kurtosis - 1) < 1e-5)
    }
  }

  @Test func `a large offset leaves the shape as it is`() throws {
    let window = noise(20_480).map { ($0 * 64).rounded() / 64 }
    let plain = plainMoments(window)
    let shifted = Findings(window.map { $0 + 4096 }).statistics
    #expect(abs(shifted.mean - 4096 - plain.mean) < 1e-4)
    #expect(abs(shifted.variance - plain.variance) < 1e-4)
    #expect(abs(try #require(shifted.kurtosis) - plain.kurtosis) < 1e-3)
  }

  @Test func `the bits are the same on every machine`() {
    let window = noise(20_483).map { $0 + 0.1 }
    let found = Findings(window)
    let statistics = found.statistics
    let values = [
      found.level, Float(statistics.mean), Float(statistics.variance),
      Float(statistics.skewness ?? 0), Float(statistics.kurtosis ?? 0),
    ]
    #expect(fingerprint(values) == 6_366_444_994_121_565_500)
  }
}
