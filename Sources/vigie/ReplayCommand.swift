import AdvisoryGeneration
import AgentRuntime
import ArgumentParser
import ConditionModel
import DatasetReplay
import MonitoringPipeline
import SiteConfiguration

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs recordings through the pipeline of the live agent: would it have fired?",
    discussion: """
      Example: vigie replay --config site.yaml last-week.csv

      A recording is a CSV file: 'time' and one column per value, named machine/place/point; a \
      cell is a number, empty where nothing was read, or !reason where a read failed.

      Example: vigie replay --config site.yaml DIR --alerts alerts.csv

      A machine whose site file names a 'recording' is played from that file in the folder DIR: CSV \
      with 'timestamp' and a column per point. The table of alerts has one row per notification: \
      machine,start,end,class,severity,channel. Severity info or watch notifies nobody; an alert \
      that is still open ends with the recording.

      Example: vigie replay --dataset datasets/skab/dataset.yaml --data SKAB --scores scores

      Two site files on the same recordings: which alerts appear, vanish or move, with \
      --against OTHER.yaml; known faults (--faults) give lead times and false alerts.

      What 'vigie export journal' wrote plays from the state that the agent had then, alone.

      A dataset with labels is replayed through the learned detectors instead, file by file, and \
      their decisions are compared with the labels; 'datasets/NAME/fetch' gets the data.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Argument(
    help: "Recordings, played one after the other; or the folder with those the site file names.",
    completion: .file(extensions: ["csv"])
  )
  var recordings: [String] = []
  @Option(help: "Write a table of alerts, one row per notification.", completion: .file())
  var alerts: String?
  @Option(
    help: "Write a table of remaining life: machine,timestamp,p10,p50,p90 in hours, row by hour.",
    completion: .file()
  )
  var rul: String?
  @Option(
    help: "A table timestamp,machine,text of work orders and marks, played along.",
    completion: .file(extensions: ["csv"])
  )
  var events: String?
  @Option(
    help: "Another site file with the same machines: show what it would change.",
    completion: .file(extensions: ["yaml"])
  )
  var against: String?
  @Option(
    help: "A table machine,start,end of known faults: alerts within them are true, others false.",
    completion: .file(extensions: ["csv"])
  )
  var faults: String?
  @Option(help: "The descriptor of a dataset.", completion: .file(extensions: ["yaml"]))
  var dataset: String?
  @Option(help: "The folder with the dataset's files, as its makers lay them out.")
  var data: String?
  @Option(help: "The folder for one CSV file of scores and decisions per data file.")
  var scores: String?
  @Option(
    help: "Write a page to read and print: signals, alerts on them, evidence, figures.",
    completion: .file(extensions: ["html"])
  )
  var report: String?
  @Option(help: "The language of the page, en or fr; the site's when left out.")
  var language: Language?
  @Flag(
    help: "JSON on standard output: a line for each step of an alert, or the dataset's figures."
  )
  var json = false
  @Flag(help: "End with exit code 1 when an alert was raised.")
  var failOnAlert = false

  func validate() throws {
    if dataset != nil {
      guard data != nil, scores != nil, recordings.isEmpty else {
        throw ValidationError("--dataset goes with --data and --scores, and without recordings.")
      }
    } else if recordings.isEmpty {
      throw ValidationError("Name a recording, a folder of them, or a dataset with --dataset.")
    }
    let isFolder = recordings.contains { isDirectory($0) }
    if isFolder, recordings.count > 1 {
      throw ValidationError("Name one folder, and no recordings beside it.")
    }
    if recordings.contains(where: isJournal),
      recordings.count > 1 || alerts != nil || rul != nil || report != nil || against != nil
    {
      throw ValidationError("A journal is played alone, without tables, report or comparison.")
    }
    if !isFolder, events != nil {
      throw ValidationError("--events goes with a folder of recordings.")
    }
    let results = [alerts, rul, report].compactMap(\.self)
    if Set(results).count < results.count {
      throw ValidationError("Each of --alerts, --rul and --report needs a file of its own.")
    }
    if faults != nil, against == nil {
      throw ValidationError("--faults goes with --against.")
    }
    if dataset != nil, alerts != nil || rul != nil || against != nil || failOnAlert {
      throw ValidationError("--alerts, --rul, --against and --fail-on-alert go with a site file.")
    }
  }

  func run() async throws {
    if let dataset, let data, let scores {
      try await evaluate(dataset, data: data, scores: scores)
    } else if let folder = recordings.first, isDirectory(folder) {
      try await replayFolder(folder)
    } else if let journal = recordings.first, isJournal(journal) {
      try replayJournal(journal)
    } else {
      try replayRecordings()
    }
  }

  private func evaluate(_ descriptor: String, data: String, scores: String) async throws {
    do {
      let evaluation = try DatasetEvaluation(
        descriptorPath: descriptor,
        dataFolder: data,
        scoreFolder: scores
      )
      let results = try results(besides: [descriptor])
      let figures: DatasetReport
      if report != nil {
        let page: String
        (figures, page) = try await evaluation.runWithPage(in: language ?? .english) {
          if Terminal.isPresent { tell("\($0) of \($1) files") }
        }
        try results.report?.write(page)
      } else {
        figures = try await evaluation.run {
          if Terminal.isPresent { tell("\($0) of \($1) files") }
        }
      }
      print(json ? String(decoding: try figures.json(), as: UTF8.self) : figures.text)
    } catch let error as DatasetError {
      throw Failure(.findings, "\(error)")
    }
  }

  private func replayRecordings() throws {
    let site = try siteOptions.site()
    if let missing = recordings.first(where: { !exists($0) }), !site.recordings.isEmpty {
      throw Failure(
        .environment,
        "\(missing): there is no such folder; name the one with the recordings that"
          + " \(siteOptions.config) names"
      )
    }
    let results = try results(besides: recordings)
    let clock = try site.localTime()
    let wording = Wording(site.language)
    let isCompared = against != nil
    var raised = 0
    let replay = try play(site.pipeline) { output in
      guard case .advisory(let advisory) = output.content else { return }
      if advisory.phase == .raised { raised += 1 }
      guard !isCompared else { return }
      let text = wording.text(for: advisory, in: site.plant, clock: clock)
      print(
        json
          ? step(advisory, sequence: output.sequence, text, in: site.plant)
          : words(advisory, text, clock)
      )
    }
    try results.write(replay.outcomes, site, language, clock)
    for remark in replay.remarks { tell(remark) }
    if let against {
      var other = siteOptions
      other.config = against
      let after = try play(other.site().pipeline) { _ in }
      try compare(replay.outcomes, after.outcomes, site.plant)
    } else if !json {
      for outcome in replay.outcomes {
        if let line = learningLine(on: outcome) { print(line) }
      }
      print("values: \(replay.valueCount), alerts raised: \(raised)")
    }
    if failOnAlert && raised > 0 { throw Failure(.findings) }
  }

  /// Plays all recordings by the rules of one site.
  private func play(
    _ configuration: PipelineConfiguration,
    deliver: (PipelineOutput) -> Void
  ) throws -> RecordingReplay {
    do {
      var replay = try RecordingReplay(
        configuration,
        recordings: recordings,
        drawsReport: report != nil
      )
      for recording in recordings { try replay.play(recording, deliver: deliver) }
      return replay
    } catch let error as ReplayError {
      throw Failure(.findings, "\(error)")
    }
  }

  /// Where results go; looked at before anything is played.
  ///
  /// - Parameter inputs: The recordings.
  /// - Returns: Those that were asked for.
  /// - Throws: `Failure` if one would be written over what is read, or cannot be written.
  func results(besides inputs: [String]) throws -> Results {
    let inputs = inputs + [siteOptions.config, against, events, faults].compactMap(\.self)
    func file(_ path: String?) throws -> ResultFile? {
      try path.map { try ResultFile($0, besides: inputs) }
    }
    return Results(alerts: try file(alerts), rul: try file(rul), report: try file(report))
  }

  /// What is asked for beside the alerts on standard output.
  struct Results {
    var alerts: ResultFile?
    var rul: ResultFile?
    var report: ResultFile?

    func write(
      _ outcomes: [MachineOutcome],
      _ site: Site,
      _ language: Language?,
      _ clock: LocalTimeTable
    ) throws {
      try alerts?.write(AlertRow.table(of: outcomes))
      try rul?.write(LifeRows.table(of: outcomes))
      guard let report else { return }
      let page = PlantReport(
        outcomes,
        site: site.plant.site,
        language: language ?? site.language,
        clock: clock
      )
      try report.write(page.html())
    }
  }

  /// Shows what changes when the same recordings are judged by the other site file.
  func compare(_ before: [MachineOutcome], _ after: [MachineOutcome], _ plant: Plant) throws {
    let comparison = AlertComparison(before, after, faults: try knownFaults(plant))
    let names = (siteOptions.config, against ?? "")
    print(
      json
        ? jsonText(ComparisonReport(comparison))
        : comparison.text(before: names.0, after: names.1)
    )
  }

  func knownFaults(_ plant: Plant) throws -> [KnownFault] {
    guard let faults else { return [] }
    do throws(ReplayError) {
      return try FaultFile.read(faults, plant: plant)
    } catch {
      throw Failure(.findings, "\(error)")
    }
  }

  func words(
    _ advisory: Advisory,
    _ text: AlertText,
    _ clock: LocalTimeTable
  ) -> String {
    let local = CivilTime(advisory.timestamp, offset: clock.offset(at: advisory.timestamp))
    let date = "\(local.year.padded(4))-\(local.month.padded(2))-\(local.day.padded(2))"
    let time = "\(local.hour.padded(2)):\(local.minute.padded(2)):\(local.second.padded(2))"
    return "\(date) \(time)  \(advisory.phase.rawValue)  \(text.title)\n    \(text.text)\n"
  }

  func step(
    _ advisory: Advisory,
    sequence: UInt64,
    _ text: AlertText,
    in plant: Plant
  ) -> String {
    jsonText(
      AlertStep(
        sequence: sequence,
        id: advisory.id,
        machine: plant[advisory.asset].name,
        location: advisory.location,
        class: advisory.findingClass.rawValue,
        phase: advisory.phase.rawValue,
        priority: advisory.priority.word,
        since: advisory.since.description,
        time: advisory.timestamp.description,
        title: text.title,
        text: text.text
      )
    )
  }
}

/// What `vigie replay --json` prints for each step in an alert's life.
private struct AlertStep: Encodable {
  var sequence: UInt64
  var id: UInt64
  var machine: String
  var location: String
  var `class`: String
  var phase: String
  var priority: String
  var since: String
  var time: String
  var title: String
  var text: String
}

extension Language: ExpressibleByArgument {}

/// What `vigie replay --against --json` prints.
private struct ComparisonReport: Encodable {
  var before: AlertComparison.Figures
  var after: AlertComparison.Figures
  var changes: [Change]

  struct Change: Encodable {
    var change: String
    var before: AlertRow?
    var after: AlertRow?
  }

  init(_ comparison: AlertComparison) {
    before = comparison.before
    after = comparison.after
    changes = comparison.changes.map { change in
      switch change {
      case .same(let row): Change(change: "same", before: row, after: row)
      case .vanished(let row): Change(change: "vanished", before: row)
      case .appeared(let row): Change(change: "appeared", after: row)
      case .moved(let from, let to): Change(change: "moved", before: from, after: to)
      }
    }
  }
}
