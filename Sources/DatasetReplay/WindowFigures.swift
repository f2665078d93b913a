import Glibc

/// How well scores and alarms match labelled windows (the score of NAB).
///
/// The earliest call inside a window counts, the earlier the more; each call outside costs.
package struct WindowFigures: Hashable, Sendable, Codable {
  package var windows: Int
  /// With the threshold that suits the labels best, searched for each profile as the benchmark does.
  package var best: ProfileScores
  package var bestThresholds: ProfileScores
  /// With the detector's own alarms: what it would have said, without knowing the labels.
  package var ownAlarms: ProfileScores

  init(_ files: [ReplayedFile]) {
    let calls = files.enumerated().flatMap { index, file in Call.all(of: file, index: index) }
    let windowCount = files.reduce(0) { $0 + $1.windows.count }
    let byScore = calls.sorted { $0.score > $1.score }
    windows = windowCount
    best = ProfileScores { Self.search(byScore, $0, windowCount: windowCount).score }
    bestThresholds = ProfileScores { Self.search(byScore, $0, windowCount: windowCount).threshold }
    ownAlarms = Self.ownAlarms(calls, windowCount: windowCount)
  }

  /// The scores of alarms alone, without a search.
  static func ownAlarms(of files: [ReplayedFile]) -> ProfileScores {
    ownAlarms(
      files.enumerated().flatMap { index, file in Call.all(of: file, index: index) },
      windowCount: files.reduce(0) { $0 + $1.windows.count }
    )
  }

  /// A row as a possible call.
  private struct Call {
    let score: Double
    let isAlarm: Bool
    /// What a call at this row is worth before weights: 1 … −1.
    let value: Double
    /// The number of the window that the row lies in.
    let window: Int?

    static func all(of file: ReplayedFile, index: Int) -> [Call] {
      let windows = file.windows
      var next = 0
      return (0..<file.rowCount).compactMap { row in
        while next < windows.count, row > windows[next].upperBound { next += 1 }
        let isInside = next < windows.count && windows[next].contains(row)
        guard row >= file.learningRows else { return nil }
        return Call(
          score: file.scores[row],
          isAlarm: file.alarms[row],
          value: isInside
            ? hitValue(at: row, in: windows[next])
            : falseValue(at: row, after: next > 0 ? windows[next - 1] : nil),
          window: isInside ? index << 32 | next : nil
        )
      }
    }

    private static func hitValue(at row: Int, in window: ClosedRange<Int>) -> Double {
      let remaining = Double(window.upperBound - row + 1) / Double(window.count)
      return curve(-remaining) / curve(-1)
    }

    private static func falseValue(at row: Int, after past: ClosedRange<Int>?) -> Double {
      guard let past else { return -1 }
      return curve(Double(row - past.upperBound) / Double(past.count - 1))
    }

    /// 1 far before, 0 at 0, −1 far after.
    private static func curve(_ position: Double) -> Double {
      position > 3 ? -1 : 2 / (1 + exp(5 * position)) - 1
    }
  }

  /// Collects calls: outside windows all count, inside the best.
  private struct Tally {
    let profile: BenchmarkProfile
    private(set) var total: Double
    private var gains: [Int: Double] = [:]

    init(_ profile: BenchmarkProfile, windowCount: Int) {
      self.profile = profile
      total = -profile.miss * Double(windowCount)
    }

    mutating func add(_ call: Call) {
      guard let window = call.window else {
        total += call.value * profile.falseCall
        return
      }
      let gain = gains[window] ?? -profile.miss
      let better = max(gain, call.value * profile.hit)
      total += better - gain
      gains[window] = better
    }
  }

  private static func normalized(
    _ total: Double,
    _ profile: BenchmarkProfile,
    windowCount: Int
  ) -> Double {
    guard windowCount > 0 else { return 0 }
    let silence = -profile.miss * Double(windowCount)
    return 100 * (total - silence) / (profile.hit * Double(windowCount) - silence)
  }

  private static func ownAlarms(_ calls: [Call], windowCount: Int) -> ProfileScores {
    ProfileScores { profile in
      var tally = Tally(profile, windowCount: windowCount)
      for call in calls where call.isAlarm { tally.add(call) }
      return normalized(tally.total, profile, windowCount: windowCount)
    }
  }

  private static func search(
    _ byScore: [Call],
    _ profile: BenchmarkProfile,
    windowCount: Int
  ) -> (score: Double, threshold: Double) {
    var tally = Tally(profile, windowCount: windowCount)
    var best = (total: tally.total, threshold: 1.1)
    for (index, call) in byScore.enumerated() {
      tally.add(call)
      let isLastOfScore = index + 1 == byScore.count || byScore[index + 1].score != call.score
      if isLastOfScore, tally.total > best.total { best = (tally.total, call.score) }
    }
    return (normalized(best.total, profile, windowCount: windowCount), best.threshold)
  }
}
