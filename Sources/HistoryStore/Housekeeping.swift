import ConditionModel
import GRDB
import Glibc

// What keeps the files within their limits and the history at hand: segments of the journal are cut
// into chunks, and what is old enough goes, oldest single values first, alerts last. Each commit does
// a little of it, so that none stalls.

extension HistoryStore {
  /// Everything on the disk that belongs to the store.
  var totalBytes: Int64 {
    let size = file.sizeBytes
    return size.database + size.log + size.index + journal.byteCount + damagedBytes
  }

  private var damagedBytes: Int64 { damagedFiles.reduce(0) { $0 + $1.bytes } }

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
    let (total, free) = try run { try (Self.pageCount($0), Self.freePageCount($0)) }
    if free > max(256, total / 4) { try vacuum() }
  }

  // MARK: - Cutting

  /// Makes chunks of a finished segment: of a small one at once, of others layout by layout, so that
  /// little is in memory and no commit takes long.
  private func cutStep(_ segment: Journal.Segment) throws {
    // Columns of just over half a page leave the other half empty, and minutes and hours take some of
    // each channel. All of it is in the log first, and then in the database too.
    let growth = 2 * segment.byteCount + Int64(plant.channels.count) * 512 + 65_536
    try ensureRoom(2 * growth)
    let end = segment.byteCount <= Self.bytesCutAtOnce ? Int.max : nextLayout + 1
    var isLast = true
    do {
      try run { database in
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        try database.inTransaction(.immediate) {
          isLast = try cut(nextLayout..<end, of: segment.number, in: database) <= end
          if isLast {
            try Self.setCounter("cut", to: segment.number, in: database)
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
    nextLayout = isLast ? 0 : end
    if isLast {
      cutThrough = segment.number
      mayBeCut = false
    }
  }

  /// A segment of at most so many bytes is cut with one commit.
  private static let bytesCutAtOnce: Int64 = 131_072

  /// Makes chunks of some layouts of a segment.
  ///
  /// - Returns: How many layouts the segment has.
  private func cut(
    _ layouts: Range<Int>,
    of segment: Int64,
    in database: Database
  ) throws -> Int {
    // A segment that cannot be read gives no chunks; what it held is lost for the history.
    guard var reader = try journal.reader(of: segment) else { return 0 }
    var origin =
      reader.plant == plant
      ? directory
      : try PlantDirectory.registering(reader.plant, isPresent: false, in: database)
    // By layout; `nil` for one that is there already.
    var builders: [Int: ChunkTable.Builder?] = [:]
    var layout = 0
    var failure: (any Error)?
    func add(_ frame: Frame) throws {
      if builders[layout] == nil {
        let row = try origin.layoutRow(frame.asset, frame.channels, in: database)
        let isThere =
          try mayBeCut
          && Int64.fetchOne(
            database,
            sql: "SELECT 1 FROM chunk WHERE segment = ? AND layout = ? LIMIT 1",
            arguments: [segment, row]
          ) != nil
        builders[layout] = .some(
          isThere
            ? nil
            : ChunkTable.Builder(layout: row, segment: segment, channelCount: frame.channels.count)
        )
      }
      try builders[layout]??.add(frame, in: database)
    }
    do {
      while try reader.next(
        isWanted: {
          layout = $0
          return layouts.contains($0)
        },
        wantsWords: false,
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
    for layout in builders.keys.sorted() { try builders[layout]??.finish(in: database) }
    if reader.plant == plant { directory = origin }
    return reader.decoder.layouts.count
  }

  // MARK: - Removing

  /// Removes segments that nobody needs any more.
  private func releaseSegments() throws {
    while isFirstSegmentReleasable(keeping: options.segmentsKept) { try removeFirstSegment() }
  }

  private func isFirstSegmentReleasable(keeping count: Int) -> Bool {
    guard let first = journal.segments.first, journal.segments.count > max(1, count),
      first.number <= cutThrough, waitingCount(of: first.firstID..<first.endID) == 0
    else { return false }
    return snapshotSegments.last.map { first.number < $0 } ?? true
  }

  private func removeFirstSegment() throws {
    guard let first = journal.segments.first else { return }
    try journal.removeFirst()
    giveUp(first.firstID..<first.endID)
    cursors.removeAll { $0.reader.segment == first.number }
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
      if let damaged = damagedFiles.first {
        // What could be read of it is in the present file.
        unlink(damaged.path)
        damagedFiles.removeFirst()
      } else if isFirstSegmentReleasable(keeping: 1) {
        try removeFirstSegment()
      } else if try run({ try Self.freePageCount($0) }) > 0 {
        try vacuum()
      } else if try !removeOldest() {
        throw StoreError.full(path: file.path)
      }
    }
  }

  /// What the files may take once the log is in the database.
  private func boundBytes() throws -> Int64 {
    let size = file.sizeBytes
    let pages = try run { try Self.pageCount($0) } * options.pageBytes
    return max(size.database, pages) + size.log + size.index + journal.byteCount + damagedBytes
  }

  /// The segments of a day, if none is full before its hour is over.
  private static let segmentsOfADay: Int64 = 24

  /// Removes a little of what is oldest and least wanted.
  private func removeOldest() throws -> Bool {
    // The values of the last day are worth more than the minutes of a year ago: of the day that the
    // clock shows and, since it may show 1970, of what the journal tells came last.
    let lastDay = (journal.segments.last?.number ?? 0) - Self.segmentsOfADay
    let yesterday = (latest - .seconds(86_400)).nanoseconds
    for (end, moment) in [(lastDay, yesterday), (lastDay, .max), (.max, .max)] {
      let raw = try run { try ChunkTable.oldestValues(before: end, moment, in: $0) }
      // What was told goes with the values that it was told of.
      if let raw, try removeOutputs(before: raw.first) { return true }
      // Nor is there a use for the journal of values that are gone; yet what is not in chunks stays.
      if let first = journal.segments.first, journal.segments.count > 1,
        first.number < min(raw?.segment ?? end, cutThrough + 1)
      {
        try removeFirstSegment()
        return true
      }
      for tier in [Tier.raw, .minute, .hour] {
        let chunks = try run {
          try ChunkTable.oldest(tier, 8, ofSegmentsBefore: end, before: moment, in: $0)
        }
        guard !chunks.isEmpty else { continue }
        try remove(chunks)
        return true
      }
    }
    if journal.segments.count > 1 {
      try removeFirstSegment()
      return true
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

  private static func pageCount(_ database: Database) throws -> Int64 {
    try Int64.fetchOne(database.cachedStatement(sql: "PRAGMA page_count")) ?? 0
  }

  private static func freePageCount(_ database: Database) throws -> Int64 {
    try Int64.fetchOne(database.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
  }
}
