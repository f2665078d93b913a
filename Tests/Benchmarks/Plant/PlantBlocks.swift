import ConditionModel
import PlantSimulation

/// Ten minutes of a machine's recording, condensed, for the plain detectors of `vigie-bench plant`.
struct PlantBlocks {
  static let rows = 60

  /// By channel and block: mean of the values, NaN where fewer than half were recorded.
  var means: [[Double]]
  /// Largest distance of a value from the block's mean, and mean step from row to row.
  var peaks: [[Double]]
  var steps: [[Double]]
  /// Whether all values of the block are the same.
  var isFrozen: [[Bool]]
  /// The share of values at the highest or lowest value of the block.
  var edgeShares: [[Double]]
  /// Blocks in which the machine runs, and did so for the half hour before.
  var isRunning: [Bool]
  /// The indices of the channels that say what the machine does.
  var drivers: [Int]

  var count: Int { isRunning.count }

  init(_ machine: ExaminedMachine) {
    let channels = machine.channels.count
    means = Array(repeating: [], count: channels)
    peaks = means
    steps = means
    edgeShares = means
    isFrozen = Array(repeating: [], count: channels)
    isRunning = []
    drivers = machine.channels.indices.filter { machine.channels[$0].isDriver }
    var run = machine.rows()
    var row = [Double](repeating: 0, count: channels)
    var window: [[Double]] = Array(repeating: [], count: channels)
    while run.next(&row) {
      for index in row.indices where !row[index].isNaN { window[index].append(row[index]) }
      guard run.row.isMultiple(of: Self.rows) else { continue }
      for index in row.indices {
        append(window[index], to: index)
        window[index].removeAll(keepingCapacity: true)
      }
    }
    isRunning = running(of: machine)
  }

  private mutating func append(_ values: [Double], to index: Int) {
    guard values.count >= Self.rows / 2, let low = values.min(), let high = values.max() else {
      means[index].append(.nan)
      peaks[index].append(.nan)
      steps[index].append(.nan)
      edgeShares[index].append(.nan)
      isFrozen[index].append(false)
      return
    }
    let mean = values.reduce(0, +) / Double(values.count)
    var step = 0.0
    for (one, next) in zip(values, values.dropFirst()) { step += abs(next - one) }
    means[index].append(mean)
    peaks[index].append(max(high - mean, mean - low))
    steps[index].append(step / Double(values.count - 1))
    isFrozen[index].append(low == high)
    let atEdge = max(values.count { $0 == high }, values.count { $0 == low })
    edgeShares[index].append(low == high ? 0 : Double(atEdge) / Double(values.count))
  }

  private func running(of machine: ExaminedMachine) -> [Bool] {
    let quantities = machine.channels.map(\.quantity)
    let main =
      quantities.firstIndex(of: .current) ?? quantities.firstIndex(of: .activePower)
      ?? quantities.firstIndex(of: .rotationSpeed) ?? quantities.firstIndex(of: .velocityRMS)
    guard let main else { return Array(repeating: true, count: means[0].count) }
    let known = means[main].filter { !$0.isNaN }.sorted()
    let threshold = 0.25 * known[known.count * 9 / 10]
    var runningFor = 0
    return means[main].map { value in
      if !value.isNaN { runningFor = value > threshold ? runningFor + 1 : 0 }
      return runningFor > 3
    }
  }
}
