package import ConditionModel
package import SignalProcessing

extension VibrationScenario {
  /// A sound machine somewhere in a workshop, with what disturbs a diagnosis there: coloured noise,
  /// lines of the shaft, a gear set, blades or a belt, the mains and an inverter, a press next door,
  /// and a speed that wanders by up to 2 %.
  ///
  /// Which of it there is, and how strong, is drawn from `random`: each line of shaft, blades, belt and
  /// mains below 1.8 mm/s RMS. The mesh alone may pass the 2.8 mm/s from which on patterns count, as
  /// those of many sound gears do, with sidebands of both shafts. A crowded machine has gear set, press
  /// and the full 2 % at once.
  package static func sound(
    shaftHertz: Double,
    sampleRateHertz: Double,
    isCrowded: Bool = false,
    _ random: inout SeededGenerator
  ) -> VibrationScenario {
    var scenario = VibrationScenario(shaftHertz: shaftHertz)
    scenario.speedWander = random.uniform() < 0.4 ? 0.02 * random.uniform() : 0.001
    if isCrowded { scenario.speedWander = 0.02 }
    scenario.unbalance = random.uniform(in: 0.05..<1.5)
    scenario.misalignment = random.uniform(in: 0.02..<0.8)
    scenario.looseness = random.uniform() < 0.3 ? random.uniform(in: 0.02..<0.3) : 0
    if isCrowded || random.uniform() < 0.4 {
      scenario.gear = Gear(
        teeth: 11 + Int(random.uniform() * 60),
        level: random.uniform(in: 0.1..<6),
        modulation: random.uniform(in: 0..<0.8),
        mateTeeth: 17 + Int(random.uniform() * 80)
      )
    }
    if random.uniform() < 0.3 {
      let count = 3 + Int(random.uniform() * 10)
      let velocity = random.uniform(in: 0.1..<2.5)
      let level = scenario.acceleration(ofVelocity: velocity, atOrder: Double(count))
      scenario.blades = Blades(count: count, level: level)
    }
    if random.uniform() < 0.2 {
      scenario.belt = Belt(
        order: random.uniform(in: 0.2..<0.9),
        level: random.uniform(in: 0.05..<2.5)
      )
    }
    scenario.mains.hertz = random.uniform() < 0.8 ? 50 : 60
    scenario.mains.level = random.uniform(in: 0.01..<1)
    if random.uniform() < 0.3 {
      scenario.mains.carrierHertz = random.uniform(in: 2_000..<9_000)
      scenario.mains.carrierLevel = random.uniform(in: 0.05..<3)
    }
    scenario.noise.white = random.uniform(in: 0.1..<1)
    scenario.noise.red = random.uniform(in: 0.02..<1.5)
    scenario.noise.friction = random.uniform(in: 0.02..<0.5)
    scenario.noise.modulation = random.uniform() < 0.4 ? random.uniform(in: 0..<0.6) : 0
    scenario.resonances = (0..<2 + Int(random.uniform() * 3)).map { _ in
      let highest = min(0.45 * sampleRateHertz, 16_000)
      return Resonance(
        hertz: random.uniform(in: 700..<highest),
        damping: random.uniform(in: 0.01..<0.07),
        gain: random.uniform(in: 0.3..<1)
      )
    }
    if isCrowded || random.uniform() < 0.4 {
      var press = Neighbour(
        strokesPerSecond: random.uniform(in: 0.3..<9),
        peak: random.uniform(in: 0.5..<20),
        unsteadiness: random.uniform() < 0.5 ? 0.01 : 0.3
      )
      press.resonance.hertz = random.uniform(in: 200..<2_500)
      scenario.neighbour = press
    }
    return scenario
  }

  /// A defect as large as asked for, otherwise drawn from `random`.
  ///
  /// `peak` is the height of an impact over the root mean square of the noise in the housing.
  package static func worn(
    _ fault: VibrationFault,
    orders: BearingOrders,
    peak: Double,
    in scenario: VibrationScenario,
    _ random: inout SeededGenerator
  ) -> BearingDefect {
    let noise = scenario.noise
    let background = (noise.white * noise.white + noise.friction * noise.friction).squareRoot()
    var defect = BearingDefect(fault: fault, orders: orders, peak: peak * background)
    defect.rateRatio = random.uniform(in: 0.985..<1.005)
    defect.jitter = random.uniform(in: 0.001..<0.02)
    defect.unevenness = random.uniform(in: 0.05..<0.5)
    defect.loadDistribution = random.uniform(in: 0.3..<0.9)
    defect.farSide = random.uniform(in: 0.3..<1)
    return defect
  }
}
