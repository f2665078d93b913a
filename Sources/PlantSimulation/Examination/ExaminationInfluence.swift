import SignalProcessing

/// Something that changes a machine's signals for a while: wear, grease, a new setting, a repair.
struct Influence: Hashable, Sendable {
  var effects: [Effect]
  var course: Course
  /// How much the weight trembles while the machine runs (looseness, cavitation), as a share.
  var tremble = 0.0
  /// What it adds to the demand at full weight.
  var demand = 0.0

  /// What full weight does to one channel.
  struct Effect: Hashable, Sendable {
    var channel: Int
    /// Growth of the running part as a share of it.
    var factor = 0.0
    /// Added while running, in the unit of the signal.
    var offset = 0.0
    /// 0: the same at every load; 1: proportional to the load.
    var loadShare = 0.0
    /// Shows late: with the square of the wear.
    var isLate = false
  }

  /// The weight over time.
  enum Course: Hashable, Sendable {
    /// Wear from a row on, along a curve, until the row at which it is repaired.
    case wear(Wear, from: Int, length: Int, until: Int)
    /// From 1 at a row back to 0 with a time constant in rows.
    case fading(from: Int, rows: Double)
    /// 1 from a row on.
    case lasting(from: Int)
    /// 1 between two rows.
    case between(Int, Int)
  }

  func weight(at row: Int) -> Double {
    switch course {
    case .wear(let wear, let from, let length, let until):
      guard row >= from, row < until else { return 0 }
      return wear.level(at: Double(row - from) / Double(length))
    case .fading(let from, let rows):
      guard row >= from else { return 0 }
      let past = Double(row - from) / rows
      return past > 12 ? 0 : steadyExponential(-past)
    case .lasting(let from): return row >= from ? 1 : 0
    case .between(let from, let until): return row >= from && row < until ? 1 : 0
    }
  }
}

/// How wear grows from 0 at its onset to 1 at failure.
struct Wear: Hashable, Sendable {
  var shape: Shape
  /// Levels at even steps of its life, 0 first, 1 last.
  private var levels: [Double] = []

  enum Shape: String, Hashable, Sendable, CaseIterable {
    case linear, exponential
    case lateKnee = "late knee"
    case stepwise, saturating
  }

  init(_ shape: Shape, _ generator: inout SeededGenerator) {
    self.shape = shape
    let count = 192
    let rate = generator.uniform(in: 2.2...4.5)
    let knee = generator.uniform(in: 0.55...0.8)
    let before = generator.uniform(in: 0.08...0.25)
    let bend = generator.uniform(in: 2...4)
    let steps = (0..<generator.whole(in: 3...7)).map { _ in generator.uniform(in: 0.02...0.95) }
      .sorted()
    var wander = Swing(steps: 25, &generator)
    let roughness = generator.uniform(in: 0...0.06)
    levels = (0...count).map { index in
      let past = Double(index) / Double(count)
      let level =
        switch shape {
        case .linear: past
        case .exponential: (exponentialGrowth(rate * past)) / exponentialGrowth(rate)
        case .lateKnee:
          past < knee
            ? before * past / knee
            : before + (1 - before) * (past - knee) / (1 - knee) * (past - knee) / (1 - knee)
        case .stepwise:
          (Double(steps.count { $0 <= past }) + 0.3 * past) / (Double(steps.count) + 0.3)
        case .saturating: exponentialGrowth(-bend * past) / exponentialGrowth(-bend)
        }
      wander.advance(&generator)
      // It begins without a jump and ends at 1.
      let ends = min(1, 12 * past, 12 * (1 - past))
      return max(0, level + roughness * wander.value * level.squareRoot() * ends)
    }
  }

  func level(at past: Double) -> Double {
    let place = min(max(past, 0), 1) * Double(levels.count - 1)
    let index = min(Int(place), levels.count - 2)
    let share = place - Double(index)
    return levels[index] + (levels[index + 1] - levels[index]) * share
  }
}

/// e^x − 1.
private func exponentialGrowth(_ x: Double) -> Double { steadyExponential(x) - 1 }
