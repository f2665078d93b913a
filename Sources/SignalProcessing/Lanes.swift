extension Span<Float> {
  /// The values from `index` on, up to eight, and `filling` where there are none left.
  @inline(__always)
  func lanes(from index: Int, filling: Float) -> SIMD8<Float> {
    var lanes = SIMD8(repeating: filling)
    for lane in 0..<Swift.min(8, count - index) { lanes[lane] = self[index + lane] }
    return lanes
  }

  /// The eight values from `index` on, which the caller knows to exist.
  ///
  /// Any bytes would be accepted, but every pattern of 32 bits is a `Float`.
  @inline(__always)
  @unsafe
  func lanes(fromUnchecked index: Int) -> SIMD8<Float> {
    unsafe bytes.unsafeLoadUnaligned(
      fromUncheckedByteOffset: index &* 4,
      as: SIMD8<Float>.self
    )
  }

  /// The four values from `index` on, which the caller knows to exist.
  @inline(__always)
  @unsafe
  func quarter(fromUnchecked index: Int) -> SIMD4<Float> {
    unsafe bytes.unsafeLoadUnaligned(
      fromUncheckedByteOffset: index &* 4,
      as: SIMD4<Float>.self
    )
  }
}

extension MutableSpan<Float> {
  /// The eight values from `index` on, which the caller knows to exist.
  @inline(__always)
  @unsafe
  func lanes(fromUnchecked index: Int) -> SIMD8<Float> {
    unsafe bytes.unsafeLoadUnaligned(
      fromUncheckedByteOffset: index &* 4,
      as: SIMD8<Float>.self
    )
  }

  /// Replaces the eight values from `index` on, which the caller knows to exist.
  @inline(__always)
  @unsafe
  mutating func setLanes(_ lanes: SIMD8<Float>, fromUnchecked index: Int) {
    var bytes = unsafe mutableBytes
    unsafe bytes.storeBytes(
      of: lanes,
      toUncheckedByteOffset: index &* 4,
      as: SIMD8<Float>.self
    )
  }

  /// Replaces the four values from `index` on, which the caller knows to exist.
  @inline(__always)
  @unsafe
  mutating func setQuarter(_ lanes: SIMD4<Float>, fromUnchecked index: Int) {
    var bytes = unsafe mutableBytes
    unsafe bytes.storeBytes(
      of: lanes,
      toUncheckedByteOffset: index &* 4,
      as: SIMD4<Float>.self
    )
  }
}

extension SIMD8<Float> {
  /// The sum of the lanes: 8 → 4 → 2 → 1, always in that order.
  @inline(__always)
  package func foldedSum() -> Float {
    let four = lowHalf + highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }

  /// The smallest lane; a lane that is not a number is passed over unless it is the first.
  @inline(__always)
  func foldedMinimum() -> Float {
    var least = self[0]
    for lane in 1..<8 where self[lane] < least { least = self[lane] }
    return least
  }

  /// The largest lane; a lane that is not a number is passed over unless it is the first.
  @inline(__always)
  package func foldedMaximum() -> Float {
    var greatest = self[0]
    for lane in 1..<8 where self[lane] > greatest { greatest = self[lane] }
    return greatest
  }
}

extension SIMD4<Float> {
  /// The same values, last first.
  @inline(__always)
  var turnedRound: Self { Self(self[3], self[2], self[1], self[0]) }
}

/// The rows of the square whose columns are read from memory.
@inline(__always)
func transposedAsRead(
  _ a: SIMD4<Float>,
  _ b: SIMD4<Float>,
  _ c: SIMD4<Float>,
  _ d: SIMD4<Float>
) -> (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) {
  (
    SIMD4(a[0], b[0], c[0], d[0]),
    SIMD4(a[1], b[1], c[1], d[1]),
    SIMD4(a[2], b[2], c[2], d[2]),
    SIMD4(a[3], b[3], c[3], d[3])
  )
}

/// The rows of the square whose columns have been computed.
///
/// Written with masks and shifts of neighbouring lanes, not lane by lane: what is written lane by
/// lane the optimizer also computes lane by lane, with everything that comes before it.
@inline(__always)
func transposed(
  _ a: SIMD4<Float>,
  _ b: SIMD4<Float>,
  _ c: SIMD4<Float>,
  _ d: SIMD4<Float>
) -> (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) {
  let low = SIMD2<UInt64>(repeating: 0xFFFF_FFFF)
  let evenLeft = (a.pairs & low) | (b.pairs &<< 32)
  let evenRight = (c.pairs & low) | (d.pairs &<< 32)
  let oddLeft = (a.pairs &>> 32) | (b.pairs & ~low)
  let oddRight = (c.pairs &>> 32) | (d.pairs & ~low)
  return (
    SIMD4(pairs: SIMD2(evenLeft[0], evenRight[0])),
    SIMD4(pairs: SIMD2(oddLeft[0], oddRight[0])),
    SIMD4(pairs: SIMD2(evenLeft[1], evenRight[1])),
    SIMD4(pairs: SIMD2(oddLeft[1], oddRight[1]))
  )
}

extension SIMD4<Float> {
  /// The same bits as two whole numbers, the first of two lanes in the lower half (all machines
  /// that Vigie runs on are little-endian).
  @inline(__always)
  fileprivate var pairs: SIMD2<UInt64> { unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self) }

  @inline(__always)
  fileprivate init(pairs: SIMD2<UInt64>) {
    self = unsafe unsafeBitCast(pairs, to: SIMD4<Float>.self)
  }
}
