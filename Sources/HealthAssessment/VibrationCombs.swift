import ConditionModel
import SignalProcessing

/// How strongly the envelopes of a record show the lines of a bearing defect, against what the same
/// record shows at rates that mean nothing.
///
/// For each rate a comb adds up what rises above the floor at its multiples. A candidate is a window
/// of rates around a defect's own, for elements slip; its value is the largest in the window. Many
/// windows elsewhere, as wide, tell how large that value becomes by chance in this record, bands and
/// all; the tail beyond them is taken as that of a Gumbel distribution, to which maxima tend.
struct VibrationCombs: Sendable {
  /// A family of lines around each multiple of a rate.
  enum Family: Int, Sendable, CaseIterable {
    case plain
    /// With lines one turn of the shaft to both sides: the inner ring carries its defect in and out
    /// of the load.
    case shaft
    /// With lines one turn of the cage to both sides: so do the elements.
    case cage
  }

  struct Score: Sendable {
    var fault: VibrationFault
    /// In standard deviations of a normal variable that is as rare.
    var z: Double
    /// The rate at which the comb fits best.
    var hertz: Double
    /// Index of the band that shows it best; the number of bands stands for all of them together.
    var band: Int
  }

  /// What each multiple of a rate counts.
  private static let weights: [Float] = [1, 0.8, 0.6, 0.5]
  private static let sideWeight: Float = 0.5
  /// Points of the grid of rates per bin; a step must not leave the highest multiple's bin.
  private static let pointsPerBin = 4

  private var comb: [Float] = []
  private var sided: [Float] = []
  private var mean: [Float] = []
  private var windows: [Window] = []
  /// The value of each window in one band.
  private var values: [Float] = []
  /// The best value of each window over all bands, and where it was.
  private var best: [Float] = []
  private var sorted: [Float] = []

  private struct Window: Sendable {
    var low: Int
    var high: Int
    /// The place among the candidates; `nil` for a window that means nothing.
    var candidate: Int?
    var band = 0
    var point = 0
  }

  /// - Parameters:
  ///   - rises: For each band, the logarithm of power over floor for each bin, 0 where it is below or
  ///     belongs to something else.
  ///   - binHertz: The distance of two bins.
  ///   - shaftHertz: The rotation.
  ///   - slack: By which share a rate may be off to both sides.
  ///   - orders: The defects' rates per turn.
  /// - Returns: A score for each fault and family that suits it.
  mutating func search(
    _ rises: [[Float]],
    binHertz: Double,
    shaftHertz: Double,
    slack: Double,
    orders: BearingOrders
  ) -> [Score] {
    let candidates: [(VibrationFault, Double, Family)] = [
      (.outer, orders.outer, .plain), (.inner, orders.inner, .shaft),
      (.inner, orders.inner, .plain),
      (.ball, orders.ball, .cage), (.ball, orders.ball, .plain),
    ]
    var scores: [Score] = []
    for family in Family.allCases {
      let mine = candidates.filter { $0.2 == family }
      let offset: Double =
        switch family {
        case .plain: 0
        case .shaft: shaftHertz
        case .cage: shaftHertz * orders.cage
        }
      placeWindows(mine.map { $0.1 }, orders, binHertz, shaftHertz, slack)
      guard let fits = evaluate(rises, side: Int((offset / binHertz).rounded())) else { continue }
      for (candidate, fit) in zip(mine, fits) {
        scores.append(
          Score(
            fault: candidate.0,
            z: fit.z,
            hertz: Double(fit.point) * binHertz / Double(Self.pointsPerBin),
            band: fit.band
          )
        )
      }
    }
    return scores
  }

  /// The candidates, and windows of rates between 1.3 and 9 turns that are none of them.
  private mutating func placeWindows(
    _ candidates: [Double],
    _ orders: BearingOrders,
    _ binHertz: Double,
    _ shaftHertz: Double,
    _ slack: Double
  ) {
    let pointsPerOrder = shaftHertz / binHertz * Double(Self.pointsPerBin)
    func window(_ order: Double, _ candidate: Int?) -> Window {
      Window(
        low: Int((order * (1 - slack) * pointsPerOrder).rounded(.down)),
        high: Int((order * (1 + slack) * pointsPerOrder).rounded(.up)),
        candidate: candidate
      )
    }
    windows.removeAll(keepingCapacity: true)
    for (index, order) in candidates.enumerated() { windows.append(window(order, index)) }
    let used = [orders.outer, orders.inner, orders.ball]
    var order = 1.3
    while order < 9 {
      let isFree = used.allSatisfy { defect in
        [1, 0.5, 2].allSatisfy { abs(order / (defect * $0) - 1) > 2 * slack }
      }
      if isFree { windows.append(window(order, nil)) }
      order *= 1 + slack
    }
  }

  private struct Fit {
    var z: Double
    var point: Int
    var band: Int
  }

  /// - Returns: For each candidate its best fit; `nil` where too little is left to compare with.
  private mutating func evaluate(_ rises: [[Float]], side: Int) -> [Fit]? {
    let binCount = rises.first?.count ?? 0
    let points = (windows.map(\.high).max() ?? 0) + 1
    guard binCount > 0, windows.count(where: { $0.candidate == nil }) >= 20 else { return nil }
    best = Array(repeating: -.infinity, count: windows.count)
    mean = Array(repeating: 0, count: binCount)
    for band in 0...rises.count {
      if band < rises.count {
        sided = rises[band]
        for bin in 0..<binCount { mean[bin] += sided[bin] }
      } else {
        sided = mean
      }
      if side > 0 { addSides(side) }
      runComb(points)
      values.removeAll(keepingCapacity: true)
      for index in windows.indices {
        let (value, point) = largest(from: windows[index].low, through: windows[index].high)
        values.append(value)
        if windows[index].candidate != nil {
          windows[index].point = windows[index].point == 0 ? point : windows[index].point
        }
      }
      let scale = chance(values)
      for index in windows.indices {
        let rarity = (values[index] - scale.location) / scale.width
        guard rarity > best[index] else { continue }
        best[index] = rarity
        windows[index].band = band
        if windows[index].candidate != nil {
          windows[index].point =
            largest(from: windows[index].low, through: windows[index].high).point
        }
      }
    }
    let scale = chance(best)
    return windows.indices.filter { windows[$0].candidate != nil }.map { index in
      let rarity = Double((best[index] - scale.location) / scale.width)
      return Fit(
        z: normalDeviation(gumbel: rarity),
        point: windows[index].point,
        band: windows[index].band
      )
    }
  }

  private mutating func addSides(_ side: Int) {
    let source = sided
    for bin in source.indices {
      let below = bin >= side ? source[bin - side] : 0
      let above = bin + side < source.count ? source[bin + side] : 0
      sided[bin] = source[bin] + Self.sideWeight * (below + above)
    }
  }

  private mutating func runComb(_ points: Int) {
    comb = Array(repeating: 0, count: points)
    for (index, weight) in Self.weights.enumerated() {
      for point in 0..<points {
        let bin = (point * (index + 1) + Self.pointsPerBin / 2) / Self.pointsPerBin
        if bin < sided.count { comb[point] += weight * sided[bin] }
      }
    }
  }

  private func largest(from low: Int, through high: Int) -> (value: Float, point: Int) {
    var value: Float = -.infinity
    var point = low
    for index in low...min(high, comb.count - 1) where comb[index] > value {
      value = comb[index]
      point = index
    }
    return (value, point)
  }

  /// The Gumbel distribution that fits the lower half of the windows that mean nothing: what lies
  /// above may be lines of something real.
  private mutating func chance(_ values: [Float]) -> (location: Float, width: Float) {
    sorted.removeAll(keepingCapacity: true)
    for index in windows.indices where windows[index].candidate == nil {
      sorted.append(values[index])
    }
    sorted.sort()
    let low = sorted[sorted.count / 10]
    let middle = sorted[sorted.count / 2]
    // Quantile p lies at location − width · ln(−ln p).
    let width = max((middle - low) / 1.200_5, 1e-3)
    return (middle - 0.366_5 * width, width)
  }
}

/// How many standard deviations a normal variable must pass to be as rare as a Gumbel variable
/// beyond `value`.
func normalDeviation(gumbel value: Double) -> Double {
  // The tail of the Gumbel distribution is exp(−value); of the normal one nearly
  // exp(−z² ∕ 2) ∕ (z + √(z² + 8 ∕ π)) · √(2 ∕ π).
  guard value > 0.7 else { return 0.7 * value - 0.5 }
  var z = (2 * value).squareRoot()
  for _ in 0..<4 {
    let factor = (z + (z * z + 8 / Double.pi).squareRoot()) / (2 / Double.pi).squareRoot()
    let rest = 2 * (value - Double(steadyLogarithm(Float(factor))))
    z = rest > 0 ? rest.squareRoot() : 0
  }
  return z
}
