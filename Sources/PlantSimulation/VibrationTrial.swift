package import ConditionModel
import SignalProcessing

/// A numbered record of a simulated machine to examine a diagnosis with.
///
/// Sound or with a defect of its bearing; the same number is the same record.
package struct VibrationTrial: Sendable {
  package var samples: [Float]
  package var sampleRateHertz: Double
  /// The truth about the machine.
  package var scenario: VibrationScenario
  /// As a site file would tell it: up to 2 % off the truth.
  package var toldHertz: Double
  package var bearing: BearingOrders

  /// What a site file tells of the machine: all that can be looked for.
  package var target: VibrationTarget {
    VibrationTarget(
      shaftHertz: toldHertz,
      bearing: bearing,
      teeth: scenario.gear?.teeth,
      blades: scenario.blades?.count,
      beltOrder: scenario.belt?.order,
      mainsHertz: scenario.mains.hertz
    )
  }

  /// Lengths and rates that sensors deliver.
  private static let forms: [(rate: Double, count: Int)] = [
    (12_000, 12_000), (12_000, 8_192), (25_600, 25_600), (12_000, 36_000), (48_000, 16_384),
  ]

  /// Geometries of a 6205, a 6203, a 6309 and a 7208B.
  private static let bearings = [
    (9, 7.94, 39.04, 0.0), (8, 6.75, 28.5, 0), (8, 17.46, 74.31, 0), (14, 11.91, 59.94, 40),
  ]

  /// A machine without a fault, among some of what disturbs a diagnosis or, crowded, most of it at once.
  package static func sound(_ number: Int, isCrowded: Bool = false) -> VibrationTrial {
    var random = SeededGenerator(seed: UInt64(number) &* 104_729 &+ 7)
    let form = forms[number % forms.count]
    return VibrationTrial(nil, 0, form, isCrowded: isCrowded, &random)
  }

  /// A machine with a defect whose impacts are `peak` times as high as the noise of the housing: one
  /// record of three seconds at 12 kHz.
  package static func worn(_ fault: VibrationFault, peak: Double, _ number: Int) -> VibrationTrial {
    var random = SeededGenerator(seed: UInt64(number) &* 7_919 &+ 13)
    return VibrationTrial(fault, peak, (12_000, 36_000), isCrowded: false, &random)
  }

  private init(
    _ fault: VibrationFault?,
    _ peak: Double,
    _ form: (rate: Double, count: Int),
    isCrowded: Bool,
    _ random: inout SeededGenerator
  ) {
    sampleRateHertz = form.rate
    toldHertz = random.uniform(in: 12..<50)
    let shaft = toldHertz * random.uniform(in: 0.98..<1.02)
    let (count, ball, pitch, angle) = Self.bearings[Int(random.uniform() * 4)]
    let geometry = BearingGeometry(
      elementCount: count,
      elementDiameter: ball,
      pitchDiameter: pitch,
      contactAngleDegrees: angle
    )
    bearing = geometry?.orders ?? BearingOrders(outer: 3.6, inner: 5.4, spin: 2.4, cage: 0.4)
    scenario = VibrationScenario.sound(
      shaftHertz: shaft,
      sampleRateHertz: form.rate,
      isCrowded: isCrowded,
      &random
    )
    if let fault {
      scenario.defect = VibrationScenario.worn(
        fault,
        orders: bearing,
        peak: peak,
        in: scenario,
        &random
      )
    }
    var model = VibrationModel(scenario, sampleRateHertz: form.rate, seed: random.bits())
    samples = [Float](repeating: 0, count: form.count)
    model.fill(&samples)
  }
}
