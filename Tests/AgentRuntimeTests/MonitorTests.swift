import AgentRuntime
import ConditionModel
import DataAcquisition
import DatasetReplay
import HistoryStore
import MonitoringPipeline
import ProcessSupport
import SiteConfiguration
import Testing

struct MonitorTests {
  @Test func `what happened live happens again, to the bit, when its recording is replayed`()
    async throws
  {
    let tank = try WatchedTank()
    await tank.live(seconds: 30, temperature: 60)
    await tank.live(seconds: 20, temperature: 84)
    await tank.live(seconds: 20, temperature: 95)
    await tank.live(seconds: 15, temperature: 0, quality: .bad(.noAnswer))
    await tank.live(seconds: 30, temperature: 61)
    let batch = await tank.monitor.takeBatch(withSnapshot: false)

    var writer = RecordingWriter(plant: tank.site.plant)
    var text = writer.header
    for case .frame(let frame) in batch.inputs { writer.append(frame, to: &text) }
    writer.finish(to: &text)
    let folder = TemporaryFolder()
    let recording = try folder.write(text, to: "live.csv")
    var replay = try RecordingReplay(tank.site.pipeline, recordings: [recording])
    var replayed: [PipelineOutput] = []
    try replay.play(recording) { replayed.append($0) }

    #expect(replayed == batch.outputs.map(\.output))
    let advisories = replayed.compactMap(\.advisory)
    #expect(advisories.contains { $0.phase == .raised && $0.findingClass == .machine })
    #expect(advisories.contains { $0.phase == .raised && $0.findingClass == .communication })
    #expect(advisories.filter { $0.phase == .cleared }.count == 2)
  }

  @Test(arguments: [-7_200, -60, -1, 1, 90, 86_400])
  func `setting the clock raises no alert and breaks no sequence`(seconds: Int) async throws {
    let tank = try WatchedTank()
    await tank.live(seconds: 40, temperature: 60)
    tank.clocks.set(by: .seconds(seconds))
    await tank.live(seconds: 40, temperature: 60)
    tank.clocks.set(by: .seconds(-seconds))
    await tank.live(seconds: 40, temperature: 60)
    let outputs = await tank.monitor.takeBatch(withSnapshot: false).outputs.map(\.output)
    #expect(outputs.compactMap(\.advisory) == [])
    #expect(outputs.map(\.sequence) == Array(1...UInt64(outputs.count)))
    #expect(await tank.monitor.lateSampleCount == 0)
  }

  /// By how much the clock is set ahead while nothing runs; it is set right later.
  @Test(arguments: [-1_791_950_000, -86_400, -600])
  func `a restart with a clock that lost its time blinds nothing, and no alert grows old`(
    seconds: Int
  ) async throws {
    let tank = try WatchedTank()
    await tank.live(seconds: 20, temperature: 60)
    await tank.live(seconds: 20, temperature: 85)
    let former = await tank.monitor.takeBatch(withSnapshot: true)
    let raised = try #require(former.outputs.last { $0.output.advisory != nil }?.output.advisory)
    tank.clocks.set(by: .seconds(seconds))
    let again = try tank.restarted(from: #require(former.snapshot))
    await again.live(seconds: 20, temperature: 85)
    tank.clocks.set(by: .seconds(-seconds))
    await again.live(seconds: 40, temperature: 60)
    #expect(await again.monitor.lateSampleCount == 0)
    let told = await again.monitor.takeBatch(withSnapshot: false).outputs
    let end = try #require(told.last { $0.output.advisory != nil }?.output.advisory)
    #expect(end.id == raised.id && end.phase == .cleared)
    #expect(end.since >= raised.since && end.since - raised.since < .seconds(2))
  }

  @Test(arguments: [-3_600, 3_600])
  func `an open alert goes with the clock, and its delays keep their length`(
    seconds: Int
  ) async throws {
    let tank = try WatchedTank()
    await tank.live(seconds: 20, temperature: 60)
    await tank.live(seconds: 20, temperature: 85)
    tank.clocks.set(by: .seconds(seconds))
    await tank.live(seconds: 20, temperature: 85)
    await tank.live(seconds: 20, temperature: 60)
    let outputs = await tank.monitor.takeBatch(withSnapshot: false).outputs.map(\.output)
    let advisories = outputs.compactMap(\.advisory)
    #expect(advisories.map(\.phase) == [.raised, .cleared])
    let raised = try #require(advisories.first)
    let cleared = try #require(advisories.last)
    #expect(cleared.since == raised.since + .seconds(seconds))
    #expect(cleared.timestamp - cleared.since == .seconds(45))
    #expect(outputs.map(\.sequence) == Array(1...UInt64(outputs.count)))
  }

  @Test func `a value stamped just before the clock was set back is not taken for the future`()
    async throws
  {
    let tank = try WatchedTank()
    await tank.live(seconds: 20, temperature: 60)
    let delayed = tank.frame(temperature: 60)
    tank.clocks.set(by: .seconds(-3_600))
    await tank.monitor.tick()
    await tank.monitor.consume([delayed])
    await tank.live(seconds: 20, temperature: 85)
    let outputs = await tank.monitor.takeBatch(withSnapshot: false).outputs.map(\.output)
    #expect(outputs.compactMap(\.advisory).map(\.phase) == [.raised])
    #expect(await tank.monitor.lateSampleCount == 0)
  }

  @Test func `a batch has the state of the core when asked, and each is taken once`() async throws {
    let tank = try WatchedTank()
    await tank.live(seconds: 10, temperature: 60)
    let quiet = await tank.monitor.takeBatch(withSnapshot: false)
    #expect(quiet.snapshot == nil)
    #expect(quiet.frameCount == 10)
    await tank.live(seconds: 10, temperature: 85)
    let alert = await tank.monitor.takeBatch(withSnapshot: true)
    #expect(alert.snapshot != nil)
    #expect(alert.frameCount == 10)
    #expect(await tank.monitor.takeBatch(withSnapshot: false).inputs.isEmpty)
    #expect(await tank.monitor.valuesRead == 40)
  }
}

extension Batch {
  fileprivate var frameCount: Int {
    inputs.count { if case .frame = $0 { true } else { false } }
  }
}
