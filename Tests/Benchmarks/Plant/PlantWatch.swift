import ConditionModel
import DataManipulation
import MonitoringPipeline
import PlantSimulation
import StateDetection

/// The pipeline of the agent on the recording of a simulated machine.
struct PlantWatch {
  private var pipeline: Pipeline
  private let machine: ExaminedMachine
  private var notices: [ExaminationNotice] = []
  /// The notices of advisories that are open, by the advisories' numbers.
  private var open: [(id: UInt64, notice: ExaminationNotice)] = []

  static func notices(of machine: ExaminedMachine) throws -> [ExaminationNotice] {
    var watch = try PlantWatch(machine)
    return watch.run()
  }

  private init(_ machine: ExaminedMachine) throws {
    self.machine = machine
    pipeline = try Pipeline(machine.pipelineConfiguration)
  }

  private mutating func run() -> [ExaminationNotice] {
    var rows = machine.rows()
    let channels = machine.channels.indices.map { ChannelID(index: UInt16($0)) }
    var values = [Double](repeating: 0, count: channels.count)
    var frame = Frame(
      asset: AssetID(index: 0),
      timestamp: machine.start,
      channels: channels,
      values: values,
      qualities: values.map { _ in .good }
    )
    var outputs: [PipelineOutput] = []
    while true {
      frame.timestamp = rows.timestamp
      guard rows.next(&values) else { break }
      for index in values.indices {
        let isKnown = !values[index].isNaN
        frame.values[index] = isKnown ? values[index] : 0
        frame.qualities[index] = isKnown ? .good : .bad(.noAnswer)
      }
      pipeline.consume(.frame(frame), into: &outputs)
      pipeline.consume(.tick(frame.timestamp), into: &outputs)
      for output in outputs { take(output) }
      outputs.removeAll(keepingCapacity: true)
    }
    return notices + open.map(\.notice)
  }

  private mutating func take(_ output: PipelineOutput) {
    guard case .advisory(let advisory) = output.content, let first = advisory.findings.first else {
      return
    }
    switch advisory.phase {
    case .raised:
      let notice = ExaminationNotice(
        machine: machine.name,
        start: advisory.timestamp,
        end: machine.end,
        findingClass: advisory.examinedClass,
        channel: machine.channels[Int(first.channel.index)].point
      )
      open.append((advisory.id, notice))
    case .updated: break
    case .cleared:
      guard let place = open.firstIndex(where: { $0.id == advisory.id }) else { return }
      var notice = open.remove(at: place).notice
      notice.end = advisory.timestamp
      notices.append(notice)
    }
  }
}

extension Advisory {
  fileprivate var examinedClass: ExaminationNotice.Class {
    guard findingClass == .machine else { return .sensor }
    let isLimit = findings.allSatisfy { finding in
      switch finding.kind {
      case .limit, .severityZone: true
      default: false
      }
    }
    return isLimit ? .limit : .machine
  }
}

extension ExaminedMachine {
  /// What a site file says that knows the points and nothing else.
  var pipelineConfiguration: PipelineConfiguration {
    let asset = Asset(id: AssetID(index: 0), name: name, kind: kind.machineKind)
    let channels = channels.enumerated().map { index, channel in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: asset.id,
        location: "machine",
        point: channel.point,
        unit: channel.unitCode,
        quantity: channel.quantity,
        device: 0
      )
    }
    let plant = Plant(site: "examination", gateway: "bench", assets: [asset], channels: channels)
    let rules = self.channels.map { channel in
      ChannelRules(measuringRange: channel.range, silentAfter: .seconds(3_600))
    }
    return PipelineConfiguration(
      plant: plant,
      manipulation: ManipulationConfiguration(running: [nil], channelCount: channels.count),
      detection: DetectionConfiguration(plant: plant, channels: rules, severity: [])
    )
  }
}
