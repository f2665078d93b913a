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
  func `frames and their kurtosis are those of numpy`(frameLength: Int, hop: Int) throws {
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
}
