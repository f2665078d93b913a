import SignalProcessing
import Testing

@testable import PrognosticAssessment

struct LifeWindowTests {
  /// The features of one lane by their definition, each from the whole past.
  private func plain(_ past: [Float], _ trusts: [Float]) -> [LifeWindow.Kind: Double] {
    let values = past.map(Double.init)
    let trusts = trusts.map(Double.init)
    func mean(_ places: Range<Int>) -> Double {
      places.reduce(0.0) { $0 + values[$1] * trusts[$1] } / places.reduce(0.0) { $0 + trusts[$1] }
    }
    func exponential(_ rate: Double) -> Double {
      var sum = 0.0
      var weight = 0.0
      var share = 1.0
      for (age, value) in values.reversed().enumerated() {
        let trust = trusts[values.count - 1 - age]
        sum += share * trust * value
        weight += share * trust
        share *= 1 - rate
      }
      return sum / weight
    }
    func slope(_ span: Int) -> Double {
      let places = max(values.count - span, 0)..<values.count
      let weight = places.reduce(0.0) { $0 + trusts[$1] }
      let middle = places.reduce(0.0) { $0 + Double($1) * trusts[$1] } / weight
      let spread = places.reduce(0.0) { sum, place in
        sum + trusts[place] * (Double(place) - middle) * (Double(place) - middle)
      }
      let rise = places.reduce(0.0) { sum, place in
        sum + trusts[place] * (Double(place) - middle) * values[place]
      }
      return rise / max(spread, 60) * 10
    }
    return [
      .level: exponential(0.08), .fastMean: exponential(0.25),
      .change: exponential(0.08) - mean(0..<min(25, values.count)),
      .shortSlope: slope(30), .mean: mean(max(values.count - 50, 0)..<values.count),
      .longSlope: slope(160),
    ]
  }

  @Test func `each feature is what its definition says, from the first row to well past the spans`()
  {
    var generator = SeededGenerator(seed: 5)
    var window = LifeWindow(vectorCount: 2)
    var pasts = Array(repeating: [Float](), count: 16)
    var trusts = pasts
    for _ in 1...210 {
      var row = ConditionRow(vectorCount: 2)
      for lane in 0..<16 {
        let value = Float(generator.uniform(in: -3..<3))
        let trust = Float(generator.uniform(in: 0.2..<3))
        row.values[lane >> 3][lane & 7] = value
        row.trusts[lane >> 3][lane & 7] = trust
        pasts[lane].append(value)
        trusts[lane].append(trust)
      }
      window.append(row)
      var features: [Float] = []
      window.appendFeatures(to: &features)
      #expect(features.count == LifeWindow.featureCount(vectorCount: 2))
      for lane in [0, 7, 8, 15] {
        for (kind, expected) in plain(pasts[lane], trusts[lane]) {
          let found = Double(features[LifeWindow.place(of: kind, lane: lane)])
          #expect(abs(found - expected) < 2e-4, "\(kind), lane \(lane), row \(window.rowCount)")
        }
      }
    }
  }

  @Test func `features know nothing of the future`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 31).first)
    let scale = ModelFileTests.model.regressor.scale
    let whole = FeatureTable([life], scale: scale, usesAge: true) { _, _ in true }
    for rows in [1, 2, 25, 26, 40] {
      let part = FeatureTable(
        [SyntheticFleet.beginning(of: life, rows: rows)],
        scale: scale,
        usesAge: true
      ) { _, row in row == rows - 1 }
      #expect(part.row(0) == whole.row(rows - 1)[...])
    }
  }
}

struct FeatureBinsTests {
  @Test func `a value in a bin is above the edge before and at most its own`() {
    var generator = SeededGenerator(seed: 1)
    let values = (0..<5000).map { _ in Float(generator.normal()) }
    let bins = FeatureBins(features: values, featureCount: 1)
    for value in values + [-.infinity, .infinity, 0] {
      var codes: [UInt8] = []
      bins.appendCodes(of: [value], to: &codes)
      let code = Int(codes[0])
      #expect(value <= bins.edges[code])
      #expect(code == 0 || value > bins.edges[code - 1])
    }
  }

  @Test func `whole numbers that repeat get bins of their own`() {
    let ages = (0..<6000).map { Float($0 % 40 + 1) }
    let bins = FeatureBins(features: ages, featureCount: 1)
    let codes = (1...40).map { age in
      var codes: [UInt8] = []
      bins.appendCodes(of: [Float(age)], to: &codes)
      return codes[0]
    }
    #expect(codes == (0..<40).map { UInt8($0) })
  }

  @Test func `a constant has one bin`() {
    let bins = FeatureBins(features: Array(repeating: 3, count: 100), featureCount: 1)
    #expect(!bins.varies(0))
  }
}

struct TreeBoostingTests {
  /// Rows on a grid of two features, the target a step in one and a slope in the other.
  private func table() -> (BoostingTable, FeatureBins, [Float]) {
    var generator = SeededGenerator(seed: 2)
    var features: [Float] = []
    var table = BoostingTable(featureCount: 3)
    for _ in 0..<2000 {
      let row = (0..<3).map { _ in Float(generator.uniform()) }
      features += row
      table.targets.append((row[0] > 0.6 ? 40 : 10) + 20 * row[1])
      table.weights.append(1)
    }
    let bins = FeatureBins(features: features, featureCount: 3)
    for row in 0..<2000 {
      bins.appendCodes(of: features[row * 3..<row * 3 + 3], to: &table.codes)
    }
    return (table, bins, features)
  }

  private func error(_ table: BoostingTable, _ trees: BoostedTrees) -> Float {
    let sum = table.targets.indices.reduce(Float(0)) { sum, row in
      let codes = Array(table.codes[row * 3..<row * 3 + 3])
      let miss = trees.predict(codes.span) - table.targets[row]
      return sum + miss * miss
    }
    return (sum / Float(table.rowCount)).squareRoot()
  }

  @Test func `trees follow a step and a slope`() {
    let (table, bins, _) = table()
    var settings = BoostingSettings()
    settings.treeCount = 60
    settings.rate = 0.2
    settings.featureShare = 1
    let trees = TreeBoosting.fit(table, bins: bins, horizon: 60, settings: settings, seed: 1)
    #expect(trees.treeCount == 60)
    #expect(error(table, trees) < 1.5)
  }

  @Test func `one tree of two leaves cuts at the step and answers with the shrunken means`() throws
  {
    let (table, bins, features) = table()
    var settings = BoostingSettings()
    settings.treeCount = 1
    settings.rate = 1
    settings.leafCount = 2
    settings.rowShare = 1
    settings.featureShare = 1
    let trees = TreeBoosting.fit(table, bins: bins, horizon: 60, settings: settings, seed: 1)
    let tree = trees.tree(0)
    let root = try #require(tree.nodes.first)
    #expect(root.feature == 0)
    let edge = bins.edges[Int(root.cut)]
    #expect(abs(edge - 0.6) < 0.03)
    for (leaf, isYes) in [(tree.leaves[0], true), (tree.leaves[1], false)] {
      let rows = table.targets.indices.filter { (features[$0 * 3] <= edge) == isYes }
      let sum = rows.reduce(Float(0)) { $0 + table.targets[$1] - trees.start }
      #expect(abs(leaf - sum / (Float(rows.count) + 5)) < 0.05)
    }
  }

  @Test func `features that never vary give the mean`() {
    var table = BoostingTable(featureCount: 1)
    table.targets = [10, 20, 60]
    table.weights = [1, 1, 1]
    table.codes = [0, 0, 0]
    let bins = FeatureBins(features: [5, 5, 5], featureCount: 1)
    let trees = TreeBoosting.fit(
      table,
      bins: bins,
      horizon: 60,
      settings: BoostingSettings(),
      seed: 1
    )
    let codes: [UInt8] = [0]
    #expect(trees.predict(codes.span) == 30)
  }
}

struct ResidualTableTests {
  private func outcomes(_ count: Int, seed: UInt64) -> [CrossValidation.Outcome] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { unit in
      let actual = Float(generator.uniform(in: 0..<100))
      let predicted = min(max(actual + (1 + actual / 10) * Float(generator.normal()), 0), 100)
      return CrossValidation.Outcome(
        unit: unit,
        fold: 0,
        predicted: predicted,
        actual: actual,
        constant: 50
      )
    }
  }

  @Test func `the next machines of the fleet fall inside as often as promised`() {
    let table = ResidualTable(outcomes(2000, seed: 1))
    for (level, share) in ResidualTable.shares.enumerated() {
      let inside = outcomes(4000, seed: 2).count { outcome in
        table.intervals(around: outcome.predicted, horizon: 100)[level].contains(outcome.actual)
      }
      #expect(abs(Float(inside) / 4000 - share) < 0.03)
    }
  }

  @Test(arguments: [1, 7, 20, 55])
  func `few outcomes give wide ranges, not wrong ones`(count: Int) {
    let seen = outcomes(count, seed: 3)
    let table = ResidualTable(seen)
    for outcome in seen {
      for range in table.intervals(around: outcome.predicted, horizon: 100) {
        #expect(range.contains(outcome.predicted))
        #expect(range.lowerBound >= 0 && range.upperBound <= 100)
      }
    }
  }
}
