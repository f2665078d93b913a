package import ConditionModel
import EdgeRuntime
import GRDB
import Glibc

/// Reads the history file, also while an agent writes it; for live views and exports.
package actor HistoryReader {
  private let path: String
  private let queue: DatabaseQueue
  private let executor: ThreadExecutor
  private var directory: PlantDirectory?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the file at `path`, which must exist.
  package init(path: String) throws(StoreError) {
    self.path = path
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(2)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -512") }
    guard access(path, R_OK) == 0 else {
      throw StoreError.other(
        path: path,
        detail: "no history here, or no right to read it; is the agent running?"
      )
    }
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
    } catch let error {
      throw StoreError(error, path: path)
    }
    executor = ThreadExecutor(name: "history reader")
  }

  /// What the agent measures, by its newest configuration; `nil` before it first ran.
  package func plant() throws(StoreError) -> Plant? {
    try run { database, _ in try PlantDirectory.newest(in: database)?.plant }
  }

  /// What the agent said about itself last.
  package func status() throws(StoreError) -> StatusReport? {
    try run { database, _ in
      let row = try Row.fetchOne(database, sql: "SELECT time_ns, json FROM status")
      return row.map { row in
        StatusReport(timestamp: Timestamp(nanoseconds: row[0]), json: row[1])
      }
    }
  }

  /// The frames after `moment`, oldest first; of more than `limit` the newest.
  package func frames(after moment: Timestamp, limit: Int) throws(StoreError) -> [Frame] {
    try run { database, directory in
      guard var known = directory else { return [] }
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT time_ns, layout, readings, qualities FROM
            (SELECT * FROM frame ORDER BY id DESC LIMIT ?)
           WHERE time_ns > ? ORDER BY id
          """,
        arguments: [limit, moment.nanoseconds]
      )
      var frames: [Frame] = []
      for row in rows {
        if let frame = try known.frame(from: row, in: database) { frames.append(frame) }
      }
      directory = known
      return frames
    }
  }

  /// The alerts that are not cleared, oldest first.
  package func openAlerts() throws(StoreError) -> [WordedOutput] {
    try run { database, directory in
      guard var known = directory else { return [] }
      let alerts = try StoreQueries.openAlerts(&known, in: database)
      directory = known
      return alerts
    }
  }

  /// The alerts that changed last, newest first.
  package func alerts(limit: Int) throws(StoreError) -> [WordedOutput] {
    try run { database, directory in
      guard var known = directory else { return [] }
      let alerts = try StoreQueries.alerts(
        "ORDER BY alert.time_ns DESC, alert.id DESC LIMIT ?",
        [limit],
        &known,
        in: database
      )
      directory = known
      return alerts
    }
  }

  package func close() {
    try? queue.close()
  }

  private func run<Result>(
    _ work: (Database, inout PlantDirectory?) throws -> Result
  ) throws(StoreError) -> Result {
    do {
      return try queue.read { database in
        // The agent may have started with a new configuration since the last question.
        let newest = try Int64.fetchOne(
          database,
          sql: "SELECT id FROM plant ORDER BY run DESC LIMIT 1"
        )
        if directory == nil || directory?.plantID != newest {
          directory = try PlantDirectory.newest(in: database)
        }
        return try work(database, &directory)
      }
    } catch let error {
      throw StoreError(error, path: path)
    }
  }
}
