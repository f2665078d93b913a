import AllocationCount

/// What one piece of work costs.
package struct Cost {
  package var nanosecondsPerItem: Double
  package var allocationsPerItem: Double

  package init(nanosecondsPerItem: Double, allocationsPerItem: Double) {
    self.nanosecondsPerItem = nanosecondsPerItem
    self.allocationsPerItem = allocationsPerItem
  }
}

/// Measures `work`, which handles `items` items each time it is called.
///
/// The best of several rounds counts for time: whatever else the machine does only makes a round
/// slower. Allocations are those of the last round, when buffers have their size.
package func measure(items: Int, rounds: Int = 7, _ work: () -> Void) -> Cost {
  work()
  var best = Double.infinity
  var allocations: UInt = 0
  let clock = ContinuousClock()
  for _ in 0..<rounds {
    let before = vigie_allocation_count()
    let elapsed = clock.measure(work)
    allocations = vigie_allocation_count() - before
    let (seconds, attoseconds) = elapsed.components
    best = min(best, Double(seconds) * 1e9 + Double(attoseconds) / 1e9)
  }
  return Cost(
    nanosecondsPerItem: best / Double(items),
    allocationsPerItem: Double(allocations) / Double(items)
  )
}
