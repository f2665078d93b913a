package import ConditionModel
import SiteConfiguration

/// Plays the recordings of all machines of a site, each through a pipeline of its own, on all cores.
package struct PlantReplay: Sendable {
  private let site: ReplayedSite
  private let folder: String
  private let marks: [MaintenanceMark]
  /// Whether to keep what a report draws.
  package var drawsReport = false

  /// - Parameters:
  ///   - site: Whose machines name recordings.
  ///   - folder: Where these lie.
  ///   - marks: What was done to the machines, in order of time; machines by the numbers of the site.
  package init(_ site: ReplayedSite, folder: String, marks: [MaintenanceMark] = []) {
    self.site = site
    self.folder = folder
    self.marks = marks
  }

  /// Plays everything.
  ///
  /// - Parameter progress: Told after each machine how many are done, and of how many.
  /// - Returns: What was said of each machine, in the order of the site file, whatever the number of
  ///   cores; a recording that cannot be played fails alone.
  package func run(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async -> [MachineOutcome] {
    await run(by: nil, progress: progress)
  }

  /// Plays everything by settings that differ from those of the site file.
  func run(
    by settings: TunedSettings?,
    progress: (_ done: Int, _ total: Int) -> Void
  ) async -> [MachineOutcome] {
    let replays = site.whole.recordings.map { recording in
      MachineReplay(
        site: site,
        recording: recording,
        path: recording.path(in: folder),
        marks: marks.filter { $0.asset == recording.asset },
        drawsReport: drawsReport,
        settings: settings
      )
    }
    return await onAllCores(replays.count, progress: progress) { replays[$0].run() }
  }
}

/// Does `count` things that know nothing of one another and returns what came out, in order.
func onAllCores<Result: Sendable>(
  _ count: Int,
  progress: (_ done: Int, _ total: Int) -> Void,
  _ work: @escaping @Sendable (Int) -> Result
) async -> [Result] {
  await withTaskGroup(of: (Int, Result).self) { group in
    for number in 0..<count { group.addTask { (number, work(number)) } }
    var results: [(Int, Result)] = []
    for await result in group {
      results.append(result)
      progress(results.count, count)
    }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
