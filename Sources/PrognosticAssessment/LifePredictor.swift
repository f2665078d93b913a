/// What remains of a machine's life, in the fleet's unit of age.
package struct LifeEstimate: Hashable, Sendable {
  /// The best estimate; the model's horizon stands for "that much or more".
  package var remaining: Float
  /// Where the truth lies for 80 of 100 machines like these: P10 and P90.
  package var range80: ClosedRange<Float>
  package var range90: ClosedRange<Float>
  /// Why the estimate should not be relied on; empty if the model is within its validity.
  package var reservations: [Reservation]
}

/// Why a model does not fit what a machine shows.
package enum Reservation: Hashable, Sendable {
  /// Too little of this machine has been seen.
  case fewRows(seen: Int, needed: Int)
  /// The machine is older than any that was learned from.
  case olderThanFleet(age: Float, longest: Float)
  /// A sensor, or the health index, reads as on no machine that was learned from.
  case neverSeen(name: String)
}

/// Why a row was left out; the estimate stays as it was.
package enum SkippedRow: Hashable, Sendable {
  /// The settings belong to no operating regime of the fleet.
  case unknownRegime
  /// A sensor that the model needs gave no number.
  case missingSensor(name: String)
  /// The age did not rise: a clock or a counter jumped.
  case ageWentBack
}

/// Follows one machine with a model, row by row.
package struct LifePredictor: Sendable {
  /// Levels may pass what was learned from by this share of its range.
  private static let levelMargin: Float = 0.25

  package let model: LifeModel
  private var window: LifeWindow
  private var lanes: [SIMD8<Float>]
  private var age = -Float.infinity

  package init(_ model: LifeModel) {
    self.model = model
    let vectorCount = model.regressor.scale.vectorCount
    window = LifeWindow(vectorCount: vectorCount)
    lanes = Array(repeating: .zero, count: vectorCount)
  }

  /// Takes the next row of the machine's life, with the columns of the model's fleet.
  ///
  /// - Returns: Why the row was left out, or `nil` if it was taken.
  package mutating func observe(
    age: Float,
    settings: ArraySlice<Float>,
    sensors: ArraySlice<Float>
  ) -> SkippedRow? {
    guard age > self.age else { return .ageWentBack }
    let scale = model.regressor.scale
    for column in scale.sensors where !sensors[sensors.startIndex + column].isFinite {
      return .missingSensor(name: model.fleet.sensors[column])
    }
    guard scale.scale(settings: settings, sensors: sensors, into: &lanes) else {
      return .unknownRegime
    }
    window.append(lanes)
    self.age = age
    return nil
  }

  /// The estimate after the last row that was taken.
  ///
  /// - Returns: `nil` before the first.
  package func estimate() -> LifeEstimate? {
    guard window.rowCount > 0 else { return nil }
    let regressor = model.regressor
    var features: [Float] = []
    regressor.scale.appendFeatures(
      of: window,
      age: regressor.usesAge ? age : nil,
      to: &features
    )
    let remaining = regressor.predict(features[...])
    let intervals = model.residuals.intervals(around: remaining, horizon: regressor.horizon)
    return LifeEstimate(
      remaining: remaining,
      range80: intervals[0],
      range90: intervals[1],
      reservations: reservations
    )
  }

  private var reservations: [Reservation] {
    var found: [Reservation] = []
    if window.rowCount < LifeWindow.baselineRowCount {
      found.append(.fewRows(seen: window.rowCount, needed: LifeWindow.baselineRowCount))
    }
    if model.usesAge, age > model.card.longestLife {
      found.append(.olderThanFleet(age: age, longest: model.card.longestLife))
    }
    for (lane, range) in model.levels.enumerated() {
      let margin = (range.upperBound - range.lowerBound) * Self.levelMargin
      let level = window.level(lane: lane)
      guard level < range.lowerBound - margin || level > range.upperBound + margin else { continue }
      let columns = model.regressor.scale.sensors
      let name = lane < columns.count ? model.fleet.sensors[columns[lane]] : "health index"
      found.append(.neverSeen(name: name))
    }
    return found
  }
}

extension Reservation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fewRows(let seen, let needed):
      "only \(seen) of the \(needed) rows that show how the machine was when new"
    case .olderThanFleet(let age, let longest):
      "the machine's age of \(age) passes the longest life learned from, \(longest)"
    case .neverSeen(let name):
      "\(name) reads as on no machine learned from"
    }
  }
}

extension SkippedRow: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownRegime: "the settings belong to no operating regime learned from"
    case .missingSensor(let name): "\(name) gave no number"
    case .ageWentBack: "the age did not rise"
    }
  }
}
