import ConditionModel
import Glibc
import HistoryStore
import Testing

struct HistoryStoreTests {
  private let folder = TemporaryFolder()
  private let plant = samplePlant()

  @Test func `what is committed comes out of the outbox, in order, bit for bit`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let frames = [
      plant.frame(second: 1, values: [0.1, -0.0, .leastNonzeroMagnitude]),
      plant.frame(1, second: 1, values: [1e300, 0, 3], bad: 1),
      plant.frame(second: 2, values: [7]),
    ]
    let alert = plant.advisory(1, .raised, second: 2, sequence: 0)
    try await store.commit(Batch(frames: frames, outputs: [alert]))
    let entries = try await store.pending(after: 0, limit: 10)
    #expect(entries.compactMap(\.frame) == frames)
    #expect(entries.compactMap { $0.frame?.values[0].bitPattern }.count == 3)
    #expect(entries.last?.output == alert.output)
    #expect(entries.map(\.id) == entries.map(\.id).sorted())
  }

  @Test func `every quality survives the store`() async throws {
    let qualities: [Quality] =
      [.good] + Doubt.allCases.map(Quality.uncertain) + Fault.allCases.map(Quality.bad)
    let plant = samplePlant(channels: qualities.count)
    var frame = plant.frame(second: 1, values: qualities.map { _ in 1 })
    frame.qualities = qualities
    let store = try await HistoryStore(path: folder.database, plant: plant)
    try await store.commit(Batch(frames: [frame]))
    #expect(try await store.pending(after: 0, limit: 1).first?.frame == frame)
  }

  @Test func `an acknowledged entry is gone at once and after a restart`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    try await store.commit(Batch(frames: (1...4).map { plant.frame(second: $0, values: [1]) }))
    let all = try await store.pending(after: 0, limit: 10)
    try await store.acknowledge([all[0].id, all[2].id])
    #expect(try await store.pending(after: 0, limit: 10) == [all[1], all[3]])
    #expect(try await store.pending(after: 0, limit: 1) == [all[1]])
    #expect(try await store.state().pendingCount == 2)
    await store.close()
    let again = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await again.pending(after: 0, limit: 10) == [all[1], all[3]])
    await again.close()
  }

  @Test func `identities are never used twice, not even by a new file`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    try await store.commit(Batch(frames: [plant.frame(second: 1, values: [1])]))
    let first = try #require(try await store.pending(after: 0, limit: 1).first)
    try await store.acknowledge([first.id])
    await store.close()
    let again = try await HistoryStore(path: folder.database, plant: plant)
    try await again.commit(Batch(frames: [plant.frame(second: 2, values: [1])]))
    let second = try #require(try await again.pending(after: 0, limit: 1).first)
    #expect(second.id > first.id)
    #expect(first.id > 1_700_000_000 << 20 && second.id < 1 << 53)
    await again.close()
    // Nor where the journal was lost and the database was not.
    for file in folder.files where file.contains(".journal-") {
      #expect(unlink("\(folder.path)/\(file)") == 0)
    }
    let last = try await HistoryStore(
      path: folder.database,
      plant: plant,
      now: Timestamp(seconds: Int64(time(nil)) + 60)
    )
    try await last.commit(Batch(frames: [plant.frame(second: 3, values: [1])]))
    #expect(try await last.latestID() > second.id)
    await last.close()
  }

  @Test func `what the database kept and the journal lost is published once more, and stored once`()
    async throws
  {
    let alert = plant.advisory(1, .raised, second: 2, sequence: 7)
    for _ in 0..<2 {
      let store = try await HistoryStore(path: folder.database, plant: plant)
      try await store.commit(Batch(outputs: [alert]))
      #expect(try await store.pending(after: 0, limit: 10).map(\.output) == [alert.output])
      await store.abandon()
      for file in folder.files where file.contains(".journal-") {
        #expect(unlink("\(folder.path)/\(file)") == 0)
      }
    }
    let store = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await store.openAlerts() == [alert])
    let reader = try HistoryReader(path: folder.database)
    #expect(try await reader.alertSteps().count == 1)
    await reader.close()
  }

  @Test func `two alerts of one number and moment, as two starts in 1970 bring, are both stored`()
    async throws
  {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let alerts = [1, 2].map { plant.advisory($0, .raised, second: 40, sequence: 7) }
    for alert in alerts { try await store.commit(Batch(outputs: [alert])) }
    #expect(try await store.openAlerts() == alerts)
  }

  @Test func `an alert is open until it is cleared`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let raised = plant.advisory(3, .raised, second: 100, sequence: 0)
    let updated = plant.advisory(3, .updated, second: 110, sequence: 1)
    try await store.commit(
      Batch(outputs: [raised, plant.advisory(4, .raised, second: 105, sequence: 9)])
    )
    try await store.commit(Batch(outputs: [updated]))
    #expect(try await store.openAlerts().first == updated)
    try await store.commit(Batch(outputs: [plant.advisory(3, .cleared, second: 120, sequence: 2)]))
    #expect(try await store.openAlerts().map(\.output.sequence) == [9])
    #expect(try await store.highestAlertID() == 4)
  }

  @Test func `the newest snapshot is found again`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await store.snapshots().isEmpty)
    for second in 1...5 as ClosedRange<Int64> {
      let snapshot = Snapshot(
        timestamp: Timestamp(seconds: second),
        fingerprint: "f",
        state: [0, 255, UInt8(second)]
      )
      try await store.commit(Batch(snapshot: snapshot))
      #expect(try await store.snapshots().first?.snapshot == snapshot)
    }
  }

  @Test func `an incident of before a change of the site file is told of the machines of its time`()
    async throws
  {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let state = Snapshot(timestamp: Timestamp(seconds: 1), fingerprint: "f", state: [1])
    try await store.commit(Batch(snapshot: state))
    let frame = plant.frame(second: 2, values: [1, 2, 3])
    try await store.commit(Batch(frames: [frame]))
    await store.close()
    let changed = samplePlant(machines: ["presse"])
    let again = try await HistoryStore(path: folder.database, plant: changed)
    var newer = state
    newer.timestamp = Timestamp(seconds: 10)
    try await again.commit(Batch(snapshot: newer))
    await again.close()

    let reader = try HistoryReader(path: folder.database)
    let found = try #require(try await reader.snapshot(before: Timestamp(seconds: 5)))
    #expect(found.stored.snapshot == state && found.plant == plant)
    let (inputs, next) = try await reader.inputs(from: found.stored.place, of: plant)
    #expect(inputs == [.frame(frame)])
    let beyond = try await reader.inputs(from: try #require(next), of: plant)
    #expect(beyond.inputs.isEmpty)
    await reader.close()
  }

  @Test func `after a change of the site file old entries carry the new numbers`() async throws {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let alert = plant.advisory(1, .raised, second: 1, sequence: 0)
    try await store.commit(
      Batch(
        frames: [
          plant.frame(0, second: 1, values: [1, 2, 3]),
          plant.frame(1, second: 1, values: [4, 5, 6]),
        ],
        outputs: [alert]
      )
    )
    await store.close()
    // The fan is gone, a press came before the pump, and the pump lost its last channel.
    let changed = samplePlant(machines: ["presse", "pompe-3"], channels: 2)
    let again = try await HistoryStore(path: folder.database, plant: changed)
    let entries = try await again.pending(after: 0, limit: 10)
    #expect(entries.compactMap(\.frame) == [changed.frame(1, second: 1, values: [1, 2])])
    guard case .advisory(let moved) = entries.last?.output?.content else {
      Issue.record("the alert is missing")
      return
    }
    #expect(moved.asset == AssetID(index: 1))
    #expect(moved.findings.map(\.channel) == [ChannelID(index: 3)])
    #expect(moved.unmoved.isEmpty)
    #expect(try await again.state().droppedCount == 1)
    await again.close()
    // And back: the first configuration is the present one again.
    let back = try await HistoryStore(path: folder.database, plant: plant)
    let reader = try HistoryReader(path: folder.database)
    #expect(try await reader.plant() == plant)
    await back.close()
  }

  @Test func `what is open of a machine that left the site ends, and is told, also after a kill`()
    async throws
  {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let snapshot = Snapshot(timestamp: Timestamp(seconds: 100), fingerprint: "f", state: [1])
    let raised = plant.advisory(3, .raised, second: 100, sequence: 1)
    try await store.commit(Batch(outputs: [raised], snapshot: snapshot))
    #expect(try await store.departedMachines(at: Timestamp(seconds: 200)).isEmpty)
    let open = try await store.pending(after: 0, limit: 10)
    try await store.acknowledge(open.map(\.id))
    await store.close()

    // Only the fan stays; the pump had an alert, and the press none.
    var former = samplePlant(machines: ["pompe-3", "fan-1", "presse"])
    var changed = try await HistoryStore(path: folder.database, plant: former)
    try await changed.commit(Batch(snapshot: snapshot))
    await changed.close()
    former = samplePlant(machines: ["fan-1"])
    changed = try await HistoryStore(path: folder.database, plant: former)
    #expect(try await changed.openAlerts().isEmpty)
    var departed = try await changed.departedMachines(at: Timestamp(seconds: 200))
    #expect(departed.map(\.name) == ["pompe-3", "presse"])
    #expect(departed.map { $0.alerts.map(\.id) } == [[3], []])
    #expect(departed[0].alerts[0].text == raised.text)
    departed[0].alerts[0].text?.text = "La machine n’est plus là."
    try await changed.commit(Batch(departed: departed, snapshot: snapshot, isDurable: true))
    await changed.abandon()

    let again = try await HistoryStore(path: folder.database, plant: former)
    #expect(try await again.departedMachines(at: Timestamp(seconds: 300)).isEmpty)
    let told = try await again.pending(after: 0, limit: 10)
    #expect(told.map(\.content) == departed.map { .departed($0) })
    await again.close()
    let reader = try HistoryReader(path: folder.database)
    let steps = try await reader.alertSteps()
    #expect(steps.map(\.phase) == ["raised", "cleared"])
    #expect(steps.last?.text == "La machine n’est plus là.")
    await reader.close()

    // Once the pump is back, its old alert is not open.
    let back = try await HistoryStore(path: folder.database, plant: plant)
    #expect(try await back.openAlerts().isEmpty)
    let alerts = try await HistoryReader(path: folder.database).alerts(limit: 1)
    guard case .advisory(let ended) = alerts.first?.output.content else {
      Issue.record("the alert is missing")
      return
    }
    #expect(ended.phase == .cleared && ended.timestamp == Timestamp(seconds: 200))
    await back.close()
  }

  @Test func `without a publisher nothing waits`() async throws {
    var options = HistoryStore.Options()
    options.readers = []
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    try await store.commit(
      Batch(
        frames: [plant.frame(second: 1, values: [1])],
        outputs: [plant.advisory(1, .raised, second: 1, sequence: 0)]
      )
    )
    #expect(try await store.state().pendingCount == 0)
    #expect(try await store.openAlerts().count == 1)
  }

  @Test func `another process reads frames, alerts and status while the agent writes`() async throws
  {
    let store = try await HistoryStore(path: folder.database, plant: plant)
    let reader = try HistoryReader(path: folder.database)
    #expect(try await reader.status() == nil)
    let frames = (1...5).map { plant.frame(second: $0, values: [Double($0), 2, 3]) }
    let status = StatusReport(timestamp: Timestamp(seconds: 5), json: #"{"buses":[]}"#)
    let alert = plant.advisory(1, .raised, second: 5, sequence: 0)
    try await store.commit(Batch(frames: frames, outputs: [alert], status: status))
    #expect(try await reader.plant() == plant)
    #expect(try await reader.status() == status)
    #expect(try await reader.openAlerts() == [alert])
    #expect(try await reader.alerts(limit: 1) == [alert])
    #expect(try await reader.frames(after: Timestamp(seconds: 2), limit: 2) == Array(frames[3...]))
    #expect(try await reader.frames(after: Timestamp(seconds: 3), limit: 9) == Array(frames[3...]))
    await store.close()
    #expect(try await reader.openAlerts() == [alert])
  }
}
