import ConditionModel
import SignalProcessing

/// A damped oscillator that rings after an impact, its first swing as high as its gain.
struct Resonator: Sendable {
  private var feedback = (0.0, 0.0)
  private var input = 0.0
  private var last = 0.0
  private var beforeLast = 0.0

  init(_ mode: VibrationScenario.Resonance, _ sampleRateHertz: Double) {
    retune(mode, sampleRateHertz)
  }

  mutating func retune(_ mode: VibrationScenario.Resonance, _ sampleRateHertz: Double) {
    let turns = mode.hertz / sampleRateHertz
    let point = UnitCirclePoint(turns: turns)
    // exp(−2π · turns · damping), by its series: the exponent is small.
    let exponent = -2 * Double.pi * turns * mode.damping
    var decay = 1.0
    for order in stride(from: 12, through: 1, by: -1) {
      decay = 1 + decay * exponent / Double(order)
    }
    feedback = (2 * decay * point.cosine, -decay * decay)
    input = mode.gain * point.sine
  }

  mutating func step(_ force: Double) -> Double {
    let value = input * force + feedback.0 * last + feedback.1 * beforeLast
    beforeLast = last
    last = value
    return value
  }
}

/// A steady component: of the shaft's turning, or of the mains.
struct Tone: Sendable {
  var order = 0.0
  var hertz = 0.0
  var amplitude: Double
  var phase = 0.0

  static func all(of scenario: VibrationScenario) -> [Tone] {
    shaft(scenario) + passing(scenario) + mains(scenario.mains)
  }

  private static func shaft(_ scenario: VibrationScenario) -> [Tone] {
    func tone(_ order: Double, _ velocity: Double) -> Tone {
      Tone(order: order, amplitude: scenario.acceleration(ofVelocity: velocity, atOrder: order))
    }
    var tones = [
      tone(1, scenario.unbalance), tone(2, scenario.misalignment),
      tone(3, 0.4 * scenario.misalignment),
    ]
    if let belt = scenario.belt {
      tones += (1...4).map { tone(Double($0) * belt.order, belt.level / Double($0)) }
    }
    if scenario.looseness > 0 {
      for halves in 1...20 {
        let order = Double(halves) / 2
        // Half orders come from impacts every other turn and are weaker.
        let share = halves.isMultiple(of: 2) ? 1.0 : 0.35
        tones.append(tone(order, scenario.looseness * share / order.squareRoot()))
      }
    }
    return tones
  }

  private static func passing(_ scenario: VibrationScenario) -> [Tone] {
    var tones: [Tone] = []
    if let gear = scenario.gear {
      for (harmonic, share) in [(1, 1.0), (2, 0.5), (3, 0.25)] {
        let order = Double(harmonic * gear.teeth)
        tones.append(Tone(order: order, amplitude: gear.level * share))
        let mateTurn = gear.mateTeeth.map { Double(gear.teeth) / Double($0) }
        for (turn, depth) in [(1, 1), (mateTurn ?? 0, 0.5)] where turn > 0 {
          for side in [1.0, 2] {
            let level = gear.level * share * gear.modulation * depth / (2 * side)
            tones.append(Tone(order: order - side * turn, amplitude: level))
            tones.append(Tone(order: order + side * turn, amplitude: level))
          }
        }
      }
    }
    if let blades = scenario.blades {
      tones.append(Tone(order: Double(blades.count), amplitude: blades.level))
      tones.append(Tone(order: Double(2 * blades.count), amplitude: 0.4 * blades.level))
    }
    return tones
  }

  private static func mains(_ mains: VibrationScenario.Mains) -> [Tone] {
    var tones = [
      Tone(hertz: mains.hertz, amplitude: 0.2 * mains.level),
      Tone(hertz: 2 * mains.hertz, amplitude: mains.level),
      Tone(hertz: 4 * mains.hertz, amplitude: 0.3 * mains.level),
    ]
    guard mains.carrierLevel > 0 else { return tones }
    for side in -3...3 {
      let level = mains.carrierLevel / Double(1 + abs(side))
      tones.append(
        Tone(hertz: mains.carrierHertz + Double(2 * side) * mains.hertz, amplitude: level)
      )
    }
    return tones
  }
}

extension VibrationScenario {
  /// The amplitude in m/s² of a line of the shaft with so many mm/s.
  func acceleration(ofVelocity velocity: Double, atOrder order: Double) -> Double {
    velocity / 1000 * 2 * Double.pi * order * shaftHertz
  }
}

/// When a defect strikes next, in turns of the shaft, and how hard.
struct ImpactTrain: Sendable {
  private(set) var nextTurn: Double
  private var isOnOuterRing = false

  init(
    from turn: Double,
    _ defect: VibrationScenario.BearingDefect,
    _ random: inout SeededGenerator
  ) {
    nextTurn = turn + random.uniform() / defect.order
  }

  /// The strength of the impact that is due; moves on to the one after it.
  mutating func take(
    _ defect: VibrationScenario.BearingDefect,
    _ random: inout SeededGenerator
  ) -> Double {
    let force = strength(defect, &random)
    let interval = 1 + defect.jitter * random.normal()
    nextTurn += max(0.2, interval) / (defect.order * defect.rateRatio)
    isOnOuterRing.toggle()
    return force
  }

  private func strength(
    _ defect: VibrationScenario.BearingDefect,
    _ random: inout SeededGenerator
  ) -> Double {
    let luck = max(0, 1 + defect.unevenness * random.normal())
    let level = defect.peak * luck
    switch defect.fault {
    case .inner:
      // The defect turns with the shaft through the load zone, and past the sensor.
      let facing = UnitCirclePoint(turns: nextTurn).cosine
      let path = defect.farSide + (1 - defect.farSide) * (1 + facing) / 2
      return level * path * load(facing, defect.loadDistribution)
    case .ball:
      // The defect turns with the cage; towards the inner ring the way to the sensor is longer.
      let facing = UnitCirclePoint(turns: nextTurn * defect.orders.cage * defect.rateRatio).cosine
      return level * load(facing, defect.loadDistribution) * (isOnOuterRing ? 1 : 0.6)
    default:
      return level
    }
  }

  /// Stribeck's load distribution: 1 in the middle of the load zone, 0 outside.
  ///
  /// `facing` is the cosine of the angle from the middle, `distribution` the share of the projected
  /// diameter that is loaded.
  private func load(_ facing: Double, _ distribution: Double) -> Double {
    let inside = 1 - (1 - facing) / (2 * distribution)
    return inside > 0 ? inside * inside.squareRoot() : 0
  }
}

extension VibrationScenario.BearingDefect {
  /// How often the defect strikes per turn of the shaft, without slip.
  fileprivate var order: Double {
    switch fault {
    case .inner: orders.inner
    case .ball: orders.ball
    case .cage: orders.cage
    default: orders.outer
    }
  }
}
