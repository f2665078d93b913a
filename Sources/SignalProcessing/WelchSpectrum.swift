/// The power spectral density of a signal, averaged over overlapping segments.
///
/// The mean of each segment is taken away first. One-sided: the integral over frequency is the
/// variance of the signal.
///
/// - SeeAlso: Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE
///   Transactions on Audio and Electroacoustics 15 (1967). doi:10.1109/TAU.1967.1161901
package struct WelchSpectrum: Sendable {
  private var frames: ShortTimeTransform
  private var spectrum: Spectrum

  /// - Parameters:
  ///   - segmentLength: Samples per segment; bins lie `sampleRateHertz ∕ segmentLength` apart.
  ///   - overlap: Samples that a segment shares with the next; half a segment if not given.
  ///   - window: The taper of each segment.
  package init(segmentLength: Int, overlap: Int? = nil, window: Window = .hann) {
    let overlap = overlap ?? segmentLength / 2
    precondition(
      overlap >= 0 && overlap < segmentLength,
      "segments overlap by less than their length"
    )
    frames = ShortTimeTransform(
      frameLength: segmentLength,
      hop: segmentLength - overlap,
      window: window,
      removesMean: true
    )
    spectrum = Spectrum(transformLength: segmentLength)
  }

  package var binCount: Int { spectrum.binCount }

  /// Writes the density of each bin, in the squared unit of the samples per hertz.
  ///
  /// - Parameters:
  ///   - signal: At least one segment of samples.
  ///   - sampleRateHertz: Their rate.
  ///   - density: One value for each bin; zeros for a signal shorter than a segment.
  /// - Returns: How many segments were averaged.
  @discardableResult
  package mutating func density(
    of signal: Span<Float>,
    sampleRateHertz: Double,
    into density: inout MutableSpan<Float>
  ) -> Int {
    precondition(density.count == binCount, "one value for each bin")
    for bin in 0..<binCount { density[bin] = 0 }
    let segmentCount = frames.frameCount(of: signal.count)
    guard segmentCount > 0 else { return 0 }
    let scale = Float(1 / (sampleRateHertz * frames.energy * Double(segmentCount)))
    for segment in 0..<segmentCount {
      frames.transform(frame: segment, of: signal, into: &spectrum)
      spectrum.addSquaredMagnitudes(to: &density, scale: 2 * scale)
    }
    // Bin 0 and, for an even length, the last one have no mirror image.
    density[0] *= 0.5
    if frames.frameLength.isMultiple(of: 2) { density[binCount - 1] *= 0.5 }
    return segmentCount
  }
}
