/// The level of a spectrum without its lines, bin by bin.
///
/// Bins are averaged in groups of eight; a moving mean over groups is taken again and again, each time
/// with every group held to twice the last result, so that lines, however strong, hardly lift it:
/// once for a few lines, more often where they stand close. Without any sorting the cost is that of
/// reading the values.
package struct SpectrumFloor: Sendable {
  package let binCount: Int
  /// How many groups to each side belong to a mean.
  private let reach: Int
  private let rounds: Int
  private var groups: [Float]
  private var means: [Float]

  /// - Parameters:
  ///   - binCount: Values per spectrum.
  ///   - halfWidth: How many bins to each side a floor is taken from.
  ///   - rounds: How often lines are held down.
  package init(binCount: Int, halfWidth: Int, rounds: Int = 1) {
    self.rounds = rounds
    precondition(binCount > 0, "a spectrum has bins")
    self.binCount = binCount
    reach = max(1, (halfWidth + 4) / 8)
    groups = Array(repeating: 0, count: (binCount + 7) / 8)
    means = groups
  }

  /// Writes the floor under `values`, both one value for each bin.
  package mutating func estimate(under values: Span<Float>, into floor: inout MutableSpan<Float>) {
    precondition(values.count == binCount && floor.count == binCount, "a value for each bin")
    for group in groups.indices {
      let start = 8 * group
      if start + 8 <= binCount {
        groups[group] = unsafe values.lanes(fromUnchecked: start).foldedSum() * 0.125
      } else {
        var sum: Float = 0
        for bin in start..<binCount { sum += values[bin] }
        groups[group] = sum / Float(binCount - start)
      }
    }
    Self.average(groups, reach, into: &means)
    for _ in 0..<rounds {
      Self.hold(&groups, toTwice: means)
      Self.average(groups, reach, into: &means)
    }
    for group in 0..<binCount / 8 {
      unsafe floor.setLanes(SIMD8(repeating: means[group]), fromUnchecked: 8 &* group)
    }
    for bin in binCount / 8 * 8..<binCount { floor[bin] = means[bin >> 3] }
  }

  private static func hold(_ groups: inout [Float], toTwice means: [Float]) {
    let means = means.span
    var groups = groups.mutableSpan
    for group in 0..<groups.count { groups[group] = min(groups[group], 2 * means[group]) }
  }

  /// As above, for values that lie in the same value as the floor.
  package mutating func estimate(under values: [Float], into floor: inout [Float]) {
    var target = floor.mutableSpan
    estimate(under: values.span, into: &target)
  }

  private static func average(
    _ values: [Float],
    _ reach: Int,
    into means: inout [Float]
  ) {
    let values = values.span
    var means = means.mutableSpan
    let count = values.count
    var sum = 0.0
    for index in 0..<min(reach, count) { sum += Double(values[index]) }
    // Both ends have fewer neighbours; between them each mean has as many.
    let first = min(reach + 1, count)
    let inner = first..<max(first, count - reach)
    func step(_ index: Int) -> Float {
      let entering = index + reach
      let leaving = index - reach - 1
      if entering < count { sum += Double(values[entering]) }
      if leaving >= 0 { sum -= Double(values[leaving]) }
      return Float(max(0, sum) / Double(min(entering, count - 1) - max(leaving, -1)))
    }
    for index in 0..<inner.lowerBound { means[index] = step(index) }
    let members = Double(2 * reach + 1)
    for index in inner {
      sum += Double(values[index &+ reach])
      sum -= Double(values[index &- reach &- 1])
      means[index] = Float(max(0, sum) / members)
    }
    for index in inner.upperBound..<count { means[index] = step(index) }
  }
}

extension Spectrum {
  /// Brings every bin to a common level and holds lines to `ceiling` times that level.
  ///
  /// What rings and what only hums then count alike: between plain whitening, which gives every
  /// bin the same magnitude and so loses where the impacts are, and no whitening, where one strong
  /// line speaks for all.
  ///
  /// - Parameters:
  ///   - floor: The level of the magnitudes around each bin.
  ///   - magnitudes: `|X|` of each bin.
  ///   - ceiling: As a multiple of the floor.
  package mutating func level(
    to floor: [Float],
    magnitudes: [Float],
    ceiling: Float
  ) {
    precondition(floor.count == binCount && magnitudes.count == binCount, "a value for each bin")
    let floor = floor.span
    let magnitudes = magnitudes.span
    for bin in 0..<floor.count {
      let magnitude = max(magnitudes[bin], .leastNormalMagnitude)
      let level = max(floor[bin], .leastNormalMagnitude)
      let factor = min(1 / level, ceiling / magnitude)
      let usable = factor.isFinite ? factor : 0
      real[bin] *= usable
      imaginary[bin] *= usable
    }
  }
}

extension SpectrumFloor {
  /// Writes the natural logarithm of values over their floor, 0 where they lie below it.
  package static func writeRise(
    of values: [Float],
    above floor: [Float],
    into rise: inout [Float]
  ) {
    precondition(values.count == floor.count && values.count == rise.count, "a value for each bin")
    let values = values.span
    let floor = floor.span
    var rise = rise.mutableSpan
    var index = 0
    while index &+ 8 <= values.count {
      let value = unsafe values.lanes(fromUnchecked: index)
      let level = unsafe floor.lanes(fromUnchecked: index)
      unsafe rise.setLanes(self.rise(of: value, above: level), fromUnchecked: index)
      index &+= 8
    }
    guard index < values.count else { return }
    let value = values.lanes(from: index, filling: 0)
    let rest = self.rise(of: value, above: floor.lanes(from: index, filling: 1))
    for lane in 0..<values.count - index { rise[index + lane] = rest[lane] }
  }

  @inline(__always)
  private static func rise(
    of values: SIMD8<Float>,
    above floor: SIMD8<Float>
  ) -> SIMD8<Float> {
    let least = SIMD8(repeating: Float.leastNormalMagnitude)
    let ratio = values / floor.replacing(with: least, where: floor .< least)
    let isAbove = (ratio .> 1) .& (ratio .< .greatestFiniteMagnitude)
    let usable = SIMD8<Float>(repeating: 1).replacing(with: ratio, where: isAbove)
    return SIMD8<Float>.zero.replacing(with: steadyLogarithm(usable), where: isAbove)
  }

  /// Writes for each bin its value and a share of the values `distance` bins to both sides.
  package static func writeSides(
    of values: [Float],
    distance: Int,
    weight: Float,
    into sided: inout [Float]
  ) {
    precondition(values.count == sided.count && distance >= 0, "a value for each bin")
    let values = values.span
    var sided = sided.mutableSpan
    var index = 0
    while index < values.count {
      let isInside = index >= distance && index &+ distance &+ 8 <= values.count
      if isInside, index &+ 8 <= values.count {
        let below = unsafe values.lanes(fromUnchecked: index &- distance)
        let above = unsafe values.lanes(fromUnchecked: index &+ distance)
        let own = unsafe values.lanes(fromUnchecked: index)
        unsafe sided.setLanes(own + weight * (below + above), fromUnchecked: index)
        index &+= 8
      } else {
        let below = index >= distance ? values[index - distance] : 0
        let above = index + distance < values.count ? values[index + distance] : 0
        sided[index] = values[index] + weight * (below + above)
        index &+= 1
      }
    }
  }
}
