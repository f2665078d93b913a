import SignalProcessing

/// Where a model comes from and how well it did, for whoever must decide whether to trust it.
///
/// It holds no date of training: the same lives and seed give the same file on any day. The
/// fingerprint says which data it was.
package struct ModelCard: Hashable, Sendable {
  /// What was learned from, as the one who trained named it: `FD001`.
  package var subset: String
  package var failureCount: Int
  package var runningCount: Int
  package var rowCount: Int
  package var shortestLife: Float
  package var longestLife: Float
  package var seed: UInt64
  /// A checksum over all rows that were learned from.
  package var fingerprint: UInt32
  /// Root mean square error on hidden machines, and that of a constant.
  package var error: Float
  package var constantError: Float
  /// For each interval: what it promises, what it covered on hidden machines, its mean width.
  package var coverage: [Coverage]

  package struct Coverage: Hashable, Sendable {
    package var share: Float
    package var covered: Float
    package var width: Float
  }
}

extension ModelCard {
  init(
    _ records: [LifeRecord],
    subset: String,
    seed: UInt64,
    scale: ConditionScale,
    validation: CrossValidation
  ) {
    self.subset = subset
    self.seed = seed
    // A machine that never shows all that is looked at has taught nothing.
    let learned = records.filter { scale.readableRowCount(of: $0) > 0 }
    failureCount = learned.count { $0.ending == .failed }
    runningCount = learned.count - failureCount
    rowCount = learned.reduce(0) { $0 + scale.readableRowCount(of: $1) }
    let lives = learned.filter { $0.ending == .failed }.compactMap(\.ages.last)
    shortestLife = lives.min() ?? 0
    longestLife = lives.max() ?? 0
    var checksum = Checksum()
    for record in records {
      checksum.add(UInt32(truncatingIfNeeded: record.unit))
      for value in record.ages + record.settings + record.sensors {
        checksum.add(value.bitPattern)
      }
    }
    fingerprint = checksum.value
    error = validation.error
    constantError = validation.constantError
    coverage = validation.coverage.map {
      Coverage(share: $0.share, covered: $0.covered, width: $0.width)
    }
  }
}

/// A remaining-life model: learned once from lives, then used on machines of the same kind.
package struct LifeModel: Hashable, Sendable, Codable {
  package let card: ModelCard
  package let fleet: FleetDescription
  let regressor: LifeRegressor
  let residuals: ResidualTable
  /// The lowest and highest level of each lane, sensors then health index, that was learned from.
  let levels: [ClosedRange<Float>]

  /// The names of the sensors that it needs; others may be missing.
  package var usedSensors: [String] { regressor.scale.sensors.map { fleet.sensors[$0] } }

  package var regimeCount: Int { regressor.scale.regimes.count }

  /// How many rows of a life it can read: those in which all that it looks at gives a number.
  package func readableRowCount(of record: LifeRecord) -> Int {
    regressor.scale.readableRowCount(of: record)
  }

  /// Whether the age of a machine counts; then its start of life must be known.
  package var usesAge: Bool { regressor.usesAge }

  init(
    card: ModelCard,
    fleet: FleetDescription,
    regressor: LifeRegressor,
    residuals: ResidualTable,
    levels: [ClosedRange<Float>]
  ) {
    self.card = card
    self.fleet = fleet
    self.regressor = regressor
    self.residuals = residuals
    self.levels = levels
  }

  init(
    card: ModelCard,
    fleet: FleetDescription,
    regressor: LifeRegressor,
    residuals: ResidualTable,
    records: [LifeRecord]
  ) {
    self.init(
      card: card,
      fleet: fleet,
      regressor: regressor,
      residuals: residuals,
      levels: Self.levels(of: records, scale: regressor.scale)
    )
  }

  // A model is written as the bytes of its file: nothing else is checked when it is read.
  package init(from decoder: any Decoder) throws {
    try self.init(decoding: [UInt8](from: decoder))
  }

  package func encode(to encoder: any Encoder) throws { try encoded().encode(to: encoder) }

  /// The range of the slow mean of each lane over all lives, once a baseline is known.
  private static func levels(
    of records: [LifeRecord],
    scale: ConditionScale
  ) -> [ClosedRange<Float>] {
    let laneCount = scale.sensors.count + 1
    var lows = Array(repeating: Float.infinity, count: laneCount)
    var highs = Array(repeating: -Float.infinity, count: laneCount)
    var scaled = scale.emptyRow
    for record in records {
      var window = scale.emptyWindow
      for row in 0..<record.rowCount {
        let isRead = scale.scale(
          settings: record.settings(at: row),
          sensors: record.sensors(at: row),
          into: &scaled
        )
        guard isRead else { continue }
        window.append(scaled)
        guard window.rowCount >= LifeWindow.baselineRowCount else { continue }
        for lane in 0..<laneCount {
          lows[lane] = min(lows[lane], window.level(lane: lane))
          highs[lane] = max(highs[lane], window.level(lane: lane))
        }
      }
    }
    return zip(lows, highs).map { $0 <= $1 ? $0...$1 : 0...0 }
  }
}
