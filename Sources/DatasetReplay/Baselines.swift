/// How a detector would score that looks at no data at all: what any score must be read against.
package struct Baseline: Hashable, Sendable, Codable {
  package var name: String
  package var rows: RowFigures?
  package var changes: ChangeFigures?
  package var ownAlarms: ProfileScores?
  package var surfaceVolume: Double?
}

/// Replays the same files with alarms that come from the row number alone.
struct BaselineReplay {
  let files: [ReplayedFile]
  let labels: DatasetDescriptor.Labels

  /// The baselines: always in alarm, a metronome, and where rows are labelled a clock.
  ///
  /// The metronome has its best period, and the clock knows when faults usually are: both are set
  /// with the labels.
  func all() -> [Baseline] {
    switch labels {
    case .columns:
      [
        figures("always alarm", alwaysAlarm()),
        best("metronome", Self.periods.lazy.map { metronome(period: $0) }),
        figures("clock", clock()),
      ]
    case .windows:
      [
        figures("always alarm", alwaysAlarm()),
        best("metronome", Self.periods.lazy.map { metronome(period: $0) }),
      ]
    }
  }

  /// The score of notices less the mean score of equally many evenly spaced ones.
  ///
  /// - Parameter score: That of the detector.
  /// - Returns: What looking at the data has brought; `nil` for a detector that said nothing.
  func lift(of score: Double) -> Double? {
    let spoken = files.reduce(0) { sum, file in
      sum + file.judged.count { isWindowed ? file.alarms[$0] : file.notices[$0] }
    }
    guard spoken > 0 else { return nil }
    let judged = files.reduce(0) { $0 + $1.judged.count }
    let phases = stride(from: 0.05, to: 1, by: 0.1)
    let scores = phases.map { phase in
      let spacing = Double(judged) / Double(spoken)
      var next = phase * spacing
      var passed = 0.0
      return standardScore(
        calling { _, _ in
          defer { passed += 1 }
          guard passed >= next else { return false }
          next += spacing
          return true
        }
      )
    }
    return score - scores.reduce(0, +) / Double(scores.count)
  }

  private static let periods = [
    20, 30, 45, 60, 90, 120, 180, 240, 360, 500, 700, 1_000, 1_400, 2_000, 3_000, 4_500,
  ]

  private var isWindowed: Bool {
    if case .windows = labels { true } else { false }
  }

  private func alwaysAlarm() -> [ReplayedFile] {
    files.map { file in
      var file = file
      file.alarms = Array(repeating: true, count: file.rowCount)
      file.notices = Array(repeating: false, count: file.rowCount)
      return file
    }
  }

  private func metronome(period: Int) -> [ReplayedFile] {
    calling { file, row in (row - file.learningRows).isMultiple(of: period) }
  }

  /// In alarm between the usual first and last row of a fault, with notices at the usual changes.
  private func clock() -> [ReplayedFile] {
    let faults = files.flatMap(\.events)
    let usual =
      middle(
        faults.map(\.lowerBound)
      )...max(
        middle(faults.map(\.lowerBound)),
        middle(faults.map(\.upperBound))
      )
    let changes = files.map { file in file.judged.filter { file.changes[$0] } }
    let count = middle(changes.map(\.count))
    let ticks = (0..<count).map { number in
      middle(changes.filter { number < $0.count }.map { $0[number] })
    }
    return files.map { file in
      var file = file
      let rows = 0..<file.rowCount
      file.alarms = rows.map { usual.contains($0) }
      file.notices = rows.map { ticks.contains($0) }
      return file
    }
  }

  /// Files in which the calls are given: notices (in a lasting alarm) where rows are labelled, alarms
  /// where windows are.
  private func calling(_ isCall: (ReplayedFile, Int) -> Bool) -> [ReplayedFile] {
    files.map { original in
      var file = original
      let calls = (0..<file.rowCount).map { row in
        row >= original.learningRows && isCall(original, row)
      }
      file.alarms = isWindowed ? calls : Array(repeating: true, count: file.rowCount)
      file.notices = calls
      return file
    }
  }

  private func best(_ name: String, _ candidates: some Sequence<[ReplayedFile]>) -> Baseline {
    let best = candidates.max { standardScore($0) < standardScore($1) } ?? files
    return figures(name, best)
  }

  private func standardScore(_ files: [ReplayedFile]) -> Double {
    switch labels {
    case .columns(_, _, let windowSeconds):
      ChangeFigures(files, windowSeconds: windowSeconds).scores.standard
    case .windows:
      WindowFigures.ownAlarms(of: files).standard
    }
  }

  private func figures(_ name: String, _ files: [ReplayedFile]) -> Baseline {
    let scored = files.map { file in
      var file = file
      file.scores = file.alarms.map { $0 ? 1 : 0 }
      return file
    }
    let volume = meanSurfaceVolume(of: scored)
    switch labels {
    case .columns(_, _, let windowSeconds):
      return Baseline(
        name: name,
        rows: RowFigures(files),
        changes: ChangeFigures(files, windowSeconds: windowSeconds),
        surfaceVolume: volume
      )
    case .windows:
      let ownAlarms = WindowFigures.ownAlarms(of: files)
      return Baseline(name: name, ownAlarms: ownAlarms, surfaceVolume: volume)
    }
  }
}

/// Returns the mean volume under the surface over files with events, learning parts left out.
func meanSurfaceVolume(of files: [ReplayedFile]) -> Double? {
  let volumes = files.compactMap { file in
    let judged = file.judged
    let events = file.events.filter { $0.upperBound >= judged.lowerBound }.map { event in
      max(0, event.lowerBound - judged.lowerBound)...(event.upperBound - judged.lowerBound)
    }
    return surfaceVolume(scores: Array(file.scores[judged]), events: events, tolerance: 100)
  }
  return volumes.isEmpty ? nil : volumes.reduce(0, +) / Double(volumes.count)
}

/// The middle of `values`, the upper one of an even number; 0 for none.
private func middle(_ values: [Int]) -> Int {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
