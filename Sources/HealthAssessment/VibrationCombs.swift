import ConditionModel
import SignalProcessing

/// How strongly the envelopes of a record show the lines of a bearing defect, against what the same
/// record shows at rates that mean nothing.
///
/// For each rate a comb adds up what rises above the floor at its multiples. A candidate is a window
/// of rates around a defect's own, for elements slip; its value is the largest in the window. Many
/// windows elsewhere, as wide, tell how large that value becomes by chance in this record, bands and
/// all; the lines of the candidates themselves are left out there. The tail beyond these windows is
/// taken as that of a Gumbel distribution, to which maxima tend.
struct VibrationCombs: Sendable {
  /// A family of lines around each multiple of a rate.
  enum Family: Int, Sendable, CaseIterable {
    case plain
    /// With lines one turn of the shaft to both sides: the inner ring carries its defect in and out
    /// of the load.
    case shaft
    /// With lines one turn of the cage to both sides: so do the elements.
    case cage
    /// Below one turn of the shaft, where the cage itself turns.
    case slow
  }

  struct Score: Sendable {
    var fault: VibrationFault
    var family: Family
    /// In standard deviations of a normal variable that is as rare.
    var z: Double
    /// The rate at which the comb fits best.
    var hertz: Double
    /// Index of the band that shows it best; the number of bands stands for all of them together.
    var band: Int
  }

  /// What is searched, and where.
  struct Question: Sendable {
    /// The distance of two bins.
    var binHertz: Double
    var shaftHertz: Double
    /// By which share a rate may be off to both sides.
    var slack: Double
    /// The defects' rates per turn.
    var orders: BearingOrders
    /// How many segments the envelopes are a mean of.
    var segmentCount: Int
  }

  /// The highest rate that is looked at, in turns of the shaft.
  static func highestOrder(_ orders: BearingOrders?) -> Double {
    1.3 * max(orders?.inner ?? 6, orders?.ball ?? 0)
  }

  static let sideWeight: Float = 0.4
  /// More than this no line counts: it takes several.
  static let lineLimit: Float = 6
  /// The narrowest scatter of chance that is believed.
  static let narrowest: Float = 0.08

  private var comb: [Float] = []
  private var rise: [Float] = []
  private var sided: [Float] = []
  private var mean: [Float] = []
  /// How many of a band's bins the combs of a family read.
  private var used = 0
  private var candidates: [Candidate] = []
  private var windows: [Range<Int>] = []
  /// The points that the windows lie in.
  private var reach = 0..<0
  /// What each window shows in the band at hand, and at best in any band.
  private var values: [Float] = []
  private var best: [Float] = []
  private var sorted: [Float] = []

  private struct Candidate: Sendable {
    var fault: VibrationFault
    var family: Family
    var points: Range<Int>
    /// In the band at hand.
    var value: Float = 0
    var point = 0
    /// In the best band.
    var best: Float = -.infinity
    var bestPoint = 0
    var bestBand = 0
  }

  /// - Parameters:
  ///   - rises: For each band, the logarithm of power over floor for each bin, at most ``lineLimit``, 0
  ///     where it is below or belongs to something else.
  ///   - question: What is searched.
  ///   - families: The kinds of combs to try.
  /// - Returns: A score for each fault and family that suits it.
  mutating func search(
    _ rises: [[Float]],
    _ question: Question,
    families: [Family]
  ) -> [Score] {
    let binCount = rises.first?.count ?? 0
    if rise.count != binCount {
      rise = Array(repeating: 0, count: binCount)
      sided = rise
      mean = rise
      comb = Array(repeating: 0, count: binCount / 4 * 4)
    }
    LineComb.writeMean(of: rises, into: &mean)
    var scores: [Score] = []
    for family in families {
      placeWindows(question, family)
      guard windows.count >= 20 else { continue }
      let offset: Double =
        switch family {
        case .plain, .slow: 0
        case .shaft: question.shaftHertz
        case .cage: question.shaftHertz * question.orders.cage
        }
      let side = Int((offset / question.binHertz).rounded())
      // The fourth multiple of a point lies in the bin of its number: beyond it no comb reads.
      let last = candidates.reduce(reach.upperBound) { max($0, $1.points.upperBound) }
      used = min(binCount, last + 4 + side)
      best = Array(repeating: -.infinity, count: windows.count)
      for band in 0...rises.count {
        LineComb.copy(used, of: band < rises.count ? rises[band] : mean, into: &rise)
        weigh(side, band, question)
      }
      let chance = chance(best, narrowest: 1)
      for candidate in candidates {
        // The scatter of a few segments has tails that no fit of a few windows shows.
        let thinness = 1 + 0.5 / Double(question.segmentCount)
        let rarity = Double(chance.rarity(of: candidate.best)) / thinness
        scores.append(
          Score(
            fault: candidate.fault,
            family: family,
            z: normalDeviation(gumbel: rarity),
            hertz: Double(candidate.bestPoint) * question.binHertz / Double(LineComb.pointsPerBin),
            band: candidate.bestBand
          )
        )
      }
    }
    return scores
  }

  /// The candidates of a family, and windows of rates that are none: from 1.3 turns to above all of
  /// them or, for the cage, below one turn.
  private mutating func placeWindows(_ question: Question, _ family: Family) {
    let orders = question.orders
    let slack = question.slack
    let pointsPerOrder = question.shaftHertz / question.binHertz * Double(LineComb.pointsPerBin)
    func window(_ order: Double) -> Range<Int> {
      Int((order * (1 - slack) * pointsPerOrder).rounded(.down))..<Int(
        (order * (1 + slack) * pointsPerOrder).rounded(.up)
      ) + 1
    }
    func candidate(_ fault: VibrationFault, _ order: Double) -> Candidate {
      Candidate(fault: fault, family: family, points: window(order))
    }
    var used = [orders.outer, orders.inner, orders.ball]
    var range = 1.3..<Self.highestOrder(orders)
    switch family {
    case .plain:
      candidates = [
        candidate(.outer, orders.outer), candidate(.inner, orders.inner),
        candidate(.ball, orders.ball),
      ]
    case .shaft: candidates = [candidate(.inner, orders.inner)]
    case .cage: candidates = [candidate(.ball, orders.ball)]
    case .slow:
      candidates = [candidate(.cage, orders.cage)]
      // Looseness and belts have lines at simple parts of a turn.
      used = [orders.cage, 2 * orders.cage, 1.0 / 3, 0.5, 2.0 / 3]
      range = 0.2..<0.95
    }
    candidates.removeAll { $0.points.upperBound > comb.count }
    windows.removeAll(keepingCapacity: true)
    guard !candidates.isEmpty else { return }
    var order = range.lowerBound
    while order < range.upperBound, window(order).upperBound <= comb.count {
      if used.allSatisfy({ abs(order / $0 - 1) > 2 * slack }) { windows.append(window(order)) }
      order *= 1 + slack
    }
    reach = (windows.first?.lowerBound ?? 0)..<(windows.last?.upperBound ?? 0)
  }

  /// Takes one band into account.
  private mutating func weigh(_ side: Int, _ band: Int, _ question: Question) {
    for index in candidates.indices {
      let points = candidates[index].points
      runComb(points, side)
      (candidates[index].value, candidates[index].point) = LineComb.best(in: points, of: comb)
    }
    for candidate in candidates { leaveOut(candidate.point, question) }
    runComb(reach, side)
    values.removeAll(keepingCapacity: true)
    for window in windows { values.append(LineComb.highest(in: window, of: comb)) }
    let chance = chance(values, narrowest: Self.narrowest)
    for index in windows.indices {
      best[index] = max(best[index], chance.fitted(values[index]))
    }
    for index in candidates.indices {
      let rarity = chance.fitted(candidates[index].value)
      guard rarity > candidates[index].best else { continue }
      candidates[index].best = rarity
      candidates[index].bestPoint = candidates[index].point
      candidates[index].bestBand = band
    }
  }

  /// Takes out the lines of a rate with their neighbours at whole turns of the shaft and the cage.
  ///
  /// Where a turn has few bins, only the lines themselves: else little would be left to compare with.
  private mutating func leaveOut(_ point: Int, _ question: Question) {
    Self.leaveOut(Double(point) / Double(LineComb.pointsPerBin), question, of: &rise, below: used)
  }

  /// Takes the lines of a defect out of all bands, so that others can be looked for without them.
  static func leaveOut(_ score: Score, _ question: Question, of rises: inout [[Float]]) {
    for band in rises.indices {
      let binCount = rises[band].count
      leaveOut(score.hertz / question.binHertz, question, of: &rises[band], below: binCount)
    }
  }

  private static func leaveOut(
    _ rate: Double,
    _ question: Question,
    of rise: inout [Float],
    below end: Int
  ) {
    var rise = rise.mutableSpan
    let turn = question.shaftHertz / question.binHertz
    let sides = turn >= 30 ? 3 : turn >= 15 ? 1 : 0
    let reach = turn >= 30 ? 2 : 1
    var multiple = 1.0
    while multiple * rate < Double(end) + 3 * turn {
      for neighbour in -sides...sides {
        clear(reach, around: multiple * rate + Double(neighbour) * turn, of: &rise)
      }
      if sides == 3 {
        clear(reach, around: multiple * rate - question.orders.cage * turn, of: &rise)
        clear(reach, around: multiple * rate + question.orders.cage * turn, of: &rise)
      }
      multiple += 1
    }
  }

  private static func clear(
    _ reach: Int,
    around place: Double,
    of rise: inout MutableSpan<Float>
  ) {
    // Rounded by a conversion, which is no call on any machine.
    let whole = Int(place)
    let rest = place - Double(whole)
    let centre = rest >= 0.5 ? whole + 1 : rest <= -0.5 ? whole - 1 : whole
    var bin = max(0, centre - reach)
    let last = min(centre + reach, rise.count - 1)
    while bin <= last {
      rise[bin] = 0
      bin += 1
    }
  }

  /// Computes the comb for a range of points; lines count with their neighbours at a distance, none
  /// where it is 0.
  private mutating func runComb(_ points: Range<Int>, _ side: Int) {
    guard side > 0 else {
      LineComb.run(points, rise: rise, lines: rise, into: &comb)
      return
    }
    SpectrumFloor.writeSides(of: rise, distance: side, weight: Self.sideWeight, into: &sided)
    LineComb.run(points, rise: rise, lines: sided, into: &comb)
  }

  /// What windows that mean nothing show.
  private struct Chance {
    /// The Gumbel distribution that fits three of their quantiles.
    var location: Float
    var width: Float
    /// The second largest of them and the logarithm of how rare that is.
    var reached: Float
    var reachedRarity: Float

    /// The negative logarithm of the probability of a value by the fit alone.
    func fitted(_ value: Float) -> Float { (value - location) / width }

    /// The negative logarithm of the probability of a value.
    ///
    /// Beyond what was reached, the distribution goes on from there: a record with a comb of lines
    /// that nobody asked for is more often misleading than its typical windows say.
    func rarity(of value: Float) -> Float {
      let fitted = fitted(value)
      guard value > reached else { return min(fitted, reachedRarity) }
      return min(fitted, reachedRarity + (value - reached) / width)
    }
  }

  private mutating func chance(_ values: [Float], narrowest: Float) -> Chance {
    sorted.removeAll(keepingCapacity: true)
    sorted.append(contentsOf: values)
    sorted.sort()
    let low = sorted[sorted.count / 10]
    let middle = sorted[sorted.count / 2]
    let high = sorted[sorted.count * 17 / 20]
    // Quantile p lies at location − width · ln(−ln p).
    let width = max((middle - low) / 1.200_5, (high - middle) / 1.450_5, narrowest)
    return Chance(
      location: middle - 0.366_5 * width,
      width: width,
      reached: sorted[sorted.count - 2],
      reachedRarity: steadyLogarithm(Float(sorted.count) / 2)
    )
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
