import ConditionModel
import Foundation
import HistoryStore
import SimulatedWorld

extension FuzzTarget {
  /// A store that finds a damaged journal beside its database, as after a kill.
  static let store = FuzzTarget(
    name: "store",
    seeds: journal.seeds,
    words: journal.words,
    repair: journal.repair,
    attempt: { bytes in
      let database = try emptyDatabase.get()
      try withFolder { folder in
        let path = "\(folder)/history.sqlite"
        try database.write(to: URL(filePath: path))
        let disk = MemoryDisk(files: [Journal.name(path, 1): bytes])
        try thread.run { try await examineStore(path, disk) }
      }
    }
  )
}

private let thread = SimulationThread()

private let readers = ["broker", "second"]

private func opened(_ path: String, _ disk: MemoryDisk) async throws -> HistoryStore {
  var options = HistoryStore.Options()
  options.readers = readers
  options.sizeLimitBytes = 8 << 20
  return try await HistoryStore(
    path: path,
    plant: journalPlant,
    options: options,
    disk: disk,
    now: Timestamp(seconds: 1_790_000_200),
    elapsed: { .zero },
    executor: thread
  )
}

/// What each case begins with: to make the tables anew takes longer than all else.
private let emptyDatabase = Result {
  try withFolder { folder in
    let path = "\(folder)/history.sqlite"
    try thread.run { try await opened(path, MemoryDisk(files: [:])).close() }
    return try Data(contentsOf: URL(filePath: path))
  }
}

private func withFolder<Value>(_ work: (String) throws -> Value) throws -> Value {
  let memory = "/dev/shm"
  let base = access(memory, W_OK) == 0 ? memory : FileManager.default.temporaryDirectory.path
  let folder = "\(base)/vigie-fuzz-\(getpid())"
  try? FileManager.default.removeItem(atPath: folder)
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try work(folder)
}

private func examineStore(_ path: String, _ disk: MemoryDisk) async throws {
  let store: HistoryStore
  do {
    store = try await opened(path, disk)
  } catch let error as StoreError {
    try expect("\(error)".contains(path), "an error without place: \(error)")
    return
  }
  // All that a start asks.
  _ = try await (store.openAlerts(), store.highestAlertID(), store.waitingRequests())
  _ = try await store.departedMachines(at: Timestamp(seconds: 1_790_000_200))
  for stored in try await store.snapshots() {
    var place: JournalPlace? = stored.place
    while let here = place { place = try await store.inputs(from: here).next }
  }
  let first = try await pending(of: readers[0], in: store)
  try await store.outbox(of: readers[0]).acknowledge(first.prefix(first.count / 2).map(\.id))
  // It goes on.
  let frame = Frame(
    asset: journalPlant.assets[0].id,
    timestamp: Timestamp(seconds: 1_790_000_300),
    channels: journalPlant.channels.map(\.id),
    values: [1, 2, 3],
    qualities: [.good, .good, .good]
  )
  try await store.commit(Batch(frames: [frame], isDurable: true))
  let state = try await store.state()
  try expect(state.trouble == nil, "trouble: \(String(describing: state.trouble))")
  // A confirmation of what is still to come may have been forged, so that nothing waits.
  var waiting: [[OutboxEntry]] = []
  for reader in readers { waiting.append(try await pending(of: reader, in: store)) }
  await store.close()

  let again = try await opened(path, disk)
  for (reader, left) in zip(readers, waiting) {
    let found = try await pending(of: reader, in: again)
    try expect(found == left, "\(reader): waiting was \(left), and after a start \(found)")
  }
  let later = try await again.state()
  try expect(
    later.droppedCount == state.droppedCount && later.pendingCount == state.pendingCount,
    "before a start \(state), after it \(later)"
  )
  await again.close()
}

private func pending(of reader: String, in store: HistoryStore) async throws -> [OutboxEntry] {
  let entries = try await store.outbox(of: reader).pending(after: 0, limit: .max)
  let ids = entries.map(\.id)
  try expect(zip(ids, ids.dropFirst()).allSatisfy(<), "identities do not rise: \(ids)")
  let count = await store.pendingCount(of: reader)
  try expect(count == ids.count, "\(reader): \(ids.count) wait, and \(count) are counted")
  return entries
}
