/// What is learned from a fleet: the way from a machine's past to its remaining life.
struct LifeRegressor: Hashable, Sendable {
  let scale: ConditionScale
  let usesAge: Bool
  /// Remaining lives longer than this are not told apart.
  let horizon: Float
  let bins: FeatureBins
  let trees: BoostedTrees

  /// The estimate for one row of features.
  func predict(_ features: ArraySlice<Float>) -> Float {
    var codes: [UInt8] = []
    codes.reserveCapacity(features.count)
    bins.appendCodes(of: features, to: &codes)
    return min(max(trees.predict(codes.span), 0), horizon)
  }
}

/// Rows of features with what is to be said about each, and how much each counts.
package struct ExampleTable: Sendable {
  /// Row after row.
  package var features: [Float]
  package var targets: [Float]
  package var weights: [Float]
}

/// The features of chosen rows of lives, row after row.
struct FeatureTable {
  let featureCount: Int
  private(set) var features: [Float] = []
  /// The record, and the row in it, that each row of the table comes from.
  private(set) var places: [(record: Int, row: Int)] = []

  /// Walks through each life and keeps the features of the rows that are wanted.
  init(
    _ records: [LifeRecord],
    scale: ConditionScale,
    usesAge: Bool,
    isWanted: (_ record: Int, _ row: Int) -> Bool
  ) {
    featureCount = scale.featureCount(usesAge: usesAge)
    var scaled = scale.emptyRow
    for (number, record) in records.enumerated() {
      var window = scale.emptyWindow
      for row in 0..<record.rowCount {
        let isRead = scale.scale(
          settings: record.settings(at: row),
          sensors: record.sensors(at: row),
          into: &scaled
        )
        guard isRead else { continue }
        window.append(scaled)
        guard isWanted(number, row) else { continue }
        scale.appendFeatures(of: window, age: usesAge ? record.ages[row] : nil, to: &features)
        places.append((number, row))
      }
    }
  }

  var rowCount: Int { places.count }

  func row(_ index: Int) -> ArraySlice<Float> {
    features[index * featureCount..<(index + 1) * featureCount]
  }
}

extension LifeRegressor {
  /// Rows that lie this many horizons and more before the end all look alike, and count less.
  private static let farHorizons: Float = 1.12
  private static let farWeight: Float = 0.3

  /// Learns from lives.
  ///
  /// - Returns: `nil` if no sensor tells old machines from young ones, or no row can be read.
  static func fit(
    _ records: [LifeRecord],
    regimes: OperatingRegimes,
    usesAge: Bool,
    horizon: Float,
    boosting: BoostingSettings,
    seed: UInt64,
    witness: ((ExampleTable) -> Void)? = nil
  ) -> LifeRegressor? {
    guard let scale = ConditionScale(of: records, regimes: regimes, horizon: horizon) else {
      return nil
    }
    let table = FeatureTable(records, scale: scale, usesAge: usesAge) { record, row in
      records[record].label(at: row, horizon: horizon) != nil
    }
    guard table.rowCount > 0 else { return nil }
    let bins = FeatureBins(features: table.features, featureCount: table.featureCount)
    var examples = BoostingTable(featureCount: table.featureCount)
    // Wear means little without the age at which it came, so each tree may ask for it.
    examples.everDrawn = usesAge ? table.featureCount - 1 : nil
    examples.codes.reserveCapacity(table.features.count)
    for (index, place) in table.places.enumerated() {
      let record = records[place.record]
      bins.appendCodes(of: table.row(index), to: &examples.codes)
      examples.targets.append(record.label(at: place.row, horizon: horizon) ?? horizon)
      let isFar = record.remaining(at: place.row) > farHorizons * horizon
      examples.weights.append(isFar ? farWeight : 1)
    }
    witness?(
      ExampleTable(
        features: table.features,
        targets: examples.targets,
        weights: examples.weights
      )
    )
    let trees = TreeBoosting.fit(
      examples,
      bins: bins,
      horizon: horizon,
      settings: boosting,
      seed: seed
    )
    return LifeRegressor(
      scale: scale,
      usesAge: usesAge,
      horizon: horizon,
      bins: bins,
      trees: trees
    )
  }
}
