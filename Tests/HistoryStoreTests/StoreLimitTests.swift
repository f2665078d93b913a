import ConditionModel
import Glibc
import HistoryStore
import Testing

struct StoreLimitTests {
  private let folder = TemporaryFolder()
  private let plant = samplePlant(channels: 50)

  /// Values that nothing can compress: they fill the disk.
  private func frame(_ second: Int64) -> Frame {
    let values = (0..<50).map { place in
      let mixed = (UInt64(second) &* 50 &+ UInt64(place)) &* 0x9E37_79B9_7F4A_7C15
      return Double((mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9 >> 11)
    }
    return plant.frame(second: second, values: values)
  }

  @Test func `the size limit holds after each commit, and the newest frames stay`() async throws {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 2 << 20
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    let alert = plant.advisory(1, .raised, second: 1, sequence: 0)
    try await store.commit(Batch(outputs: [alert]))
    for second in stride(from: Int64(0), to: 8_000, by: 20) {
      try await store.commit(Batch(frames: (second..<second + 20).map(frame)))
      let state = try await store.state()
      #expect(state.fileBytes <= options.sizeLimitBytes)
    }
    let state = try await store.state()
    #expect(state.droppedCount > 0)
    #expect(state.droppedCount + state.pendingCount == 8_001)
    #expect(state.fileBytes > options.sizeLimitBytes / 2)
    #expect(try await store.openAlerts() == [alert])
    let entries = try await store.pending(after: 0, limit: 100_000)
    #expect(entries.last?.frame == frame(7_999))
    let seconds = entries.compactMap { $0.frame?.timestamp.nanoseconds }
    #expect(seconds == seconds.sorted())
    await store.close()
  }

  @Test func `what was given up stays counted after a kill`() async throws {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 2 << 20
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    var second: Int64 = 0
    while try await store.state().droppedCount == 0 {
      try await store.commit(Batch(frames: (second..<second + 20).map(frame)))
      second += 20
    }
    let dropped = try await store.state().droppedCount
    await store.abandon()
    let again = try await HistoryStore(path: folder.database, plant: plant, options: options)
    let state = try await again.state()
    #expect(state.droppedCount >= dropped)
    #expect(state.droppedCount + state.pendingCount == Int(second))
    await again.close()
  }

  /// A store that keeps a few days.
  private func smallStore() async throws -> HistoryStore {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 2 << 20
    options.readers = []
    options.segmentsKept = 1
    return try await HistoryStore(path: folder.database, plant: plant, options: options)
  }

  private func read(_ seconds: [Int64], into store: HistoryStore) async throws {
    for second in seconds {
      let tick = PipelineInput.tick(Timestamp(seconds: second))
      try await store.commit(Batch(frames: [frame(second)], inputs: [tick]))
    }
  }

  @Test func `a clock that starts in 1970 takes no values of the last day from a full store`()
    async throws
  {
    let store = try await smallStore()
    let start: Int64 = 1_800_000_000
    let end = start + 10 * 86_400
    let wrong = stride(from: Int64(60), to: 3 * 3_600, by: 600)
    try await read(Array(stride(from: start, to: end, by: 600)) + wrong, into: store)
    let reader = try HistoryReader(path: folder.database)
    let lastDay = Timestamp(seconds: end - 20 * 3_600)..<Timestamp(seconds: end)
    let kept = try await reader.frames(in: lastDay)
    #expect(kept == stride(from: end - 20 * 3_600, to: end, by: 600).map(frame))
    let present = try await reader.frames(in: Timestamp(seconds: 0)..<Timestamp(seconds: 86_400))
    #expect(present == wrong.map(frame))
    let state = try await store.state()
    #expect(state.fileBytes > state.limitBytes / 2 && state.trouble == nil)
    await reader.close()
    await store.close()
  }

  @Test func `a clock that is set back a day takes no values of the day that it shows anew`()
    async throws
  {
    let store = try await smallStore()
    let start: Int64 = 1_800_000_000
    let end = start + 10 * 86_400
    // Between the values of then, for so long that of the latest segments hardly any is of then.
    let (back, now) = (end - 86_400, end - 4 * 3_600)
    let seconds =
      Array(stride(from: start, to: end, by: 600)) + stride(from: back + 300, to: now, by: 600)
    try await read(seconds, into: store)
    let reader = try HistoryReader(path: folder.database)
    let first = end - 23 * 3_600
    let kept = try await reader.frames(in: Timestamp(seconds: first)..<Timestamp(seconds: now))
    #expect(
      kept.map(\.timestamp) == stride(from: first, to: now, by: 300).map(Timestamp.init(seconds:))
    )
    let state = try await store.state()
    #expect(state.fileBytes > state.limitBytes / 2 && state.trouble == nil)
    await reader.close()
    await store.close()
  }

  @Test func `what was told goes with the values of its time, alerts stay`() async throws {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 2 << 20
    options.readers = []
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    let alert = plant.advisory(1, .raised, second: 1, sequence: 0)
    try await store.commit(Batch(outputs: [alert]))
    for second in stride(from: Int64(0), to: 100_000, by: 20) {
      let health = HealthReport(
        asset: plant.assets[0].id,
        timestamp: Timestamp(seconds: second),
        state: .normal,
        grade: 1,
        isRunning: second.isMultiple(of: 40),
        coverage: 1,
        findings: [],
        suspects: []
      )
      let output = WordedOutput(
        PipelineOutput(sequence: UInt64(second + 1), content: .health(health))
      )
      let frame = plant.frame(second: second, values: Array(repeating: 1, count: 50))
      try await store.commit(Batch(frames: [frame], outputs: [output]))
    }
    #expect(try await store.openAlerts() == [alert])
    let reader = try HistoryReader(path: folder.database)
    let kept = try #require(try await reader.extent())
    // Without that, values would give way to all that was ever told.
    #expect(kept.upperBound == Timestamp(seconds: 99_980))
    #expect(kept.upperBound - kept.lowerBound > .seconds(40_000))
    await reader.close()
    await store.close()
  }

  @Test func `values go when they are old enough, minutes and hours stay`() async throws {
    var options = HistoryStore.Options()
    options.retention = .seconds(7_200)
    options.readers = []
    options.segmentsKept = 1
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    let reader = try HistoryReader(path: folder.database)
    for second in stride(from: Int64(0), to: 6 * 3_600, by: 30) {
      try await store.commit(Batch(frames: [frame(second)]))
    }
    let kept = try await reader.frames(after: Timestamp(seconds: -1), limit: 1_000)
    #expect(
      kept
        == stride(from: kept[0].timestamp.nanoseconds / 1_000_000_000, to: 6 * 3_600, by: 30).map(
          frame
        )
    )
    #expect(kept[0].timestamp >= Timestamp(seconds: 2 * 3_600))
    #expect(kept[0].timestamp <= Timestamp(seconds: 4 * 3_600))
    let channel = plant.channels[7].id
    // The sixth hour is in the journal still.
    let span = Timestamp(seconds: 0)..<Timestamp(seconds: 5 * 3_600)
    let minutes = try await reader.summaries(of: channel, .minute, in: span)
    #expect(minutes.map(\.timestamp) == (0..<300).map { Timestamp(seconds: $0 * 60) })
    #expect(minutes.allSatisfy { $0.count == 2 && $0.quality == .good })
    let hours = try await reader.summaries(of: channel, .hour, in: span)
    #expect(hours.map(\.count) == Array(repeating: 120, count: 5))
    for (hour, summary) in hours.enumerated() {
      let values = stride(from: Int64(hour) * 3_600, to: Int64(hour + 1) * 3_600, by: 30)
        .map { frame($0).values[7] }
      #expect(summary.minimum == values.min())
      #expect(summary.maximum == values.max())
      let mean = values.reduce(0, +) / 120
      #expect(abs(summary.mean - mean) <= mean / 8e6)
    }
    #expect(try await store.state().droppedCount == 0)
    await store.close()
  }

  @Test func `a lowered limit shrinks the file`() async throws {
    var options = HistoryStore.Options()
    let store = try await HistoryStore(path: folder.database, plant: plant, options: options)
    for second in stride(from: Int64(0), to: 8_000, by: 1_000) {
      try await store.commit(Batch(frames: (second..<second + 1_000).map(frame)))
    }
    #expect(try await store.state().fileBytes > 3 << 20)
    await store.close()
    options.sizeLimitBytes = 2 << 20
    let again = try await HistoryStore(path: folder.database, plant: plant, options: options)
    for second in 8_000..<8_200 as Range<Int64> {
      try await again.commit(Batch(frames: (0..<10).map { _ in frame(second) }))
    }
    let state = try await again.state()
    #expect(state.fileBytes <= 2 << 20)
    await again.close()
  }

  /// Whether this process may mount a small file system.
  static var mayMount: Bool { geteuid() == 0 }

  @Test(.enabled(if: mayMount, "only root may mount a small file system"))
  func `a full disk refuses the batch, and takes it once when there is room`() async throws {
    let disk = folder.path + "/disk"
    mkdir(disk, 0o755)
    try #require(mount("tmpfs", disk, "tmpfs", 0, "size=1m") == 0)
    defer {
      umount2(disk, Int32(MNT_DETACH))
      rmdir(disk)
    }
    let store = try await HistoryStore(path: disk + "/history.sqlite", plant: plant)
    let ballast = disk + "/ballast"
    try fill(ballast)
    var stored: Int64 = 0
    var refused = 0
    while refused == 0 {
      do throws(StoreError) {
        try await store.commit(Batch(frames: [frame(stored)]))
        stored += 1
      } catch {
        #expect(error.isFull)
        refused += 1
      }
    }
    for _ in 0..<3 {
      let refusal = await #expect(throws: StoreError.self) {
        try await store.commit(Batch(frames: [frame(stored)]))
      }
      #expect(refusal?.isFull == true)
    }
    unlink(ballast)
    try await store.commit(Batch(frames: [frame(stored)]))
    let frames = try await store.pending(after: 0, limit: 10_000).compactMap(\.frame)
    #expect(frames == (0...stored).map(frame))
    await store.close()
  }

  @Test(.enabled(if: mayMount, "only root may mount a small file system"))
  func `the size limit is not exceeded for a moment: a disk no larger is never full`()
    async throws
  {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 2 << 20
    let disk = folder.path + "/disk"
    mkdir(disk, 0o755)
    // A page for the lock, and one for the head of the write-ahead log: it is rounded up to pages.
    let size = options.sizeLimitBytes + 8_192
    try #require(mount("tmpfs", disk, "tmpfs", 0, "size=\(size)") == 0)
    defer {
      umount2(disk, Int32(MNT_DETACH))
      rmdir(disk)
    }
    let store = try await HistoryStore(
      path: disk + "/history.sqlite",
      plant: plant,
      options: options
    )
    for second in stride(from: Int64(0), to: 20_000, by: 20) {
      let sequence = UInt64(second)
      // Alerts go into the database with their commit, in the midst of all else.
      let phase: Advisory.Phase = second % 40 == 0 ? .raised : .cleared
      let alert = plant.advisory(1 + sequence / 40, phase, second: second, sequence: sequence)
      try await store.commit(Batch(frames: (second..<second + 20).map(frame), outputs: [alert]))
      let trouble = try await store.state().trouble
      try #require(trouble == nil, "at second \(second): \(trouble.map { "\($0)" } ?? "")")
    }
    let state = try await store.state()
    #expect(state.droppedCount > 0)
    #expect(state.fileBytes > options.sizeLimitBytes / 2)
    await store.close()
  }

  /// Leaves so little room that a few commits use it up.
  private func fill(_ path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    setvbuf(file, nil, Int32(_IONBF), 0)
    let block = [UInt8](repeating: 1, count: 4_096)
    while fwrite(block, 1, block.count, file) == block.count {}
    let size = ftell(file)
    ftruncate(fileno(file), size - 65_536)
  }
}

extension StoreError {
  fileprivate var isFull: Bool {
    if case .full = self { true } else { false }
  }
}
