import ConditionModel
import Foundation
import GRDB
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
      try withFolder { path in
        try database.write(to: URL(filePath: path))
        let disk = MemoryDisk(files: [Journal.name(path, 1): bytes])
        try thread.run { try await examineStore(path, disk) }
      }
    }
  )

  /// A store that finds its database damaged: other bytes on its pages, or other values in its rows.
  static let database = FuzzTarget(
    name: "database",
    seeds: {
      // A row of each table with a value of each kind, and bytes at some places.
      (0..<UInt8(tables.count)).flatMap { table in
        (0..<UInt8(damages.count)).map { [1, table, $0, $0, $0, 0x80] }
      } + [[0, 1, 7, 255], [0, 40, 1, 2], [0, 200, 9, 0, 0, 77, 3, 1]]
    },
    attempt: { bytes in
      let (original, journal) = try fullStore.get()
      try withFolder { path in
        var draw = Draw(bytes)
        var file = original
        var statements: [String] = []
        while !draw.rest.isEmpty {
          if draw.byte() % 2 == 0 {
            let place = Int(draw.word()) * 65_537 % file.used.count
            file.bytes[file.used[place]] = draw.byte()
          } else {
            statements.append(damagingStatement(&draw))
          }
        }
        try Data(file.bytes).write(to: URL(filePath: path))
        // What the bytes do to SQLite itself is its own affair.
        try? damage(path, statements)
        let disk = MemoryDisk(files: journal)
        try thread.run {
          try await readStore(path, disk)
          try await examineStore(path, disk)
          try await readStore(path, disk)
        }
      }
    }
  )
}

// MARK: - A damaged database

private let tables: [(name: String, columns: [String])] = [
  ("plant", ["id", "json", "run"]),
  ("channel", ["id", "machine", "location", "point", "unit"]),
  ("layout", ["id", "machine", "channels"]),
  ("output", ["id", "plant", "sequence", "time_ns", "machine", "kind", "json"]),
  (
    "alert",
    [
      "id", "machine", "location", "class", "phase", "priority", "since_ns", "time_ns",
      "acknowledged", "language", "title", "text", "output",
    ]
  ),
  (
    "alert_transition", ["id", "alert", "phase", "priority", "time_ns", "title", "text", "output"]
  ),
  ("request", ["id", "time_ns", "user", "kind", "machine", "alert", "text", "answer_ns"]),
  ("chunk", ["id", "tier", "layout", "segment", "first_ns", "last_ns", "times"]),
  ("chunk_column", ["id", "bytes"]),
  ("counter", ["name", "value"]),
  ("status", ["time_ns", "json"]),
]

private let damages = [
  "NULL", "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "9007199254740993",
  "0.5", "-1e300", "9e999", "''", "'torn'", "'[]'", "'{}'", "'cleared'", "x''", "x'00ff'",
  "'[9223372036854775807]'", "zeroblob(5000)",
]

private func damagingStatement(_ draw: inout Draw) -> String {
  let table = tables[draw.index(below: tables.count)]
  let column = table.columns[draw.index(below: table.columns.count)]
  let value = damages[draw.index(below: damages.count)]
  let number = draw.byte()
  let chosen = "(SELECT \(column) FROM \(table.name) LIMIT 1 OFFSET \(number % 8))"
  return "UPDATE OR IGNORE \(table.name) SET \(column) = \(value) WHERE \(column) = \(chosen)"
}

/// Writes what SQLite itself would refuse to, as a torn page may hold it.
private func damage(_ path: String, _ statements: [String]) throws {
  guard !statements.isEmpty else { return }
  let queue = try DatabaseQueue(path: path)
  defer { try? queue.close() }
  try queue.writeWithoutTransaction { database in
    try database.execute(sql: "PRAGMA writable_schema = ON")
    try database.execute(sql: "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', ' /*NN*/')")
    try database.execute(sql: "PRAGMA writable_schema = RESET")
    for statement in statements { try? database.execute(sql: statement) }
    try database.execute(sql: "PRAGMA writable_schema = ON")
    try database.execute(sql: "UPDATE sqlite_schema SET sql = replace(sql, ' /*NN*/', ' NOT NULL')")
    try database.execute(sql: "PRAGMA writable_schema = RESET")
    _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
  }
}

/// A store with something in each of its tables: the pages, where on them anything is, and the journal.
private let fullStore = Result {
  try withFolder { path in
    let disk = MemoryDisk(files: [:])
    try thread.run { try await fill(path, disk) }
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    return (
      (bytes: bytes, used: bytes.indices.filter { bytes[$0] != 0 }), journal: disk.contents
    )
  }
}

private func fill(_ path: String, _ disk: MemoryDisk) async throws {
  let store = try await opened(path, disk)
  let start: Int64 = 1_790_000_000
  for minute in 0..<Int64(180) {
    let moment = Timestamp(seconds: start + 60 * minute)
    let frame = Frame(
      asset: journalPlant.assets[0].id,
      timestamp: moment,
      channels: journalPlant.channels.map(\.id),
      values: [Double(minute) / 10, 2, .pi * Double(minute)],
      qualities: [.good, minute % 9 == 0 ? .bad(.noAnswer) : .good, .good]
    )
    var batch = Batch(frames: [frame])
    if minute % 20 == 7 {
      // Every second alert stays open.
      let outputs = wordedOutputs(after: UInt64(minute), alert: UInt64(minute), at: moment)
      batch.outputs = minute % 40 == 7 ? outputs : outputs.dropLast()
      batch.status = StatusReport(timestamp: moment, json: "{}")
    }
    try await store.commit(batch)
  }
  let desk = try RequestDesk(path: path)
  let moment = Timestamp(seconds: start + 60 * 180)
  for alert in UInt64(1)...4 { _ = try desk.ask(.acknowledge(alert: alert), at: moment, by: "a") }
  _ = try desk.ask(.shelve(alert: 5, for: .seconds(60), reason: "r"), at: moment, by: "a")
  _ = try desk.ask(.mark(machine: "m", kind: .note, text: ""), at: moment, by: "a")
  let answers = [1, 2].map { RequestAnswer(id: $0, timestamp: moment, refusal: nil) }
  try await store.commit(Batch(answers: answers))
  await store.close()
}

/// Asks all that a person may ask; a database that is damaged may say so.
private func readStore(_ path: String, _ disk: MemoryDisk) async throws {
  do {
    let reader = try HistoryReader(path: path, disk: disk)
    let all = Timestamp(seconds: 0)..<Timestamp(seconds: 2_000_000_000)
    let questions: [() async throws -> Any?] = [
      { try await reader.plant() }, { try await reader.status() }, { try await reader.audit() },
      { try await reader.extent() }, { try await reader.frames(in: all) },
      { try await reader.frames(after: Timestamp(seconds: 0), limit: 50) },
      { try await reader.alertSteps() }, { try await reader.openAlerts() },
      { try await reader.alerts(limit: 20) },
      { try await reader.readings(of: journalPlant.channels[1].id, in: all) },
      { try await reader.summaries(of: journalPlant.channels[1].id, .minute, in: all) },
      { try await reader.summaries(of: journalPlant.channels[1].id, .hour, in: all) },
    ]
    for question in questions {
      do {
        _ = try await question()
      } catch let error as StoreError {
        try expect("\(error)".contains(path), "an error without place: \(error)")
      }
    }
    await reader.close()
  } catch let error as StoreError {
    try expect("\(error)".contains(path), "an error without place: \(error)")
  }
}

// MARK: - Stores

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
  try withFolder { path in
    try thread.run { try await opened(path, MemoryDisk(files: [:])).close() }
    return try Data(contentsOf: URL(filePath: path))
  }
}

/// Gives a place for a database in an empty folder.
private func withFolder<Value>(_ work: (String) throws -> Value) throws -> Value {
  let memory = "/dev/shm"
  let base = access(memory, W_OK) == 0 ? memory : FileManager.default.temporaryDirectory.path
  let folder = "\(base)/vigie-fuzz-\(getpid())"
  try? FileManager.default.removeItem(atPath: folder)
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try work("\(folder)/history.sqlite")
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
