import PlainKernels
import SignalProcessing
import Testing

@Suite struct FloorTests {
  private func powers(_ count: Int, seed: UInt64) -> [Float] {
    noise(count, seed: seed).map { $0 * $0 }
  }

  private func floor(_ values: [Float], halfWidth: Int, rounds: Int = 1) -> [Float] {
    var estimator = SpectrumFloor(binCount: values.count, halfWidth: halfWidth, rounds: rounds)
    var floor = values
    estimator.estimate(under: values, into: &floor)
    return floor
  }

  private func rise(_ values: [Float], above floor: [Float]) -> [Float] {
    var rise = values
    SpectrumFloor.writeRise(of: values, above: floor, into: &rise)
    return rise
  }

  @Test(arguments: Array(1...41) + [127, 128, 129, 1000, 4097], [0, 8, 40])
  func `a floor is that of the plain loops`(count: Int, halfWidth: Int) {
    let values = powers(count, seed: UInt64(count))
    for rounds in [0, 1, 6] {
      let found = floor(values, halfWidth: halfWidth, rounds: rounds)
      let expected = plainFloor(values, halfWidth: halfWidth, rounds: rounds)
      for bin in found.indices {
        #expect(abs(Double(found[bin]) - expected[bin]) < 1e-5 * (1 + expected[bin]))
      }
    }
  }

  @Test func `a line, however strong, hardly lifts the floor`() {
    var values = [Float](repeating: 1, count: 800)
    values[400] = 1e6
    #expect((floor(values, halfWidth: 40).max() ?? 9) < 2_100)
    #expect((floor(values, halfWidth: 40, rounds: 12).max() ?? 9) < 1.4)
  }

  @Test func `a bin that is not a number shows in the floor and raises nothing`() {
    var values = powers(100, seed: 3)
    values[50] = .nan
    let found = floor(values, halfWidth: 8)
    #expect(found[50].isNaN || found[50] >= 0)
    #expect(rise(values, above: found).allSatisfy { $0.isFinite && $0 >= 0 })
  }

  @Test(arguments: Array(0...33) + [1000])
  func `a rise is the plain logarithm, whatever the length`(count: Int) {
    let values = powers(count, seed: 7)
    let floor = powers(count, seed: 8)
    let found = rise(values, above: floor)
    for (one, other) in zip(found, plainRise(values, above: floor)) {
      #expect(abs(Double(one) - other) < 2e-6 * max(1, other))
    }
  }

  @Test func `what is not above its floor, or not finite, does not rise`() {
    let least = Float.leastNonzeroMagnitude
    let values: [Float] = [0, 1, 1, least, .nan, .infinity, 1, 3, 1]
    let floor: [Float] = [0, 1, 2, 1, 1, 1, .nan, least, 0]
    let found = rise(values, above: floor)
    for bin in [0, 1, 2, 3, 4, 5, 6] { #expect(found[bin] == 0, "bin \(bin)") }
    // A floor below the normal range counts as its end.
    #expect(found[7] > 80 && found[7].isFinite)
    #expect(found[8] > 80 && found[8].isFinite)
  }

  @Test(arguments: Array(0...33) + [1000], [0, 1, 5, 8, 40])
  func `sides have the bits of the plain loop`(count: Int, distance: Int) {
    let values = noise(count, seed: 9)
    var sided = values
    SpectrumFloor.writeSides(of: values, distance: distance, weight: 0.4, into: &sided)
    #expect(sided == plainSides(values, distance: distance, weight: 0.4))
  }

  @Test(arguments: Array(1...17) + [100, 333], [1, 8, 60])
  func `the envelope of a band is the sum of the products of its bins`(
    width: Int,
    envelopeBinCount: Int
  ) {
    var block = Spectrum(transformLength: 1024)
    block.real = noise(block.binCount, seed: 11)
    block.imaginary = noise(block.binCount, seed: 12)
    var plan = BandEnvelope(bandBinCount: width, envelopeBinCount: envelopeBinCount)
    for start in [0, 3, block.binCount - width] {
      let found = envelope(start..<start + width, of: block, &plan)
      let expected = plainBandEnvelope(
        block.real,
        block.imaginary,
        bins: start..<start + width,
        envelopeBinCount: envelopeBinCount
      )
      for bin in 0..<envelopeBinCount {
        #expect(abs(Double(found.real[bin]) - expected[bin].real) < 1e-5 * Double(width))
        #expect(
          abs(Double(found.imaginary[bin]) - expected[bin].imaginary) < 1e-5
            * Double(width)
        )
      }
    }
  }

  private func envelope(
    _ bins: Range<Int>,
    of block: Spectrum,
    _ plan: inout BandEnvelope
  ) -> Spectrum {
    var envelope = BandEnvelope.emptySpectrum(envelopeBinCount: plan.envelopeBinCount)
    plan.writeEnvelope(of: bins, in: block, to: &envelope)
    return envelope
  }

  @Test func `the envelope of a wide band is that of its halves, less what they share`() {
    var block = Spectrum(transformLength: 1024)
    block.real = noise(block.binCount, seed: 15)
    block.imaginary = noise(block.binCount, seed: 16)
    var whole = BandEnvelope(bandBinCount: 400, envelopeBinCount: 101)
    var half = BandEnvelope(bandBinCount: 200, envelopeBinCount: 101)
    var quarter = BandEnvelope(bandBinCount: 100, envelopeBinCount: 101)
    let expected = envelope(50..<450, of: block, &whole)
    var sum = BandEnvelope.emptySpectrum(envelopeBinCount: 101)
    for start in [50, 150, 250] {
      sum.add(envelope(start..<start + 200, of: block, &half), times: 1)
    }
    for start in [150, 250] {
      sum.add(envelope(start..<start + 100, of: block, &quarter), times: -1)
    }
    #expect(distance(sum.real, expected.real) < 2e-3)
    #expect(distance(sum.imaginary, expected.imaginary) < 2e-3)
  }

  @Test func `lines are held to the ceiling and all bins brought to one level`() {
    var spectrum = Spectrum(transformLength: 128)
    spectrum.real = noise(spectrum.binCount, seed: 13)
    spectrum.imaginary = noise(spectrum.binCount, seed: 14)
    spectrum.real[20] = 1000
    spectrum.real[7] = 0
    spectrum.imaginary[7] = 0
    let before = spectrum
    let magnitudes = zip(spectrum.real, spectrum.imaginary).map { ($0 * $0 + $1 * $1).squareRoot() }
    let level = [Float](repeating: 2, count: spectrum.binCount)
    spectrum.level(to: level, magnitudes: magnitudes, ceiling: 3)
    for bin in level.indices {
      let factor = magnitudes[bin] > 0 ? min(0.5, 3 / magnitudes[bin]) : 0
      #expect(abs(spectrum.real[bin] - before.real[bin] * factor) < 1e-5)
      #expect(abs(spectrum.imaginary[bin] - before.imaginary[bin] * factor) < 1e-5)
    }
    #expect(abs(spectrum.real[20]) < 3.01)
  }
}
