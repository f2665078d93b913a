import PlainKernels
import SignalProcessing
import Testing

/// Analyses of frames against plain sums in double precision.
@Suite struct FrameTwinTests {
  /// All remainders, and lengths on both sides of a transform that needs no chirp.
  private static let lengths = Array(1...33) + [64, 96, 100, 121]

  private func spectrum(
    _ frame: Int,
    of signal: [Float],
    _ plan: inout ShortTimeTransform
  ) -> Spectrum {
    var spectrum = Spectrum(transformLength: plan.frameLength)
    plan.transform(frame: frame, of: signal.span, into: &spectrum)
    return spectrum
  }

  /// Within 2e-6 of a bin for each root of a sample.
  @Test(arguments: lengths, [false, true])
  func `frames are those of the plain sums`(length: Int, removesMean: Bool) throws {
    let hop = length / 3 + 1
    let signal = noise(3 * length + length % 5, seed: UInt64(length)).map { $0 + 1 }
    var plan = ShortTimeTransform(frameLength: length, hop: hop, removesMean: removesMean)
    let expected = plainFrames(signal, length: length, hop: hop, removesMean: removesMean)
    #expect(plan.frameCount(of: signal.count) == expected.count)
    let tolerance = 2e-6 * Double(length).squareRoot()
    for (index, frame) in expected.enumerated() {
      let found = spectrum(index, of: signal, &plan)
      #expect(try distance(found.real, frame.real) < tolerance)
      #expect(try distance(found.imaginary, frame.imaginary) < tolerance)
    }
  }

  /// Within four of the least steps of a `Float` for each sample.
  @Test(arguments: lengths)
  func `frames of values below the normal range keep them`(length: Int) throws {
    let least = Float.leastNonzeroMagnitude
    let signal = noise(length, seed: UInt64(length)).map { ($0 * 1000).rounded() * least }
    var plan = ShortTimeTransform(frameLength: length, hop: length)
    let expected = plainFrames(signal, length: length, hop: length, removesMean: false)[0]
    let found = spectrum(0, of: signal, &plan)
    let tolerance = 4 * Double(length) * Double(least)
    #expect(try distance(found.real, expected.real) < tolerance)
    #expect(try distance(found.imaginary, expected.imaginary) < tolerance)
  }

  /// Within 2e-6 per hertz for noise that has 0.5 per hertz.
  @Test(arguments: lengths, [0, 2])
  func `a density is that of the plain sums`(length: Int, overlapParts: Int) throws {
    let overlap = overlapParts * length / 3
    for count in [0, length - 1, length, 3 * length + length % 5] {
      let signal = noise(count, seed: UInt64(length)).map { $0 - 1 }
      var welch = WelchSpectrum(segmentLength: length, overlap: overlap)
      var density = [Float](repeating: .nan, count: welch.binCount)
      var target = density.mutableSpan
      welch.density(of: signal.span, sampleRateHertz: 4, into: &target)
      let expected = plainWelch(
        signal,
        segmentLength: length,
        overlap: overlap,
        sampleRateHertz: 4
      )
      #expect(try distance(density, expected) < 2e-6)
    }
  }

  /// Within 1e-6 for each frame, of which the kurtosis cannot exceed the number.
  @Test(arguments: lengths, [1, 4])
  func `a spectral kurtosis is that of the plain sums`(length: Int, hops: Int) throws {
    let hop = (length + hops - 1) / hops
    for count in [0, length - 1, length, 6 * length + length % 5] {
      let signal = noise(count, seed: UInt64(length))
      var analysis = SpectralKurtosis(frameLength: length, hop: hop)
      var kurtosis = [Float](repeating: .nan, count: analysis.binCount)
      var target = kurtosis.mutableSpan
      let frameCount = analysis.process(signal.span, into: &target)
      let expected = plainSpectralKurtosis(signal, frameLength: length, hop: hop)
      #expect(frameCount == (count < length ? 0 : (count - length) / hop + 1))
      #expect(try distance(kurtosis, expected) < 1e-6 * Double(max(1, frameCount)))
    }
  }

  /// Within 2e-7 for each sample, of which the kurtosis cannot exceed the number.
  @Test(arguments: Array(1...33) + [64, 100, 121], [1, 4])
  func `a kurtogram is that of the plain sums`(length: Int, narrowestBins: Int) throws {
    let signal = noise(length, seed: UInt64(length)).map { $0 + 3 }
    var kurtogram = Kurtogram(length: length, sampleRateHertz: 1, narrowestBins: narrowestBins)
    let best = process(signal, &kurtogram)
    let expected = plainKurtogram(signal, narrowestBins: narrowestBins)
    let found = kurtogram.bands.map(\.kurtosis)
    #expect(try distance(found, expected) < 2e-7 * Double(length))
    #expect(best?.kurtosis == found.max())
  }

  private func process(_ signal: [Float], _ kurtogram: inout Kurtogram) -> Kurtogram.Band? {
    kurtogram.process(signal.span)
  }
}

/// Analyses of whole blocks against plain sums in double precision.
@Suite struct BlockTwinTests {
  private static let lengths = Array(1...33) + [64, 96, 100, 121]
  /// At as many hertz as samples, bins lie on whole numbers and on the edges of these bands.
  private static let bands: [ClosedRange<Double>?] = [nil, 0...5, 3...3, 7.5...16, 90...200]

  private struct Findings {
    var real: [Float]
    var imaginary: [Float]
    var squares: [Float]
    var amplitudes: [Float]
  }

  private func findings(
    _ signal: [Float],
    sampleRateHertz: Double,
    band: ClosedRange<Double>?,
    whitened: Bool
  ) -> Findings {
    var plan = EnvelopeAnalysis(length: signal.count, sampleRateHertz: sampleRateHertz)
    let empty = [Float](repeating: .nan, count: signal.count)
    var (real, imaginary, squares) = (empty, empty, empty)
    var amplitudes = [Float](repeating: .nan, count: signal.count / 2 + 1)
    var realTarget = real.mutableSpan
    var imaginaryTarget = imaginary.mutableSpan
    var squareTarget = squares.mutableSpan
    var amplitudeTarget = amplitudes.mutableSpan
    let block = signal.span
    plan.analyticSignal(
      of: block,
      band: band,
      whitened: whitened,
      realPart: &realTarget,
      imaginaryPart: &imaginaryTarget
    )
    plan.squaredEnvelope(of: block, band: band, whitened: whitened, into: &squareTarget)
    plan.squaredEnvelopeSpectrum(of: block, band: band, whitened: whitened, into: &amplitudeTarget)
    return Findings(real: real, imaginary: imaginary, squares: squares, amplitudes: amplitudes)
  }

  /// Within 5e-6 for the signal and 2e-5 for squares of noise of variance 1.
  @Test(arguments: lengths, bands)
  func `envelopes are those of the plain sums`(
    length: Int,
    band: ClosedRange<Double>?
  ) throws {
    let signal = noise(length, seed: UInt64(length))
    let rate = Double(length)
    for whitened in [false, true] {
      let found = findings(signal, sampleRateHertz: rate, band: band, whitened: whitened)
      let expected = plainAnalyticSignal(
        signal,
        sampleRateHertz: rate,
        band: band,
        whitened: whitened
      )
      let squares = plainSquaredEnvelope(expected)
      #expect(try distance(found.real, expected.real) < 5e-6)
      #expect(try distance(found.imaginary, expected.imaginary) < 5e-6)
      #expect(try distance(found.squares, squares) < 2e-5)
      #expect(try distance(found.amplitudes, plainAmplitudes(squares)) < 2e-5)
    }
  }

  private func velocity(
    _ signal: [Float],
    sampleRateHertz: Double,
    band: ClosedRange<Double>
  ) -> (waveform: [Float], level: Float) {
    var plan = VelocityIntegration(
      length: signal.count,
      sampleRateHertz: sampleRateHertz,
      band: band
    )
    var waveform = [Float](repeating: .nan, count: signal.count)
    var target = waveform.mutableSpan
    let block = signal.span
    plan.velocity(of: block, into: &target)
    return (waveform, plan.rootMeanSquareVelocity(of: block))
  }

  /// Within 2e-4 mm/s for m/s² of variance 1, of which 1 Hz makes 159 mm/s.
  @Test(arguments: lengths, [1...1000, 3...3, 7.5...16, 900...1000])
  func `velocities are those of the plain sums`(
    length: Int,
    band: ClosedRange<Double>
  ) throws {
    let signal = noise(length, seed: UInt64(length)).map { $0 + 1 }
    let rate = Double(length)
    let found = velocity(signal, sampleRateHertz: rate, band: band)
    let expected = plainVelocity(signal, sampleRateHertz: rate, band: band)
    let level = plainVelocityLevel(signal, sampleRateHertz: rate, band: band)
    #expect(try distance(found.waveform, expected) < 2e-4)
    #expect(abs(Double(found.level) - level) < 2e-4)
  }

  @Test(arguments: lengths)
  func `a sample that is not a number shows in all of a block`(length: Int) {
    var signal = noise(length)
    signal[length / 2] = .nan
    let found = findings(signal, sampleRateHertz: 1, band: nil, whitened: true)
    #expect(found.real.allSatisfy { $0.isNaN })
    #expect(found.imaginary.allSatisfy { $0.isNaN })
    #expect(found.squares.allSatisfy { $0.isNaN })
    #expect(found.amplitudes.dropFirst().allSatisfy { $0.isNaN })
    let motion = velocity(signal, sampleRateHertz: 1, band: 0.1...0.4)
    #expect(motion.waveform.allSatisfy { $0.isNaN })
    #expect(motion.level.isNaN)
  }

  /// Within eight of the least steps of a `Float` for a signal, and for a velocity times its factor.
  @Test(arguments: lengths)
  func `values below the normal range are kept, and their squares are zero`(length: Int) throws {
    let least = Float.leastNonzeroMagnitude
    let signal = noise(length, seed: UInt64(length)).map { ($0 * 1000).rounded() * least }
    let rate = Double(length)
    let found = findings(signal, sampleRateHertz: rate, band: nil, whitened: false)
    let expected = plainAnalyticSignal(signal, sampleRateHertz: rate, band: nil, whitened: false)
    #expect(try distance(found.real, expected.real) < 8 * Double(least))
    #expect(try distance(found.imaginary, expected.imaginary) < 8 * Double(least))
    #expect(found.squares.allSatisfy { $0 == 0 })
    #expect(found.amplitudes.allSatisfy { $0 == 0 })
    let motion = velocity(signal, sampleRateHertz: rate, band: 1...1000)
    let waveform = plainVelocity(signal, sampleRateHertz: rate, band: 1...1000)
    #expect(try distance(motion.waveform, waveform) < 8 * 160 * Double(least))
  }

  /// Within 2e-6 for noise of variance 1.
  @Test(
    arguments: Array(0...33) + [64, 100, 121],
    [[20.3], [10.1, 20.7], [31.3, 12.5, 15.9, 40.1]] as [[Double]]
  )
  func `orders are those of the plain sums`(length: Int, speed: [Double]) throws {
    let signal = noise(length, seed: UInt64(length))
    let expected =
      length < 4
      ? []
      : plainOrders(signal, sampleRateHertz: 500, shaftHertz: speed, samplesPerRevolution: 16)
    var samples = [Float](repeating: .nan, count: expected.count + 3)
    var target = samples.mutableSpan
    let written = OrderTracking(samplesPerRevolution: 16)
      .resample(signal.span, sampleRateHertz: 500, shaftHertz: speed.span, into: &target)
    #expect(written == expected.count)
    #expect(try distance(Array(samples.prefix(expected.count)), expected) < 2e-6)
    #expect(samples.dropFirst(written).allSatisfy { $0.isNaN })
  }
}
