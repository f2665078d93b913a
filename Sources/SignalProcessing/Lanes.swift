extension Span<Float> {
  /// The eight values from `index` on; all of them must exist.
  @inline(__always)
  func lanes(from index: Int) -> SIMD8<Float> {
    // Unsafe only because any bytes would be accepted; every pattern of 32 bits is a Float.
    unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index &* 4, as: SIMD8<Float>.self)
  }

  /// The four values from `index` on; all of them must exist.
  @inline(__always)
  func quarter(from index: Int) -> SIMD4<Float> {
    unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index &* 4, as: SIMD4<Float>.self)
  }
}

extension MutableSpan<Float> {
  /// Replaces the eight values from `index` on; all of them must exist.
  @inline(__always)
  mutating func setLanes(_ lanes: SIMD8<Float>, from index: Int) {
    // Unsafe only because any bytes could be written; a vector of Float is made of valid ones.
    var bytes = unsafe mutableBytes
    bytes.storeBytes(of: lanes, toByteOffset: index &* 4, as: SIMD8<Float>.self)
  }

  /// Replaces the four values from `index` on; all of them must exist.
  @inline(__always)
  mutating func setQuarter(_ lanes: SIMD4<Float>, from index: Int) {
    // Unsafe only because any bytes could be written; a vector of Float is made of valid ones.
    var bytes = unsafe mutableBytes
    bytes.storeBytes(of: lanes, toByteOffset: index &* 4, as: SIMD4<Float>.self)
  }
}

extension SIMD8<Float> {
  /// The lanes of two vectors in turn: one of `even`, one of `odd`, …
  @inline(__always)
  init(even: SIMD4<Float>, odd: SIMD4<Float>) {
    self = Self(
      even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]
    )
  }
}

extension SIMD4<Float> {
  /// The same values, last first.
  @inline(__always)
  var turnedRound: Self { Self(self[3], self[2], self[1], self[0]) }
}
