import SignalProcessing

/// How well a fleet can be learned, found by hiding some of its machines.
///
/// All rows of a machine are hidden together: rows of one life are too alike to test each other.
package struct CrossValidation: Sendable {
  /// A hidden machine was cut off at some row, and its remaining life predicted from there.
  package struct Outcome: Hashable, Sendable {
    package var unit: Int
    package var fold: Int
    package var predicted: Float
    /// Its true remaining life, at most the horizon.
    package var actual: Float
    /// What a constant, the mean of the machines not hidden, would have said.
    package var constant: Float
  }

  package static let foldCount = 5
  /// Cuts per hidden machine.
  private static let cutCount = 20
  /// Cuts lie this far from the end, in horizons.
  private static let cutRange: ClosedRange<Float> = 0.048...1.16
  /// A machine is cut off no earlier than here.
  static let leastRowsSeen = 20

  package let outcomes: [Outcome]
  let horizon: Float

  /// Predicts the hidden machines of a fold by what was learned from the others.
  static func outcomes(
    _ hidden: [LifeRecord],
    fold: Int,
    by regressor: LifeRegressor,
    constant: Float,
    generator: inout SeededGenerator,
    witness: ((ExampleTable) -> Void)? = nil
  ) -> [Outcome] {
    let wanted = hidden.map { record in
      cuts(of: record, horizon: regressor.horizon, generator: &generator)
    }
    let table = FeatureTable(hidden, scale: regressor.scale, usesAge: regressor.usesAge) {
      wanted[$0][$1] > 0
    }
    witness?(
      ExampleTable(
        features: table.features,
        targets: table.places.map { place in
          min(hidden[place.record].remaining(at: place.row), regressor.horizon)
        },
        weights: table.places.map { Float(wanted[$0.record][$0.row]) }
      )
    )
    var outcomes: [Outcome] = []
    for (index, place) in table.places.enumerated() {
      let record = hidden[place.record]
      let outcome = Outcome(
        unit: record.unit,
        fold: fold,
        predicted: regressor.predict(table.row(index)),
        actual: min(record.remaining(at: place.row), regressor.horizon),
        constant: constant
      )
      for _ in 0..<wanted[place.record][place.row] { outcomes.append(outcome) }
    }
    return outcomes
  }

  /// Whether a hidden machine may be cut off at a row.
  static func isCut(_ record: LifeRecord, _ row: Int, horizon: Float) -> Bool {
    row + 1 >= leastRowsSeen && cutRange.contains(record.remaining(at: row) / horizon)
  }

  /// How often each row of a life is drawn as a cut.
  private static func cuts(
    of record: LifeRecord,
    horizon: Float,
    generator: inout SeededGenerator
  ) -> [Int] {
    var counts = Array(repeating: 0, count: record.rowCount)
    let candidates = counts.indices.filter { row in
      isCut(record, row, horizon: horizon)
    }
    guard record.ending == .failed, !candidates.isEmpty else { return counts }
    for _ in 0..<cutCount {
      counts[candidates[Int(generator.uniform() * Double(candidates.count))]] += 1
    }
    return counts
  }

  /// The root mean square of what was missed.
  package var error: Float { rootMeanSquare { $0.predicted - $0.actual } }

  /// The same for a constant, the yardstick of any learning.
  package var constantError: Float { rootMeanSquare { $0.constant - $0.actual } }

  private func rootMeanSquare(_ miss: (Outcome) -> Float) -> Float {
    let sum = outcomes.reduce(0.0) { $0 + Double(miss($1)) * Double(miss($1)) }
    return Float((sum / Double(max(outcomes.count, 1))).squareRoot())
  }

  /// Share of truths inside their interval and mean width of the intervals, at each level.
  ///
  /// The table is made anew without the fold it is tried on.
  package var coverage: [(share: Float, covered: Float, width: Float)] {
    var covered = ResidualTable.shares.map { _ in 0 }
    var widths = ResidualTable.shares.map { _ in 0.0 }
    for fold in 0..<Self.foldCount {
      let table = ResidualTable(outcomes.filter { $0.fold != fold })
      for outcome in outcomes where outcome.fold == fold {
        let intervals = table.intervals(around: outcome.predicted, horizon: horizon)
        for (level, interval) in intervals.enumerated() {
          covered[level] += interval.contains(outcome.actual) ? 1 : 0
          widths[level] += Double(interval.upperBound - interval.lowerBound)
        }
      }
    }
    let count = Double(max(outcomes.count, 1))
    return ResidualTable.shares.enumerated().map { level, share in
      (share, Float(Double(covered[level]) / count), Float(widths[level] / count))
    }
  }
}
