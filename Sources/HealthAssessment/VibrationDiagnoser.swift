package import ConditionModel
import SignalProcessing

/// Names fault patterns in records of acceleration, without any training.
///
/// One diagnoser serves any number of sensors: what it keeps depends on the length and rate of the
/// records, not on the machine. A run with a known length and rate hardly allocates.
package struct VibrationDiagnoser: Sendable {
  private var plans: [Plan] = []

  package init() {}

  fileprivate struct Plan: Sendable {
    var envelopes: VibrationEnvelopes
    var orders: VibrationOrders
    var combs = VibrationCombs()
    var rises: [[Float]] = []
  }

  /// Records shorter than this have no spectrum worth reading.
  package static let shortestRecord = 1_024

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
    let index = plan(samples.count, sampleRateHertz, target)
    return plans[index].diagnose(samples, target)
  }

  private mutating func plan(_ count: Int, _ rate: Double, _ target: VibrationTarget) -> Int {
    let shaft = target.shaftHertz ?? 25
    // Two seconds, longer for slow shafts.
    let wanted = min(count, Int(rate * max(2, 50 / shaft)))
    var reach = 250.0
    let highest = 4 * 9.2 * shaft
    while reach < highest, reach < rate / 4 { reach *= 2 }
    let shape = VibrationEnvelopes.Shape(
      segmentLength: longestFastLength(upTo: wanted),
      sampleRateHertz: rate,
      envelopeHertz: reach
    )
    if let known = plans.firstIndex(where: { $0.envelopes.shape == shape }) { return known }
    let envelopes = VibrationEnvelopes(shape)
    plans.append(
      Plan(
        envelopes: envelopes,
        orders: VibrationOrders(length: shape.segmentLength, binHertz: envelopes.binHertz)
      )
    )
    return plans.count - 1
  }

  private func longestFastLength(upTo count: Int) -> Int {
    var length = count / 32 * 32
    while RealTransform.fastLength(atLeast: length) != length { length -= 32 }
    return length
  }
}

extension VibrationDiagnoser.Plan {
  fileprivate mutating func diagnose(
    _ samples: [Float],
    _ target: VibrationTarget
  ) -> VibrationDiagnosis {
    envelopes.read(samples.span)
    orders.read(envelopes.density)
    let shaft = rotation(target)
    var suspects: [VibrationSuspect] = []
    if let bearing = target.bearing, shaft.origin != .unknown {
      maskShaft(shaft.hertz)
      let slack = 0.02 + shaft.uncertaintyHertz / shaft.hertz
      let scores = combs.search(
        rises,
        binHertz: envelopes.binHertz,
        shaftHertz: shaft.hertz,
        slack: min(0.06, slack),
        orders: bearing
      )
      for fault in [VibrationFault.inner, .outer, .ball] {
        let mine = scores.filter { $0.fault == fault }
        guard let best = mine.max(by: { $0.z < $1.z }) else { continue }
        suspects.append(suspect(best, bearing, shaft))
      }
      suspects.sort { $0.z > $1.z }
      for index in suspects.indices.dropFirst() { suspects[index].isConfident = false }
    }
    if !suspects.contains(where: \.isConfident) {
      suspects.insert(VibrationSuspect(fault: .none, z: 0, isConfident: false, lines: []), at: 0)
    }
    return VibrationDiagnosis(suspects: suspects, shaft: shaft, levels: levels(samples))
  }

  private func rotation(_ target: VibrationTarget) -> ShaftSpeed {
    guard let told = target.shaftHertz else {
      let found = orders.rotation(in: 5...100)
      return found.map {
        ShaftSpeed(hertz: $0.hertz, uncertaintyHertz: $0.uncertaintyHertz, origin: .estimated)
      } ?? ShaftSpeed(hertz: 0, uncertaintyHertz: 0, origin: .unknown)
    }
    let tolerance = target.shaftTolerance
    if let found = orders.rotation(in: told * (1 - tolerance)...told * (1 + tolerance)) {
      return found
    }
    return ShaftSpeed(hertz: told, uncertaintyHertz: 0.01 * told, origin: .given)
  }

  /// Copies the envelopes' lines and leaves out those that belong to the shaft.
  private mutating func maskShaft(_ shaftHertz: Double) {
    if rises.count != envelopes.bands.count { rises = envelopes.bands.map(\.rise) }
    let perTurn = shaftHertz / envelopes.binHertz
    for band in rises.indices {
      for bin in rises[band].indices { rises[band][bin] = envelopes.bands[band].rise[bin] }
      var turn = perTurn
      while Int(turn) + 1 < rises[band].count {
        for bin in Int((turn - 1).rounded(.up))...Int((turn + 1).rounded(.down)) {
          rises[band][bin] = 0
        }
        turn += perTurn
      }
    }
  }

  private func suspect(
    _ score: VibrationCombs.Score,
    _ bearing: BearingOrders,
    _ shaft: ShaftSpeed
  ) -> VibrationSuspect {
    let (name, order): (String, Double) =
      switch score.fault {
      case .inner: ("BPFI", bearing.inner)
      case .ball: ("2×BSF", bearing.ball)
      default: ("BPFO", bearing.outer)
      }
    let band = envelopes.bands[min(score.band, envelopes.bands.count - 1)]
    var lines: [VibrationLine] = []
    func add(_ label: String, _ hertz: Double) {
      let bin = Int((hertz / envelopes.binHertz).rounded())
      guard bin > 0, bin < band.rise.count else { return }
      let level = 4.342_944_8 * Double(band.rise[bin])
      lines.append(
        VibrationLine(
          name: label,
          spectrum: .envelope,
          order: hertz / shaft.hertz,
          hertz: hertz,
          decibelsAboveFloor: level,
          isPresent: level >= 6
        )
      )
    }
    for multiple in 1...4 {
      add(multiple == 1 ? name : "\(multiple)·\(name)", Double(multiple) * score.hertz)
    }
    if score.fault == .inner {
      add("BPFI−1×", score.hertz - shaft.hertz)
      add("BPFI+1×", score.hertz + shaft.hertz)
    }
    return VibrationSuspect(
      fault: score.fault,
      z: score.z,
      isConfident: score.z >= 4,
      rateRatio: score.hertz / (order * shaft.hertz),
      lines: lines
    )
  }

  private func levels(_ samples: [Float]) -> VibrationLevels {
    let statistics = BlockStatistics(samples.span)
    let deviation = statistics.standardDeviation
    let peak = max(
      Double(statistics.maximum) - statistics.mean,
      statistics.mean - Double(statistics.minimum)
    )
    return VibrationLevels(
      acceleration: deviation,
      peak: peak,
      crestFactor: deviation > 0 ? peak / deviation : 0,
      kurtosis: statistics.kurtosis ?? 0,
      velocity: orders.velocity(in: 10...1000)
    )
  }
}
