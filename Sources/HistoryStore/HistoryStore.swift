package import ConditionModel
import EdgeRuntime
import FoundationEssentials
import GRDB

/// Keeps everything that must survive the process: in a journal what happened, in order, and in one
/// SQLite file what people look at.
///
/// A commit appends a record to the `Journal`: what entered the core, what came out, what the broker
/// has. Whatever is published is in it, and whatever is in it will be published. From it follows the
/// rest: alerts go into the database with the commit that brings them, values once an hour, in
/// compressed chunks (`ChunkTable`). A kill loses nothing that was committed; a power cut nothing
/// that is urgent (alerts), and of the rest at most what came in the last `Options.syncInterval`. The
/// tables are described at `StoreSchema`.
package actor HistoryStore {
  /// How the store works; the defaults are right for a gateway.
  package struct Options: Sendable {
    /// What database, log and journal together never outgrow, in bytes.
    package var sizeLimitBytes: Int64 = 1 << 30
    /// How long single values are kept.
    package var retention: Duration = .seconds(90 * 86_400)
    /// How long minutes, and hours, are kept.
    package var minuteRetention: Duration = .seconds(2 * 366 * 86_400)
    package var hourRetention: Duration = .seconds(20 * 366 * 86_400)
    /// Who publishes, each with its own place in the outbox; without any, nothing waits.
    package var readers = ["broker"]
    /// After how long at most the medium has what was committed.
    package var syncInterval: Duration = .seconds(5)
    /// A segment of the journal ends with the hour, or when it is as long as this.
    package var segmentBytes: Int64 = 4 << 20
    /// How many segments are kept after all is in the database and published: a week of hours.
    package var segmentsKept = 168
    /// SQLite's page cache.
    package var cacheKibibytes = 512
    /// Up to this size a file that was not closed is checked before it is used.
    package var checkLimitBytes: Int64 = 256 << 20

    package init() {}

    let pageBytes: Int64 = 4_096
    /// The pages of write-ahead log at which SQLite moves them to the database.
    var logPages: Int64 { max(16, min(256, sizeLimitBytes / 16 / pageBytes)) }
    /// What is left for removing things: that needs room too.
    var reserveBytes: Int64 { min(1 << 20, sizeLimitBytes / 8) }
    var segmentLimitBytes: Int64 { max(65_536, min(segmentBytes, sizeLimitBytes / 32)) }
    /// How many pages to bring into order at once: each is written to the log too.
    var vacuumPages: Int64 { max(16, reserveBytes / pageBytes / 2) }
  }

  var options: Options
  var directory: PlantDirectory
  var file: StoreFile
  var journal: Journal
  /// What nobody need hear any more.
  var settlement = Settlement()
  /// Whether the journal does not tell of all of it yet.
  var isSettlementNew = false
  var cursors: [OutboxCursor] = []
  /// Why the database lags behind the journal.
  var trouble: StoreError?
  /// The journal is cut into chunks up to this segment.
  var cutThrough: Int64 = 0
  /// The next layout of the segment after it.
  var nextLayout = 0
  /// Whether the database may hold layouts of that segment from `nextLayout` on: a run before, or an
  /// attempt that failed in the end, may have cut them.
  var mayBeCut = true
  /// The segments of the newest snapshots, newest first: a restart may need what comes after.
  var snapshotSegments: [Int64] = []
  /// The newest moment that an input told.
  var latest = Timestamp(nanoseconds: 0)
  var tidyCount = 0
  var follower: JournalFollower
  let plant: Plant

  private let executor: any SerialExecutor
  private let elapsed: @Sendable () -> Duration
  private let plantText: PlantText
  /// Outputs, departures and answers of the journal that the tables lack, in order.
  private var unapplied: [JournalItem] = []
  private var lastSync: Duration
  private var commitCount = 0
  private var syncCount = 0
  /// Where a damaged file was put since the start, if any was.
  package private(set) var setAside: String?
  /// Whether the file is closed, and there is no other yet.
  private var isFileLost = false
  /// All that were ever set aside, oldest first.
  var damagedFiles: [(path: String, bytes: Int64)] = []
  private var isClosed = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the store, or creates it.
  ///
  /// A database that was not closed is checked; a damaged one is set aside under a name with the date,
  /// and a new one takes its place with all that could be read: `state().setAside` tells so.
  ///
  /// - Parameters:
  ///   - path: The database file; its folder must exist. The journal lies beside it.
  ///   - plant: What the numbers in frames and outputs mean.
  ///   - options: Limits and habits.
  ///   - disk: Where the journal's files are.
  ///   - now: What the clock shows: identities in the outbox begin at it.
  ///   - elapsed: A clock that only counts; it decides when what was committed is synced.
  ///   - executor: Where the work is done; by default on a thread of its own, because it waits.
  /// - Throws: When there is no way to go on with this file: another agent uses it, it is not ours,
  ///   or the disk refuses.
  package init(
    path: String,
    plant: Plant,
    options: Options = Options(),
    disk: any Disk = SystemDisk(),
    now: Timestamp = .wallClock,
    elapsed: @escaping @Sendable () -> Duration = { .sinceBoot },
    executor: any SerialExecutor = ThreadExecutor(name: "store")
  ) async throws(StoreError) {
    do {
      plantText = try PlantText(plant)
      (file, directory, journal) = try Self.open(path, plantText, options, disk, now)
    } catch let error {
      throw StoreError(error, path: path)
    }
    setAside = file.setAside
    damagedFiles = StoreFile.damagedFiles(of: path)
    self.plant = plant
    self.options = options
    self.executor = executor
    self.elapsed = elapsed
    lastSync = elapsed()
    settlement = journal.settlement
    follower = JournalFollower(disk: disk, path: path, known: plantText)
    do {
      try repairing { try begin() }
    } catch let error {
      abandon()
      throw error
    }
  }

  private static func open(
    _ path: String,
    _ plant: PlantText,
    _ options: Options,
    _ disk: any Disk,
    _ now: Timestamp
  ) throws -> (StoreFile, PlantDirectory, Journal) {
    // Whatever the file looks like: beside a journal it was ours.
    let isOurs = (try? Journal.numbers(disk, path).isEmpty) == false
    var file = try StoreFile(path: path, options: options, isOurs: isOurs)
    func contents() throws -> (StoreFile, PlantDirectory, Journal) {
      let directory = try file.queue.write { try PlantDirectory.registering(plant.plant, in: $0) }
      let journal = try Journal(
        disk: disk,
        path: path,
        now: now,
        lowestID: file.queue.read { try FormerTables.lowestID(in: $0) },
        // Where files are lost, numbers go on above what is left of them.
        lowestNumber: file.queue.read {
          try max(counter("cut", in: $0), isOurs && file.setAside == nil ? 0 : lastCut(in: $0))
        },
        known: plant
      )
      return (file, directory, journal)
    }
    do {
      return try contents()
    } catch let error {
      guard StoreError(error, path: path).isDamage, file.setAside == nil else { throw error }
      // A large file is not checked before it is used.
      file = try file.replaced(options: options)
      return try contents()
    }
  }

  /// The highest number of a segment that was cut, by what is there of it; reads all chunks.
  private static func lastCut(in database: Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT max(segment) FROM chunk") ?? 0
  }

  /// Brings the database up to the journal, and begins a segment.
  private func begin() throws {
    settle()
    let isImportDue = try run { try FormerTables.holdAnything(in: $0) }
    if isImportDue {
      // What an import that was cut short has left comes once more.
      for segment in journal.segments where segment.firstID < segment.endID {
        confirm(segment.firstID...segment.endID - 1)
      }
    }
    snapshotSegments = try journal.snapshots(2).map(\.place.segment)
    try catchUp()
    try run { try AlertTable.endWordless(in: $0) }
    try startSegment()
    if isImportDue {
      while journal.segments.count > 1 { try journal.removeFirst() }
      snapshotSegments = []
    }
    try importFormerTables()
  }

  /// Stores `batch`, all of it or nothing.
  ///
  /// After an error the caller keeps the batch and tries again later: nothing is lost or doubled.
  /// That the database lags behind, because the disk is full or fails, is no error: the journal has it,
  /// and `state().trouble` says why.
  package func commit(_ batch: Batch) throws(StoreError) {
    var troubles: [StoreError?] = []
    // A full disk or a failing one: the present segment goes on.
    if isSegmentOver {
      troubles.append(
        attend {
          try apply()
          try startSegment()
        }
      )
    }
    try repairing { try attempt(batch) }
    commitCount += 1
    if let status = batch.status { StatusBoard.show(status, of: file.path) }
    // What failed is tried again with each commit.
    if batch.isUrgent || unapplied.count >= 256 || trouble != nil {
      troubles.append(attend { try apply() })
    }
    troubles.append(attend { try tidy() })
    trouble = troubles.lazy.compactMap(\.self).first
  }

  /// Writes what waits, and closes the file; nothing works afterwards.
  package func close() {
    guard !isClosed else { return }
    isClosed = true
    try? commit(Batch(isDurable: true))
    _ = attend { try apply(status: StatusBoard.read(of: file.path)) }
    StatusBoard.remove(of: file.path)
    file.close(isClean: true)
  }

  /// Lets go of the files as a kill does, without a last write.
  package func abandon() {
    isClosed = true
    file.close(isClean: false)
  }

  /// How the store is now.
  package func state() throws(StoreError) -> StoreState {
    // What was given up before the journal told of it.
    let dropped = try repairing { try counter("dropped") }
    return StoreState(
      fileBytes: totalBytes,
      journalBytes: journal.byteCount,
      limitBytes: options.sizeLimitBytes,
      pendingCount: options.readers.map { pendingCount(of: $0) }.max() ?? 0,
      droppedCount: Int(dropped) + settlement.droppedCount,
      commitCount: commitCount,
      syncCount: syncCount,
      trouble: trouble,
      setAside: setAside
    )
  }

  /// The alerts that are not cleared, oldest first, as outputs to say again to a broker that forgot.
  package func openAlerts() throws(StoreError) -> [WordedOutput] {
    try repairing { try run { try StoreQueries.openAlerts(&directory, in: $0) } }
  }

  /// What is left in the store of machines that the plant does not have.
  ///
  /// Each comes with its alerts that are still open, and also without any if it was there when the
  /// core last wrote down its state.
  ///
  /// - Parameter now: Their timestamp.
  /// - Returns: In order of their names.
  /// - Throws: What the store says when it cannot be read.
  package func departedMachines(at now: Timestamp) throws(StoreError) -> [DepartedMachine] {
    var machines: [String: DepartedMachine] = [:]
    let present = Set(plant.assets.map(\.name))
    if let segment = snapshotSegments.first, let former = try? journal.reader(of: segment)?.plant {
      for asset in former.assets where !present.contains(asset.name) {
        machines[asset.name] = DepartedMachine(name: asset.name, timestamp: now, alerts: [])
      }
    }
    let open = try repairing { try run { try AlertTable.open(in: $0) } }
    for (name, alert) in open where !present.contains(name) {
      let none = DepartedMachine(name: name, timestamp: now, alerts: [])
      machines[name, default: none].alerts.append(alert)
    }
    return machines.values.sorted { $0.name < $1.name }
  }

  /// The highest number that an alert ever had, 0 if there was none: numbering goes on above it
  /// when the core starts without a snapshot.
  package func highestAlertID() throws(StoreError) -> UInt64 {
    try repairing {
      try run { UInt64(clamping: try Int64.fetchOne($0, sql: "SELECT max(id) FROM alert") ?? 0) }
    }
  }

  /// A number that must not be forgotten; `nil` when there was never one of that name.
  package func number(named name: String) throws(StoreError) -> Int64? {
    try repairing {
      try run { try Self.number(named: name, in: $0) }
    }
  }

  /// Keeps a number under a name.
  package func setNumber(_ number: Int64, named name: String) throws(StoreError) {
    try repairing { try setCounter(name, to: number) }
  }

  // MARK: - The journal

  private func attempt(_ batch: Batch) throws {
    var items = batch.inputs.map(JournalItem.input) + batch.features.map(JournalItem.features)
    items += batch.outputs.map(JournalItem.output)
    items += batch.departed.map(JournalItem.departed)
    if !batch.answers.isEmpty { items.append(.answers(batch.answers)) }
    let news = isSettlementNew ? settlement : nil
    if let news { items.append(.settled(news)) }
    // The next commit comes in a second, give or take half of it.
    let now = elapsed()
    let isSyncDue =
      batch.isUrgent || now - lastSync >= options.syncInterval - .milliseconds(500)
    if !items.isEmpty || batch.snapshot != nil {
      let draft = try journal.draft(items, snapshot: batch.snapshot)
      let growth = journal.growth(for: draft)
      if growth > 0 { try ensureRoom(growth) }
      try journal.append(draft, isDurable: isSyncDue)
    } else if isSyncDue {
      try journal.sync()
    }
    // Room for it may have cost more entries meanwhile.
    if let news { isSettlementNew = settlement != news }
    if isSyncDue {
      lastSync = now
      syncCount += 1
    }
    if batch.snapshot != nil, let segment = journal.segments.last {
      snapshotSegments = Array(([segment.number] + snapshotSegments).prefix(2))
    }
    for input in batch.inputs {
      switch input {
      case .frame(let frame): latest = max(latest, frame.timestamp)
      case .tick(let moment): latest = moment
      default: break
      }
    }
    if segmentBegin == nil, latest.nanoseconds != 0 { segmentBegin = latest }
    unapplied += items.filter(\.isForTables)
  }

  private var isSegmentOver: Bool {
    guard !journal.segments.isEmpty else { return true }
    if journal.position >= options.segmentLimitBytes { return true }
    let hour: Int64 = 3_600_000_000_000
    return segmentHour.map { latest.nanoseconds / hour != $0 } ?? false
  }

  /// The hour in which the present segment began; `nil` before its first input.
  private var segmentHour: Int64? {
    segmentBegin.map { $0.nanoseconds / 3_600_000_000_000 }
  }

  private var segmentBegin: Timestamp?

  func startSegment() throws {
    try ensureRoom(Int64(plantText.json.count) + Journal.extensionBytes)
    try journal.rotate(plant: plantText.json, settlement: settlement)
    isSettlementNew = false
    segmentBegin = latest.nanoseconds == 0 ? nil : latest
    guard let number = journal.segments.last?.number else { return }
    try setCounter("applied", to: number)
  }

  /// Takes over what the journal holds and the database may not: after a kill, or when it is new.
  ///
  /// Of what was salvaged nobody knows how far it went: all that the journal has is taken anew.
  private func catchUp() throws {
    nextLayout = 0
    mayBeCut = true
    if try counter("salvaged") > 0 {
      // A run before may have been ended in between.
      setAside = setAside ?? StoreFile.lastSetAside(of: file.path)
      let first = journal.segments.first?.number
      try run { database in
        try database.inTransaction(.immediate) {
          try Self.setCounter("salvaged", to: 0, in: database)
          guard let first else { return .commit }
          let chunks = try Int64.fetchAll(
            database,
            sql: "SELECT id FROM chunk WHERE segment >= ?",
            arguments: [first]
          )
          try ChunkTable.remove(chunks, in: database)
          try Self.setCounter("cut", to: first - 1, in: database)
          try Self.setCounter("applied", to: first, in: database)
          return .commit
        }
      }
    }
    cutThrough = try counter("cut")
    try applyJournal(from: counter("applied"))
  }

  private func applyJournal(from first: Int64) throws {
    for segment in journal.segments where segment.number >= first {
      guard var reader = try journal.reader(of: segment.number) else { continue }
      var items: [JournalItem] = []
      while try reader.next(
        isWanted: { _ in false },
        deliver: { item in if item.isForTables { items.append(item) } }
      ) != nil {}
      var directory = directory
      if reader.plant != plant {
        // In the numbers of its own site: its machines may be gone, and their alerts have ended.
        directory = try run {
          try PlantDirectory.registering(reader.plant, isPresent: false, in: $0)
        }
      }
      while !items.isEmpty {
        try ensureRoom(Self.roomToApply)
        try applyFirst(of: &items, &directory)
      }
    }
  }

  // MARK: - The database

  /// Runs `work` on the database and turns what it throws into our words.
  func run<Result>(_ work: (Database) throws -> Result) throws(StoreError) -> Result {
    do {
      return try file.queue.writeWithoutTransaction(work)
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }

  /// Does what may wait: when it fails, the next commit tries again.
  ///
  /// - Returns: Why it failed.
  private func attend(_ work: () throws -> Void) -> StoreError? {
    do throws(StoreError) {
      try repairing(work)
      return nil
    } catch {
      return error
    }
  }

  /// Does `work`, on a new file where it turns out that this one is damaged.
  func repairing<Result>(_ work: () throws -> Result) throws(StoreError) -> Result {
    do {
      if isFileLost { try replaceFile() }
      do {
        return try work()
      } catch let error {
        guard StoreError(error, path: file.path).isDamage else { throw error }
        try replaceFile()
        return try work()
      }
    } catch let error {
      throw StoreError(error, path: file.path)
    }
  }

  /// Puts outputs and answers of the journal into the tables.
  private func apply(status: StatusReport? = nil) throws {
    while !unapplied.isEmpty {
      try ensureRoom(Self.roomToApply)
      try applyFirst(of: &unapplied, &directory)
    }
    guard let status else { return }
    try ensureRoom(131_072)
    try run { database in
      try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO status (id, time_ns, json) VALUES (1, ?, ?)"
      ).execute(arguments: [status.timestamp.nanoseconds, status.json])
    }
  }

  /// What a few items may take: room for many at once would cost a small store its history.
  private static let roomToApply: Int64 = 131_072 + 32 * 16_384

  private func applyFirst(
    of items: inout [JournalItem],
    _ directory: inout PlantDirectory
  ) throws {
    let part = items.prefix(32)
    try run { database in
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      try database.inTransaction(.immediate) {
        for item in part { try Self.apply(item, &directory, in: database) }
        return .commit
      }
    }
    items.removeFirst(part.count)
  }

  /// What is there already changes nothing but the alert as it stands, of which the last word counts.
  private static func apply(
    _ item: JournalItem,
    _ directory: inout PlantDirectory,
    in database: Database
  ) throws {
    switch item {
    case .output(let worded):
      let (row, isNew) = try directory.insert(worded.output, in: database)
      guard case .advisory(let advisory) = worded.output.content else { return }
      try AlertTable.set(advisory, worded.text, directory.plant, output: row, in: database)
      if isNew { try AlertTable.addStep(advisory, worded.text, output: row, in: database) }
    case .departed(let machine): try AlertTable.end(machine, in: database)
    case .answers(let answers): try RequestTable.store(answers, in: database)
    default: break
    }
  }

  /// All that waits is in the journal too.
  private func replaceFile() throws {
    isFileLost = true
    file = try file.replaced(options: options)
    isFileLost = false
    setAside = file.setAside
    damagedFiles = StoreFile.damagedFiles(of: file.path)
    directory = try file.queue.write { try PlantDirectory.registering(plant, in: $0) }
    unapplied = []
    try catchUp()
  }

  func counter(_ name: String) throws -> Int64 {
    try run { try Self.counter(name, in: $0) }
  }

  /// The requests whose answers the database could not take yet.
  var answersNotInTable: Set<Int64> {
    var ids: Set<Int64> = []
    for case .answers(let answers) in unapplied { ids.formUnion(answers.map(\.id)) }
    return ids
  }

  func setCounter(_ name: String, to value: Int64) throws {
    try run { try Self.setCounter(name, to: value, in: $0) }
  }

  static func setCounter(_ name: String, to value: Int64, in database: Database) throws {
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO counter (name, value) VALUES (?, ?)"
    ).execute(arguments: [name, value])
  }

  static func counter(_ name: String, in database: Database) throws -> Int64 {
    try number(named: name, in: database) ?? 0
  }

  /// What a counter may be.
  static let counters: ClosedRange<Int64> = 0...1 << 53

  private static func number(named name: String, in database: Database) throws -> Int64? {
    // Not as a number at once: SQLite makes a zero of what is none.
    let value: Int64? = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT value FROM counter WHERE name = ?"),
      arguments: [name]
    )?.decode(atIndex: 0)
    guard counters.contains(value ?? 0) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(name) counts to \(value ?? 0)")
    }
    return value
  }
}
