/// What is left of a channel's values in each of a few states of its machine: level and scatter.
struct StateTable: Hashable, Sendable, Codable {
  private struct Cell: Hashable, Sendable, Codable {
    /// Mean of what is left, shrunk to 0 where little is known.
    var level = 0.0
    var scatter = 0.0
    var weight = 0.0
  }

  private var cells: [Cell]

  init(count: Int) {
    cells = Array(repeating: Cell(), count: count)
  }

  /// So many values shrink a mean or a scatter by half.
  private static let half = 60.0

  var count: Int { cells.count }

  /// How many values were seen in a state.
  func weight(_ state: Int) -> Double { cells[state].weight }

  func level(_ state: Int) -> Double {
    let cell = cells[state]
    return cell.level * cell.weight / (cell.weight + Self.half)
  }

  /// The scatter (as a standard deviation) in a state, towards `usual` where little is known.
  func scatter(_ state: Int, usual: Double) -> Double {
    let cell = cells[state]
    return (cell.scatter * cell.weight + usual * Self.half) / (cell.weight + Self.half)
  }

  mutating func learn(_ rest: Double, scatter: Double, in state: Int, memory: Double) {
    var cell = cells[state]
    cell.weight = min(cell.weight + 1, memory)
    let rate = 1 / cell.weight
    // `rest` is what is left after this level; a level moves by its share of that.
    cell.level += rate * rest
    // The mean distance of a normal variable is √(2 ∕ π) of its standard deviation.
    cell.scatter += rate * (1.2533 * scatter - cell.scatter)
    cells[state] = cell
  }
}
