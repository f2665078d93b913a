package import ConditionModel
import SignalProcessing

/// A machine with physics: load, speed, heat, vibration, pressure and flow that belong together.
///
/// It moves on a fixed grid of 100 ms, so a long `advance` ends where many short ones do, and it
/// needs nothing but additions, multiplications and square roots, so it is the same bits
/// everywhere.
package struct SimulatedMachine: Hashable, Sendable {
  package let asset: Asset
  /// What the operator wants.
  package var setpoint = Setpoint()
  /// How far each fault has come; the owner of the scenarios sets it as time passes.
  package var faults: [MachineFault] = []

  let traits: MachineTraits
  let seed: UInt64
  private(set) var state: State
  private var generator: SeededGenerator
  /// Time that has passed since the last step on the grid.
  private var rest = Duration.zero

  package static let stepLength = Duration.milliseconds(100)
  private static let stepSeconds = 0.1

  package struct Setpoint: Hashable, Sendable {
    package var isOn = true
    /// As a share of the rated speed.
    package var speed = 1.0
    /// As a share of the rated load; `nil` for the machine's usual duty.
    package var load: Double?

    package init() {}
  }

  /// Everything that changes.
  struct State: Hashable, Sendable {
    var now: Timestamp
    var steps: UInt64 = 0
    /// As shares of the rated speed and load.
    var speed = 0.0
    var load = 0.0
    /// Degrees above the ambient.
    var housingRise = 0.0
    var windingRise = 0.0
    var mediumRise = 0.0
    /// Heat that only faults make, in degrees.
    var wearHeat = 0.0
    var coolingLoss = 0.0
    /// Pressure of the receiver in bar, and whether the compressor fills it.
    var receiverPressure = 0.0
    var isFilling = true
    /// Slow swings around 0 with standard deviation 1.
    var loadWander = 0.0
    var vibrationWander = 0.0
    var mainsWander = 0.0
    var energyWattHours = 0.0
    var runningSeconds = 0.0
    var starts = 0
  }

  /// Creates the machine, running and as warm as its usual load makes it.
  ///
  /// - Parameters:
  ///   - asset: What it is; rated power and speed default to those usual for its kind.
  ///   - seed: The same seed gives the same life.
  ///   - start: The moment at which the life starts; it decides the ambient temperature.
  ///   - isCold: Whether it starts at standstill and ambient temperature instead.
  package init(asset: Asset, seed: UInt64, start: Timestamp, isCold: Bool = false) {
    self.asset = asset
    self.seed = seed
    traits = MachineTraits(of: asset)
    generator = SeededGenerator(seed: seed)
    state = State(now: start)
    if case .loadUnload(let cutIn, let cutOut) = traits.duty {
      state.receiverPressure = generator.uniform(in: cutIn..<cutOut)
    }
    // Counters of a machine that has some years behind it.
    state.runningSeconds = generator.uniform(in: 3.6e6..<7.2e7)
    state.energyWattHours = state.runningSeconds / 3_600 * traits.ratedPowerKilowatts * 600
    state.starts = Int(generator.uniform(in: 200..<4_000))
    guard !isCold else { return }
    state.speed = targetSpeed(at: 0)
    state.load = meanLoad
    let target = targetRises
    state.housingRise = target.housing
    state.windingRise = target.winding
    state.mediumRise = target.medium
  }

  /// Lets `duration` pass.
  package mutating func advance(by duration: Duration) {
    rest += duration
    while rest >= Self.stepLength {
      rest -= Self.stepLength
      step()
    }
  }

  /// How far a fault has come as felt at `location`; a fault elsewhere on the machine is felt less.
  func level(of kind: MachineFault.Kind, at location: String? = nil) -> Double {
    var strongest = 0.0
    for fault in faults where fault.kind.shows(as: kind) {
      let isElsewhere = fault.location != nil && location != nil && fault.location != location
      strongest = max(strongest, isElsewhere ? 0.25 * fault.level : fault.level)
    }
    return strongest
  }
}

// MARK: - Physics

extension SimulatedMachine {
  private mutating func step() {
    let seconds = Self.stepSeconds
    state.now += Self.stepLength
    state.steps += 1
    let wasStanding = state.speed == 0

    Self.swing(&state.loadWander, timeConstantSeconds: 40, &generator)
    Self.swing(&state.vibrationWander, timeConstantSeconds: 15, &generator)
    Self.swing(&state.mainsWander, timeConstantSeconds: 20, &generator)

    let elapsedSeconds = Double(state.steps) * seconds
    let ramp = seconds / traits.rampSeconds
    let target = targetSpeed(at: elapsedSeconds)
    state.speed += min(max(target - state.speed, -ramp), ramp)
    Self.follow(&state.load, targetLoad(at: elapsedSeconds), timeConstantSeconds: 1.5)
    if case .loadUnload(let cutIn, let cutOut) = traits.duty {
      fillReceiver(cutIn: cutIn, cutOut: cutOut)
    }

    let rises = targetRises
    let inertia = traits.housingTimeConstantSeconds
    Self.follow(&state.housingRise, rises.housing, timeConstantSeconds: inertia)
    Self.follow(&state.windingRise, rises.winding, timeConstantSeconds: inertia * 1.2)
    Self.follow(&state.mediumRise, rises.medium, timeConstantSeconds: inertia * 0.4)
    let wear = level(of: .bearingWear)
    Self.follow(
      &state.wearHeat,
      28 * wear * wear * wear * state.speed,
      timeConstantSeconds: heatTimeConstant(of: .bearingWear)
    )
    Self.follow(
      &state.coolingLoss,
      48 * level(of: .overheating) * (0.3 + 0.7 * state.load) * state.speed,
      timeConstantSeconds: heatTimeConstant(of: .overheating)
    )

    if state.speed > 0 {
      state.runningSeconds += seconds
      if wasStanding { state.starts += 1 }
    }
    state.energyWattHours += activePowerWatts * seconds / 3_600
  }

  /// The shaft's speed as a share of the rated speed that the duty asks for.
  private func targetSpeed(at elapsedSeconds: Double) -> Double {
    guard setpoint.isOn else { return 0 }
    switch traits.duty {
    case .standing:
      return 0
    case .batches(let run, let pause, _, _, _):
      let phase = elapsedSeconds.truncatingRemainder(dividingBy: run + pause)
      return phase < run ? setpoint.speed : 0
    case .continuous, .loadUnload:
      return setpoint.speed
    }
  }

  private func targetLoad(at elapsedSeconds: Double) -> Double {
    guard setpoint.isOn else { return 0 }
    if let load = setpoint.load { return load }
    let duty: Double
    switch traits.duty {
    case .continuous(let low, let high, let period), .batches(_, _, let low, let high, let period):
      // Half of the time each, as orders, parcels or cuts come and go.
      let phase = elapsedSeconds.truncatingRemainder(dividingBy: period) / period
      duty = phase < 0.5 ? high : low
    case .loadUnload:
      duty = state.isFilling ? 0.9 : 0.05
    case .standing(let load):
      return load + 0.03 * state.loadWander
    }
    return state.speed == 0 ? 0 : max(0, duty + 0.02 * state.loadWander)
  }

  private var meanLoad: Double {
    if let load = setpoint.load { return load }
    switch traits.duty {
    case .continuous(let low, let high, _), .batches(_, _, let low, let high, _):
      return (low + high) / 2
    case .loadUnload:
      return 0.6
    case .standing(let load):
      return load
    }
  }

  /// Where the temperatures would settle at the present speed and load.
  private var targetRises: MachineTraits.Rise {
    // Of machines that stand (a cabinet), the current alone makes the heat.
    let motion = isStanding ? 1 : state.speed
    let full = traits.rise
    return MachineTraits.Rise(
      housing: full.housing * motion * (0.4 + 0.6 * state.load),
      winding: full.winding * (0.2 * motion + 0.8 * state.load * state.load),
      medium: full.medium * motion * (0.6 + 0.4 * state.load)
    )
  }

  private var isStanding: Bool {
    if case .standing = traits.duty { true } else { false }
  }

  /// An accelerated fault heats the machine as fast as it grows; a slow one, as fast as the
  /// machine's mass lets it.
  private func heatTimeConstant(of kind: MachineFault.Kind) -> Double {
    var shortest = traits.housingTimeConstantSeconds
    for fault in faults where fault.kind.shows(as: kind) {
      shortest = min(shortest, max(1, fault.growth.inSeconds / 4))
    }
    return shortest
  }

  private mutating func fillReceiver(cutIn: Double, cutOut: Double) {
    // At rest the receiver takes 30 s per bar to fill and 20 s per bar to empty.
    let barPerSecondPerDelivery = 1.0 / 12
    let delivery =
      state.isFilling ? state.speed * (1 - 0.3 * level(of: .filterClogging)) : 0
    let consumption = 0.6 + 0.02 * state.loadWander + 0.5 * level(of: .leak)
    state.receiverPressure += (delivery - consumption) * barPerSecondPerDelivery * Self.stepSeconds
    state.receiverPressure = max(0, state.receiverPressure)
    if state.receiverPressure >= cutOut { state.isFilling = false }
    if state.receiverPressure <= cutIn { state.isFilling = true }
  }

  /// Moves `value` towards `target` as a first-order lag does; stable for any time constant.
  private static func follow(
    _ value: inout Double,
    _ target: Double,
    timeConstantSeconds: Double
  ) {
    value += (target - value) * stepSeconds / (timeConstantSeconds + stepSeconds)
  }

  /// Moves `value` by one step of a random swing with standard deviation 1.
  private static func swing(
    _ value: inout Double,
    timeConstantSeconds: Double,
    _ generator: inout SeededGenerator
  ) {
    let share = stepSeconds / timeConstantSeconds
    value += -value * share + (2 * share).squareRoot() * generator.normal()
  }
}

/// How far a fault of a machine has come.
package struct MachineFault: Hashable, Sendable {
  package var kind: Kind
  /// 0 none … 1 fully developed.
  package var level: Double
  /// Where on the machine, as in `Channel.location`; `nil` for all of it.
  package var location: String?
  /// How long the fault takes from nothing to fully developed.
  package var growth: Duration

  package init(kind: Kind, level: Double, location: String? = nil, growth: Duration) {
    self.kind = kind
    self.level = level
    self.location = location
    self.growth = growth
  }

  package enum Kind: Hashable, Sendable {
    case bearingWear
    case outerRace
    case innerRace
    case rollingElement
    case cage
    case imbalance
    case misalignment
    case looseness
    case filterClogging
    case leak
    case overheating

    /// Whether single values show it as they show `kind`: a worn bearing, whichever part of it.
    func shows(as kind: Kind) -> Bool {
      switch self {
      case kind: true
      case .outerRace, .innerRace, .rollingElement, .cage: kind == .bearingWear
      default: false
      }
    }
  }
}
