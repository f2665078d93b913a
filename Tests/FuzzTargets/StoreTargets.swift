import ConditionModel
import HistoryStore
import SampleCoding
import SignalProcessing

extension FuzzTarget {
  /// Chunks of the store: columns of integers, times, readings and summaries.
  static let chunk = FuzzTarget(
    name: "chunk",
    seeds: {
      let times = (0..<40).map { Int64($0) * 1_000_000_007 + 1_790_000_000_000_000_000 }
      let tenths = (0..<40).map { Double($0 * $0 % 17) / 10 }
      let odd = [0, -0.0, .pi, 1e300, -Double.leastNonzeroMagnitude, .infinity, .nan, 65_535]
      let codes = [0, 0, 1, 1, 2, 2, 200, 0].map { UInt8($0) }
      return [
        [0] + Column.encode([0, 5, -5, .max, .min, 7]),
        [1] + Column.encode(times: times),
        [2] + Column.encode(values: tenths, qualities: tenths.map { _ in 0 }),
        [2] + Column.encode(values: odd, qualities: codes),
        [2] + Column.encode(values: [0, 0, 1], qualities: [3, 3, 3]),
        [3] + times.flatMap { $0.bigEndianBytes },
        [4] + odd.flatMap { [UInt8(0)] + Int64(bitPattern: $0.bitPattern).bigEndianBytes },
        [5]
          + summaryColumns,
      ]
    },
    repair: { bytes in
      guard bytes.count >= 6, bytes[0] <= 2 else { return bytes }
      return Array(bytes.dropLast(4)) + Checksum.of(bytes[1..<bytes.count - 4]).littleEndianBytes
    },
    attempt: { bytes in
      var draw = Draw(bytes)
      let kind = draw.byte()
      let rest = Array(draw.rest)
      do {
        switch kind {
        case 0: try examineIntegers(Column.decodeIntegers(rest))
        case 1:
          let times = try Column.decodeTimes(rest)
          let back = try Column.decodeTimes(Column.encode(times: times))
          try expect(back == times, "other times came back")
        case 2:
          let (values, qualities) = try Column.decodeReadings(rest)
          try examineReadings(values, qualities)
        case 3:
          try examineIntegers(
            (0..<rest.count / 8).map { _ in Int64(bitPattern: draw.bits()) }
          )
        case 4:
          var values: [Double] = []
          var qualities: [UInt8] = []
          while !draw.rest.isEmpty {
            qualities.append(draw.byte())
            values.append(Double(bitPattern: draw.bits()))
          }
          try examineReadings(values, qualities)
        default:
          let times: [Int64] = [60_000_000_000, 120_000_000_000]
          let summaries = try SummaryCoding.decode(rest, times: times)
          let kept = SummaryCoding.encode(summaries)
          let back = SummaryCoding.encode(try SummaryCoding.decode(kept, times: times))
          try expect(back == kept, "\(summaries) came back as something else")
        }
      } catch is DamagedChunk {}
    }
  )

  /// A segment of the journal: all that a start reads of it.
  static let journal = FuzzTarget(
    name: "journal",
    seeds: {
      let words = try journalSegment(of: wordedItems)
      return try [
        journalSegment(of: []), journalSegment(of: journalItems), words,
        repairedSegment(words.dropLast(8) + formerRecord(in: words)),
      ]
    },
    words: [
      "{\"tick\":{\"_0\":0}}", "\"at\":", "9223372036854775807", "-9223372036854775808", "null",
      "{\"clockStepped\":{\"by\":[0,1]}}", "[", "]", "{", "}", "1e400", "\"index\":3", "\"id\":",
      "18446744073709551615", "\"cleared\"", "\"phase\":",
    ],
    repair: repairedSegment,
    attempt: { bytes in
      let disk = MemoryDisk(files: ["d/s.journal-0000000001": bytes])
      let found: [JournalItem]
      do {
        found = try contents(of: disk)
      } catch is StoreError {
        return
      } catch is DamagedChunk {
        return
      } catch is DecodingError {
        return
      }
      // What was read can be written, and is read as the same.
      let copy = MemoryDisk(files: [:])
      try write(found, snapshot: nil, to: copy)
      let second = MemoryDisk(files: [:])
      // Each segment begins with what is settled.
      try write(Array(contents(of: copy).dropFirst()), snapshot: nil, to: second)
      try expect(
        copy.bytes(of: firstSegment) == second.bytes(of: firstSegment),
        "written and read again the journal holds something else than \(found)"
      )
    }
  )
}

private func examineIntegers(_ integers: [Int64]) throws {
  guard integers.count <= Column.mostCount else { return }
  let back = try Column.decodeIntegers(Column.encode(integers))
  try expect(back == integers, "\(integers) came back as \(back)")
}

private func examineReadings(_ values: [Double], _ qualities: [UInt8]) throws {
  let back = try Column.decodeReadings(Column.encode(values: values, qualities: qualities))
  try expect(
    back.values.map(\.bitPattern) == values.map(\.bitPattern) && back.qualities == qualities,
    "\(values) of \(qualities) came back as \(back)"
  )
}

/// Two minutes of one channel, as `SummaryCoding` has them.
private var summaryColumns: [UInt8] {
  var writer = BitWriter()
  for column in [
    Column.encode(values: [1, 0], qualities: [0, 3]),
    Column.encode(values: [2.5, 0], qualities: [0, 0]),
    Column.encode(values: [4, 0], qualities: [0, 0]),
    Column.encode([60, 0]),
  ] {
    writer.appendNumber(UInt64(column.count))
    writer.appendBytes(column)
  }
  return writer.bytes
}

// MARK: - The journal

/// What the numbers in the seeds mean.
let journalPlant = Plant(
  site: "s",
  gateway: "g",
  assets: [Asset(id: AssetID(index: 0), name: "m", kind: .fan)],
  channels: ["a", "b", "c"].enumerated().map { index, point in
    Channel(
      id: ChannelID(index: UInt16(index)),
      asset: AssetID(index: 0),
      location: "l",
      point: point,
      unit: "bar",
      quantity: .pressure,
      device: 0
    )
  }
)

private let firstSegment = "d/s.journal-0000000001"

private func opened(_ disk: MemoryDisk) throws -> Journal {
  try Journal(disk: disk, path: "d/s", now: Timestamp(seconds: 1_790_000_000), lowestID: 0)
}

/// All that is in the journal, read as a start reads it.
private func contents(of disk: MemoryDisk) throws -> [JournalItem] {
  let journal = try opened(disk)
  _ = try journal.snapshots(2)
  var items: [JournalItem] = []
  for segment in journal.segments {
    guard var reader = try journal.reader(of: segment.number) else { continue }
    while try reader.next(deliver: { items.append($0) }) != nil {}
  }
  return items
}

private func write(_ items: [JournalItem], snapshot: Snapshot?, to disk: MemoryDisk) throws {
  var journal = try opened(disk)
  try journal.rotate(plant: PlantText(journalPlant).json)
  let half = items.count / 2
  try journal.append(journal.draft(Array(items[..<half]), snapshot: snapshot), isDurable: false)
  try journal.append(journal.draft(Array(items[half...]), snapshot: nil), isDurable: true)
}

private func journalSegment(of items: [JournalItem]) throws -> [UInt8] {
  let disk = MemoryDisk(files: [:])
  let moment = Timestamp(seconds: 1_790_000_100)
  let snapshot = Snapshot(timestamp: moment, fingerprint: "f00", state: Array(0...40))
  try write(items, snapshot: snapshot, to: disk)
  let bytes = disk.bytes(of: firstSegment)
  // The room that was taken beforehand says nothing.
  return Array(bytes.prefix(bytes.lastIndex { $0 != 0 }.map { $0 + 9 } ?? 0))
}

private let journalItems: [JournalItem] = {
  let start = Timestamp(seconds: 1_790_000_000)
  var items: [JournalItem] = []
  for second in 0..<6 {
    let moment = start + .seconds(second)
    let frame = Frame(
      asset: AssetID(index: 0),
      timestamp: moment,
      channels: [ChannelID(index: 0), ChannelID(index: 2)],
      values: [Double(second) / 10, second == 3 ? 0 : .pi],
      qualities: [.good, second == 3 ? .bad(.noAnswer) : .good]
    )
    items.append(second == 4 ? .features(frame) : .input(.frame(frame)))
    items.append(.input(.tick(moment)))
  }
  items += [
    .input(.clockStepped(by: .seconds(-3_600))),
    .input(.acknowledge(advisory: 7, at: start)),
    .input(.shelve(advisory: 7, until: start + .seconds(60), at: start)),
    .input(
      .mark(MaintenanceMark(asset: AssetID(index: 0), timestamp: start, kind: .note, text: ""))
    ),
    .input(
      .waveform(
        Waveform(
          source: WaveformID(index: 0),
          asset: AssetID(index: 0),
          start: start,
          sampleRateHertz: 12_800,
          samples: [0.25, -0.5, 0.125],
          quality: .good
        )
      )
    ),
  ]
  var settlement = Settlement()
  var ranges = IDRanges()
  for range in [5...9, 10...12, 20...20] as [ClosedRange<Int64>] { ranges.insert(range) }
  settlement.readers = ["broker": ranges, "second": IDRanges()]
  settlement.droppedCount = 3
  items.append(.settled(settlement))
  return items
}()

/// What lies in the journal in words.
private let wordedItems: [JournalItem] = {
  let start = Timestamp(seconds: 1_790_000_000)
  let text = AdvisoryText(language: .english, title: "m, l: hot", text: "Since today.")
  let ended = DepartedMachine.Alert(
    id: 6,
    location: "l",
    findingClass: .sensor,
    priority: .low,
    since: start,
    isAcknowledged: true,
    text: text
  )
  return wordedOutputs(after: 0, alert: 7, at: start).map(JournalItem.output) + [
    .departed(DepartedMachine(name: "former", timestamp: start, alerts: [ended])),
    .answers([
      RequestAnswer(id: 1, timestamp: start, refusal: nil),
      RequestAnswer(id: 2, timestamp: start, refusal: "there is no open alert 9"),
    ]),
  ]
}()

/// An output of each kind, and the two ends of an alert.
func wordedOutputs(
  after sequence: UInt64,
  alert id: UInt64,
  at start: Timestamp
) -> [WordedOutput] {
  let asset = journalPlant.assets[0].id
  let finding = Finding(
    channel: ChannelID(index: 1),
    kind: .limit(.above, threshold: 80),
    state: .alert,
    since: start,
    observed: 81.5,
    extreme: 82
  )
  var alert = Advisory(
    id: id,
    asset: asset,
    findingClass: .machine,
    location: "l",
    phase: .raised,
    priority: .medium,
    since: start,
    timestamp: start,
    isAcknowledged: false,
    findings: [finding],
    suspects: [Suspect(mode: "cooling", evidence: [ChannelID(index: 1)])],
    unmoved: [ChannelID(index: 2)]
  )
  let state = StateReport(asset: asset, timestamp: start, change: .began, finding: finding)
  let health = HealthReport(
    asset: asset,
    timestamp: start,
    state: .alert,
    grade: 0.5,
    isRunning: true,
    coverage: 1,
    findings: [finding],
    suspects: []
  )
  let prognosis = Prognosis(asset: asset, timestamp: start, outlook: .noTrend(.learning))
  var contents: [PipelineOutput.Content] = [
    .state(state), .health(health), .prognosis(prognosis), .advisory(alert),
  ]
  alert.phase = .cleared
  alert.timestamp = start + .seconds(60)
  contents.append(.advisory(alert))
  let text = AdvisoryText(language: .english, title: "m, l: hot", text: "Since today.")
  return contents.enumerated().map { index, content in
    let output = PipelineOutput(sequence: sequence + UInt64(index) + 1, content: content)
    return WordedOutput(output, text: index < 3 ? nil : text)
  }
}

/// A record as earlier versions wrote it: two entries of a segment are confirmed, and nothing says
/// how many were given up.
private func formerRecord(in segment: [UInt8]) -> [UInt8] {
  let first = segment[16..<24].reversed().reduce(0) { $0 << 8 | Int64($1) }
  var writer = BitWriter()
  writer.appendByte(1)
  writer.appendNumber(7)
  writer.appendNumber(1)
  writer.appendNumber(6)
  writer.appendBytes("broker".utf8)
  writer.appendNumber(1)
  writer.appendSigned(first)
  writer.appendNumber(1)
  writer.align()
  return UInt32(writer.bytes.count).littleEndianBytes + [0, 0, 0, 0] + writer.bytes
}

/// A segment whose head and records have the checksums that belong to what is in them.
private func repairedSegment(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  guard bytes.count > 44 else { return bytes }
  func put(_ number: UInt32, at place: Int) {
    bytes.replaceSubrange(place..<place + 4, with: number.littleEndianBytes)
  }
  bytes.replaceSubrange(0..<8, with: "VIGIEJ1\n".utf8)
  bytes.replaceSubrange(8..<16, with: [1, 0, 0, 0, 0, 0, 0, 0])
  put(Checksum.of(bytes[..<32]), at: 32)
  var place = 36
  var number: UInt64 = 0
  while place + 9 <= bytes.count {
    let word = UInt32(littleEndianBytes: bytes[place..<place + 4])
    var length = Int(word & 0x7FFF_FFFF)
    // A length that cannot be becomes that of all that is left.
    if length == 0 || length > bytes.count - place - 8 {
      length = bytes.count - place - 8
      put(UInt32(length), at: place)
    }
    var checksum = Checksum()
    checksum.add([1, 0, 0, 0, 0, 0, 0, 0])
    checksum.add((0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }[...])
    checksum.add(bytes[place + 8..<place + 8 + length])
    put(checksum.value, at: place + 4)
    place += 8 + length
    number += 1
  }
  return bytes
}

extension Int64 {
  fileprivate var bigEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * Int64($0))) }
  }
}
