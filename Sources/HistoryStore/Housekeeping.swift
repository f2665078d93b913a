import ConditionModel
import GRDB

// What keeps the files within their limits and the history at hand: segments of the journal are cut
// into chunks, and what is old enough goes, oldest single values first, alerts last. Each commit does
// a little of it, so that none stalls.

extension HistoryStore {
  /// Everything on the disk that belongs to the store.
  var totalBytes: Int64 {
    let size = file.sizeBytes
    return size.database + size.log + size.index + journal.byteCount
  }

  /// One step of what is to be done.
  func tidy() throws {
    tidyCount += 1
    if let segment = journal.segments.first(where: { $0.number > cutThrough }),
      segment.number != journal.segments.last?.number
    {
      try cutStep(segment)
    } else if tidyCount % 60 == 0 {
      try removeExpired()
    }
    try releaseSegments()
    // Free pages are kept for reuse, unless they are much of the file.
    let (total, free) = try pageCounts()
    if free > max(256, total / 4) { try vacuum() }
  }

  // MARK: - Cutting

  /// Makes chunks of one layout of a finished segment; of several, where that is little to read.
  private func cutStep(_ segment: Journal.Segment) throws {
    // Columns of just over half a page leave the other half empty, and minutes and hours take some of
    // each channel. All of it is in the log first, and then in the database too.
    let growth = 2 * segment.byteCount + Int64(plant.channels.count) * 512 + 65_536
    try ensureRoom(2 * growth)
    var layout = nextLayout
    var isLast = true
    do {
      try run { database in
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        try database.inTransaction(.immediate) {
          var bytesRead: Int64 = 0
          repeat {
            isLast = try cut(layout, of: segment.number, in: database)
            layout += 1
            bytesRead += segment.byteCount
          } while !isLast && bytesRead < Self.bytesReadAtOnce
          if isLast {
            try database.execute(
              sql: "INSERT OR REPLACE INTO counter (name, value) VALUES ('cut', ?)",
              arguments: [segment.number]
            )
          }
          return .commit
        }
        // The journal may go once the chunks are on the medium.
        if isLast { try checkpoint(database) }
      }
    } catch let error {
      directory.forgetLayouts()
      mayBeCut = true
      throw error
    }
    nextLayout = isLast ? 0 : layout
    if isLast {
      cutThrough = segment.number
      mayBeCut = false
    }
  }

  /// After so many bytes of the journal, the next layout waits for the next commit.
  private static let bytesReadAtOnce: Int64 = 131_072

  /// - Returns: Whether the segment has no layout after this one.
  private func cut(_ number: Int, of segment: Int64, in database: Database) throws -> Bool {
    // A segment that cannot be read gives no chunks; what it held is lost for the history.
    guard var reader = try? journal.reader(of: segment) else { return true }
    var origin =
      reader.plant == plant
      ? directory
      : try PlantDirectory.registering(reader.plant, isPresent: false, in: database)
    var builder: ChunkTable.Builder?
    var isThere = false
    var failure: (any Error)?
    func add(_ frame: Frame) throws {
      if builder == nil, !isThere {
        let row = try origin.layoutRow(frame.asset, frame.channels, in: database)
        isThere =
          try mayBeCut
          && Int64.fetchOne(
            database,
            sql: "SELECT 1 FROM chunk WHERE segment = ? AND layout = ? LIMIT 1",
            arguments: [segment, row]
          ) != nil
        builder = ChunkTable.Builder(
          layout: row,
          segment: segment,
          channelCount: frame.channels.count
        )
      }
      if !isThere { try builder?.add(frame, in: database) }
    }
    do {
      while try reader.next(
        isWanted: { $0 == number },
        deliver: { item in
          switch item {
          case .input(.frame(let frame)), .features(let frame):
            do { try add(frame) } catch {
              failure = error
              throw error
            }
          default: break
          }
        }
      ) != nil {}
    } catch {
      // What follows a damaged record is lost; what the database says is another matter.
      if let failure { throw failure }
    }
    if !isThere { try builder?.finish(in: database) }
    if reader.plant == plant { directory = origin }
    return number + 1 >= reader.decoder.layouts.count
  }

  // MARK: - Removing

  /// Removes segments that nobody needs any more.
  private func releaseSegments() throws {
    while isFirstSegmentReleasable(keeping: options.segmentsKept) { try removeFirstSegment() }
  }

  private func isFirstSegmentReleasable(keeping count: Int) -> Bool {
    guard let first = journal.segments.first, journal.segments.count > max(1, count),
      first.number <= cutThrough, waitingCount(in: first) == 0
    else { return false }
    return snapshotSegments.last.map { first.number < $0 } ?? true
  }

  private func removeFirstSegment() throws {
    guard let first = journal.segments.first else { return }
    newlyDropped += waitingCount(in: first)
    try journal.removeFirst()
    cursors.removeAll { $0.reader.segment == first.number }
    let lowest = journal.segments.first?.firstID ?? 0
    for name in acknowledged.keys { acknowledged[name]?.forget(below: lowest) }
    snapshotSegments.removeAll { $0 == first.number }
  }

  private func removeExpired() throws {
    let limits: [(Tier, Duration)] = [
      (.raw, options.retention), (.minute, options.minuteRetention), (.hour, options.hourRetention),
    ]
    for (tier, age) in limits {
      let moment = (latest - age).nanoseconds
      let old = try run { try ChunkTable.oldest(tier, 16, before: moment, in: $0) }
      if !old.isEmpty { try remove(old) }
    }
    _ = try removeOutputs(before: (latest - options.retention).nanoseconds)
  }

  /// Removes some of what was told before `moment`, but advisories, which stay with their alert.
  private func removeOutputs(before moment: Int64) throws -> Bool {
    try run { database in
      try database.execute(
        sql: """
          DELETE FROM output WHERE id IN
            (SELECT id FROM output WHERE kind <> 'advisory' ORDER BY id LIMIT 256)
            AND time_ns < ?
          """,
        arguments: [moment]
      )
      return database.changesCount > 0
    }
  }

  private func remove(_ chunks: [Int64]) throws {
    try run { database in
      try database.inTransaction(.immediate) {
        try ChunkTable.remove(chunks, in: database)
        return .commit
      }
    }
  }

  // MARK: - The size limit

  /// Sees to it that `count` more bytes stay within the limit.
  ///
  /// - Throws: `full` when nothing more can be removed.
  func ensureRoom(_ count: Int64) throws {
    let limit = options.sizeLimitBytes - options.reserveBytes
    // The database may grow by what is still in the log only.
    func isEnough() throws -> Bool { try boundBytes() + count <= limit }
    if try isEnough() { return }
    if file.sizeBytes.log > 0 { try run { try checkpoint($0) } }
    while try !isEnough() {
      let (_, free) = try pageCounts()
      if isFirstSegmentReleasable(keeping: 1) {
        try removeFirstSegment()
      } else if free > 0 {
        try vacuum()
      } else if try !removeOldest() {
        throw StoreError.full(path: file.path)
      }
    }
  }

  /// What the files may take once the log is in the database.
  private func boundBytes() throws -> Int64 {
    let size = file.sizeBytes
    let pages = try pageCounts().total * options.pageBytes
    return max(size.database, pages) + size.log + size.index + journal.byteCount
  }

  /// Removes a little of what is oldest and least wanted.
  private func removeOldest() throws -> Bool {
    let raw = try run { database in
      try Row.fetchOne(
        database.cachedStatement(
          sql: "SELECT segment, first_ns FROM chunk WHERE tier = 0 ORDER BY last_ns LIMIT 1"
        )
      )
    }
    // What was told goes with the values that it was told of.
    if let first: Int64 = raw?["first_ns"], try removeOutputs(before: first) { return true }
    let segment: Int64? = raw?["segment"]
    if let first = journal.segments.first, journal.segments.count > 1,
      segment.map({ first.number < $0 }) ?? true
    {
      try removeFirstSegment()
      return true
    }
    // The values of the last day are worth more than the minutes of a year ago.
    for moment in [(latest - .seconds(86_400)).nanoseconds, .max] {
      for tier in [Tier.raw, .minute, .hour] {
        let chunks = try run { try ChunkTable.oldest(tier, 8, before: moment, in: $0) }
        guard !chunks.isEmpty else { continue }
        try remove(chunks)
        return true
      }
    }
    return try run { database in
      for sql in [
        """
        DELETE FROM output WHERE id IN
          (SELECT id FROM output WHERE kind <> 'advisory' ORDER BY id LIMIT 64)
        """,
        """
        DELETE FROM alert_transition WHERE alert IN
          (SELECT id FROM alert WHERE phase = 'cleared' ORDER BY time_ns LIMIT 16)
        """,
        """
        DELETE FROM output WHERE id IN
          (SELECT output FROM alert WHERE phase = 'cleared' ORDER BY time_ns LIMIT 16)
        """,
        """
        DELETE FROM alert WHERE id IN
          (SELECT id FROM alert WHERE phase = 'cleared' ORDER BY time_ns LIMIT 16)
        """,
      ] {
        try database.execute(sql: sql)
        if database.changesCount > 0, !sql.contains("cleared") { return true }
      }
      return database.changesCount > 0
    }
  }

  private func vacuum() throws {
    try run { database in
      try database.execute(sql: "PRAGMA incremental_vacuum(\(options.vacuumPages))")
      try checkpoint(database)
    }
  }

  private func checkpoint(_ database: Database) throws {
    try database.execute(sql: "PRAGMA synchronous = FULL")
    _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func pageCounts() throws -> (total: Int64, free: Int64) {
    try run { database in
      (
        try Int64.fetchOne(database.cachedStatement(sql: "PRAGMA page_count")) ?? 0,
        try Int64.fetchOne(database.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
      )
    }
  }
}
