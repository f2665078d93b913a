/// Finds the temperature around a machine among its temperatures, where no name tells it: it is cool,
/// and it does not care whether the machine runs.
struct SurroundingsSearch: Hashable, Sendable, Codable {
  /// A chiller's medium is colder.
  private static let coldSide = 14.0

  /// The learning time at the latest look, in steps of the grid; `nil` before the first.
  var latest: Int64?
  /// Empty before the first value; `nil` in memories from before values were counted by channel.
  private var channels: [Means]?

  /// What a channel showed in running and at rest.
  private struct Means: Hashable, Sendable, Codable {
    var sum = 0.0
    var count = 0.0
    var restSum = 0.0
    var restCount = 0.0

    var mean: Double { sum / count }
    var restMean: Double { restSum / restCount }
  }

  mutating func take(_ values: [Double], _ isValid: [Bool], isRunning: Bool, isSettled: Bool) {
    guard isSettled else { return }
    var means = channels ?? []
    channels = nil
    if means.isEmpty { means = Array(repeating: Means(), count: values.count) }
    for index in values.indices where isValid[index] {
      if isRunning {
        means[index].sum += values[index]
        means[index].count += 1
      } else {
        means[index].restSum += values[index]
        means[index].restCount += 1
      }
    }
    channels = means
  }

  /// Whether it was kept for so many channels.
  func fits(_ channelCount: Int) -> Bool {
    channels.map { $0.isEmpty || $0.count == channelCount } ?? true
  }

  /// The place of the temperature among `candidates`, if one stands out.
  func result(among candidates: [Int], isColdMachine: Bool) -> Int? {
    guard let channels, !channels.isEmpty else { return nil }
    // One that was never read is no cold one.
    let known = candidates.filter { channels[$0].count > 120 }
      .sorted { channels[$0].mean < channels[$1].mean }
    guard known.count > 1 else { return nil }
    if isColdMachine, let place = mildest(of: known) { return place }
    for place in known {
      let mean = channels[place].mean
      guard mean > (isColdMachine ? Self.coldSide : -15), mean < 40 else { continue }
      if channels[place].restCount > 180 {
        if abs(mean - channels[place].restMean) < 2.5 { return place }
      } else if place == known[0], !isColdMachine, channels[known[1]].mean > mean + 6, mean < 33 {
        return place
      }
    }
    return nil
  }

  /// The one temperature between those of the cold and those of the warm side of a machine that never rests.
  private func mildest(of known: [Int]) -> Int? {
    guard let channels else { return nil }
    let warm = known.filter { channels[$0].mean > Self.coldSide }
    guard let mildest = warm.first, channels[mildest].restCount <= 180, channels[mildest].mean < 33,
      warm.dropFirst().allSatisfy({ channels[$0].mean > channels[mildest].mean + 5 })
    else { return nil }
    return mildest
  }
}
