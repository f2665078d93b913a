/// One value for each of eight channels.
typealias Lanes = SIMD8<Double>
/// A choice among eight channels.
typealias LaneMask = SIMDMask<SIMD8<Int64>>

/// Beyond this no sensor reads, and sums of squares would no longer fit.
let largestUsableValue = 1e60

extension SIMD8<Double> {
  /// The absolute value of each lane.
  @inline(__always)
  var magnitudes: Lanes {
    // Without its sign bit, which is one step where choosing between two values is four.
    let bits = unsafe unsafeBitCast(self, to: SIMD8<UInt64>.self)
    return unsafe unsafeBitCast(bits & 0x7FFF_FFFF_FFFF_FFFF, to: Lanes.self)
  }

  /// The largest value, found in a fixed order.
  @inline(__always)
  var largest: Double {
    let four = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
    return Swift.max(two[0], two[1])
  }
}

/// Returns the smaller value of each lane.
@inline(__always)
func smaller(_ left: Lanes, _ right: Lanes) -> Lanes {
  left.replacing(with: right, where: right .< left)
}

/// Returns the larger value of each lane.
@inline(__always)
func larger(_ left: Lanes, _ right: Lanes) -> Lanes {
  left.replacing(with: right, where: right .> left)
}

/// Returns one over the square root of each lane, to ten digits.
///
/// The root of the standard library takes lanes apart, and with them all that leads to it: one
/// quarter of the speed of the whole detector. This is Newton's method: from a first guess within
/// 4 %, which comes from halving the exponent, three steps lead to 3e-11.
///
/// - Parameter values: Not negative; below 1e-300 they count as 1e-300.
/// - Returns: `1 ∕ √v`, the same bits on every machine.
@inline(__always)
func inverseRoots(_ values: Lanes) -> Lanes {
  let values = larger(values, Lanes(repeating: 1e-300))
  let bits = unsafe unsafeBitCast(values, to: SIMD8<UInt64>.self)
  var inverse = unsafe unsafeBitCast(0x5FE6_EB50_C7B5_37A9 &- (bits &>> 1), to: Lanes.self)
  let half = 0.5 * values
  for _ in 0..<3 {
    inverse *= 1.5 - half * inverse * inverse
  }
  return inverse
}

/// Returns, in each lane, the value whose magnitude is the middle one of five.
func middleByMagnitude(
  _ first: Lanes,
  _ second: Lanes,
  _ third: Lanes,
  _ fourth: Lanes,
  _ fifth: Lanes
) -> Lanes {
  let magnitudes = (
    first.magnitudes, second.magnitudes, third.magnitudes, fourth.magnitudes, fifth.magnitudes
  )
  // Of two pairs, the larger of the lower ends and the smaller of the upper ends remain.
  let low = larger(smaller(magnitudes.0, magnitudes.1), smaller(magnitudes.2, magnitudes.3))
  let high = smaller(larger(magnitudes.0, magnitudes.1), larger(magnitudes.2, magnitudes.3))
  let middle = larger(smaller(low, high), smaller(larger(low, high), magnitudes.4))
  return fifth.replacing(with: fourth, where: magnitudes.3 .== middle)
    .replacing(with: third, where: magnitudes.2 .== middle)
    .replacing(with: second, where: magnitudes.1 .== middle)
    .replacing(with: first, where: magnitudes.0 .== middle)
}

extension LaneMask {
  /// Whether all lanes are chosen: `all` of the standard library takes the lanes apart.
  @inline(__always)
  var isFull: Bool { Lanes.one.replacing(with: 0, where: self).largest == 0 }
}

extension SIMD8<Int32> {
  /// Whether each lane is in `0..<count`.
  @inline(__always)
  func areIndices(below count: Int32) -> Bool {
    // Negative in each lane that is not.
    let eight = self | (count &- 1 &- self)
    let four = eight.lowHalf | eight.highHalf
    let two = four.lowHalf | four.highHalf
    return two[0] | two[1] >= 0
  }
}

extension MutableSpan<Double> {
  /// The eight values at the given places, which must exist.
  ///
  /// Written out, because a loop over lanes goes through memory and waits for it each time.
  @inline(__always)
  @unsafe
  func lanes(uncheckedAt places: SIMD8<Int32>) -> Lanes {
    unsafe Lanes(
      self[unchecked: Int(places[0])],
      self[unchecked: Int(places[1])],
      self[unchecked: Int(places[2])],
      self[unchecked: Int(places[3])],
      self[unchecked: Int(places[4])],
      self[unchecked: Int(places[5])],
      self[unchecked: Int(places[6])],
      self[unchecked: Int(places[7])]
    )
  }

  /// Puts eight values at the given places, which must exist.
  @inline(__always)
  @unsafe
  mutating func set(_ values: Lanes, uncheckedAt places: SIMD8<Int32>) {
    unsafe self[unchecked: Int(places[0])] = values[0]
    unsafe self[unchecked: Int(places[1])] = values[1]
    unsafe self[unchecked: Int(places[2])] = values[2]
    unsafe self[unchecked: Int(places[3])] = values[3]
    unsafe self[unchecked: Int(places[4])] = values[4]
    unsafe self[unchecked: Int(places[5])] = values[5]
    unsafe self[unchecked: Int(places[6])] = values[6]
    unsafe self[unchecked: Int(places[7])] = values[7]
  }
}
