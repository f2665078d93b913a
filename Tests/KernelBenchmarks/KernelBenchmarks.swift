import BenchmarkHarness

/// One kernel: what it costs, and what the same work costs elsewhere.
struct KernelCost {
  let name: String
  /// Samples, bins or channels that one call handles.
  let size: Int
  let cost: Cost
  /// The nanoseconds that the others need, by name.
  let others: [(name: String, nanoseconds: Double)]

  /// Measures one call of `kernel` and of the `others` in turn, so that whatever else the machine
  /// does falls on all of them.
  init(
    _ name: String,
    size: Int,
    _ kernel: () -> Void,
    others: [(name: String, work: () -> Void)] = []
  ) {
    self.name = name
    self.size = size
    // About two milliseconds per round, ten for the slowest kernels.
    let calls = max(1, 1_000_000 / size)
    func cost(_ work: () -> Void, calls: Int) -> Cost {
      measure(items: calls, rounds: 3) { for _ in 0..<calls { work() } }
    }
    // A sum as its definition says takes that long for one call.
    let callsOfOthers = others.map { other in
      let single = measure(items: 1, rounds: 1, other.work).nanosecondsPerItem
      return max(1, min(calls, Int(2e6 / max(1, single))))
    }
    var best = cost(kernel, calls: calls)
    var bestOfOthers = others.map { _ in Double.infinity }
    for _ in 0..<6 {
      for (index, other) in others.enumerated() {
        let next = cost(other.work, calls: callsOfOthers[index])
        bestOfOthers[index] = min(bestOfOthers[index], next.nanosecondsPerItem)
      }
      let next = cost(kernel, calls: calls)
      best.nanosecondsPerItem = min(best.nanosecondsPerItem, next.nanosecondsPerItem)
      best.allocationsPerItem = max(best.allocationsPerItem, next.allocationsPerItem)
    }
    self.cost = best
    self.others = zip(others, bestOfOthers).map { ($0.name, $1) }
  }

  var json: String {
    var fields = [
      "\"kernel\":\"\(name)\"", "\"size\":\(size)",
      "\"nanoseconds\":\(rounded(cost.nanosecondsPerItem))",
      "\"allocations\":\(rounded(cost.allocationsPerItem))",
    ]
    for other in others { fields.append("\"\(other.name)\":\(rounded(other.nanoseconds))") }
    return "{\(fields.joined(separator: ","))}"
  }

  var line: String {
    var line = padded(name, 34) + padded("\(size)", 9)
    line += padded("\(rounded(cost.nanosecondsPerItem)) ns", 14)
    line += padded("\(rounded(cost.allocationsPerItem)) allocations", 18)
    for other in others {
      let ratio = rounded(other.nanoseconds / cost.nanosecondsPerItem)
      line += padded("\(other.name) \(rounded(other.nanoseconds)) ns (\(ratio) ×)", 32)
    }
    return line
  }
}

/// To two decimal places.
private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

/// Measures every kernel against its plain twin and, where the build has them, against other
/// libraries.
///
/// - Parameter json: Whether to answer in JSON, in nanoseconds per call, instead of a table.
/// - Returns: The text to print; in the table, `×` is how many times longer the other one takes.
///   And the names of the kernels that allocate, of which there should be none.
package func runKernelBenchmarks(json: Bool) -> (text: String, allocating: [String]) {
  let costs = transformCosts() + blockCosts() + analysisCosts() + streamCosts()
  let text =
    json
    ? "{\"kernels\":[\(costs.map(\.json).joined(separator: ","))]}"
    : costs.map(\.line).joined(separator: "\n")
  return (text, costs.filter { $0.cost.allocationsPerItem > 0 }.map(\.name))
}
