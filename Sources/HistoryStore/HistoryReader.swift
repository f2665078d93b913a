package import ConditionModel
import EdgeRuntime
import GRDB
import Glibc
import SampleCoding

/// Reads the history file, also while an agent writes it; for live views and exports.
package actor HistoryReader {
  let path: String
  let disk: any Disk
  var follower: JournalFollower
  private let queue: DatabaseQueue
  private let executor: ThreadExecutor
  private var directory: PlantDirectory?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the file at `path`, which must exist; the files of its journal are on `disk`.
  package init(path: String, disk: any Disk = SystemDisk()) throws(StoreError) {
    self.path = path
    self.disk = disk
    follower = JournalFollower(disk: disk, path: path)
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(2)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -512") }
    queue = try StoreFile.openBesides(path, configuration: configuration)
    executor = ThreadExecutor(name: "history reader")
  }

  /// What the agent measures, by its newest configuration; `nil` before it first ran.
  package func plant() throws(StoreError) -> Plant? {
    try run { database, _ in try PlantDirectory.newest(in: database)?.plant }
  }

  /// What the agent said about itself last.
  package func status() throws(StoreError) -> StatusReport? {
    let stored = try run { database, _ in
      let row = try Row.fetchOne(database, sql: "SELECT time_ns, json FROM status")
      return try row.map { row in
        try StatusReport(
          timestamp: Timestamp(nanoseconds: row.decode(atIndex: 0)),
          json: row.decode(atIndex: 1)
        )
      }
    }
    return StatusBoard.read(of: path) ?? stored
  }

  /// The frames after `moment`, oldest first; of more than `limit` the newest.
  package func frames(after moment: Timestamp, limit: Int) throws(StoreError) -> [Frame] {
    try run { database, directory in
      guard var known = directory else { return [] }
      let tail = try followTail(known.plant, limit: limit, in: database)
      var frames = tail.frames.filter { $0.timestamp > moment }
      if tail.isWhole, frames.count < limit {
        var older: [Frame] = []
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT id, layout, times FROM chunk
             WHERE tier = 0 AND last_ns > ? AND segment < ? ORDER BY last_ns DESC
            """,
          arguments: [moment.nanoseconds, tail.firstSegment]
        )
        var needed = limit - frames.count
        // Chunks of different machines overlap: those that end before all that is needed are left.
        var horizon = Int64.min
        while let row = try rows.next() {
          let found = try known.frames(from: row, in: database).filter { $0.timestamp > moment }
          // A damaged chunk is a gap, not the beginning of what there is.
          guard let newest = found.last?.timestamp.nanoseconds else { continue }
          guard newest >= horizon else { break }
          older += found
          needed = limit - frames.count
          if older.count >= needed {
            older.sort { $0.timestamp < $1.timestamp }
            older = older.suffix(needed)
            horizon = older.first?.timestamp.nanoseconds ?? .min
          }
        }
        older.sort { $0.timestamp < $1.timestamp }
        frames = older + frames
      }
      directory = known
      return frames.suffix(limit)
    }
  }

  /// When the oldest and the newest value was read; `nil` before the first.
  package func extent() throws(StoreError) -> ClosedRange<Timestamp>? {
    try run { database, directory in
      guard let known = directory else { return nil }
      var moments = try followTail(known.plant, limit: .max, in: database).frames.map(\.timestamp)
      let row = try Row.fetchOne(
        database,
        sql: "SELECT min(first_ns), max(last_ns) FROM chunk WHERE tier = 0"
      )
      if let first = try row?.decode(Int64?.self, atIndex: 0),
        let last = try row?.decode(Int64?.self, atIndex: 1)
      {
        moments += [Timestamp(nanoseconds: first), Timestamp(nanoseconds: last)]
      }
      guard let first = moments.min(), let last = moments.max() else { return nil }
      return first...last
    }
  }

  /// The frames of `span`, oldest first.
  package func frames(in span: Range<Timestamp>) throws(StoreError) -> [Frame] {
    try run { database, directory in
      guard var known = directory else { return [] }
      let tail = try followTail(known.plant, limit: .max, in: database)
      var frames = tail.frames.filter { span.contains($0.timestamp) }
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT id, layout, times FROM chunk
           WHERE tier = 0 AND last_ns >= ? AND first_ns < ? AND segment < ? ORDER BY id
          """,
        arguments: [
          span.lowerBound.nanoseconds, span.upperBound.nanoseconds, tail.firstSegment,
        ]
      )
      var older: [Frame] = []
      while let row = try rows.next() {
        older += try known.frames(from: row, in: database).filter { span.contains($0.timestamp) }
      }
      directory = known
      frames = older + frames
      return frames.sorted { $0.timestamp < $1.timestamp }
    }
  }

  /// What people asked, and what became of it, oldest first.
  package func audit() throws(StoreError) -> [AuditEntry] {
    try run { database, _ in
      try Row.fetchAll(database, sql: "SELECT * FROM request ORDER BY id").map(AuditEntry.init)
    }
  }

  /// The steps in the life of all alerts, oldest first.
  package func alertSteps() throws(StoreError) -> [AlertStep] {
    try run { database, _ in
      try Row.fetchAll(
        database,
        sql: """
          SELECT alert_transition.*, machine, location, class, since_ns
            FROM alert_transition JOIN alert ON alert.id = alert_transition.alert
           ORDER BY alert_transition.id
          """
      ).map(AlertStep.init)
    }
  }

  /// Copies the database as it is now into a new file, also while an agent writes it.
  package func copy(to target: String) throws(StoreError) {
    guard access(target, F_OK) != 0 else {
      throw StoreError.other(path: target, detail: "there is a file already; give another name")
    }
    do {
      try queue.backup(to: DatabaseQueue(path: target))
    } catch let error {
      throw StoreError(error, path: target)
    }
  }

  /// What the values of a channel were like in each minute or hour that begins in `span`.
  ///
  /// Made once an hour: the newest come with the next cut.
  package func summaries(
    of channel: ChannelID,
    _ tier: Tier,
    in span: Range<Timestamp>
  ) throws(StoreError) -> [Summary] {
    try run { database, directory in
      guard let known = directory else { return [] }
      var found: [Summary] = []
      for (times, bytes) in try columns(of: channel, known, tier, in: span, in: database) {
        // A damaged column is a gap.
        found += ((try? SummaryCoding.decode(bytes, times: times)) ?? [])
          .filter { span.contains($0.timestamp) }
      }
      return found.sorted { $0.timestamp < $1.timestamp }.joiningEqualTimes()
    }
  }

  /// The values of a channel in `span`, oldest first; the last hour is in the journal still.
  package func readings(
    of channel: ChannelID,
    in span: Range<Timestamp>
  ) throws(StoreError) -> (times: [Timestamp], values: [Double], qualities: [Quality]) {
    try run { database, directory in
      var times: [Timestamp] = []
      var values: [Double] = []
      var qualities: [Quality] = []
      guard let known = directory else { return ([], [], []) }
      let columns = try columns(of: channel, known, .raw, in: span, in: database)
      let count = columns.reduce(0) { $0 + $1.times.count }
      times.reserveCapacity(count)
      values.reserveCapacity(count)
      qualities.reserveCapacity(count)
      let wanted = span.lowerBound.nanoseconds..<span.upperBound.nanoseconds
      for (moments, bytes) in columns {
        // A damaged column is a gap.
        guard let readings = try? Column.decodeReadings(bytes),
          readings.values.count == moments.count
        else { continue }
        for (index, moment) in moments.enumerated() where wanted.contains(moment) {
          times.append(Timestamp(nanoseconds: moment))
          values.append(readings.values[index])
          qualities.append(Quality(storedCode: readings.qualities[index]))
        }
      }
      return (times, values, qualities)
    }
  }

  /// The chunks of a tier that touch `span`, in order of time, each with its column of `channel`.
  private func columns(
    of channel: ChannelID,
    _ directory: PlantDirectory,
    _ tier: Tier,
    in span: Range<Timestamp>,
    in database: Database
  ) throws -> [(times: [Int64], bytes: [UInt8])] {
    var found: [(first: Int64, times: [Int64], bytes: [UInt8])] = []
    for (layout, place) in try directory.places(of: channel, in: database) {
      let rows = try Row.fetchCursor(
        database.cachedStatement(
          sql: """
            SELECT id, first_ns, times FROM chunk
             WHERE layout = ? AND tier = ? AND last_ns >= ? AND first_ns < ?
            """
        ),
        arguments: [
          layout, tier.rawValue, span.lowerBound.nanoseconds, span.upperBound.nanoseconds,
        ]
      )
      while let row = try rows.next() {
        guard let times = ChunkTable.times(of: row),
          let bytes = try ChunkTable.column(row.decode(forColumn: "id"), place, in: database)
        else { continue }
        found.append((try row.decode(forColumn: "first_ns"), times, bytes))
      }
    }
    return found.sorted { $0.first < $1.first }.map { ($0.times, $0.bytes) }
  }

  /// What the journal holds that is not in chunks yet.
  private struct Tail {
    var firstSegment: Int64
    var reader: SegmentReader?
    var translation: PlantTranslation?
    var plant: Plant
    /// The newest frames, in order of time.
    var frames: [Frame] = []
    var limit: Int
    /// Whether nothing was left out for the limit.
    var isWhole = true
  }

  private var tail: Tail?

  /// Reads what was added to the journal since the last question.
  private func followTail(_ plant: Plant, limit: Int, in database: Database) throws -> Tail {
    var tail = self.tail
    if tail == nil || tail?.plant != plant || limit > tail?.limit ?? 0 {
      tail = Tail(
        firstSegment: try HistoryStore.counter("cut", in: database) + 1,
        plant: plant,
        limit: limit
      )
    }
    guard var tail else { preconditionFailure("a tail was just made") }
    var fresh: [Frame] = []
    while true {
      if tail.reader == nil {
        guard try openSegment(tail.firstSegment, in: &tail) else { break }
      }
      let translation = tail.translation
      let record = try? tail.reader?.next { item in
        switch item {
        case .input(.frame(let frame)), .features(let frame):
          if let frame = translation == nil ? frame : translation?.translate(frame) {
            fresh.append(frame)
          }
        default: break
        }
      }
      if record != nil { continue }
      guard let segment = tail.reader?.segment,
        try openSegment(segment + 1, in: &tail)
      else { break }
    }
    if !fresh.isEmpty {
      tail.frames = merged(tail.frames, fresh.sorted { $0.timestamp < $1.timestamp })
    }
    if tail.frames.count > tail.limit {
      tail.frames.removeFirst(tail.frames.count - tail.limit)
      tail.isWhole = false
    }
    self.tail = tail
    return tail
  }

  /// Appends, in the usual case; frames of several buses may overlap by a little.
  private func merged(_ known: [Frame], _ fresh: [Frame]) -> [Frame] {
    let all = known + fresh
    guard let last = known.last, let first = fresh.first, first.timestamp < last.timestamp else {
      return all
    }
    return all.sorted { $0.timestamp < $1.timestamp }
  }

  /// - Returns: Whether there is a segment from `number` on.
  private func openSegment(_ number: Int64, in tail: inout Tail) throws -> Bool {
    for next in try Journal.numbers(disk, path) where next >= number {
      // The agent may have removed it meanwhile.
      guard let reader = try? SegmentReader(disk: disk, path: path, segment: next) else {
        continue
      }
      tail.reader = reader
      tail.translation =
        reader.plant == tail.plant ? nil : PlantTranslation(from: reader.plant, to: tail.plant)
      return true
    }
    return false
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
