import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import HistoryStore
import Logging
import MonitoringPipeline
import ProcessSupport
import SiteConfiguration
import Testing

/// A core that is stopped and started again says what it would have said.
struct ResumptionTests {
  private let folder = TemporaryFolder()

  /// A tank that warms and cools, ticks, marks and acknowledgements, drawn from a seed.
  private func story(_ numbers: inout Numbers) -> [PipelineInput] {
    var inputs: [PipelineInput] = []
    var temperature = 60.0
    for second in 1...Int64(240) {
      let moment = Timestamp(seconds: 1_760_000_000 + second)
      inputs.append(.tick(moment))
      if numbers.below(40) == 0 { temperature = [60, 85, 95][numbers.below(3)] }
      let isSilent = numbers.below(12) == 0
      if numbers.below(20) > 0 {
        inputs.append(
          .frame(
            Frame(
              asset: AssetID(index: 0),
              timestamp: moment,
              channels: [ChannelID(index: 0), ChannelID(index: 1)],
              values: isSilent ? [0, 0] : [temperature + Double(numbers.below(9)) / 10, 4.5],
              qualities: Array(repeating: isSilent ? .bad(.noAnswer) : .good, count: 2)
            )
          )
        )
      }
      if numbers.below(30) == 0 { inputs.append(.acknowledge(advisory: 1, at: moment)) }
      if numbers.below(80) == 0 {
        inputs.append(
          .mark(
            MaintenanceMark(asset: AssetID(index: 0), timestamp: moment, kind: .part, text: "é")
          )
        )
      }
    }
    return inputs
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `stopped anywhere, it goes on to the bit, and says nothing twice`(seed: UInt64) async throws
  {
    let site = try WatchedTank().site
    var numbers = Numbers(seed: seed)
    let inputs = story(&numbers)
    var whole = try Pipeline(site.pipeline)
    var expected: [PipelineOutput] = []
    for input in inputs { whole.consume(input, into: &expected) }

    let path = folder.file("\(seed).sqlite")
    var store = try await HistoryStore(path: path, plant: site.plant)
    var pipeline = try Pipeline(site.pipeline)
    var said: [PipelineOutput] = []
    try await store.commit(
      Batch(snapshot: storedSnapshot(of: pipeline, at: Timestamp(seconds: 0)))
    )
    var stopCount = 0
    for input in inputs {
      var outputs: [PipelineOutput] = []
      pipeline.consume(input, into: &outputs)
      let withSnapshot = numbers.below(50) == 0
      try await store.commit(
        Batch(
          inputs: [input],
          outputs: outputs.map { WordedOutput($0) },
          snapshot: withSnapshot
            ? storedSnapshot(of: pipeline, at: Timestamp(seconds: 0)) : nil
        )
      )
      said += outputs
      if numbers.below(40) == 0 {
        stopCount += 1
        await store.abandon()
        store = try await HistoryStore(path: path, plant: site.plant)
        pipeline = try #require(try await resumedPipeline(site.pipeline, from: store))
      }
    }
    #expect(stopCount > 0)
    #expect(said == expected)
    #expect(pipeline == whole)
    #expect(expected.contains { if case .advisory = $0.content { true } else { false } })
    let published = try await store.pending(after: 0, limit: 10_000).compactMap { entry in
      if case .output(let output) = entry.content { output } else { nil }
    }
    #expect(Set(published.map(\.sequence)).count == published.count)
    await store.close()
  }

  private func start(
    _ site: Site,
    from store: HistoryStore,
    at now: Timestamp = Timestamp(seconds: 1_760_000_100)
  ) async throws -> Pipeline {
    try await startingPipeline(
      site.pipeline,
      from: store,
      at: now,
      wording: Wording(.english),
      describe: { AdvisoryText(language: .english, title: "alert \($0.id)", text: "") },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
  }

  @Test(arguments: [-86_400, 0, 100])
  func `with another site file an alert ends, whatever the clock shows`(
    seconds: Int
  ) async throws {
    let site = try WatchedTank().site
    let moment = Timestamp(seconds: 1_760_000_000)
    let alert = Advisory(
      id: 4,
      asset: AssetID(index: 0),
      findingClass: .communication,
      location: "oil",
      phase: .raised,
      priority: .medium,
      since: moment,
      timestamp: moment,
      isAcknowledged: false,
      findings: [],
      suspects: [],
      unmoved: []
    )
    let store = try await HistoryStore(path: folder.file("history.sqlite"), plant: site.plant)
    let raised = WordedOutput(PipelineOutput(sequence: 1, content: .advisory(alert)))
    try await store.commit(Batch(outputs: [raised]))
    _ = try await start(site, from: store, at: moment + .seconds(seconds))
    #expect(try await store.openAlerts().isEmpty)
    await store.close()
  }

  @Test func `back under an earlier site file, the core starts anew and ends no alert twice`()
    async throws
  {
    let first = try WatchedTank().site
    var second = first
    second.pipeline.longestTick = .seconds(20)
    let path = folder.file("history.sqlite")
    var open: [[UInt64]] = []
    for site in [first, second, first] {
      let store = try await HistoryStore(path: path, plant: site.plant)
      var pipeline = try await start(site, from: store)
      #expect(pipeline.openAdvisories.isEmpty)
      #expect(try await store.openAlerts().isEmpty)
      var outputs: [PipelineOutput] = []
      var inputs: [PipelineInput] = []
      for second in 0..<Int64(site == first && open.isEmpty ? 30 : 0) {
        let moment = Timestamp(seconds: 1_760_000_000 + second)
        let values = [85 + Double(second % 7) / 10, 4.5]
        inputs.append(
          .frame(
            Frame(
              asset: AssetID(index: 0),
              timestamp: moment,
              channels: [ChannelID(index: 0), ChannelID(index: 1)],
              values: values,
              qualities: [.good, .good]
            )
          )
        )
        inputs.append(.tick(moment))
      }
      for input in inputs { pipeline.consume(input, into: &outputs) }
      if !inputs.isEmpty {
        try await store.commit(
          Batch(
            inputs: inputs,
            outputs: outputs.map { WordedOutput($0) },
            snapshot: storedSnapshot(of: pipeline, at: Timestamp(seconds: 1_760_000_030))
          )
        )
      }
      open.append(try await store.openAlerts().compactMap(\.output.advisory?.id))
      await store.abandon()
    }
    #expect(open == [[1], [], []])
  }

  /// Earlier versions moved all that they remembered ahead whenever they started in 1970, at last up
  /// to 2199: what was read counted as late from then on.
  @Test(arguments: [57, 400], [true, false])
  func `a core that lives in the future comes back with the next start, and so do its alerts`(
    years: Int,
    isClockSet: Bool
  ) async throws {
    let path = folder.file("history.sqlite")
    let first = try WatchedTank()
    var store = try await HistoryStore(path: path, plant: first.site.plant)
    await first.live(seconds: 20, temperature: 60)
    await first.live(seconds: 20, temperature: 85)
    let healthy = await first.monitor.takeBatch(withSnapshot: true)
    try await store.commit(healthy)
    var ill = try restored(first.site.pipeline, from: #require(healthy.snapshot))
    let step = PipelineInput.clockStepped(by: .seconds(years * 31_557_600))
    var outputs: [PipelineOutput] = []
    ill.consume(step, into: &outputs)
    let blind = WatchedTank(first.site, first.clocks, ill, knowsItsTime: false)
    await blind.live(seconds: 20, temperature: 60)
    #expect(await blind.monitor.lateSampleCount == 40)
    var told = await blind.monitor.takeBatch(withSnapshot: true)
    told.inputs.insert(step, at: 0)
    try await store.commit(told)
    await store.abandon()

    store = try await HistoryStore(path: path, plant: first.site.plant)
    let stop = first.clocks.read().wall
    if !isClockSet { first.clocks.set(by: .seconds(0) - (stop - Timestamp(seconds: 60))) }
    let healed = WatchedTank(first.site, first.clocks, try await start(first.site, from: store))
    if !isClockSet {
      await healed.live(seconds: 20, temperature: 60)
      first.clocks.set(by: stop - Timestamp(seconds: 60))
    }
    await healed.live(seconds: 40, temperature: 60)
    try await store.commit(await healed.monitor.takeBatch(withSnapshot: false))
    #expect(await healed.monitor.lateSampleCount == 40)
    #expect(try await store.openAlerts().isEmpty)
    await healed.live(seconds: 20, temperature: 95)
    try await store.commit(await healed.monitor.takeBatch(withSnapshot: true))
    let open = try await store.openAlerts().compactMap(\.output.advisory)
    // It came back within the hour, so it is the same one.
    let alert = try #require(open.first)
    #expect(open.count == 1 && alert.id == 1 && alert.findings.first?.state == .alarm)
    #expect(alert.timestamp > stop && alert.timestamp <= first.clocks.read().wall)
    #expect(alert.since <= alert.timestamp)
    await store.close()
  }

  /// As after a disk that lied about what is on the medium, and a power cut.
  @Test func `what the core forgot of alerts is made good at the start, once`() async throws {
    let tank = try WatchedTank()
    let path = folder.file("history.sqlite")
    var store = try await HistoryStore(path: path, plant: tank.site.plant)
    await tank.live(seconds: 40, temperature: 60)
    let healthy = try #require(await tank.monitor.takeBatch(withSnapshot: true).snapshot)
    await tank.live(seconds: 40, temperature: 85)
    let ill = await tank.monitor.takeBatch(withSnapshot: true)
    let alerts = ill.outputs.compactMap(\.output.advisory)
    #expect(alerts.map(\.id) == [1])
    // The alert was told, and the core does not know of it.
    try await store.commit(Batch(outputs: ill.outputs, snapshot: healthy))
    let numbered = try await start(tank.site, from: store)
    #expect(numbered.lastAdvisory == 1 && numbered.openAdvisories.isEmpty)
    #expect(try await store.openAlerts().isEmpty)
    await store.abandon()
    store = try await HistoryStore(path: path, plant: tank.site.plant)
    let count = try await store.pending(after: 0, limit: 100).count
    #expect(try await start(tank.site, from: store) == numbered)
    // The core knows of an alert that nobody was told of.
    try await store.commit(Batch(snapshot: ill.snapshot))
    let later = Timestamp(seconds: 1_800_000_000)
    #expect(
      try await start(tank.site, from: store, at: later).openAdvisories.map(\.id) == [1]
    )
    let open = try await store.openAlerts().compactMap(\.output.advisory)
    #expect(open.map(\.id) == [1] && open[0].timestamp > alerts[0].timestamp)
    #expect(try await start(tank.site, from: store).openAdvisories.map(\.id) == [1])
    #expect(try await store.pending(after: 0, limit: 100).count == count + 1)
    await store.close()
  }

  @Test func `an alert on a machine that left the site ends, with the reason`() async throws {
    let site = try WatchedTank().site
    let path = folder.file("history.sqlite")
    var former = site.plant
    let pump = AssetID(index: UInt16(former.assets.count))
    former.assets.append(Asset(id: pump, name: "pump", kind: .centrifugalPump))
    var channel = former.channels[0]
    channel.id = ChannelID(index: UInt16(former.channels.count))
    channel.asset = pump
    former.channels.append(channel)
    let alert = Advisory(
      id: 4,
      asset: pump,
      findingClass: .machine,
      location: channel.location,
      phase: .raised,
      priority: .high,
      since: Timestamp(seconds: 1_760_000_000),
      timestamp: Timestamp(seconds: 1_760_000_000),
      isAcknowledged: false,
      findings: [],
      suspects: [],
      unmoved: []
    )
    var store = try await HistoryStore(path: path, plant: former)
    let raised = PipelineOutput(sequence: 1, content: .advisory(alert))
    let words = AdvisoryText(language: .english, title: "pump: hot", text: "Since noon.")
    try await store.commit(Batch(outputs: [WordedOutput(raised, text: words)]))
    await store.abandon()

    store = try await HistoryStore(path: path, plant: site.plant)
    let pipeline = try await start(site, from: store)
    #expect(pipeline.openAdvisories.isEmpty)
    let entries = try await store.pending(after: 0, limit: 10)
    guard case .departed(let machine) = entries.last?.content else {
      Issue.record("nothing is told of the machine")
      return
    }
    #expect(machine.name == "pump" && machine.alerts.map(\.id) == [4])
    #expect(machine.alerts[0].text?.title == "Ended: pump: hot")
    #expect(machine.alerts[0].text?.text == "The machine pump is no longer in the site file.")
    await store.close()
    let reader = try HistoryReader(path: path)
    #expect(try await reader.alertSteps().map(\.phase) == ["raised", "cleared"])
    await reader.close()
  }
}

/// Pseudo-random numbers (SplitMix64 by Vigna), for tests only.
private struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % UInt64(limit))
  }
}
