package import ConditionModel
import SignalProcessing

/// Names fault patterns in records of acceleration, without any training.
///
/// One diagnoser serves any number of sensors: what it keeps depends on the length and rate of the
/// records, not on the machine. A run with a known length and rate hardly allocates.
///
/// A bearing defect is named where its lines stand out of the envelope spectra of several bands as no
/// other rate's do in the same record (`VibrationCombs`); patterns of the shaft where their lines
/// carry a vibration that matters (`VibrationPatterns`).
package struct VibrationDiagnoser: Sendable {
  /// Records shorter than this have no spectrum worth reading.
  package static let shortestRecord = 1_024
  /// From here on a suspect is named.
  ///
  /// `vigie-bench diagnose --healthy 20000` counts how often that happens to sound machines.
  package static let confidentDeviation = 4.25
  /// By which share rolling elements may slip.
  private static let slip = 0.02

  /// More are not kept at a time: a plan takes a megabyte for 8,192 samples and milliseconds to make.
  private static let mostPlans = 2

  private var plans: [VibrationPlan] = []

  package init() {}

  /// - Parameters:
  ///   - samples: Acceleration in m/s², finite, at least ``shortestRecord``.
  ///   - sampleRateHertz: Their rate.
  ///   - target: What is known of the machine.
  /// - Returns: The suspects with their lines; the first is `none` where no pattern is sure.
  package mutating func diagnose(
    _ samples: [Float],
    sampleRateHertz: Double,
    target: VibrationTarget
  ) -> VibrationDiagnosis {
    precondition(samples.count >= Self.shortestRecord, "a record has at least 1,024 samples")
    let shape = VibrationPlan.shape(samples.count, sampleRateHertz, target)
    if let index = plans.firstIndex(where: { $0.shape == shape }) {
      return plans[index].diagnose(samples, target, slip: Self.slip)
    }
    if plans.count == Self.mostPlans { plans.removeFirst() }
    plans.append(VibrationPlan(shape))
    return plans[plans.count - 1].diagnose(samples, target, slip: Self.slip)
  }
}

/// All that is kept for records of one length and rate.
struct VibrationPlan: Sendable {
  private(set) var envelopes: VibrationEnvelopes
  private(set) var orders: VibrationOrders
  private var combs = VibrationCombs()
  private var rises: [[Float]] = []
  private var known: [Range<Int>] = []

  init(_ shape: VibrationEnvelopes.Shape) {
    envelopes = VibrationEnvelopes(shape)
    orders = VibrationOrders(length: shape.segmentLength, binHertz: envelopes.binHertz)
  }

  var shape: VibrationEnvelopes.Shape { envelopes.shape }

  /// Segments of one and a half seconds, or of 45 turns of a slow shaft: long enough to part the
  /// lines of a bearing from those of the shaft, short enough for elements that slip.
  static func shape(
    _ count: Int,
    _ rate: Double,
    _ target: VibrationTarget
  ) -> VibrationEnvelopes.Shape {
    let shaft = target.shaftHertz ?? 25
    var length = max(32, min(count, Int(rate * max(1.5, 45 / shaft))) / 32 * 32)
    while RealTransform.fastLength(atLeast: length) != length { length -= 32 }
    // Four multiples of the highest rate, in steps, so that machines of a kind share a plan.
    let needed = 4.25 * VibrationCombs.highestOrder(target.bearing) * shaft
    var reach = 250.0
    while reach < needed, reach < rate / 4 {
      reach = 1.5 * reach < needed ? 2 * reach : 1.5 * reach
    }
    return VibrationEnvelopes.Shape(
      segmentLength: length,
      sampleRateHertz: rate,
      envelopeHertz: reach
    )
  }

  mutating func diagnose(
    _ samples: [Float],
    _ target: VibrationTarget,
    slip: Double
  ) -> VibrationDiagnosis {
    envelopes.read(samples.span)
    orders.read(envelopes.density)
    let shaft = rotation(target)
    let suspects = bearingSuspects(target, shaft, slip)
    var list = suspects.map(\.suspect)
    let patterns = VibrationPatterns(
      orders: orders,
      shaft: shaft,
      target: target,
      segmentCount: envelopes.segmentCount
    ).suspects()
    list += patterns.sorted { $0.z > $1.z }
    // Those that are named come first.
    list = list.filter(\.isConfident) + list.filter { !$0.isConfident }
    if list.first?.isConfident != true {
      list.insert(VibrationSuspect(fault: .none, z: 0, isConfident: false, lines: []), at: 0)
    }
    return VibrationDiagnosis(
      suspects: list,
      shaft: shaft,
      levels: levels(samples, band: suspects.first?.band),
      unseen: unseen(target, shaft, list)
    )
  }

  /// The defects of the bearing that the search could not weigh.
  private func unseen(
    _ target: VibrationTarget,
    _ shaft: ShaftSpeed,
    _ suspects: [VibrationSuspect]
  ) -> UnseenFaults? {
    guard let bearing = target.bearing else { return nil }
    let missing = [VibrationFault.inner, .outer, .ball, .cage].filter { fault in
      !suspects.contains { $0.fault == fault }
    }
    guard !missing.isEmpty else { return nil }
    if shaft.origin == .unknown { return UnseenFaults(missing, requiredRateHertz: nil) }
    let rule = UnseenFaults(
      of: bearing,
      shaftHertz: shaft.hertz,
      sampleRateHertz: shape.sampleRateHertz
    )
    return rule.map { UnseenFaults(missing, requiredRateHertz: $0.requiredRateHertz) }
  }

  private func rotation(_ target: VibrationTarget) -> ShaftSpeed {
    guard let told = target.shaftHertz else {
      let highest = min(100, shape.sampleRateHertz / 20)
      return orders.rotation(in: min(4, highest)...highest, told: nil)
        ?? ShaftSpeed(hertz: 0, uncertaintyHertz: 0, origin: .unknown)
    }
    let tolerance = target.shaftTolerance
    let range = told * (1 - tolerance)...told * (1 + tolerance)
    return orders.rotation(in: range, told: told)
      ?? orders.rotation(in: range, told: told, of: envelopes.meanRise)
      ?? ShaftSpeed(hertz: told, uncertaintyHertz: 0.01 * told, origin: .given)
  }

  private mutating func bearingSuspects(
    _ target: VibrationTarget,
    _ shaft: ShaftSpeed,
    _ slip: Double
  ) -> [(suspect: VibrationSuspect, band: Int)] {
    guard let bearing = target.bearing, shaft.origin != .unknown else { return [] }
    maskKnown(shaft.hertz)
    let question = VibrationCombs.Question(
      binHertz: envelopes.binHertz,
      shaftHertz: shaft.hertz,
      slack: min(0.05, slip + shaft.uncertaintyHertz / shaft.hertz),
      orders: bearing,
      segmentCount: envelopes.segmentCount
    )
    let evidence = VibrationEvidence(
      envelopes: envelopes,
      orders: orders,
      shaft: shaft,
      bearing: bearing
    )
    let cage = combs.search(rises, question, families: [.slow])
    var scores = combs.search(rises, question, families: [.plain, .shaft, .cage])
    for index in scores.indices where evidence.isLineOfTrain(scores[index]) {
      scores[index].z = min(scores[index].z, VibrationDiagnoser.confidentDeviation / 2)
    }
    let first = Self.strongest(scores, cage: cage.first)
    if let first, first.z >= VibrationDiagnoser.confidentDeviation {
      // Lines of one defect fall beside those of another: the others must do without them.
      VibrationCombs.leaveOut(first, question, of: &rises)
      let others = combs.search(rises, question, families: [.plain]).filter {
        $0.fault != first.fault
      }
      scores = scores.filter { $0.fault == first.fault } + others
    }
    scores += cage
    let suspects = [VibrationFault.inner, .outer, .ball, .cage].compactMap { fault in
      let mine = scores.filter { $0.fault == fault }
      return mine.max { $0.z < $1.z }.map { best in
        var suspect = evidence.suspect(best)
        // Only the strongest is named.
        if best.fault != first?.fault { suspect.isConfident = false }
        return (suspect: suspect, band: best.band)
      }
    }
    return suspects.sorted {
      ($0.suspect.isConfident ? 1 : 0, $0.suspect.z) > (
        $1.suspect.isConfident ? 1 : 0, $1.suspect.z
      )
    }
  }

  /// The score that explains the record best; `nil` where none can.
  ///
  /// Sidebands of an inner ring can lie where a ball's lines do, all multiples included: a ball must
  /// be clearly stronger than both rings. And elements pass the rings at multiples of the cage's rate:
  /// where its own lines are stronger, those of a ring say nothing.
  private static func strongest(
    _ scores: [VibrationCombs.Score],
    cage: VibrationCombs.Score?
  ) -> VibrationCombs.Score? {
    let first = scores.max { one, other in
      one.z - (one.fault == .ball ? 1.5 : 0) < other.z - (other.fault == .ball ? 1.5 : 0)
    }
    guard let first, let cage, first.fault != .ball else { return first }
    return cage.z < first.z ? first : nil
  }

  /// Copies the envelopes' lines and leaves out those that belong to the shaft or to the mains.
  private mutating func maskKnown(_ shaftHertz: Double) {
    if rises.count != envelopes.bands.count { rises = envelopes.bands.map(\.rise) }
    known.removeAll(keepingCapacity: true)
    for rate in [shaftHertz, 50, 60] { findKnown(every: rate) }
    for band in rises.indices {
      let rise = envelopes.bands[band].rise
      LineComb.copy(rise.count, of: rise, upTo: VibrationCombs.lineLimit, into: &rises[band])
      Self.clear(known, in: &rises[band])
    }
  }

  /// Finds the bins within one of each multiple of a rate.
  private mutating func findKnown(every hertz: Double) {
    let distance = hertz / envelopes.binHertz
    guard distance > 4 else { return }
    var multiple = 1.0
    while Int(multiple * distance) + 1 < envelopes.envelopeBinCount {
      let centre = multiple * distance
      known.append(Int((centre - 1).rounded(.up))..<Int((centre + 1).rounded(.down)) + 1)
      multiple += 1
    }
  }

  private static func clear(_ parts: [Range<Int>], in array: inout [Float]) {
    var values = array.mutableSpan
    for part in parts {
      for bin in part { values[bin] = 0 }
    }
  }

  private func levels(_ samples: [Float], band: Int?) -> VibrationLevels {
    let statistics = BlockStatistics(samples.span)
    let deviation = statistics.standardDeviation
    let above = Double(statistics.maximum) - statistics.mean
    let peak = max(above, statistics.mean - Double(statistics.minimum))
    let velocityBand = 10...max(10, min(1000, shape.sampleRateHertz / 2))
    return VibrationLevels(
      acceleration: deviation,
      peak: peak,
      crestFactor: deviation > 0 ? peak / deviation : 0,
      kurtosis: statistics.kurtosis ?? 0,
      velocity: orders.velocity(in: velocityBand),
      velocityBand: velocityBand,
      envelopeBand: band.flatMap { index in
        envelopes.bands.indices.contains(index) ? envelopes.bands[index].hertz : nil
      }
    )
  }
}
