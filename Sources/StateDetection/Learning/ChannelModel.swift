import ConditionModel

/// What is known of one channel while its machine runs: what its value should be, how far it
/// scatters, and how far it has been off lately.
///
/// Everything is in the channel's unit, or in its logarithm for quantities that wear in proportion.
struct ChannelModel: Hashable, Sendable, Codable {
  /// Averages over so many minutes of running.
  static let spans: [Double] = [60, 360, 1_440]
  /// Minutes after a start at which its states end; the last one has no end.
  static let startEnds = [5, 10, 20, 40, 80, 160]
  static let binCount = 12
  /// A single minute counts for no more than this, as a multiple of its usual scatter.
  private static let mostSigmas = 6.0

  /// One per feature of the machine; empty before the first fit.
  var coefficients: [Double] = []
  var byStart = StateTable(count: startEnds.count + 1)
  var byBin = [StateTable(count: binCount), StateTable(count: binCount)]
  /// The scatter over all states.
  var scatter = 0.0
  var scatterWeight = 0.0
  /// Deviation averaged over each span, as a multiple of the scatter.
  var averages = [Double](repeating: 0, count: spans.count)
  /// The same in the channel's unit (or its logarithm).
  var sizes = [Double](repeating: 0, count: spans.count)
  /// Where the averages lie when all is well.
  var baseline = 0.0
  var baselineSize = 0.0
  var baselineWeight = 0.0
  /// Sums of squares of the averages around the baseline, and their weights.
  var squares = [Double](repeating: 0, count: spans.count)
  var weights = [Double](repeating: 0, count: spans.count)
  var highest = [Double](repeating: 0, count: spans.count)

  /// What the latest minute was expected to be, and how far such minutes scatter.
  var latestExpected = 0.0
  var latestUsual = 0.0

  /// Minutes of running that it has learned.
  var learnedCount = 0.0

  var hasModel: Bool { !coefficients.isEmpty }

  func prediction(_ features: [Double]) -> Double {
    var sum = 0.0
    for index in coefficients.indices { sum += coefficients[index] * features[index] }
    return sum
  }

  /// The scatter that single minutes have in this state.
  func usualScatter(start: Int, bins: [Int?]) -> Double {
    guard scatter > 0 else { return 0 }
    var usual = byStart.scatter(start, usual: scatter)
    for (table, bin) in zip(byBin, bins) {
      guard let bin else { continue }
      usual *= table.scatter(bin, usual: scatter) / scatter
    }
    return max(usual, 0.3 * scatter)
  }

  func level(start: Int, bins: [Int?]) -> Double {
    var sum = byStart.level(start)
    for (table, bin) in zip(byBin, bins) {
      if let bin { sum += table.level(bin) }
    }
    return sum
  }

  /// Learns level and scatter of a state from what one minute left unexplained.
  mutating func learnState(_ rest: Double, start: Int, bins: [Int?], memory: Double) {
    let distance = min(abs(rest), scatterWeight > 300 ? 5 * scatter : abs(rest))
    scatterWeight = min(scatterWeight + 1, memory)
    scatter += (1.2533 * distance - scatter) / scatterWeight
    let held = rest < 0 ? -distance : distance
    byStart.learn(
      held + byStart.level(start),
      scatter: distance,
      in: start,
      memory: memory
    )
    for index in byBin.indices {
      guard let bin = bins[index] else { continue }
      byBin[index].learn(
        held + byBin[index].level(bin),
        scatter: distance,
        in: bin,
        memory: memory
      )
    }
  }

  mutating func average(_ rest: Double, scatter: Double, weight: Double) {
    let sigmas = min(max(rest / scatter, -Self.mostSigmas), Self.mostSigmas)
    for index in Self.spans.indices {
      let rate = weight / Self.spans[index]
      averages[index] += rate * (sigmas - averages[index])
      sizes[index] += rate * (sigmas * scatter - sizes[index])
    }
  }

  /// Learns how far the averages wander when all is well.
  mutating func learnAverages(memory: Double) {
    baselineWeight = min(baselineWeight + 1, memory)
    let rate = 1 / max(baselineWeight, 60)
    baseline += rate * (averages[0] - baseline)
    baselineSize += rate * (sizes[0] - baselineSize)
    for index in Self.spans.indices {
      let distance = averages[index] - baseline
      let share = 1 - 1 / memory
      squares[index] = share * squares[index] + distance * distance
      weights[index] = share * weights[index] + 1
      highest[index] = max(highest[index] * share, abs(distance))
    }
  }

  /// How far an average is off, as a multiple of the distance that is usual for it.
  func excess(_ span: Int, quantile: Double) -> Double {
    guard weights[span] > 0 else { return 0 }
    let usual = (squares[span] / weights[span]).squareRoot()
    // Independent averages seen so far; a quantile of so few is a quantile of Student's t.
    let seen = max(weights[span] / (2 * Self.spans[span]), 2)
    let factor = quantile * (1 + (quantile * quantile + 1) / (4 * seen))
    let limit = max(factor * usual, 1.1 * highest[span], 0.02)
    return abs(averages[span] - baseline) / limit
  }
}
