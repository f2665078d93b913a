import PlainKernels
import SignalProcessing
import Testing

@Suite struct SpectrumTests {
  private func spectrum(of signal: [Float]) -> Spectrum {
    var plan = RealTransform(length: signal.count)
    var spectrum = Spectrum(transformLength: signal.count)
    plan.forward(signal, into: &spectrum)
    return spectrum
  }

  @Test(arguments: Array(1...40) + [4096])
  func `squared magnitudes have the bits of the plain loop`(length: Int) {
    let spectrum = spectrum(of: noise(length))
    var power = [Float](repeating: .nan, count: spectrum.binCount)
    var expected = power
    spectrum.squaredMagnitudes(into: &power)
    plainSquaredMagnitudes(spectrum.real, spectrum.imaginary, into: &expected)
    #expect(power == expected)
  }

  @Test(arguments: Array(1...40) + [4096])
  func `magnitudes and sums of spectra have the bits of the plain loop`(length: Int) {
    let spectrum = spectrum(of: noise(length))
    let other = self.spectrum(of: noise(length, seed: 2))
    var magnitudes = [Float](repeating: .nan, count: spectrum.binCount)
    spectrum.magnitudes(into: &magnitudes)
    var power = magnitudes
    plainSquaredMagnitudes(spectrum.real, spectrum.imaginary, into: &power)
    #expect(magnitudes == power.map { $0.squareRoot() })

    var sums = magnitudes
    spectrum.addSquaredMagnitudes(to: &sums, scale: 0.25)
    #expect(sums == zip(magnitudes, power).map { $0 + $1 * 0.25 })

    var sum = spectrum
    sum.add(other, times: -0.5)
    #expect(sum.real == zip(spectrum.real, other.real).map { $0 + $1 * -0.5 })
    #expect(sum.imaginary == zip(spectrum.imaginary, other.imaginary).map { $0 + $1 * -0.5 })
    sum.clear()
    #expect(sum == Spectrum(transformLength: length))
  }

  @Test(arguments: Array(0...33) + [1000])
  func `a taper has the bits of the plain loop`(count: Int) {
    let samples = noise(count, seed: 3)
    let weights = noise(count, seed: 4)
    var tapered = [Float](repeating: .nan, count: count)
    Window.taper(samples.span, less: 0.75, by: weights, into: &tapered)
    #expect(tapered == zip(samples, weights).map { ($0 - 0.75) * $1 })
  }

  @Test(arguments: Array(1...40) + [4096])
  func `whitening has the bits of the plain loop and leaves only phases`(length: Int) {
    var spectrum = spectrum(of: noise(length))
    var real = spectrum.real
    var imaginary = spectrum.imaginary
    plainWhiten(&real, &imaginary)
    spectrum.whiten()
    #expect(spectrum.real == real)
    #expect(spectrum.imaginary == imaginary)
    for bin in 0..<spectrum.binCount {
      let power = real[bin] * real[bin] + imaginary[bin] * imaginary[bin]
      #expect(abs(power - 1) < 1e-6)
    }
  }

  @Test func `whitening leaves an empty spectrum empty`() {
    var spectrum = Spectrum(transformLength: 64)
    spectrum.whiten()
    #expect(spectrum == Spectrum(transformLength: 64))
  }

  @Test func `a band is the bins that lie in it`() {
    let spectrum = Spectrum(transformLength: 1000)
    #expect(spectrum.bins(in: 10...20, sampleRateHertz: 1000) == 10..<21)
    #expect(spectrum.bins(in: 10.1...19.9, sampleRateHertz: 1000) == 11..<20)
    #expect(spectrum.bins(in: -5...2, sampleRateHertz: 1000) == 0..<3)
    #expect(spectrum.bins(in: 490...9999, sampleRateHertz: 1000) == 490..<501)
    #expect(spectrum.bins(in: 10.2...10.8, sampleRateHertz: 1000).isEmpty)
    #expect(spectrum.bins(in: 600...700, sampleRateHertz: 1000).isEmpty)
    // 1,001 ∕ 1,000 is no binary fraction: 1,000 Hz must lie on its bin all the same.
    let uneven = Spectrum(transformLength: 4004)
    #expect(uneven.bins(in: 1000...1000, sampleRateHertz: 4000) == 1001..<1002)
  }

  @Test(arguments: Window.allCases)
  func `a window is whole in its middle and the same on both sides`(window: Window) {
    for count in [1, 2, 7, 64, 65] {
      let weights = window.symmetricWeights(count: count)
      #expect(weights.count == count)
      for index in 0..<count {
        #expect(abs(weights[index] - weights[count - 1 - index]) < 1e-7)
      }
      let periodic = window.weights(count: count)
      #expect(periodic.dropFirst().elementsEqual(periodic.dropFirst().reversed()))
    }
    #expect(window.weights(count: 1) == [1])
    #expect(abs(window.weights(count: 64)[32] - 1) < 1e-6)
  }

  @Test(arguments: [64, 100, 128])
  func `a density sums to the variance`(segmentLength: Int) {
    let signal = noise(50_000, seed: 21).map { $0 * 3 + 10 }
    var welch = WelchSpectrum(segmentLength: segmentLength)
    let density = density(of: signal, &welch, sampleRateHertz: 200)
    let power = density.reduce(0, +) * 200 / Float(segmentLength)
    #expect(abs(power - 9) < 0.3)
  }

  private func density(
    of signal: [Float],
    _ welch: inout WelchSpectrum,
    sampleRateHertz: Double
  ) -> [Float] {
    var density = [Float](repeating: .nan, count: welch.binCount)
    var target = density.mutableSpan
    welch.density(of: signal.span, sampleRateHertz: sampleRateHertz, into: &target)
    return density
  }

  @Test(arguments: [0, 1, 63])
  func `a signal shorter than a segment has no density`(count: Int) {
    var welch = WelchSpectrum(segmentLength: 64)
    #expect(density(of: noise(count), &welch, sampleRateHertz: 1).filter { $0 != 0 }.isEmpty)
  }

  @Test func `frames count only when they are whole`() {
    let frames = ShortTimeTransform(frameLength: 64, hop: 16)
    #expect(frames.frameCount(of: 63) == 0)
    #expect(frames.frameCount(of: 64) == 1)
    #expect(frames.frameCount(of: 79) == 1)
    #expect(frames.frameCount(of: 80) == 2)
  }

  @Test func `spectral kurtosis tells noise, a tone and bursts apart`() {
    let length = 256
    var kurtosis = SpectralKurtosis(frameLength: length, hop: 64)
    func values(_ signal: [Float]) -> [Float] {
      var values = [Float](repeating: .nan, count: kurtosis.binCount)
      var target = values.mutableSpan
      kurtosis.process(signal.span, into: &target)
      return values
    }
    let plain = noise(100_000, seed: 31)
    #expect(values(plain)[4..<124].filter { abs($0) > 0.6 }.isEmpty)

    let tone = sine(100_000, cycles: 12_500)
    #expect(abs(values(tone)[32] + 1) < 1e-3)

    var bursts = plain
    addImpulses(to: &bursts, every: 3000, ringing: 0.25)
    let found = values(bursts)
    #expect(found[64] > 1.5)
    #expect(found[110] < 0.6)
    #expect(values([]).filter { $0 != 0 }.isEmpty)
  }

  @Test(arguments: [4096, 12_000, 10_007])
  func `the kurtogram finds the band that rings`(length: Int) throws {
    var kurtogram = Kurtogram(length: length, sampleRateHertz: 10_000)
    var signal = noise(length, seed: 41)
    addImpulses(to: &signal, every: length / 9, ringing: 0.3)
    let best = try #require(findings(signal, &kurtogram))
    #expect(best.lowHertz < 3000)
    #expect(best.highHertz > 3000)
    #expect(best.bandCount > 1)
    #expect(best.kurtosis > 2)
    #expect(kurtogram.bands.contains(best))

    // Of 200 and more bands of pure noise the strangest one stays far below.
    let noisy = try #require(findings(noise(length, seed: 42), &kurtogram))
    #expect(noisy.kurtosis < 1.5)
  }

  private func findings(_ signal: [Float], _ kurtogram: inout Kurtogram) -> Kurtogram.Band? {
    kurtogram.process(signal.span)
  }

  @Test func `each row of a kurtogram covers every bin once`() {
    let kurtogram = Kurtogram(length: 10_000, sampleRateHertz: 10_000)
    for bandCount in Set(kurtogram.bands.map(\.bandCount)) {
      let row = kurtogram.bands.filter { $0.bandCount == bandCount }
      #expect(row.count == bandCount)
      #expect(row.first?.bins.lowerBound == 0)
      #expect(row.last?.bins.upperBound == 5000)
      for (one, next) in zip(row, row.dropFirst()) {
        #expect(one.bins.upperBound == next.bins.lowerBound)
      }
    }
    #expect(Set(kurtogram.bands.map(\.bandCount)).contains(3))
  }

  @Test func `a block of zeros, a broken one and a short one have no impulsive band`() {
    var kurtogram = Kurtogram(length: 1024, sampleRateHertz: 1000)
    #expect(findings([Float](repeating: 0, count: 1024), &kurtogram)?.kurtosis == 0)
    var broken = noise(1024)
    broken[100] = .nan
    #expect(findings(broken, &kurtogram) == nil)
    var short = Kurtogram(length: 32, sampleRateHertz: 1000)
    #expect(findings(noise(32), &short) == nil)
  }
}
