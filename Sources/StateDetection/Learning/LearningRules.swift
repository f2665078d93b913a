package import ConditionModel

/// How the behaviour of machines is learned; everything else follows from these by rule.
package struct LearningRules: Hashable, Sendable, Codable {
  /// How many false alerts per machine and week the owner accepts.
  package var falseAlertsPerWeek: Double
  /// For how long a machine is only learned, from its first value on; gaps of more than a day in it
  /// are none of that time.
  package var learningTime: Duration
  /// The grid of event time on which the values of a machine come together: a minute, or the
  /// middle one of the sampling periods where that is longer.
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
  /// The deviation averaged over about six hours of running, as a multiple of what is unusual for a
  /// day: from the level before any that became usual only because it held for days, and nobody
  /// said that it is.
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

/// How far a machine is learned, for people to see.
package struct LearningProgress: Hashable, Sendable, Codable {
  /// Hours of running that are learned.
  package var hours: Double
  /// Days of the learning time that are left.
  package var daysLeft: Double
  /// Whether deviations are told; until then limits and zones guard the machine.
  package var isTrusted: Bool
  /// What was seen of the driver that tells the operating state best; empty where none varies.
  package var states: [State]
  /// When the learning time ended or will; `nil` before the first value.
  package var learnedAt: Timestamp?
  /// Weeks watched since it was learned.
  package var weeksWatched: Double
  /// Stories told about the machine since then, true ones too.
  package var alertCount: Int
  /// False alerts per week that the owner accepts.
  package var budgetPerWeek: Double
  /// What would make the judgement of the machine more trustworthy, the most important first.
  package var missing: [Missing]

  /// Hours of running below which a machine, or one of its states, is not known well.
  package static let leastHours = 12.0

  /// What is not known of a machine.
  package enum Missing: Hashable, Sendable, Codable {
    /// Days of the learning time that are left.
    case days(Double)
    /// Hours of running that are still to be seen.
    case hours(Double)
    /// An operating state that was seen, but seldom.
    case state(State)
    /// A channel that shows the temperature around the machine, where it has temperatures.
    case surroundings
    /// A channel of which too little is known, or whose sensor is at fault.
    case channel(ChannelID)
  }

  /// An operating state: a range of what the machine has to do.
  package struct State: Hashable, Sendable, Codable {
    package var driver: ChannelID
    package var range: ClosedRange<Double>
    package var hours: Double

    /// Whether enough was seen to judge by it.
    package var isTrusted: Bool { hours >= LearningProgress.leastHours }

    package init(driver: ChannelID, range: ClosedRange<Double>, hours: Double) {
      self.driver = driver
      self.range = range
      self.hours = hours
    }
  }

  package init(
    hours: Double,
    daysLeft: Double,
    isTrusted: Bool,
    states: [State],
    learnedAt: Timestamp?,
    weeksWatched: Double,
    alertCount: Int,
    budgetPerWeek: Double,
    missing: [Missing]
  ) {
    self.hours = hours
    self.daysLeft = daysLeft
    self.isTrusted = isTrusted
    self.states = states
    self.learnedAt = learnedAt
    self.weeksWatched = weeksWatched
    self.alertCount = alertCount
    self.budgetPerWeek = budgetPerWeek
    self.missing = missing
  }

  /// The most false alerts per week that are still likely (95 %) were all so far false; `nil` before
  /// the first week, since nothing shows it.
  ///
  /// The upper end of a Poisson rate, by the normal approximation of Wilson and Hilferty to the
  /// chi-squared distribution; exactly 3 ∕ weeks without any.
  package var likelyMost: Double? {
    guard weeksWatched >= 1 else { return nil }
    if alertCount == 0 { return 3 / weeksWatched }
    let next = Double(alertCount + 1)
    let root = 1 - 1 / (9 * next) + 1.645 / (3 * next.squareRoot())
    return next * root * root * root / weeksWatched
  }
}
