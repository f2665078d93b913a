import LearnedDetection

/// The level detector as a plain loop over one channel: what the lanes are checked against.
struct PlainChannel {
  private static let bank = [
    (10.0, 150.0, 60, 0.8), (15, 200, 60, 0.95), (10, 300, 100, 0.8), (20, 200, 100, 0.95),
    (15, 300, 60, 0.8),
  ]
  private var head: [Double] = []
  private var gates: [PlainGate] = []
  private var quick = 0.0
  private var lagging = 0.0
  private var squares = 0.0
  private var seen = 0
  private(set) var deviation = 0.0
  private(set) var isOff = false
  private(set) var travel = 0.0
  /// Whether the spread is learned on after the learning part, as it must be.
  var goesOnLearning = true

  mutating func take(_ value: Double) {
    guard gates.isEmpty else {
      step(value)
      return
    }
    head.append(value)
    guard head.count == 60 else { return }
    let first = middle(Array(head[..<20]))
    gates = Self.bank.map { fast, slow, lag, stay in
      var gate = PlainGate(fast: fast, slow: slow, lag: lag, stay: stay)
      gate.goesOnLearning = goesOnLearning
      gate.level = first
      gate.clearing = first
      gate.base = middle(head)
      return gate
    }
    quick = first
    lagging = first
    for value in head { step(value) }
  }

  private mutating func step(_ value: Double) {
    for index in gates.indices { gates[index].take(value) }
    deviation = gates.map(\.deviation).sorted { abs($0) < abs($1) }[2]
    isOff = gates.count { $0.side != 0 } >= 3
    quick += PlainGate.weight(5) * (value - quick)
    lagging += PlainGate.weight(20) * (quick - lagging)
    let distance = quick - lagging
    if seen >= 400 {
      travel = abs(distance) / (((squares / 340).squareRoot() + 1e-9) * 3.5)
    } else if seen >= 60 {
      squares += distance * distance
    }
    seen += 1
  }

  private func middle(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
  }
}

/// One gate of one channel, as a plain loop.
struct PlainGate {
  let fast: Double
  let slow: Double
  let lag: Int
  let stay: Double
  var level = 0.0
  var base = 0.0
  var clearing = 0.0
  var goesOnLearning = true
  private(set) var side = 0.0
  private(set) var deviation = 0.0
  private var spread = 1.0
  private var levels: [Double] = []
  private var distances = (sum: 0.0, count: 0.0)
  private var wanders = (sum: 0.0, count: 0.0)
  private var seen = 0
  private var sinceReturn = 1e9

  init(fast: Double, slow: Double, lag: Int, stay: Double) {
    self.fast = fast
    self.slow = slow
    self.lag = lag
    self.stay = stay
  }

  mutating func take(_ value: Double) {
    level += Self.weight(fast) * (value - level)
    if seen < 400 {
      learn(level - base)
      base += max(Self.weight(slow), 1 / Double(seen + 1)) * (level - base)
      clearing = level
    } else {
      clearing += Self.weight(10) * (value - clearing)
      judge()
    }
    seen += 1
  }

  private mutating func judge() {
    let limit = spread * 3.25
    deviation = (level - base) / limit
    let remaining = (clearing - base) / limit
    if side == 0, abs(deviation) > 1 {
      side = deviation > 0 ? 1 : -1
    } else if side != 0, abs(remaining) < stay || side * remaining < 0 {
      side = 0
      sinceReturn = 0
      level = clearing
    }
    if side == 0 {
      base += max(Self.weight(slow), 1 / (5 + sinceReturn)) * (level - base)
      sinceReturn += 1
      if goesOnLearning { learn(level - base) }
    } else {
      base += Self.weight(50 * slow) * (level - base)
    }
  }

  private mutating func learn(_ distance: Double) {
    if seen >= 60 {
      distances.sum += distance * distance
      distances.count += 1
    }
    if seen >= 45 {
      if levels.count >= lag {
        let wander = level - levels[levels.count - lag]
        wanders.sum += wander * wander
        wanders.count += 1
      }
      levels.append(level)
    }
    if wanders.count > 0 {
      let mean = distances.sum / distances.count
      let wander = wanders.sum / wanders.count
      spread = ((mean + wander) / 2).squareRoot() + 1e-9
    }
  }

  /// 1 − e^(−1 ∕ τ), as the sum of its series.
  static func weight(_ timeConstant: Double) -> Double {
    var term = 1.0
    var sum = 0.0
    for order in 1...25 {
      term *= -1 / (timeConstant * Double(order))
      sum -= term
    }
    return sum
  }
}
