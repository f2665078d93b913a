/// A plan for the Fourier transform of real signals of one length, and for its inverse.
///
/// Plan once, run as often as wanted: a run allocates nothing. Lengths of 32 · 2ᵃ · 3ᵇ · 5ᶜ (all
/// powers of two from 32 on, 12,000, 20,480, 25,600 …) are transformed as four complex signals of an
/// eighth of the length; any other length goes through a chirp convolution, which takes about
/// thirteen times as long. Single precision: the error of a bin is about 1e-7 of the largest one,
/// through a chirp 1e-6.
///
/// Complexity: O(n log n) time; about 16 · n bytes, through a chirp 100 · n.
///
/// - SeeAlso: Sorensen, Jones, Heideman, Burrus, "Real-valued fast Fourier transform algorithms",
///   IEEE Transactions on Acoustics, Speech, and Signal Processing 35 (1987).
///   doi:10.1109/TASSP.1987.1165220
package struct RealTransform: Sendable {
  /// The number of samples.
  package let length: Int
  private var fast: FastRealTransform?
  private var chirp: ChirpTransform?

  package init(length: Int) {
    precondition(length > 0, "a transform has at least one sample")
    self.length = length
    if FastRealTransform.isFast(length) {
      fast = FastRealTransform(length: length)
    } else {
      chirp = ChirpTransform(length: length)
    }
  }

  /// The shortest length, not below `length`, that needs no chirp.
  package static func fastLength(atLeast length: Int) -> Int {
    2 * ComplexTransform.fastLength(atLeast: (length + 1) / 2)
  }

  /// Computes `Σ x[j] · exp(−2πi · j · k ∕ length)` for the bins 0 to `length ∕ 2`.
  package mutating func forward(_ signal: Span<Float>, into spectrum: inout Spectrum) {
    precondition(signal.count == length, "the signal is as long as the plan")
    precondition(spectrum.transformLength == length, "the spectrum is made for this plan")
    fast?.forward(signal, into: &spectrum)
    chirp?.forward(signal, into: &spectrum)
  }

  /// Computes the signal whose spectrum is given: the inverse of `forward`, with its 1 ∕ n.
  ///
  /// The imaginary parts of bin 0 and, for an even length, of the last bin have no meaning in a
  /// real signal and are ignored.
  package mutating func inverse(_ spectrum: Spectrum, into signal: inout MutableSpan<Float>) {
    precondition(signal.count == length, "the signal is as long as the plan")
    precondition(spectrum.transformLength == length, "the spectrum is made for this plan")
    fast?.inverse(spectrum, into: &signal)
    chirp?.inverse(spectrum, into: &signal)
  }

  /// As `forward` from a span, for a signal that lies in the same value as the plan.
  package mutating func forward(_ signal: [Float], into spectrum: inout Spectrum) {
    forward(signal.span, into: &spectrum)
  }

  /// As `inverse` into a span, for a signal that lies in the same value as the plan.
  package mutating func inverse(_ spectrum: Spectrum, into signal: inout [Float]) {
    var target = signal.mutableSpan
    inverse(spectrum, into: &target)
  }
}
