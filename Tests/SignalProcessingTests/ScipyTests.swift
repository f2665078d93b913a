import SignalProcessing
import Testing

@Suite(
  .enabled(
    if: ScipyReference.isInstalled,
    "install numpy and scipy for the Python that VIGIE_TEST_PYTHON names (else python3)"
  )
)
struct ScipyTests {
  @Test(arguments: [33, 1000, 4096, 12_000])
  func `spectra are those of numpy`(length: Int) throws {
    let signal = noise(length, seed: 101)
    let expected = try ScipyReference.answer("transform", signal: signal)
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    plan.forward(signal, into: &spectrum)
    let tolerance = 2e-6 * Double(length).squareRoot()
    #expect(try distance(spectrum.real, expected["real"]) < tolerance)
    #expect(try distance(spectrum.imaginary, expected["imaginary"]) < tolerance)
    var back = signal
    plan.inverse(spectrum, into: &back)
    #expect(try distance(back, expected["signal"]) < 5e-6)
  }

  @Test(arguments: [64, 65])
  func `windows are those of scipy`(count: Int) throws {
    let expected = try ScipyReference.answer("windows", numbers: ["count": Double(count)])
    let names: [Window: String] = [
      .rectangular: "boxcar", .hann: "hann", .hamming: "hamming", .blackman: "blackman",
      .blackmanHarris: "blackmanharris", .flatTop: "flattop",
    ]
    for window in Window.allCases {
      let name = try #require(names[window])
      #expect(try distance(window.weights(count: count), expected[name]) < 1e-7)
      let symmetric = window.symmetricWeights(count: count)
      #expect(try distance(symmetric, expected["\(name) symmetric"]) < 1e-7)
    }
  }

  @Test(arguments: [(256, 128), (256, 64), (100, 50), (125, 0)])
  func `Welch's density is that of scipy`(segmentLength: Int, overlap: Int) throws {
    let signal = noise(3000, seed: 102).map { $0 + 5 }
    let expected = try ScipyReference.answer(
      "welch",
      signal: signal,
      numbers: ["rate": 500, "segment": Double(segmentLength), "overlap": Double(overlap)]
    )
    var welch = WelchSpectrum(segmentLength: segmentLength, overlap: overlap)
    var density = [Float](repeating: .nan, count: welch.binCount)
    var target = density.mutableSpan
    welch.density(of: signal.span, sampleRateHertz: 500, into: &target)
    #expect(try distance(density, expected["density"]) < 1e-7)
  }

  @Test(arguments: [1000, 1024, 1201])
  func `envelopes are those of scipy's analytic signal`(length: Int) throws {
    let signal = noise(length, seed: 103)
    let expected = try ScipyReference.answer("envelope", signal: signal)
    var plan = EnvelopeAnalysis(length: length, sampleRateHertz: 1)
    var real = signal
    var imaginary = signal
    var squared = signal
    var amplitudes = [Float](repeating: .nan, count: length / 2 + 1)
    var realTarget = real.mutableSpan
    var imaginaryTarget = imaginary.mutableSpan
    var squaredTarget = squared.mutableSpan
    var amplitudeTarget = amplitudes.mutableSpan
    plan.analyticSignal(of: signal.span, realPart: &realTarget, imaginaryPart: &imaginaryTarget)
    plan.squaredEnvelope(of: signal.span, into: &squaredTarget)
    plan.squaredEnvelopeSpectrum(of: signal.span, into: &amplitudeTarget)
    #expect(try distance(real, expected["real"]) < 1e-5)
    #expect(try distance(imaginary, expected["imaginary"]) < 1e-5)
    #expect(try distance(squared, expected["squared"]) < 1e-4)
    let last = length.isMultiple(of: 2) ? length / 2 : length / 2 + 1
    let reference = try #require(expected["spectrum"])
    #expect(try distance(Array(amplitudes[..<last]), Array(reference[..<last])) < 1e-5)
  }

  @Test(arguments: [false, true])
  func `the envelope of a band, whitened or not, is that of scipy`(whitened: Bool) throws {
    let signal = noise(2000, seed: 104)
    let expected = try ScipyReference.answer(
      "band_envelope",
      signal: signal,
      numbers: ["rate": 10_000, "low": 1000, "high": 3000, "whitened": whitened ? 1 : 0]
    )
    var plan = EnvelopeAnalysis(length: 2000, sampleRateHertz: 10_000)
    var squared = signal
    var target = squared.mutableSpan
    plan.squaredEnvelope(
      of: signal.span,
      band: 1000...3000,
      whitened: whitened,
      into: &target
    )
    #expect(try distance(squared, expected["squared"]) < (whitened ? 1e-8 : 1e-5))
  }

  @Test(arguments: [(256, 64), (100, 30)])
  func `frames are those of scipy's short-time transform, and so is their kurtosis`(
    frameLength: Int,
    hop: Int
  ) throws {
    let signal = noise(5000, seed: 105)
    let expected = try ScipyReference.answer(
      "short_time",
      signal: signal,
      numbers: ["frame": Double(frameLength), "hop": Double(hop)]
    )
    var frames = ShortTimeTransform(frameLength: frameLength, hop: hop)
    var spectrum = Spectrum(transformLength: frameLength)
    let last = frames.frameCount(of: signal.count) - 1
    frames.transform(frame: last, of: signal.span, into: &spectrum)
    #expect(try distance(spectrum.real, expected["last real"]) < 1e-4)
    #expect(try distance(spectrum.imaginary, expected["last imaginary"]) < 1e-4)

    var analysis = SpectralKurtosis(frameLength: frameLength, hop: hop)
    var kurtosis = [Float](repeating: .nan, count: analysis.binCount)
    var target = kurtosis.mutableSpan
    analysis.process(signal.span, into: &target)
    #expect(try distance(kurtosis, expected["kurtosis"]) < 1e-4)
  }

  @Test(arguments: [10, 1001, 20_480])
  func `moments are those of scipy`(count: Int) throws {
    let window = noise(count, seed: 106).map { $0 * $0 + 1 }
    let expected = try ScipyReference.answer("moments", signal: window)
    let block = window.span
    let statistics = BlockStatistics(block)
    let found = [
      Float(statistics.mean), Float(statistics.variance), Float(statistics.skewness ?? .nan),
      Float(statistics.kurtosis ?? .nan), rootMeanSquare(block), crestFactor(block) ?? .nan,
    ]
    #expect(try distance(found, expected["values"]) < 1e-4)
  }

  @Test(arguments: [1, 4, 7], [false, true])
  func `Butterworth filters are those of scipy`(order: Int, isHigh: Bool) throws {
    let signal = noise(1000, seed: 107)
    let expected = try ScipyReference.answer(
      "butterworth",
      signal: signal,
      numbers: [
        "order": Double(order), "cutoff": 40, "high": isHigh ? 1 : 0, "rate": 1000,
      ]
    )
    var cascade = BiquadCascade(
      Biquad.butterworth(
        isHigh ? .high : .low,
        order: order,
        cutoffHertz: 40,
        sampleRateHertz: 1000
      )
    )
    var filtered = signal
    var target = filtered.mutableSpan
    cascade.process(&target)
    #expect(try distance(filtered, expected["filtered"]) < 1e-5)
  }

  @Test(arguments: [2, 5])
  func `decimation is scipy's polyphase filter`(factor: Int) throws {
    let signal = noise(1000, seed: 108)
    var filter = Decimation(factor: factor)
    let expected = try ScipyReference.answer(
      "decimation",
      signal: signal,
      numbers: ["factor": Double(factor)],
      taps: filter.taps
    )
    var results = [Float](repeating: .nan, count: filter.resultCount(for: signal.count))
    var target = results.mutableSpan
    filter.process(signal.span, into: &target)
    let reference = try #require(expected["filtered"])
    #expect(try distance(results, Array(reference[..<results.count])) < 1e-5)
  }

  @Test(arguments: [8192, 9001])
  func `velocity is numpy's, and its level that of Welch's density`(length: Int) throws {
    let signal = noise(length, seed: 109)
    let expected = try ScipyReference.answer(
      "velocity",
      signal: signal,
      numbers: ["rate": 8192]
    )
    var plan = VelocityIntegration(length: length, sampleRateHertz: 8192)
    var waveform = signal
    var target = waveform.mutableSpan
    let block = signal.span
    plan.velocity(of: block, into: &target)
    #expect(try distance(waveform, expected["waveform"]) < 1e-4)
    #expect(try distance([plan.rootMeanSquareVelocity(of: block)], expected["level"]) < 1e-4)
  }

  @Test(arguments: [4096, 12_000, 10_007])
  func `each band of a kurtogram has the kurtosis that scipy finds`(length: Int) throws {
    var signal = noise(length, seed: 110)
    addImpulses(to: &signal, every: length / 9, ringing: 0.3)
    let expected = try ScipyReference.answer(
      "kurtogram",
      signal: signal,
      numbers: ["narrowest": 64]
    )
    var kurtogram = Kurtogram(length: length, sampleRateHertz: 10_000)
    let block = signal.span
    kurtogram.process(block)
    #expect(try distance(kurtogram.bands.map(\.kurtosis), expected["kurtosis"]) < 1e-3)
  }

  @Test(arguments: [[20], [10, 20], [30, 12.5, 15, 40]] as [[Double]])
  func `orders are those of scipy's integral and cubic`(speed: [Double]) throws {
    let signal = noise(2000, seed: 111)
    let expected = try ScipyReference.answer(
      "orders",
      signal: signal,
      numbers: ["rate": 1000, "per turn": 32],
      taps: speed.map { Float($0) }
    )
    let reference = try #require(expected["samples"])
    var samples = [Float](repeating: .nan, count: reference.count + 9)
    var target = samples.mutableSpan
    let written = OrderTracking(samplesPerRevolution: 32)
      .resample(signal.span, sampleRateHertz: 1000, shaftHertz: speed.span, into: &target)
    #expect(abs(written - reference.count) <= 1)
    let common = min(written, reference.count)
    #expect(try distance(Array(samples[..<common]), Array(reference[..<common])) < 1e-5)
  }

  @Test(arguments: [12, 100, 1003], [0, 6])
  func `floors and what rises above them are those of scipy's means`(
    count: Int,
    rounds: Int
  ) throws {
    let power = noise(count, seed: 112).map { $0 * $0 }
    let expected = try ScipyReference.answer(
      "floor",
      signal: power,
      numbers: ["half width": 40, "rounds": Double(rounds)]
    )
    var estimator = SpectrumFloor(binCount: count, halfWidth: 40, rounds: rounds)
    var floor = power
    estimator.estimate(under: power, into: &floor)
    #expect(try distance(floor, expected["floor"]) < 1e-5)
    var rise = power
    SpectrumFloor.writeRise(of: power, above: floor, into: &rise)
    #expect(try distance(rise, expected["rise"]) < 1e-5)
  }

  @Test(arguments: [0..<7, 3..<103, 20..<513])
  func `the envelope of a band is scipy's correlation of its bins`(bins: Range<Int>) throws {
    var block = Spectrum(transformLength: 1024)
    block.real = noise(block.binCount, seed: 113)
    block.imaginary = noise(block.binCount, seed: 114)
    let expected = try ScipyReference.answer(
      "band",
      signal: block.real + block.imaginary,
      numbers: [
        "low": Double(bins.lowerBound), "high": Double(bins.upperBound), "wanted": 60,
      ]
    )
    var plan = BandEnvelope(bandBinCount: bins.count, envelopeBinCount: 60)
    var envelope = BandEnvelope.emptySpectrum(envelopeBinCount: 60)
    plan.writeEnvelope(of: bins, in: block, to: &envelope)
    #expect(try distance(envelope.real, expected["real"]) < 1e-3)
    #expect(try distance(envelope.imaginary, expected["imaginary"]) < 1e-3)
  }

  @Test(arguments: [12, 250, 1003])
  func `combs and their sides are those of numpy and scipy`(count: Int) throws {
    let rise = noise(count, seed: 115).map { max(0, 2 * $0) }
    let expected = try ScipyReference.answer("comb", signal: rise)
    var sided = rise
    SpectrumFloor.writeSides(of: rise, distance: 5, weight: 0.4, into: &sided)
    #expect(try distance(sided, expected["sided"]) < 1e-6)
    var comb = [Float](repeating: .nan, count: count / 4 * 4)
    LineComb.run(0..<count, rise: rise, lines: sided, into: &comb)
    #expect(try distance(comb, expected["comb"]) < 1e-5)
  }

  @Test(arguments: [0.01, 0.2])
  func `what streams tell is what scipy tells of the whole`(weight: Double) throws {
    let values = noise(5000, seed: 116).map { $0 * $0 + 1 }
    let expected = try ScipyReference.answer(
      "stream",
      signal: values,
      numbers: ["weight": weight]
    )
    var recent = ExponentialMoments(weight: weight)
    var moments = RunningMoments()
    var sketch = QuantileSketch()
    for value in values {
      recent.add(Double(value))
      moments.add(Double(value))
      sketch.add(value)
    }
    let late = [Float(recent.mean ?? .nan), Float(recent.variance ?? .nan)]
    #expect(try distance(late, expected["recent"]) < 1e-5)
    let all = [moments.mean, moments.variance, moments.skewness, moments.kurtosis]
    #expect(try distance(all.map { Float($0 ?? .nan) }, expected["moments"]) < 1e-4)
    let parts = try #require(expected["quantiles"])
    for (part, reference) in zip([0.01, 0.25, 0.5, 0.9, 0.99], parts) {
      let found = try #require(sketch.quantile(part))
      #expect(abs(Double(found) - reference) <= 0.004 * reference)
    }
  }

  @Test func `exponentials and logarithms are those of numpy and scipy`() throws {
    let values = noise(400, seed: 117).map { 20 * $0 }
    let expected = try ScipyReference.answer("functions", signal: values)
    let exponentials = try #require(expected["exponential"])
    let logarithms = try #require(expected["logarithm"])
    for (index, value) in values.enumerated() {
      let exponential = steadyExponential(Double(value))
      #expect(abs(exponential / exponentials[index] - 1) < 1e-13)
      #expect(abs(Double(steadyExponential(value)) / exponentials[index] - 1) < 2e-6)
      #expect(abs(steadyLogarithm(Double(abs(value))) - logarithms[index]) < 1e-14)
      #expect(abs(Double(steadyLogarithm(abs(value))) - logarithms[index]) < 1e-6)
    }
  }
}
