/// Turns acceleration into velocity within a band, in the frequency domain.
///
/// Severity by ISO 20816 is the root mean square of velocity between 10 and 1000 Hz. Bins outside
/// the band are left out entirely; an analogue instrument (ISO 2954) has slopes there.
///
/// Complexity: two transforms of the block; a run allocates nothing.
package struct VelocityIntegration: Sendable {
  /// The band of ISO 20816-1 for machines above 600 revolutions per minute.
  package static let severityBandHertz: ClosedRange<Double> = 10...1000

  package let length: Int
  private var transform: RealTransform
  private var frames: ShortTimeTransform
  private var spectrum: Spectrum
  /// `1000 ∕ 2πf` in the band, 0 outside: from m/s² to mm/s.
  private let factors: [Float]

  /// - Parameters:
  ///   - length: Samples per block; at least some periods of the lowest frequency.
  ///   - sampleRateHertz: Their rate.
  ///   - band: In hertz; its lower end must be above 0.
  package init(
    length: Int,
    sampleRateHertz: Double,
    band: ClosedRange<Double> = Self.severityBandHertz
  ) {
    precondition(band.lowerBound > 0, "velocity of a steady acceleration has no bound")
    self.length = length
    transform = RealTransform(length: length)
    frames = ShortTimeTransform(frameLength: length, hop: length, removesMean: true)
    let spectrum = Spectrum(transformLength: length)
    self.spectrum = spectrum
    let bins = spectrum.bins(in: band, sampleRateHertz: sampleRateHertz)
    factors = (0..<spectrum.binCount).map { bin in
      guard bins.contains(bin) else { return 0 }
      let hertz = Double(bin) * sampleRateHertz / Double(length)
      return Float(1000 / (2 * Double.pi * hertz))
    }
  }

  /// Writes the velocity of a block, in mm/s.
  ///
  /// The block is taken as one period of a signal that repeats: where its ends do not meet, the
  /// result swings at both ends.
  ///
  /// - Parameters:
  ///   - acceleration: One block, in m/s².
  ///   - velocity: As long as the block.
  package mutating func velocity(
    of acceleration: Span<Float>,
    into velocity: inout MutableSpan<Float>
  ) {
    transform.forward(acceleration, into: &spectrum)
    for bin in factors.indices {
      let real = spectrum.real[bin]
      spectrum.real[bin] = spectrum.imaginary[bin] * factors[bin]
      spectrum.imaginary[bin] = -real * factors[bin]
    }
    transform.inverse(spectrum, into: &velocity)
  }

  /// Returns the root mean square of the velocity of a block, in mm/s.
  ///
  /// The block is tapered by a Hann window and the loss made good, so that ends that do not meet do
  /// no harm: for a steady vibration the error is below 1 % from eight periods on.
  ///
  /// - Parameter acceleration: One block, in m/s².
  /// - Returns: Not a number where a sample is not.
  package mutating func rootMeanSquareVelocity(of acceleration: Span<Float>) -> Float {
    precondition(acceleration.count == length, "the signal is as long as the plan")
    frames.transform(frame: 0, of: acceleration, into: &spectrum)
    var sum = 0.0
    for bin in factors.indices {
      let real = Double(spectrum.real[bin] * factors[bin])
      let imaginary = Double(spectrum.imaginary[bin] * factors[bin])
      let power = real * real + imaginary * imaginary
      let hasImage = bin > 0 && 2 * bin < length
      sum += hasImage ? 2 * power : power
    }
    return Float((sum / (Double(length) * frames.energy)).squareRoot())
  }
}
