import ConditionModel
import GRDB

// What goes to keep the file within its limits: the oldest frames, changes of state and health
// reports. Alerts stay for ever. Each commit removes only a little, so that none of them stalls.

extension HistoryStore {
  /// Removes a little more than `batch` brought, if the file is nearly full or holds frames that
  /// are old enough to go.
  func tidy(after batch: Batch) throws(StoreError) {
    let step = 2 * (batch.frames.count + batch.outputs.count) + 16
    let limit = options.pageLimit
    if try usedPages() * 10 > limit * 9 {
      try removeOldest(step)
    } else if let newest = batch.frames.last?.timestamp {
      try removeExpired(step, before: newest - options.retention)
    }
    // Free pages are kept for reuse, unless the limit was lowered or they are most of the file.
    let (total, free) = try pageCounts()
    if total > limit || free > max(1_024, total / 2) {
      try run { try $0.execute(sql: "PRAGMA incremental_vacuum(256)") }
    }
    if file.sizeBytes.log > options.logAllowanceBytes {
      try run { _ = try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }
  }

  /// Frees a twentieth of the file.
  func makeRoom() throws(StoreError) {
    guard try usedPages() * 20 > options.pageLimit * 19 else {
      // Not our limit: the device itself is full, and deleting would need room too.
      throw StoreError.full(path: file.path)
    }
    let frames = try run {
      try Int.fetchOne($0, sql: "SELECT max(id) - min(id) + 1 FROM frame") ?? 0
    }
    try removeOldest(frames / 20 + 16)
  }

  private func pageCounts() throws(StoreError) -> (total: Int64, free: Int64) {
    try run { database in
      (
        try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0,
        try Int64.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      )
    }
  }

  private func usedPages() throws(StoreError) -> Int64 {
    let (total, free) = try pageCounts()
    return total - free
  }

  /// Removes frames older than `moment` that are published, at most `count` of them.
  private func removeExpired(_ count: Int, before moment: Timestamp) throws(StoreError) {
    try run { database in
      let oldest = try database.cachedStatement(
        sql: "SELECT id FROM frame WHERE time_ns < ? AND id <= (SELECT min(id) FROM frame)"
      )
      guard try Int64.fetchOne(oldest, arguments: [moment.nanoseconds]) != nil else { return }
      let firstPending =
        try Int64.fetchOne(
          database,
          sql: "SELECT frame FROM outbox WHERE frame IS NOT NULL ORDER BY id LIMIT 1"
        ) ?? .max
      let last = try Int64.fetchOne(
        database,
        sql: """
          SELECT max(id) FROM (SELECT id, time_ns FROM frame ORDER BY id LIMIT ?)
           WHERE time_ns < ? AND id < ?
          """,
        arguments: [count, moment.nanoseconds, firstPending]
      )
      guard let last = last else { return }
      try removeFrames(through: last, in: database)
    }
  }

  /// Removes the `count` oldest frames, published or not, and what was said in their time.
  private func removeOldest(_ count: Int) throws(StoreError) {
    try run { database in
      let last = try Int64.fetchOne(
        database,
        sql: "SELECT max(id) FROM (SELECT id FROM frame ORDER BY id LIMIT ?)",
        arguments: [count]
      )
      guard let last = last else { return }
      try removeFrames(through: last, in: database)
    }
  }

  private func removeFrames(through last: Int64, in database: Database) throws {
    try database.inTransaction(.immediate) {
      let moment = try Int64.fetchOne(
        database,
        sql: "SELECT time_ns FROM frame WHERE id = ?",
        arguments: [last]
      )
      // Frames wait in the order in which they came, so those that wait are at the front.
      try database.execute(
        sql: """
          DELETE FROM outbox WHERE frame <= ? AND id < coalesce(
            (SELECT id FROM outbox WHERE frame > ? ORDER BY id LIMIT 1), 9223372036854775807)
          """,
        arguments: [last, last]
      )
      try countDropped(database.changesCount, in: database)
      try database.execute(sql: "DELETE FROM frame WHERE id <= ?", arguments: [last])
      try database.execute(
        sql: """
          DELETE FROM output WHERE kind <> 'advisory' AND id IN (
            SELECT id FROM output WHERE kind <> 'advisory' AND time_ns < ? ORDER BY id LIMIT 64)
          """,
        arguments: [moment]
      )
      return .commit
    }
  }
}
