import GRDB

/// Takes out of a damaged database what can still be read.
enum Salvage {
  /// Parents come before what refers to them.
  private static let tables = [
    "plant", "channel", "layout", "counter", "output", "alert", "alert_transition", "request",
    "chunk", "chunk_column",
  ]
  /// After so many unreadable rows the rest of a table is given up: each costs reads.
  private static let mostFailures = 1_000

  /// Copies the readable rows of the file at `path` into `queue`; what cannot be read is left out.
  static func copy(from path: String, into queue: DatabaseQueue) {
    var configuration = Configuration()
    configuration.readonly = true
    guard let damaged = try? DatabaseQueue(path: path, configuration: configuration) else { return }
    defer { try? damaged.close() }
    for table in tables { copy(table, from: damaged, into: queue) }
  }

  private static func copy(_ table: String, from damaged: DatabaseQueue, into queue: DatabaseQueue)
  {
    guard table != "counter" else {
      // Has no row numbers; it is small.
      let rows = try? damaged.read { try Row.fetchAll($0, sql: "SELECT * FROM counter") }
      try? insert(rows ?? [], into: table, queue)
      return
    }
    guard
      let bounds = try? damaged.read({ database in
        try Row.fetchOne(database, sql: "SELECT min(rowid), max(rowid) FROM \(table)")
      }),
      let first = bounds[0] as Int64?, let last = bounds[1] as Int64?
    else { return }
    var failureCount = 0
    // Depth first, lower half first: rows arrive in order.
    var spans = [first...last]
    while let span = spans.popLast(), failureCount < mostFailures {
      do {
        let rows = try damaged.read { database in
          try Row.fetchAll(
            database,
            sql: "SELECT * FROM \(table) WHERE rowid BETWEEN ? AND ? ORDER BY rowid LIMIT 1001",
            arguments: [span.lowerBound, span.upperBound]
          )
        }
        if rows.count > 1_000 {
          split(span, into: &spans)
        } else {
          try insert(rows, into: table, queue)
        }
      } catch {
        failureCount += 1
        split(span, into: &spans)
      }
    }
  }

  private static func split(_ span: ClosedRange<Int64>, into spans: inout [ClosedRange<Int64>]) {
    guard span.lowerBound < span.upperBound else { return }
    let middle = span.lowerBound + (span.upperBound - span.lowerBound) / 2
    spans.append(middle + 1...span.upperBound)
    spans.append(span.lowerBound...middle)
  }

  private static func insert(_ rows: [Row], into table: String, _ queue: DatabaseQueue) throws {
    guard let first = rows.first else { return }
    let columns = Array(first.columnNames)
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    try queue.write { database in
      for row in rows {
        try database.execute(
          sql: """
            INSERT OR IGNORE INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))
            """,
          arguments: StatementArguments(row.databaseValues)
        )
      }
    }
  }
}
