/// Finds the temperature around a machine among its temperatures, where no name tells it: it is cool,
/// and it does not care whether the machine runs.
struct SurroundingsSearch: Hashable, Sendable, Codable {
  private var sums: [Double] = []
  private var restSums: [Double] = []
  private var count = 0.0
  private var restCount = 0.0

  mutating func take(_ values: [Double], isRunning: Bool, isSettled: Bool) {
    if sums.isEmpty {
      sums = Array(repeating: 0, count: values.count)
      restSums = sums
    }
    guard isSettled else { return }
    for index in values.indices {
      if isRunning { sums[index] += values[index] } else { restSums[index] += values[index] }
    }
    if isRunning { count += 1 } else { restCount += 1 }
  }

  /// Whether it was kept for so many channels.
  func fits(_ channelCount: Int) -> Bool {
    sums.count == restSums.count && (sums.isEmpty || sums.count == channelCount)
  }

  /// The place of the temperature among `candidates`, if one stands out.
  func result(among candidates: [Int], isColdMachine: Bool) -> Int? {
    guard count > 120, candidates.count > 1, !sums.isEmpty else { return nil }
    let byMean = candidates.sorted { sums[$0] < sums[$1] }
    for place in byMean {
      let mean = sums[place] / count
      guard mean > (isColdMachine ? 14 : -15), mean < 40 else { continue }
      if restCount > 180 {
        if abs(mean - restSums[place] / restCount) < 2.5 { return place }
      } else if place == byMean[0], !isColdMachine,
        sums[byMean[1]] / count > mean + 6, mean < 33
      {
        return place
      }
    }
    return nil
  }
}
