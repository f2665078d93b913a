/// What is left of a channel's values in each of a few states of its machine: level and scatter.
struct StateTable: Hashable, Sendable, Codable {
  /// Mean of what is left, shrunk to 0 where little is known.
  private(set) var levels: [Double]
  private(set) var scatters: [Double]
  private(set) var weights: [Double]

  init(count: Int) {
    levels = Array(repeating: 0, count: count)
    scatters = Array(repeating: 0, count: count)
    weights = Array(repeating: 0, count: count)
  }

  /// So many values shrink a mean or a scatter by half.
  private static let half = 60.0

  func level(_ state: Int) -> Double {
    levels[state] * weights[state] / (weights[state] + Self.half)
  }

  /// The scatter (as a standard deviation) in a state, towards `usual` where little is known.
  func scatter(_ state: Int, usual: Double) -> Double {
    (scatters[state] * weights[state] + usual * Self.half) / (weights[state] + Self.half)
  }

  mutating func learn(_ rest: Double, scatter: Double, in state: Int, memory: Double) {
    weights[state] = min(weights[state] + 1, memory)
    let rate = 1 / weights[state]
    // `rest` is what is left after this level; a level moves by its share of that.
    levels[state] += rate * rest
    // The mean distance of a normal variable is √(2 ∕ π) of its standard deviation.
    scatters[state] += rate * (1.2533 * scatter - scatters[state])
  }
}
