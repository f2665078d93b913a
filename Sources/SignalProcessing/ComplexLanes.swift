/// Four complex numbers side by side: the unit in which transforms read, compute and write.
///
/// An array of these is a complex signal in natural order; number `k` is lane `k % 4` of element
/// `k ∕ 4`. No operation mixes lanes, so the bits do not depend on how wide a machine computes.
struct ComplexLanes: Hashable, Sendable {
  var real: SIMD4<Float>
  var imaginary: SIMD4<Float>

  static let zero = ComplexLanes(real: .zero, imaginary: .zero)

  @inline(__always)
  init(real: SIMD4<Float>, imaginary: SIMD4<Float>) {
    self.real = real
    self.imaginary = imaginary
  }

  /// Four times the same number.
  @inline(__always)
  init(repeating number: ComplexNumber) {
    real = SIMD4(repeating: number.real)
    imaginary = SIMD4(repeating: number.imaginary)
  }

  @inline(__always)
  static func + (one: Self, other: Self) -> Self {
    Self(real: one.real + other.real, imaginary: one.imaginary + other.imaginary)
  }

  @inline(__always)
  static func - (one: Self, other: Self) -> Self {
    Self(real: one.real - other.real, imaginary: one.imaginary - other.imaginary)
  }

  @inline(__always)
  static func * (one: Self, other: Self) -> Self {
    Self(
      real: one.real * other.real - one.imaginary * other.imaginary,
      imaginary: one.real * other.imaginary + one.imaginary * other.real
    )
  }

  @inline(__always)
  static func * (one: Self, factor: Float) -> Self {
    Self(real: one.real * factor, imaginary: one.imaginary * factor)
  }

  /// `self + i · other`.
  @inline(__always)
  func plusTurned(_ other: Self) -> Self {
    Self(real: real - other.imaginary, imaginary: imaginary + other.real)
  }

  /// `self − i · other`.
  @inline(__always)
  func minusTurned(_ other: Self) -> Self {
    Self(real: real + other.imaginary, imaginary: imaginary - other.real)
  }

  /// The same numbers with real and imaginary part exchanged.
  ///
  /// Around a forward transform this makes the inverse one.
  @inline(__always)
  var exchanged: Self { Self(real: imaginary, imaginary: real) }

  @inline(__always)
  var conjugated: Self { Self(real: real, imaginary: -imaginary) }

  subscript(lane: Int) -> ComplexNumber {
    @inline(__always) get {
      ComplexNumber(real: real[lane], imaginary: imaginary[lane])
    }
    @inline(__always) set {
      real[lane] = newValue.real
      imaginary[lane] = newValue.imaginary
    }
  }
}

/// One complex number in single precision.
struct ComplexNumber: Hashable, Sendable {
  var real: Float
  var imaginary: Float

  init(real: Float, imaginary: Float) {
    self.real = real
    self.imaginary = imaginary
  }

  /// `exp(−2πi · numerator ∕ denominator)`, rounded once.
  init(twiddle numerator: Int, of denominator: Int) {
    let point = UnitCirclePoint(turns: numerator, of: denominator)
    real = Float(point.cosine)
    imaginary = Float(-point.sine)
  }

  static func * (one: Self, other: Self) -> Self {
    Self(
      real: one.real * other.real - one.imaginary * other.imaginary,
      imaginary: one.real * other.imaginary + one.imaginary * other.real
    )
  }
}

/// The rows of the square whose columns have been computed.
@inline(__always)
func transposed(
  _ a: ComplexLanes,
  _ b: ComplexLanes,
  _ c: ComplexLanes,
  _ d: ComplexLanes
) -> (ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes) {
  joined(
    transposed(a.real, b.real, c.real, d.real),
    transposed(a.imaginary, b.imaginary, c.imaginary, d.imaginary)
  )
}

/// The rows of the square whose columns are read from memory.
@inline(__always)
func transposedAsRead(
  _ a: ComplexLanes,
  _ b: ComplexLanes,
  _ c: ComplexLanes,
  _ d: ComplexLanes
) -> (ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes) {
  joined(
    transposedAsRead(a.real, b.real, c.real, d.real),
    transposedAsRead(a.imaginary, b.imaginary, c.imaginary, d.imaginary)
  )
}

private typealias FourRows = (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>)

@inline(__always)
private func joined(
  _ real: FourRows,
  _ imaginary: FourRows
) -> (ComplexLanes, ComplexLanes, ComplexLanes, ComplexLanes) {
  (
    ComplexLanes(real: real.0, imaginary: imaginary.0),
    ComplexLanes(real: real.1, imaginary: imaginary.1),
    ComplexLanes(real: real.2, imaginary: imaginary.2),
    ComplexLanes(real: real.3, imaginary: imaginary.3)
  )
}

extension RawSpan {
  /// Element `index` of a complex signal; the caller knows that the bytes are one, and reach so far.
  ///
  /// They may begin anywhere: eight samples of a real signal are an element as well.
  @inline(__always)
  @unsafe
  func complexLanes(fromUnchecked index: Int) -> ComplexLanes {
    unsafe ComplexLanes(
      real: unsafeLoadUnaligned(fromUncheckedByteOffset: 32 &* index, as: SIMD4<Float>.self),
      imaginary: unsafeLoadUnaligned(
        fromUncheckedByteOffset: 32 &* index &+ 16,
        as: SIMD4<Float>.self
      )
    )
  }
}
