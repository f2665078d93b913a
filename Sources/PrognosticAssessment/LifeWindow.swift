/// The recent past of one machine, condensed into features; knows nothing of the future.
///
/// Training and the running agent push rows through this same value, so that a feature cannot mean
/// one thing when it is learned and another when it is used. Each operation works on eight lanes of
/// `ConditionScale` at once. Memory and time for a row are constant.
struct LifeWindow: Sendable {
  /// The weight of the newest row in a slow and a fast exponential mean.
  private static let slowRate: Float = 0.08
  private static let fastRate: Float = 0.25
  /// Rows over which a slope, a mean and a slope are taken.
  private static let shortSpan = 30
  private static let middleSpan = 50
  private static let longSpan = 80
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
  /// The last rows, in a ring; row `n` is at `n % longSpan`.
  private var ring: [SIMD8<Float>]
  private var slow: [SIMD8<Float>]
  private var fast: [SIMD8<Float>]
  private var slowWeight: Float = 0
  private var fastWeight: Float = 0
  private var baselineSums: [SIMD8<Float>]
  private(set) var rowCount = 0

  init(vectorCount: Int) {
    self.vectorCount = vectorCount
    ring = Array(repeating: .zero, count: vectorCount * Self.longSpan)
    slow = Array(repeating: .zero, count: vectorCount)
    fast = slow
    baselineSums = slow
  }

  /// Takes the next row.
  mutating func append(_ lanes: [SIMD8<Float>]) {
    let place = rowCount % Self.longSpan * vectorCount
    for vector in 0..<vectorCount {
      let value = lanes[vector]
      ring[place + vector] = value
      slow[vector] = slow[vector] * (1 - Self.slowRate) + value
      fast[vector] = fast[vector] * (1 - Self.fastRate) + value
      if rowCount < Self.baselineRowCount { baselineSums[vector] += value }
    }
    slowWeight = slowWeight * (1 - Self.slowRate) + 1
    fastWeight = fastWeight * (1 - Self.fastRate) + 1
    rowCount += 1
  }

  /// The mean of a lane over the first rows of the life.
  func baseline(lane: Int) -> Float {
    baselineSums[lane >> 3][lane & 7] / Float(min(rowCount, Self.baselineRowCount))
  }

  /// The slow mean of a lane.
  func level(lane: Int) -> Float { slow[lane >> 3][lane & 7] / slowWeight }

  /// Appends the features of the rows so far: for each vector, kind after kind, its eight lanes.
  func appendFeatures(to features: inout [Float]) {
    precondition(rowCount > 0, "a life without rows has no features")
    let baselineCount = Float(min(rowCount, Self.baselineRowCount))
    for vector in 0..<vectorCount {
      let level = slow[vector] / slowWeight
      features.append(level)
      features.append(fast[vector] / fastWeight)
      features.append(level - baselineSums[vector] / baselineCount)
      appendSpans(vector, to: &features)
    }
  }

  /// Appends a mean and two least-squares slopes, in one walk into the past.
  private func appendSpans(_ vector: Int, to features: inout [Float]) {
    var sums = SpanSums()
    var place = rowCount % Self.longSpan
    func walk(to span: Int) {
      while sums.count < min(span, rowCount) {
        place = place == 0 ? Self.longSpan - 1 : place - 1
        sums.add(ring[place * vectorCount + vector])
      }
    }
    walk(to: Self.shortSpan)
    features.append(sums.slope)
    walk(to: Self.middleSpan)
    features.append(sums.mean)
    walk(to: Self.longSpan)
    features.append(sums.slope)
  }
}

/// Sums over the newest rows of eight lanes.
private struct SpanSums {
  private(set) var count = 0
  private var sum = SIMD8<Float>.zero
  /// The sum of each value times how many rows ago it was.
  private var moment = SIMD8<Float>.zero

  mutating func add(_ value: SIMD8<Float>) {
    sum += value
    moment += value * Float(count)
    count += 1
  }

  var mean: SIMD8<Float> { sum / Float(count) }

  /// The least-squares rise over ten rows; a floor tames the slopes of short histories.
  var slope: SIMD8<Float> {
    let rows = Float(count)
    let spread = max(rows * (rows * rows - 1) / 12, 60)
    return (sum * ((rows - 1) / 2) - moment) * (10 / spread)
  }
}

extension [Float] {
  fileprivate mutating func append(_ vector: SIMD8<Float>) {
    for lane in 0..<8 { append(vector[lane]) }
  }
}
