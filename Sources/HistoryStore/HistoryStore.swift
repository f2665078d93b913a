package import ConditionModel
import EdgeRuntime
import FoundationEssentials
import GRDB

/// Keeps everything that must survive the process in one SQLite file: frames, outputs, alerts,
/// the outbox, snapshots of the core.
///
/// A batch is stored in one transaction together with its entries in the outbox, so whatever is
/// published is in the file, and whatever is in the file will be published. A kill loses nothing
/// that was committed; a power cut nothing that is urgent (alerts), and of the rest at most what
/// came in the last `Options.syncInterval`. The tables are described at `StoreSchema`.
package actor HistoryStore {
  /// How the store works; the defaults are right for a gateway.
  package struct Options: Sendable {
    /// What database and log together must not outgrow, in bytes.
    package var sizeLimitBytes: Int64 = 1 << 30
    /// How long frames are kept once they are published.
    package var retention: Duration = .seconds(90 * 86_400)
    /// Whether frames and outputs go to the outbox; without a publisher it would only grow.
    package var isPublishing = true
    /// After how long at most the medium has what was committed.
    package var syncInterval: Duration = .seconds(5)
    /// SQLite's page cache.
    package var cacheKibibytes = 512
    /// Up to this size a file that was not closed is checked before it is used.
    package var checkLimitBytes: Int64 = 256 << 20

    package init() {}

    let pageBytes: Int64 = 4_096
    /// The pages of write-ahead log at which SQLite moves them to the database.
    let logPages: Int64 = 256
    /// What of the size limit is left for the log: it overshoots while a batch is written.
    var logAllowanceBytes: Int64 {
      min(4 * logPages * pageBytes, sizeLimitBytes / 4)
    }

    /// The pages that the database may have.
    var pageLimit: Int64 { (sizeLimitBytes - logAllowanceBytes) / pageBytes }
  }

  /// Acknowledgements that wait for the next commit, so that they cost no transaction of their own.
  var confirmed: [Int64] = []
  var options: Options
  var directory: PlantDirectory
  var file: StoreFile
  private let executor: ThreadExecutor
  private let plant: Plant
  private var lastSync = ContinuousClock.now
  private var commitCount = 0
  private var setAside: String?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the history file, or creates it.
  ///
  /// A file that was not closed is checked; a damaged one is set aside under a name with the date,
  /// and a new one takes its place: `state().setAside` tells so.
  ///
  /// - Parameters:
  ///   - path: The database file; its folder must exist.
  ///   - plant: What the numbers in frames and outputs mean.
  ///   - options: Limits and habits.
  /// - Throws: When there is no way to go on with this file: another agent uses it, it is not ours,
  ///   or the disk refuses.
  package init(path: String, plant: Plant, options: Options = Options()) throws(StoreError) {
    do {
      let file = try StoreFile(path: path, options: options)
      self.file = file
      directory = try file.queue.write { try PlantDirectory.registering(plant, in: $0) }
      setAside = file.setAside
    } catch let error {
      throw StoreError(error, path: path)
    }
    self.plant = plant
    self.options = options
    executor = ThreadExecutor(name: "store")
  }

  /// Stores `batch`, all of it or nothing.
  ///
  /// After an error the caller keeps the batch and tries again later: nothing is lost or doubled.
  /// A database that proves damaged is set aside, and the batch goes into a new one.
  package func commit(_ batch: Batch) throws(StoreError) {
    do {
      try attempt(batch)
    } catch .full {
      // Under the size limit old frames make room; on a full device this fails as well.
      try makeRoom()
      try attempt(batch)
    } catch .damaged {
      try replaceFile()
      try attempt(batch)
    }
    commitCount += 1
    try? tidy(after: batch)
  }

  /// Writes what waits, and closes the file; nothing works afterwards.
  package func close() {
    try? commit(Batch(isDurable: true))
    file.close()
  }

  /// How the store is now.
  package func state() throws(StoreError) -> StoreState {
    let size = file.sizeBytes
    return try run { database in
      StoreState(
        fileBytes: size.database + size.log,
        limitBytes: options.sizeLimitBytes,
        pendingCount: (try Int.fetchOne(database, sql: "SELECT count(*) FROM outbox") ?? 0)
          - confirmed.count,
        droppedCount: try Int.fetchOne(
          database,
          sql: "SELECT value FROM counter WHERE name = 'dropped'"
        ) ?? 0,
        commitCount: commitCount,
        setAside: setAside
      )
    }
  }

  /// The newest state of the core.
  package func latestSnapshot() throws(StoreError) -> Snapshot? {
    try run { database in
      let row = try Row.fetchOne(
        database,
        sql: "SELECT time_ns, fingerprint, state FROM snapshot ORDER BY id DESC LIMIT 1"
      )
      return row.map { row in
        Snapshot(
          timestamp: Timestamp(nanoseconds: row[0]),
          fingerprint: row[1],
          state: [UInt8](row[2] as Data)
        )
      }
    }
  }

  /// The alerts that are not cleared, oldest first, as outputs to say again to a broker that forgot.
  package func openAlerts() throws(StoreError) -> [WordedOutput] {
    try run { try StoreQueries.openAlerts(&directory, in: $0) }
  }

  /// The highest number that an alert ever had, 0 if there was none: numbering goes on above it
  /// when the core starts without a snapshot.
  package func highestAlertID() throws(StoreError) -> UInt64 {
    try run { database in
      UInt64(try Int64.fetchOne(database, sql: "SELECT max(id) FROM alert") ?? 0)
    }
  }

  // MARK: - Inside

  /// Runs `work` on the database and turns what it throws into our words.
  func run<Result>(_ work: (Database) throws -> Result) throws(StoreError) -> Result {
    do {
      return try file.queue.writeWithoutTransaction(work)
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }

  private func attempt(_ batch: Batch) throws(StoreError) {
    let now = ContinuousClock.now
    let isSyncDue = batch.isUrgent || now - lastSync >= options.syncInterval
    do {
      try run { database in
        // In WAL mode FULL waits for the medium at the end of this commit, and all earlier ones
        // lie before it in the same log.
        try database.execute(sql: "PRAGMA synchronous = \(isSyncDue ? "FULL" : "NORMAL")")
        try database.inTransaction(.immediate) {
          try deleteConfirmed(in: database)
          try insert(batch, in: database)
          return .commit
        }
      }
    } catch let error {
      directory.forgetLayouts()
      throw error
    }
    confirmed.removeAll(keepingCapacity: true)
    if isSyncDue { lastSync = now }
  }

  private func insert(_ batch: Batch, in database: Database) throws {
    try RequestTable.store(batch.answers, in: database)
    for frame in batch.frames {
      let layout = try directory.layoutRow(for: frame, in: database)
      try database.cachedStatement(
        sql: "INSERT INTO frame (time_ns, layout, readings, qualities) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [
        frame.timestamp.nanoseconds, layout, encodeReadings(frame.values),
        encodeQualities(frame.qualities),
      ])
      if options.isPublishing {
        try database.cachedStatement(sql: "INSERT INTO outbox (frame) VALUES (?)")
          .execute(arguments: [database.lastInsertedRowID])
      }
    }
    for worded in batch.outputs {
      guard let row = try directory.insert(worded.output, in: database) else { continue }
      if case .advisory(let advisory) = worded.output.content {
        try insert(advisory, text: worded.text, output: row, in: database)
      }
      if options.isPublishing && worded.output.isPublished {
        try database.cachedStatement(sql: "INSERT INTO outbox (output) VALUES (?)")
          .execute(arguments: [row])
      }
    }
    if let snapshot = batch.snapshot {
      try database.execute(
        sql: "INSERT INTO snapshot (time_ns, fingerprint, state) VALUES (?, ?, ?)",
        arguments: [
          snapshot.timestamp.nanoseconds, snapshot.fingerprint, Data(snapshot.state),
        ]
      )
      // The one before stays, should this one turn out to be unusable.
      try database.execute(
        sql: """
          DELETE FROM snapshot
           WHERE id NOT IN (SELECT id FROM snapshot ORDER BY id DESC LIMIT 2)
          """
      )
    }
    if let status = batch.status {
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO status (id, time_ns, json) VALUES (1, ?, ?)"
      ).execute(arguments: [status.timestamp.nanoseconds, status.json])
    }
  }

  private func insert(
    _ advisory: Advisory,
    text: AdvisoryText?,
    output: Int64,
    in database: Database
  ) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO alert
          (id, machine, location, class, phase, priority, since_ns, time_ns, acknowledged,
           language, title, text, output)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Int64(advisory.id), plant[advisory.asset].name, advisory.location,
        advisory.findingClass.rawValue, advisory.phase.rawValue, advisory.priority.word,
        advisory.since.nanoseconds, advisory.timestamp.nanoseconds, advisory.isAcknowledged,
        text?.language.rawValue, text?.title, text?.text, output,
      ]
    )
    try database.execute(
      sql: """
        INSERT INTO alert_transition (alert, phase, priority, time_ns, title, text, output)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Int64(advisory.id), advisory.phase.rawValue, advisory.priority.word,
        advisory.timestamp.nanoseconds, text?.title, text?.text, output,
      ]
    )
  }

  private func replaceFile() throws(StoreError) {
    do {
      (file, setAside) = try file.replaced(options: options)
      directory = try file.queue.write { try PlantDirectory.registering(plant, in: $0) }
      confirmed.removeAll()
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }
}
