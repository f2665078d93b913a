/// Writes integers that follow one another in as few bits as their past lets expect.
///
/// Each number is foretold from those before it, by that of three ways which has foretold best of
/// late; what is missed goes out in a Golomb–Rice code whose parameter follows the usual size of the
/// misses. The reader does the same reckoning, so nothing but the misses is written, and numbers can
/// be appended one at a time: a chunk and a journal use the same code.
///
/// - SeeAlso: Rice, "Some practical universal noiseless coding techniques", JPL 79-22 (1979); the
///   parameter from a running mean as in ITU-T T.87 (JPEG-LS), A.3.
package struct IntegerCoder: Hashable, Sendable {
  private var last: Int64 = 0
  /// How much the last number was above the one before.
  private var rise: Int64 = 0
  /// The running mean in sixteenths.
  private var mean: Int64 = 0
  /// The recent misses of each way, in sixteenths of a number.
  private var lastCost: UInt64 = 0
  private var riseCost: UInt64 = 0
  private var meanCost: UInt64 = 0
  /// The running mean of folded misses, in sixteenths.
  private var level: UInt64 = 64
  private var count = 0

  /// Longer runs of ones are not written: the number comes in full.
  private static let longestRun = 24
  /// No miss counts for more: the reckoning stays within 64 bits.
  private static let largestMiss: UInt64 = 1 << 48

  package init() {}

  @inline(__always)
  private var forecast: Int64 {
    if lastCost <= riseCost {
      lastCost <= meanCost ? last : mean >> 4
    } else {
      riseCost <= meanCost ? last &+ rise : mean >> 4
    }
  }

  @inline(__always)
  private var parameter: Int {
    // The best parameter is near the binary logarithm of 0.7 times the mean.
    64 &- ((level &* 11) >> 8).leadingZeroBitCount
  }

  @inline(__always)
  private mutating func learn(_ number: Int64, miss: UInt64) {
    @inline(__always)
    func cost(_ old: UInt64, _ guess: Int64) -> UInt64 {
      let distance = (number &- guess).magnitude
      return old &- old >> 4 &+ min(distance, Self.largestMiss)
    }
    if count == 0 {
      mean = number &<< 4
    } else {
      lastCost = cost(lastCost, last)
      riseCost = cost(riseCost, last &+ rise)
      meanCost = cost(meanCost, mean >> 4)
      rise = number &- last
      // Quick at first, then over some eight numbers.
      mean = mean &+ ((number &<< 4) &- mean) >> (count < 4 ? 1 : 3)
      level = level &- level >> 4 &+ min(miss, Self.largestMiss)
    }
    last = number
    count = min(count &+ 1, 4)
  }

  /// Appends `number`.
  @inline(__always)
  package mutating func write(_ number: Int64, to writer: inout BitWriter) {
    let miss = (number &- forecast).folded
    let parameter = min(parameter, 56)
    let run = miss >> UInt64(parameter)
    if run < UInt64(Self.longestRun) {
      // Ones, a zero, and the lowest bits.
      writer.append((1 << (run &+ 1)) &- 2, count: Int(run) &+ 1)
      writer.append(miss & ((1 << UInt64(parameter)) &- 1), count: parameter)
    } else {
      writer.append((1 << UInt64(Self.longestRun)) &- 1, count: Self.longestRun)
      let width = 64 &- miss.leadingZeroBitCount
      writer.append(UInt64(width &- 1), count: 6)
      writer.append(miss >> 32, count: max(0, width &- 32))
      writer.append(miss & 0xFFFF_FFFF, count: min(width, 32))
    }
    learn(number, miss: miss)
  }

  /// The number that every further zero bit stands for, as after a row of equal numbers; `nil` where
  /// a zero would change what comes next.
  @inline(__always)
  private var steadyNumber: Int64? {
    guard level | lastCost | riseCost | meanCost < 16, rise == 0, count == 4,
      mean == last &<< 4, mean >> 4 == last
    else { return nil }
    return last
  }

  /// Reads the numbers from `start` on into `numbers`, each `base + step · number`.
  ///
  /// The same as one at a time; rows of equal numbers, as of even times, take a step each 64.
  package mutating func read(
    into numbers: inout [Int64],
    from start: Int,
    base: Int64,
    step: Int64,
    _ reader: inout BitReader
  ) {
    var index = start
    while index < numbers.count {
      if let steadyNumber {
        let zeros = reader.readZeros(limit: numbers.count &- index)
        let number = base &+ steadyNumber &* step
        for place in index..<index &+ zeros { numbers[place] = number }
        index &+= zeros
        guard index < numbers.count else { return }
      }
      numbers[index] = base &+ read(from: &reader) &* step
      index &+= 1
    }
  }

  /// The next number.
  @inline(__always)
  package mutating func read(from reader: inout BitReader) -> Int64 {
    let parameter = min(parameter, 56)
    let run = reader.readOnes(limit: Self.longestRun)
    let miss: UInt64
    if run < Self.longestRun {
      miss = UInt64(run) << UInt64(parameter) | reader.read(parameter)
    } else {
      let width = Int(reader.read(6)) &+ 1
      let high = reader.read(max(0, width &- 32))
      miss = high << 32 | reader.read(min(width, 32))
    }
    let number = forecast &+ Int64(folded: miss)
    learn(number, miss: miss)
    return number
  }
}
