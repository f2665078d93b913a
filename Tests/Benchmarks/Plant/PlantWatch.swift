import ConditionModel
import DatasetReplay
import MonitoringPipeline
import PlantSimulation
import SiteConfiguration

/// What a detector says of a machine.
struct PlantVerdict: Sendable {
  var notices: [ExaminationNotice]
  /// Empty for detectors that estimate no remaining life.
  var estimates: [LifeEstimate] = []
}

/// The pipeline of the agent on the recording of a simulated machine, as `vigie replay` runs it:
/// configured by the text of the site file, and no work order read.
struct PlantWatch {
  private var pipeline: Pipeline
  private let plant: Plant
  private let machine: ExaminedMachine
  private var advisories: [Advisory] = []
  private var outlook: Prognosis.Outlook?
  private var estimates: [LifeEstimate] = []

  static func verdict(on machine: ExaminedMachine) throws -> PlantVerdict {
    var watch = try PlantWatch(machine)
    watch.run()
    let rows = AlertRow.rows(
      of: watch.advisories,
      machine: machine.name,
      plant: watch.plant,
      until: machine.end
    )
    return PlantVerdict(
      notices: rows.map { ExaminationNotice($0) },
      estimates: watch.estimates
    )
  }

  private init(_ machine: ExaminedMachine) throws {
    self.machine = machine
    let site = try SiteFile.parse(
      ExaminationFiles([machine]).siteText,
      file: "site.yaml",
      profiles: ProfileLibrary(texts: [:]),
      one: SiteFile.OneMachine(name: machine.name, period: .seconds(10))
    )
    plant = site.plant
    pipeline = try Pipeline(site.pipeline)
  }

  private mutating func run() {
    var rows = machine.rows()
    var values = [Double](repeating: 0, count: plant.channels.count)
    var frame = Frame(
      asset: AssetID(index: 0),
      timestamp: machine.start,
      channels: plant.channels.map(\.id),
      values: values,
      qualities: values.map { _ in .good }
    )
    let whole = frame
    var outputs: [PipelineOutput] = []
    while true {
      let now = rows.timestamp
      let isHour = rows.row.isMultiple(of: 360)
      guard rows.next(&values) else { break }
      frame = whole
      frame.timestamp = now
      frame.values = values
      if values.contains(where: \.isNaN) { frame.leaveOutGaps() }
      // A row without any value is not in a file either.
      guard !frame.channels.isEmpty else { continue }
      pipeline.consume(.tick(now), into: &outputs)
      pipeline.consume(.frame(frame), into: &outputs)
      for output in outputs { take(output) }
      outputs.removeAll(keepingCapacity: true)
      if isHour { noteLife(at: now) }
    }
  }

  private mutating func take(_ output: PipelineOutput) {
    switch output.content {
    case .advisory(let advisory): advisories.append(advisory)
    case .prognosis(let prognosis): outlook = prognosis.outlook
    default: break
    }
  }

  private mutating func noteLife(at now: Timestamp) {
    guard let outlook else { return }
    var quantiles: LifeEstimate.Quantiles?
    if case .remainingLife(let life) = outlook {
      let hours = { (due: Timestamp) in max(0, (due - now).inSeconds / 3_600) }
      quantiles = LifeEstimate.Quantiles(
        p10: hours(life.due.p10),
        p50: hours(life.due.p50),
        p90: hours(life.due.p90)
      )
    }
    estimates.append(LifeEstimate(machine: machine.name, timestamp: now, quantiles: quantiles))
  }
}

extension Frame {
  /// An empty cell is no value at all.
  fileprivate mutating func leaveOutGaps() {
    let kept = values.indices.filter { !values[$0].isNaN }
    channels = kept.map { channels[$0] }
    values = kept.map { values[$0] }
    qualities = kept.map { qualities[$0] }
  }
}

extension ExaminationNotice {
  init(_ row: AlertRow) {
    let findingClass: Class =
      switch row.class {
      case .machine: .machine
      case .sensor: .sensor
      case .limit: .limit
      }
    self.init(
      machine: row.machine,
      start: row.start,
      end: row.end,
      findingClass: findingClass,
      notifies: row.isNotification,
      channel: row.channel
    )
  }
}
