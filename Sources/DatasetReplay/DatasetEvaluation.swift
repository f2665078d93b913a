package import ConditionModel
import FoundationEssentials
import Glibc
import Yams

/// Runs detection over a labelled dataset and says how it did.
///
/// Every file is replayed alone, from its first row on, with the same settings; labels are read for
/// the figures only.
package struct DatasetEvaluation: Sendable {
  package let descriptor: DatasetDescriptor
  private let descriptorPath: String
  private let dataFolder: String
  private let scoreFolder: String

  /// Reads the descriptor.
  ///
  /// - Parameters:
  ///   - descriptorPath: A `dataset.yaml`.
  ///   - dataFolder: The dataset in its original layout.
  ///   - scoreFolder: Where one score file for each file of the dataset goes; made if it is not there.
  /// - Throws: If the descriptor cannot be read or has a mistake.
  package init(
    descriptorPath: String,
    dataFolder: String,
    scoreFolder: String
  ) throws(DatasetError) {
    let yaml = try Self.text(of: descriptorPath)
    descriptor = try DatasetDescriptor(yaml: yaml, path: descriptorPath)
    self.descriptorPath = descriptorPath
    self.dataFolder = dataFolder
    self.scoreFolder = scoreFolder
  }

  /// Replays all files, on all cores, and counts.
  ///
  /// - Parameter progress: Told after each file how many are done, and of how many.
  /// - Returns: The figures; they do not depend on the number of cores.
  /// - Throws: If a file cannot be read or written, or there is none.
  package func run(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(DatasetError) -> DatasetReport {
    try await replayAll(drawsReport: false, progress: progress).report
  }

  /// The same with a page to read and print.
  ///
  /// - Parameters:
  ///   - language: That of the page.
  ///   - progress: Told after each file how many are done, and of how many.
  /// - Returns: The figures, and the page as HTML.
  /// - Throws: If a file cannot be read or written, or there is none.
  package func runWithPage(
    in language: Language,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(DatasetError) -> (report: DatasetReport, page: String) {
    let (report, files) = try await replayAll(drawsReport: true, progress: progress)
    return (report, DatasetPage(report, files, descriptor, language: language).html())
  }

  private func replayAll(
    drawsReport: Bool,
    progress: (_ done: Int, _ total: Int) -> Void
  ) async throws(DatasetError) -> (report: DatasetReport, files: [ReplayedFile]) {
    let (jobs, missingGroups) = try jobs()
    try refuseToOverwrite(jobs)
    do {
      try FileManager.default.createDirectory(
        atPath: scoreFolder,
        withIntermediateDirectories: true
      )
    } catch {
      throw DatasetError(path: scoreFolder, problem: "cannot be made: \(error)")
    }
    let results = await onAllCores(jobs.count, progress: progress) { number in
      Result { () throws(DatasetError) in try replay(jobs[number], drawsReport: drawsReport) }
    }
    var files: [ReplayedFile] = []
    for result in results { files.append(try result.get()) }
    return try report(files, missingGroups: missingGroups)
  }

  private struct Job: Sendable {
    let group: DatasetDescriptor.Group
    let name: String
    let path: String
  }

  /// The files of all groups, by name in each.
  private func jobs() throws(DatasetError) -> (jobs: [Job], missingGroups: [String]) {
    var jobs: [Job] = []
    var missing: [String] = []
    for group in descriptor.groups {
      let folder = "\(dataFolder)/\(descriptor.folder)/\(group.name)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        missing.append(group.name)
        continue
      }
      for name in names.sorted() where name.hasSuffix(".csv") {
        // Files of a plain folder have no group in front of their names.
        let shown = group.name == "." ? name : "\(group.name)/\(name)"
        jobs.append(Job(group: group, name: shown, path: "\(folder)/\(name)"))
      }
    }
    guard !jobs.isEmpty else {
      throw DatasetError(
        path: dataFolder,
        problem: "there are no files such as"
          + " \(descriptor.folder)/\(descriptor.groups[0].name)/….csv; get them from"
          + " \(descriptor.source)"
      )
    }
    return (jobs, missing)
  }

  /// Looks before anything is written whether scores would take the place of what is read, or of others.
  private func refuseToOverwrite(_ jobs: [Job]) throws(DatasetError) {
    var inputs = jobs.map(\.path) + [descriptorPath]
    if case .windows(let file) = descriptor.labels { inputs.append("\(dataFolder)/\(file)") }
    // Two names may lead to one file.
    let places = Set(inputs.compactMap(FilePlace.init))
    var owners: [String: String] = [:]
    for job in jobs {
      let path = scorePath(of: job)
      if let other = owners.updateValue(job.name, forKey: path) {
        throw DatasetError(
          path: path,
          problem: "would hold the scores of \(other) and of \(job.name); rename one of them"
        )
      }
      guard let place = FilePlace(path), places.contains(place) else { continue }
      throw DatasetError(
        path: path,
        problem: "is read here and would be lost; name another folder for the scores"
      )
    }
  }

  private func scorePath(of job: Job) -> String {
    "\(scoreFolder)/\(String(job.name.map { $0 == "/" ? "_" : $0 }))"
  }

  private func replay(_ job: Job, drawsReport: Bool) throws(DatasetError) -> ReplayedFile {
    let replay = FileReplay(
      descriptor: descriptor,
      path: job.path,
      scorePath: scorePath(of: job),
      drawsReport: drawsReport
    )
    return try replay.run(name: job.name, group: job.group)
  }

  private func report(
    _ files: [ReplayedFile],
    missingGroups: [String]
  ) throws(DatasetError) -> (report: DatasetReport, files: [ReplayedFile]) {
    var labelled = files.filter(\.group.hasFaults)
    var unlabelled: [String] = []
    if case .windows(let file) = descriptor.labels {
      let windows = try LabelledWindows(
        path: "\(dataFolder)/\(file)",
        format: descriptor.timeFormat
      )
      for index in labelled.indices {
        if let rows = try windows.rows(in: labelled[index]) {
          labelled[index].windows = rows
        } else {
          unlabelled.append(labelled[index].name)
        }
      }
      labelled.removeAll { unlabelled.contains($0.name) }
    }
    let normal = files.filter { !$0.group.hasFaults }
    let tuned = labelled.filter { descriptor.tunedGroups.contains($0.group.name) }
    let rest = labelled.filter { !descriptor.tunedGroups.contains($0.group.name) }
    let parts = [
      ("all", labelled), (descriptor.tunedGroups.joined(separator: ", "), tuned), ("rest", rest),
    ]
    .filter { name, files in !files.isEmpty && (name == "all" || files.count < labelled.count) }
    let report = DatasetReport(
      dataset: descriptor.name,
      title: descriptor.title,
      rows: files.reduce(0) { $0 + $1.rowCount },
      parts: descriptor.labels.map { labels in
        parts.map { part(name: $0.0, files: $0.1, labels: labels) }
      } ?? [],
      normal: normal.isEmpty
        ? nil
        : DatasetReport.NormalPart(
          files: normal.count,
          events: EventFigures(normal, graceSeconds: 0)
        ),
      problems: files.reduce(into: FileProblems()) { $0 += $1.problems },
      missingGroups: missingGroups,
      unlabelledFiles: unlabelled
    )
    return (report, labelled + normal)
  }

  private func part(
    name: String,
    files: [ReplayedFile],
    labels: DatasetDescriptor.Labels
  ) -> DatasetReport.Part {
    let baselines = BaselineReplay(files: files, labels: labels)
    var part = DatasetReport.Part(
      name: name,
      files: files.count,
      events: EventFigures(files, graceSeconds: labels.graceSeconds),
      surfaceVolume: meanSurfaceVolume(of: files),
      namedRight: namedRight(files),
      baselines: baselines.all()
    )
    switch labels {
    case .columns(_, _, let windowSeconds):
      let changes = ChangeFigures(files, windowSeconds: windowSeconds)
      part.rows = RowFigures(files)
      part.changes = changes
      part.lift = baselines.lift(of: changes.scores.standard)
    case .windows:
      let windows = WindowFigures(files)
      part.windows = windows
      // A window opens before its anomaly: no delay can be read off.
      part.events.medianDelaySeconds = nil
      part.lift = baselines.lift(of: windows.ownAlarms.standard)
    }
    return part
  }

  /// Counts where the channel named in most alarm rows of the faults is the telling one.
  private func namedRight(_ files: [ReplayedFile]) -> DatasetReport.NamedRight? {
    var counted = DatasetReport.NamedRight(files: 0, right: 0)
    for file in files {
      guard let telling = file.group.tellingChannel else { continue }
      var votes = [Int](repeating: 0, count: descriptor.channels.count)
      for row in file.judged where file.faults[row] && file.alarms[row] {
        votes[Int(file.channels[row])] += 1
      }
      counted.files += 1
      guard let most = votes.max(), most > 0, let channel = votes.firstIndex(of: most) else {
        continue
      }
      counted.right += descriptor.channels[channel].name == telling ? 1 : 0
    }
    return counted.files > 0 ? counted : nil
  }

  static func text(of path: String) throws(DatasetError) -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw DatasetError(path: path, problem: "cannot be read: \(error)")
    }
  }
}

/// Where a file lies, whatever it is called.
private struct FilePlace: Hashable {
  private let device: dev_t
  private let node: ino_t

  /// - Returns: `nil` where there is no file.
  init?(_ path: String) {
    var found = stat()
    guard stat(path, &found) == 0 else { return nil }
    device = found.st_dev
    node = found.st_ino
  }
}

extension DatasetDescriptor.Labels {
  /// How long after an event an alarm still belongs to it.
  fileprivate var graceSeconds: Double {
    switch self {
    case .columns(_, _, let windowSeconds): windowSeconds
    case .windows: 0
    }
  }
}
