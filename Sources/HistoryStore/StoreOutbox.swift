package import ConditionModel
import GRDB

extension HistoryStore: Outbox {
  package func pending(after id: Int64, limit: Int) throws(StoreError) -> [OutboxEntry] {
    var entries: [OutboxEntry] = []
    var position = id
    // Entries that are confirmed, or that no longer mean anything, make room for later ones.
    while entries.count < limit {
      let page = try readPage(after: position, limit: limit - entries.count)
      entries += page.entries
      guard let last = page.last else { break }
      position = last
    }
    return entries
  }

  /// Takes notice that the broker has these; the rows go with the next commit.
  ///
  /// After a kill in between they are published once more, with the same identity.
  package func acknowledge(_ ids: [Int64]) throws(StoreError) {
    confirmed += ids
    // Without commits, as when acquisition stands, they must not gather for ever.
    guard confirmed.count >= 1_000 else { return }
    try run { database in
      try database.inTransaction(.immediate) {
        try deleteConfirmed(in: database)
        return .commit
      }
    }
    confirmed.removeAll(keepingCapacity: true)
  }

  func deleteConfirmed(in database: Database) throws {
    guard !confirmed.isEmpty else { return }
    let statement = try database.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?")
    for id in confirmed { try statement.execute(arguments: [id]) }
  }

  private func readPage(
    after id: Int64,
    limit: Int
  ) throws(StoreError) -> (entries: [OutboxEntry], last: Int64?) {
    let done = Set(confirmed)
    var entries: [OutboxEntry] = []
    var meaningless: [Int64] = []
    var last: Int64?
    try run { database in
      let statement = try database.cachedStatement(
        sql: """
          SELECT outbox.id AS id, outbox.frame IS NOT NULL AS is_frame,
                 frame.id AS row, frame.time_ns AS time_ns, layout, readings, qualities,
                 output.id AS output_row, plant, sequence, json
            FROM outbox
            LEFT JOIN frame ON frame.id = outbox.frame
            LEFT JOIN output ON output.id = outbox.output
           WHERE outbox.id > ? ORDER BY outbox.id LIMIT ?
          """
      )
      let rows = try Row.fetchCursor(statement, arguments: [id, limit])
      while let row = try rows.next() {
        let number: Int64 = row["id"]
        last = number
        if done.contains(number) { continue }
        if let content = try content(of: row, in: database) {
          entries.append(OutboxEntry(id: number, content: content))
        } else {
          meaningless.append(number)
        }
      }
    }
    if !meaningless.isEmpty { try drop(meaningless) }
    return (entries, last)
  }

  private func content(of row: Row, in database: Database) throws -> OutboxEntry.Content? {
    if row["is_frame"] {
      guard row["row"] != nil else { return nil }
      return try directory.frame(from: row, in: database).map { .telemetry($0) }
    }
    guard row["output_row"] != nil else { return nil }
    return try directory.output(from: row, in: database).map { .output($0) }
  }

  /// Removes entries unpublished, and counts them.
  private func drop(_ ids: [Int64]) throws(StoreError) {
    try run { database in
      try database.inTransaction(.immediate) {
        let statement = try database.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?")
        for id in ids { try statement.execute(arguments: [id]) }
        try countDropped(ids.count, in: database)
        return .commit
      }
    }
  }

  func countDropped(_ count: Int, in database: Database) throws {
    guard count > 0 else { return }
    try database.cachedStatement(
      sql: """
        INSERT INTO counter (name, value) VALUES ('dropped', ?)
        ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
        """
    ).execute(arguments: [count])
  }
}
