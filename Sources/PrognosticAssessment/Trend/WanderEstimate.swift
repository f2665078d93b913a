/// How much an indicator wanders by itself, learned while nothing is wrong.
///
/// Readings scatter from day to day, and their level also drifts a little from week to week. The
/// first is white noise, the second a random walk; means of days tell them apart, because the scatter
/// between days a week apart holds more of the walk than that between neighbours.
package struct WanderEstimate: Hashable, Sendable, Codable {
  private static let weekLength = 7
  /// Days that count: a machine changes over the seasons.
  private static let memoryDays: Float = 30
  /// Differences beyond this many times what is known count only as much, lest a fault widen its own
  /// band.
  private static let clip: Float = 3

  /// A variance from so many days is told as twice of what they show.
  private static let caution: Float = 6

  /// Means of the latest days, oldest first, at most a week and a day.
  private var days: [Float] = []
  private var dayCount = 0
  /// Mean square of the difference of neighbouring days, and of days a week apart.
  private var daily: Float = 0
  private var weekly: Float = 0
  private var weeklyCount = 0

  init() {
    days.reserveCapacity(Self.weekLength + 2)
  }

  /// Enough days to tell a trend from scatter.
  var isLearned: Bool { dayCount > 5 }

  /// Takes the mean of a day on which nothing was suspected.
  mutating func append(day mean: Float) {
    if let last = days.last { Self.take(mean - last, of: mean, into: &daily, count: dayCount) }
    if days.count > Self.weekLength {
      days.removeFirst()
    }
    if days.count == Self.weekLength, let first = days.first {
      weeklyCount += 1
      Self.take(mean - first, of: mean, into: &weekly, count: weeklyCount)
    }
    days.append(mean)
    dayCount += 1
  }

  /// The variance of a day's mean around its level; more while few days tell of it.
  func dayVariance(floor: Float) -> Float {
    max((daily - walkVariance) / 2, daily * 0.2, floor) * (1 + Self.caution / Float(dayCount))
  }

  /// The variance that the level gains per day.
  var walkVariance: Float {
    let least = daily * 0.01
    guard weeklyCount > 2 else { return max(daily * 0.03, least) }
    return min(max((weekly - daily) / Float(Self.weekLength - 1), least), daily)
  }

  mutating func restart() {
    days.removeAll(keepingCapacity: true)
  }

  private static func take(
    _ difference: Float,
    of level: Float,
    into mean: inout Float,
    count: Int
  ) {
    var square = difference * difference
    // Where nothing has moved yet there is nothing to hold a difference against: a coarse sensor would
    // never be seen to wander.
    let rounding = 2 * level.ulp
    if count > 4, mean > rounding * rounding { square = min(square, clip * clip * mean) }
    mean += (square - mean) / min(Float(max(count, 1)), memoryDays)
  }
}
