import SignalProcessing

/// Why bytes are not what they should be.
package enum DamagedChunk: Error, Hashable, CustomStringConvertible {
  case checksum
  case content(String)

  package var description: String {
    switch self {
    case .checksum: "a chunk is damaged: its checksum does not fit; what it held is lost"
    case .content(let what): "a chunk is damaged: \(what); what it held is lost"
    }
  }
}

/// Numbers that follow one another, in as few bytes as they need, guarded by a checksum.
package enum Column {
  /// More than this no chunk holds: whatever says so is damaged.
  package static let mostCount = 1 << 20

  // MARK: - Integers

  /// `integers`, such as times or counts.
  package static func encode(_ integers: [Int64]) -> [UInt8] {
    var writer = BitWriter()
    writer.appendNumber(UInt64(integers.count))
    write(integers, to: &writer)
    return sealed(&writer)
  }

  /// What `encode` made of integers.
  package static func decodeIntegers(_ bytes: [UInt8]) throws(DamagedChunk) -> [Int64] {
    var reader = try opened(bytes)
    let count = try readCount(&reader)
    let integers = try readIntegers(count, from: &reader)
    guard !reader.isExhausted else { throw .content("it ends early") }
    return integers
  }

  /// Moments in nanoseconds, as what lies between them.
  package static func encode(times: [Int64]) -> [UInt8] {
    var previous: Int64 = 0
    return encode(
      times.map { time in
        defer { previous = time }
        return time &- previous
      }
    )
  }

  package static func decodeTimes(_ bytes: [UInt8]) throws(DamagedChunk) -> [Int64] {
    var times = try decodeIntegers(bytes)
    var time: Int64 = 0
    for index in times.indices {
      time &+= times[index]
      times[index] = time
    }
    return times
  }

  /// The first number as it is, then the steps from one to the next in units of their greatest
  /// common divisor.
  private static func write(_ integers: [Int64], to writer: inout BitWriter) {
    guard let first = integers.first else { return }
    // From the second on: the first time is far from all that lies between the others.
    let base = integers.count > 1 ? integers[1] : first
    var unit: UInt64 = 0
    for integer in integers.dropFirst(2) {
      unit = greatestCommonDivisor(unit, (integer &- base).magnitude)
      if unit == 1 { break }
    }
    // 2^63 alone is more than a step can be.
    let step = Int64(exactly: max(1, unit)) ?? 1
    writer.appendSigned(first)
    writer.appendSigned(base)
    writer.appendNumber(UInt64(step))
    var coder = IntegerCoder()
    for integer in integers.dropFirst(2) {
      coder.write(step == 1 ? integer &- base : (integer &- base) / step, to: &writer)
    }
    writer.align()
  }

  private static func readIntegers(
    _ count: Int,
    from reader: inout BitReader
  ) throws(DamagedChunk) -> [Int64] {
    guard count > 0 else { return [] }
    let first = reader.readSigned()
    let base = reader.readSigned()
    let step = Int64(bitPattern: reader.readNumber())
    guard step > 0 else { throw .content("its step is not above zero") }
    var integers = [Int64](repeating: first, count: count)
    if count > 1 { integers[1] = base }
    var coder = IntegerCoder()
    coder.read(into: &integers, from: 2, base: base, step: step, &reader)
    reader.align()
    return integers
  }

  private static func greatestCommonDivisor(_ one: UInt64, _ other: UInt64) -> UInt64 {
    var (one, other) = (one, other)
    while other != 0 { (one, other) = (other, one % other) }
    return one
  }

  // MARK: - Readings

  /// Values with a code of their quality, 0 for good.
  ///
  /// A value beside a quality other than good that is 0, as by convention where nothing was read, is
  /// not written at all.
  package static func encode(values: [Double], qualities: [UInt8]) -> [UInt8] {
    precondition(values.count == qualities.count, "each value needs a quality")
    var writer = BitWriter()
    writer.appendNumber(UInt64(values.count))
    let shown: [Double]
    if qualities.allSatisfy({ $0 == 0 }) {
      writer.appendNumber(0)
      shown = values
    } else {
      let runs = qualityRuns(values, qualities)
      writer.appendNumber(UInt64(runs.count))
      for run in runs {
        writer.appendByte(run.code)
        writer.appendNumber(UInt64(run.count) << 1 | (run.isShown ? 1 : 0))
      }
      shown = runs.flatMap { $0.isShown ? values[$0.start..<$0.start + $0.count] : [] }
    }
    let form = NumberForm.fitting(shown)
    writer.appendByte(form.code)
    write(shown.map { form.integer($0) ?? 0 }, to: &writer)
    return sealed(&writer)
  }

  package static func decodeReadings(
    _ bytes: [UInt8]
  ) throws(DamagedChunk) -> (values: [Double], qualities: [UInt8]) {
    var reader = try opened(bytes)
    let count = try readCount(&reader)
    let runCount = try readCount(&reader)
    guard runCount <= count else { throw .content("its qualities do not fit its length") }
    var runs: [QualityRun] = []
    var covered = 0
    for _ in 0..<runCount {
      let code = reader.readByte()
      let length = reader.readNumber()
      let run = QualityRun(
        code: code,
        start: covered,
        count: Int(clamping: length >> 1),
        isShown: length & 1 == 1
      )
      guard run.count <= count - covered else {
        throw .content("its qualities do not fit its length")
      }
      covered += run.count
      runs.append(run)
    }
    guard runCount == 0 || covered == count else {
      throw .content("its qualities do not fit its length")
    }
    guard let form = NumberForm(code: reader.readByte()) else {
      throw .content("its numbers have a form that this version does not know")
    }
    let shownCount = runCount == 0 ? count : runs.reduce(0) { $0 + ($1.isShown ? $1.count : 0) }
    let integers = try readIntegers(shownCount, from: &reader)
    guard !reader.isExhausted else { throw .content("it ends early") }
    let shown: [Double]
    if let divisor = form.divisor {
      shown = integers.map { Double($0) / divisor }
    } else {
      shown = integers.map(form.number)
    }
    if runCount == 0 { return (shown, [UInt8](repeating: 0, count: count)) }
    var values = [Double](repeating: 0, count: count)
    var qualities = [UInt8](repeating: 0, count: count)
    var next = 0
    for run in runs {
      for index in run.start..<run.start + run.count {
        qualities[index] = run.code
        if run.isShown {
          values[index] = shown[next]
          next += 1
        }
      }
    }
    return (values, qualities)
  }

  private struct QualityRun {
    var code: UInt8
    var start: Int
    var count: Int
    var isShown: Bool
  }

  private static func qualityRuns(_ values: [Double], _ qualities: [UInt8]) -> [QualityRun] {
    var runs: [QualityRun] = []
    for (index, code) in qualities.enumerated() {
      let isShown = code == 0 || values[index].bitPattern != 0
      if let last = runs.last, last.code == code, last.isShown == isShown {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(QualityRun(code: code, start: index, count: 1, isShown: isShown))
      }
    }
    return runs
  }

  // MARK: - Frame

  private static func sealed(_ writer: inout BitWriter) -> [UInt8] {
    writer.align()
    writer.appendBytes(Checksum.of(writer.bytes[...]).littleEndianBytes)
    return writer.bytes
  }

  private static func opened(_ bytes: [UInt8]) throws(DamagedChunk) -> BitReader {
    guard bytes.count >= 5 else { throw .content("it is too short") }
    let end = bytes.count - 4
    guard Checksum.of(bytes[..<end]) == UInt32(littleEndianBytes: bytes[end...]) else {
      throw .checksum
    }
    return BitReader(bytes, in: 0..<end)
  }

  private static func readCount(_ reader: inout BitReader) throws(DamagedChunk) -> Int {
    let count = reader.readNumber()
    guard count <= UInt64(mostCount) else { throw .content("it claims \(count) numbers") }
    return Int(count)
  }
}
