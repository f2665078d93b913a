/// Count, mean, variance, skewness and kurtosis of a stream, one value at a time.
///
/// Constant memory, no cancellation for a large offset. Values that are not finite are passed over.
///
/// - SeeAlso: Pébay, "Formulas for robust, one-pass parallel computation of covariances and
///   arbitrary-order statistical moments", Sandia report SAND2008-6212 (2008). doi:10.2172/1028931
package struct RunningMoments: Hashable, Sendable, Codable {
  package private(set) var count = 0
  package private(set) var mean = 0.0
  private var second = 0.0
  private var third = 0.0
  private var fourth = 0.0

  package init() {}

  /// The sums of powers of the deviations from a mean, as somebody else has added them up.
  init(count: Int, mean: Double, second: Double, third: Double, fourth: Double) {
    self.count = count
    self.mean = mean
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  package mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    let before = Double(count)
    count += 1
    let now = Double(count)
    let distance = value - mean
    let step = distance / now
    let square = step * step
    let spread = distance * step * before
    mean += step
    fourth += spread * square * (now * now - 3 * now + 3) + 6 * square * second - 4 * step * third
    third += spread * step * (now - 2) - 3 * step * second
    second += spread
  }

  /// Adds all values that `other` has seen.
  package mutating func add(_ other: RunningMoments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let mine = Double(count)
    let theirs = Double(other.count)
    let all = mine + theirs
    let distance = other.mean - mean
    let square = distance * distance
    let product = mine * theirs / all
    fourth +=
      other.fourth
      + square * square * product * (mine * mine - mine * theirs + theirs * theirs) / (all * all)
      + 6 * square * (mine * mine * other.second + theirs * theirs * second) / (all * all)
      + 4 * distance * (mine * other.third - theirs * third) / all
    third +=
      other.third + distance * square * product * (mine - theirs) / all
      + 3 * distance * (mine * other.second - theirs * second) / all
    second += other.second + square * product
    mean += distance * theirs / all
    count += other.count
  }

  /// Whether the mean fourth power of the deviations lies in a range.
  func hasFourthMoment(in range: ClosedRange<Double>) -> Bool {
    range.contains(fourth / Double(count))
  }

  /// The mean squared deviation (divided by the count); `nil` before the first value.
  package var variance: Double? { count > 0 ? second / Double(count) : nil }

  package var standardDeviation: Double? { variance?.squareRoot() }

  /// `nil` while the values do not vary.
  package var skewness: Double? {
    second > 0 ? third / second * (Double(count) / second).squareRoot() : nil
  }

  /// 3 for normal noise; `nil` while the values do not vary.
  package var kurtosis: Double? {
    second > 0 ? fourth / second * (Double(count) / second) : nil
  }
}

/// The smallest and the largest value of a stream; values that are not finite are passed over.
package struct RunningExtrema: Hashable, Sendable, Codable {
  package private(set) var minimum: Double?
  package private(set) var maximum: Double?

  package init() {}

  package mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    minimum = min(minimum ?? value, value)
    maximum = max(maximum ?? value, value)
  }

  package mutating func add(_ other: RunningExtrema) {
    if let value = other.minimum { add(value) }
    if let value = other.maximum { add(value) }
  }
}
