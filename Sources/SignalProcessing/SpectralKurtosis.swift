/// How impulsive a signal is at each frequency.
///
/// Over the frames of a short-time transform, `⟨|X|⁴⟩ ∕ ⟨|X|²⟩² − 2` is 0 for stationary normal
/// noise, −1 for a steady tone and large where energy comes in bursts.
///
/// - SeeAlso: Antoni, "The spectral kurtosis: a useful tool for characterising non-stationary
///   signals", Mechanical Systems and Signal Processing 20 (2006). doi:10.1016/j.ymssp.2004.09.001
package struct SpectralKurtosis: Sendable {
  private var frames: ShortTimeTransform
  private var spectrum: Spectrum
  private var power: [Float]
  private var powerSums: [Double]
  private var squareSums: [Double]

  /// - Parameters:
  ///   - frameLength: Shorter than the time between two impulses, longer than one impulse rings.
  ///   - hop: Samples from frame to frame; a quarter of a frame is usual.
  ///   - window: The taper of each frame.
  package init(frameLength: Int, hop: Int, window: Window = .hann) {
    frames = ShortTimeTransform(frameLength: frameLength, hop: hop, window: window)
    spectrum = Spectrum(transformLength: frameLength)
    power = Array(repeating: 0, count: spectrum.binCount)
    powerSums = Array(repeating: 0, count: spectrum.binCount)
    squareSums = powerSums
  }

  package var binCount: Int { power.count }

  /// Writes the kurtosis of each bin; 0 where there is no energy, and everywhere for a signal
  /// shorter than a frame.
  ///
  /// In bin 0 and the last one numbers are real, so that normal noise shows 1 there, not 0.
  ///
  /// - Returns: Over how many frames was averaged; the estimate scatters by 2 ∕ √frames.
  @discardableResult
  package mutating func process(
    _ signal: Span<Float>,
    into kurtosis: inout MutableSpan<Float>
  ) -> Int {
    precondition(kurtosis.count == binCount, "one value for each bin")
    let frameCount = frames.frameCount(of: signal.count)
    for bin in 0..<binCount {
      powerSums[bin] = 0
      squareSums[bin] = 0
    }
    for frame in 0..<frameCount {
      frames.transform(frame: frame, of: signal, into: &spectrum)
      spectrum.squaredMagnitudes(into: &power)
      for bin in 0..<binCount {
        let value = Double(power[bin])
        powerSums[bin] += value
        squareSums[bin] += value * value
      }
    }
    for bin in 0..<binCount {
      let square = powerSums[bin] * powerSums[bin]
      kurtosis[bin] = square == 0 ? 0 : Float(squareSums[bin] * Double(frameCount) / square - 2)
    }
    return frameCount
  }
}
