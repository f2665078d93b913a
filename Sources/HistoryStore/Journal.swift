package import ConditionModel
import FoundationEssentials
import SampleCoding
import SignalProcessing

/// What entered the core and what came out of it, in order, in files beside the database.
///
/// A commit appends one record, with a checksum, to the newest file (segment). The system's cache
/// merges what comes within the sync interval into one or two pages of flash, where each commit of a
/// database would write several anew. Nothing is changed once written; whole segments go.
///
/// | bytes of a segment | meaning |
/// |---|---|
/// | 8 | `VIGIEJ1` and a line feed |
/// | 8 | the segment's number, lowest byte first |
/// | 8 | the identity of its first entry in the outbox |
/// | 8 | the identity after the last entry before it |
/// | 4 | CRC-32 of the 32 bytes before |
/// | then records: 4 | length of the payload; the highest bit says that frames do not depend on it |
/// | 4 | CRC-32 of segment number, record number (8 bytes each) and payload |
/// | length | payload; its first byte is its kind: 0 plant (JSON), 1 batch, 2 snapshot, 3 batch that counts only with the snapshot behind it |
///
/// Zeros behind the last record are room that was taken beforehand.
package struct Journal {
  package struct Segment {
    package var number: Int64
    /// The identity of its first entry.
    var firstID: Int64
    /// The identity after its last entry.
    var endID: Int64
    /// What it takes on the disk.
    var byteCount: Int64
  }

  static let headerSize = 36
  private static let magic = Array("VIGIEJ1\n".utf8)
  /// Room is taken in steps of at most this, so that most commits write data only: no size, no
  /// allocation.
  static let extensionBytes: Int64 = 65_536
  private static let pageBytes: Int64 = 4_096

  let disk: any Disk
  let path: String
  private let known: PlantText?
  private let lowestNumber: Int64
  /// Oldest first; the last one is being written, once there is one.
  package private(set) var segments: [Segment] = []
  private var file: (any DiskFile)?
  private var encoder = JournalEncoder()
  /// Where the next record goes.
  private(set) var position: Int64 = 0
  private var recordNumber: Int64 = 0
  private(set) var nextID: Int64
  /// What was written since the last sync, to be written again after a sync that failed.
  private var unsynced: [UInt8] = []
  private var isSyncBroken = false
  /// Whether behind the last record lies something of an append that failed.
  private var isTailDirty = false
  /// What the segments before this start told last of it.
  private(set) var settlement = Settlement()

  /// Looks at what is there: segments are `<path>.journal-<number>`.
  ///
  /// Identities begin at the present time, `now`, and at `lowestID`; none is ever used twice, nor is a
  /// number of a segment: new ones are above `lowestNumber`, also when segments were lost. Most
  /// segments tell of the plant `known`, which need not be read from each.
  package init(
    disk: any Disk,
    path: String,
    now: Timestamp,
    lowestID: Int64,
    lowestNumber: Int64 = 0,
    known: PlantText? = nil
  ) throws {
    self.disk = disk
    self.path = path
    self.known = known
    self.lowestNumber = lowestNumber
    nextID = max(1, lowestID, (now.nanoseconds / 1_000_000_000) << 20)
    for number in try Self.numbers(disk, path) {
      let name = Self.name(path, number)
      let file = try disk.open(name, creating: false)
      guard let header = try Self.header(of: file, number: number) else {
        // Torn while it was begun: nothing is in it.
        try disk.remove(name)
        continue
      }
      if !segments.isEmpty { segments[segments.count - 1].endID = header.previousEnd }
      segments.append(
        Segment(
          number: number,
          firstID: header.firstID,
          endID: header.firstID,
          byteCount: file.size
        )
      )
    }
    guard let last = segments.last else { return }
    var found: Settlement?
    if var reader = try reader(of: last.number) {
      found = try Self.settlement(in: &reader)
      segments[segments.count - 1].endID = reader.nextID
    }
    // One whose head is damaged says nothing.
    for segment in segments.dropLast().reversed() where found == nil {
      guard var reader = try reader(of: segment.number) else { continue }
      found = try Self.settlement(in: &reader)
    }
    settlement = found ?? Settlement()
    // Beyond what a power cut may have taken after it was published.
    nextID = max(nextID, segments[segments.count - 1].endID + (1 << 20))
  }

  /// The latest settlement that the rest of a segment tells of; `nil` when it tells of none.
  private static func settlement(in reader: inout SegmentReader) throws -> Settlement? {
    var latest: Settlement?
    while try reader.next(
      isWanted: { _ in false },
      deliver: { if case .settled(let settlement) = $0 { latest = settlement } }
    ) != nil {}
    return latest
  }

  var byteCount: Int64 { segments.reduce(0) { $0 + $1.byteCount } }

  /// Begins a new segment, whose numbers mean `plant` (JSON); it and all that comes before it is on
  /// the medium then.
  ///
  /// It tells of `settlement` from the first, so that the segments before it may go.
  package mutating func rotate(plant: [UInt8], settlement: Settlement = Settlement()) throws {
    if isTailDirty, let file {
      // Nobody may take it for a record, now that none replaces it.
      try file.write([UInt8](repeating: 0, count: 8), at: position)
      if isSyncBroken { try file.write(unsynced, at: position - Int64(unsynced.count)) }
      try syncFile()
      isTailDirty = false
    }
    try sync()
    if file == nil, let last = segments.last {
      // A killed run may have left what it wrote last in the system's cache.
      try disk.open(Self.name(path, last.number), creating: false).sync()
    }
    let number = max(segments.last?.number ?? 0, lowestNumber) + 1
    let file = try disk.open(Self.name(path, number), creating: true)
    let segment = Segment(number: number, firstID: nextID, endID: nextID, byteCount: 0)
    var header = Self.magic
    header += number.littleEndianBytes + nextID.littleEndianBytes
    header += (segments.last?.endID ?? nextID).littleEndianBytes
    header += Checksum.of(header[...]).littleEndianBytes
    var encoder = JournalEncoder()
    let settled = try encoder.encode([.settled(settlement)])
    let bytes =
      header + Self.record([0] + plant, segment: number, number: 0)
      + Self.record([1] + settled, segment: number, number: 1)
    do {
      try file.write(bytes, at: 0)
      try file.sync()
      try disk.syncFolder(Self.folder(path))
    } catch {
      // Should it come back with a power cut, it is none.
      try? file.write([UInt8](repeating: 0, count: Self.headerSize), at: 0)
      try? file.sync()
      try? disk.remove(Self.name(path, number))
      throw error
    }
    self.file = file
    segments.append(segment)
    segments[segments.count - 1].byteCount = Int64(bytes.count)
    self.encoder = encoder
    position = Int64(bytes.count)
    recordNumber = 2
    unsynced = []
    isSyncBroken = false
  }

  /// Records that are ready to be appended.
  package struct Draft {
    fileprivate var bytes: [UInt8] = []
    fileprivate var encoder: JournalEncoder
    fileprivate var recordCount: Int64 = 0
    fileprivate var entryCount: Int64 = 0

    var isEmpty: Bool { bytes.isEmpty }
  }

  /// The records of a batch, with its items in the order in which they are published, and behind it
  /// of the state of the core after them.
  package func draft(_ items: [JournalItem], snapshot: Snapshot?) throws -> Draft {
    guard let segment = segments.last, file != nil else {
      throw StoreError.other(path: path, detail: "the journal has not begun")
    }
    var draft = Draft(encoder: encoder)
    if !items.isEmpty {
      // Inputs may have given way before the state was taken: all of it counts, or nothing.
      let payload = [snapshot == nil ? 1 : 3] + (try draft.encoder.encode(items))
      draft.bytes = Self.record(payload, segment: segment.number, number: recordNumber)
      draft.recordCount = 1
    }
    if let snapshot {
      let number = recordNumber + draft.recordCount
      draft.bytes += Self.record(
        [2] + snapshot.journalBytes,
        segment: segment.number,
        number: number,
        stands: true
      )
      draft.recordCount += 1
    }
    draft.entryCount = Int64(items.count(where: \.isPublished))
    return draft
  }

  /// By how many bytes the files grow when `draft` is appended.
  func growth(for draft: Draft) -> Int64 {
    let end = position + Int64(draft.bytes.count)
    let present = segments.last?.byteCount ?? 0
    guard end > present else { return 0 }
    // A quarter of what is there, to the end of a page.
    let step = max(Self.pageBytes, min(Self.extensionBytes, present / 4))
    return (end + step + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes - present
  }

  /// Appends what `draft(_:snapshot:)` made last, all of it or nothing; on the medium if `isDurable`.
  package mutating func append(_ draft: Draft, isDurable: Bool) throws {
    guard let file else { return }
    let growth = growth(for: draft)
    if growth > 0 {
      do {
        try extend(file, by: growth)
      } catch {
        // Less than was asked for may still be enough.
        let room = segments[segments.count - 1].byteCount
        guard position + Int64(draft.bytes.count) <= room else { throw error }
      }
    }
    if isSyncBroken {
      // The system may have forgotten what it failed to write: say it again.
      try file.write(unsynced, at: position - Int64(unsynced.count))
    }
    isTailDirty = true
    try file.write(draft.bytes, at: position)
    if isDurable { try syncFile() }
    isTailDirty = false
    encoder = draft.encoder
    recordNumber += draft.recordCount
    position += Int64(draft.bytes.count)
    if !isDurable { unsynced += draft.bytes }
    nextID += draft.entryCount
    segments[segments.count - 1].endID = nextID
  }

  /// Brings what was appended to the medium.
  mutating func sync() throws {
    guard let file, !unsynced.isEmpty else { return }
    if isSyncBroken { try file.write(unsynced, at: position - Int64(unsynced.count)) }
    try syncFile()
  }

  private mutating func syncFile() throws {
    do {
      try file?.sync()
    } catch {
      isSyncBroken = true
      throw error
    }
    isSyncBroken = false
    unsynced.removeAll(keepingCapacity: true)
  }

  /// Page by page: Linux keeps what one call writes as one piece of its cache, and counts (and some
  /// file systems write) all of it again for each few bytes that change in it.
  private mutating func extend(_ file: any DiskFile, by count: Int64) throws {
    let end = segments[segments.count - 1].byteCount + count
    while segments[segments.count - 1].byteCount < end {
      let start = segments[segments.count - 1].byteCount
      let size = min(end - start, Self.pageBytes - start % Self.pageBytes)
      try file.write([UInt8](repeating: 0, count: Int(size)), at: start)
      segments[segments.count - 1].byteCount += size
    }
  }

  /// Removes the oldest segment; what was appended of confirmations is on the medium first,
  /// if that can be, lest what was told counts as given up.
  mutating func removeFirst() throws {
    guard segments.count > 1 else { return }
    try? sync()
    try disk.remove(Self.name(path, segments[0].number))
    segments.removeFirst()
    // Should it come back with a power cut, it goes once more.
    try? disk.syncFolder(Self.folder(path))
  }

  /// The newest states of the core that are whole, newest first, at most `count`.
  package func snapshots(_ count: Int) throws -> [StoredSnapshot] {
    var found: [StoredSnapshot] = []
    for segment in segments.reversed() where found.count < count {
      guard var reader = try reader(of: segment.number) else { continue }
      var here: [StoredSnapshot] = []
      while let snapshot = try reader.nextSnapshot() {
        let place = JournalPlace(segment: segment.number, recordCount: reader.recordCount)
        here = (here + [StoredSnapshot(snapshot: snapshot, place: place)]).suffix(count)
      }
      found += here.reversed()
    }
    return Array(found.prefix(count))
  }

  /// - Returns: `nil` for a segment whose head is damaged: nothing in it can be read.
  package func reader(of segment: Int64) throws -> SegmentReader? {
    // Behind what is committed may lie what a failed commit wrote.
    let isWritten = file != nil && segment == segments.last?.number
    return try SegmentReader(
      disk: disk,
      path: path,
      segment: segment,
      end: isWritten ? position : .max,
      known: known
    )
  }

  // MARK: - Files

  package static func name(_ path: String, _ number: Int64) -> String {
    let digits = String(number)
    return "\(path).journal-\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits)"
  }

  static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// The numbers of the segments of the store at `path`, rising.
  static func numbers(_ disk: any Disk, _ path: String) throws -> [Int64] {
    let base = path.split(separator: "/").last.map(String.init) ?? path
    let prefix = "\(base).journal-"
    return try disk.names(in: folder(path))
      .compactMap { $0.hasPrefix(prefix) ? Int64($0.dropFirst(prefix.count)) : nil }
      .sorted()
  }

  static func header(
    of file: any DiskFile,
    number: Int64
  ) throws -> (firstID: Int64, previousEnd: Int64)? {
    let bytes = try file.read(headerSize, at: 0)
    guard bytes.count == headerSize, bytes.starts(with: magic),
      Checksum.of(bytes[..<32]) == UInt32(littleEndianBytes: bytes[32...]),
      Int64(littleEndianBytes: bytes[8...]) == number
    else { return nil }
    let firstID = Int64(littleEndianBytes: bytes[16...])
    let previousEnd = Int64(littleEndianBytes: bytes[24...])
    // Those that follow must be possible as well.
    let possible = 0...JournalDecoder.largestID - 1 << 40
    guard possible.contains(firstID), possible.contains(previousEnd) else { return nil }
    return (firstID, previousEnd)
  }

  private static func record(
    _ payload: [UInt8],
    segment: Int64,
    number: Int64,
    stands: Bool = false
  ) -> [UInt8] {
    let length = UInt32(payload.count) | (stands ? 1 << 31 : 0)
    return length.littleEndianBytes
      + checksum(of: payload, segment: segment, number: number).littleEndianBytes + payload
  }

  static func checksum(of payload: [UInt8], segment: Int64, number: Int64) -> UInt32 {
    var checksum = Checksum()
    for word in [segment, number] {
      checksum.add(UInt32(truncatingIfNeeded: word))
      checksum.add(UInt32(truncatingIfNeeded: word >> 32))
    }
    checksum.add(payload[...])
    return checksum.value
  }
}

/// A plant, and the JSON at the head of the segments that tell of it: what is known need not be read.
package struct PlantText {
  package var plant: Plant
  package var json: [UInt8]

  package init(_ plant: Plant) throws {
    self.plant = plant
    json = Array(try encodeJSON(plant).utf8)
  }
}

extension Int64 {
  var littleEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> Int64(8 * $0)) }
  }

  init(littleEndianBytes bytes: some Collection<UInt8>) {
    self = 0
    var shift: Int64 = 0
    for byte in bytes.prefix(8) {
      self |= Int64(byte) << shift
      shift += 8
    }
  }
}
