/// How well lines at the multiples of a rate stand out of a spectrum, for each of many rates.
///
/// Point `p` stands for the rate of `p ∕ 4` bins; its first four multiples are looked up in the bins
/// nearest to them, the upper one of two that are equally near.
package enum LineComb {
  /// Points of the grid of rates per bin: a step moves the fourth multiple by one bin.
  package static let pointsPerBin = 4
  /// What each multiple of a rate counts.
  private static let weights: (Float, Float, Float, Float) = (1, 0.8, 0.6, 0.5)

  /// Computes the comb for a range of points, and for those that complete its groups of four.
  ///
  /// It is the weighted sum of the four lines, less what the strongest has over twice the second (a
  /// line that stands alone counts little), and at most three and a half times what stands at the rate
  /// itself and a half (multiples without their rate count little as well).
  ///
  /// - Parameters:
  ///   - points: Those beyond the comb or the spectrum are left out.
  ///   - rise: What stands at each bin.
  ///   - lines: The same with what belongs to each line beside it.
  ///   - comb: One value for each point, a multiple of four.
  package static func run(
    _ points: Range<Int>,
    rise: [Float],
    lines: [Float],
    into comb: inout [Float]
  ) {
    let rise = rise.span
    let lines = lines.span
    var comb = comb.mutableSpan
    precondition(rise.count == lines.count && comb.count % 4 == 0, "a value for each bin")
    precondition(points.lowerBound >= 0, "rates are not negative")
    // The fourth multiple of a group is read highest: bins 4 · group to 4 · group + 3.
    let groups = min((points.upperBound + 3) / 4, comb.count / 4, lines.count / 4)
    var group = points.lowerBound / 4
    while group < groups {
      let base = unsafe nearest(rise.quarter(fromUnchecked: group)).single
      let single = unsafe nearest(lines.quarter(fromUnchecked: group)).single
      let double = unsafe nearest(lines.quarter(fromUnchecked: 2 &* group)).double
      let triple = unsafe nearest(lines.quarter(fromUnchecked: 3 &* group)).triple
      let quadruple = unsafe lines.quarter(fromUnchecked: 4 &* group)
      let values = value(
        base,
        single * weights.0,
        double * weights.1,
        triple * weights.2,
        quadruple * weights.3
      )
      unsafe comb.setQuarter(values, fromUnchecked: 4 &* group)
      group &+= 1
    }
  }

  /// The bins that four neighbouring points find, from the first of them on.
  @inline(__always)
  private static func nearest(
    _ bins: SIMD4<Float>
  ) -> (single: SIMD4<Float>, double: SIMD4<Float>, triple: SIMD4<Float>) {
    (
      SIMD4(bins[0], bins[0], bins[1], bins[1]), SIMD4(bins[0], bins[1], bins[1], bins[2]),
      SIMD4(bins[0], bins[1], bins[2], bins[2])
    )
  }

  @inline(__always)
  private static func value(
    _ base: SIMD4<Float>,
    _ one: SIMD4<Float>,
    _ two: SIMD4<Float>,
    _ three: SIMD4<Float>,
    _ four: SIMD4<Float>
  ) -> SIMD4<Float> {
    let sum = one + two + three + four
    let (low, high) = (lower(one, two), higher(one, two))
    let (lowOther, highOther) = (lower(three, four), higher(three, four))
    let first = higher(high, highOther)
    let second = higher(lower(high, highOther), higher(low, lowOther))
    let alone = higher(.zero, first - 2 * second - 0.3)
    return lower(sum - alone, 3.5 * base + 0.5)
  }

  @inline(__always)
  private static func lower(_ one: SIMD4<Float>, _ other: SIMD4<Float>) -> SIMD4<Float> {
    one.replacing(with: other, where: one .> other)
  }

  @inline(__always)
  private static func higher(_ one: SIMD4<Float>, _ other: SIMD4<Float>) -> SIMD4<Float> {
    other.replacing(with: one, where: one .> other)
  }

  /// The highest value of a range of points; −∞ where there is none.
  package static func highest(in points: Range<Int>, of comb: [Float]) -> Float {
    let comb = comb.span
    let end = min(points.upperBound, comb.count)
    var index = points.lowerBound
    var lanes = SIMD4<Float>(repeating: -.infinity)
    while index &+ 4 <= end {
      lanes = unsafe higher(comb.quarter(fromUnchecked: index), lanes)
      index &+= 4
    }
    var highest = -Float.infinity
    for lane in 0..<4 where lanes[lane] > highest { highest = lanes[lane] }
    while index < end {
      if comb[index] > highest { highest = comb[index] }
      index &+= 1
    }
    return highest
  }

  /// The highest value of a range of points and the first point that has it.
  package static func best(
    in points: Range<Int>,
    of comb: [Float]
  ) -> (value: Float, point: Int) {
    let value = highest(in: points, of: comb)
    let comb = comb.span
    var point = points.lowerBound
    while point < min(points.upperBound, comb.count), comb[point] != value { point += 1 }
    return (value, point < comb.count ? point : points.lowerBound)
  }

  /// Copies the first values, those above a limit as that limit.
  package static func copy(
    _ count: Int,
    of values: [Float],
    upTo limit: Float = .infinity,
    into copy: inout [Float]
  ) {
    let values = values.span.extracting(first: count)
    var copy = copy.mutableSpan
    precondition(values.count == count && copy.count >= count, "as many values")
    let limits = SIMD8(repeating: limit)
    var index = 0
    while index &+ 8 <= count {
      let lanes = unsafe values.lanes(fromUnchecked: index)
      unsafe copy.setLanes(
        lanes.replacing(with: limits, where: lanes .> limits),
        fromUnchecked: index
      )
      index &+= 8
    }
    for rest in index..<count { copy[rest] = min(values[rest], limit) }
  }

  /// Writes the mean of rows, bin by bin; 0 where there are none.
  package static func writeMean(of rows: [[Float]], into mean: inout [Float]) {
    var mean = mean.mutableSpan
    for bin in 0..<mean.count { mean[bin] = 0 }
    for row in rows { add(row.span, to: &mean) }
    let count = Float(max(1, rows.count))
    for bin in 0..<mean.count { mean[bin] /= count }
  }

  private static func add(_ row: Span<Float>, to sums: inout MutableSpan<Float>) {
    precondition(row.count == sums.count, "a value for each bin")
    var index = 0
    while index &+ 8 <= row.count {
      unsafe sums.setLanes(
        sums.lanes(fromUnchecked: index) + row.lanes(fromUnchecked: index),
        fromUnchecked: index
      )
      index &+= 8
    }
    for rest in index..<row.count { sums[rest] += row[rest] }
  }
}
