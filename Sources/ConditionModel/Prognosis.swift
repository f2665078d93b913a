/// How long a machine will last, as far as its data tells.
package struct Prognosis: Hashable, Sendable, Codable {
  package var asset: AssetID
  package var timestamp: Timestamp
  package var outlook: Outlook
  /// Why the model of this machine is set aside and its own trend counts; `nil` while the model is
  /// relied on, and for a machine without one.
  package var modelDoubt: ModelDoubt?

  package init(
    asset: AssetID,
    timestamp: Timestamp,
    outlook: Outlook,
    modelDoubt: ModelDoubt? = nil
  ) {
    self.asset = asset
    self.timestamp = timestamp
    self.outlook = outlook
    self.modelDoubt = modelDoubt
  }

  package enum Outlook: Hashable, Sendable, Codable {
    /// Nothing tells how long: no estimate, and why.
    case noTrend(NoTrend)
    case remainingLife(RemainingLife)
  }

  /// Why there is no estimate.
  package enum NoTrend: String, Hashable, Sendable, Codable, CaseIterable {
    /// Too little has been seen since the start or the latest work on the machine.
    case learning
    /// No indicator moves towards its limit by more than it usually wanders.
    case steady
    /// The signals that would tell deliver nothing usable.
    case noData = "no data"
  }
}

/// An estimate with its doubt: one of two failures comes before `p50`, one of ten before `p10`, nine
/// of ten before `p90`.
package struct RemainingLife: Hashable, Sendable, Codable {
  /// The indicator that reaches its limit first; `nil` where a model looks at all of them at once.
  package var indicator: Indicator?
  /// When it began to move.
  package var since: Timestamp?
  /// In hours of operation.
  package var operatingHours: Quantiles<Double>
  /// The same as dates, by how much of the time the machine runs.
  package var due: Quantiles<Timestamp>
  package var basis: Basis
  /// Whether the estimate swings: recent ones contradict each other by more than their own doubt.
  package var isSwinging: Bool
  /// How earlier estimates of this machine compared with what happened; `nil` before any is known.
  package var earlier: EstimateTally?
  /// Whether `p90` is only as far as a model can tell: the machine may well last longer.
  package var isOpenEnded: Bool?
  /// Why the model of this machine was set aside for this estimate.
  package var modelDoubt: ModelDoubt?
  /// What an estimate of basis `model` rests on; `nil` for others, and in records from before it was told.
  package var model: ModelEvidence?

  package init(
    indicator: Indicator?,
    since: Timestamp?,
    operatingHours: Quantiles<Double>,
    due: Quantiles<Timestamp>,
    basis: Basis,
    isSwinging: Bool,
    earlier: EstimateTally? = nil,
    isOpenEnded: Bool? = nil,
    modelDoubt: ModelDoubt? = nil,
    model: ModelEvidence? = nil
  ) {
    self.indicator = indicator
    self.since = since
    self.operatingHours = operatingHours
    self.due = due
    self.basis = basis
    self.isSwinging = isSwinging
    self.earlier = earlier
    self.isOpenEnded = isOpenEnded
    self.modelDoubt = modelDoubt
    self.model = model
  }

  package struct Quantiles<Value: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    package var p10: Value
    package var p50: Value
    package var p90: Value

    package init(p10: Value, p50: Value, p90: Value) {
      self.p10 = p10
      self.p50 = p50
      self.p90 = p90
    }
  }

  /// What is followed, and up to where.
  package struct Indicator: Hashable, Sendable, Codable {
    package var channel: ChannelID
    /// On which side of it failure lies.
    package var side: Finding.Side
    package var measure: Measure
    /// Its smoothed level now.
    package var level: Double
    /// The level that counts as failed.
    package var limit: Double

    package init(
      channel: ChannelID,
      side: Finding.Side,
      measure: Measure,
      level: Double,
      limit: Double
    ) {
      self.channel = channel
      self.side = side
      self.measure = measure
      self.level = level
      self.limit = limit
    }
  }

  /// What level and limit are.
  package enum Measure: String, Hashable, Sendable, Codable, CaseIterable {
    /// The value itself, against a limit of the site file.
    case limit
    /// The value itself, against zone D of a severity standard.
    case severityZone = "severity zone"
    /// How far the value is from what is usual at this duty, in multiples of the usual band: told of
    /// ends that nobody named before `Basis.usual` was, and still in old records.
    case deviation
  }

  /// How it was estimated.
  package enum Basis: String, Hashable, Sendable, Codable, CaseIterable {
    /// From this machine's own trend alone.
    case trend
    /// By a model that was trained on machines of its kind which ran to failure.
    case model
    /// From how long such faults usually last alone: something is found on the machine, and no trend
    /// of its own tells more yet.
    case usual
  }
}

/// Which model told how long a machine will last, how good it is and what it saw.
package struct ModelEvidence: Hashable, Sendable, Codable {
  /// The lives that it was learned from, as the one who trained it named them: `spindles hall 2`.
  package var name: String
  /// How many of them ended in failure.
  package var failureCount: Int
  /// The root mean square error on machines that were hidden from it, in hours of operation.
  package var errorHours: Double
  /// The share of those that failed between P10 and P90; `nil` where the model does not say.
  package var coverage: Double?
  /// The machine's age at the latest row that the model took, in `ageUnit`.
  package var age: Double
  package var ageUnit: String
  /// The channels that are farthest from how they read when the machine was new, farthest first; none
  /// whose change is smaller than what machines of its kind differ by.
  package var moved: [ChannelID]

  package init(
    name: String,
    failureCount: Int,
    errorHours: Double,
    coverage: Double?,
    age: Double,
    ageUnit: String,
    moved: [ChannelID]
  ) {
    self.name = name
    self.failureCount = failureCount
    self.errorHours = errorHours
    self.coverage = coverage
    self.age = age
    self.ageUnit = ageUnit
    self.moved = moved
  }
}

/// How estimates, one a day, compared with the failure or the repair that ended them.
package struct EstimateTally: Hashable, Sendable, Codable {
  /// The machine failed between P10 and P90.
  package var within = 0
  /// The machine failed before P10: the estimate came to nothing.
  package var tooLong = 0
  /// The machine still ran after P90.
  package var tooShort = 0

  package init() {}

  /// Estimates whose end is known.
  package var count: Int { within + tooLong + tooShort }
}

/// Why a model of remaining life does not fit what a machine shows.
///
/// Ages are in the unit of the fleet that the model was learned from.
package enum ModelDoubt: Hashable, Sendable, Codable {
  /// Too little of this machine has been seen.
  case fewRows(seen: Int, needed: Int)
  /// The machine was already older than any of the fleet when it was first seen.
  case startMissed(age: Double)
  /// Much of the machine's life was not seen.
  case rowsMissing(seen: Int, expected: Int)
  /// The machine is older than any that was learned from.
  case olderThanFleet(age: Double, longest: Double)
  /// A sensor reads as on no machine that was learned from.
  case neverSeen(name: String)
  /// All sensors together read as on no machine that was learned from.
  case neverSeenTogether
  /// The settings belong to no operating regime of the fleet.
  case unknownRegime
  /// What the model needs gives no number.
  case missingSensor(name: String)
  /// The age did not rise: a clock or a counter jumped.
  case ageWentBack
  /// The machine ages, yet was never seen to run: hours and dates cannot be told.
  case paceUnknown
  /// The machine failed, and nobody told of a new part since: the life that was followed is over.
  case alreadyFailed
}

extension ModelDoubt: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fewRows(let seen, let needed):
      "only \(seen) of the \(needed) rows that show how the machine was when new"
    case .startMissed(let age):
      "the machine was first seen at the age of \(age), later than any learned from"
    case .rowsMissing(let seen, let expected):
      "only \(seen) of about \(expected) rows of its life were seen"
    case .olderThanFleet(let age, let longest):
      "the machine's age of \(age) passes the longest life learned from, \(longest)"
    case .neverSeen(let name): "\(name) reads as on no machine learned from"
    case .neverSeenTogether: "its values together read as on no machine learned from"
    case .unknownRegime: "the settings belong to no operating regime learned from"
    case .missingSensor(let name): "\(name) gives no number"
    case .ageWentBack: "the age did not rise"
    case .paceUnknown: "the machine ages, yet was never seen to run"
    case .alreadyFailed: "the machine failed; mark its new part to begin a new life"
    }
  }
}

extension Prognosis {
  /// Moves with the clock.
  package mutating func shift(by step: Duration) {
    timestamp = timestamp.shifted(by: step)
    guard case .remainingLife(var life) = outlook else { return }
    life.shift(by: step)
    outlook = .remainingLife(life)
  }
}

extension RemainingLife {
  /// The channels that it names.
  package var channels: [ChannelID] {
    (indicator.map { [$0.channel] } ?? []) + (model?.moved ?? [])
  }

  /// Moves with the clock.
  package mutating func shift(by step: Duration) {
    since = since?.shifted(by: step)
    due.p10 = due.p10.shifted(by: step)
    due.p50 = due.p50.shifted(by: step)
    due.p90 = due.p90.shifted(by: step)
  }
}
