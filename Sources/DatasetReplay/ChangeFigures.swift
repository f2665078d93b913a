import Glibc

/// How well notices match labelled changes (the change point score of SKAB).
///
/// The first notice in the window after a change brings a value that falls with its delay; each
/// notice outside all windows costs.
package struct ChangeFigures: Hashable, Sendable, Codable {
  package var scores: ProfileScores
  package var changes: Int
  package var missed: Int
  package var falseNotices: Int
  package var meanDelaySeconds: Double?

  init(_ files: [ReplayedFile], windowSeconds: Double) {
    var outcome = Outcome()
    for file in files {
      outcome.add(file, windowSeconds: windowSeconds)
    }
    scores = ProfileScores(outcome.score)
    changes = outcome.changes
    missed = outcome.changes - outcome.positions.count
    falseNotices = outcome.falseNotices
    let delays = outcome.delays
    meanDelaySeconds = delays.isEmpty ? nil : delays.reduce(0, +) / Double(delays.count)
  }

  /// What the score under any profile follows from.
  private struct Outcome {
    var changes = 0
    /// Of the first notice in each window that has one: 0 at its start … 1 at its end.
    var positions: [Double] = []
    var delays: [Double] = []
    var falseNotices = 0

    mutating func add(_ file: ReplayedFile, windowSeconds: Double) {
      var windows: [(start: Double, end: Double)] = []
      for row in file.judged where file.changes[row] {
        // A window that meets the one before starts where that one ends.
        let moment = file.seconds[row]
        windows.append((max(moment, windows.last?.end ?? moment), moment + windowSeconds))
      }
      let notices = file.judged.filter { file.notices[$0] }.map { file.seconds[$0] }
      changes += windows.count
      for (start, end) in windows {
        guard let first = notices.first(where: { $0 >= start && $0 <= end }) else { continue }
        delays.append(first - start)
        // Of two changes at one moment the second has but the end of the window.
        positions.append(start < end ? (first - start) / (end - start) : 1)
      }
      falseNotices += notices.count { notice in
        !windows.contains { notice >= $0.start && notice <= $0.end }
      }
    }

    func score(_ profile: BenchmarkProfile) -> Double {
      var total = -profile.falseCall * Double(falseNotices)
      total -= profile.miss * Double(changes - positions.count)
      for position in positions {
        total += Self.value(at: position, top: profile.hit, bottom: -profile.falseCall)
      }
      guard changes > 0 else { return 0 }
      let silence = -profile.miss * Double(changes)
      return 100 * (total - silence) / (profile.hit * Double(changes) - silence)
    }

    /// Falls from `top` to `bottom` along a tanh, in the thousand steps of the benchmark.
    private static func value(at position: Double, top: Double, bottom: Double) -> Double {
      let step = min(Int(position * 1_000), 999)
      let angle = -Double.pi / 2 + Double.pi * Double(step) / 999
      return (top - bottom) / 2 * (1 - tanh(angle) / tanh(Double.pi / 2)) + bottom
    }
  }
}
