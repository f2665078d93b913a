/// A plan for the envelope of blocks of one length: what is left of a band when its carrier is
/// taken away.
///
/// A worn bearing rings at each impact; the envelope of the band where it rings shows how often.
///
/// Complexity: three transforms of the block, four with the spectrum; a run allocates nothing.
///
/// - SeeAlso: Randall and Antoni, "Rolling element bearing diagnostics—A tutorial", Mechanical
///   Systems and Signal Processing 25 (2011). doi:10.1016/j.ymssp.2010.07.017
package struct EnvelopeAnalysis: Sendable {
  package let length: Int
  package let sampleRateHertz: Double
  private var transform: RealTransform
  private var spectrum: Spectrum
  private var real: [Float]
  private var imaginary: [Float]

  package init(length: Int, sampleRateHertz: Double) {
    precondition(sampleRateHertz > 0, "a sample rate is positive")
    self.length = length
    self.sampleRateHertz = sampleRateHertz
    transform = RealTransform(length: length)
    spectrum = Spectrum(transformLength: length)
    real = Array(repeating: 0, count: length)
    imaginary = real
  }

  /// Computes the analytic signal of a band: the band itself and, as its imaginary part, its
  /// Hilbert transform.
  ///
  /// - Parameters:
  ///   - signal: One block.
  ///   - band: In hertz; `nil` for the whole spectrum.
  ///   - whitened: Whether each bin is first brought to the same magnitude.
  ///   - realPart: As long as the block, in the unit of the samples.
  ///   - imaginaryPart: As long as the block, in the unit of the samples.
  package mutating func analyticSignal(
    of signal: Span<Float>,
    band: ClosedRange<Double>? = nil,
    whitened: Bool = false,
    realPart: inout MutableSpan<Float>,
    imaginaryPart: inout MutableSpan<Float>
  ) {
    analyse(signal, band: band, whitened: whitened)
    transform.inverse(spectrum, into: &realPart)
    spectrum.turnBack()
    transform.inverse(spectrum, into: &imaginaryPart)
  }

  /// Writes the squared envelope of a band, sample by sample, in the squared unit of the samples.
  ///
  /// - Parameters:
  ///   - signal: One block.
  ///   - band: In hertz; `nil` for the whole spectrum.
  ///   - whitened: Whether each bin is first brought to the same magnitude.
  ///   - envelope: As long as the block.
  package mutating func squaredEnvelope(
    of signal: Span<Float>,
    band: ClosedRange<Double>? = nil,
    whitened: Bool = false,
    into envelope: inout MutableSpan<Float>
  ) {
    analyse(signal, band: band, whitened: whitened)
    squareEnvelope()
    for index in 0..<length { envelope[index] = real[index] }
  }

  /// Writes the magnitudes of the squared envelope spectrum.
  ///
  /// Bin `k` holds the amplitude with which the squared envelope swings `k` times per block, in the
  /// squared unit of the samples; bin 0 is 0.
  ///
  /// - Parameters:
  ///   - signal: One block.
  ///   - band: In hertz; `nil` for the whole spectrum.
  ///   - whitened: Whether each bin is first brought to the same magnitude.
  ///   - amplitudes: One value for each bin, `length ∕ 2 + 1` in all.
  package mutating func squaredEnvelopeSpectrum(
    of signal: Span<Float>,
    band: ClosedRange<Double>? = nil,
    whitened: Bool = false,
    into amplitudes: inout MutableSpan<Float>
  ) {
    analyse(signal, band: band, whitened: whitened)
    squareEnvelope()
    transform.forward(real, into: &spectrum)
    spectrum.squaredMagnitudes(into: &amplitudes)
    let scale = 2 / Float(length)
    for bin in 1..<amplitudes.count { amplitudes[bin] = amplitudes[bin].squareRoot() * scale }
    amplitudes[0] = 0
    // The last bin of an even length has no mirror image.
    if length.isMultiple(of: 2), length > 1 { amplitudes[amplitudes.count - 1] *= 0.5 }
  }

  /// Leaves in `spectrum` the bins of the band.
  private mutating func analyse(
    _ signal: Span<Float>,
    band: ClosedRange<Double>?,
    whitened: Bool
  ) {
    transform.forward(signal, into: &spectrum)
    if whitened { spectrum.whiten() }
    if let band { spectrum.keepOnly(spectrum.bins(in: band, sampleRateHertz: sampleRateHertz)) }
  }

  /// Leaves in `real` the squared envelope of what lies in `spectrum`.
  private mutating func squareEnvelope() {
    transform.inverse(spectrum, into: &real)
    spectrum.turnBack()
    transform.inverse(spectrum, into: &imaginary)
    Self.addSquares(&real, imaginary)
  }

  /// Replaces each real part by the squared magnitude.
  private static func addSquares(_ realParts: inout [Float], _ imaginaryParts: [Float]) {
    var real = realParts.mutableSpan
    let imaginary = imaginaryParts.span
    precondition(real.count == imaginary.count, "two parts for each sample")
    var index = 0
    while index &+ 8 <= real.count {
      let one = unsafe real.lanes(fromUnchecked: index)
      let other = unsafe imaginary.lanes(fromUnchecked: index)
      unsafe real.setLanes(one * one + other * other, fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<real.count {
      real[rest] = real[rest] * real[rest] + imaginary[rest] * imaginary[rest]
    }
  }
}
