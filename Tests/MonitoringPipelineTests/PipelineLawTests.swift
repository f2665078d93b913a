import ConditionModel
import MonitoringPipeline
import SignalProcessing
import Testing

/// What holds for any input, however wild.
struct PipelineLawTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `a core that is restored anywhere goes on as if nothing had happened`(seed: UInt64) throws {
    var inputs = RandomInputs(seed: seed)
    var whole = try Pipeline(Workshop.configuration)
    var outputs: [PipelineOutput] = []
    let all = inputs.take(5_000)
    let cut = 200 + Int(seed) * 400
    for input in all[..<cut] { whole.consume(input, into: &outputs) }
    let snapshot = try Pipeline.Snapshot(encoded: whole.snapshot.encoded())
    var restored = try Pipeline(Workshop.configuration, restoring: snapshot)
    #expect(restored == whole)
    var later: [PipelineOutput] = []
    outputs.removeAll()
    for input in all[cut...] {
      whole.consume(input, into: &outputs)
      restored.consume(input, into: &later)
    }
    #expect(!outputs.isEmpty)
    #expect(outputs == later)
    #expect(whole == restored)
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `outputs are numbered without a gap and advisories live in order`(seed: UInt64) throws {
    var inputs = RandomInputs(seed: seed)
    var pipeline = try Pipeline(Workshop.configuration)
    var outputs: [PipelineOutput] = []
    for input in inputs.take(6_000) { pipeline.consume(input, into: &outputs) }
    #expect(outputs.map(\.sequence) == Array(1...UInt64(outputs.count)))

    var lives: [[Advisory]] = []
    for case .advisory(let advisory) in outputs.map(\.content) {
      if advisory.phase == .raised {
        #expect(advisory.id == UInt64(lives.count) + 1)
        lives.append([])
      }
      #expect(!advisory.findings.isEmpty)
      #expect(advisory.since <= advisory.timestamp)
      #expect(advisory.findings.allSatisfy { $0.kind.findingClass == advisory.findingClass })
      lives[Int(advisory.id) - 1].append(advisory)
    }
    #expect(!lives.isEmpty)
    for life in lives {
      #expect(life.first?.phase == .raised)
      #expect(life.dropFirst().allSatisfy { $0.phase != .raised })
    }
    let open = lives.compactMap(\.last).filter { $0.phase != .cleared }
    #expect(open.map(\.id) == pipeline.openAdvisories.map(\.id))
    for case .health(let health) in outputs.map(\.content) {
      #expect((0...1).contains(health.grade) && (0...1).contains(health.coverage))
    }
  }

  @Test(arguments: [21, 22, 23] as [UInt64])
  func `bad data alone never raises anything about a machine`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var watch = try Watch()
    for _ in 0..<4_000 {
      // Healthy values, wild ones with a doubt about them, and no values at all.
      var values = PumpValues()
      values.velocityX += generator.uniform(in: 0..<0.2)
      values.velocityZ += generator.uniform(in: 0..<0.2)
      if generator.uniform() < 0.5 {
        values.velocityX = generator.uniform(in: -1e9..<1e9)
        values.temperature = .infinity
        values.sensorQuality = .bad(Fault.allCases[Int(generator.bits() % 9)])
      } else if generator.uniform() < 0.1 {
        values.velocityX = 65
        values.temperature = 850
        values.highFrequency = .nan
      }
      watch.second(values)
    }
    #expect(watch.advisories.allSatisfy { $0.findingClass != .machine })
    #expect(watch.states.allSatisfy { $0.finding.kind.findingClass != .machine })
  }

  @Test(arguments: [-86_400 * 30, -7, 3, 3_600, 86_400 * 365] as [Int64])
  func `a step of the clock changes no decision, only its date`(stepSeconds: Int64) throws {
    let step = Duration.seconds(stepSeconds)
    for cut in stride(from: 100, to: 1_400, by: 61) {
      var inputs = RandomInputs(seed: UInt64(cut))
      let all = inputs.take(1_800)
      var plain = try Pipeline(Workshop.configuration)
      var stepped = try Pipeline(Workshop.configuration)
      var expected: [PipelineOutput] = []
      var found: [PipelineOutput] = []
      for input in all[..<cut] {
        plain.consume(input, into: &expected)
        stepped.consume(input, into: &found)
      }
      #expect(expected == found)
      expected.removeAll()
      found.removeAll()
      stepped.consume(.clockStepped(by: step), into: &found)
      for input in all[cut...] {
        plain.consume(input, into: &expected)
        stepped.consume(input.moved(by: step), into: &found)
      }
      #expect(expected.map { $0.moved(by: step) } == found)
    }
  }

  @Test func `the same inputs give the same outputs`() throws {
    var first: [PipelineOutput] = []
    var second: [PipelineOutput] = []
    var inputs = RandomInputs(seed: 7)
    var again = RandomInputs(seed: 7)
    var one = try Pipeline(Workshop.configuration)
    var other = try Pipeline(Workshop.configuration)
    for input in inputs.take(2_000) { one.consume(input, into: &first) }
    for input in again.take(2_000) { other.consume(input, into: &second) }
    #expect(first == second)
  }
}

/// A workshop in which everything goes wrong: episodes of heat, vibration, stops, dead devices,
/// unplugged sensors, single bad reads, late frames, gaps and acknowledgements.
struct RandomInputs {
  private var generator: SeededGenerator
  private var now = Timestamp(seconds: 1_790_000_000)
  private var values = PumpValues()
  private var left = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func take(_ count: Int) -> [PipelineInput] {
    var inputs: [PipelineInput] = []
    while inputs.count < count { inputs += second() }
    return Array(inputs.prefix(count))
  }

  private mutating func second() -> [PipelineInput] {
    if left == 0 { beginEpisode() }
    left -= 1
    now += generator.uniform() < 0.002 ? .seconds(200) : .seconds(1)
    var shown = values
    shown.velocityX += generator.uniform(in: 0..<0.1)
    shown.velocityZ += generator.uniform(in: 0..<0.1)
    shown.temperature += generator.uniform(in: 0..<1)
    if generator.uniform() < 0.02 { shown.sensorQuality = .bad(.damagedAnswer) }
    if generator.uniform() < 0.01 { shown.temperature = .nan }
    var inputs: [PipelineInput] = [.frame(shown.sensorFrame(at: now))]
    if generator.uniform() < 0.9 { inputs.append(.frame(shown.meterFrame(at: now))) }
    if generator.uniform() < 0.01 { inputs.append(.frame(shown.meterFrame(at: now - .seconds(9)))) }
    if generator.uniform() < 0.01 {
      inputs.append(.acknowledge(advisory: generator.bits() % 8, at: now))
    }
    inputs.append(.tick(now))
    return inputs
  }

  private mutating func beginEpisode() {
    values = PumpValues()
    left = 40 + Int(generator.bits() % 200)
    switch generator.bits() % 8 {
    case 0: values.temperature = generator.uniform(in: 78..<100)
    case 1: values.velocityZ = generator.uniform(in: 2..<7)
    case 2: values.highFrequency = 30
    case 3: (values.power, values.velocityX, values.velocityZ) = (0, 0, 0)
    case 4: values.sensorQuality = .bad(.noAnswer)
    case 5: values.sensorQuality = .bad(.invalidCode)
    case 6: values.meterQuality = .bad(.notReachable)
    default: break
    }
  }
}

extension PipelineInput {
  fileprivate func moved(by step: Duration) -> PipelineInput {
    switch self {
    case .frame(var frame):
      frame.timestamp += step
      return .frame(frame)
    case .waveform(var waveform):
      waveform.start += step
      return .waveform(waveform)
    case .tick(let moment): return .tick(moment + step)
    case .clockStepped: return self
    case .acknowledge(let id, let moment): return .acknowledge(advisory: id, at: moment + step)
    case .shelve(let id, let end, let moment):
      return .shelve(advisory: id, until: end + step, at: moment + step)
    case .accept(let id, let moment): return .accept(advisory: id, at: moment + step)
    case .mark(var mark):
      mark.timestamp += step
      return .mark(mark)
    }
  }
}

extension PipelineOutput {
  fileprivate func moved(by step: Duration) -> PipelineOutput {
    var output = self
    switch content {
    case .features(var frame):
      frame.timestamp += step
      output.content = .features(frame)
    case .state(var report):
      report.timestamp += step
      report.finding.since += step
      output.content = .state(report)
    case .health(var report):
      report.timestamp += step
      for index in report.findings.indices { report.findings[index].since += step }
      output.content = .health(report)
    case .prognosis(var prognosis):
      prognosis.shift(by: step)
      output.content = .prognosis(prognosis)
    case .advisory(var advisory):
      advisory.timestamp += step
      advisory.since += step
      for index in advisory.findings.indices { advisory.findings[index].since += step }
      output.content = .advisory(advisory)
    }
    return output
  }
}
