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
    passes = TransformPass.all(ofLength: length / 4)
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

  /// Replaces the signal in `front` by its spectrum, `Σ x[j] · exp(−2πi · j · k ∕ n)`.
  mutating func run() {
    Self.firstPass(from: front, to: &back, firstTwiddles)
    swap(&front, &back)
    for pass in passes {
      pass.run(from: front, to: &back)
      swap(&front, &back)
    }
  }

  /// The butterflies of four neighbours at a time, written turned around.
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
      let sums = unsafe fourPoints(
        source[unchecked: block],
        source[unchecked: block &+ quarter],
        source[unchecked: block &+ 2 &* quarter],
        source[unchecked: block &+ 3 &* quarter]
      )
      let rows = unsafe transposed(
        sums.0,
        sums.1 * twiddles[unchecked: 3 &* block],
        sums.2 * twiddles[unchecked: 3 &* block &+ 1],
        sums.3 * twiddles[unchecked: 3 &* block &+ 2]
      )
      unsafe target[unchecked: 4 &* block] = rows.0
      unsafe target[unchecked: 4 &* block &+ 1] = rows.1
      unsafe target[unchecked: 4 &* block &+ 2] = rows.2
      unsafe target[unchecked: 4 &* block &+ 3] = rows.3
    }
  }
}
