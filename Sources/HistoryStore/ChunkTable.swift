package import ConditionModel
import FoundationEssentials
import GRDB
import SampleCoding

/// How far the values of a channel are condensed.
package enum Tier: Int, Hashable, Sendable, CaseIterable {
  /// As they were read.
  case raw = 0
  case minute = 1
  case hour = 2

  /// The length of what one entry sums up; `nil` for single values.
  var spanNanoseconds: Int64? {
    switch self {
    case .raw: nil
    case .minute: 60_000_000_000
    case .hour: 3_600_000_000_000
    }
  }
}

/// What the values of a channel were like in a minute or an hour.
package struct Summary: Hashable, Sendable {
  /// When the minute or hour began.
  package var timestamp: Timestamp
  package var minimum: Double
  /// To 24 bits.
  package var mean: Double
  package var maximum: Double
  /// How many usable values there were; 0 leaves the others without meaning.
  package var count: Int
  /// The worst quality of all values.
  package var quality: Quality
}

extension [Summary] {
  /// Joins neighbours of the same minute or hour: a chunk may end within one.
  func joiningEqualTimes() -> [Summary] {
    reduce(into: []) { joined, next in
      guard let last = joined.last, last.timestamp == next.timestamp else {
        joined.append(next)
        return
      }
      joined[joined.count - 1] = last.joined(with: next)
    }
  }
}

extension Summary {
  fileprivate func joined(with other: Summary) -> Summary {
    let worse = other.quality.storedCode > quality.storedCode ? other.quality : quality
    var sum = count == 0 ? other : self
    if count > 0 && other.count > 0 {
      sum.minimum = min(minimum, other.minimum)
      sum.maximum = max(maximum, other.maximum)
      sum.count = count + other.count
      sum.mean =
        (mean * Double(count) + other.mean * Double(other.count)) / Double(count + other.count)
    }
    sum.quality = worse
    return sum
  }
}

/// The tables `chunk` and `chunk_column`: values of channels, some thousand in a row.
///
/// A chunk holds frames of one layout, so that its channels share their times; each channel is a row
/// of its own, and one can be read without the others.
enum ChunkTable {
  static let creation = """
    CREATE TABLE chunk (
      id INTEGER PRIMARY KEY,
      tier INTEGER NOT NULL, layout INTEGER NOT NULL, segment INTEGER NOT NULL,
      first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, count INTEGER NOT NULL,
      times BLOB NOT NULL
    );
    CREATE INDEX chunk_age ON chunk (tier, last_ns);
    CREATE INDEX chunk_layout ON chunk (layout, tier, last_ns);
    CREATE TABLE chunk_column (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    """

  /// No chunk is longer: it bounds what cutting and reading take of memory.
  static let longest = 4_096

  /// The row in `chunk_column` of the channel at `place` in the layout of `chunk`.
  static func columnRow(_ chunk: Int64, _ place: Int) -> Int64 { chunk << 16 | Int64(place) }

  // MARK: - Writing

  /// Frames of one layout that become a chunk, with what sums them up.
  struct Builder {
    let layout: Int64
    let segment: Int64
    private var times: [Int64] = []
    private var values: [[Double]]
    private var codes: [[UInt8]]
    private var minutes: [SummaryBuilder]
    private var hours: [SummaryBuilder]

    init(layout: Int64, segment: Int64, channelCount: Int) {
      self.layout = layout
      self.segment = segment
      values = Array(repeating: [], count: channelCount)
      codes = Array(repeating: [], count: channelCount)
      minutes = Array(repeating: SummaryBuilder(.minute), count: channelCount)
      hours = Array(repeating: SummaryBuilder(.hour), count: channelCount)
    }

    mutating func add(_ frame: Frame, in database: Database) throws {
      times.append(frame.timestamp.nanoseconds)
      for place in values.indices {
        values[place].append(frame.values[place])
        codes[place].append(frame.qualities[place].storedCode)
        minutes[place].add(frame, place)
        hours[place].add(frame, place)
      }
      if times.count == ChunkTable.longest { try writeValues(in: database) }
    }

    /// Writes all that is left.
    mutating func finish(in database: Database) throws {
      try writeValues(in: database)
      try write(.minute, minutes, in: database)
      try write(.hour, hours, in: database)
    }

    private mutating func writeValues(in database: Database) throws {
      guard !times.isEmpty else { return }
      let chunk = try insert(.raw, times, in: database)
      for place in values.indices {
        try ChunkTable.insert(
          Column.encode(values: values[place], qualities: codes[place]),
          ChunkTable.columnRow(chunk, place),
          in: database
        )
        values[place].removeAll(keepingCapacity: true)
        codes[place].removeAll(keepingCapacity: true)
      }
      times.removeAll(keepingCapacity: true)
    }

    /// All channels of a layout have the same minutes: those of its frames.
    private func write(
      _ tier: Tier,
      _ builders: [SummaryBuilder],
      in database: Database
    ) throws {
      guard let times = builders.first?.finished.map(\.timestamp.nanoseconds), !times.isEmpty else {
        return
      }
      let chunk = try insert(tier, times, in: database)
      for (place, builder) in builders.enumerated() {
        try ChunkTable.insert(
          SummaryCoding.encode(builder.finished),
          ChunkTable.columnRow(chunk, place),
          in: database
        )
      }
    }

    private func insert(_ tier: Tier, _ times: [Int64], in database: Database) throws -> Int64 {
      try database.cachedStatement(
        sql: """
          INSERT INTO chunk (tier, layout, segment, first_ns, last_ns, count, times)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        tier.rawValue, layout, segment, times.min() ?? 0, times.max() ?? 0, times.count,
        Data(Column.encode(times: times)),
      ])
      return database.lastInsertedRowID
    }
  }

  private static func insert(_ bytes: [UInt8], _ row: Int64, in database: Database) throws {
    try database.cachedStatement(sql: "INSERT INTO chunk_column (id, bytes) VALUES (?, ?)")
      .execute(arguments: [row, Data(bytes)])
  }

  // MARK: - Reading

  /// The times of a chunk; `nil` for a damaged one.
  static func times(of row: Row) -> [Int64]? {
    guard let bytes = try? row.decode(Data.self, forColumn: "times") else { return nil }
    return try? Column.decodeTimes([UInt8](bytes))
  }

  /// The bytes of one channel of a chunk.
  static func column(_ chunk: Int64, _ place: Int, in database: Database) throws -> [UInt8]? {
    try Data.fetchOne(
      database.cachedStatement(sql: "SELECT bytes FROM chunk_column WHERE id = ?"),
      arguments: [columnRow(chunk, place)]
    ).map { [UInt8]($0) }
  }

  // MARK: - Removing

  /// Removes chunks with their columns; returns how many.
  static func remove(_ chunks: [Int64], in database: Database) throws {
    for chunk in chunks {
      try database.cachedStatement(sql: "DELETE FROM chunk_column WHERE id BETWEEN ? AND ?")
        .execute(arguments: [columnRow(chunk, 0), columnRow(chunk + 1, 0) - 1])
      try database.cachedStatement(sql: "DELETE FROM chunk WHERE id = ?")
        .execute(arguments: [chunk])
    }
  }

  /// The oldest chunks of a tier, at most `count`, and only those that were cut from segments before
  /// `segment` and end before `moment`.
  static func oldest(
    _ tier: Tier,
    _ count: Int,
    ofSegmentsBefore segment: Int64 = .max,
    before moment: Int64,
    in database: Database
  ) throws -> [Int64] {
    try Int64.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT id FROM chunk WHERE tier = ? AND segment < ? AND last_ns < ?
           ORDER BY last_ns LIMIT ?
          """
      ),
      arguments: [tier.rawValue, segment, moment, count]
    )
  }

  /// When the oldest single values of segments before `segment` that end before `moment` begin, and of
  /// which segment they are.
  static func oldestValues(
    before segment: Int64,
    _ moment: Int64,
    in database: Database
  ) throws -> (first: Int64, segment: Int64)? {
    try Row.fetchOne(
      database.cachedStatement(
        sql: """
          SELECT first_ns, segment FROM chunk WHERE tier = 0 AND segment < ? AND last_ns < ?
           ORDER BY last_ns LIMIT 1
          """
      ),
      arguments: [segment, moment]
    ).map { (try $0.decode(atIndex: 0), try $0.decode(atIndex: 1)) }
  }
}

/// Gathers the values of one channel into minutes or hours.
private struct SummaryBuilder {
  private(set) var finished: [Summary] = []
  private let span: Int64
  private var sum = 0.0

  init(_ tier: Tier) {
    span = tier.spanNanoseconds ?? 1
  }

  mutating func add(_ frame: Frame, _ place: Int) {
    let time = frame.timestamp.nanoseconds
    let start = Timestamp(nanoseconds: time - time % span)
    let quality = frame.qualities[place]
    if finished.last?.timestamp != start {
      finished.append(
        Summary(timestamp: start, minimum: 0, mean: 0, maximum: 0, count: 0, quality: .good)
      )
      sum = 0
    }
    let last = finished.count - 1
    if quality.storedCode > finished[last].quality.storedCode { finished[last].quality = quality }
    guard quality.isUsable else { return }
    let value = frame.values[place]
    let isFirst = finished[last].count == 0
    finished[last].minimum = isFirst ? value : min(finished[last].minimum, value)
    finished[last].maximum = isFirst ? value : max(finished[last].maximum, value)
    finished[last].count += 1
    sum += value
    finished[last].mean = Double(Float(sum / Double(finished[last].count)))
  }
}

/// How summaries of one channel lie in a column.
package enum SummaryCoding {
  package static func encode(_ summaries: [Summary]) -> [UInt8] {
    let codes = summaries.map(\.quality.storedCode)
    let good = [UInt8](repeating: 0, count: summaries.count)
    let parts = [
      Column.encode(values: summaries.map(\.minimum), qualities: codes),
      Column.encode(values: summaries.map(\.mean), qualities: good),
      Column.encode(values: summaries.map(\.maximum), qualities: good),
      Column.encode(summaries.map { Int64($0.count) }),
    ]
    var writer = BitWriter()
    for part in parts {
      writer.appendNumber(UInt64(part.count))
      writer.appendBytes(part)
    }
    return writer.bytes
  }

  package static func decode(_ bytes: [UInt8], times: [Int64]) throws -> [Summary] {
    var reader = BitReader(bytes)
    func part() -> [UInt8] { reader.readBytes(Int(clamping: reader.readNumber())) }
    let (minima, codes) = try Column.decodeReadings(part())
    let (means, _) = try Column.decodeReadings(part())
    let (maxima, _) = try Column.decodeReadings(part())
    let counts = try Column.decodeIntegers(part())
    let lengths = [minima.count, means.count, maxima.count, counts.count]
    guard lengths.allSatisfy({ $0 == times.count }) else {
      throw DamagedChunk.content("its parts have different lengths")
    }
    return times.indices.map { index in
      Summary(
        timestamp: Timestamp(nanoseconds: times[index]),
        minimum: minima[index],
        mean: means[index],
        maximum: maxima[index],
        count: Int(counts[index]),
        quality: Quality(storedCode: codes[index])
      )
    }
  }
}
