package import ConditionModel
import SampleCoding

/// Reads a segment from its beginning, also while it is written.
package struct SegmentReader {
  /// What a record was.
  package enum Record {
    case batch
    case snapshot(Snapshot)
  }

  let segment: Int64
  package private(set) var plant: Plant
  /// The identity of the next entry.
  private(set) var nextID: Int64
  private(set) var decoder: JournalDecoder
  /// Whether a record made no sense although its checksum fits; what follows means nothing then.
  private var isBroken = false
  private let file: any DiskFile
  private let path: String
  private var offset: Int64
  /// Nothing is read from here on.
  var end: Int64
  private var recordNumber: Int64 = 1
  /// Records that were read, or passed over.
  var recordCount: Int64 { recordNumber - 1 }
  private var buffer: [UInt8] = []
  private var bufferStart: Int64 = 0

  private static let longestRecord = 64 << 20
  private static let blockBytes = 65_536

  /// - Returns: `nil` where the head is damaged, so that nobody knows of what plant the rest tells.
  /// - Throws: When the disk does not let it be read.
  init?(
    disk: any Disk,
    path: String,
    segment: Int64,
    end: Int64 = .max,
    known: PlantText? = nil
  ) throws {
    self.path = Journal.name(path, segment)
    self.end = end
    self.segment = segment
    file = try disk.open(self.path, creating: false)
    guard let header = try Journal.header(of: file, number: segment) else { return nil }
    nextID = header.firstID
    offset = Int64(Journal.headerSize)
    plant = Plant(site: "", gateway: "", assets: [], channels: [])
    decoder = JournalDecoder(of: plant)
    guard let first = try payload(number: 0), first.payload.first == 0 else { return nil }
    let json = first.payload.dropFirst()
    if let known, json.elementsEqual(known.json) {
      plant = known.plant
    } else {
      let text = String(decoding: json, as: UTF8.self)
      guard let read = try? decodeJSON(Plant.self, from: text) else { return nil }
      plant = read
    }
    decoder = JournalDecoder(of: plant)
    offset = first.end
  }

  /// The next record; `nil` where there is none yet, or no more that is whole.
  ///
  /// `deliver` takes the items of a batch, without the frames of layouts that are not wanted (as in
  /// `JournalDecoder.decode`). Who does not want words cannot ask for `nextID` either: they tell what
  /// has an identity.
  package mutating func next(
    isWanted: (Int) -> Bool = { _ in true },
    wantsWords: Bool = true,
    deliver: (JournalItem) throws -> Void
  ) throws -> Record? {
    while !isBroken, let payload = try nextPayload() {
      switch payload.first {
      case 1, 3:
        var count: Int64 = 0
        do {
          try decoder.decode(
            Array(payload.dropFirst()),
            isWanted: isWanted,
            wantsWords: wantsWords
          ) { item in
            // What is passed over are frames, which all have an identity.
            if item?.isPublished ?? true { count += 1 }
            if let item { try deliver(item) }
          }
        } catch let error where error is DamagedChunk || error is DecodingError {
          isBroken = true
          return nil
        }
        nextID += count
        return .batch
      case 2:
        if let snapshot = Snapshot(journalBytes: Array(payload.dropFirst())) {
          return .snapshot(snapshot)
        }
      default: break  // Of a later version.
      }
    }
    return nil
  }

  /// The next state of the core, `nil` if none follows; batches are passed over unread, so that no
  /// call of `next` may come later.
  mutating func nextSnapshot() throws -> Snapshot? {
    while let payload = try nextPayload() {
      guard payload.first == 2 else { continue }
      if let snapshot = Snapshot(journalBytes: Array(payload.dropFirst())) { return snapshot }
    }
    return nil
  }

  private mutating func nextPayload() throws -> [UInt8]? {
    while true {
      if let found = try payload(number: recordNumber) {
        if found.payload.first == 3, try !isFollowed(found.end) {
          buffer = []
          return nil
        }
        offset = found.end
        recordNumber += 1
        return found.payload
      }
      // A damaged snapshot leaves the batches behind it as they are.
      guard let end = try skippable(number: recordNumber) else {
        // What is not there yet may be there next time.
        buffer = []
        return nil
      }
      offset = end
      recordNumber += 1
    }
  }

  private mutating func payload(number: Int64) throws -> (payload: [UInt8], end: Int64)? {
    guard let head = try bytes(8, at: offset) else { return nil }
    let length = Int(UInt32(littleEndianBytes: head[...]) & 0x7FFF_FFFF)
    guard length > 0, length <= Self.longestRecord,
      let payload = try bytes(length, at: offset + 8),
      Journal.checksum(of: payload, segment: segment, number: number)
        == UInt32(littleEndianBytes: head[4...])
    else { return nil }
    return (payload, offset + 8 + Int64(length))
  }

  /// Whether the record that ends at `end` was written with the one behind it; that may be damaged
  /// since, where another one follows.
  private mutating func isFollowed(_ end: Int64) throws -> Bool {
    let here = offset
    defer { offset = here }
    offset = end
    let next = recordNumber + 1
    return try payload(number: next) != nil || skippable(number: next) != nil
  }

  /// Where the record after this one begins, if this one is damaged and does not matter to it.
  private mutating func skippable(number: Int64) throws -> Int64? {
    guard let head = try bytes(4, at: offset) else { return nil }
    let word = UInt32(littleEndianBytes: head[...])
    let length = Int(word & 0x7FFF_FFFF)
    guard word >> 31 == 1, length > 0, length <= Self.longestRecord else { return nil }
    let here = offset
    defer { offset = here }
    offset = here + 8 + Int64(length)
    let end = offset
    return try payload(number: number + 1) == nil ? nil : end
  }

  private mutating func bytes(_ count: Int, at start: Int64) throws -> [UInt8]? {
    if start < bufferStart || start + Int64(count) > bufferStart + Int64(buffer.count) {
      let room = Int(clamping: end - start)
      guard count <= room else { return nil }
      buffer = try file.read(min(max(count, Self.blockBytes), room), at: start)
      bufferStart = start
    }
    let first = Int(start - bufferStart)
    guard first + count <= buffer.count else { return nil }
    return Array(buffer[first..<first + count])
  }
}

extension Snapshot {
  /// In a record of the journal.
  var journalBytes: [UInt8] {
    var writer = BitWriter()
    writer.appendSigned(timestamp.nanoseconds)
    writer.appendNumber(UInt64(fingerprint.utf8.count))
    writer.appendBytes(fingerprint.utf8)
    writer.appendBytes(state)
    return writer.bytes
  }

  init?(journalBytes bytes: [UInt8]) {
    var reader = BitReader(bytes)
    let timestamp = Timestamp(nanoseconds: reader.readSigned())
    let fingerprint = reader.readBytes(Int(clamping: reader.readNumber()))
    guard !reader.isExhausted else { return nil }
    self.init(
      timestamp: timestamp,
      fingerprint: String(decoding: fingerprint, as: UTF8.self),
      state: Array(bytes[reader.position...])
    )
  }
}
