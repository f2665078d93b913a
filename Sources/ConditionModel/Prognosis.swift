/// How long a machine will last, as far as its data tells.
package struct Prognosis: Hashable, Sendable, Codable {
  package var asset: AssetID
  package var timestamp: Timestamp
  package var outlook: Outlook

  package init(asset: AssetID, timestamp: Timestamp, outlook: Outlook) {
    self.asset = asset
    self.timestamp = timestamp
    self.outlook = outlook
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
    /// An indicator moves, but so unevenly that any number would be a guess.
    case uneven
    /// The signals that would tell deliver nothing usable.
    case noData = "no data"
  }
}

/// An estimate with its doubt: one of two failures comes before `p50`, one of ten before `p10`, nine
/// of ten before `p90`.
package struct RemainingLife: Hashable, Sendable, Codable {
  /// The indicator that reaches its limit first.
  package var indicator: Indicator
  /// When it began to move.
  package var since: Timestamp
  /// In hours of operation.
  package var operatingHours: Quantiles<Double>
  /// The same as dates, by how much of the time the machine runs.
  package var due: Quantiles<Timestamp>
  package var basis: Basis
  /// Whether the estimate swings: recent ones contradict each other by more than their own doubt.
  package var isSwinging: Bool
  /// How earlier estimates of this machine compared with what happened; `nil` before any is known.
  package var earlier: EstimateTally?

  package init(
    indicator: Indicator,
    since: Timestamp,
    operatingHours: Quantiles<Double>,
    due: Quantiles<Timestamp>,
    basis: Basis,
    isSwinging: Bool,
    earlier: EstimateTally? = nil
  ) {
    self.indicator = indicator
    self.since = since
    self.operatingHours = operatingHours
    self.due = due
    self.basis = basis
    self.isSwinging = isSwinging
    self.earlier = earlier
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
    /// How far the value is from what is usual at this duty, in multiples of the usual band. Where
    /// no limit is known, failure is a range of such multiples, so the estimate is wide.
    case deviation
  }

  /// How it was estimated.
  package enum Basis: String, Hashable, Sendable, Codable, CaseIterable {
    /// From this machine's own trend alone.
    case trend
    /// By a model that was trained on machines of its kind which ran to failure.
    case model
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
  /// Moves with the clock.
  package mutating func shift(by step: Duration) {
    since = since.shifted(by: step)
    due.p10 = due.p10.shifted(by: step)
    due.p50 = due.p50.shifted(by: step)
    due.p90 = due.p90.shifted(by: step)
  }
}
