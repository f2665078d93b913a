/// The one-sided spectrum of a real signal: bins 0 to `transformLength ∕ 2`.
///
/// Bin `k` lies at `k · sampleRateHertz ∕ transformLength`. Nothing is scaled: a sine of amplitude
/// `a` that fits the window exactly shows as `a · transformLength ∕ 2` in its bin.
package struct Spectrum: Hashable, Sendable {
  package let transformLength: Int
  package var real: [Float]
  package var imaginary: [Float]

  /// An empty spectrum to be filled by a transform of `transformLength` samples.
  package init(transformLength: Int) {
    precondition(transformLength > 0, "a transform has at least one sample")
    self.transformLength = transformLength
    real = Array(repeating: 0, count: transformLength / 2 + 1)
    imaginary = real
  }

  package var binCount: Int { real.count }

  /// Writes `|X|²` of each bin.
  package func squaredMagnitudes(into power: inout MutableSpan<Float>) {
    precondition(power.count == binCount && imaginary.count == binCount, "a value for each bin")
    let real = real.span
    let imaginary = imaginary.span
    var index = 0
    while index &+ 8 <= real.count {
      let one = unsafe real.lanes(fromUnchecked: index)
      let other = unsafe imaginary.lanes(fromUnchecked: index)
      unsafe power.setLanes(one * one + other * other, fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<real.count {
      power[rest] = real[rest] * real[rest] + imaginary[rest] * imaginary[rest]
    }
  }

  /// As above, for values that lie in the same value as the spectrum.
  package func squaredMagnitudes(into power: inout [Float]) {
    var target = power.mutableSpan
    squaredMagnitudes(into: &target)
  }

  /// Writes `|X|` of each bin.
  package func magnitudes(into magnitudes: inout [Float]) {
    var magnitudes = magnitudes.mutableSpan
    squaredMagnitudes(into: &magnitudes)
    var index = 0
    while index &+ 8 <= magnitudes.count {
      let power = unsafe magnitudes.lanes(fromUnchecked: index)
      unsafe magnitudes.setLanes(power.squareRoot(), fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<magnitudes.count { magnitudes[rest].formSquareRoot() }
  }

  /// As below, for sums that lie in the same value as the spectrum.
  package func addSquaredMagnitudes(to power: inout [Float], scale: Float) {
    var target = power.mutableSpan
    addSquaredMagnitudes(to: &target, scale: scale)
  }

  /// Adds `scale · |X|²` to what stands for each bin.
  func addSquaredMagnitudes(to power: inout MutableSpan<Float>, scale: Float) {
    precondition(power.count == binCount && imaginary.count == binCount, "a value for each bin")
    let real = real.span
    let imaginary = imaginary.span
    var index = 0
    while index &+ 8 <= real.count {
      let one = unsafe real.lanes(fromUnchecked: index)
      let other = unsafe imaginary.lanes(fromUnchecked: index)
      let before = unsafe power.lanes(fromUnchecked: index)
      unsafe power.setLanes(
        before + (one * one + other * other) * scale,
        fromUnchecked: index
      )
      index &+= 8
    }
    for rest in index..<real.count {
      power[rest] +=
        (real[rest] * real[rest] + imaginary[rest] * imaginary[rest]) * scale
    }
  }

  /// Adds the bins of a spectrum as long, each times a factor.
  package mutating func add(_ other: Spectrum, times factor: Float) {
    Self.add(other.real, times: factor, to: &real)
    Self.add(other.imaginary, times: factor, to: &imaginary)
  }

  private static func add(_ from: [Float], times factor: Float, to target: inout [Float]) {
    let values = from.span
    var sums = target.mutableSpan
    precondition(values.count == sums.count, "spectra of the same length")
    var index = 0
    while index &+ 8 <= sums.count {
      let sum =
        unsafe sums.lanes(fromUnchecked: index) + values.lanes(fromUnchecked: index) * factor
      unsafe sums.setLanes(sum, fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<sums.count { sums[rest] += values[rest] * factor }
  }

  /// Sets every bin to zero.
  package mutating func clear() { keepOnly(0..<0) }

  /// Gives every bin the magnitude 1 and leaves its phase: cepstral pre-whitening.
  ///
  /// It takes away whatever is periodic or resonant, so that the weak random impulses of a bearing
  /// stand out. Bins whose squared magnitude is too small for a `Float` become 0.
  ///
  /// - SeeAlso: Borghesani, Pennacchi, Randall, Sawalhi, Ricci, "Application of cepstrum
  ///   pre-whitening for the diagnosis of bearing faults under variable speed conditions",
  ///   Mechanical Systems and Signal Processing 36 (2013). doi:10.1016/j.ymssp.2012.11.001
  package mutating func whiten() {
    Self.whiten(&real, &imaginary)
  }

  private static func whiten(_ realParts: inout [Float], _ imaginaryParts: inout [Float]) {
    var real = realParts.mutableSpan
    var imaginary = imaginaryParts.mutableSpan
    precondition(real.count == imaginary.count, "two parts for each bin")
    let floor = SIMD8(repeating: Float.leastNormalMagnitude)
    var index = 0
    while index &+ 8 <= real.count {
      let one = unsafe real.lanes(fromUnchecked: index)
      let other = unsafe imaginary.lanes(fromUnchecked: index)
      let power = one * one + other * other
      let factor = (1 / power.squareRoot()).replacing(with: 0, where: power .< floor)
      unsafe real.setLanes(one * factor, fromUnchecked: index)
      unsafe imaginary.setLanes(other * factor, fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<real.count {
      let power = real[rest] * real[rest] + imaginary[rest] * imaginary[rest]
      let factor = power < .leastNormalMagnitude ? 0 : 1 / power.squareRoot()
      real[rest] *= factor
      imaginary[rest] *= factor
    }
  }

  /// Sets every bin outside `bins` to zero.
  mutating func keepOnly(_ bins: Range<Int>) {
    for bin in 0..<binCount where !bins.contains(bin) {
      real[bin] = 0
      imaginary[bin] = 0
    }
  }

  /// Turns every bin by −90 degrees: the spectrum of the Hilbert transform.
  mutating func turnBack() {
    swap(&real, &imaginary)
    for bin in 0..<binCount { imaginary[bin] = -imaginary[bin] }
  }

  /// The bins whose frequency lies in `band`, both ends included.
  ///
  /// - Parameters:
  ///   - band: In hertz.
  ///   - sampleRateHertz: The rate of the signal.
  /// - Returns: An empty range if no bin lies there.
  package func bins(in band: ClosedRange<Double>, sampleRateHertz: Double) -> Range<Int> {
    // Multiplied first: so a bin that lies on an edge is not rounded past it.
    let length = Double(transformLength)
    let last = Double(binCount - 1)
    let first = (band.lowerBound * length / sampleRateHertz).rounded(.up)
    let end = (band.upperBound * length / sampleRateHertz).rounded(.down)
    guard first <= last, end >= 0, first <= end else { return 0..<0 }
    return Int(max(0, first))..<Int(min(last, end)) + 1
  }
}
