package import ConditionModel

/// What remains of a machine's life, in the fleet's unit of age.
package struct LifeEstimate: Hashable, Sendable {
  /// The best estimate; the model's horizon stands for "that much or more".
  package var remaining: Float
  /// Where the truth lies for 80 of 100 machines like these: P10 and P90.
  package var range80: ClosedRange<Float>
  package var range90: ClosedRange<Float>
  /// Why the estimate should not be relied on; empty if the model is within its validity.
  package var doubts: [ModelDoubt]
}

/// Follows one machine with a model, row by row.
package struct LifePredictor: Sendable {
  /// Levels may pass what was learned from by this share of its range.
  private static let levelMargin: Float = 0.25
  /// With fewer rows than this share of what its age says, too much of a life was not seen.
  private static let leastSeenShare: Float = 0.8

  /// What the model has seen of the machine: with the model it is the whole predictor.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var window: LifeWindow
    /// The age at the first row and at the latest.
    package fileprivate(set) var firstAge: Float?
    package fileprivate(set) var age: Float?
  }

  package let model: LifeModel
  package private(set) var memory: Memory
  private var scaled: ConditionRow

  package init(_ model: LifeModel, memory: Memory? = nil) {
    self.model = model
    self.memory = memory ?? Memory(window: model.regressor.scale.emptyWindow)
    scaled = model.regressor.scale.emptyRow
  }

  /// Takes the next row of the machine's life, with the columns of the model's fleet.
  ///
  /// - Returns: Why the row was left out, or `nil` if it was taken.
  package mutating func observe(
    age: Float,
    settings: ArraySlice<Float>,
    sensors: ArraySlice<Float>
  ) -> ModelDoubt? {
    guard age > memory.age ?? -.infinity else { return .ageWentBack }
    let scale = model.regressor.scale
    for column in scale.sensors where !sensors[sensors.startIndex + column].isFinite {
      return .missingSensor(name: model.fleet.sensors[column])
    }
    guard scale.scale(settings: settings, sensors: sensors, into: &scaled) else {
      return .unknownRegime
    }
    memory.window.append(scaled)
    memory.firstAge = memory.firstAge ?? age
    memory.age = age
    return nil
  }

  /// The estimate after the last row that was taken.
  ///
  /// - Returns: `nil` before the first.
  package func estimate() -> LifeEstimate? {
    guard let age = memory.age else { return nil }
    let regressor = model.regressor
    var features: [Float] = []
    regressor.scale.appendFeatures(
      of: memory.window,
      age: regressor.usesAge ? age : nil,
      to: &features
    )
    let remaining = regressor.predict(features[...])
    let intervals = model.residuals.intervals(around: remaining, horizon: regressor.horizon)
    return LifeEstimate(
      remaining: remaining,
      range80: intervals[0],
      range90: intervals[1],
      doubts: doubts
    )
  }

  /// A sensor that moved by less is as different from machine to machine, in its standard deviations.
  private static let leastChange: Float = 1

  /// The columns of the sensors that are farthest from how they read when the machine was new,
  /// farthest first.
  package var movedSensors: [Int] {
    let columns = model.regressor.scale.sensors
    return columns.indices
      .map { (column: columns[$0], change: memory.window.change(lane: $0).magnitude) }
      .filter { $0.change >= Self.leastChange }
      .sorted { ($1.change, $0.column) < ($0.change, $1.column) }
      .map(\.column)
  }

  private var doubts: [ModelDoubt] {
    var found: [ModelDoubt] = []
    let window = memory.window
    if window.rowCount < LifeWindow.baselineRowCount {
      found.append(.fewRows(seen: window.rowCount, needed: LifeWindow.baselineRowCount))
    }
    if let first = memory.firstAge, let age = memory.age {
      let step = model.fleet.rowStep
      if first > model.fleet.latestStart + Float(LifeWindow.baselineRowCount) * step {
        found.append(.startMissed(age: Double(first)))
      }
      let expected = (age - first) / step + 1
      if Float(window.rowCount) < Self.leastSeenShare * expected {
        found.append(
          .rowsMissing(seen: window.rowCount, expected: Int(min(expected.rounded(), 1e9)))
        )
      }
      if model.usesAge, age > model.card.longestLife {
        found.append(.olderThanFleet(age: Double(age), longest: Double(model.card.longestLife)))
      }
    }
    for (lane, range) in model.levels.enumerated() {
      let margin = (range.upperBound - range.lowerBound) * Self.levelMargin
      let level = window.level(lane: lane)
      guard level < range.lowerBound - margin || level > range.upperBound + margin else { continue }
      let columns = model.regressor.scale.sensors
      found.append(
        lane < columns.count
          ? .neverSeen(name: model.fleet.sensors[columns[lane]]) : .neverSeenTogether
      )
    }
    return found
  }
}
