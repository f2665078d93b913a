import ConditionModel
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
}
