/// How the values of a stream are spread, in bounded memory: any quantile, to a known relative
/// error.
///
/// A value is counted under the upper half of its `Float` bits: sign, exponent and seven digits,
/// 128 buckets to the octave. No logarithm is needed, so the same stream gives the same sketch on
/// every machine, and two sketches can be added. A quantile is off by at most 0.4 % of itself; the smallest and the largest value are exact. When
/// more than `bucketLimit` buckets are needed, neighbours are joined and the error doubles; 1,024
/// buckets hold eight octaves at full resolution. Values that are not finite are passed over.
///
/// Complexity: O(log n) to add a value to a known bucket; 6 bytes per bucket at its limit.
package struct QuantileSketch: Hashable, Sendable, Codable {
  package let bucketLimit: Int
  /// How often neighbours were joined; the relative error is 2 ^ (coarseness − 8).
  package private(set) var coarseness = 0
  package private(set) var count: UInt64 = 0
  private var minimum = Float.greatestFiniteMagnitude
  private var maximum = -Float.greatestFiniteMagnitude
  /// In order of value.
  private var keys: [UInt16] = []
  private var counts: [UInt64] = []

  package init(bucketLimit: Int = 1024) {
    precondition(bucketLimit >= 8, "a sketch has some buckets")
    self.bucketLimit = bucketLimit
    keys.reserveCapacity(bucketLimit + 1)
    counts.reserveCapacity(bucketLimit + 1)
  }

  package mutating func add(_ value: Float) {
    guard value.isFinite else { return }
    count += 1
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    insert(Self.key(of: value) >> UInt16(coarseness), times: 1)
  }

  /// Adds all values that `other` has seen; the result is as coarse as the coarser of both.
  package mutating func add(_ other: QuantileSketch) {
    while coarseness < other.coarseness { coarsen() }
    for (key, times) in zip(other.keys, other.counts) {
      // The coarseness may grow on the way.
      insert(key >> UInt16(coarseness - other.coarseness), times: times)
    }
    count += other.count
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }

  /// Returns the value that `fraction` of the stream does not exceed.
  ///
  /// - Parameter fraction: 0 to 1.
  /// - Returns: `nil` before the first value.
  package func quantile(_ fraction: Double) -> Float? {
    precondition(fraction >= 0 && fraction <= 1, "a fraction lies between 0 and 1")
    guard count > 0 else { return nil }
    // A product that is a whole number but for its rounding is not rounded up.
    let rank = (fraction * Double(count) * (1 - 0x1p-50)).rounded(.up)
    if rank <= 1 { return minimum }
    if rank >= Double(count) { return maximum }
    var seen: UInt64 = 0
    for (key, times) in zip(keys, counts) {
      seen += times
      if Double(seen) >= rank { return middle(of: key) }
    }
    return keys.last.map(middle)
  }

  private mutating func insert(_ key: UInt16, times: UInt64) {
    var low = 0
    var high = keys.count
    while low < high {
      let centre = (low + high) / 2
      if keys[centre] < key { low = centre + 1 } else { high = centre }
    }
    if low < keys.count, keys[low] == key {
      counts[low] += times
      return
    }
    keys.insert(key, at: low)
    counts.insert(times, at: low)
    while keys.count > bucketLimit { coarsen() }
  }

  /// Joins neighbours.
  private mutating func coarsen() {
    coarseness += 1
    var kept = 0
    for index in keys.indices {
      let key = keys[index] >> 1
      if kept > 0, keys[kept - 1] == key {
        counts[kept - 1] += counts[index]
      } else {
        keys[kept] = key
        counts[kept] = counts[index]
        kept += 1
      }
    }
    keys.removeLast(keys.count - kept)
    counts.removeLast(counts.count - kept)
  }

  /// The upper half of the bits, changed so that keys are in the order of values.
  private static func key(of value: Float) -> UInt16 {
    // Adding zero makes −0 a 0.
    let bits = UInt16((value + 0).bitPattern >> 16)
    return bits & 0x8000 == 0 ? bits | 0x8000 : ~bits
  }

  /// The value in the middle of a bucket; 0 for values that are too small for a normal `Float`.
  private func middle(of key: UInt16) -> Float {
    let first = UInt32(key) << UInt32(16 + coarseness)
    let ordered = first | (1 << UInt32(15 + coarseness))
    let value = Float(
      bitPattern: ordered & 0x8000_0000 == 0 ? ~ordered : ordered & 0x7FFF_FFFF
    )
    let middle = value.isNormal || value.isInfinite ? value : 0
    return min(max(middle, minimum), maximum)
  }
}
