package import ConditionModel
package import DataAcquisition
import MonitoringPipeline
package import SiteConfiguration
import StateDetection

/// What the pipeline said of one machine while its recording ran.
package struct MachineOutcome: Sendable {
  package var machine: String
  /// The machine alone, as its pipeline saw it; outputs refer to its channels.
  package var plant: Plant
  package var path: String
  package var period: Duration?
  package var account = RecordingAccount()
  /// Times in which nothing was recorded at all.
  package var pauses = RecordingPauses()
  /// When the machine was learned, or would be; `nil` where nothing is learned.
  ///
  /// Before, nothing unusual of it can be told, only limits and faults of sensors.
  package private(set) var learnedAt: Timestamp?
  /// Every step in the life of an alert, in order.
  package var advisories: [Advisory] = []
  /// Why the recording could not be played; what was before that holds, unless nothing should be
  /// concluded from it at all.
  package var failure: String?
  /// How long the machine would last, hour by hour.
  package var life = LifeRows()
  /// The course of each channel, in order of the plant; empty unless asked for.
  var traces: [Trace] = []
  /// What was learned of each channel in the end; empty unless asked for.
  var learned: [LearnedDeviation?] = []
  /// By what the machine was judged; `nil` when it could not be.
  var configuration: PipelineConfiguration?
}

/// Rows that follow the one before much later than usual.
package struct RecordingPauses: Hashable, Sendable, Codable {
  package var count = 0
  package var longest = Duration.zero
  package var total = Duration.zero
  /// The part of it after the machine was learned.
  package var whileWatched = Duration.zero

  package init() {}

  mutating func add(_ pause: Duration) {
    count += 1
    total += pause
    longest = max(longest, pause)
  }
}

/// Plays the recording of one machine through a pipeline of its own.
///
/// Nothing that the pipeline decides crosses from one machine to another, so each can be played alone
/// and on any core, with the same result.
struct MachineReplay: Sendable {
  let site: ReplayedSite
  let recording: MachineRecording
  let path: String
  let marks: [MaintenanceMark]
  /// Whether to keep what a report draws.
  var drawsReport = false
  /// Settings to try in the place of those of the site file.
  var settings: TunedSettings?

  func run() -> MachineOutcome {
    let name = site.whole.plant[recording.asset].name
    var outcome = MachineOutcome(machine: name, plant: site.whole.plant, path: path)
    do {
      try play(into: &outcome)
      if let reason = outcome.account.reasonToRefuse {
        outcome.failure = "\(path): \(reason)"
        // Whether it should be refused is known at its end; nothing must be concluded from it.
        outcome.advisories = []
        outcome.life = LifeRows()
      }
    } catch {
      outcome.failure = "\(error)"
    }
    return outcome
  }

  private func play(into outcome: inout MachineOutcome) throws {
    let points = { (columns: [MachineRecording.Column]) in
      columns.map { RecordedTable.Point(channel: $0.channel, column: $0.name) }
    }
    let survey = RecordedTable(asset: recording.asset, points: points(recording.columns))
    let rates = try RecordingSource.rates(of: survey, path: path)
    let period = recording.period ?? rates.row
    var columnPeriods: [String: Duration] = [:]
    for column in recording.columns { columnPeriods[column.name] = rates.channels[column.channel] }
    var one = SiteFile.OneMachine(
      name: outcome.machine,
      period: period,
      columnPeriods: columnPeriods
    )
    one.onDelay = settings?.onDelay
    let alone = try site.alone(one)
    guard let own = alone.recordings.first else { return }
    outcome.plant = alone.plant
    outcome.period = period
    var configuration = alone.pipeline
    if let settings {
      configuration.detection.learning?.falseAlertsPerWeek = settings.budget.perMachineWeek
    }
    outcome.configuration = configuration
    var pipeline = try Pipeline(configuration)
    if drawsReport {
      let trace = Trace(period: period ?? .seconds(1))
      outcome.traces = Array(repeating: trace, count: alone.plant.channels.count)
    }
    var source = try RecordingSource(
      RecordedTable(asset: own.asset, points: points(own.columns)),
      path: path
    )
    defer { outcome.account = source.table.account }
    var frame = source.table.emptyFrame
    var outputs: [PipelineOutput] = []
    var marks = marks[...]
    var last: Timestamp?
    var pauses: [(end: Timestamp, length: Duration)] = []
    let longestStep = (period ?? .seconds(1)) * 3
    while try source.next(into: &frame) {
      let now = frame.timestamp
      if let last, now - last > longestStep {
        outcome.pauses.add(now - last)
        pauses.append((now, now - last))
      }
      last = now
      while var mark = marks.first, mark.timestamp <= now {
        mark.asset = own.asset
        pipeline.consume(.mark(mark), into: &outputs)
        marks.removeFirst()
      }
      pipeline.consume(.tick(now), into: &outputs)
      if !frame.channels.isEmpty { pipeline.consume(.frame(frame), into: &outputs) }
      for output in outputs {
        switch output.content {
        case .advisory(let advisory): outcome.advisories.append(advisory)
        case .prognosis(let prognosis): outcome.life.take(prognosis)
        default: break
        }
      }
      outcome.life.advance(to: now)
      if drawsReport { outcome.draw(frame, pipeline) }
      outputs.removeAll(keepingCapacity: true)
    }
    outcome.noteLearning(pipeline.learning(of: own.asset), at: last)
    if let learnedAt = outcome.learnedAt {
      outcome.pauses.whileWatched = pauses.reduce(.zero) { sum, pause in
        sum + min(pause.length, max(.zero, pause.end - learnedAt))
      }
    }
    if drawsReport { outcome.learned = alone.plant.channels.map { pipeline.deviation(of: $0.id) } }
  }
}

extension MachineOutcome {
  /// Notes how far the machine is learned at the end of its recording.
  mutating func noteLearning(_ progress: LearningProgress?, at last: Timestamp?) {
    guard let progress, let last else { return }
    let days = progress.daysLeft - progress.weeksWatched * 7
    learnedAt = last.shifted(by: Duration(inSeconds: days * 86_400))
  }

  /// How many days more it takes until the machine is learned; `nil` where it is, or nothing is.
  package var learningDaysLeft: Double? {
    guard let learnedAt, let last = account.last, learnedAt > last else { return nil }
    return (learnedAt - last).inSeconds / 86_400
  }

  mutating func draw(_ frame: Frame, _ pipeline: Pipeline) {
    for place in frame.channels.indices where frame.qualities[place].isUsable {
      let channel = frame.channels[place]
      traces[Int(channel.index)].add(frame.values[place], at: frame.timestamp) {
        let learned = pipeline.deviation(of: channel)
        return learned.flatMap { $0.isTrusted ? $0.usual : nil }
      }
    }
  }
}

/// A site file as replay needs it: whole, and machine by machine.
package struct ReplayedSite: Sendable {
  package let whole: Site
  private let read: @Sendable (SiteFile.OneMachine) throws -> Site

  /// - Parameters:
  ///   - whole: The site with all machines.
  ///   - read: Reads the same site file for one machine alone.
  package init(
    _ whole: Site,
    read: @escaping @Sendable (SiteFile.OneMachine) throws -> Site
  ) {
    self.whole = whole
    self.read = read
  }

  func alone(_ machine: SiteFile.OneMachine) throws -> Site { try read(machine) }
}
