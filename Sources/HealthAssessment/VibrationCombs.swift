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

  /// What each multiple of a rate counts.
  static let weights: [Float] = [1, 0.8, 0.6, 0.5]
  static let sideWeight: Float = 0.4
  /// More than this no line counts: it takes several.
  static let lineLimit: Float = 6
  /// Points of the grid of rates per bin; a step must not leave the highest multiple's bin.
  private static let pointsPerBin = 4
  /// The narrowest scatter of chance that is believed.
  static let narrowest: Float = 0.08

  private var comb: [Float] = []
  private var rise: [Float] = []
  private var sided: [Float] = []
  private var mean: [Float] = []
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
  ///   - rises: For each band, the logarithm of power over floor for each bin, 0 where it is below or
  ///     belongs to something else.
  ///   - question: What is searched.
  ///   - families: The kinds of combs to try.
  /// - Returns: A score for each fault and family that suits it.
  mutating func search(
    _ rises: [[Float]],
    _ question: Question,
    families: [Family]
  ) -> [Score] {
    let binCount = rises.first?.count ?? 0
    if mean.count != binCount {
      mean = Array(repeating: 0, count: binCount)
      sided = mean
    }
    if comb.count != binCount / 4 * 4 { comb = Array(repeating: 0, count: binCount / 4 * 4) }
    var scores: [Score] = []
    for family in families {
      placeWindows(question, family)
      guard windows.count >= 20 else { continue }
      for bin in mean.indices { mean[bin] = 0 }
      let offset: Double =
        switch family {
        case .plain, .slow: 0
        case .shaft: question.shaftHertz
        case .cage: question.shaftHertz * question.orders.cage
        }
      let side = Int((offset / question.binHertz).rounded())
      best = Array(repeating: -.infinity, count: windows.count)
      for band in 0...rises.count {
        if band < rises.count {
          rise = rises[band]
          for bin in mean.indices {
            rise[bin] = min(rise[bin], Self.lineLimit)
            mean[bin] += rise[bin]
          }
        } else {
          for bin in mean.indices { rise[bin] = mean[bin] / Float(rises.count) }
        }
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
            hertz: Double(candidate.bestPoint) * question.binHertz / Double(Self.pointsPerBin),
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
    let pointsPerOrder = question.shaftHertz / question.binHertz * Double(Self.pointsPerBin)
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
    addSides(side)
    for index in candidates.indices {
      Self.run(candidates[index].points, rise, sided, into: &comb)
      (candidates[index].value, candidates[index].point) = largest(in: candidates[index].points)
    }
    for index in candidates.indices {
      leaveOut(candidates[index].point, question)
    }
    addSides(side)
    Self.run(reach, rise, sided, into: &comb)
    values.removeAll(keepingCapacity: true)
    for window in windows { values.append(largest(in: window).value) }
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
    Self.leaveOut(Double(point) / Double(Self.pointsPerBin), question, of: &rise)
  }

  /// Takes the lines of a defect out of all bands, so that others can be looked for without them.
  static func leaveOut(_ score: Score, _ question: Question, of rises: inout [[Float]]) {
    for band in rises.indices {
      leaveOut(score.hertz / question.binHertz, question, of: &rises[band])
    }
  }

  private static func leaveOut(_ rate: Double, _ question: Question, of rise: inout [Float]) {
    let turn = question.shaftHertz / question.binHertz
    let sides = turn >= 30 ? 3 : turn >= 15 ? 1 : 0
    let reach = turn >= 30 ? 2 : 1
    var multiple = 1.0
    while multiple * rate < Double(rise.count) + 3 * turn {
      for neighbour in -sides...sides {
        for cage in -1...1 where cage == 0 || (neighbour == 0 && sides == 3) {
          let shift = Double(neighbour) * turn + Double(cage) * question.orders.cage * turn
          let centre = Int((multiple * rate + shift).rounded())
          for bin in centre - reach...centre + reach where rise.indices.contains(bin) {
            rise[bin] = 0
          }
        }
      }
      multiple += 1
    }
  }

  /// Adds to each line its neighbours at the distance of a family.
  private mutating func addSides(_ side: Int) {
    SpectrumFloor.writeSides(
      of: rise,
      distance: side,
      weight: side > 0 ? Self.sideWeight : 0,
      into: &sided
    )
  }

  /// Computes the comb for a range of points, in groups of four.
  ///
  /// Point `p` stands for the rate `p ∕ 4` bins; its multiples are rounded to whole bins.
  private static func run(
    _ points: Range<Int>,
    _ riseArray: [Float],
    _ sidedArray: [Float],
    into combArray: inout [Float]
  ) {
    let rise = riseArray.span
    let lines = sidedArray.span
    var comb = combArray.mutableSpan
    let end = min((points.upperBound + 3) / 4 * 4, comb.count, lines.count)
    var group = points.lowerBound / 4
    while 4 &* group &+ 4 <= end {
      let base = SIMD4(rise[group], rise[group], rise[group &+ 1], rise[group &+ 1])
      let one = SIMD4(lines[group], lines[group], lines[group &+ 1], lines[group &+ 1]) * weights[0]
      let double = 2 &* group
      let two =
        SIMD4(lines[double], lines[double &+ 1], lines[double &+ 1], lines[double &+ 2])
        * weights[1]
      let triple = 3 &* group
      let three =
        SIMD4(lines[triple], lines[triple &+ 1], lines[triple &+ 2], lines[triple &+ 2])
        * weights[2]
      let quadruple = 4 &* group
      let four =
        SIMD4(
          lines[quadruple],
          lines[quadruple &+ 1],
          lines[quadruple &+ 2],
          lines[quadruple &+ 3]
        ) * weights[3]
      let values = value(base, one, two, three, four)
      for lane in 0..<4 { comb[quadruple &+ lane] = values[lane] }
      group &+= 1
    }
  }

  /// What four combs show: a line that stands alone counts little, and multiples without their rate
  /// as well.
  @inline(__always)
  private static func value(
    _ base: SIMD4<Float>,
    _ one: SIMD4<Float>,
    _ two: SIMD4<Float>,
    _ three: SIMD4<Float>,
    _ four: SIMD4<Float>
  ) -> SIMD4<Float> {
    let sum = one + two + three + four
    let (low, high) = sorted(one, two)
    let (lowOther, highOther) = sorted(three, four)
    let (middle, first) = sorted(high, highOther)
    let second = sorted(middle, sorted(low, lowOther).high).high
    let zero = SIMD4<Float>.zero
    let alone = sorted(zero, first - 2 * second - 0.3).high
    return sorted(sum - alone, 3.5 * base + 0.5).low
  }

  @inline(__always)
  private static func sorted(
    _ one: SIMD4<Float>,
    _ other: SIMD4<Float>
  ) -> (low: SIMD4<Float>, high: SIMD4<Float>) {
    let isGreater = one .> other
    return (
      one.replacing(with: other, where: isGreater), other.replacing(with: one, where: isGreater)
    )
  }

  private func largest(in points: Range<Int>) -> (value: Float, point: Int) {
    let comb = comb.span
    var value: Float = -.infinity
    var point = points.lowerBound
    for index in points.lowerBound..<min(points.upperBound, comb.count) where comb[index] > value {
      value = comb[index]
      point = index
    }
    return (value, point)
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
