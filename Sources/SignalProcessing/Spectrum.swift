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
    precondition(power.count == binCount, "one value for each bin")
    let real = real.span
    let imaginary = imaginary.span
    var index = 0
    while index &+ 8 <= binCount {
      let one = real.lanes(from: index)
      let other = imaginary.lanes(from: index)
      power.setLanes(one * one + other * other, from: index)
      index &+= 8
    }
    for rest in index..<binCount {
      power[rest] = real[rest] * real[rest] + imaginary[rest] * imaginary[rest]
    }
  }
}
