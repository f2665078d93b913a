/// How many samples are summed in single precision before the sum goes on in double precision.
///
/// It bounds the rounding error of a long block: 64 additions per lane.
let stretchLength = 2048

/// Returns the root mean square of a block, in the unit of its samples.
///
/// Not a number where a sample is not; squares leave the range of `Float` for samples below 1e-19
/// or above 1e19. Error: below 1e-5 of the result. Complexity: one pass.
package func rootMeanSquare(_ window: Span<Float>) -> Float {
  precondition(!window.isEmpty, "an empty window has no root mean square")
  return Float((products(window, window) / Double(window.count)).squareRoot())
}

/// Returns the mean of a block, in the unit of its samples; not a number where a sample is not.
///
/// Summed in double precision. Complexity: one pass.
package func mean(_ window: Span<Float>) -> Float {
  precondition(!window.isEmpty, "an empty window has no mean")
  var sums = (0.0, 0.0, 0.0, 0.0)
  var index = 0
  while index &+ 4 <= window.count {
    let four = unsafe window.quarter(fromUnchecked: index)
    sums.0 += Double(four[0])
    sums.1 += Double(four[1])
    sums.2 += Double(four[2])
    sums.3 += Double(four[3])
    index &+= 4
  }
  for rest in index..<window.count { sums.0 += Double(window[rest]) }
  return Float(((sums.0 + sums.2) + (sums.1 + sums.3)) / Double(window.count))
}

/// Returns the sum of the products of two blocks of the same length, zero for empty ones.
///
/// Complexity: one pass over both.
package func sumOfProducts(_ one: Span<Float>, _ other: Span<Float>) -> Double {
  precondition(one.count == other.count, "both blocks have the same length")
  return products(one, other)
}

/// Made part of each caller, so that a block times itself is read once.
@inline(__always)
private func products(_ one: Span<Float>, _ other: Span<Float>) -> Double {
  let count = one.count
  var total = 0.0
  var start = 0
  while start < count {
    let end = min(start + stretchLength, count)
    // Four sums at a time, for an addition takes longer than a load.
    var first = SIMD8<Float>.zero
    var second = SIMD8<Float>.zero
    var third = SIMD8<Float>.zero
    var fourth = SIMD8<Float>.zero
    var index = start
    while index &+ 32 <= end {
      unsafe first += one.lanes(fromUnchecked: index) * other.lanes(fromUnchecked: index)
      unsafe second +=
        one.lanes(fromUnchecked: index &+ 8) * other.lanes(fromUnchecked: index &+ 8)
      unsafe third +=
        one.lanes(fromUnchecked: index &+ 16) * other.lanes(fromUnchecked: index &+ 16)
      unsafe fourth +=
        one.lanes(fromUnchecked: index &+ 24) * other.lanes(fromUnchecked: index &+ 24)
      index &+= 32
    }
    while index < end {
      first += one.lanes(from: index, filling: 0) * other.lanes(from: index, filling: 0)
      index &+= 8
    }
    total += Double(((first + second) + (third + fourth)).foldedSum())
    start = end
  }
  return total
}

/// Returns the largest distance of a sample from zero, in the unit of the samples.
///
/// Not a number where a sample is not. Complexity: one pass.
package func peak(_ window: Span<Float>) -> Float {
  precondition(!window.isEmpty, "an empty window has no peak")
  return BlockLevel(window).peak
}

/// Returns the peak divided by the root mean square: √2 for a sine, more for a signal with shocks.
///
/// Complexity: one pass.
///
/// - Returns: `nil` for a block of zeros, for one with a sample that is not finite, and for samples
///   whose squares leave the range of `Float`; `BlockStatistics` has no such limit.
package func crestFactor(_ window: Span<Float>) -> Float? {
  precondition(!window.isEmpty, "an empty window has no crest factor")
  let level = BlockLevel(window)
  guard level.sumOfSquares.isFinite, level.sumOfSquares > 0 else { return nil }
  let mean = (level.sumOfSquares / Double(window.count)).squareRoot()
  return Float(Double(level.peak) / mean)
}

/// Returns the fourth central moment divided by the squared variance: 3 for normal noise, 1.5 for a
/// sine, more for a signal with shocks.
///
/// Complexity: one pass.
///
/// - Returns: `nil` for a block that does not vary and for one with a sample that is not finite.
package func kurtosis(_ window: Span<Float>) -> Float? {
  precondition(!window.isEmpty, "an empty window has no kurtosis")
  return BlockMoments(window)?.moments.kurtosis.map { Float($0) }
}

/// The sum of the squares and the largest magnitude of a block.
private struct BlockLevel {
  private(set) var sumOfSquares = 0.0
  private(set) var peak: Float

  init(_ window: Span<Float>) {
    var greatest = SIMD8<Float>.zero
    var start = 0
    while start < window.count {
      let end = min(start + stretchLength, window.count)
      var first = SIMD8<Float>.zero
      var second = SIMD8<Float>.zero
      var index = start
      while index &+ 16 <= end {
        let one = unsafe window.lanes(fromUnchecked: index)
        let other = unsafe window.lanes(fromUnchecked: index &+ 8)
        first += one * one
        second += other * other
        greatest = greatest.larger(one.magnitudes).larger(other.magnitudes)
        index &+= 16
      }
      while index < end {
        let block = window.lanes(from: index, filling: 0)
        first += block * block
        greatest = greatest.larger(block.magnitudes)
        index &+= 8
      }
      sumOfSquares += Double((first + second).foldedSum())
      start = end
    }
    peak = sumOfSquares.isNaN ? .nan : greatest.foldedMaximum()
  }
}

/// The sum and the extremes of a block.
struct BlockExtent {
  private(set) var sum = 0.0
  private(set) var minimum: Float
  private(set) var maximum: Float

  init(_ window: Span<Float>) {
    minimum = window[0]
    maximum = window[0]
    var least = SIMD8(repeating: window[0])
    var greatest = least
    var start = 0
    while start < window.count {
      let end = min(start + stretchLength, window.count)
      var first = SIMD8<Float>.zero
      var second = SIMD8<Float>.zero
      var index = start
      while index &+ 16 <= end {
        let one = unsafe window.lanes(fromUnchecked: index)
        let other = unsafe window.lanes(fromUnchecked: index &+ 8)
        first += one
        second += other
        least = least.smaller(one).smaller(other)
        greatest = greatest.larger(one).larger(other)
        index &+= 16
      }
      while index < end {
        first += window.lanes(from: index, filling: 0)
        let block = window.lanes(from: index, filling: window[0])
        least = least.smaller(block)
        greatest = greatest.larger(block)
        index &+= 8
      }
      sum += Double((first + second).foldedSum())
      start = end
    }
    minimum = sum.isNaN ? .nan : least.foldedMinimum()
    maximum = sum.isNaN ? .nan : greatest.foldedMaximum()
  }
}

extension SIMD8<Float> {
  /// The lanes without their sign.
  @inline(__always)
  fileprivate var magnitudes: Self {
    let bits = unsafe unsafeBitCast(self, to: SIMD8<UInt32>.self)
    return unsafe unsafeBitCast(bits & 0x7FFF_FFFF, to: Self.self)
  }

  @inline(__always)
  fileprivate func smaller(_ other: Self) -> Self { replacing(with: other, where: other .< self) }

  @inline(__always)
  fileprivate func larger(_ other: Self) -> Self { replacing(with: other, where: other .> self) }
}
