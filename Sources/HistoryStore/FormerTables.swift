import ConditionModel
import FoundationEssentials
import GRDB

/// The tables of version 0.1, in which each frame was a row: what they hold becomes chunks, and
/// entries of the journal where it was not published yet.
enum FormerTables {
  static func areThere(in database: Database) throws -> Bool { try database.tableExists("outbox") }

  static func holdAnything(in database: Database) throws -> Bool {
    guard try areThere(in: database) else { return false }
    return try ["frame", "outbox", "snapshot"].contains { table in
      try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM \(table))") ?? false
    }
  }

  /// The identity above all that were ever given.
  static func lowestID(in database: Database) throws -> Int64 {
    guard try areThere(in: database) else { return 0 }
    let last = try Int64.fetchOne(
      database,
      sql: "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
    )
    return (last ?? 0) + 1
  }

  /// The frame of a row with the columns `time_ns`, `layout`, `readings`, `qualities`.
  static func frame(
    _ row: Row,
    _ directory: inout PlantDirectory,
    in database: Database
  ) throws -> Frame? {
    guard let layout = try directory.layout(row.decode(forColumn: "layout"), in: database) else {
      return nil
    }
    let values = readings(try row.decode(forColumn: "readings"))
    let codes = try row.decode(Data?.self, forColumn: "qualities").map { [UInt8]($0) }
    var frame = try Frame(
      asset: layout.asset,
      timestamp: Timestamp(nanoseconds: row.decode(forColumn: "time_ns")),
      channels: [],
      values: [],
      qualities: []
    )
    for (place, channel) in layout.channels.enumerated() where place < values.count {
      guard let channel else { continue }
      frame.channels.append(channel)
      frame.values.append(values[place])
      let code = codes.map { place < $0.count ? $0[place] : 255 } ?? 0
      frame.qualities.append(Quality(storedCode: code))
    }
    return frame.channels.isEmpty ? nil : frame
  }

  /// 64-bit floating-point numbers, lowest byte first.
  private static func readings(_ bytes: Data) -> [Double] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 8).map { index in
        let bits = raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
        return Double(bitPattern: UInt64(littleEndian: bits))
      }
    }
  }
}

extension HistoryStore {
  /// Takes over what a version before the journal has left, and removes its tables.
  func importFormerTables() throws {
    guard try run({ try FormerTables.areThere(in: $0) }) else { return }
    // A new file has these tables too, from the first of its migrations: nothing is in them, and what
    // was salvaged into it stays as it is.
    if try run({ try FormerTables.holdAnything(in: $0) }) {
      try importFrames()
      try importOutbox()
      try importSnapshot()
      // Its frames are in chunks already.
      if let segment = journal.segments.last {
        try setCounter("cut", to: segment.number)
        cutThrough = segment.number
        try startSegment()
      }
    }
    try run { database in
      try database.inTransaction(.immediate) {
        try database.execute(
          sql: "DROP TABLE outbox; DROP TABLE frame; DROP TABLE snapshot; DELETE FROM status"
        )
        return .commit
      }
    }
  }

  private func importFrames() throws {
    try run { database in
      try database.inTransaction(.immediate) {
        // After a kill on the way it begins anew.
        try database.execute(sql: "DELETE FROM chunk WHERE segment = 0; DELETE FROM chunk_column")
        let layouts = try Int64.fetchAll(database, sql: "SELECT DISTINCT layout FROM frame")
        for layout in layouts {
          var builder: ChunkTable.Builder?
          let rows = try Row.fetchCursor(
            database,
            sql:
              "SELECT time_ns, layout, readings, qualities FROM frame WHERE layout = ? ORDER BY id",
            arguments: [layout]
          )
          while let row = try rows.next() {
            guard let frame = try FormerTables.frame(row, &directory, in: database) else { break }
            if builder == nil {
              builder = ChunkTable.Builder(
                layout: try directory.layoutRow(frame.asset, frame.channels, in: database),
                segment: 0,
                channelCount: frame.channels.count
              )
            }
            try builder?.add(frame, in: database)
          }
          try builder?.finish(in: database)
        }
        return .commit
      }
    }
  }

  private func importOutbox() throws {
    var position: Int64 = 0
    while true {
      var items: [JournalItem] = []
      var last: Int64?
      try run { database in
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT outbox.id AS id, frame.id AS row, frame.time_ns AS time_ns, layout, readings,
                   qualities, output.id AS output_row, plant, sequence, json
              FROM outbox
              LEFT JOIN frame ON frame.id = outbox.frame
              LEFT JOIN output ON output.id = outbox.output
             WHERE outbox.id > ? ORDER BY outbox.id LIMIT 500
            """,
          arguments: [position]
        )
        last = try rows.last?.decode(forColumn: "id")
        for row in rows {
          if row["row"] != nil {
            if let frame = try FormerTables.frame(row, &directory, in: database) {
              items.append(.features(frame))
            }
          } else if row["output_row"] != nil,
            let output = try directory.output(from: row, in: database)
          {
            items.append(.output(WordedOutput(output)))
          }
        }
      }
      guard let last else { return }
      position = last
      let draft = try journal.draft(items, snapshot: nil)
      try ensureRoom(journal.growth(for: draft))
      try journal.append(draft, isDurable: true)
    }
  }

  private func importSnapshot() throws {
    let snapshot = try run { database in
      try Row.fetchOne(
        database,
        sql: "SELECT time_ns, fingerprint, state FROM snapshot ORDER BY id DESC LIMIT 1"
      ).map { row in
        try Snapshot(
          timestamp: Timestamp(nanoseconds: row.decode(atIndex: 0)),
          fingerprint: row.decode(atIndex: 1),
          state: [UInt8](row.decode(Data.self, atIndex: 2))
        )
      }
    }
    guard let snapshot, let segment = journal.segments.last else { return }
    let draft = try journal.draft([], snapshot: snapshot)
    try ensureRoom(journal.growth(for: draft))
    try journal.append(draft, isDurable: true)
    snapshotSegments = [segment.number]
  }
}
