import ConditionModel
import Foundation
import HealthAssessment
import PlantSimulation
import Testing

struct VibrationDiagnoserTests {
  private static let orders = BearingOrders(outer: 3.585, inner: 5.415, spin: 2.357, cage: 0.398)
  private let target = VibrationTarget(shaftHertz: 24.7, bearing: orders)

  private func record(
    _ fault: VibrationFault?,
    peak: Double = 6,
    rate: Double = 12_000,
    seconds: Double = 2,
    seed: UInt64 = 7
  ) -> [Float] {
    var scenario = VibrationScenario(shaftHertz: 24.6)
    if let fault { scenario.defect = .init(fault: fault, orders: Self.orders, peak: peak) }
    var model = VibrationModel(scenario, sampleRateHertz: rate, seed: seed)
    var samples = [Float](repeating: 0, count: Int(seconds * rate))
    model.fill(&samples)
    return samples
  }

  @Test(arguments: [VibrationFault.inner, .outer], [12_000.0])
  func `a clear defect is named, with its lines`(fault: VibrationFault, rate: Double) throws {
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(
      record(fault, rate: rate),
      sampleRateHertz: rate,
      target: target
    )
    let first = try #require(diagnosis.suspects.first)
    #expect(first.fault == fault && first.isConfident, "\(diagnosis.suspects)")
    #expect(first.lines.first?.isPresent == true)
    #expect(abs((first.rateRatio ?? 0) - 0.995) < 0.01)
    #expect(diagnosis.confident.count == 1)
  }

  @Test func `a sound bearing gets no fault pattern as the answer`() {
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(record(nil), sampleRateHertz: 12_000, target: target)
    #expect(diagnosis.suspects.first?.fault == VibrationFault.none)
    #expect(diagnosis.confident.isEmpty)
  }

  @Test func `a record read twice, between others, gives the same diagnosis`() {
    var diagnoser = VibrationDiagnoser()
    let samples = record(.outer)
    let first = diagnoser.diagnose(samples, sampleRateHertz: 12_000, target: target)
    _ = diagnoser.diagnose(record(.inner), sampleRateHertz: 12_000, target: target)
    _ = diagnoser.diagnose(record(nil, seconds: 1), sampleRateHertz: 12_000, target: target)
    let again = diagnoser.diagnose(samples, sampleRateHertz: 12_000, target: target)
    #expect(first == again)
  }

  private func diagnose(_ trial: VibrationTrial) -> VibrationDiagnosis {
    var diagnoser = VibrationDiagnoser()
    return diagnoser.diagnose(
      trial.samples,
      sampleRateHertz: trial.sampleRateHertz,
      target: trial.target
    )
  }

  /// `vigie-bench diagnose --healthy 20000` examines more of the same.
  @Test func `sound machines among all that disturbs get no fault`() {
    let trials = (0..<40).map { VibrationTrial.sound($0) }
    for (number, trial) in trials.enumerated() {
      let named = diagnose(trial).confident.map(\.fault)
      #expect(named.isEmpty, "record \(number): \(named)")
    }
    // All that a site file can tell of is among them, and a mesh that shakes more than is left alone.
    let targets = trials.map(\.target)
    #expect(targets.count { $0.teeth != nil } >= 10 && targets.count { $0.blades != nil } >= 5)
    #expect(
      targets.count { $0.beltOrder != nil } >= 5 && targets.allSatisfy { $0.mainsHertz != nil }
    )
  }

  /// A mesh at 126 Hz with 8.8 mm/s RMS, and the lines beside it of both shafts at a quarter of that.
  @Test func `a loud mesh with the sidebands of a sound gear set is no gear fault`() {
    func named(modulation: Double) -> [VibrationFault] {
      var scenario = VibrationScenario(shaftHertz: 24.3)
      scenario.gear = .init(teeth: 13, level: 25, modulation: modulation, mateTeeth: 37)
      var model = VibrationModel(scenario, sampleRateHertz: 6_400, seed: 2)
      var samples = [Float](repeating: 0, count: 19_200)
      model.fill(&samples)
      var diagnoser = VibrationDiagnoser()
      let target = VibrationTarget(shaftHertz: 24.3, teeth: 13)
      return diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target).confident
        .map(\.fault)
    }
    #expect(named(modulation: 0.4).isEmpty)
    #expect(named(modulation: 2.5) == [.gear])
  }

  @Test
  func `a line at three times the shaft is no misalignment, even where once is lost in noise`() {
    var scenario = VibrationScenario(shaftHertz: 24.3)
    scenario.unbalance = 0
    scenario.misalignment = 0.6
    // Of three blades that nobody told of: 5.5 mm/s.
    scenario.blades = .init(count: 3, level: 2.5)
    var model = VibrationModel(scenario, sampleRateHertz: 6_400, seed: 2)
    var samples = [Float](repeating: 0, count: 19_200)
    model.fill(&samples)
    var diagnoser = VibrationDiagnoser()
    var target = VibrationTarget(shaftHertz: 24.3)
    #expect(
      diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target).confident.isEmpty
    )
    target.blades = 3
    #expect(
      diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target).confident.map(\.fault)
        == [.blade]
    )
  }

  @Test(arguments: [VibrationFault.outer, .inner])
  func `a strong defect is mostly found among all that disturbs, and never named wrong`(
    fault: VibrationFault
  ) {
    var right = 0
    for number in 11..<19 {
      let named = diagnose(.worn(fault, peak: 15, number)).confident.map(\.fault)
      if named.first == fault { right += 1 } else { #expect(named.isEmpty, "record \(number)") }
    }
    #expect(right >= 5)
  }

  @Test func `a speed that is told 2 % wrong is made exact`() {
    var diagnoser = VibrationDiagnoser()
    let wrong = VibrationTarget(shaftHertz: 24.6 * 1.02, bearing: Self.orders)
    var scenario = VibrationScenario(shaftHertz: 24.6)
    scenario.unbalance = 2
    scenario.misalignment = 1
    scenario.defect = .init(fault: .outer, orders: Self.orders, peak: 6)
    var model = VibrationModel(scenario, sampleRateHertz: 12_000, seed: 7)
    var samples = [Float](repeating: 0, count: 24_000)
    model.fill(&samples)
    let diagnosis = diagnoser.diagnose(samples, sampleRateHertz: 12_000, target: wrong)
    #expect(abs(diagnosis.shaft.hertz - 24.6) < 0.2)
    #expect(diagnosis.confident.first?.fault == .outer)
  }

  /// A shock once a turn has lines at every order, some beside those of the bearing: those of a 6203
  /// lie within 0.06 turns of 3, 4 and 5.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `a shock once a turn is no defect of the bearing, even where its lines lie near`(
    seed: UInt64
  ) {
    var scenario = VibrationScenario(shaftHertz: 29.1 + 0.07 * Double(seed))
    scenario.speedWander = 0.002
    // One strike a turn: an outer ring that is passed once.
    let once = BearingOrders(outer: 1, inner: 5.415, spin: 2.357, cage: 0.398)
    scenario.defect = .init(fault: .outer, orders: once, peak: 12)
    scenario.defect?.rateRatio = 1
    scenario.defect?.jitter = 0
    var model = VibrationModel(scenario, sampleRateHertz: 12_000, seed: seed)
    var samples = [Float](repeating: 0, count: 60_000)
    model.fill(&samples)
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(
      samples,
      sampleRateHertz: 12_000,
      target: VibrationTarget(
        shaftHertz: 29.17,
        bearing: BearingOrders(outer: 3.053, inner: 4.947, spin: 1.994, cage: 0.3816)
      )
    )
    #expect(diagnosis.confident.filter { $0.fault.isBearing }.isEmpty, "\(diagnosis.confident)")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a cage that strikes is a suspect with its lines, and no ring is named for it`(
    seed: UInt64
  ) throws {
    var scenario = VibrationScenario(shaftHertz: 24.6)
    scenario.defect = .init(fault: .cage, orders: Self.orders, peak: 15)
    scenario.defect?.jitter = 0.002
    var model = VibrationModel(scenario, sampleRateHertz: 12_000, seed: seed)
    var samples = [Float](repeating: 0, count: 60_000)
    model.fill(&samples)
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(samples, sampleRateHertz: 12_000, target: target)
    #expect(diagnosis.confident.isEmpty, "\(diagnosis.confident)")
    let suspect = try #require(diagnosis.suspects.first { $0.fault != .none })
    #expect(suspect.fault == .cage && suspect.z > VibrationDiagnoser.confidentDeviation)
    #expect(suspect.lines.first?.name == "FTF" && suspect.lines.count(where: \.isPresent) >= 3)
  }

  @Test(arguments: [(800.0, 400.0), (2_000, 1_000), (12_000, 1_000)])
  func `the velocity tells how far its band reaches`(rate: Double, end: Double) {
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(record(nil), sampleRateHertz: rate, target: target)
    #expect(diagnosis.levels.velocityBand == 10...end)
  }

  /// Four multiples in an envelope to a quarter of the rate: 17 × 5.415 × 24.6 Hz for the inner race,
  /// and 2,800 at least for any.
  @Test(arguments: [2_560.0, 2_800, 12_000])
  func `a defect that the record cannot show is not looked for, and that is said`(rate: Double) {
    var diagnoser = VibrationDiagnoser()
    let unseen = diagnoser.diagnose(record(nil), sampleRateHertz: rate, target: target).unseen
    #expect(unseen?.faults == (rate < 2_800 ? [.inner, .outer, .ball, .cage] : nil))
    #expect(unseen?.requiredRateHertz == (rate < 2_800 ? 2_800 : nil))
  }

  @Test(arguments: [100.0, 140, 200, 330])
  func `a rate that is said to be enough shows all defects of a fast bearing`(
    shaft: Double
  ) throws {
    var diagnoser = VibrationDiagnoser()
    let target = VibrationTarget(shaftHertz: shaft, bearing: Self.orders)
    let slow = diagnoser.diagnose(record(nil), sampleRateHertz: 6_400, target: target).unseen
    #expect(slow?.faults.contains(.inner) == true && slow?.faults.contains(.cage) == false)
    let needed = try #require(slow?.requiredRateHertz)
    #expect(needed > 6_400 && needed < 20 * 5.415 * shaft)
    let enough = diagnoser.diagnose(record(nil), sampleRateHertz: needed, target: target).unseen
    #expect(enough == nil)
  }

  @Test func `without a speed the bearing is not looked for, and that is said`() {
    var diagnoser = VibrationDiagnoser()
    let diagnosis = diagnoser.diagnose(
      (0..<12_800).map { Float($0 % 7) },
      sampleRateHertz: 6_400,
      target: VibrationTarget(shaftHertz: nil, bearing: Self.orders)
    )
    #expect(diagnosis.shaft.origin == .unknown)
    #expect(diagnosis.unseen?.faults.count == 4 && diagnosis.unseen?.requiredRateHertz == nil)
  }

  @Test(arguments: [1, 12.8, 17, 200])
  func `a record at a rate that shows nothing is read to its end all the same`(rate: Double) {
    var diagnoser = VibrationDiagnoser()
    for target in [target, VibrationTarget(shaftHertz: nil)] {
      let diagnosis = diagnoser.diagnose(record(nil), sampleRateHertz: rate, target: target)
      #expect(diagnosis.confident.filter { $0.fault.isBearing }.isEmpty)
    }
  }

  @Test func `the lines of another bearing are not named`() {
    var diagnoser = VibrationDiagnoser()
    let other = BearingOrders(outer: 5.935, inner: 8.065, spin: 2.459, cage: 0.424)
    let diagnosis = diagnoser.diagnose(
      record(.outer),
      sampleRateHertz: 12_000,
      target: VibrationTarget(shaftHertz: 24.6, bearing: other)
    )
    #expect(diagnosis.confident.isEmpty)
  }

  @Test(arguments: [
    (VibrationFault.imbalance, 8.0, 0.1, 0.0), (.misalignment, 3, 5, 0), (.looseness, 1, 1, 6),
  ])
  func `a pattern of the shaft is named once it shakes the machine`(
    fault: VibrationFault,
    unbalance: Double,
    misalignment: Double,
    looseness: Double
  ) {
    func diagnosis(_ share: Double) -> VibrationDiagnosis {
      var scenario = VibrationScenario(shaftHertz: 24.3)
      scenario.unbalance = unbalance * share
      scenario.misalignment = misalignment * share
      scenario.looseness = looseness * share
      var model = VibrationModel(scenario, sampleRateHertz: 6_400, seed: 2)
      var samples = [Float](repeating: 0, count: 12_800)
      model.fill(&samples)
      var diagnoser = VibrationDiagnoser()
      return diagnoser.diagnose(
        samples,
        sampleRateHertz: 6_400,
        target: VibrationTarget(shaftHertz: 24.3)
      )
    }
    let shaken = diagnosis(1)
    #expect(shaken.confident.first?.fault == fault, "\(shaken.suspects.map(\.fault))")
    #expect(diagnosis(0.1).confident.isEmpty)
  }

  @Test func `a wheel with a damaged tooth and blades that hum are named with their lines`() {
    var scenario = VibrationScenario(shaftHertz: 24.3)
    scenario.gear = .init(teeth: 12, level: 20, modulation: 1)
    var model = VibrationModel(scenario, sampleRateHertz: 6_400, seed: 2)
    var samples = [Float](repeating: 0, count: 12_800)
    model.fill(&samples)
    var diagnoser = VibrationDiagnoser()
    var target = VibrationTarget(shaftHertz: 24.3, teeth: 12)
    let gear = diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target)
    let suspect = gear.suspects.first { $0.fault == .gear }
    #expect(suspect?.lines.first?.name == "mesh")
    #expect(suspect?.lines.count { $0.isPresent } ?? 0 >= 5)
    target.teeth = nil
    target.blades = 12
    let blades = diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target)
    #expect(blades.confident.first?.fault == .blade)
    // With as many teeth beside them, it is the mesh that hums.
    target.teeth = 12
    let both = diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target)
    #expect(!both.confident.map(\.fault).contains(.blade))
  }

  /// The confident patterns of a motor at 24.3 Hz that shakes with 4 mm/s RMS at one frequency, beside
  /// an unbalance of 1 mm/s.
  private func patterns(at hertz: Double, _ target: VibrationTarget) -> [VibrationFault] {
    var scenario = VibrationScenario(shaftHertz: 24.3)
    scenario.unbalance = 1
    var model = VibrationModel(scenario, sampleRateHertz: 6_400, seed: 2)
    var samples = [Float](repeating: 0, count: 19_200)
    model.fill(&samples)
    let amplitude = 4 * 2.0.squareRoot() * 2 * .pi * hertz / 1_000
    for index in samples.indices {
      samples[index] += Float(amplitude * sin(2 * .pi * hertz * Double(index) / 6_400))
    }
    var diagnoser = VibrationDiagnoser()
    return diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target).confident
      .map(\.fault)
  }

  @Test func `a belt that shakes the machine at its own turn is named, where there is one`() {
    let hertz = 0.35 * 24.3
    let belt = VibrationTarget(shaftHertz: 24.3, beltOrder: 0.35)
    #expect(patterns(at: hertz, belt) == [.belt])
    #expect(patterns(at: hertz, VibrationTarget(shaftHertz: 24.3)).isEmpty)
    #expect(patterns(at: 1.7 * hertz, belt).isEmpty)
  }

  @Test func `twice the mains is an electrical fault, unless the shaft has a line there`() {
    let motor = VibrationTarget(shaftHertz: 24.3, mainsHertz: 50)
    #expect(patterns(at: 100, motor) == [.electrical])
    #expect(patterns(at: 100, VibrationTarget(shaftHertz: 24.3)).isEmpty)
    #expect(patterns(at: 120, motor).isEmpty)
    // Four times 24.3 Hz, within a line's width of twice these mains.
    let other = VibrationTarget(shaftHertz: 24.3, mainsHertz: 48.6)
    #expect(!patterns(at: 97.2, other).contains(.electrical))
  }

  @Test func `without a speed it is found, or said to be unknown`() {
    var scenario = VibrationScenario(shaftHertz: 23.4)
    scenario.unbalance = 4
    scenario.misalignment = 2
    var model = VibrationModel(scenario, sampleRateHertz: 6_400, seed: 2)
    var samples = [Float](repeating: 0, count: 12_800)
    model.fill(&samples)
    var diagnoser = VibrationDiagnoser()
    let target = VibrationTarget(shaftHertz: nil)
    let found = diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target).shaft
    #expect(found.origin == .estimated)
    #expect(abs(found.hertz - 23.4) < 0.2)
    let quiet = samples.indices.map { Float($0 % 7) }
    let unknown = diagnoser.diagnose(quiet, sampleRateHertz: 6_400, target: target).shaft
    #expect(unknown.origin == .unknown)
  }

  /// Lines at all orders, the third strongest; those at 59.8 and 119.6 Hz may be the mains.
  @Test func `a speed whose every third line is strong is not taken for three times as fast`() {
    var noise = VibrationScenario(shaftHertz: 29.9)
    noise.unbalance = 0
    noise.misalignment = 0
    var model = VibrationModel(noise, sampleRateHertz: 6_400, seed: 2)
    var samples = [Float](repeating: 0, count: 12_800)
    model.fill(&samples)
    for order in [1, 2, 3, 4] + Array(stride(from: 6, through: 24, by: 3)) {
      let amplitude = order.isMultiple(of: 3) ? 1.0 : 0.3
      for index in samples.indices {
        let turns = Double(order) * 29.9 * Double(index) / 6_400
        samples[index] += Float(amplitude * sin(2 * .pi * turns))
      }
    }
    var diagnoser = VibrationDiagnoser()
    let target = VibrationTarget(shaftHertz: nil)
    let found = diagnoser.diagnose(samples, sampleRateHertz: 6_400, target: target).shaft
    #expect(found.origin == .estimated)
    #expect(abs(found.hertz - 29.9) < 0.1)
  }
}
