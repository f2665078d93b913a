import AgentRuntime
import ConditionModel
import Dispatch
import HistoryStore
import Logging
import ProcessSupport
import SiteConfiguration
import Synchronization
import Testing

/// A store whose disk turns read-only, fails or hardly answers: watching goes on.
struct RecorderFaultTests {
  private let folder = TemporaryFolder()
  private let tank: WatchedTank
  private let disk = UnreliableDisk()
  private let store: HistoryStore
  private let recorder: Recorder

  init() async throws {
    tank = try WatchedTank()
    store = try await HistoryStore(
      path: folder.file("history.sqlite"),
      plant: tank.site.plant,
      disk: disk
    )
    recorder = Recorder(
      monitor: tank.monitor,
      store: store,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      mostHeldValues: 1_000
    )
  }

  @Test(arguments: [
    StoreError.readOnly(path: "journal"),
    .inputOutput(path: "journal", detail: "Input/output error"),
  ])
  func `while the disk refuses, values wait in bounded memory and alerts are found`(
    refusal: StoreError
  ) async throws {
    await tank.live(seconds: 20, temperature: 60)
    await recorder.storeRound(status: nil)
    #expect(await recorder.storeError == nil)

    disk.refuse(with: refusal)
    for round in 1...200 {
      await tank.live(seconds: 10, temperature: 85)
      await recorder.storeRound(status: nil)
      // Frames of two values take more room than their values.
      #expect(await recorder.waitingValues <= 125)
      // Each second two values are read, whatever the disk does.
      #expect(await tank.monitor.valuesRead == 40 + 20 * round)
    }
    #expect(await recorder.storeError == refusal)
    #expect(await tank.monitor.health[0]?.findings.isEmpty == false)

    disk.refuse(with: nil)
    await tank.live(seconds: 10, temperature: 85)
    await recorder.storeRound(status: nil)
    #expect(await recorder.storeError == nil)
    #expect(await recorder.waitingValues == 0)
    let dropped = await recorder.valuesDropped
    #expect(dropped > 0)
    #expect(await recorder.valuesStored + dropped == tank.monitor.valuesRead)
    #expect(try await store.openAlerts().count == 1)
    #expect(try await store.state().trouble == nil)
    await store.close()
  }

  @Test func `while the disk takes its time to write, nothing else waits for it`() async throws {
    disk.holdSyncs()
    let slow = Task { [recorder] in await recorder.storeRound(status: nil, isLast: true) }
    await tank.live(seconds: 5, temperature: 60)
    disk.waitForSync()
    // The store waits for the medium now. Machines are read and judged all the same.
    await tank.live(seconds: 60, temperature: 85)
    #expect(await tank.monitor.valuesRead == 130)
    #expect(await tank.monitor.health[0]?.findings.isEmpty == false)
    disk.releaseSyncs()
    await slow.value
    await recorder.storeRound(status: nil)
    #expect(await recorder.storeError == nil)
    #expect(await recorder.valuesStored == 130)
    #expect(try await store.openAlerts().count == 1)
    await store.close()
  }
}

/// The disk of this computer, which refuses or hangs when it is told to.
private final class UnreliableDisk: Disk {
  private struct State {
    var refusal: StoreError?
    var isHolding = false
  }

  private let state = Mutex(State())
  private let system = SystemDisk()
  private let began = DispatchSemaphore(value: 0)
  private let released = DispatchSemaphore(value: 0)

  func refuse(with error: StoreError?) { state.withLock { $0.refusal = error } }

  func holdSyncs() { state.withLock { $0.isHolding = true } }

  /// Returns once a sync has begun.
  func waitForSync() { began.wait() }

  func releaseSyncs() {
    state.withLock { $0.isHolding = false }
    released.signal()
  }

  private func check() throws(StoreError) {
    if let refusal = state.withLock({ $0.refusal }) { throw refusal }
  }

  func names(in folder: String) throws(StoreError) -> [String] { try system.names(in: folder) }

  func open(_ path: String, creating: Bool) throws(StoreError) -> any DiskFile {
    if creating { try check() }
    return File(disk: self, file: try system.open(path, creating: creating))
  }

  func remove(_ path: String) throws(StoreError) {
    try check()
    try system.remove(path)
  }

  func syncFolder(_ folder: String) throws(StoreError) { try system.syncFolder(folder) }

  private struct File: DiskFile {
    let disk: UnreliableDisk
    let file: any DiskFile

    var size: Int64 { file.size }

    func read(_ count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
      try file.read(count, at: offset)
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
      try disk.check()
      try file.write(bytes, at: offset)
    }

    func sync() throws(StoreError) {
      try disk.check()
      if disk.state.withLock({ $0.isHolding }) {
        disk.began.signal()
        disk.released.wait()
      }
      try file.sync()
    }
  }
}
