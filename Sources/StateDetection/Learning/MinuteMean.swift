/// Condenses the readings of one step of the grid, in constant memory.
///
/// From five readings on, the mean leaves out the highest and the lowest, so that a single spike
/// does not enter it.
struct MinuteMean: Hashable, Sendable, Codable {
  private(set) var count = 0
  private var sum = 0.0
  private(set) var lowest = 0.0
  private(set) var highest = 0.0
  /// The sum of the distances between neighbouring readings, and how many these are.
  private var movement = 0.0
  private var movementCount = 0
  private var last: Double?
  private var secondLast: Double?
  /// The farthest that a reading stood out from both its neighbours.
  private(set) var spike = 0.0
  /// Whether a reading lay beyond what the sensor can measure.
  private(set) var hasOutlier = false
  /// How many readings in a row were exactly the last one.
  private(set) var equalCount = 0

  mutating func take(_ value: Double) {
    if let last {
      if let secondLast {
        let above = last - larger(secondLast, value)
        let below = min(secondLast, value) - last
        spike = larger(larger(spike, above), below)
      }
      movement += abs(value - last)
      movementCount += 1
      equalCount = value == last ? equalCount + 1 : 0
    }
    secondLast = last
    last = value
    lowest = count == 0 ? value : min(lowest, value)
    highest = count == 0 ? value : larger(highest, value)
    sum += value
    count += 1
  }

  /// Counts a reading that is beyond what the sensor can measure, and so no value.
  mutating func takeOutlier() { hasOutlier = true }

  var mean: Double? {
    guard count > 0 else { return nil }
    guard count >= 5 else { return sum / Double(count) }
    return (sum - lowest - highest) / Double(count - 2)
  }

  /// The mean distance between neighbouring readings; `nil` where there were no neighbours.
  var roughness: Double? {
    movementCount > 0 ? movement / Double(movementCount) : nil
  }

  /// Forgets that readings were equal, as at rest, where they may be.
  mutating func forgetEqual() { equalCount = 0 }

  /// Begins the next step; what neighbours it stays known.
  mutating func restart() {
    count = 0
    sum = 0
    movement = 0
    movementCount = 0
    spike = 0
    hasOutlier = false
  }
}

/// Returns the larger of two numbers, in one step where `max`, which minds what is no number, takes
/// several and a branch that cannot be foreseen.
private func larger(_ one: Double, _ other: Double) -> Double { one > other ? one : other }
