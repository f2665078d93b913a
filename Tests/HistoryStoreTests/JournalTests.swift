import ConditionModel
import Glibc
import SampleCoding
import Synchronization
import Testing

@testable import HistoryStore

/// What the journal promises when the disk fails, tears or forgets.
struct JournalTests {
  private let folder = TemporaryFolder()
  private let disk = SimulatedDisk()
  private let plant = {
    var plant = samplePlant()
    plant.waveforms = [
      WaveformSource(
        id: WaveformID(index: 0),
        asset: AssetID(index: 1),
        location: "drive end",
        name: "waveform",
        unit: "[g]",
        device: 0
      )
    ]
    return plant
  }()

  private func open(_ options: HistoryStore.Options = .init()) async throws -> HistoryStore {
    try await HistoryStore(path: folder.database, plant: plant, options: options, disk: disk)
  }

  private func frame(_ second: Int64) -> Frame {
    plant.frame(second: second, values: [Double(second % 90) / 10, 21.5, 0], bad: 2)
  }

  /// Ends as a kill does: nothing is written, the lock is free.
  private func kill(_ store: HistoryStore) async { await store.abandon() }

  private func inputs(
    after place: JournalPlace,
    in store: HistoryStore
  ) async throws
    -> [PipelineInput]
  {
    var found: [PipelineInput] = []
    var next: JournalPlace? = place
    while let here = next {
      let (inputs, following) = try await store.inputs(from: here)
      found += inputs
      next = following
    }
    return found
  }

  @Test func `what entered the core comes back in order, bit for bit`() async throws {
    let store = try await open()
    let state = Snapshot(timestamp: Timestamp(seconds: 1), fingerprint: "f", state: [7, 0, 255])
    try await store.commit(Batch(snapshot: state))
    let waveform = Waveform(
      source: WaveformID(index: 0),
      asset: AssetID(index: 1),
      start: Timestamp(nanoseconds: 1_700_000_000_123_456_789),
      sampleRateHertz: 6_667.5,
      samples: (0..<4_096).map { Float($0 * $0 % 977) * 0.000_3 - 0.1 },
      quality: .uncertain(.clockNotSet)
    )
    let mark = MaintenanceMark(
      asset: AssetID(index: 0),
      timestamp: Timestamp(seconds: 9),
      kind: .greasing,
      text: "graissé, 5 g"
    )
    var odd = plant.frame(second: 3, values: [.infinity, -0.0, .pi])
    odd.qualities[1] = .uncertain(.outsideValidRange)
    let inputs: [PipelineInput] = [
      .tick(Timestamp(seconds: 1)), .frame(frame(1)),
      .frame(plant.frame(1, second: 1, values: [5])),
      .tick(Timestamp(seconds: 2)), .frame(frame(2)), .waveform(waveform), .frame(odd),
      .clockStepped(by: .seconds(-3_600)), .frame(frame(-3_000)),
      .acknowledge(advisory: 4, at: Timestamp(seconds: 5)),
      .accept(advisory: 4, at: Timestamp(seconds: 6)), .mark(mark), .frame(frame(4)),
    ]
    for input in inputs { try await store.commit(Batch(inputs: [input])) }
    let features = plant.frame(second: 5, values: [1, 2, 3])
    try await store.commit(Batch(features: [features]))
    await kill(store)

    let again = try await open()
    let stored = try #require(try await again.snapshots().first)
    #expect(stored.snapshot == state)
    #expect(try await self.inputs(after: stored.place, in: again) == inputs)
    let frames = try await again.pending(after: 0, limit: 100).compactMap(\.frame)
    #expect(frames.last == features)
    #expect(frames.count == 7)
    #expect(frames[3].values.map(\.bitPattern) == odd.values.map(\.bitPattern))
  }

  @Test func `of two states the older serves when the newer is damaged`() async throws {
    let store = try await open()
    for second in 1...3 as ClosedRange<Int64> {
      let state = Snapshot(
        timestamp: Timestamp(seconds: second),
        fingerprint: "f",
        state: [UInt8](repeating: UInt8(second) + 64, count: 100)
      )
      try await store.commit(
        Batch(inputs: [.tick(Timestamp(seconds: second))], snapshot: state, isDurable: true)
      )
    }
    try await store.commit(Batch(inputs: [.tick(Timestamp(seconds: 4))], isDurable: true))
    await kill(store)
    disk.state.withLock { state in
      for (path, file) in state.files {
        var file = file
        let run = [UInt8](repeating: 67, count: 100)
        for start in file.bytes.indices.dropLast(100)
        where file.bytes[start] == 67 && Array(file.bytes[start..<start + 100]) == run {
          file.bytes[start + 50] = 0
        }
        state.files[path] = file
      }
    }
    let again = try await open()
    let stored = try #require(try await again.snapshots().first)
    #expect(stored.snapshot.state[0] == 66)
    #expect(
      try await inputs(after: stored.place, in: again)
        == [.tick(Timestamp(seconds: 3)), .tick(Timestamp(seconds: 4))]
    )
  }

  @Test(arguments: [0, 1, 7, 9, 30])
  func `a power cut takes no alert, and nothing that is older than the interval`(
    torn: Int
  ) async throws {
    var options = HistoryStore.Options()
    options.syncInterval = .seconds(3_600)
    let store = try await open(options)
    for second in 0..<10 as Range<Int64> { try await store.commit(Batch(frames: [frame(second)])) }
    let alert = plant.advisory(1, .raised, second: 9, sequence: 5)
    try await store.commit(Batch(outputs: [alert]))
    for second in 10..<20 as Range<Int64> { try await store.commit(Batch(frames: [frame(second)])) }
    let last = try await store.latestID()
    await kill(store)
    disk.cutPower(keeping: torn)

    let again = try await open(options)
    let entries = try await again.pending(after: 0, limit: 100)
    #expect(entries.compactMap(\.frame).prefix(10) == (0..<10).map(frame)[...])
    #expect(entries.compactMap(\.output) == [alert.output])
    #expect(try await again.openAlerts() == [alert])
    // Identities that went out before the cut are not given to others.
    try await again.commit(Batch(frames: [frame(30)]))
    let newest = try #require(try await again.pending(after: last, limit: 100).first)
    #expect(newest.frame == frame(30))
    #expect(newest.id > last)
  }

  @Test(arguments: 0..<12)
  func `after a write that failed the batch is stored once, in its place`(count: Int) async throws {
    let store = try await open()
    var refused = 0
    for second in 0..<10 as Range<Int64> {
      if second == 3 { disk.state.withLock { $0.writesUntilFailure = count / 3 } }
      while true {
        do {
          try await store.commit(Batch(frames: [frame(second)], isDurable: second % 2 == 0))
          break
        } catch {
          refused += 1
          // The next try works, or the one after it.
          disk.state.withLock { $0.writesUntilFailure = refused > count % 3 ? nil : 0 }
        }
      }
    }
    #expect(refused > 0)
    await kill(store)
    let again = try await open()
    #expect(
      try await again.pending(after: 0, limit: 100).compactMap(\.frame) == (0..<10).map(frame)
    )
  }

  @Test func `what a failed sync may have lost is written again`() async throws {
    var options = HistoryStore.Options()
    options.syncInterval = .seconds(3_600)
    let store = try await open(options)
    try await store.commit(Batch(frames: [frame(0)]))
    disk.state.withLock { $0.syncFails = true }
    await #expect(throws: StoreError.self) {
      try await store.commit(Batch(frames: [frame(1)], isDurable: true))
    }
    // The system drops what it could not write, as Linux does.
    disk.cutPower()
    disk.state.withLock { $0.syncFails = false }
    try await store.commit(Batch(frames: [frame(1)], isDurable: true))
    await kill(store)
    disk.cutPower()
    let again = try await open()
    #expect(
      try await again.pending(after: 0, limit: 9).compactMap(\.frame) == [frame(0), frame(1)]
    )
  }

  @Test func `each reader of the outbox has its own place, also after a kill`() async throws {
    var options = HistoryStore.Options()
    options.readers = ["json", "sparkplug"]
    let store = try await open(options)
    try await store.commit(Batch(frames: (0..<6).map(frame)))
    let json = store.outbox(of: "json")
    let sparkplug = store.outbox(of: "sparkplug")
    let all = try await json.pending(after: 0, limit: 10)
    #expect(try await sparkplug.pending(after: 0, limit: 10) == all)
    // Live first: the newest are confirmed before the oldest.
    try await json.acknowledge(all[3...].map(\.id))
    try await sparkplug.acknowledge(all[..<2].map(\.id))
    try await store.commit(Batch(frames: [frame(6)]))
    await kill(store)
    let again = try await open(options)
    let left = try await again.outbox(of: "json").pending(after: 0, limit: 10)
    #expect(left.compactMap(\.frame) == [0, 1, 2, 6].map(frame))
    let other = try await again.outbox(of: "sparkplug").pending(after: 0, limit: 10)
    #expect(other.compactMap(\.frame) == (2...6).map(frame))
    #expect(try await again.state().pendingCount == 5)
  }

  @Test func `what a commit wrote that failed is not told`() async throws {
    let store = try await open()
    try await store.commit(Batch(frames: [frame(0)]))
    disk.state.withLock { $0.syncFails = true }
    await #expect(throws: StoreError.self) {
      try await store.commit(Batch(frames: [frame(1)], isDurable: true))
    }
    #expect(try await store.pending(after: 0, limit: 9).compactMap(\.frame) == [frame(0)])
    disk.state.withLock { $0.syncFails = false }
    try await store.commit(Batch(frames: [frame(2)], isDurable: true))
    #expect(
      try await store.pending(after: 0, limit: 9).compactMap(\.frame) == [frame(0), frame(2)]
    )
  }

  @Test func `a batch whose state is torn is not taken up by the next start`() async throws {
    let store = try await open()
    try await store.commit(Batch(frames: [frame(0)]))
    let snapshot = Snapshot(
      timestamp: Timestamp(seconds: 1),
      fingerprint: "f",
      state: (0..<3_000).map { UInt8(truncatingIfNeeded: $0) }
    )
    // Half of it arrives: all of the batch.
    disk.state.withLock { $0.writesUntilFailure = 0 }
    await #expect(throws: StoreError.self) {
      try await store.commit(Batch(frames: [frame(1)], snapshot: snapshot, isDurable: true))
    }
    await kill(store)
    disk.state.withLock { $0.writesUntilFailure = nil }
    let again = try await open()
    #expect(try await again.pending(after: 0, limit: 9).compactMap(\.frame) == [frame(0)])
    try await again.commit(Batch(frames: [frame(2)], snapshot: snapshot, isDurable: true))
    await kill(again)
    let third = try await open()
    #expect(
      try await third.pending(after: 0, limit: 9).compactMap(\.frame) == [frame(0), frame(2)]
    )
    #expect(try await third.snapshots().map(\.snapshot) == [snapshot])
    await kill(third)
  }

  @Test func `what a commit wrote that failed is not told when the hour is over either`()
    async throws
  {
    let store = try await open()
    try await store.commit(Batch(frames: [frame(0)]))
    disk.state.withLock { $0.syncFails = true }
    await #expect(throws: StoreError.self) {
      try await store.commit(Batch(frames: [frame(1)], isDurable: true))
    }
    disk.state.withLock { $0.syncFails = false }
    // The next segment begins at the turn of the hour that the store has seen.
    try await store.startSegment()
    try await store.commit(Batch(frames: [frame(3_601)], isDurable: true))
    await kill(store)
    let again = try await open()
    let told = try await again.pending(after: 0, limit: 9).compactMap(\.frame)
    #expect(told == [frame(0), frame(3_601)])
  }

  @Test(arguments: 0...2)
  func `a segment that is damaged from its head costs what lay in it, and no more`(
    damaged: Int
  ) async throws {
    for hour in 0..<3 as Range<Int64> {
      let store = try await open()
      try await store.commit(
        Batch(
          frames: [frame(hour * 3_600)],
          inputs: [.tick(Timestamp(seconds: hour * 3_600))],
          snapshot: hour > 0
            ? nil : Snapshot(timestamp: Timestamp(seconds: 0), fingerprint: "f", state: [1])
        )
      )
      await kill(store)
    }
    disk.state.withLock { state in
      let path = Journal.name(folder.database, Int64(damaged + 1))
      state.files[path]?.bytes[Journal.headerSize + 20] ^= 1
    }
    let left: [Int64] = [0, 3_600, 7_200].filter { $0 != damaged * 3_600 }
    let store = try await open()
    let snapshots = try await store.snapshots()
    #expect(snapshots.count == (damaged == 0 ? 0 : 1))
    if let first = snapshots.first {
      let ticks = left.filter { $0 > 0 }.flatMap { second in
        [PipelineInput.frame(frame(second)), .tick(Timestamp(seconds: second))]
      }
      #expect(try await inputs(after: first.place, in: store) == ticks)
    }
    try await store.commit(Batch(frames: [frame(9_000)]))
    // One by one: a reader stands before the damage, and goes on behind it.
    var told: [Frame] = []
    var last: Int64 = 0
    while let entry = try await store.pending(after: last, limit: 1).first {
      told += [entry].compactMap(\.frame)
      last = entry.id
    }
    #expect(told == (left + [9_000]).map(frame))
    try await store.acknowledge(try await store.pending(after: 0, limit: 9).map(\.id))
    let state = try await store.state()
    // Of the newest nobody knows what it held.
    #expect(state.pendingCount == 0 && state.droppedCount == (damaged == 2 ? 0 : 1))
    await store.close()
  }

  @Test func `what a full disk made the store give up is counted after a power cut`() async throws {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 4 << 20
    let plant = samplePlant(channels: 50)
    func open() async throws -> HistoryStore {
      try await HistoryStore(path: folder.database, plant: plant, options: options, disk: disk)
    }
    // Values that nothing can compress.
    func frame(_ second: Int64) -> Frame {
      let values = (0..<50).map { sin(Double(second * 50 + $0)) }
      return plant.frame(second: second, values: values)
    }
    // Two runs: between their identities lie some that nobody has.
    var store = try await open()
    try await store.commit(Batch(frames: (0..<100).map(frame)))
    try await store.acknowledge(try await store.pending(after: 0, limit: 40).map(\.id))
    try await store.commit(Batch(frames: [frame(100)]))
    await kill(store)
    store = try await open()
    for start in stride(from: Int64(101), to: 2_001, by: 100) {
      try await store.commit(Batch(frames: (start..<start + 100).map(frame)))
    }
    let count = try await store.state().pendingCount
    #expect(try await store.state().droppedCount == 0)
    await kill(store)
    let files = disk.state.withLock { $0.files.count }
    options.sizeLimitBytes /= 4
    disk.state.withLock { $0.writesUntilFailure = 0 }
    await #expect(throws: StoreError.self) { try await open() }
    disk.state.withLock { $0.writesUntilFailure = nil }
    #expect(disk.state.withLock { $0.files.count } < files)
    disk.cutPower()

    let again = try await open()
    let state = try await again.state()
    #expect(state.droppedCount > 60)
    #expect(state.droppedCount + state.pendingCount == count)
    await kill(again)
    #expect(try await open().state().droppedCount == state.droppedCount)
  }

  @Test func `a segment that could not begin hides nothing when a power cut brings it back`()
    async throws
  {
    let store = try await open()
    try await store.commit(Batch(frames: [frame(60)], inputs: [.tick(Timestamp(seconds: 60))]))
    disk.state.withLock { $0.folderSyncFails = true }
    // An hour later another segment is due.
    for second in [3_660, 3_661] as [Int64] {
      try await store.commit(
        Batch(
          frames: [frame(second)],
          inputs: [.tick(Timestamp(seconds: second))],
          isDurable: true
        )
      )
    }
    #expect(try await store.state().trouble != nil)
    await kill(store)
    disk.cutPower()
    disk.state.withLock { $0.folderSyncFails = false }
    let again = try await open()
    #expect(
      try await again.pending(after: 0, limit: 9).compactMap(\.frame)
        == [60, 3_660, 3_661].map(frame)
    )
  }

  @Test func `once a second committed, values are on the medium after five`() async throws {
    // Each look at the clock takes a while, as each sync does.
    let clock = Mutex(Duration.zero)
    let store = try await HistoryStore(
      path: folder.database,
      plant: plant,
      disk: disk,
      elapsed: {
        clock.withLock {
          $0 += .milliseconds(20)
          return $0
        }
      }
    )
    for second in 1...60 as ClosedRange<Int64> {
      clock.withLock { $0 = max($0, .seconds(second)) }
      try await store.commit(Batch(frames: [frame(second)]))
    }
    #expect(try await store.state().syncCount == 12)
    await kill(store)
  }

  @Test func `what a former version wrote of confirmations is read, and gives nothing up`() throws {
    var writer = BitWriter()
    // The kind, one reader, its name, one range from 5 to 9.
    writer.appendNumber(7)
    writer.appendNumber(1)
    writer.appendNumber(4)
    writer.appendBytes("json".utf8)
    writer.appendNumber(1)
    writer.appendSigned(5)
    writer.appendNumber(4)
    writer.align()
    var decoder = JournalDecoder(of: plant)
    var found: [Settlement] = []
    try decoder.decode(writer.bytes) { if case .settled(let known)? = $0 { found.append(known) } }
    #expect(found.map(\.readers) == [["json": IDRanges(5...9)]])
    #expect(found.map(\.isWithoutHoles) == [false])
  }

  @Test func `a start that committed nothing forgets no confirmation`() async throws {
    let store = try await open()
    try await store.commit(Batch(frames: (0..<4).map(frame)))
    try await store.acknowledge(try await store.pending(after: 0, limit: 2).map(\.id))
    try await store.commit(Batch(frames: [frame(4)]))
    await kill(store)
    await kill(try await open())
    let again = try await open()
    #expect(
      try await again.pending(after: 0, limit: 9).compactMap(\.frame) == (2...4).map(frame)
    )
  }

  @Test func `what a killed run left in the cache is on the medium once the next one runs`()
    async throws
  {
    let killed = try await open()
    try await killed.commit(Batch(frames: [frame(0)]))
    await kill(killed)
    await kill(try await open())
    disk.cutPower()
    let last = try await open()
    #expect(try await last.pending(after: 0, limit: 9).compactMap(\.frame) == [frame(0)])
  }

  @Test func `what was removed does not come back with a power cut`() async throws {
    var options = HistoryStore.Options()
    options.segmentsKept = 1
    let store = try await open(options)
    for hour in 0..<6 as Range<Int64> {
      for second in 0..<9 as Range<Int64> {
        try await store.commit(Batch(frames: [frame(hour * 3_600 + second)], isDurable: true))
        try await store.acknowledge(try await store.pending(after: 0, limit: 100).map(\.id))
      }
    }
    try await store.commit(Batch(isDurable: true))
    #expect(disk.state.withLock { $0.files.count } < 6)
    await kill(store)
    disk.cutPower()
    #expect(disk.state.withLock { $0.files.count } < 6)
    let again = try await open(options)
    #expect(try await again.pending(after: 0, limit: 100) == [])
  }

  @Test func `what is removed is gone also where the disk does not confirm it`() async throws {
    var options = HistoryStore.Options()
    options.segmentsKept = 1
    let store = try await open(options)
    for hour in 0..<3 as Range<Int64> {
      for second in 0..<3 as Range<Int64> {
        let moment = hour * 3_600 + second
        try await store.commit(
          Batch(frames: [frame(moment)], inputs: [.tick(Timestamp(seconds: moment))])
        )
      }
    }
    let before = disk.state.withLock { $0.files.count }
    disk.state.withLock { $0.folderSyncFails = true }
    try await store.acknowledge(try await store.pending(after: 0, limit: 100).map(\.id))
    for _ in 0..<9 { try await store.commit(Batch(isDurable: true)) }
    let sizes = disk.state.withLock { $0.files.values.map(\.bytes.count) }
    #expect(sizes.count < before)
    let state = try await store.state()
    #expect(state.journalBytes == sizes.reduce(0) { $0 + Int64($1) })
    #expect(state.trouble == nil && state.droppedCount == 0)
    await store.close()
  }

  @Test func `hours are cut from the journal, and read as they were`() async throws {
    var options = HistoryStore.Options()
    options.segmentsKept = 1
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    let reader = try HistoryReader(path: folder.database)
    let seconds = stride(from: Int64(0), to: 3 * 3_600, by: 7)
    for second in seconds {
      try await store.commit(
        Batch(frames: [frame(second), plant.frame(1, second: second, values: [1, 2])])
      )
      if second % 700 == 0 {
        let ids = try await store.pending(after: 0, limit: 10_000).map(\.id)
        try await store.acknowledge(ids)
      }
    }
    let all = try await reader.frames(after: Timestamp(seconds: -1), limit: 10_000)
    #expect(all.filter { $0.asset.index == 0 } == seconds.map(frame))
    #expect(all.count == 2 * seconds.map { $0 }.count)
    // Read on from where it was, as a live view does.
    let next = frame(3 * 3_600 + 1)
    try await store.commit(Batch(frames: [next]))
    #expect(try await reader.frames(after: Timestamp(seconds: 3 * 3_600), limit: 10) == [next])
    let span = Timestamp(seconds: 1_000)..<Timestamp(seconds: 5_000)
    let readings = try await reader.readings(of: plant.channels[0].id, in: span)
    #expect(
      readings.values == seconds.filter { (1_000..<5_000).contains($0) }.map { frame($0).values[0] }
    )
    // What is in chunks and published is no longer in the journal.
    #expect(folder.files.count { $0.contains(".journal-") } <= 2)
    await store.close()
  }
}
