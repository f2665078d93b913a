import AgentRuntime
import ConditionModel
import HistoryStore
import Logging
import ProcessSupport
import SiteConfiguration
import Testing

@Suite(.enabled(if: SmallDisk.isPossible, "only root may mount a small disk to fill"))
struct RecorderTests {
  private let tank: WatchedTank
  private let disk: SmallDisk
  private let store: HistoryStore

  init() async throws {
    tank = try WatchedTank()
    disk = try #require(SmallDisk(mebibytes: 4))
    store = try await HistoryStore(path: "\(disk.path)/history.sqlite", plant: tank.site.plant)
  }

  private func recorder(mostHeldValues: Int) -> Recorder {
    Recorder(
      monitor: tank.monitor,
      store: store,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      mostHeldValues: mostHeldValues
    )
  }

  /// Reads and stores until the store refuses.
  private func fillDisk(_ recorder: Recorder) async throws {
    try disk.fill()
    for _ in 0..<2_000 where await recorder.storeError == nil {
      await tank.live(seconds: 10, temperature: 60)
      await recorder.storeRound(status: nil)
    }
    guard case .full = await recorder.storeError else {
      Issue.record("the disk is not full: \(String(describing: await recorder.storeError))")
      return
    }
  }

  private func storedTimes() async throws -> [Timestamp] {
    let reader = try HistoryReader(path: "\(disk.path)/history.sqlite")
    let frames = try await reader.frames(after: Timestamp(nanoseconds: 0), limit: 1_000_000)
    await reader.close()
    return frames.map(\.timestamp)
  }

  @Test func `what waited for a full disk is stored in order, nothing lost, nothing doubled`()
    async throws
  {
    let recorder = recorder(mostHeldValues: 10_000)
    try await fillDisk(recorder)
    await tank.live(seconds: 30, temperature: 85)
    await recorder.storeRound(status: nil)
    #expect(await recorder.waitingValues >= 60)

    disk.free()
    await recorder.storeRound(status: nil)
    let refusal = await recorder.storeError
    #expect(refusal == nil)
    #expect(await recorder.waitingValues == 0)
    #expect(await recorder.valuesDropped == 0)
    let valuesRead = await tank.monitor.valuesRead
    #expect(await recorder.valuesStored == valuesRead)
    let times = try await storedTimes()
    #expect(times.count * 2 == valuesRead)
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == .seconds(1) })
    #expect(try await store.openAlerts().count == 1)
  }

  @Test func `when too much waits the oldest values give way, are counted, and alerts stay`()
    async throws
  {
    let recorder = recorder(mostHeldValues: 1_000)
    try await fillDisk(recorder)
    await tank.live(seconds: 10, temperature: 85)
    await recorder.storeRound(status: nil)
    for _ in 0..<20 {
      await tank.live(seconds: 10, temperature: 85)
      await recorder.storeRound(status: nil)
      #expect(await recorder.waitingValues <= 125)
    }

    disk.free()
    let before = try await store.state().commitCount
    await recorder.storeRound(status: nil, isLast: true)
    // In one piece: a restart must not judge a part of what the core saw.
    #expect(try await store.state().commitCount == before + 1)
    #expect(await recorder.waitingValues == 0)
    let dropped = await recorder.valuesDropped
    #expect(dropped > 0)
    let valuesRead = await tank.monitor.valuesRead
    #expect(await recorder.valuesStored + dropped == valuesRead)
    #expect(try await storedTimes().count * 2 == valuesRead - dropped)
    #expect(try await store.openAlerts().count == 1)
    #expect(try await store.snapshots().first != nil)
  }
}
