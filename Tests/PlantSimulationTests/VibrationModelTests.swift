import ConditionModel
import PlantSimulation
import SignalProcessing
import Testing

struct VibrationModelTests {
  private static let orders = BearingOrders(outer: 3.585, inner: 5.415, spin: 2.357, cage: 0.398)

  private func record(
    _ scenario: VibrationScenario,
    count: Int = 24_000,
    blockLength: Int? = nil,
    rate: Double = 12_000,
    seed: UInt64 = 1
  ) -> [Float] {
    var model = VibrationModel(scenario, sampleRateHertz: rate, seed: seed)
    var samples: [Float] = []
    while samples.count < count {
      var block = [Float](repeating: 0, count: min(blockLength ?? count, count - samples.count))
      model.fill(&block)
      samples += block
    }
    return samples
  }

  /// The amplitude of a sine of this frequency in the samples.
  private func amplitude(at hertz: Double, in samples: [Float], rate: Double = 12_000) -> Double {
    var real = 0.0
    var imaginary = 0.0
    for (index, sample) in samples.enumerated() {
      let point = UnitCirclePoint(turns: hertz * Double(index) / rate)
      real += Double(sample) * point.cosine
      imaginary += Double(sample) * point.sine
    }
    return 2 * (real * real + imaginary * imaginary).squareRoot() / Double(samples.count)
  }

  private func busy() -> VibrationScenario {
    var scenario = VibrationScenario(shaftHertz: 25)
    scenario.speedWander = 0.02
    scenario.gear = .init(teeth: 23, level: 1, modulation: 0.3)
    scenario.neighbour = .init(strokesPerSecond: 1.3, peak: 5, unsteadiness: 0.2)
    scenario.defect = .init(fault: .inner, orders: Self.orders, peak: 3)
    return scenario
  }

  @Test func `the same seed gives the same samples, another one others`() {
    let samples = record(busy())
    #expect(samples == record(busy()))
    #expect(samples != record(busy(), seed: 2))
    #expect(!samples.contains { !$0.isFinite })
  }

  @Test func `blocks follow each other without a seam`() {
    #expect(record(busy()) == record(busy(), blockLength: 6_400))
  }

  @Test func `unbalance shows at the shaft rate with the velocity that was asked for`() {
    var scenario = VibrationScenario(shaftHertz: 25)
    scenario.unbalance = 3
    scenario.misalignment = 2
    let samples = record(scenario)
    // In m/s²: velocity in mm/s times 2π · hertz ∕ 1000.
    #expect(abs(amplitude(at: 25, in: samples) - 0.471) < 0.02)
    #expect(abs(amplitude(at: 50, in: samples) - 0.628) < 0.03)
    #expect(amplitude(at: 31, in: samples) < 0.02)
  }

  @Test func `a wheel shows at its mesh with lines one turn apart`() {
    var scenario = VibrationScenario(shaftHertz: 25)
    scenario.gear = .init(teeth: 23, level: 2, modulation: 0.4)
    let samples = record(scenario)
    #expect(abs(amplitude(at: 575, in: samples) - 2) < 0.05)
    #expect(abs(amplitude(at: 600, in: samples) - 0.4) < 0.05)
    #expect(abs(amplitude(at: 550, in: samples) - 0.4) < 0.05)
  }

  @Test(arguments: [
    (VibrationFault.outer, 3.585, 0.0), (.inner, 5.415, 1.0), (.ball, 4.714, 0.398),
  ])
  func `a defect makes the housing ring at its own rate`(
    fault: VibrationFault,
    order: Double,
    modulation: Double
  ) {
    var scenario = VibrationScenario(shaftHertz: 25)
    var defect = VibrationScenario.BearingDefect(fault: fault, orders: Self.orders, peak: 10)
    defect.rateRatio = 1
    defect.jitter = 0
    scenario.defect = defect
    let samples = record(scenario)
    var analysis = EnvelopeAnalysis(length: samples.count, sampleRateHertz: 12_000)
    var envelope = [Float](repeating: 0, count: samples.count / 2 + 1)
    var target = envelope.mutableSpan
    analysis.squaredEnvelopeSpectrum(of: samples.span, band: 1_500...5_000, into: &target)
    /// The largest value around an order of 25 Hz; bins are half a hertz apart.
    func level(_ order: Double) -> Float {
      let bin = Int((order * 50).rounded())
      return envelope[bin - 2...bin + 2].max() ?? 0
    }
    let nowhere = (level(1.7) + level(2.3) + level(6.2)) / 3
    #expect(level(order) > 10 * nowhere)
    if modulation > 0 { #expect(level(order - modulation) > 5 * nowhere) }
  }

  @Test func `the speed stays within its wander`() {
    var scenario = VibrationScenario(shaftHertz: 25)
    scenario.speedWander = 0.02
    var model = VibrationModel(scenario, sampleRateHertz: 2_000, seed: 3)
    var block = [Float](repeating: 0, count: 1_000)
    var lowest = Double.infinity
    var highest = 0.0
    for _ in 0..<400 {
      model.fill(&block)
      lowest = min(lowest, model.shaftHertz)
      highest = max(highest, model.shaftHertz)
    }
    #expect(lowest >= 24.5 && highest <= 25.5)
    #expect(highest - lowest > 0.4)
  }
}
