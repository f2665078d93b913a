package import ConditionModel
import FoundationEssentials
import SampleCoding

// How a batch lies in a record of the journal. A record is a row of items; frames of one layout
// follow one another in the code of `IntegerCoder`, so each segment is read from its beginning.

/// One thing in a record, in the numbers of the segment's plant.
package enum JournalItem {
  case input(PipelineInput)
  /// Values that the core made: stored and published like those that were read.
  case features(Frame)
  case output(WordedOutput)
  case departed(DepartedMachine)
  case answers([RequestAnswer])
  /// What nobody need hear any more by then.
  case settled(Settlement)

  /// Whether it has an identity in the outbox.
  var isPublished: Bool {
    switch self {
    case .input(.frame), .features, .departed: true
    case .output(let worded): worded.output.isPublished
    case .input, .answers, .settled: false
    }
  }

  /// Whether tables of the database tell of it.
  var isForTables: Bool {
    switch self {
    case .output, .departed, .answers: true
    case .input, .features, .settled: false
    }
  }
}

/// What became of the entries of the outbox that no longer wait.
///
/// Both are in one record: whatever is lost with it, what was given up is counted once.
package struct Settlement: Hashable, Sendable {
  /// By reader: what it has confirmed, and what was given up before it had.
  package var readers: [String: IDRanges] = [:]
  /// How many entries were given up.
  package var droppedCount = 0
  /// Whether identities that no run gave are in it too: former versions left them out.
  var isWithoutHoles = true

  package init() {}
}

/// The first number of each item; frames have that of their layout, from `firstLayout` on.
private enum Tag {
  static let layout: UInt64 = 1
  static let tick: UInt64 = 2
  static let input: UInt64 = 3
  static let waveform: UInt64 = 4
  static let output: UInt64 = 5
  static let answers: UInt64 = 6
  /// What `settled` replaced: without the number of entries given up.
  static let acknowledged: UInt64 = 7
  static let departed: UInt64 = 8
  static let settled: UInt64 = 9
  static let firstLayout: UInt64 = 16
}

/// The frames of a machine that hold the same channels, and what is remembered of the last one.
struct JournalLayout {
  var asset: AssetID
  var channels: [ChannelID]
  /// Whether the core made the values.
  var isFeature: Bool
  fileprivate var forms: [NumberForm]
  private var values: [IntegerCoder]
  private var times = IntegerCoder()
  /// `nil` before the first frame.
  private var lastTime: Int64?
  private var codes: [UInt8]
  private var isShown: [Bool]

  fileprivate init(asset: AssetID, channels: [ChannelID], isFeature: Bool) {
    self.asset = asset
    self.channels = channels
    self.isFeature = isFeature
    forms = channels.map { _ in .decimal(exponent: 0) }
    values = channels.map { _ in IntegerCoder() }
    codes = channels.map { _ in 0 }
    isShown = channels.map { _ in true }
  }

  /// From now on a channel has another form; it begins anew.
  fileprivate mutating func change(_ place: Int, to form: NumberForm) {
    forms[place] = form
    values[place] = IntegerCoder()
  }

  fileprivate mutating func write(_ frame: Frame, to writer: inout BitWriter) {
    let time = frame.timestamp.nanoseconds
    if let lastTime {
      times.write(time &- lastTime, to: &writer)
    } else {
      writer.append(UInt64(bitPattern: time) >> 32, count: 32)
      writer.append(UInt64(bitPattern: time) & 0xFFFF_FFFF, count: 32)
    }
    lastTime = time
    var isSame = true
    for place in channels.indices {
      let code = frame.qualities[place].storedCode
      let shown = code == 0 || frame.values[place].bitPattern != 0
      if code != codes[place] || shown != isShown[place] {
        isSame = false
        codes[place] = code
        isShown[place] = shown
      }
    }
    writer.append(isSame ? 0 : 1, count: 1)
    if !isSame {
      for place in channels.indices {
        writer.append(codes[place] == 0 ? 0 : 1, count: 1)
        if codes[place] != 0 {
          writer.append(UInt64(codes[place]) << 1 | (isShown[place] ? 1 : 0), count: 9)
        }
      }
    }
    for place in channels.indices where isShown[place] {
      values[place].write(forms[place].integer(frame.values[place]) ?? 0, to: &writer)
    }
  }

  fileprivate mutating func read(from reader: inout BitReader) -> Frame {
    let time: Int64
    if let lastTime {
      time = lastTime &+ times.read(from: &reader)
    } else {
      let high = reader.read(32)
      time = Int64(bitPattern: high << 32 | reader.read(32))
    }
    lastTime = time
    if reader.read(1) == 1 {
      for place in channels.indices {
        let pair = reader.read(1) == 1 ? reader.read(9) : 1
        codes[place] = UInt8(truncatingIfNeeded: pair >> 1)
        isShown[place] = pair & 1 == 1
      }
    }
    var frame = Frame(
      asset: asset,
      timestamp: Timestamp(nanoseconds: time),
      channels: channels,
      values: [Double](repeating: 0, count: channels.count),
      qualities: codes.map(Quality.init(storedCode:))
    )
    for place in channels.indices where isShown[place] {
      frame.values[place] = forms[place].number(values[place].read(from: &reader))
    }
    return frame
  }
}

/// Writes the records of one segment.
struct JournalEncoder {
  private struct Key: Hashable {
    var asset: AssetID
    var channels: [ChannelID]
    var isFeature: Bool
  }

  private var layouts: [JournalLayout] = []
  private var numbers: [Key: Int] = [:]
  private var lastTick: Int64 = 0

  /// The bytes of `items`.
  mutating func encode(_ items: [JournalItem]) throws -> [UInt8] {
    var writer = BitWriter()
    for item in items { try write(item, to: &writer) }
    writer.align()
    return writer.bytes
  }

  private mutating func write(_ item: JournalItem, to writer: inout BitWriter) throws {
    switch item {
    case .input(.frame(let frame)): write(frame, isFeature: false, to: &writer)
    case .features(let frame): write(frame, isFeature: true, to: &writer)
    case .input(.tick(let moment)):
      writer.appendNumber(Tag.tick)
      writer.appendSigned(moment.nanoseconds &- lastTick)
      lastTick = moment.nanoseconds
    case .input(.waveform(let waveform)):
      writer.appendNumber(Tag.waveform)
      writer.appendNumber(UInt64(waveform.source.index))
      writer.appendNumber(UInt64(waveform.asset.index))
      writer.appendSigned(waveform.start.nanoseconds)
      writer.appendNumber(waveform.sampleRateHertz.bitPattern)
      writer.appendByte(waveform.quality.storedCode)
      let samples = Column.encode(
        values: waveform.samples.map(Double.init),
        qualities: [UInt8](repeating: 0, count: waveform.samples.count)
      )
      writer.appendNumber(UInt64(samples.count))
      writer.appendBytes(samples)
    case .input(let input):
      try write(Tag.input, encodeJSON(input), to: &writer)
    case .output(let worded):
      try write(Tag.output, encodeJSON(worded), to: &writer)
    case .departed(let machine):
      try write(Tag.departed, encodeJSON(machine), to: &writer)
    case .answers(let answers):
      try write(Tag.answers, encodeJSON(answers), to: &writer)
    case .settled(let settlement):
      writer.appendNumber(Tag.settled)
      writer.appendNumber(UInt64(settlement.droppedCount))
      writer.appendNumber(UInt64(settlement.readers.count))
      for (name, ranges) in settlement.readers.sorted(by: { $0.key < $1.key }) {
        writer.appendNumber(UInt64(name.utf8.count))
        writer.appendBytes(name.utf8)
        write(ranges, to: &writer)
      }
    }
  }

  private func write(_ ranges: IDRanges, to writer: inout BitWriter) {
    writer.appendNumber(UInt64(ranges.ranges.count))
    var last: Int64 = 0
    for range in ranges.ranges {
      writer.appendSigned(range.lowerBound &- last)
      writer.appendNumber(UInt64(range.upperBound - range.lowerBound))
      last = range.upperBound
    }
  }

  private func write(_ tag: UInt64, _ json: String, to writer: inout BitWriter) {
    writer.appendNumber(tag)
    writer.appendNumber(UInt64(json.utf8.count))
    writer.appendBytes(json.utf8)
  }

  private mutating func write(_ frame: Frame, isFeature: Bool, to writer: inout BitWriter) {
    let key = Key(asset: frame.asset, channels: frame.channels, isFeature: isFeature)
    let number: Int
    var isNew = false
    if let known = numbers[key] {
      number = known
    } else {
      number = layouts.count
      isNew = true
      numbers[key] = number
      layouts.append(
        JournalLayout(asset: frame.asset, channels: frame.channels, isFeature: isFeature)
      )
    }
    var changes: [(place: Int, form: NumberForm)] = []
    for place in frame.values.indices {
      let value = frame.values[place]
      // What is not shown is 0, which every form has.
      if layouts[number].forms[place].integer(value) == nil {
        changes.append((place, .fitting(value, from: layouts[number].forms[place])))
      }
    }
    if isNew || !changes.isEmpty {
      writer.appendNumber(Tag.layout)
      writer.appendNumber(UInt64(number))
      if isNew {
        writer.appendNumber(UInt64(frame.asset.index))
        writer.appendNumber(isFeature ? 1 : 0)
        writer.appendNumber(UInt64(frame.channels.count))
        for channel in frame.channels { writer.appendNumber(UInt64(channel.index)) }
      }
      writer.appendNumber(UInt64(changes.count))
      for change in changes {
        writer.appendNumber(UInt64(change.place))
        writer.appendByte(change.form.code)
        layouts[number].change(change.place, to: change.form)
      }
    }
    var body = BitWriter()
    layouts[number].write(frame, to: &body)
    body.align()
    writer.appendNumber(Tag.firstLayout + UInt64(number))
    writer.appendNumber(UInt64(body.bytes.count))
    writer.appendBytes(body.bytes)
  }
}

/// Reads the records of one segment, from its first on.
struct JournalDecoder {
  private(set) var layouts: [JournalLayout] = []
  private var lastTick: Int64 = 0
  private let assetCount: Int
  private let channelCount: Int
  private let waveformCount: Int

  /// - Parameter plant: What numbers mean.
  init(of plant: Plant) {
    assetCount = plant.assets.count
    channelCount = plant.channels.count
    waveformCount = plant.waveforms.count
  }

  /// Identities begin at the seconds since 1970 times 2²⁰: there are none like these before the year
  /// 100,000, and room to count on above them.
  static let largestID: Int64 = 1 << 62

  /// The items of a record.
  ///
  /// - Parameters:
  ///   - payload: What `JournalEncoder.encode` made.
  ///   - isWanted: Whether the frames of a layout are of interest; others are passed over, and must
  ///     be passed over in the whole segment.
  ///   - wantsWords: Whether what is written in JSON is of interest; otherwise it is passed over.
  ///   - deliver: Takes each item, and for those passed over `nil`.
  /// - Throws: For bytes that no encoder made.
  mutating func decode(
    _ payload: [UInt8],
    isWanted: (Int) -> Bool = { _ in true },
    wantsWords: Bool = true,
    deliver: (JournalItem?) throws -> Void
  ) throws {
    var reader = BitReader(payload)
    while !reader.isAtEnd {
      let tag = reader.readNumber()
      switch tag {
      case Tag.layout: try readLayout(&reader)
      case Tag.tick:
        lastTick &+= reader.readSigned()
        try deliver(.input(.tick(Timestamp(nanoseconds: lastTick))))
      case Tag.waveform: try deliver(.input(.waveform(try readWaveform(&reader))))
      case Tag.input where !wantsWords, Tag.output where !wantsWords,
        Tag.departed where !wantsWords, Tag.answers where !wantsWords:
        _ = reader.readBytes(Int(clamping: reader.readNumber()))
        try deliver(nil)
      case Tag.input:
        let input = try readJSON(PipelineInput.self, &reader)
        if case .mark(let mark) = input { try check(mark.asset) }
        try deliver(.input(input))
      case Tag.output:
        let worded = try readJSON(WordedOutput.self, &reader)
        try check(worded.output.asset, worded.output.channels)
        try deliver(.output(worded))
      case Tag.departed:
        try deliver(.departed(try readJSON(DepartedMachine.self, &reader)))
      case Tag.answers:
        try deliver(.answers(try readJSON([RequestAnswer].self, &reader)))
      case Tag.acknowledged, Tag.settled:
        var settlement = Settlement()
        if tag == Tag.settled {
          settlement.droppedCount = Int(min(reader.readNumber(), 1 << 61))
        } else {
          settlement.isWithoutHoles = false
        }
        let count = reader.readNumber()
        guard count <= 64 else { throw DamagedChunk.content("it has too many readers") }
        for _ in 0..<count {
          let name = reader.readBytes(Int(clamping: reader.readNumber()))
          settlement.readers[String(decoding: name, as: UTF8.self)] = try readRanges(&reader)
        }
        try deliver(.settled(settlement))
      case Tag.firstLayout..<Tag.firstLayout + UInt64(layouts.count):
        let number = Int(tag - Tag.firstLayout)
        let body = reader.readBytes(Int(clamping: reader.readNumber()))
        guard isWanted(number) else {
          try deliver(nil)
          continue
        }
        var bits = BitReader(body)
        let frame = layouts[number].read(from: &bits)
        guard !bits.isExhausted else { throw DamagedChunk.content("a frame ends early") }
        try deliver(layouts[number].isFeature ? .features(frame) : .input(.frame(frame)))
      default: throw DamagedChunk.content("it holds an item of an unknown kind")
      }
      guard !reader.isExhausted else { throw DamagedChunk.content("an item ends early") }
    }
  }

  private mutating func readLayout(_ reader: inout BitReader) throws {
    let number = Int(clamping: reader.readNumber())
    guard number <= layouts.count else { throw DamagedChunk.content("a layout is missing") }
    if number == layouts.count {
      let asset = AssetID(index: UInt16(truncatingIfNeeded: reader.readNumber()))
      let isFeature = reader.readNumber() == 1
      let count = reader.readNumber()
      guard count <= 65_536, !reader.isExhausted else {
        throw DamagedChunk.content("a layout has too many channels")
      }
      let channels = (0..<count).map { _ in
        ChannelID(index: UInt16(truncatingIfNeeded: reader.readNumber()))
      }
      try check(asset, channels)
      layouts.append(JournalLayout(asset: asset, channels: channels, isFeature: isFeature))
    }
    let changeCount = reader.readNumber()
    guard changeCount <= UInt64(layouts[number].channels.count) else {
      throw DamagedChunk.content("a layout changes more channels than it has")
    }
    for _ in 0..<changeCount {
      let place = Int(clamping: reader.readNumber())
      guard place < layouts[number].channels.count,
        let form = NumberForm(code: reader.readByte())
      else { throw DamagedChunk.content("a channel has a form that this version does not know") }
      layouts[number].change(place, to: form)
    }
  }

  private func readWaveform(_ reader: inout BitReader) throws -> Waveform {
    let source = WaveformID(index: UInt16(truncatingIfNeeded: reader.readNumber()))
    let asset = AssetID(index: UInt16(truncatingIfNeeded: reader.readNumber()))
    let start = Timestamp(nanoseconds: reader.readSigned())
    let rate = Double(bitPattern: reader.readNumber())
    let quality = Quality(storedCode: reader.readByte())
    try check(asset)
    guard Int(source.index) < waveformCount else {
      throw DamagedChunk.content("a waveform is of no sensor of the plant")
    }
    let bytes = reader.readBytes(Int(clamping: reader.readNumber()))
    return Waveform(
      source: source,
      asset: asset,
      start: start,
      sampleRateHertz: rate,
      samples: try Column.decodeReadings(bytes).values.map { Float($0) },
      quality: quality
    )
  }

  private func check(_ asset: AssetID, _ channels: [ChannelID] = []) throws {
    guard Int(asset.index) < assetCount,
      channels.allSatisfy({ Int($0.index) < channelCount })
    else { throw DamagedChunk.content("an item is of no machine or channel of the plant") }
  }

  private func readJSON<Value: Decodable>(
    _ type: Value.Type,
    _ reader: inout BitReader
  ) throws -> Value {
    let bytes = reader.readBytes(Int(clamping: reader.readNumber()))
    return try decodeJSON(type, from: String(decoding: bytes, as: UTF8.self))
  }

  private func readRanges(_ reader: inout BitReader) throws -> IDRanges {
    let count = reader.readNumber()
    guard count <= 1 << 16 else { throw DamagedChunk.content("it confirms too much") }
    var ranges = IDRanges()
    var last: Int64 = 0
    for _ in 0..<count {
      let first = last &+ reader.readSigned()
      last = first &+ Int64(clamping: reader.readNumber())
      guard 0 <= first, first <= last, last <= Self.largestID, !reader.isExhausted else {
        throw DamagedChunk.content("it confirms what cannot be")
      }
      ranges.insert(first...last)
    }
    return ranges
  }
}

extension PipelineOutput {
  /// All that it names.
  fileprivate var channels: [ChannelID] {
    switch content {
    case .features(let frame): frame.channels
    case .state(let report): [report.finding.channel]
    case .health(let report):
      report.findings.map(\.channel) + report.suspects.flatMap(\.evidence)
    case .prognosis(let prognosis):
      if case .remainingLife(let life) = prognosis.outlook { life.channels } else { [] }
    case .advisory(let advisory):
      advisory.findings.map(\.channel) + advisory.suspects.flatMap(\.evidence)
        + advisory.unmoved + (advisory.life?.channels ?? [])
    }
  }
}

/// Whole numbers as few ranges, rising and apart from each other.
package struct IDRanges: Hashable, Sendable {
  package private(set) var ranges: [ClosedRange<Int64>] = []

  package init() {}

  init(_ range: ClosedRange<Int64>) { ranges = [range] }

  package mutating func insert(_ new: ClosedRange<Int64>) {
    // The usual case: right behind the last one.
    if let last = ranges.last, new.lowerBound == last.upperBound + 1 {
      ranges[ranges.count - 1] = last.lowerBound...new.upperBound
      return
    }
    let start = ranges.firstIndex { $0.upperBound >= new.lowerBound - 1 } ?? ranges.endIndex
    var end = start
    var merged = new
    while end < ranges.endIndex, ranges[end].lowerBound <= new.upperBound + 1 {
      merged =
        min(
          merged.lowerBound,
          ranges[end].lowerBound
        )...max(merged.upperBound, ranges[end].upperBound)
      end += 1
    }
    ranges.replaceSubrange(start..<end, with: [merged])
  }

  /// The range that holds `id`; `nil` if none does.
  func range(holding id: Int64) -> ClosedRange<Int64>? {
    ranges.first { $0.contains(id) }
  }

  /// How many numbers above the lowest and below `end` are not in here.
  func missingCount(below end: Int64) -> Int64 {
    guard let first = ranges.first?.lowerBound, first < end else { return 0 }
    return end - first - count(in: first..<end)
  }

  /// How many numbers of `span` are in here.
  func count(in span: Range<Int64>) -> Int64 {
    ranges.reduce(0) { sum, range in
      sum
        + max(
          0,
          min(range.upperBound + 1, span.upperBound) - max(range.lowerBound, span.lowerBound)
        )
    }
  }
}
