package import ConditionModel

/// What the block watches for; the site file, the profiles and the severity standards, resolved.
package struct DetectionConfiguration: Hashable, Sendable, Codable {
  package var plant: Plant
  /// For each channel, in order of `ChannelID`.
  package var channels: [ChannelRules]
  package var severity: [SeverityRule]
  /// How the usual behaviour of machines is learned; `nil` leaves it at limits.
  package var learning: LearningRules?

  package init(
    plant: Plant,
    channels: [ChannelRules],
    severity: [SeverityRule],
    learning: LearningRules? = LearningRules()
  ) {
    self.plant = plant
    self.channels = channels
    self.severity = severity
    self.learning = learning
  }
}

/// What is watched on one channel.
package struct ChannelRules: Hashable, Sendable, Codable {
  package var limits: [LimitRule]
  /// How long a value may stay exactly the same while its machine runs (or, when nothing tells
  /// whether it runs, at all) before the sensor counts as stuck; `nil` never.
  package var stuckAfter: Duration?
  /// The ends of the measuring range, in the channel's unit, where the sensor clips.
  ///
  /// A lower end of exactly 0 is where a quiet machine rests: there only values below it count.
  package var measuringRange: ClosedRange<Double>?
  /// The step between neighbouring readings, in the channel's unit; `nil` where it is not known.
  package var resolution: Double?
  /// How long a value may sit at such an end before that is a finding.
  package var clippedAfter: Duration
  /// How long the channel may be without a usable value before that is a finding.
  package var silentAfter: Duration

  package init(
    limits: [LimitRule] = [],
    stuckAfter: Duration? = nil,
    measuringRange: ClosedRange<Double>? = nil,
    resolution: Double? = nil,
    clippedAfter: Duration = .seconds(10),
    silentAfter: Duration = .seconds(30)
  ) {
    self.limits = limits
    self.stuckAfter = stuckAfter
    self.measuringRange = measuringRange
    self.resolution = resolution
    self.clippedAfter = clippedAfter
    self.silentAfter = silentAfter
  }
}

/// A limit that a person set, with hysteresis and delays (ISA-18.2: deadband, on-delay, off-delay).
package struct LimitRule: Hashable, Sendable, Codable {
  package var side: Finding.Side
  /// In the channel's unit; at least one of the two is set.
  package var alert: Double?
  package var alarm: Double?
  /// How far back over the limit the value must go before it counts as returned.
  package var deadband: Double
  package var onDelay: Duration
  package var offDelay: Duration
  /// Whether the limit holds only while the machine runs.
  package var onlyWhileRunning: Bool

  package init(
    side: Finding.Side,
    alert: Double?,
    alarm: Double?,
    deadband: Double,
    onDelay: Duration,
    offDelay: Duration,
    onlyWhileRunning: Bool
  ) {
    self.side = side
    self.alert = alert
    self.alarm = alarm
    self.deadband = deadband
    self.onDelay = onDelay
    self.offDelay = offDelay
    self.onlyWhileRunning = onlyWhileRunning
  }
}

/// The severity zones for the axes of one bearing housing: the largest axis is judged, never the sum.
package struct SeverityRule: Hashable, Sendable, Codable {
  /// The velocity RMS channels of one location.
  package var channels: [ChannelID]
  /// As people cite it: `ISO 20816-3, group 2, rigid`.
  package var standard: String
  /// Zone boundaries in mm/s RMS.
  package var boundaryAB: Double
  package var boundaryBC: Double
  package var boundaryCD: Double
  /// How long a value must lie in zone C, or be back from it, before that is told: ISO 20816-1 lets a
  /// machine run there for a limited period.
  package var alertDelay: Duration
  /// The same for zone D, in which it may be damaged.
  package var alarmDelay: Duration

  package init(
    channels: [ChannelID],
    standard: String,
    boundaryAB: Double,
    boundaryBC: Double,
    boundaryCD: Double,
    alertDelay: Duration,
    alarmDelay: Duration
  ) {
    self.channels = channels
    self.standard = standard
    self.boundaryAB = boundaryAB
    self.boundaryBC = boundaryBC
    self.boundaryCD = boundaryCD
    self.alertDelay = alertDelay
    self.alarmDelay = alarmDelay
  }
}
