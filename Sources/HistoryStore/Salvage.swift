import ConditionModel
import GRDB

/// Takes out of a damaged database what can still be read.
enum Salvage {
  /// Parents come before what refers to them.
  private static let tables = [
    "plant", "channel", "layout", "counter", "output", "alert", "alert_transition", "request",
    "chunk", "chunk_column",
  ]
  /// After so many unreadable rows the rest of a table is given up: each costs reads.
  private static let mostFailures = 10_000
  /// No table has more rows.
  private static let mostRows: Int64 = 1 << 32

  /// Copies the readable rows of the file at `path` into `queue`; what cannot be read is left out.
  static func copy(from path: String, into queue: DatabaseQueue) {
    var configuration = Configuration()
    configuration.readonly = true
    guard let damaged = try? DatabaseQueue(path: path, configuration: configuration) else { return }
    defer { try? damaged.close() }
    for table in tables { copy(table, from: damaged, into: queue) }
    // Columns of a lost chunk mean nothing, and the next chunk takes its number.
    try? queue.write { database in
      try database.execute(
        sql: "DELETE FROM chunk_column WHERE id >> 16 NOT IN (SELECT id FROM chunk)"
      )
    }
  }

  private static func copy(_ table: String, from damaged: DatabaseQueue, into queue: DatabaseQueue)
  {
    guard table != "counter" else {
      // Has no row numbers; it is small.
      let rows = try? damaged.read { try Row.fetchAll($0, sql: "SELECT * FROM counter") }
      try? insert(rows ?? [], into: table, queue)
      return
    }
    func number(_ sql: String) -> Int64?? {
      try? damaged.read { try Int64.fetchOne($0, sql: sql) }
    }
    // One by one: asked for both, SQLite walks through the whole table. Where an end is damaged, the
    // numbers that rows can have at all are its place.
    let lowest = number("SELECT min(rowid) FROM \(table)")
    let highest = number("SELECT max(rowid) FROM \(table)")
    guard let first = lowest ?? 1, let last = highest ?? mostRows << blockBits(of: table),
      first <= last
    else { return }
    let block = Block(
      bits: blockBits(of: table),
      rowCount: (number("SELECT max(json_array_length(channels)) FROM layout") ?? nil) ?? 1_000
    )
    var failureCount = 0
    // No text of ours has a zero in it: what follows was torn.
    let wholeTexts =
      (try? queue.read { try $0.columns(in: table) })?.filter { $0.type == "TEXT" }
      .map { " AND coalesce(instr(CAST(\($0.name) AS BLOB), x'00'), 0) = 0" }.joined() ?? ""
    // Depth first, lower half first: rows arrive in order.
    var spans = [first...last]
    while let span = spans.popLast(), failureCount < mostFailures {
      do {
        let rows = try damaged.read { database in
          try Row.fetchAll(
            database,
            sql: """
              SELECT * FROM \(table) WHERE rowid BETWEEN ? AND ?\(wholeTexts)
               ORDER BY rowid LIMIT 1001
              """,
            arguments: [span.lowerBound, span.upperBound]
          )
        }
        if rows.count > 1_000 {
          spans += block.halves(of: span)
        } else {
          try insert(rows, into: table, queue)
        }
      } catch {
        failureCount += 1
        spans += block.halves(of: span)
      }
    }
  }

  /// The bits of a row's number that count within a block: columns are numbered within their chunk.
  private static func blockBits(of table: String) -> Int64 { table == "chunk_column" ? 16 : 0 }

  /// Row numbers that come in blocks, each filled from its beginning.
  private struct Block {
    let bits: Int64
    /// At most so many rows are in a block.
    let rowCount: Int64

    /// The upper and the lower half of what rows there can be in `span`; none of a single row.
    func halves(of span: ClosedRange<Int64>) -> [ClosedRange<Int64>] {
      var last = span.upperBound
      var middle = span.lowerBound + (last - span.lowerBound) / 2
      if span.lowerBound >> bits == last >> bits {
        if bits > 0 { last = min(last, (span.lowerBound >> bits) << bits + rowCount - 1) }
        middle = span.lowerBound + (last - span.lowerBound) / 2
      } else {
        middle = max(middle >> bits, span.lowerBound >> bits + 1) << bits - 1
      }
      guard span.lowerBound < last, middle < last else { return [] }
      return [middle + 1...last, span.lowerBound...middle]
    }
  }

  /// Whether a row holds what the store writes there: a torn page may look whole to SQLite.
  private static func makesSense(_ row: Row, of table: String, _ columns: [ColumnInfo]) -> Bool {
    for (name, value) in row {
      guard let column = columns.first(where: { $0.name == name }) else { return false }
      switch (value.storage, column.type) {
      case (.int64, "INTEGER"), (.int64, "REAL"), (.double, "REAL"), (.string, "TEXT"),
        (.blob, "BLOB"):
        break
      case (.null, _) where !column.isNotNull: break
      default: return false
      }
    }
    func holds(_ type: (some Decodable).Type, _ column: String) -> Bool {
      (try? decodeJSON(type, from: row.decode(forColumn: column))) != nil
    }
    return switch table {
    case "plant": holds(Plant.self, "json")
    case "layout": holds([Int64].self, "channels")
    case "counter": HistoryStore.counters.contains((try? row.decode(forColumn: "value")) ?? -1)
    case "output": holds(PipelineOutput.Content.self, "json")
    default: true
    }
  }

  private static func insert(_ rows: [Row], into table: String, _ queue: DatabaseQueue) throws {
    try queue.write { database in
      let infos = try database.columns(in: table)
      let rows = rows.filter { makesSense($0, of: table, infos) }
      guard let first = rows.first else { return }
      let columns = Array(first.columnNames)
      let marks = columns.map { _ in "?" }.joined(separator: ", ")
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
