/// A plan for the Fourier transform of real signals of one length, and for its inverse.
///
/// Plan once, run as often as wanted: a run allocates nothing. Lengths of 32 · 2ᵃ · 3ᵇ · 5ᶜ (all
/// powers of two from 32 on, 12,000, 20,480, 25,600 …) are transformed as complex signals of half
/// the length; any other length goes through a chirp convolution, which takes about ten times as
/// long. Single precision: the error of a bin is about 1e-7 of the largest one, through a chirp
/// 1e-6.
///
/// Complexity: O(n log n) time; about 18 · n bytes, through a chirp 100 · n.
///
/// - SeeAlso: Sorensen, Jones, Heideman, Burrus, "Real-valued fast Fourier transform algorithms",
///   IEEE Transactions on Acoustics, Speech, and Signal Processing 35 (1987).
///   doi:10.1109/TASSP.1987.1165220
package struct RealTransform: Sendable {
  /// The number of samples.
  package let length: Int
  private var half: ComplexTransform?
  /// `−i ∕ 2 · exp(−2πi · k ∕ length)` for `k` up to a quarter of the length.
  private let turns: [ComplexLanes]
  private var chirp: ChirpTransform?

  package init(length: Int) {
    precondition(length > 0, "a transform has at least one sample")
    self.length = length
    guard length.isMultiple(of: 2), ComplexTransform.isFast(length / 2) else {
      turns = []
      chirp = ChirpTransform(length: length)
      return
    }
    half = ComplexTransform(length: length / 2)
    turns = (0..<length / 16).map { block in
      var lanes = ComplexLanes.zero
      for lane in 0..<4 {
        let point = UnitCirclePoint(turns: block * 4 + lane, of: length)
        lanes[lane] = ComplexNumber(
          real: Float(-0.5 * point.sine), imaginary: Float(-0.5 * point.cosine)
        )
      }
      return lanes
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
    guard chirp == nil else {
      chirp?.forward(signal, into: &spectrum)
      return
    }
    half?.run(interleaved: signal)
    if let numbers = half?.front.span {
      Self.split(numbers, turns.span, &spectrum.real, &spectrum.imaginary)
    }
  }

  /// Computes the signal whose spectrum is given: the inverse of `forward`, with its 1 ∕ n.
  ///
  /// The imaginary parts of bin 0 and, for an even length, of the last bin have no meaning in a
  /// real signal and are ignored.
  package mutating func inverse(_ spectrum: Spectrum, into signal: inout MutableSpan<Float>) {
    precondition(signal.count == length, "the signal is as long as the plan")
    precondition(spectrum.transformLength == length, "the spectrum is made for this plan")
    guard chirp == nil else {
      chirp?.inverse(spectrum, into: &signal)
      return
    }
    if half != nil {
      Self.join(spectrum, turns, &half!.front)
    }
    half?.run()
    guard let numbers = half?.front.span else { return }
    let scale = 2 / Float(length)
    for block in 0..<numbers.count {
      let result = unsafe numbers[unchecked: block].exchanged * scale
      signal.setLanes(
        SIMD8(even: result.real, odd: result.imaginary),
        from: 8 &* block
      )
    }
  }

  /// Parts the spectrum of the half-length complex signal into that of the real one.
  ///
  /// Bin `k` and its mirror image are made together: with `s = z[k]` and `t` the conjugate of
  /// `z[half − k]`, they are `(s + t) ∕ 2 ± turn · (s − t)`, the second one conjugated.
  private static func split(
    _ numbers: Span<ComplexLanes>,
    _ turns: Span<ComplexLanes>,
    _ realParts: inout [Float],
    _ imaginaryParts: inout [Float]
  ) {
    var real = realParts.mutableSpan
    var imaginary = imaginaryParts.mutableSpan
    let halfLength = real.count &- 1
    precondition(numbers.count == halfLength / 4 && turns.count == numbers.count / 2)
    var next = numbers[0]
    for block in 0..<turns.count {
      let direct = unsafe numbers[unchecked: block]
      let before = unsafe numbers[unchecked: numbers.count &- 1 &- block]
      let mirror = mirrored(before, next).conjugated
      next = before
      let sum = (direct + mirror) * 0.5
      let difference = unsafe (direct - mirror) * turns[unchecked: block]
      let bin = sum + difference
      let image = sum - difference
      real.setQuarter(bin.real, from: 4 &* block)
      imaginary.setQuarter(bin.imaginary, from: 4 &* block)
      let from = halfLength &- 3 &- 4 &* block
      real.setQuarter(image.real.turnedRound, from: from)
      imaginary.setQuarter(-image.imaginary.turnedRound, from: from)
    }
    let middle = numbers[numbers.count / 2]
    real[halfLength / 2] = middle.real[0]
    imaginary[halfLength / 2] = -middle.imaginary[0]
  }

  /// Undoes `split`: leaves in `half` the exchanged spectrum of the half-length complex signal.
  private static func join(
    _ spectrum: Spectrum,
    _ factors: [ComplexLanes],
    _ area: inout [ComplexLanes]
  ) {
    let real = spectrum.real.span
    let imaginary = spectrum.imaginary.span
    let halfLength = real.count &- 1
    let turns = factors.span
    var numbers = area.mutableSpan
    precondition(numbers.count == halfLength / 4 && turns.count == numbers.count / 2)
    // The bin in the middle is its own mirror image.
    var earlier = ComplexLanes.zero
    earlier[0] = ComplexNumber(real: -imaginary[halfLength / 2], imaginary: real[halfLength / 2])
    for step in 0..<turns.count {
      let block = turns.count &- 1 &- step
      let from = halfLength &- 3 &- 4 &* block
      let direct = ComplexLanes(
        real: real.quarter(from: 4 &* block), imaginary: imaginary.quarter(from: 4 &* block)
      )
      let mirror = ComplexLanes(
        real: real.quarter(from: from).turnedRound,
        imaginary: -imaginary.quarter(from: from).turnedRound
      )
      let sum = (direct + mirror) * 0.5
      let difference = unsafe (direct - mirror) * turns[unchecked: block].conjugated
      let image = (sum - difference).conjugated.exchanged
      unsafe numbers[unchecked: block] = (sum + difference).exchanged
      unsafe numbers[unchecked: numbers.count &- 1 &- block] = mirrored(image, earlier)
      earlier = image
    }
    numbers[0][0] = ComplexNumber(
      real: 0.5 * (real[0] - real[halfLength]), imaginary: 0.5 * (real[0] + real[halfLength])
    )
  }

  /// The last three numbers of `block`, last first, behind the first number of `next`.
  @inline(__always)
  private static func mirrored(_ block: ComplexLanes, _ next: ComplexLanes) -> ComplexLanes {
    ComplexLanes(
      real: SIMD4(next.real[0], block.real[3], block.real[2], block.real[1]),
      imaginary: SIMD4(
        next.imaginary[0], block.imaginary[3], block.imaginary[2], block.imaginary[1]
      )
    )
  }
}
