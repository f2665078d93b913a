import ConditionModel
import SignalProcessing

/// How the readings of one sensor move within minutes while its machine runs, and whether they still
/// move that way.
///
/// A machine changes the level of its values; what changes the way they move around it is most
/// often the sensor or its cable.
struct SensorHabits: Hashable, Sendable, Codable {
  enum Trouble: Int, Hashable, Sendable, Codable, CaseIterable {
    case stuck, noisy, spiking, clipped, atEnd
  }

  /// Minutes over which roughness, spikes and repeated extremes are averaged.
  private static let roughnessSpan = 60.0
  private static let spikeSpan = 480.0
  private static let clipSpan = 120.0
  /// Minutes without trouble after which it is over.
  private static let recovery = 180.0
  /// Fewer equal readings in a row are never a stuck sensor, where there is one a minute or more.
  private static let leastEqual = 240.0
  private static let leastDwell = 2_160.0

  private(set) var trouble: Trouble?
  private(set) var since: Int64 = 0
  private var calmCount = 0.0
  private var count = 0.0
  /// The usual logarithm of the roughness, and how far it is off, averaged.
  private var usualRoughness = 0.0
  private(set) var roughness = 0.0
  private var highestRoughness = 0.0
  /// How far a reading of a minute usually stands out from both its neighbours.
  private var usualReach = 0.0
  /// Minutes with a spike, per minute.
  private(set) var spikes = 0.0
  private var highestSpikes = 0.0
  /// Minutes since the latest spike.
  private var sinceSpike = 0.0
  /// The longest row of equal readings.
  private var longestEqual = 0.0
  private var lastEqual = 0.0
  private var lastHighest = 0.0
  private var lastLowest = 0.0
  /// Share of minutes whose highest (lowest) reading is exactly that of the minute before.
  private var repeatedHighest = 0.0
  private var repeatedLowest = 0.0
  private var highestRepeated = 0.0
  private var top = Ceiling()
  private var usualLow = 0.0
  private var usualHigh = 0.0
  private var endCount = 0.0
  private(set) var endSide = Finding.Side.above

  /// What so many minutes, or readings of minutes, come to on a coarser grid, where each says more.
  private static func steps(_ count: Double, of minutesPerStep: Double) -> Double {
    count / min(max(minutesPerStep, 1), 10)
  }

  /// Takes one minute of running.
  ///
  /// - Returns: What looks like trouble, as far as this channel alone can tell.
  mutating func take(
    _ minute: MinuteMean,
    isProportional: Bool,
    isCommanded: Bool,
    isSluggish: Bool,
    resolution: Double,
    range: ClosedRange<Double>?,
    minutesPerStep: Double,
    isLearning: Bool
  ) -> Trouble? {
    guard let mean = minute.mean else { return nil }
    let least = max(resolution, 1e-9)
    let size = isProportional ? max(abs(mean), least) : 1
    var found: Trouble?
    count += 1
    let memory = min(count, 7 * 1_440)

    let equal = Double(minute.equalCount)
    let leastEqual = isCommanded ? Self.leastDwell : Self.leastEqual
    if !isLearning, equal > max(Self.steps(leastEqual, of: minutesPerStep), 4 * longestEqual) {
      found = .stuck
    }

    if let movement = minute.roughness {
      let level = steadyLogarithm((movement + 0.3 * least) / size)
      if count == 1 { usualRoughness = level }
      let distance = level - usualRoughness
      roughness += (distance - roughness) / Self.roughnessSpan
      if roughness > roughnessLimit, !isLearning, !isCommanded { found = found ?? .noisy }
      if trouble == nil || isLearning {
        usualRoughness += min(max(distance, -2), 2) / min(memory, isLearning ? 3_000 : 20_000)
      }
    }

    let reach = minute.spike / size
    let isKnown = count > 60
    let isSpike = minute.hasOutlier || (isKnown && reach > 8 * usualReach + 2 * least / size)
    // A command leaps and stays; only its sensor leaps there and back.
    if minute.count >= 4 {
      spikes += ((isSpike ? 1 : 0) - spikes) / Self.spikeSpan
      if !isSpike { usualReach += (reach - usualReach) / min(memory, 1_440) }
      sinceSpike = isSpike ? 0 : sinceSpike + 1
      if spikes > max(0.0065, 3 * highestSpikes + 0.003), sinceSpike < Self.recovery, !isLearning {
        found = found ?? .spiking
      }
    }

    if minute.count >= 3, minute.highest > minute.lowest {
      repeatedHighest +=
        ((minute.highest == lastHighest ? 1 : 0) - repeatedHighest) / Self.clipSpan
      repeatedLowest += ((minute.lowest == lastLowest ? 1 : 0) - repeatedLowest) / Self.clipSpan
      if max(repeatedHighest, repeatedLowest) > max(0.4, 2 * highestRepeated + 0.2),
        !isLearning, !isCommanded
      {
        found = found ?? .clipped
        endSide = repeatedHighest > repeatedLowest ? .above : .below
      }
    }
    lastHighest = minute.highest
    lastLowest = minute.lowest
    let usual = usualHigh - usualLow
    top.take(
      minute.highest,
      margin: max(2.5 * resolution, 0.003 * usual),
      moves: minute.highest > minute.lowest
    )
    // Heat dwells where it turns, what is commanded goes as high as it may, and what lies beyond all
    // that was seen is no ceiling.
    let highest = usualHigh + (isCommanded ? -0.03 : 0.1) * usual
    if top.isCut, !isLearning, !isSluggish, top.level < highest {
      found = found ?? .clipped
      endSide = .above
    }

    if let range, range.upperBound < 1e100 {
      let low = max(range.lowerBound, -1e100)
      let margin = 0.01 * (range.upperBound - max(low, 0))
      let isLow = low > -1e99 ? mean < low + margin : abs(mean) < margin
      let isHigh = mean > range.upperBound - margin
      let isFar = mean < usualLow - 0.3 * usual || mean > usualHigh + 0.3 * usual
      endCount = (isLow || isHigh) && isFar && !isLearning ? endCount + 1 : 0
      if endCount >= 10 {
        found = .atEnd
        endSide = isHigh ? .above : .below
      }
    }
    if count == 1 { (usualLow, usualHigh) = (mean, mean) }
    if isLearning || (found == nil && trouble == nil) {
      learn(mean, equal: equal, isLearning: isLearning)
    }
    return found
  }

  /// Whether the latest minute lay at an end of the measuring range, farther out than usual.
  var isAtEnd: Bool { endCount > 0 }

  private var roughnessLimit: Double { max(0.8, 1.3 * highestRoughness) }

  /// Whether readings are equal for longer than ever, though not yet for so long that it is sure.
  func mayBeStuck(_ equalCount: Int, minutesPerStep: Double) -> Bool {
    let least = 0.15 * Self.steps(Self.leastEqual, of: minutesPerStep)
    return trouble == nil && count > Self.steps(1_440, of: minutesPerStep)
      && Double(equalCount) > max(least, 1.5 * longestEqual)
  }

  /// Whether the roughness is unusual even beside that of another channel.
  func isRougher(than other: Double) -> Bool { roughness - max(other, 0) > roughnessLimit }

  /// The nearest to `value` of what the channel showed while its machine ran.
  func limited(_ value: Double) -> Double {
    min(usualHigh, max(usualLow, value.isNaN ? usualLow : value))
  }

  /// What a minute may come to at most and still show how high values go.
  ///
  /// A single spike would count for months, and hide all that is less than a hundredth of it. What is
  /// ten times as high as ever counts as soon as it is usual.
  var highestPeak: Double {
    let highest = max(abs(usualLow), abs(usualHigh))
    return count > 1_440 && highest > 0 ? 10 * highest : .infinity
  }

  /// Minutes with a spike, per minute, beyond the most that was usual.
  var newSpikes: Double { spikes - highestSpikes }

  private mutating func learn(_ mean: Double, equal: Double, isLearning: Bool) {
    let fade = 0.99998
    if isLearning {
      // Some minutes at a stop say nothing of how low it goes.
      usualLow += (mean < usualLow ? 0.1 : 1.0 / 10_000) * (mean - usualLow)
      usualHigh += (mean > usualHigh ? 0.1 : 1.0 / 10_000) * (mean - usualHigh)
    } else {
      usualLow += min(0, mean - usualLow) / 300
      usualHigh += max(0, mean - usualHigh) / 300
    }
    if isLearning {
      longestEqual = max(longestEqual, equal)
    } else if equal < lastEqual {
      // It moves again: such rows happen.
      longestEqual = max(longestEqual, lastEqual)
    } else {
      longestEqual *= fade
    }
    lastEqual = equal
    guard count > 360 else { return }
    follow(&highestRoughness, roughness, isLearning)
    follow(&highestSpikes, spikes, isLearning)
    follow(&highestRepeated, max(repeatedHighest, repeatedLowest), isLearning)
    follow(&top.most, top.hits, isLearning)
  }

  /// Once it is learned, a record grows too slowly to hide a trouble of hours.
  private func follow(_ record: inout Double, _ value: Double, _ isLearning: Bool) {
    let rate = isLearning ? 1 : value > record ? 1.0 / 10_000 : 1.0 / 50_000
    record = isLearning ? max(record, value) : record + rate * (value - record)
  }

  /// Takes what all channels together leave of the suspicion.
  ///
  /// - Returns: Whether a trouble began or ended.
  mutating func follow(_ found: Trouble?, at step: Int64, minutesPerStep: Double) -> Bool {
    if let found {
      calmCount = 0
      guard trouble == nil else {
        // What lasts that long is how this sensor is now.
        if Double(step - since) * minutesPerStep > 7 * 1_440 { relearn() }
        return false
      }
      trouble = found
      since = step
      return true
    }
    guard trouble != nil else { return false }
    calmCount += 1
    guard calmCount >= Self.steps(Self.recovery, of: minutesPerStep) else { return false }
    trouble = nil
    return true
  }

  private mutating func relearn() {
    usualRoughness += roughness
    roughness = 0
    highestSpikes = max(highestSpikes, spikes)
    highestRepeated = max(highestRepeated, repeatedHighest, repeatedLowest)
    top.most = max(top.most, top.hits)
  }

  /// The kind of finding of a trouble.
  func kind(
    of trouble: Trouble,
    minutesPerStep: Double,
    readingsPerStep: Int,
    equalCount: Int
  ) -> Finding.Kind {
    let secondsPerReading = minutesPerStep * 60 / Double(max(readingsPerStep, 1))
    return switch trouble {
    case .stuck: .stuck(for: Duration(inSeconds: Double(equalCount) * secondsPerReading))
    case .noisy: .noisy(times: steadyExponential(min(roughness, 10)))
    case .spiking: .spiking(perHour: spikes * 60 / minutesPerStep)
    case .clipped, .atEnd: .clipped(endSide)
    }
  }
}
