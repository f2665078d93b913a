import SignalProcessing
import Testing

/// What one broken sample, or samples at the edge of what a `Float` holds, do to an analysis.
@Suite struct BrokenInputTests {
  private func broken(_ count: Int, at place: Int, _ value: Float) -> [Float] {
    var signal = noise(count, seed: 121)
    signal[place] = value
    return signal
  }

  private func resampled(_ signal: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: 1_000)
    var target = result.mutableSpan
    let speed = [10.0]
    let written = OrderTracking(samplesPerRevolution: 64)
      .resample(signal.span, sampleRateHertz: 1000, shaftHertz: speed.span, into: &target)
    return Array(result[..<written])
  }

  private func decimated(_ signal: [Float]) -> [Float] {
    var filter = Decimation(factor: 4)
    var result = [Float](repeating: 0, count: filter.resultCount(for: signal.count))
    var target = result.mutableSpan
    filter.process(signal.span, into: &target)
    return result
  }

  @Test(arguments: [Float.nan, .infinity], [0, 300, 599])
  func `a density and a spectral kurtosis do not hide it`(value: Float, place: Int) {
    let signal = broken(600, at: place, value)
    var welch = WelchSpectrum(segmentLength: 100)
    var density = [Float](repeating: 0, count: welch.binCount)
    var target = density.mutableSpan
    welch.density(of: signal.span, sampleRateHertz: 1, into: &target)
    #expect(density.allSatisfy { $0.isNaN })
    var analysis = SpectralKurtosis(frameLength: 100, hop: 20)
    var kurtosis = [Float](repeating: 0, count: analysis.binCount)
    var kurtosisTarget = kurtosis.mutableSpan
    analysis.process(signal.span, into: &kurtosisTarget)
    #expect(kurtosis.allSatisfy { $0.isNaN })
  }

  @Test func `in orders it shows beside its place and nowhere else`() {
    let sound = resampled(broken(600, at: 300, 0))
    let found = resampled(broken(600, at: 300, .nan))
    #expect(found.contains { $0.isNaN })
    for (index, value) in found.enumerated() {
      // 1,000 samples a second, 640 results.
      let place = Double(index) / 0.64
      if abs(place - 300) > 2.01 {
        #expect(value == sound[index])
      } else {
        #expect(value.isNaN, "\(place)")
      }
    }
  }

  @Test func `a decimated signal forgets it after the length of its filter`() {
    // Taps are read in eights.
    let length = (Decimation(factor: 4).taps.count + 7) / 8 * 8
    let found = decimated(broken(2_000, at: 400, .nan))
    let sound = decimated(broken(2_000, at: 400, 0))
    for (index, value) in found.enumerated() {
      if 4 * index < 400 || 4 * index > 400 + length { #expect(value == sound[index]) }
    }
    #expect(found[100].isNaN)
  }

  @Test func `a band without the broken bin has its envelope, one with it none`() {
    var block = Spectrum(transformLength: 1024)
    block.real = broken(block.binCount, at: 200, .nan)
    block.imaginary = noise(block.binCount, seed: 122)
    var plan = BandEnvelope(bandBinCount: 100, envelopeBinCount: 40)
    var envelope = BandEnvelope.emptySpectrum(envelopeBinCount: 40)
    plan.writeEnvelope(of: 150..<250, in: block, to: &envelope)
    #expect(envelope.real.allSatisfy { $0.isNaN })
    plan.writeEnvelope(of: 50..<150, in: block, to: &envelope)
    #expect(envelope.real.allSatisfy { $0.isFinite })
  }

  @Test func `values below the normal range keep their place in orders`() {
    let tiny = [Float](repeating: 40 * .leastNonzeroMagnitude, count: 600)
    let least = 2 * Float.leastNonzeroMagnitude
    #expect(resampled(tiny).allSatisfy { abs($0 - tiny[0]) <= least })
  }
}
