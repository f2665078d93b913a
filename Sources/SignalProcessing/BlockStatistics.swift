/// What the samples of one block have in common: level, spread and shape.
///
/// Neither a large offset nor very small or large units spoil the higher moments. Samples that are
/// not finite make every number not a number and every optional one `nil`.
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
    count = window.count
    let extent = BlockExtent(window)
    guard let block = BlockMoments(window, extent: extent) else { return }
    mean = block.mean
    minimum = extent.minimum
    maximum = extent.maximum
    variance = block.variance
    guard extent.maximum > extent.minimum else { return }
    skewness = block.moments.skewness
    kurtosis = block.moments.kurtosis
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

/// The moments of a block, taken in one pass.
///
/// Stretch by stretch the powers of the distances from a centre are summed in single precision. It is
/// zero, which costs no subtraction, until it is off by more than half a deviation; from then on the
/// mean of the stretch where that was so. In double precision they are then moved to the mean and
/// joined.
struct BlockMoments {
  /// Of the samples times `scale`, a power of two.
  private(set) var moments: RunningMoments
  private var scale = 1.0

  /// Fails where a sample is not finite.
  ///
  /// - Parameters:
  ///   - window: At least one sample.
  ///   - extent: Where it is known already.
  init?(_ window: Span<Float>, extent: BlockExtent? = nil) {
    moments = Self.moments(of: window, scale: 1)
    // The unit of the samples is wrong for fourth powers in single precision, or nothing varies.
    guard !moments.hasFourthMoment(in: 1e-20...1e30) else { return }
    let extent = extent ?? BlockExtent(window)
    let centre = Float(extent.sum / Double(window.count))
    let reach = max(extent.maximum - centre, centre - extent.minimum)
    guard extent.sum.isFinite, reach.isFinite else { return nil }
    let exponent = reach > 0 ? min(max(-Int(reach.exponent), -126), 127) : 0
    let scale = Float(sign: .plus, exponent: exponent, significand: 1)
    self.scale = Double(scale)
    moments = Self.moments(of: window, scale: scale)
  }

  var mean: Double { moments.mean / scale }

  var variance: Double { (moments.variance ?? 0) / (scale * scale) }

  /// Made part of each caller, so that a scale of 1 costs nothing.
  @inline(__always)
  private static func moments(of window: Span<Float>, scale: Float) -> RunningMoments {
    var moments = RunningMoments()
    var centre: Float = 0
    var start = 0
    while start < window.count {
      let stretch = window.extracting(start..<min(start + stretchLength, window.count))
      var sums = PowerSums(stretch, centre: centre, scale: scale)
      if sums.isFarFromMean {
        centre = Float(sums.mean / Double(scale))
        sums = PowerSums(stretch, centre: centre, scale: scale)
      }
      moments.add(sums.moments)
      start += stretch.count
    }
    return moments
  }
}

/// The sums of the first four powers of `(sample − centre) · scale` over one stretch.
private struct PowerSums {
  let count: Int
  let centre: Double
  let first: Double
  let second: Double
  let third: Double
  let fourth: Double

  @inline(__always)
  init(_ stretch: Span<Float>, centre: Float, scale: Float) {
    let lanes =
      centre == 0
      ? PowerLanes(stretch, filling: 0) { $0 * scale }
      : PowerLanes(stretch, filling: centre) { ($0 - centre) * scale }
    count = stretch.count
    self.centre = Double(centre) * Double(scale)
    first = Double(lanes.first.foldedSum())
    second = Double(lanes.second.foldedSum())
    third = Double(lanes.third.foldedSum())
    fourth = Double(lanes.fourth.foldedSum())
  }

  /// How far the mean lies from the centre.
  private var offset: Double { first / Double(count) }

  var mean: Double { centre + offset }

  /// Whether the centre is off by more than half a deviation, which would cost digits.
  var isFarFromMean: Bool { 5 * offset * offset * Double(count) > second }

  var moments: RunningMoments {
    let offset = offset
    let square = offset * offset
    return RunningMoments(
      count: count,
      mean: mean,
      second: max(0, second - first * offset),
      third: third - 3 * offset * second + 2 * first * square,
      fourth: fourth - 4 * offset * third + 6 * square * second - 3 * first * square * offset
    )
  }
}

private struct PowerLanes {
  var first = SIMD8<Float>.zero
  var second = SIMD8<Float>.zero
  var third = SIMD8<Float>.zero
  var fourth = SIMD8<Float>.zero

  /// - Parameters:
  ///   - stretch: Any number of samples.
  ///   - filling: What has no distance from the centre.
  ///   - deviation: The distances of samples from the centre.
  @inline(__always)
  init(
    _ stretch: Span<Float>,
    filling: Float,
    deviation: (SIMD8<Float>) -> SIMD8<Float>
  ) {
    var index = 0
    while index &+ 8 <= stretch.count {
      unsafe add(deviation(stretch.lanes(fromUnchecked: index)))
      index &+= 8
    }
    if index < stretch.count { add(deviation(stretch.lanes(from: index, filling: filling))) }
  }

  @inline(__always)
  private mutating func add(_ deviation: SIMD8<Float>) {
    let square = deviation * deviation
    first += deviation
    second += square
    third += square * deviation
    fourth += square * square
  }
}
