package import ConditionModel

/// One estimate of the remaining life of a machine, in hours of the wall clock until failure.
package struct LifeEstimate: Hashable, Sendable {
  package var machine: String
  package var timestamp: Timestamp
  /// `nil` for "no estimate".
  package var quantiles: Quantiles?

  package struct Quantiles: Hashable, Sendable {
    package var p10: Double
    package var p50: Double
    package var p90: Double

    package init(p10: Double, p50: Double, p90: Double) {
      self.p10 = p10
      self.p50 = p50
      self.p90 = p90
    }
  }

  package init(machine: String, timestamp: Timestamp, quantiles: Quantiles?) {
    self.machine = machine
    self.timestamp = timestamp
    self.quantiles = quantiles
  }
}

/// How estimates of remaining life compare with the failures that came.
///
/// The estimate that holds is looked at once an hour; it holds for at most 6 hours and 30 minutes,
/// after that there is none. Only degradations that end in failure are asked, over their last half,
/// each with the same weight whatever its length: the figures are means (the error: the median) over
/// all hours of a degradation, then means over degradations. Where a machine has two at once, the
/// earlier failure is the truth. Normal is all time without wear, broken sensors included, repairs
/// (until a day after) left out.
package struct LifeScore: Hashable, Sendable {
  private static let constantHours = 100.0

  package private(set) var degradationCount = 0
  /// One entry per degradation with at least one estimate.
  package private(set) var coverages: [Double] = []
  package private(set) var intervalScores: [Double] = []
  package private(set) var relativeErrors: [Double] = []
  /// One entry per degradation.
  package private(set) var shares: [Double] = []
  /// What the errors would be if 100 h were estimated always: the scale of these plants.
  package private(set) var constantErrors: [Double] = []
  package private(set) var normalHours = 0
  package private(set) var claimedHours = 0

  package init() {}

  package mutating func add(_ machine: ExaminationRecord, estimates: [LifeEstimate]) {
    let sorted = estimates.sorted { $0.timestamp < $1.timestamp }
    for fault in machine.truth.machineFaults where fault.fails {
      add(fault, of: machine, sorted)
    }
    var place = 0
    let worn = machine.truth.machineFaults.map { $0.onset..<$0.end } + machine.truth.repairs
    var moment = machine.recorded.lowerBound
    while moment < machine.recorded.upperBound {
      defer { moment += .seconds(3_600) }
      let held = Self.estimate(at: moment, sorted, from: &place)
      guard !worn.contains(where: { $0.contains(moment) }) else { continue }
      normalHours += 1
      if let held, held.p50 <= 504 { claimedHours += 1 }
    }
  }

  private mutating func add(
    _ fault: ExaminationTruth.MachineFault,
    of machine: ExaminationRecord,
    _ estimates: [LifeEstimate]
  ) {
    let length = (fault.end - fault.onset).hours
    var hours = 0
    var held = 0
    var covered = 0
    var score = 0.0
    var errors: [Double] = []
    var constantErrors: [Double] = []
    var place = 0
    var moment = fault.onset + .seconds(Int64(length * 1_800))
    while moment < fault.end {
      defer { moment += .seconds(3_600) }
      hours += 1
      let next = machine.truth.machineFaults.filter { $0.fails && $0.end > moment }.map(\.end).min()
      let truth = ((next ?? fault.end) - moment).hours
      constantErrors.append(abs(Self.constantHours - truth) / max(truth, 1))
      guard let life = Self.estimate(at: moment, estimates, from: &place) else { continue }
      held += 1
      if life.p10 <= truth, truth <= life.p90 { covered += 1 }
      // The interval score of Gneiting and Raftery for 80 %.
      score += life.p90 - life.p10
      score += 10 * (max(0, life.p10 - truth) + max(0, truth - life.p90))
      errors.append(abs(life.p50 - truth) / max(truth, 1))
    }
    guard hours > 0 else { return }
    degradationCount += 1
    self.constantErrors.append(Self.median(constantErrors))
    shares.append(Double(held) / Double(hours))
    guard held > 0 else { return }
    coverages.append(Double(covered) / Double(held))
    intervalScores.append(score / Double(held) / length)
    relativeErrors.append(Self.median(errors))
  }

  private static func estimate(
    at moment: Timestamp,
    _ estimates: [LifeEstimate],
    from place: inout Int
  ) -> LifeEstimate.Quantiles? {
    while place + 1 < estimates.count, estimates[place + 1].timestamp <= moment { place += 1 }
    guard place < estimates.count, estimates[place].timestamp <= moment,
      moment - estimates[place].timestamp <= .seconds(23_400)
    else { return nil }
    return estimates[place].quantiles
  }

  package mutating func add(_ other: LifeScore) {
    degradationCount += other.degradationCount
    coverages += other.coverages
    intervalScores += other.intervalScores
    relativeErrors += other.relativeErrors
    constantErrors += other.constantErrors
    shares += other.shares
    normalHours += other.normalHours
    claimedHours += other.claimedHours
  }

  // MARK: - Figures

  package var coverage: Double { mean(coverages) }
  package var intervalScore: Double { mean(intervalScores) }
  /// The median over degradations of each one's median error.
  package var relativeError: Double { Self.median(relativeErrors) }
  package var constantError: Double { Self.median(constantErrors) }
  package var withoutEstimate: Double { 1 - mean(shares) }
  package var claimedShare: Double {
    normalHours == 0 ? 0 : Double(claimedHours) / Double(normalHours)
  }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  private func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}

extension Duration {
  fileprivate var hours: Double { inSeconds / 3_600 }
}
