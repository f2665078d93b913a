import ConditionModel
import Glibc
import HistoryStore
import Testing

struct StoreLimitTests {
  private let folder = TemporaryFolder()
  private let plant = samplePlant(channels: 50)

  private func frame(_ second: Int64) -> Frame {
    plant.frame(second: second, values: (0..<50).map { Double($0) + Double(second) / 3 })
  }

  @Test func `the size limit holds after each commit, and the newest frames stay`() async throws {
    var options = HistoryStore.Options()
    options.sizeLimitBytes = 4 << 20
    let store = try HistoryStore(path: folder.database, plant: plant, options: options)
    let alert = plant.advisory(1, .raised, second: 1, sequence: 0)
    try await store.commit(Batch(outputs: [alert]))
    for second in stride(from: Int64(0), to: 20_000, by: 20) {
      try await store.commit(Batch(frames: (second..<second + 20).map(frame)))
      let state = try await store.state()
      #expect(state.fileBytes <= options.sizeLimitBytes)
    }
    let state = try await store.state()
    #expect(state.droppedCount > 0)
    #expect(state.droppedCount + state.pendingCount == 20_001)
    #expect(state.fileBytes > options.sizeLimitBytes / 2)
    #expect(try await store.openAlerts() == [alert])
    let entries = try await store.pending(after: 0, limit: 100_000)
    #expect(entries.first?.output == alert.output)
    #expect(entries.last?.frame == frame(19_999))
    let seconds = entries.compactMap { $0.frame?.timestamp.nanoseconds }
    #expect(seconds == seconds.sorted())
    await store.close()
  }

  @Test func `published frames go when they are old enough, others wait`() async throws {
    var options = HistoryStore.Options()
    options.retention = .seconds(100)
    let store = try HistoryStore(path: folder.database, plant: plant, options: options)
    let reader = try HistoryReader(path: folder.database)
    try await store.commit(Batch(frames: (0..<10).map(frame)))
    for second in 200..<220 as Range<Int64> {
      try await store.commit(Batch(frames: [frame(second)]))
    }
    let waiting = try await store.pending(after: 0, limit: 100)
    #expect(waiting.count == 30)
    try await store.acknowledge(waiting.prefix(20).map(\.id))
    for second in 220..<225 as Range<Int64> {
      try await store.commit(Batch(frames: [frame(second)]))
    }
    let kept = try await reader.frames(after: Timestamp(seconds: -1), limit: 100)
    #expect(kept == (200..<225).map(frame))
    #expect(try await store.state().droppedCount == 0)
  }

  @Test func `a lowered limit shrinks the file`() async throws {
    var options = HistoryStore.Options()
    let store = try HistoryStore(path: folder.database, plant: plant, options: options)
    for second in stride(from: Int64(0), to: 20_000, by: 1_000) {
      try await store.commit(Batch(frames: (second..<second + 1_000).map(frame)))
    }
    #expect(try await store.state().fileBytes > 8 << 20)
    await store.close()
    options.sizeLimitBytes = 4 << 20
    let again = try HistoryStore(path: folder.database, plant: plant, options: options)
    for second in 20_000..<20_800 as Range<Int64> {
      try await again.commit(Batch(frames: (0..<10).map { _ in frame(second) }))
    }
    let state = try await again.state()
    #expect(state.fileBytes <= 4 << 20)
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
    let store = try HistoryStore(path: disk + "/history.sqlite", plant: plant)
    let ballast = disk + "/ballast"
    try fill(ballast)
    var stored: Int64 = 0
    var refused = 0
    while refused == 0 {
      do {
        try await store.commit(Batch(frames: [frame(stored)]))
        stored += 1
      } catch let error {
        #expect(error == .full(path: disk + "/history.sqlite"))
        refused += 1
      }
    }
    for _ in 0..<3 {
      await #expect(throws: StoreError.full(path: disk + "/history.sqlite")) {
        try await store.commit(Batch(frames: [frame(stored)]))
      }
    }
    unlink(ballast)
    try await store.commit(Batch(frames: [frame(stored)]))
    let frames = try await store.pending(after: 0, limit: 10_000).compactMap(\.frame)
    #expect(frames == (0...stored).map(frame))
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
