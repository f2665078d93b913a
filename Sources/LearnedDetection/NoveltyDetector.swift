/// Asks of one slow channel (minutes to hours between samples) whether it was ever like this.
///
/// Two statistics each compete with their own record: the smoothed deviation from the usual value at
/// this time of day, and the distance from the long-run mean. While nothing changes, the chance of a
/// new record in the n-th sample is 1 ∕ n, so false alerts are rare whatever the distribution.
///
/// Constant time and at most 4 kB. A value that is not finite, or beyond 1e60, is no value and changes
/// nothing.
package struct NoveltyDetector: Hashable, Sendable, Codable {
  private let warmUpSamples: Int
  /// The usual value at each time of day, and how often it was seen.
  private var usualValues: [Double]
  private var usualCounts: [Double]
  private var recentMean = 0.0
  private var longMean = 0.0
  private var deviation = 0.0
  private var dailyRecord = Record(remembering: 2)
  private var distanceRecord = Record(remembering: nil)
  private var sampleCount = 0
  private var lastAlarm: Alarm?

  /// Starts without any knowledge.
  ///
  /// - Parameters:
  ///   - samplingPeriodSeconds: The usual time between two samples, above 0.
  ///   - warmUpSamples: How many samples only set records, and are not judged.
  package init(samplingPeriodSeconds: Double, warmUpSamples: Int) {
    precondition(samplingPeriodSeconds > 0, "samples need time between them")
    self.warmUpSamples = warmUpSamples
    let bins = Int(min(96, max(1, (86_400 / samplingPeriodSeconds).rounded(.down))))
    usualValues = Array(repeating: 0, count: bins)
    usualCounts = Array(repeating: 0, count: bins)
  }

  /// Judges a value against all earlier ones, then adds it to them.
  ///
  /// - Parameters:
  ///   - value: The next value; without effect if it is none.
  ///   - secondOfDay: The time of day at the plant, 0..<86 400.
  /// - Returns: How new the value is.
  package mutating func judge(_ value: Double, secondOfDay: Int) -> NoveltyVerdict {
    guard abs(value) <= largestUsableValue else { return .ordinary }
    if sampleCount == 0 {
      recentMean = value
      longMean = value
    }
    let bin = secondOfDay * usualValues.count / 86_400
    let usual = usualCounts[bin] > 0 ? usualValues[bin] : recentMean
    deviation += Self.deviationWeight * (value - usual - deviation)
    usualCounts[bin] += 1
    usualValues[bin] += max(0.2, 1 / usualCounts[bin]) * (value - usualValues[bin])
    recentMean += 0.01 * (value - recentMean)
    let distance = value - longMean
    longMean += max(Self.longWeight, 1 / Double(sampleCount + 1)) * distance

    let isJudged = sampleCount >= warmUpSamples
    let daily = dailyRecord.ratio(of: abs(deviation))
    let far = distanceRecord.ratio(of: abs(distance))
    let ratio = isJudged ? softMaximum(min(daily, 5), min(far, 5)) : 0
    let now = sampleCount
    sampleCount += 1

    guard ratio > 1 else { return NoveltyVerdict(ratio: ratio, isAlarm: false) }
    let rest = max(30, 0.02 * Double(now))
    if let last = lastAlarm, Double(now - last.sample) < rest, ratio <= 1.5 * last.ratio {
      return NoveltyVerdict(ratio: 0.5, isAlarm: false)
    }
    lastAlarm = Alarm(sample: now, ratio: ratio)
    return NoveltyVerdict(ratio: ratio, isAlarm: true)
  }

  private static let deviationWeight = smoothingWeight(timeConstantSamples: 12)
  private static let longWeight = smoothingWeight(timeConstantSamples: 600)

  private struct Alarm: Hashable, Codable {
    var sample: Int
    var ratio: Double
  }
}

/// How new a value is.
package struct NoveltyVerdict: Hashable, Sendable {
  /// The larger of two statistics, each in multiples of its record so far.
  package var ratio: Double
  package var isAlarm: Bool

  /// How new the value is: 0 ordinary, 0.5 as far out as ever, towards 1 beyond.
  package var score: Double { ratio / (1 + ratio) }

  static let ordinary = NoveltyVerdict(ratio: 0, isAlarm: false)
}

/// The largest value of a statistic so far, forgotten more slowly the older it gets.
private struct Record: Hashable, Codable {
  private let remembering: Double?
  private var highest = 0.0
  private var count = 0.0

  /// Starts with no record.
  ///
  /// - Parameter remembering: The half-life in multiples of the number of samples so far (at least
  ///   500 samples); `nil` forgets nothing.
  init(remembering: Double?) {
    self.remembering = remembering
  }

  /// Returns `value` in multiples of the record, and keeps it if it is the new one.
  mutating func ratio(of value: Double) -> Double {
    let ratio = value / (highest + 1e-12)
    if let remembering {
      let halfLife = max(500, remembering * count)
      highest -= highest * smoothingWeight(timeConstantSamples: halfLife / Self.naturalLogarithmOf2)
    }
    highest = max(highest, value)
    count += 1
    return ratio
  }

  private static let naturalLogarithmOf2 = 0.693_147_180_559_945_3
}
