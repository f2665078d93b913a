/// What the samples of one block have in common: level, spread and shape.
///
/// Computed in two passes, the second around the mean and scaled by a power of two, so that neither
/// a large offset nor very small or large units spoil the higher moments. Samples that are not
/// finite make every number not a number and every optional one `nil`.
package struct BlockStatistics: Hashable, Sendable {
  package let count: Int
  package private(set) var mean = Double.nan
  package private(set) var minimum = Float.nan
  package private(set) var maximum = Float.nan
  /// The mean squared deviation from the mean (divided by the count).
  package private(set) var variance = Double.nan
  /// The third moment over the variance to 3 ∕ 2; `nil` for a block that does not vary.
  package private(set) var skewness: Double?
  /// The fourth moment over the squared variance, 3 for normal noise; `nil` for a block that does
  /// not vary.
  package private(set) var kurtosis: Double?

  package init(_ window: Span<Float>) {
    precondition(!window.isEmpty, "an empty window has no statistics")
    let extent = BlockExtent(window)
    let count = Double(window.count)
    let centre = Float(extent.sum / count)
    let reach = max(extent.maximum - centre, centre - extent.minimum)
    self.count = window.count
    guard extent.sum.isFinite, reach.isFinite else { return }
    let exponent = reach > 0 ? min(max(-Int(reach.exponent), -126), 127) : 0
    let scale = Float(sign: .plus, exponent: exponent, significand: 1)
    let sums = PowerSums(window, centre: centre, scale: scale)

    // The centre is the mean rounded to a Float; the rest is mended here.
    let rest = sums.first / count
    let second = sums.second - count * rest * rest
    let third = sums.third - 3 * rest * sums.second + 2 * count * rest * rest * rest
    let fourth =
      sums.fourth - 4 * rest * sums.third + 6 * rest * rest * sums.second
      - 3 * count * rest * rest * rest * rest
    let variance = max(0, second / count)
    let scaleBack = 1 / Double(scale)
    mean = Double(centre) + rest * scaleBack
    minimum = extent.minimum
    maximum = extent.maximum
    self.variance = variance * scaleBack * scaleBack
    guard extent.maximum > extent.minimum, variance > 0 else { return }
    skewness = third / count / (variance * variance.squareRoot())
    kurtosis = fourth / count / (variance * variance)
  }

  package var standardDeviation: Double { variance.squareRoot() }

  package var rootMeanSquare: Double { (mean * mean + variance).squareRoot() }

  /// The largest distance of a sample from zero.
  package var peak: Float { max(-minimum, maximum) }

  /// The peak over the root mean square; `nil` for a block of zeros.
  package var crestFactor: Double? {
    let value = Double(peak) / rootMeanSquare
    return value.isFinite ? value : nil
  }
}

/// The sums of the first four powers of `(sample − centre) · scale`.
private struct PowerSums {
  var first = 0.0
  var second = 0.0
  var third = 0.0
  var fourth = 0.0

  init(_ window: Span<Float>, centre: Float, scale: Float) {
    var start = 0
    while start < window.count {
      let end = min(start + stretchLength, window.count)
      var lanes = PowerLanes()
      var index = start
      while index &+ 8 <= end {
        unsafe lanes.add((window.lanes(fromUnchecked: index) - centre) * scale)
        index &+= 8
      }
      if index < end {
        lanes.add((window.lanes(from: index, filling: centre) - centre) * scale)
      }
      first += Double(lanes.first.foldedSum())
      second += Double(lanes.second.foldedSum())
      third += Double(lanes.third.foldedSum())
      fourth += Double(lanes.fourth.foldedSum())
      start = end
    }
  }
}

private struct PowerLanes {
  var first = SIMD8<Float>.zero
  var second = SIMD8<Float>.zero
  var third = SIMD8<Float>.zero
  var fourth = SIMD8<Float>.zero

  @inline(__always)
  mutating func add(_ deviation: SIMD8<Float>) {
    let square = deviation * deviation
    first += deviation
    second += square
    third += square * deviation
    fourth += square * square
  }
}
