import FoundationEssentials
import GRDB
import Glibc

/// Opens the history file, for one agent at a time.
///
/// Beside the file lies `<file>.lock`: locked while an agent runs, and empty once it has stopped
/// cleanly.
final class StoreFile: Sendable {
  let path: String
  let queue: DatabaseQueue
  /// Where a damaged file was put on the way.
  let setAside: String?
  private let lock: StoreLock

  /// Opens or creates the file at `path` and brings its tables up to date.
  ///
  /// If it `isOurs` in any case, it is damaged where it does not look like ours.
  convenience init(path: String, options: HistoryStore.Options, isOurs: Bool) throws {
    let lock = try StoreLock(path: path + ".lock")
    if access(Self.salvage(of: path), F_OK) == 0 {
      // A run before was ended while it salvaged.
      try self.init(inPlaceOf: path, options: options, lock: lock)
      return
    }
    do {
      let isCheckNeeded = lock.wasLeftUnclean
      let queue = try Self.open(path, options: options, isCheckNeeded: isCheckNeeded)
      self.init(path: path, queue: queue, setAside: nil, lock: lock)
    } catch let error {
      let error = StoreError(error, path: path)
      let isStrange = error == .notADatabase(path: path) || error == .foreign(path: path)
      guard error.isDamage || isOurs && isStrange else { throw error }
      try self.init(inPlaceOf: path, options: options, lock: lock)
    }
  }

  /// A new file in the place of a damaged one, with what can be read of that.
  ///
  /// It grows beside it and takes its name once it is whole: after an end before that, the next start
  /// begins again.
  private convenience init(
    inPlaceOf path: String,
    options: HistoryStore.Options,
    lock: StoreLock
  ) throws {
    let salvage = Self.salvage(of: path)
    // Where it lies alone it is whole, and an attempt ended between two names.
    if access(path, F_OK) == 0 || access(salvage, F_OK) != 0 {
      try Self.fill(salvage, from: path, options: options)
    }
    let damaged = try Self.setAside(path)
    guard rename(salvage, path) == 0 else { throw StoreError(systemError: errno, path: path) }
    do {
      let queue = try Self.open(path, options: options, isCheckNeeded: false)
      self.init(path: path, queue: queue, setAside: damaged, lock: lock)
    } catch let error {
      // The next attempt need not fill it again.
      if !StoreError(error, path: path).isDamage { rename(path, salvage) }
      throw error
    }
  }

  /// Where a new file grows in the place of a damaged one.
  private static func salvage(of path: String) -> String { path + ".salvage" }

  /// A database at `salvage` with what can be read of that at `path`; on the medium once this returns.
  private static func fill(
    _ salvage: String,
    from path: String,
    options: HistoryStore.Options
  ) throws {
    for suffix in ["", "-journal"] { unlink(salvage + suffix) }
    let queue = try open(salvage, options: options, isCheckNeeded: false, isLogged: false)
    Salvage.copy(from: path, into: queue)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
      try HistoryStore.setCounter("salvaged", to: 1, in: database)
    }
    try queue.close()
  }

  private init(path: String, queue: DatabaseQueue, setAside: String?, lock: StoreLock) {
    self.path = path
    self.queue = queue
    self.setAside = setAside
    self.lock = lock
  }

  /// A new file in the place of this one, which turned out to be damaged.
  func replaced(options: HistoryStore.Options) throws -> StoreFile {
    try? queue.close()
    return try StoreFile(inPlaceOf: path, options: options, lock: lock)
  }

  /// The database that was set aside last, if there is one.
  static func lastSetAside(of path: String) -> String? {
    damagedFiles(of: path).map(\.path).last { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
  }

  /// What was set aside, in order of its names, which have the date.
  static func damagedFiles(of path: String) -> [(path: String, bytes: Int64)] {
    let folder = Journal.folder(path)
    let prefix = "\(path.split(separator: "/").last ?? "").damaged-"
    let names = (try? SystemDisk().names(in: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.sorted().map { name in
      ("\(folder)/\(name)", fileSize("\(folder)/\(name)"))
    }
  }

  /// - Parameter isClean: Whether all is written, so that the next start need not check the file.
  func close(isClean: Bool) {
    try? queue.close()
    lock.release(isClean: isClean)
  }

  /// The bytes of the database, of its write-ahead log and of the log's index.
  var sizeBytes: (database: Int64, log: Int64, index: Int64) {
    (fileSize(path), fileSize(path + "-wal"), fileSize(path + "-shm"))
  }

  /// Opens the file beside the agent that keeps it.
  ///
  /// - Throws: When there is none, or none with all tables of this version.
  static func openBesides(
    _ path: String,
    configuration: Configuration
  ) throws(StoreError) -> DatabaseQueue {
    guard access(path, R_OK) == 0 else {
      throw StoreError.other(
        path: path,
        detail: "no history here, or no right to read it; is the agent running?"
      )
    }
    do {
      guard try hasOurHeader(path) else {
        throw StoreError.other(path: path, detail: "this file is empty; is the agent running?")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = StoreSchema.migrator
      if try queue.read(migrator.hasBeenSuperseded) { throw StoreError.newerSchema(path: path) }
      guard try queue.read(migrator.hasCompletedMigrations) else {
        throw StoreError.other(
          path: path,
          detail: "it was made by an older version; start the agent of this version once"
        )
      }
      return queue
    } catch let error {
      throw StoreError(error, path: path)
    }
  }

  private static func open(
    _ path: String,
    options: HistoryStore.Options,
    isCheckNeeded: Bool,
    isLogged: Bool = true
  ) throws -> DatabaseQueue {
    let isNew = try !hasOurHeader(path)
    var configuration = Configuration()
    configuration.label = "vigie-store"
    configuration.busyMode = .timeout(2)
    configuration.prepareDatabase { database in
      if isNew {
        // Before the first table, else it has no effect; before WAL and in one write, so that the
        // file says from the first on whose it is, also when there is no second one.
        try database.execute(
          sql: """
            BEGIN;
            PRAGMA auto_vacuum = INCREMENTAL;
            PRAGMA application_id = \(StoreSchema.applicationID);
            COMMIT;
            """
        )
      }
      // What is not logged is made anew after a kill.
      try database.execute(sql: isLogged ? "PRAGMA journal_mode = WAL" : "")
      try database.execute(
        sql: """
          PRAGMA synchronous = \(isLogged ? "NORMAL" : "OFF");
          PRAGMA mmap_size = 0;
          PRAGMA cache_size = -\(options.cacheKibibytes);
          PRAGMA temp_store = MEMORY;
          PRAGMA wal_autocheckpoint = \(options.logPages);
          PRAGMA journal_size_limit = \(options.logPages * options.pageBytes);
          """
      )
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { database in
      let size = fileSize(path)
      if isCheckNeeded && size <= options.checkLimitBytes {
        let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard finding == "ok" else { throw StoreError.damaged(path: path, detail: finding) }
      }
    }
    let migrator = StoreSchema.migrator
    guard try !queue.read(migrator.hasBeenSuperseded) else {
      throw StoreError.newerSchema(path: path)
    }
    try migrator.migrate(queue)
    return queue
  }

  /// Whether there is a database of ours; `false` where there is nothing yet.
  ///
  /// Looks at the bytes (SQLite's "Database File Format", section 1.3), because SQLite would change
  /// the files of others while it opens them.
  private static func hasOurHeader(_ path: String) throws -> Bool {
    guard let file = fopen(path, "r") else { return false }
    defer { fclose(file) }
    var header = [UInt8](repeating: 0, count: 100)
    let count = fread(&header, 1, header.count, file)
    // Not a file that is still empty.
    if ferror(file) != 0 {
      throw errno == EISDIR
        ? StoreError.other(path: path, detail: "this is a folder; name the file in it")
        : StoreError(systemError: errno, path: path)
    }
    if count == 0 { return false }
    if header.allSatisfy({ $0 == 0 }) {
      throw StoreError.damaged(path: path, detail: "its first page is empty")
    }
    guard header.starts(with: "SQLite format 3\0".utf8) else {
      throw StoreError.notADatabase(path: path)
    }
    let owner = header[68..<72].reduce(Int32(0)) { $0 << 8 | Int32($1) }
    guard owner == StoreSchema.applicationID else { throw StoreError.foreign(path: path) }
    return true
  }

  /// Renames the database and what belongs to it; returns the new name.
  ///
  /// The database goes first: what is left of it belongs to the one that was renamed last.
  private static func setAside(_ path: String) throws -> String {
    let isThere = access(path, F_OK) == 0
    let target = (isThere ? nil : lastSetAside(of: path)) ?? damagedName(of: path)
    guard !isThere || rename(path, target) == 0 else { throw StoreError.readOnly(path: path) }
    for suffix in ["-wal", "-shm"] {
      // Of one that is there already, this is no part.
      if access(target + suffix, F_OK) == 0 { unlink(path + suffix) }
      rename(path + suffix, target + suffix)
    }
    return target
  }

  /// A name with the date that nothing has yet.
  private static func damagedName(of path: String) -> String {
    var now = time(nil)
    var civil = tm()
    gmtime_r(&now, &civil)
    var stamp = [CChar](repeating: 0, count: 32)
    strftime(&stamp, stamp.count, "%Y%m%dT%H%M%SZ", &civil)
    let base =
      "\(path).damaged-\(String(decoding: stamp.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))"
    var target = base
    var attempt = 1
    while access(target, F_OK) == 0 {
      attempt += 1
      target = "\(base)-\(attempt)"
    }
    return target
  }
}

/// The bytes of a file, 0 if there is none.
func fileSize(_ path: String) -> Int64 {
  var information = stat()
  return stat(path, &information) == 0 ? Int64(information.st_size) : 0
}

/// Keeps a second agent out, and remembers whether the last one stopped cleanly.
private final class StoreLock: Sendable {
  let wasLeftUnclean: Bool
  private let descriptor: Int32

  init(path: String) throws {
    descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      let isFull = errno == ENOSPC || errno == EDQUOT
      throw isFull ? StoreError.full(path: path) : StoreError.readOnly(path: path)
    }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = max(0, read(descriptor, &buffer, buffer.count))
    let holder = String(decoding: buffer.prefix(count), as: UTF8.self)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(descriptor)
      throw StoreError.locked(path: path, by: holder.isEmpty ? "unknown process" : holder)
    }
    wasLeftUnclean = count > 0
    let note = "process \(getpid())"
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, note, note.utf8.count, 0)
  }

  func release(isClean: Bool) {
    if isClean { ftruncate(descriptor, 0) }
    flock(descriptor, LOCK_UN)
  }

  deinit {
    // A program that starts this moment has the file open, too, until it is what it will be.
    flock(descriptor, LOCK_UN)
    Glibc.close(descriptor)
  }
}
