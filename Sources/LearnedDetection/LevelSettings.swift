/// How a ``LevelDetector`` judges; everything follows from how long it may learn.
package struct LevelSettings: Hashable, Sendable, Codable {
  /// How many samples of a channel are taken as normal before it is judged.
  package let learningSamples: Int
  /// How many learned spreads a level may lie from its baseline.
  package let limit: Double
  let gates: [GateSettings]

  /// Settings for channels that are sampled about once a second.
  ///
  /// Short learning allows only fast baselines and a low limit, and so more false alarms. On a pump
  /// loop in which nothing is wrong (SKAB, anomaly-free), 400 s of learning with limit 3.25 raised
  /// 6.4 alarms per hour; 20 min with limit 5 and nine times slower baselines none in 2.4 h, 1 h the
  /// same way one in 1.7 h. So both rise from 400 s to 20 min, and stay, for beyond it nothing is
  /// known yet.
  ///
  /// - Parameter learningSamples: How many samples are known to be normal, at least
  ///   ``fewestLearningSamples``.
  package init(learningSamples: Int) {
    precondition(learningSamples >= Self.fewestLearningSamples, "too little to learn from")
    self.learningSamples = learningSamples
    let progress = min(max(Double(learningSamples - 400) / 800, 0), 1)
    let slowdown = 1 + 8 * progress
    limit = 3.25 + 1.75 * progress
    // The members of the vote: those that agreed best on the sixteen valve recordings of SKAB.
    gates = [
      GateSettings(fast: 10, slow: 150 * slowdown, lag: 60, stay: 0.80),
      GateSettings(fast: 15, slow: 200 * slowdown, lag: 60, stay: 0.95),
      GateSettings(fast: 10, slow: 300 * slowdown, lag: 100, stay: 0.80),
      GateSettings(fast: 20, slow: 200 * slowdown, lag: 100, stay: 0.95),
      GateSettings(fast: 15, slow: 300 * slowdown, lag: 60, stay: 0.80),
    ]
  }

  /// From fewer samples no spread can be learned: the longest lag must fit in, and then some.
  package static let fewestLearningSamples = 160
  /// How many samples are held back so that a channel starts from medians rather than one value.
  static let headSamples = 60
  /// After how many samples the levels are settled enough to measure their wander.
  static let samplesBeforeWander = 45
  /// How many gates must be off for their channel to be off.
  static let majority = 3
}

/// How one gate of the vote follows its channel; time constants in samples.
struct GateSettings: Hashable, Sendable, Codable {
  /// The weight of a new value in the level.
  let fastWeight: Double
  /// The weight of the level in its baseline while the level is normal.
  let slowWeight: Double
  /// The weight of the level in its baseline while the level is off: a new normal is accepted in
  /// the end.
  let creepWeight: Double
  /// Over how many samples the wander of the level is measured.
  let lagSamples: Int
  /// Back within this share of the limit, a level is normal again.
  let stay: Double

  init(fast: Double, slow: Double, lag: Int, stay: Double) {
    fastWeight = smoothingWeight(timeConstantSamples: fast)
    slowWeight = smoothingWeight(timeConstantSamples: slow)
    creepWeight = smoothingWeight(timeConstantSamples: 50 * slow)
    lagSamples = lag
    self.stay = stay
  }
}
