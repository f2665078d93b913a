/// The recent past of one machine, condensed into features; knows nothing of the future.
///
/// Training and the running agent push rows through this same value, so that a feature cannot mean
/// one thing when it is learned and another when it is used. Each operation works on eight lanes of
/// `ConditionScale` at once. Memory and time for a row are constant.
struct LifeWindow: Hashable, Sendable, Codable {
  /// The weight of the newest row in a slow and a fast exponential mean.
  private static let slowRate: Float = 0.08
  private static let fastRate: Float = 0.25
  /// Rows over which a slope, a mean and a slope are taken.
  private static let shortSpan = 30
  private static let middleSpan = 50
  static let longSpan = 160
  /// The first rows of a life, to which the machine is compared for the rest of it.
  static let baselineRowCount = 25
  /// What is told of each lane, in this order.
  enum Kind: Int, CaseIterable {
    case level
    case fastMean
    /// The level less what it was when the machine was new.
    case change
    case shortSlope
    case mean
    case longSlope
  }

  static func featureCount(vectorCount: Int) -> Int { vectorCount * 8 * Kind.allCases.count }

  /// Where a feature of a lane stands among those of all lanes.
  static func place(of kind: Kind, lane: Int) -> Int {
    ((lane >> 3) * Kind.allCases.count + kind.rawValue) * 8 + lane & 7
  }

  private let vectorCount: Int
  private let longSpan: Int
  /// The last rows, in a ring: values times how much they count, and that; row `n` is at
  /// `n % longSpan`.
  private var ring: [SIMD8<Float>]
  private var trustRing: [SIMD8<Float>]
  private var slow: TrustedSum
  private var fast: TrustedSum
  private var baseline: TrustedSum
  private(set) var rowCount = 0

  init(vectorCount: Int, longSpan: Int = Self.longSpan) {
    self.vectorCount = vectorCount
    self.longSpan = longSpan
    ring = Array(repeating: .zero, count: vectorCount * longSpan)
    trustRing = ring
    slow = TrustedSum(vectorCount: vectorCount)
    fast = slow
    baseline = slow
  }

  /// Takes the next row.
  mutating func append(_ row: ConditionRow) {
    let place = rowCount % longSpan * vectorCount
    for vector in 0..<vectorCount {
      let trust = row.trusts[vector]
      let value = row.values[vector] * trust
      ring[place + vector] = value
      trustRing[place + vector] = trust
      slow.add(value, trust, keeping: 1 - Self.slowRate, vector)
      fast.add(value, trust, keeping: 1 - Self.fastRate, vector)
      if rowCount < Self.baselineRowCount { baseline.add(value, trust, keeping: 1, vector) }
    }
    rowCount += 1
  }

  /// The slow mean of a lane.
  func level(lane: Int) -> Float { slow.mean(lane >> 3)[lane & 7] }

  /// How far the level of a lane is from what it was when the machine was new.
  func change(lane: Int) -> Float { level(lane: lane) - baseline.mean(lane >> 3)[lane & 7] }

  /// Appends the features of the rows so far: for each vector, kind after kind, its eight lanes.
  func appendFeatures(to features: inout [Float]) {
    precondition(rowCount > 0, "a life without rows has no features")
    for vector in 0..<vectorCount {
      let level = slow.mean(vector)
      features.append(level)
      features.append(fast.mean(vector))
      features.append(level - baseline.mean(vector))
      appendSpans(vector, to: &features)
    }
  }

  /// Appends a mean and two least-squares slopes, in one walk into the past.
  private func appendSpans(_ vector: Int, to features: inout [Float]) {
    var sums = SpanSums()
    var place = rowCount % longSpan
    func walk(to span: Int) {
      while sums.count < min(span, rowCount) {
        place = place == 0 ? longSpan - 1 : place - 1
        sums.add(ring[place * vectorCount + vector], trustRing[place * vectorCount + vector])
      }
    }
    walk(to: Self.shortSpan)
    features.append(sums.slope)
    walk(to: Self.middleSpan)
    features.append(sums.mean)
    walk(to: longSpan)
    features.append(sums.slope)
  }
}

/// Where no row counts, a mean is zero, not a division by it.
private let leastTrust = SIMD8<Float>(repeating: 1e-6)

/// A mean in which rows count by how much they are trusted.
private struct TrustedSum: Hashable, Sendable, Codable {
  private var sums: [SIMD8<Float>]
  private var weights: [SIMD8<Float>]

  init(vectorCount: Int) {
    sums = Array(repeating: .zero, count: vectorCount)
    weights = sums
  }

  /// Adds a value, already times its trust, to what is kept of the sum so far.
  mutating func add(
    _ value: SIMD8<Float>,
    _ trust: SIMD8<Float>,
    keeping share: Float,
    _ vector: Int
  ) {
    sums[vector] = sums[vector] * share + value
    weights[vector] = weights[vector] * share + trust
  }

  func mean(_ vector: Int) -> SIMD8<Float> {
    sums[vector] / pointwiseMax(weights[vector], leastTrust)
  }
}

/// Sums over the newest rows of eight lanes.
private struct SpanSums {
  private(set) var count = 0
  private var sum = SIMD8<Float>.zero
  /// The sum of each value times how many rows ago it was.
  private var moment = SIMD8<Float>.zero
  /// The sums of the trusts, and of these times how many rows ago, and times its square.
  private var weight = SIMD8<Float>.zero
  private var weightMoment = SIMD8<Float>.zero
  private var weightSquare = SIMD8<Float>.zero

  /// Adds a value, already times its trust.
  mutating func add(_ value: SIMD8<Float>, _ trust: SIMD8<Float>) {
    let ago = Float(count)
    sum += value
    moment += value * ago
    weight += trust
    weightMoment += trust * ago
    weightSquare += trust * (ago * ago)
    count += 1
  }

  var mean: SIMD8<Float> { sum / pointwiseMax(weight, leastTrust) }

  /// The least-squares rise over ten rows; a floor tames the slopes of short histories.
  var slope: SIMD8<Float> {
    let middle = weightMoment / pointwiseMax(weight, leastTrust)
    let spread = pointwiseMax(weightSquare - weightMoment * middle, SIMD8(repeating: 60))
    return (sum * middle - moment) * 10 / spread
  }
}

extension [Float] {
  fileprivate mutating func append(_ vector: SIMD8<Float>) {
    for lane in 0..<8 { append(vector[lane]) }
  }
}
