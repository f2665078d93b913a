/// Bits in a row, highest first, on their way into bytes.
package struct BitWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var pendingCount = 0

  package init() {}

  /// Appends the lowest `count` bits of `bits`, 0…56 of them; higher ones must be 0.
  @inline(__always)
  package mutating func append(_ bits: UInt64, count: Int) {
    pending = pending << UInt64(count) | bits
    pendingCount &+= count
    while pendingCount >= 8 {
      pendingCount &-= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingCount)))
    }
  }

  /// Fills the last byte with zeros.
  package mutating func align() {
    if pendingCount > 0 { append(0, count: 8 - pendingCount) }
  }

  /// Appends a whole byte; the bits before it are aligned.
  package mutating func appendByte(_ byte: UInt8) {
    align()
    bytes.append(byte)
  }

  package mutating func appendBytes(_ more: some Sequence<UInt8>) {
    align()
    bytes.append(contentsOf: more)
  }

  /// Appends a number in groups of seven bits, lowest first, as Protobuf writes them.
  package mutating func appendNumber(_ number: UInt64) {
    align()
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Appends a number with its sign in the lowest bit, so that small ones of both signs are short.
  package mutating func appendSigned(_ number: Int64) {
    appendNumber(number.folded)
  }

  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    pending = 0
    pendingCount = 0
  }
}

/// Reads what a `BitWriter` has written.
///
/// Behind the end come zeros, and `isExhausted` says so: whoever reads checks it once, at the end.
package struct BitReader: Sendable {
  private let bytes: [UInt8]
  private let end: Int
  /// Of the next byte that is not in `window` yet.
  private var next: Int
  /// The next bits, highest first.
  private var window: UInt64 = 0
  private var windowCount = 0
  /// Bits handed out that were not there.
  private var missingCount = 0

  package init(_ bytes: [UInt8]) {
    self.init(bytes, in: 0..<bytes.count)
  }

  /// Reads the part `range` of `bytes`.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    next = range.lowerBound
    end = range.upperBound
  }

  /// Whether more was read than there is.
  package var isExhausted: Bool { missingCount > windowCount }

  /// Where the next whole byte lies.
  package var position: Int { min(end, next - windowCount / 8) }

  package var isAtEnd: Bool { position >= end }

  @inline(__always)
  private mutating func fill() {
    while windowCount <= 56 {
      if next < end {
        window |= UInt64(bytes[next]) << UInt64(56 &- windowCount)
      } else {
        missingCount &+= 8
      }
      next &+= 1
      windowCount &+= 8
    }
  }

  /// The next `count` bits, 0…56 of them.
  @inline(__always)
  package mutating func read(_ count: Int) -> UInt64 {
    if windowCount < count { fill() }
    let result = count == 0 ? 0 : window >> UInt64(64 &- count)
    window <<= UInt64(count)
    windowCount &-= count
    return result
  }

  /// How many ones come before the next zero, at most `limit` (0…56): the zero is taken too, unless
  /// the limit came first.
  @inline(__always)
  package mutating func readOnes(limit: Int) -> Int {
    if windowCount <= limit { fill() }
    let ones = min((~window).leadingZeroBitCount, limit)
    let taken = ones < limit ? ones &+ 1 : limit
    window <<= UInt64(taken)
    windowCount &-= taken
    return ones
  }

  /// How many zeros come before the next one, at most `limit`: they are taken, the one is not.
  package mutating func readZeros(limit: Int) -> Int {
    var zeros = 0
    while zeros < limit {
      if windowCount == 0 { fill() }
      let taken = min(window.leadingZeroBitCount, windowCount, limit &- zeros)
      window <<= UInt64(taken)
      windowCount &-= taken
      zeros &+= taken
      if windowCount > 0 { break }
    }
    return zeros
  }

  /// Leaves out the rest of the present byte.
  package mutating func align() {
    _ = read(windowCount % 8)
  }

  package mutating func readByte() -> UInt8 {
    align()
    return UInt8(read(8))
  }

  /// `count` whole bytes; fewer where they end.
  package mutating func readBytes(_ count: Int) -> [UInt8] {
    align()
    let start = position
    // What damaged bytes ask for may be as much as an `Int` can say.
    let stop = start + min(max(0, count), end - start)
    if isExhausted || stop - start < count {
      missingCount = .max / 2
    } else {
      missingCount = 0
    }
    next = stop
    window = 0
    windowCount = 0
    return Array(bytes[start..<stop])
  }

  package mutating func readNumber() -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = readByte()
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
    }
    return number
  }

  package mutating func readSigned() -> Int64 {
    Int64(folded: readNumber())
  }
}

extension Int64 {
  /// Small where the number is near 0, on either side: 0, −1, 1, −2, … are 0, 1, 2, 3, ….
  @inline(__always)
  package var folded: UInt64 { UInt64(bitPattern: self << 1 ^ self >> 63) }

  @inline(__always)
  package init(folded: UInt64) {
    self = Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }
}
