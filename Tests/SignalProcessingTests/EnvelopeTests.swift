import SignalProcessing
import Testing

@Suite struct EnvelopeTests {
  /// A carrier of 3 kHz whose strength swings 40 times per second, for one second.
  private func modulated(_ length: Int, depth: Float) -> [Float] {
    let carrier = sine(length, cycles: 3000)
    let swing = sine(length, cycles: 40)
    return zip(carrier, swing).map { $0 * (1 + depth * $1) }
  }

  private func envelope(
    _ signal: [Float],
    _ plan: inout EnvelopeAnalysis,
    band: ClosedRange<Double>? = nil
  ) -> [Float] {
    var envelope = [Float](repeating: .nan, count: signal.count)
    var target = envelope.mutableSpan
    plan.squaredEnvelope(of: signal.span, band: band, into: &target)
    return envelope
  }

  private func amplitudes(
    _ signal: [Float],
    _ plan: inout EnvelopeAnalysis,
    band: ClosedRange<Double>? = nil,
    whitened: Bool = false
  ) -> [Float] {
    var amplitudes = [Float](repeating: .nan, count: signal.count / 2 + 1)
    var target = amplitudes.mutableSpan
    plan.squaredEnvelopeSpectrum(of: signal.span, band: band, whitened: whitened, into: &target)
    return amplitudes
  }

  @Test(arguments: [12_000, 12_001])
  func `the envelope of a swinging carrier is its swing`(length: Int) {
    var plan = EnvelopeAnalysis(length: length, sampleRateHertz: Double(length))
    let found = envelope(modulated(length, depth: 0.5), &plan)
    let expected = sine(length, cycles: 40).map { (1 + 0.5 * $0) * (1 + 0.5 * $0) }
    #expect(distance(found, expected) < 1e-3)
  }

  @Test(arguments: [12_000, 12_001])
  func `the spectrum of the envelope reads the depth of the swing`(length: Int) {
    var plan = EnvelopeAnalysis(length: length, sampleRateHertz: Double(length))
    let found = amplitudes(modulated(length, depth: 0.5), &plan)
    // (1 + d sin x)² = 1 + d² ∕ 2 + 2 d sin x − d² ∕ 2 cos 2x
    #expect(abs(found[40] - 1) < 1e-3)
    #expect(abs(found[80] - 0.125) < 1e-3)
    #expect(found[0] == 0)
    for bin in found.indices where bin != 40 && bin != 80 { #expect(found[bin] < 1e-3) }
  }

  @Test func `a band without the carrier has no envelope`() {
    let length = 12_000
    var plan = EnvelopeAnalysis(length: length, sampleRateHertz: 12_000)
    let signal = modulated(length, depth: 0.5)
    #expect(envelope(signal, &plan, band: 100...2000).filter { $0 > 1e-6 }.isEmpty)
    let within = envelope(signal, &plan, band: 2900...3100)
    #expect(distance(within, envelope(signal, &plan)) < 1e-3)
    #expect(envelope(signal, &plan, band: 7000...8000).filter { $0 != 0 }.isEmpty)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `whitening brings out impulses that slip under two strong tones`(seed: UInt64) {
    let length = 12_000
    var generator = SeededGenerator(seed: seed)
    var signal = noise(length, seed: seed).map { 0.5 * $0 }
    var start = 0
    while start < length {
      addImpulse(to: &signal, at: start, ringing: 0.21)
      start += Int(generator.uniform(in: 117..<124))
    }
    let tones = zip(sine(length, cycles: 2600), sine(length, cycles: 2730))
    for (index, tone) in tones.enumerated() { signal[index] += 30 * (tone.0 + tone.1) }

    var plan = EnvelopeAnalysis(length: length, sampleRateHertz: 12_000)
    func prominence(of bins: Range<Int>, whitened: Bool) -> Float {
      let found = amplitudes(signal, &plan, whitened: whitened)
      let around = found[60..<140].sorted()
      return (found[bins].max() ?? 0) / around[around.count / 2]
    }
    // The impulses come about 100 times in the block; the tones beat 130 times.
    #expect(prominence(of: 97..<104, whitened: true) > 8)
    #expect(prominence(of: 130..<131, whitened: true) < 4)
    #expect(prominence(of: 97..<104, whitened: false) < 4)
    #expect(prominence(of: 130..<131, whitened: false) > 50)
  }

  @Test(arguments: [100, 4096])
  func `the analytic signal is the signal and its quarter turn`(length: Int) {
    var plan = EnvelopeAnalysis(length: length, sampleRateHertz: 1)
    let signal = sine(length, cycles: 9, phaseTurns: 0.1)
    var real = signal
    var imaginary = signal
    var realTarget = real.mutableSpan
    var imaginaryTarget = imaginary.mutableSpan
    plan.analyticSignal(
      of: signal.span,
      realPart: &realTarget,
      imaginaryPart: &imaginaryTarget
    )
    #expect(distance(real, signal) < 1e-5)
    #expect(distance(imaginary, sine(length, cycles: 9, phaseTurns: -0.15)) < 1e-5)
  }

  @Test func `a sample that is not a number shows`() {
    var plan = EnvelopeAnalysis(length: 64, sampleRateHertz: 1)
    var signal = noise(64)
    signal[5] = .nan
    #expect(envelope(signal, &plan).filter { !$0.isNaN }.isEmpty)
  }
}

@Suite struct VelocityTests {
  private func velocity(
    _ signal: [Float],
    _ plan: inout VelocityIntegration
  ) -> (waveform: [Float], level: Float) {
    var waveform = signal
    var target = waveform.mutableSpan
    let block = signal.span
    plan.velocity(of: block, into: &target)
    return (waveform, plan.rootMeanSquareVelocity(of: block))
  }

  @Test(arguments: [8000, 8192, 9001])
  func `a sine of acceleration gives the sine of velocity that calculus gives`(length: Int) {
    // One second at 50 Hz: 10 m/s² ∕ (2π · 50) = 31.831 mm/s.
    var plan = VelocityIntegration(length: length, sampleRateHertz: Double(length))
    let amplitude = Float(10_000 / (2 * Double.pi * 50))
    let found = velocity(sine(length, cycles: 50).map { 10 * $0 }, &plan)
    let expected = sine(length, cycles: 50, phaseTurns: -0.25).map { amplitude * $0 }
    #expect(distance(found.waveform, expected) < 1e-3 * amplitude)
    #expect(abs(found.level - amplitude / Float(2).squareRoot()) < 1e-3 * amplitude)
  }

  @Test func `what lies outside the band of the standard does not count`() {
    var plan = VelocityIntegration(length: 8192, sampleRateHertz: 8192)
    for cycles in [5.0, 1200, 3000] {
      let found = velocity(sine(8192, cycles: cycles), &plan)
      #expect(found.waveform.filter { abs($0) > 1e-4 }.isEmpty)
      #expect(found.level < 1e-4)
    }
    #expect(velocity([Float](repeating: 9.81, count: 8192), &plan).level < 1e-4)
  }

  @Test(arguments: [8.3, 20.5, 33.37])
  func `the level holds when the periods do not fit the block`(cycles: Double) {
    // A block of half a second.
    var plan = VelocityIntegration(length: 4096, sampleRateHertz: 8192)
    let expected = Float(1000 / (2 * Double.pi * cycles * 2) / 2.0.squareRoot())
    let found = velocity(sine(4096, cycles: cycles, phaseTurns: 0.3), &plan)
    #expect(abs(found.level - expected) < 0.01 * expected)
  }

  @Test func `a sample that is not a number shows in the level`() {
    var plan = VelocityIntegration(length: 64, sampleRateHertz: 640)
    var signal = noise(64)
    signal[63] = .nan
    #expect(velocity(signal, &plan).level.isNaN)
  }
}
