/// What is known of one channel while its machine stands still.
///
/// A worn machine reads like a sound one at rest; a sensor that is off is off at rest, too.
struct RestModel: Hashable, Sendable, Codable {
  /// Minutes over which deviations are averaged.
  private static let span = 45.0

  /// One per feature of the machine; empty before the first fit.
  var coefficients: [Double] = []
  /// The deviation averaged, in the channel's unit or its logarithm.
  private(set) var size = 0.0
  private var square = 0.0
  private var weight = 0.0
  private var farthest = 0.0
  private(set) var count = 0.0
  /// The step of the latest minute at rest, and how many followed one another.
  private(set) var latest: Int64 = 0

  /// What the latest minute was expected to be.
  private(set) var latestExpected = 0.0

  mutating func take(_ rest: Double, expected: Double, at step: Int64) {
    latestExpected = expected
    count += 1
    size += (rest - size) / min(max(count, 5), Self.span)
    latest = step
  }

  mutating func learn() {
    weight = min(weight + 1, 20_000)
    square += (size * size - square) / weight
    farthest = max(0.99995 * farthest, abs(size))
  }

  /// How far readings at rest may be off and mean nothing; `nil` while too little is known.
  var usual: Double? {
    weight > 120 ? max(3 * square.squareRoot(), 1.1 * farthest) : nil
  }
}
