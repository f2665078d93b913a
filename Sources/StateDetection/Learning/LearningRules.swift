/// How the behaviour of machines is learned; everything else follows from these by rule.
package struct LearningRules: Hashable, Sendable, Codable {
  /// How many false alerts per machine and week the owner accepts.
  package var falseAlertsPerWeek: Double
  /// For how long a machine is only learned, from its first value on.
  package var learningTime: Duration
  /// The grid of event time on which the values of a machine come together: a minute, or the
  /// longest sampling period where that is longer.
  package var step: Duration

  package init(
    falseAlertsPerWeek: Double = 12.0 / 52,
    learningTime: Duration = .seconds(10 * 86_400),
    step: Duration = .seconds(60)
  ) {
    self.falseAlertsPerWeek = falseAlertsPerWeek
    self.learningTime = learningTime
    self.step = step
  }
}

/// How far a channel is from what its machine's state lets expect, averaged over hours.
///
/// A trend of this is a trend of the machine, not of its load or of the weather.
package struct LearnedDeviation: Hashable, Sendable, Codable {
  /// The value that the state of the machine lets expect, in the channel's unit.
  package var expected: Double
  /// The usual band around it, in the channel's unit.
  package var usual: ClosedRange<Double>
  /// The deviation averaged over about six hours of running, in the channel's unit.
  package var deviation: Double
  /// The same as a multiple of the usual scatter of single minutes in this state.
  package var sigmas: Double
  /// The deviation averaged over about a day of running, as a multiple of its own alert limit.
  package var ofLimit: Double
  /// Hours of running learned so far.
  package var learnedHours: Double
  /// Hours of running since the first value.
  package var runningHours: Double
  /// Whether enough is learned about this state to judge by it.
  package var isTrusted: Bool

  package init(
    expected: Double,
    usual: ClosedRange<Double>,
    deviation: Double,
    sigmas: Double,
    ofLimit: Double,
    learnedHours: Double,
    runningHours: Double,
    isTrusted: Bool
  ) {
    self.expected = expected
    self.usual = usual
    self.deviation = deviation
    self.sigmas = sigmas
    self.ofLimit = ofLimit
    self.learnedHours = learnedHours
    self.runningHours = runningHours
    self.isTrusted = isTrusted
  }
}
