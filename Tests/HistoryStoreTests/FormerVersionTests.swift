import ConditionModel
import Foundation
import GRDB
import HistoryStore
import Synchronization
import Testing

/// Files of versions that were released are taken over with all that is in them.
struct FormerVersionTests {
  private let folder = TemporaryFolder()

  /// The store of version 0.1 after a kill: 66 frames, an open alert, 70 messages unpublished.
  @Test func `version 0.1: frames, alerts, state and what was not published`() async throws {
    let fixture = try #require(
      Bundle.module.path(forResource: "Fixtures/version-0.1", ofType: "sqlite")
    )
    try FileManager.default.copyItem(atPath: fixture, toPath: folder.database)
    let former = try DatabaseQueue(path: folder.database)
    let (plantJSON, times, lastID) = try await former.read { database in
      (
        try String.fetchOne(database, sql: "SELECT json FROM plant"),
        try Int64.fetchAll(database, sql: "SELECT time_ns FROM frame ORDER BY id"),
        try Int64.fetchOne(database, sql: "SELECT max(id) FROM outbox")
      )
    }
    let readings = try await former.read { database in
      try Data.fetchAll(database, sql: "SELECT readings FROM frame ORDER BY id")
    }
    try former.close()
    let plant = try JSONDecoder().decode(Plant.self, from: Data(try #require(plantJSON).utf8))

    for _ in 0..<2 {
      let store = try await HistoryStore(path: folder.database, plant: plant)
      #expect(try await store.state().setAside == nil)
      #expect(try await store.openAlerts().map(\.text?.title).count == 1)
      #expect(try await store.snapshots().first?.snapshot.state.count == 9_833)
      let waiting = try await store.pending(after: 0, limit: 1_000)
      #expect(waiting.count == 70)
      #expect(waiting.compactMap(\.frame).map(\.timestamp.nanoseconds) == times)
      #expect(try #require(waiting.first).id > lastID ?? 0)
      let reader = try HistoryReader(path: folder.database)
      let frames = try await reader.frames(after: Timestamp(nanoseconds: 0), limit: 1_000)
      #expect(frames.map(\.timestamp.nanoseconds) == times)
      let bytes = frames.map { frame in
        frame.values.reduce(into: Data()) { data, value in
          withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
      }
      #expect(bytes == readings)
      await reader.close()
      await store.close()
    }
  }

  @Test func `an import that was cut short tells nothing twice`() async throws {
    let fixture = try #require(
      Bundle.module.path(forResource: "Fixtures/version-0.1", ofType: "sqlite")
    )
    let original = try DatabaseQueue(path: fixture)
    let json = try await original.read { try String.fetchOne($0, sql: "SELECT json FROM plant") }
    try original.close()
    let plant = try JSONDecoder().decode(Plant.self, from: Data(try #require(json).utf8))
    var cutShort = 0
    for writes in 0..<40 {
      let folder = TemporaryFolder()
      try FileManager.default.copyItem(atPath: fixture, toPath: folder.database)
      let disk = SimulatedDisk()
      disk.state.withLock { $0.writesUntilFailure = writes }
      do {
        try await HistoryStore(path: folder.database, plant: plant, disk: disk).abandon()
      } catch {
        cutShort += 1
      }
      disk.state.withLock { $0.writesUntilFailure = nil }
      for _ in 0..<2 {
        let store = try await HistoryStore(path: folder.database, plant: plant, disk: disk)
        #expect(try await store.pending(after: 0, limit: 1_000).count == 70, "\(writes) writes")
        #expect(try await store.snapshots().first?.snapshot.state.count == 9_833)
        let state = try await store.state()
        #expect(state.pendingCount == 70 && state.droppedCount == 0)
        await store.close()
      }
    }
    #expect(cutShort > 2 && cutShort < 40)
  }
}
