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
  /// The usual time between rows, by the site file or the first rows.
  package var period: Duration?
  /// The usual time between later rows, where these come much slower than the first.
  package var laterPeriod: Duration?
  package var account = RecordingAccount()
  /// Times in which nothing was recorded at all.
  package var pauses = RecordingPauses()
  /// When the machine was learned, or would be; `nil` where nothing is learned.
  ///
  /// Before, nothing unusual of it can be told, only limits and faults of sensors.
  package internal(set) var learnedAt: Timestamp?
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
package struct RecordingPauses: Hashable, Sendable {
  package private(set) var count = 0
  package private(set) var longest = Duration.zero
  package private(set) var total = Duration.zero
  /// The part of it after the machine was learned.
  package private(set) var whileWatched = Duration.zero
  /// The usual time between two rows in nanoseconds; it follows when they come at another rate.
  private var usual: Int64?
  private let leastUsual: Int64
  private var last: Timestamp?

  /// - Parameter period: The usual time between two rows; `nil` where only these tell.
  init(period: Duration? = nil) {
    usual = period?.nanoseconds
    leastUsual = usual ?? 0
  }

  /// Takes the time of the next row.
  ///
  /// - Parameters:
  ///   - now: One that is not after the row before counts for nothing.
  ///   - learnedAt: When the machine was learned, or would be; asked for after a pause.
  mutating func take(_ now: Timestamp, learnedAt: () -> Timestamp?) {
    guard let last else {
      self.last = now
      return
    }
    guard now > last else { return }
    self.last = now
    let step = (now - last).nanoseconds
    let before = max(usual ?? step, leastUsual)
    // A pause says little about the rows after it, ten of them much; several devices that are read in
    // turn make short steps, and these none the less no other rate.
    usual = step / 2 > before ? before * 2 : max(step, before - before / 50)
    guard step / 3 > before else { return }
    let pause = Duration.nanoseconds(step)
    count += 1
    total += pause
    longest = max(longest, pause)
    if let learnedAt = learnedAt() { whileWatched += min(pause, max(.zero, now - learnedAt)) }
  }
}

/// Notices that rows come much slower than at first, for long enough to be no row of pauses.
struct LaterRate {
  private static let leastRows = 100

  private let longestStep: Duration
  private var last: Timestamp?
  private var slowSince: Timestamp?
  private var slowCount = 0
  /// The mean step of the slowest hundred rows; `nil` where none were slow.
  private(set) var slowest: Duration?

  init(period: Duration) {
    longestStep = period * 3
  }

  mutating func take(_ now: Timestamp) {
    defer { last = now }
    guard let last, now - last > longestStep else {
      slowCount = 0
      return
    }
    if slowCount == 0 { slowSince = last }
    slowCount += 1
    guard slowCount == Self.leastRows, let since = slowSince else { return }
    slowest = max(slowest ?? .zero, (now - since) / Self.leastRows)
    slowCount = 0
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
      if let later = outcome.laterPeriod, recording.period == nil {
        // By the rate of its first rows every later one would end a silence.
        outcome = MachineOutcome(machine: name, plant: site.whole.plant, path: path)
        outcome.laterPeriod = later
        try play(into: &outcome)
      }
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
    let period = recording.period ?? outcome.laterPeriod ?? rates.row
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
    outcome.period = recording.period ?? rates.row
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
    outcome.pauses = RecordingPauses(period: period)
    var rate = LaterRate(period: period ?? .seconds(1))
    while try source.next(into: &frame) {
      let now = frame.timestamp
      rate.take(now)
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
      outcome.note(frame, pipeline, draws: drawsReport)
      outputs.removeAll(keepingCapacity: true)
    }
    outcome.laterPeriod = outcome.laterPeriod ?? rate.slowest
    outcome.learnedAt = pipeline.learning(of: own.asset)?.learnedAt
    if drawsReport { outcome.learned = alone.plant.channels.map { pipeline.deviation(of: $0.id) } }
  }
}

extension MachineOutcome {
  /// Notes a row that the pipeline has taken.
  mutating func note(_ frame: Frame, _ pipeline: Pipeline, draws: Bool) {
    pauses.take(frame.timestamp) { pipeline.learning(of: frame.asset)?.learnedAt }
    life.advance(to: frame.timestamp)
    if draws { draw(frame, pipeline) }
  }

  /// How many days more it takes until the machine is learned; `nil` where it is, or nothing is.
  package var learningDaysLeft: Double? {
    guard let learnedAt, let last = account.last, learnedAt > last else { return nil }
    return (learnedAt - last).inSeconds / 86_400
  }

  private mutating func draw(_ frame: Frame, _ pipeline: Pipeline) {
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
