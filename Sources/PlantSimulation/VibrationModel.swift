import ConditionModel
import SignalProcessing

/// Turns a scenario into samples of acceleration, block after block without a seam.
///
/// The same scenario and seed give the same samples.
///
/// Complexity: about 0.1 µs per sample.
package struct VibrationModel: Sendable {
  /// May be changed between blocks: a defect that grows, a machine that slows down.
  package var scenario: VibrationScenario {
    didSet { prepare() }
  }
  package let sampleRateHertz: Double
  private var random: SeededGenerator
  private var shaftTurns: Double
  private var seconds = 0.0
  /// The speed's deviation as a share of the wander, and what it tends to.
  private var wander = 0.0
  private var drift = 0.0
  private var tones: [Tone] = []
  private var resonators: [Resonator] = []
  private var neighbour: Resonator
  private var impacts: ImpactTrain?
  private var nextStroke: Double
  private var red = 0.0
  private var redWeight = 0.0
  private var redLevel = 0.0
  /// Forces on the housing and on the floor, one for each sample of a stretch.
  private var housing = [Double](repeating: 0, count: stretch + 1)
  private var floor = [Double](repeating: 0, count: stretch + 1)

  /// Over so many samples the speed is constant.
  private static let stretch = 64

  package init(_ scenario: VibrationScenario, sampleRateHertz: Double, seed: UInt64) {
    precondition(sampleRateHertz > 0 && scenario.shaftHertz > 0, "rates are positive")
    self.scenario = scenario
    self.sampleRateHertz = sampleRateHertz
    random = SeededGenerator(seed: seed)
    shaftTurns = random.uniform()
    nextStroke = random.uniform()
    neighbour = Resonator(.init(hertz: 700, damping: 0.05, gain: 0), sampleRateHertz)
    wander = random.uniform(in: -1..<1)
    drift = wander
    prepare()
  }

  private mutating func prepare() {
    tones = Tone.all(of: scenario)
    for index in tones.indices {
      // A phase for each tone that does not depend on which others there are.
      var random = SeededGenerator(seed: UInt64(bitPattern: Int64(tones[index].order * 4096)))
      tones[index].phase = random.uniform()
    }
    let rate = sampleRateHertz
    let heard = scenario.resonances.filter { $0.hertz < 0.48 * rate }
    if resonators.count == heard.count {
      for index in heard.indices { resonators[index].retune(heard[index], rate) }
    } else {
      resonators = heard.map { Resonator($0, rate) }
    }
    neighbour.retune(
      scenario.neighbour?.resonance ?? .init(hertz: 700, damping: 0.05, gain: 0),
      rate
    )
    redWeight = min(1, 2 * Double.pi * 200 / rate)
    // One pole lets through the share w ∕ (2 − w) of the power of white noise.
    let passed = redWeight / (2 - redWeight)
    redLevel = scenario.noise.red / passed.squareRoot()
    if let defect = scenario.defect {
      if impacts == nil { impacts = ImpactTrain(from: shaftTurns, defect, &random) }
    } else {
      impacts = nil
    }
  }

  /// The speed at the end of the last block, in hertz.
  package var shaftHertz: Double { scenario.shaftHertz * (1 + scenario.speedWander * wander) }

  /// Replaces all of `samples` by what follows the last block, in m/s².
  package mutating func fill(_ samples: inout [Float]) {
    var start = 0
    while start < samples.count {
      let count = min(Self.stretch, samples.count - start)
      wanderOn(count)
      exciteHousing(count)
      exciteFloor(count)
      for index in 0..<count {
        let force = housing[index]
        var sum = neighbour.step(floor[index])
        for mode in resonators.indices { sum += resonators[mode].step(force) }
        samples[start + index] = Float(sum + background())
      }
      addTones(&samples, from: start, count: count)
      for index in 0...count {
        housing[index] = index == 0 ? housing[count] : 0
        floor[index] = index == 0 ? floor[count] : 0
      }
      shaftTurns += Double(count) * shaftHertz / sampleRateHertz
      seconds += Double(count) / sampleRateHertz
      start += count
    }
  }

  /// The speed follows a slow random walk within its range.
  private mutating func wanderOn(_ count: Int) {
    let step = Double(count) / sampleRateHertz
    drift += (random.uniform(in: -1..<1) * 3 * step.squareRoot() - drift * step) * 0.7
    drift = min(max(drift, -1), 1)
    wander += (drift - wander) * min(1, step / 0.5)
  }

  private mutating func exciteHousing(_ count: Int) {
    let noise = scenario.noise
    let turnsPerSample = shaftHertz / sampleRateHertz
    if noise.friction > 0 {
      for index in 0..<count {
        var level = noise.friction
        if noise.modulation > 0 {
          let turn = shaftTurns + Double(index) * turnsPerSample
          level *= 1 + noise.modulation * UnitCirclePoint(turns: turn).cosine
        }
        housing[index] += level * random.noise()
      }
    }
    guard let defect = scenario.defect else { return }
    let end = shaftTurns + Double(count) * turnsPerSample
    while let train = impacts, train.nextTurn < end {
      let position = max(0, (train.nextTurn - shaftTurns) / turnsPerSample)
      let force = impacts?.take(defect, &random) ?? 0
      // An impact between two samples acts on both.
      let index = min(count - 1, Int(position))
      let share = min(1, position - Double(index))
      housing[index] += force * (1 - share)
      housing[index + 1] += force * share
    }
  }

  private mutating func exciteFloor(_ count: Int) {
    guard let press = scenario.neighbour, press.strokesPerSecond > 0 else { return }
    let end = seconds + Double(count) / sampleRateHertz
    while nextStroke < end {
      let index = min(count - 1, max(0, Int((nextStroke - seconds) * sampleRateHertz)))
      let strength = press.peak * random.uniform(in: 0.6..<1.2)
      floor[index] += strength
      // A little of it makes this housing ring too.
      housing[index] += 0.1 * strength
      let unsteadiness = press.unsteadiness * random.uniform(in: -1..<1)
      nextStroke += max(0.01, 1 + unsteadiness) / press.strokesPerSecond
    }
  }

  private mutating func background() -> Double {
    red += redWeight * (random.noise() - red)
    return scenario.noise.white * random.noise() + redLevel * red
  }

  private func addTones(_ samples: inout [Float], from start: Int, count: Int) {
    let turnsPerSample = shaftHertz / sampleRateHertz
    for tone in tones where tone.amplitude != 0 {
      let turns = tone.order * shaftTurns + tone.hertz * seconds + tone.phase
      let step = tone.order * turnsPerSample + tone.hertz / sampleRateHertz
      guard step < 0.48 else { continue }
      let point = UnitCirclePoint(turns: turns)
      let turn = UnitCirclePoint(turns: step)
      var cosine = tone.amplitude * point.cosine
      var sine = tone.amplitude * point.sine
      for index in start..<start + count {
        samples[index] += Float(cosine)
        let next = cosine * turn.cosine - sine * turn.sine
        sine = sine * turn.cosine + cosine * turn.sine
        cosine = next
      }
    }
  }
}

extension SeededGenerator {
  /// √3 ∕ 2¹⁶: the sum of four uniform numbers has the variance 1 ∕ 3.
  private static let spread = 1.732_050_8 / 65_536

  /// Nearly normal noise of variance 1 from one draw: the sum of four uniform numbers, up to ±3.5.
  fileprivate mutating func noise() -> Double {
    let bits = bits()
    var sum: UInt64 = bits >> 48
    for shift in stride(from: UInt64(0), to: 48, by: 16) { sum += (bits >> shift) & 0xFFFF }
    return (Double(sum) - 131_070) * Self.spread
  }
}
