import ConditionModel

/// The state of a machine in one minute, as the tables of its channels divide it.
struct MinuteState {
  /// How long ago it started: a place in `ChannelModel.startEnds`, or past its end.
  var start: Int
  /// Places among the bins of the two main drivers; `nil` where a driver does not vary.
  var firstBin: Int?
  var secondBin: Int?
}

/// What is known of one channel while its machine runs: what its value should be, how far it
/// scatters, and how far it has been off lately.
///
/// Everything is in the channel's unit, or in its logarithm for quantities that wear in proportion.
struct ChannelModel: Hashable, Sendable, Codable {
  /// Averages over so many minutes of running.
  static var spans: SIMD3<Double> { SIMD3(60, 360, 1_440) }
  /// Minutes after a start at which its states end; the last one has no end.
  static let startEnds = [5, 10, 20, 40, 80, 160]
  static let binCount = 12
  /// A single minute counts for no more than this, as a multiple of its usual scatter.
  private static let mostSigmas = 40.0
  /// The same where the size of a deviation is followed: a fault may go far.
  private static let mostSize = 60.0
  /// A single minute in a state never seen before counts for no more than this.
  private static let mostNovelty = 1_000.0
  /// Up to here a state counts as familiar.
  private static let familiar = 1.3

  struct Level: Hashable, Sendable, Codable {
    var average: Double
    var size: Double
  }

  /// One per feature of the machine; empty before the first fit.
  var coefficients: [Double] = []
  var byStart = StateTable(count: startEnds.count + 1)
  var byFirst = StateTable(count: binCount)
  var bySecond = StateTable(count: binCount)
  /// The scatter over all states.
  var scatter = 0.0
  var scatterWeight = 0.0
  /// Deviation averaged over each span, as a multiple of the scatter.
  var averages = SIMD3<Double>.zero
  /// The same in the channel's unit (or its logarithm).
  var sizes = SIMD3<Double>.zero
  /// How new the operating states were to the model, averaged over each span: `FeatureSpread.novelty`.
  var novelty = SIMD3<Double>.zero
  /// Among the spreads of the machine the one that tells.
  var spread = 0
  /// Where the averages lie when all is well.
  var baseline = 0.0
  var baselineSize = 0.0
  var baselineWeight = 0.0
  /// The baseline before a new level was accepted.
  private(set) var reference: Level?
  /// How far the baseline of the averages has moved because a deviation held for days, without
  /// anybody's word; `nil` before it did.
  private(set) var heldAverage: Double?
  /// Sums of squares of the averages around the baseline, and their weights.
  var squares = SIMD3<Double>.zero
  var weights = SIMD3<Double>.zero
  /// The farthest that an average was off and came back.
  var farthest = SIMD3<Double>.zero
  /// The share of the variance that the state of the machine explains.
  var explained = 0.0
  /// What the latest minute was expected to be, and how far such minutes scatter.
  var latestExpected = 0.0
  var latestUsual = 0.0
  /// Minutes of running that it has learned.
  var learnedCount = 0.0

  /// Whether it was kept for a machine of so many features and channels.
  func fits(featureCount: Int, channelCount: Int) -> Bool {
    (coefficients.isEmpty || coefficients.count == featureCount)
      && byStart.count == Self.startEnds.count + 1 && byFirst.count == Self.binCount
      && bySecond.count == Self.binCount && (0..<channelCount).contains(spread)
  }

  var hasModel: Bool { !coefficients.isEmpty }

  func prediction(_ features: [Double]) -> Double {
    var sum = 0.0
    for index in coefficients.indices { sum += coefficients[index] * features[index] }
    return sum
  }

  /// Foretells a minute; the channel is expected to show what the features say and what is usually
  /// left in its state.
  ///
  /// It changes the model where it lies: to ask the model for each part would copy it each time.
  mutating func foretell(_ features: [Double], in state: MinuteState) -> Foretold {
    let prediction = prediction(features)
    latestExpected = prediction + level(state)
    latestUsual = usualScatter(state)
    return Foretold(prediction: prediction, expected: latestExpected, usual: latestUsual)
  }

  /// What is foretold of a minute.
  struct Foretold {
    /// By the features alone.
    var prediction: Double
    var expected: Double
    /// How far such minutes scatter.
    var usual: Double
  }

  /// The scatter that single minutes have in this state.
  func usualScatter(_ state: MinuteState) -> Double {
    guard scatter > 0 else { return 0 }
    var usual = byStart.scatter(state.start, usual: scatter)
    if let bin = state.firstBin { usual *= byFirst.scatter(bin, usual: scatter) / scatter }
    if let bin = state.secondBin { usual *= bySecond.scatter(bin, usual: scatter) / scatter }
    return max(usual, 0.3 * scatter)
  }

  func level(_ state: MinuteState) -> Double {
    byStart.level(state.start) + (state.firstBin.map { byFirst.level($0) } ?? 0)
      + (state.secondBin.map { bySecond.level($0) } ?? 0)
  }

  /// Learns level and scatter of a state from what one minute left unexplained.
  mutating func learnState(_ rest: Double, _ state: MinuteState, memory: Double) {
    let distance = min(abs(rest), scatterWeight > 300 ? 5 * scatter : abs(rest))
    scatterWeight = min(scatterWeight + 1, memory)
    scatter += (1.2533 * distance - scatter) / scatterWeight
    let held = rest < 0 ? -distance : distance
    byStart.learn(held, scatter: distance, in: state.start, memory: memory)
    if let bin = state.firstBin {
      byFirst.learn(held, scatter: distance, in: bin, memory: memory)
    }
    if let bin = state.secondBin {
      bySecond.learn(held, scatter: distance, in: bin, memory: memory)
    }
  }

  /// Takes what is left of a value that stands for so many minutes.
  mutating func average(_ rest: Double, scatter: Double, novelty latest: Double, minutes: Double) {
    let spans = Self.spans.replacing(with: minutes, where: Self.spans .< minutes)
    let away = rest / scatter - baseline
    let sigmas = baseline + min(max(away, -Self.mostSigmas), Self.mostSigmas)
    averages += minutes * (sigmas - averages) / spans
    let size = min(max(rest, -Self.mostSize * scatter), Self.mostSize * scatter)
    sizes += minutes * (size - sizes) / spans
    novelty += minutes * (min(latest, Self.mostNovelty) - novelty) / spans
  }

  /// Learns how far the averages wander when all is well, with a memory of so many minutes.
  mutating func learnAverages(memory: Double, minutes: Double) {
    baselineWeight = min(baselineWeight + minutes, memory)
    let rate = minutes / max(baselineWeight, 60, minutes)
    baseline += rate * (averages[0] - baseline)
    baselineSize += rate * (sizes[0] - baselineSize)
    let share = 1 - minutes / memory
    let distance = averages - baseline
    squares = share * squares + minutes * distance * distance
    weights = share * weights + minutes
    for span in distance.indices {
      farthest[span] = max(farthest[span] * share, abs(distance[span]))
    }
  }

  /// The deviation in the channel's unit (or its logarithm), averaged over a span.
  func size(_ span: Int) -> Double { sizes[span] - baselineSize }

  /// The distance of an average from its baseline at which it is unusual, in sigmas.
  func limit(_ span: Int, quantile: Double) -> Double {
    guard weights[span] > 0 else { return .infinity }
    let usual = (squares[span] / weights[span]).squareRoot()
    // Independent averages seen so far; a quantile of so few is a quantile of Student's t. What moves
    // a machine lasts for days: averages of neighbouring spans are not independent.
    let seen = max(weights[span] / (6 * Self.spans[span]), 2)
    let factor = quantile * (1 + (quantile * quantile + 1) / (4 * seen))
    return max(factor * usual, 1.1 * farthest[span], 0.02)
  }

  /// How far an average is off, as a multiple of the distance that is usual for it.
  func excess(_ span: Int, quantile: Double) -> Double {
    abs(averages[span] - baseline) / limit(span, quantile: quantile)
  }

  /// How much farther off a channel may be because its machine does what was hardly seen before, as
  /// the error of what is foretold grows with the distance; at most three times.
  func leeway(_ span: Int) -> Double {
    min(max(novelty[span] / Self.familiar, 1).squareRoot(), 3)
  }

  /// How far the average of hours is off what was first learned, as a multiple of the limit of a day;
  /// `nil` while nothing is learned.
  func deviationOfLimit(quantile: Double) -> Double? {
    guard hasModel, scatter > 0 else { return nil }
    let away = averages[1] - baseline + (heldAverage ?? 0)
    return away / limit(2, quantile: quantile)
  }

  /// Forgets a deviation of the day that the last hour no longer shows.
  mutating func acceptReturn() {
    for span in 1...2 {
      averages[span] = averages[0]
      sizes[span] = sizes[0]
    }
  }

  /// Whether the last hour lies where it was before a new level was accepted.
  func isAtReference(quantile: Double) -> Bool {
    guard let reference else { return false }
    let distance = abs(averages[0] - reference.average)
    return distance < 0.6 * limit(0, quantile: quantile)
      && distance < 0.5 * abs(averages[0] - baseline)
  }

  /// Takes as usual that the averages went so far and came back.
  mutating func learnExcursion(_ excursion: SIMD3<Double>, quantile: Double) {
    for span in excursion.indices where excursion[span] > 0 {
      let most = 1.25 * limit(span, quantile: quantile)
      farthest[span] = max(farthest[span], min(excursion[span], most))
    }
  }

  /// Whether what a minute leaves unexplained speaks for the level before a new one was accepted.
  func isBack(_ rest: Double) -> Bool {
    guard let reference else { return false }
    return abs(rest - reference.size) < 0.5 * abs(rest - baselineSize)
  }

  /// Goes back to the level before, where the values went back to it, as after a repair.
  mutating func returnToReference(quantile: Double) {
    guard let reference, isAtReference(quantile: quantile) else { return }
    baseline = reference.average
    baselineSize = reference.size
    acceptReturn()
    self.reference = nil
    heldAverage = nil
  }

  /// Takes the level of the last day as the usual one.
  ///
  /// - Parameter isKnown: Whether somebody said that it is, or it merely held.
  mutating func acceptLevel(isKnown: Bool) {
    heldAverage = isKnown ? nil : (heldAverage ?? 0) + averages[1] - baseline
    if reference == nil { reference = Level(average: baseline, size: baselineSize) }
    baseline = averages[1]
    baselineSize = sizes[1]
    averages[2] = averages[1]
    sizes[2] = sizes[1]
  }
}
