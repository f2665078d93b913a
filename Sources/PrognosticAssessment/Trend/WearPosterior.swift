import SignalProcessing

/// What the history of an indicator says about when it will reach the level that counts as failed.
///
/// The indicator is a drift-diffusion: a level that wanders as a random walk, read with noise, and
/// from some onset on a drift that follows one of several courses of wear to a failure level. Onset,
/// course and length of the course are held against the history in all combinations;
/// the filter of the random walk whitens what is seen and what each course predicts alike, so that a
/// combination costs two sums. What remains until first passage follows with its whole doubt, and so
/// does the probability that there is no wear at all.
///
/// - SeeAlso: Whitmore and Schenkelberg, "Modelling accelerated degradation data using Wiener
///   diffusion with a time scale transformation", Lifetime Data Analysis 3 (1997).
///   doi:10.1023/A:1009664101413
struct WearPosterior: Sendable {
  /// Onsets and lives are laid out in powers of this, so that sums of places are products.
  private static let base: Float = 1.11
  /// Hours of the shortest life left that is told apart.
  private static let leastHours: Float = 1
  private static let binCount = 88
  /// The youngest wear, in powers of `base` hours, and the distance of onsets.
  private static let firstOnset = 14
  private static let onsetStep = 3
  private static let onsetCount = 22
  /// The shortest rest of a course, as a part of what has passed of it: `base` to −32, and the
  /// distance of rests.
  private static let firstRest = -32
  private static let restStep = 4
  private static let restCount = 16
  /// The likeliest length of a course on the way to a limit that people set, which lies far out, in
  /// hours of operation; a tenth or ten times of it is five times less likely.
  private static let usualLength: Float = 500
  /// Prior odds that some wear began within the last thousand hours, and that some step did.
  private static let wearRate: Float = 0.3 / 1_000
  private static let stepRate: Float = 4.0 / 1_000
  /// Courses are never quite as drawn: a part of how far the indicator has gone counts as noise.
  private static let misfit: Float = 0.15
  /// No history is read more finely than this part of how far the indicator has gone: the courses
  /// that are laid out lie no closer.
  private static let fineness: Float = 1.0 / 12

  /// Hours of `base` to each power from 0.
  private let powers: [Float]
  private let rests: [SIMD8<Float>]
  /// Scratch, kept between calls.
  private var gains: [Float] = []
  private var weights: [Float] = []
  private var innovations: [Float] = []
  private var projections: [SIMD8<Float>] = []
  private var energies: [SIMD8<Float>] = []
  private var bins: [Float]

  init() {
    var powers: [Float] = [1]
    for _ in 1..<160 { powers.append(powers[powers.count - 1] * Self.base) }
    self.powers = powers
    var rests: [SIMD8<Float>] = []
    for vector in 0..<Self.restCount / 8 {
      var rest = SIMD8<Float>.zero
      for lane in 0..<8 {
        rest[lane] = 0.0355 * powers[(vector * 8 + lane) * Self.restStep]
      }
      rests.append(rest)
    }
    self.rests = rests
    bins = Array(repeating: 0, count: Self.binCount)
    let combinations = Self.onsetCount * WearShape.allCases.count * rests.count
    projections = Array(repeating: .zero, count: combinations)
    energies = projections
    gains.reserveCapacity(IndicatorHistory.capacity + 8)
    weights.reserveCapacity(IndicatorHistory.capacity + 8)
    innovations.reserveCapacity(IndicatorHistory.capacity + 8)
  }

  struct Result: Sendable {
    /// The probability that there is wear rather than none, or a step that leads nowhere.
    var wearShare: Float
    var p10: Float
    var p50: Float
    var p90: Float
    /// Hours since the likeliest onset.
    var sinceOnset: Float
  }

  /// - Parameters:
  ///   - spans: The history, oldest first, in the indicator's unit.
  ///   - dayVariance: Of the mean over `hoursPerDay`.
  ///   - walkVariance: What the level gains per `hoursPerDay`.
  ///   - hoursPerDay: How long the machine runs on a usual day.
  ///   - now: The hours of operation so far.
  ///   - failure: The distance of the failure level from where the history began, signed.
  /// - Returns: `nil` if the history is too short to say anything.
  mutating func evaluate(
    _ spans: [IndicatorHistory.Span],
    dayVariance: Float,
    walkVariance: Float,
    hoursPerDay: Float,
    now: Float,
    failure: Float
  ) -> Result? {
    guard let first = spans.first, spans.count >= 4 else { return nil }
    whiten(
      spans,
      dayVariance: dayVariance,
      walkVariance: walkVariance,
      hoursPerDay: hoursPerDay
    )
    let age = now - first.centre
    var best: Float = 0
    var onsetCount = 0
    for onset in 0..<Self.onsetCount {
      let passed = powers[Self.firstOnset + onset * Self.onsetStep]
      guard passed < age else { break }
      onsetCount += 1
      project(spans, from: now - passed, passed: passed, onset: onset)
    }
    let vectorCount = WearShape.allCases.count * rests.count
    for index in 0..<onsetCount * vectorCount {
      best = max(best, fit(index, failure).foldedMaximum())
    }
    for bin in bins.indices { bins[bin] = 0 }
    var wear: Float = 0
    var likeliest: Float = 0
    var sinceOnset: Float = 0
    for onset in 0..<onsetCount {
      let passed = powers[Self.firstOnset + onset * Self.onsetStep]
      // Onsets are equally likely at any time, so the later ones of this grid stand for less of it.
      let width = passed * 0.32
      var atOnset: Float = 0
      for (place, shape) in WearShape.allCases.enumerated() {
        for vector in rests.indices {
          let index = (onset * WearShape.allCases.count + place) * rests.count + vector
          let rest = rests[vector]
          let length = likelihood(ofLength: (rest + 1) * passed)
          let room = rest / (rest + 1) * shape.share
          let fit = fit(index, failure)
          var sum = SIMD8<Float>.zero
          for lane in 0..<8 { sum[lane] = steadyExponential(fit[lane] - best) }
          let mass = sum * length * room * (width * Self.wearRate)
          atOnset += mass.foldedSum()
          spread(mass, vector: vector, onset: onset)
        }
      }
      wear += atOnset
      if atOnset > likeliest {
        likeliest = atOnset
        sinceOnset = passed
      }
    }
    let step = stepMass(spans, height: failure, best: best)
    let steady = steadyExponential(-best)
    let total = wear + step + steady
    guard total > 0, wear > 0 else { return nil }
    return Result(
      wearShare: wear / total,
      p10: quantile(0.1, of: wear),
      p50: quantile(0.5, of: wear),
      p90: quantile(0.9, of: wear),
      sinceOnset: sinceOnset
    )
  }

  // MARK: - Parts

  /// Filters the history as a random walk under noise, and keeps the filter for the courses.
  private mutating func whiten(
    _ spans: [IndicatorHistory.Span],
    dayVariance: Float,
    walkVariance: Float,
    hoursPerDay: Float
  ) {
    gains.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    innovations.removeAll(keepingCapacity: true)
    let quarter = max(spans.count / 4, 2)
    var start: Float = 0
    for index in 0..<quarter { start += spans[index].mean }
    start /= Float(quarter)
    var range: Float = 0
    for span in spans { range = max(range, (span.mean - start).magnitude) }
    let dayVariance = max(dayVariance, range * range * (Self.fineness * Self.fineness))
    var level: Float = 0
    var variance = dayVariance * 1e4
    var moment = spans[0].centre
    for span in spans {
      variance += walkVariance * (span.centre - moment) / hoursPerDay
      moment = span.centre
      let away = (span.mean - start) * Self.misfit
      let noise = dayVariance * hoursPerDay / min(span.hours, hoursPerDay) + away * away
      let total = variance + noise
      let gain = variance / total
      let innovation = span.mean - level
      level += gain * innovation
      variance *= 1 - gain
      gains.append(gain)
      weights.append(1 / total)
      innovations.append(innovation)
    }
  }

  /// What each course from one onset predicts, through the same filter.
  private mutating func project(
    _ spans: [IndicatorHistory.Span],
    from onset: Float,
    passed: Float,
    onset number: Int
  ) {
    var begin = spans.count
    while begin > 0, spans[begin - 1].centre > onset { begin -= 1 }
    for (place, shape) in WearShape.allCases.enumerated() {
      for vector in rests.indices {
        let pace = SIMD8<Float>.one / ((rests[vector] + 1) * passed)
        var level = SIMD8<Float>.zero
        var projection = SIMD8<Float>.zero
        var energy = SIMD8<Float>.zero
        var index = begin
        while index < spans.count {
          let wear = shape.wear(at: pace * (spans[index].centre - onset))
          let innovation = wear - level
          level += innovation * gains[index]
          let weighted = innovation * weights[index]
          projection += weighted * innovations[index]
          energy += weighted * innovation
          index += 1
        }
        let combination = (number * WearShape.allCases.count + place) * rests.count + vector
        projections[combination] = projection
        energies[combination] = energy
      }
    }
  }

  /// The mass of all steps: one between any two spans, of any height up to about that of a failure.
  private func stepMass(_ spans: [IndicatorHistory.Span], height: Float, best: Float) -> Float {
    var mass: Float = 0
    for start in 1..<spans.count {
      var level: Float = 0
      var projection: Float = 0
      var energy: Float = 0
      for index in start..<spans.count {
        let innovation = 1 - level
        level += innovation * gains[index]
        let weighted = innovation * weights[index]
        projection += weighted * innovations[index]
        energy += weighted * innovation
      }
      // The height is normal around nothing, so it can be integrated away.
      let stiffness = energy + 1 / (height * height)
      let fit = projection * projection / (2 * stiffness)
      let odds =
        steadyExponential(min(fit - best, 40)) / (height.magnitude * stiffness.squareRoot())
      mass += odds * (spans[start].centre - spans[start - 1].centre) * Self.stepRate
    }
    return mass
  }

  /// How well courses to a failure level fit what is seen, as a logarithm.
  private func fit(_ index: Int, _ failure: Float) -> SIMD8<Float> {
    projections[index] * failure - energies[index] * (0.5 * failure * failure)
  }

  /// How likely a course is as long as this, as a share of the likeliest.
  private func likelihood(ofLength length: SIMD8<Float>) -> SIMD8<Float> {
    let ratio = length / Self.usualLength
    return 2 / (ratio + 1 / ratio)
  }

  /// Puts masses where their lives end, spread over the distance to the neighbouring lives.
  private mutating func spread(_ mass: SIMD8<Float>, vector: Int, onset: Int) {
    for lane in 0..<8 {
      let place =
        Self.firstOnset + onset * Self.onsetStep + Self.firstRest
        + (vector * 8 + lane) * Self.restStep
      let share = mass[lane] / Float(Self.restStep)
      for offset in 0..<Self.restStep {
        let bin = place - Self.restStep / 2 + offset
        bins[min(max(bin, 0), Self.binCount - 1)] += share
      }
    }
  }

  private func quantile(_ share: Float, of total: Float) -> Float {
    var rest = share * total
    for bin in bins.indices {
      if rest <= bins[bin] || bin == bins.count - 1 {
        let low = Self.leastHours * powers[bin]
        let part = bins[bin] > 0 ? min(rest / bins[bin], 1) : 0
        return low + (low * Self.base - low) * part
      }
      rest -= bins[bin]
    }
    return 0
  }
}
