/// Streaming statistics of many channels side by side, eight to a vector.
///
/// Each channel has the bits that `RunningMoments` (to the second order), `RunningExtrema` and
/// `ExponentialMoments` give for it alone. Values that are not finite are passed over, channel by
/// channel.
///
/// Complexity: one pass over the channels for each row of values; no allocation.
package struct ChannelStatistics: Hashable, Sendable, Codable {
  package let channelCount: Int
  /// What the newest value weighs in the exponentially weighted numbers.
  package let weight: Double
  private var lanes: [StatisticsLanes]

  package init(channelCount: Int, weight: Double) {
    precondition(channelCount >= 0, "there is no negative number of channels")
    precondition(weight > 0 && weight <= 1, "a weight lies above 0 and not above 1")
    self.channelCount = channelCount
    self.weight = weight
    lanes = Array(repeating: StatisticsLanes(), count: (channelCount + 7) / 8)
  }

  /// Takes one value for each channel; not a number stands for a channel without one.
  package mutating func add(_ values: Span<Double>) {
    precondition(values.count == channelCount, "one value for each channel")
    for block in lanes.indices {
      var row = SIMD8<Double>(repeating: .nan)
      for lane in 0..<min(8, channelCount - 8 * block) { row[lane] = values[8 * block + lane] }
      lanes[block].add(row, weight: weight)
    }
  }

  /// How many values the channel has had.
  package func count(_ channel: Int) -> Int { Int(lanes[channel / 8].count[channel % 8]) }

  /// `nil` before the first value, as all that follow.
  package func mean(_ channel: Int) -> Double? { value(\.mean, channel) }

  /// The mean squared deviation (divided by the count).
  package func variance(_ channel: Int) -> Double? {
    value(\.second, channel).map { $0 / lanes[channel / 8].count[channel % 8] }
  }

  package func minimum(_ channel: Int) -> Double? { value(\.minimum, channel) }

  package func maximum(_ channel: Int) -> Double? { value(\.maximum, channel) }

  /// The mean of the recent past.
  package func recentMean(_ channel: Int) -> Double? { value(\.centre, channel) }

  /// The variance of the recent past.
  package func recentVariance(_ channel: Int) -> Double? {
    value(\.spread, channel).map { $0 / lanes[channel / 8].total[channel % 8] }
  }

  private func value(
    _ path: KeyPath<StatisticsLanes, SIMD8<Double>>,
    _ channel: Int
  ) -> Double? {
    precondition(channel >= 0 && channel < channelCount, "there is no such channel")
    let block = lanes[channel / 8]
    return block.count[channel % 8] > 0 ? block[keyPath: path][channel % 8] : nil
  }
}

/// The statistics of eight channels.
private struct StatisticsLanes: Hashable, Sendable, Codable {
  var count = SIMD8<Double>.zero
  var mean = SIMD8<Double>.zero
  var second = SIMD8<Double>.zero
  var minimum = SIMD8<Double>.zero
  var maximum = SIMD8<Double>.zero
  var total = SIMD8<Double>.zero
  var centre = SIMD8<Double>.zero
  var spread = SIMD8<Double>.zero

  @inline(__always)
  mutating func add(_ values: SIMD8<Double>, weight: Double) {
    // Zero times a finite value is zero; times anything else it is not a number.
    let present = (values * 0) .== 0
    let before = count
    let isFirst = before .== 0
    let now = before + 1
    let distance = values - mean
    let step = distance / now
    count.replace(with: now, where: present)
    mean.replace(with: mean + step, where: present)
    second.replace(with: second + distance * step * before, where: present)
    minimum.replace(with: values, where: present .& (isFirst .| (values .< minimum)))
    maximum.replace(with: values, where: present .& (isFirst .| (values .> maximum)))

    let kept = (1 - weight) * total
    let away = values - centre
    let move = away / (kept + 1)
    total.replace(with: kept + 1, where: present)
    centre.replace(with: centre + move, where: present)
    spread.replace(with: (1 - weight) * spread + kept * away * move, where: present)
  }
}
