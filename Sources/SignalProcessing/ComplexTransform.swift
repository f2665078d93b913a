/// The discrete Fourier transform of complex signals whose length is 16 · 2ᵃ · 3ᵇ · 5ᶜ.
///
/// The plan holds the twiddle factors and two work areas; a run allocates nothing. It is a Stockham
/// transform: each pass reads one area in order and writes the other in order, so no reordering is
/// needed at the end. The first pass has radix 4 and turns four numbers around, after which all
/// numbers of a lane share their twiddle factors.
///
/// Complexity: O(n log n) time; 16 · n bytes of work area, 14 · n bytes of twiddle factors.
///
/// - SeeAlso: Van Loan, "Computational Frameworks for the Fast Fourier Transform", SIAM (1992),
///   section 1.7. doi:10.1137/1.9781611970999
struct ComplexTransform: Sendable {
  let length: Int
  private let firstTwiddles: [ComplexLanes]
  private let passes: [TransformPass]
  /// What a run transforms: the signal before, the spectrum after, both in natural order.
  var front: [ComplexLanes]
  private var back: [ComplexLanes]

  init(length: Int) {
    precondition(Self.isFast(length), "\(length) is not 16 · 2ᵃ · 3ᵇ · 5ᶜ")
    self.length = length
    firstTwiddles = (0..<length / 16).flatMap { block in
      (1...3).map { power in
        var lanes = ComplexLanes.zero
        for lane in 0..<4 {
          lanes[lane] = ComplexNumber(twiddle: (block * 4 + lane) * power, of: length)
        }
        return lanes
      }
    }
    var passes: [TransformPass] = []
    var rest = length / 4
    for radix in Self.radices(of: rest) {
      passes.append(TransformPass(radix: radix, length: rest, stride: length / 4 / rest))
      rest /= radix
    }
    self.passes = passes
    front = Array(repeating: .zero, count: length / 4)
    back = front
  }

  /// Whether `length` is 16 · 2ᵃ · 3ᵇ · 5ᶜ.
  static func isFast(_ length: Int) -> Bool {
    guard length > 0, length.isMultiple(of: 16) else { return false }
    var rest = length
    for factor in [2, 3, 5] {
      while rest.isMultiple(of: factor) { rest /= factor }
    }
    return rest == 1
  }

  /// The shortest fast length that is not below `length`.
  static func fastLength(atLeast length: Int) -> Int {
    var candidate = max(16, (length + 15) / 16 * 16)
    while !isFast(candidate) { candidate += 16 }
    return candidate
  }

  /// The radices whose product is `rest`, a multiple of 4: those of 8 last, for the last pass needs
  /// no twiddle factors.
  private static func radices(of rest: Int) -> [Int] {
    var radices: [Int] = []
    var rest = rest
    for factor in [5, 3] {
      while rest.isMultiple(of: factor) {
        radices.append(factor)
        rest /= factor
      }
    }
    while rest.trailingZeroBitCount % 3 != 0 {
      radices.append(4)
      rest /= 4
    }
    while rest > 1 {
      radices.append(8)
      rest /= 8
    }
    return radices
  }

  /// Replaces the signal in `front` by its spectrum, `Σ x[j] · exp(−2πi · j · k ∕ n)`.
  mutating func run() {
    Self.firstPass(from: front, to: &back, firstTwiddles)
    runLaterPasses()
  }

  /// Leaves in `front` the spectrum of the signal whose real and imaginary parts alternate.
  mutating func run(interleaved signal: Span<Float>) {
    precondition(signal.count == 2 * length, "the signal is as long as the plan")
    Self.firstPass(interleaved: signal, to: &back, firstTwiddles)
    runLaterPasses()
  }

  private mutating func runLaterPasses() {
    swap(&front, &back)
    for pass in passes {
      pass.run(from: front, to: &back)
      swap(&front, &back)
    }
  }

  private static func firstPass(
    from area: [ComplexLanes],
    to targetArea: inout [ComplexLanes],
    _ factors: [ComplexLanes]
  ) {
    let source = area.span
    let twiddles = factors.span
    var target = targetArea.mutableSpan
    let quarter = target.count / 4
    precondition(source.count == target.count && twiddles.count == 3 * quarter)
    for block in 0..<quarter {
      unsafe firstButterfly(
        source[unchecked: block],
        source[unchecked: block &+ quarter],
        source[unchecked: block &+ 2 &* quarter],
        source[unchecked: block &+ 3 &* quarter],
        twiddles,
        block,
        &target
      )
    }
  }

  private static func firstPass(
    interleaved source: Span<Float>,
    to targetArea: inout [ComplexLanes],
    _ factors: [ComplexLanes]
  ) {
    let twiddles = factors.span
    var target = targetArea.mutableSpan
    let quarter = target.count / 4
    precondition(source.count == 8 * target.count && twiddles.count == 3 * quarter)
    for block in 0..<quarter {
      unsafe firstButterfly(
        separated(source.lanes(fromUnchecked: 8 &* block)),
        separated(source.lanes(fromUnchecked: 8 &* (block &+ quarter))),
        separated(source.lanes(fromUnchecked: 8 &* (block &+ 2 &* quarter))),
        separated(source.lanes(fromUnchecked: 8 &* (block &+ 3 &* quarter))),
        twiddles,
        block,
        &target
      )
    }
  }

  @inline(__always)
  private static func separated(_ pairs: SIMD8<Float>) -> ComplexLanes {
    ComplexLanes(real: pairs.evenHalf, imaginary: pairs.oddHalf)
  }

  /// The butterflies of four neighbours, written turned around.
  @inline(__always)
  private static func firstButterfly(
    _ one: ComplexLanes,
    _ two: ComplexLanes,
    _ three: ComplexLanes,
    _ four: ComplexLanes,
    _ twiddles: Span<ComplexLanes>,
    _ block: Int,
    _ target: inout MutableSpan<ComplexLanes>
  ) {
    let even = one + three
    let odd = one - three
    let evenRest = two + four
    let oddRest = two - four
    let first = even + evenRest
    let second = unsafe odd.minusTurned(oddRest) * twiddles[unchecked: 3 &* block]
    let third = unsafe (even - evenRest) * twiddles[unchecked: 3 &* block &+ 1]
    let fourth = unsafe odd.plusTurned(oddRest) * twiddles[unchecked: 3 &* block &+ 2]
    let real = transposed(first.real, second.real, third.real, fourth.real)
    let imaginary = transposed(
      first.imaginary,
      second.imaginary,
      third.imaginary,
      fourth.imaginary
    )
    unsafe target[unchecked: 4 &* block] = ComplexLanes(real: real.0, imaginary: imaginary.0)
    unsafe target[unchecked: 4 &* block &+ 1] = ComplexLanes(real: real.1, imaginary: imaginary.1)
    unsafe target[unchecked: 4 &* block &+ 2] = ComplexLanes(real: real.2, imaginary: imaginary.2)
    unsafe target[unchecked: 4 &* block &+ 3] = ComplexLanes(real: real.3, imaginary: imaginary.3)
  }
}
