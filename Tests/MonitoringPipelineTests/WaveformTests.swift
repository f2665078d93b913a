import ConditionModel
import DataAcquisition
import DataManipulation
import MonitoringPipeline
import PlantSimulation
import SignalProcessing
import StateDetection
import Testing

/// A pump with one sensor that delivers blocks of samples.
private enum Pump {
  static let rate = 12_800.0
  static let count = 16_384
  static let asset = AssetID(index: 0)
  static let source = WaveformID(index: 0)
  static let geometry = BearingGeometry(
    elementCount: 8,
    elementDiameter: 17.5,
    pitchDiameter: 72.5
  )
  static let orders = geometry?.orders ?? BearingOrders(outer: 3, inner: 5, spin: 2, cage: 0.4)
  static let period = Duration.seconds(600)
  static let begin = Timestamp(seconds: 1_790_000_000)

  static let quantities =
    WaveformRule.quantities(
      sampleRateHertz: rate,
      hasShaft: true,
      hasBearing: true,
      hasTeeth: false,
      hasBlades: false
    ) + [.activePower]

  static let plant = Plant(
    site: "works",
    gateway: "gw",
    assets: [Asset(id: asset, name: "pump-1", kind: .centrifugalPump)],
    channels: quantities.enumerated().map { index, quantity in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: asset,
        location: quantity == .activePower ? "motor supply" : "drive end",
        point: quantity.rawValue,
        unit: "1",
        quantity: quantity,
        axis: .z,
        device: 0
      )
    },
    waveforms: [
      WaveformSource(
        id: source,
        asset: asset,
        location: "drive end",
        name: "vibration z",
        unit: "m/s2",
        axis: .z,
        device: 0,
        bearing: "6309"
      )
    ]
  )

  static let power = ChannelID(index: UInt16(quantities.count - 1))

  static let configuration = PipelineConfiguration(
    plant: plant,
    manipulation: ManipulationConfiguration(
      running: [RunningRule(channel: power, threshold: 1)],
      channelCount: plant.channels.count,
      waveforms: [
        WaveformRule(
          source: source,
          asset: asset,
          sampleRateHertz: rate,
          sampleCount: count,
          unitSize: 1,
          shaft: .fixed(hertz: 24.5),
          bearing: orders,
          features: plant.channels.dropLast().map(\.id)
        )
      ]
    ),
    detection: DetectionConfiguration(
      plant: plant,
      channels: plant.channels.map { _ in ChannelRules(silentAfter: .seconds(1_800)) },
      severity: [
        SeverityRule(
          channels: [ChannelID(index: 0)],
          standard: "ISO 20816-3, group 2, rigid",
          boundaryAB: 1.4,
          boundaryBC: 2.8,
          boundaryCD: 4.5,
          alertDelay: .seconds(60),
          alarmDelay: .seconds(60)
        )
      ]
    )
  )

  static func block(
    _ number: Int,
    _ fault: VibrationFault?,
    quality: Quality = .good,
    unbalance: Double = 0.5
  ) -> PipelineInput {
    var scenario = VibrationScenario(shaftHertz: 24.5)
    scenario.unbalance = unbalance
    if let fault { scenario.defect = .init(fault: fault, orders: orders, peak: 20) }
    var model = VibrationModel(scenario, sampleRateHertz: rate, seed: UInt64(number + 1))
    var samples = [Float](repeating: 0, count: count)
    model.fill(&samples)
    return .waveform(
      Waveform(
        source: source,
        asset: asset,
        start: begin + period * number,
        sampleRateHertz: rate,
        samples: quality.isUsable ? samples : [],
        quality: quality
      )
    )
  }

  static func power(_ kilowatts: Double, at number: Int) -> PipelineInput {
    .frame(
      Frame(
        asset: asset,
        timestamp: begin + period * number,
        channels: [power],
        values: [kilowatts],
        qualities: [.good]
      )
    )
  }

  /// Each ten minutes a block, in the order of `faults`; the pump runs.
  static func life(_ faults: [VibrationFault?]) -> [PipelineInput] {
    faults.enumerated().flatMap { number, fault in
      [power(10, at: number), block(number, fault), .tick(begin + period * number + .seconds(5))]
    }
  }
}

struct WaveformTests {
  private func run(_ inputs: [PipelineInput]) throws -> [PipelineOutput] {
    var pipeline = try Pipeline(Pump.configuration)
    var outputs: [PipelineOutput] = []
    for input in inputs { pipeline.consume(input, into: &outputs) }
    return outputs
  }

  private func advisories(_ outputs: [PipelineOutput]) -> [Advisory] {
    outputs.compactMap { if case .advisory(let advisory) = $0.content { advisory } else { nil } }
  }

  /// The verdicts on the source in the order of health reports, each once.
  private func verdicts(_ outputs: [PipelineOutput]) -> [DiagnosisSummary.Verdict] {
    outputs.reduce(into: []) { verdicts, output in
      guard case .health(let health) = output.content,
        let verdict = health.diagnoses?.first?.verdict, verdict != verdicts.last
      else { return }
      verdicts.append(verdict)
    }
  }

  @Test func `a defect that stays is told with its evidence, and ends when the bearing is new`()
    throws
  {
    let healthy = [VibrationFault?](repeating: nil, count: 5)
    let worn = [VibrationFault?](repeating: .outer, count: 8)
    let outputs = try run(Pump.life(healthy + worn + healthy))
    let told = advisories(outputs)
    #expect(told.map(\.phase) == [.raised, .cleared])
    let raised = try #require(told.first)
    #expect(raised.findingClass == .machine && raised.location == "drive end")
    // It was never sure before there were three blocks, and the pump still runs smoothly.
    #expect(raised.since >= Pump.begin + Pump.period * 7)
    #expect(raised.since <= Pump.begin + Pump.period * 9)
    #expect(raised.priority == .low)
    guard case .faultPattern(let pattern)? = raised.findings.first?.kind else {
      Issue.record("no pattern in \(raised)")
      return
    }
    #expect(pattern.fault == .outer && pattern.bearing == "6309" && pattern.zone == .a)
    #expect(abs(pattern.order - Pump.orders.outer) < 0.05 * Pump.orders.outer)
    #expect(pattern.decibelsAboveFloor > 6)
    #expect(raised.suspects.first?.mode == "bearing-outer-race")
    #expect(raised.suspects.first?.part == "6309")
    let channel = try #require(raised.findings.first?.channel)
    #expect(Pump.plant[channel].quantity == .envelopeOuterRace)
  }

  @Test func `a healthy pump is told to have no fault pattern, once`() throws {
    let outputs = try run(Pump.life([VibrationFault?](repeating: nil, count: 12)))
    #expect(advisories(outputs).isEmpty)
    #expect(verdicts(outputs) == [.patterns([])])
  }

  @Test func `how bad it is follows from the zone, not from the pattern`() throws {
    var inputs: [PipelineInput] = []
    for number in 0..<10 {
      inputs.append(Pump.power(10, at: number))
      inputs.append(Pump.block(number, .outer, unbalance: number < 5 ? 0.5 : 12))
      inputs.append(.tick(Pump.begin + Pump.period * number + .seconds(5)))
    }
    let told = advisories(try run(inputs))
    #expect(told.first?.priority == .low)
    #expect(told.last?.priority == .high)
    let states = told.flatMap(\.findings).filter {
      if case .faultPattern = $0.kind { true } else { false }
    }
    #expect(states.first?.state == .alert && states.last?.state == .alarm)
  }

  @Test func `values of a block are told as a frame, and judged by zones like any other`() throws {
    let outputs = try run([
      Pump.power(10, at: 0), Pump.block(0, nil), Pump.block(1, nil, unbalance: 12),
    ])
    let frames = outputs.compactMap { output -> Frame? in
      if case .features(let frame) = output.content { frame } else { nil }
    }
    #expect(frames.count == 2)
    #expect(frames[0].timestamp == Pump.begin + .seconds(1.28))
    #expect(frames[0].channels == Pump.plant.channels.dropLast().map(\.id))
    #expect(frames[0].qualities.allSatisfy { $0 == .good })
    // 12 mm/s as amplitude at the shaft speed.
    let velocity = frames[1].values[0]
    #expect(abs(velocity - 12 / 2.0.squareRoot()) < 0.5)
  }

  @Test func `a block that did not come, and a pump at rest, are no verdict`() throws {
    let outputs = try run([
      Pump.power(10, at: 0), Pump.block(0, nil),
      Pump.block(1, nil, quality: .bad(.tornBlock)),
      Pump.power(0, at: 2), Pump.block(2, .outer),
    ])
    #expect(
      verdicts(outputs) == [.patterns([]), .notJudged(.noBlock), .notJudged(.atRest)]
    )
    #expect(advisories(outputs).isEmpty)
  }

  @Test func `a rule by which no block could be read is refused`() throws {
    var configuration = Pump.configuration
    configuration.manipulation.waveforms[0].sampleRateHertz = 12.8
    configuration.manipulation.waveforms[0].shaft = .fixed(hertz: 1e12)
    let error = try #require(throws: ConfigurationError.self) { try Pipeline(configuration) }
    #expect(
      error.problems == [
        "waveforms drive end/vibration z: acceleration is sampled at least 200 times a second",
        "waveforms drive end/vibration z: a shaft turns up to 5,000 times a second",
      ]
    )
  }

  @Test func `what cannot be a block of this plant is counted and left out`() throws {
    var pipeline = try Pipeline(Pump.configuration)
    var outputs: [PipelineOutput] = []
    guard case .waveform(let good) = Pump.block(0, nil) else { return }
    var wrong = good
    wrong.source = WaveformID(index: 7)
    var short = good
    short.samples.removeLast(100)
    var early = good
    early.start = Timestamp(nanoseconds: .min)
    for waveform in [wrong, short, early] { pipeline.consume(.waveform(waveform), into: &outputs) }
    #expect(pipeline.rejectedCount == 3 && outputs.isEmpty)
  }

  @Test func `a core that is restored between two blocks goes on as if nothing had happened`()
    throws
  {
    let healthy = [VibrationFault?](repeating: nil, count: 3)
    let all = Pump.life(healthy + [VibrationFault?](repeating: .outer, count: 7) + healthy)
    for cut in [2, 10, 17, 20, 26] {
      var whole = try Pipeline(Pump.configuration)
      var outputs: [PipelineOutput] = []
      for input in all[..<cut] { whole.consume(input, into: &outputs) }
      let snapshot = try Pipeline.Snapshot(encoded: whole.snapshot.encoded())
      var restored = try Pipeline(Pump.configuration, restoring: snapshot)
      #expect(restored == whole)
      outputs.removeAll()
      var later: [PipelineOutput] = []
      for input in all[cut...] {
        whole.consume(input, into: &outputs)
        restored.consume(input, into: &later)
      }
      #expect(!outputs.isEmpty && outputs == later)
    }
  }

  @Test func `a recording with blocks is judged as the machine was, to the bit`() throws {
    var life: [PipelineInput] = []
    var writer = RecordingWriter(plant: Pump.plant, channels: [Pump.power], withWaveforms: true)
    var text = writer.header
    for number in 0..<9 {
      for input in [Pump.power(10, at: number), Pump.block(number, number < 3 ? nil : .outer)] {
        switch input {
        case .frame(let frame):
          life.append(.tick(frame.timestamp))
          writer.append(frame, to: &text)
        case .waveform(let waveform):
          life.append(.tick(waveform.end))
          writer.append(waveform, to: &text)
        default: break
        }
        life.append(input)
      }
    }
    writer.finish(to: &text)
    var parser = RecordingParser(plant: Pump.plant)
    var recorded: [PipelineInput] = []
    try parser.parse(Array(text.utf8), into: &recorded)
    try parser.finish(into: &recorded)
    let (live, replayed) = (try run(life), try run(recorded))
    #expect(!advisories(live).isEmpty)
    #expect(live == replayed)
  }

  @Test func `a step of the clock changes no decision about blocks`() throws {
    let all = Pump.life([nil, nil, .outer, .outer, .outer, .outer, .outer, nil, nil, nil, nil])
    let step = Duration.seconds(-7_200)
    var stepped = try Pipeline(Pump.configuration)
    var found: [PipelineOutput] = []
    for input in all[..<12] { stepped.consume(input, into: &found) }
    stepped.consume(.clockStepped(by: step), into: &found)
    for input in all[12...] {
      switch input {
      case .waveform(var waveform):
        waveform.start += step
        stepped.consume(.waveform(waveform), into: &found)
      case .frame(var frame):
        frame.timestamp += step
        stepped.consume(.frame(frame), into: &found)
      case .tick(let moment): stepped.consume(.tick(moment + step), into: &found)
      default: stepped.consume(input, into: &found)
      }
    }
    let expected = advisories(try run(all))
    #expect(!expected.isEmpty)
    #expect(advisories(found).map(\.phase) == expected.map(\.phase))
    #expect(advisories(found).map(\.since) == expected.map { $0.since + step })
  }
}
