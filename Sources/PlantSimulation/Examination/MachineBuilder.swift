import ConditionModel
import SignalProcessing

/// Draws a machine of a kind: its signals, how they follow it, its duty, and how it can wear.
struct MachineBuilder {
  let kind: ExaminedMachine.Kind
  let seed: UInt64
  var generator: SeededGenerator
  var channels: [ExaminationChannel] = []
  var duty = DutyTraits(style: .steady, shift: .always, products: [])
  var modes: [FaultMode] = []

  private let language: Int

  init(_ kind: ExaminedMachine.Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
    generator = SeededGenerator(seed: seed).branch(9)
    language = generator.whole(in: 0...3)
  }

  mutating func build() {
    switch kind {
    case .pump: buildPump(isVariable: false)
    case .variableSpeedPump: buildPump(isVariable: true)
    case .screwCompressor: buildCompressor()
    case .fan: buildFan()
    case .conveyor: buildConveyor()
    case .press: buildPress()
    case .spindle: buildSpindle()
    case .chiller: buildChiller()
    }
    // The order of the columns tells nothing.
    for index in channels.indices.dropFirst() {
      let other = generator.whole(in: 0...index)
      channels.swapAt(index, other)
    }
    linkEfforts()
    modes = modes.filter { mode in
      channels.contains { $0.role == mode.effects[0].role }
    }
  }

  /// An effort channel shows the controller of the machine's only thermostat.
  private mutating func linkEfforts() {
    let controlled = channels.firstIndex { $0.response.thermostat != nil }
    for index in channels.indices where channels[index].role == .effort {
      channels[index].response.effortOf = controlled
    }
  }

  /// Adds a signal, if the machine has it.
  mutating func add(
    _ role: ExaminationChannel.Role,
    chance: Double = 1,
    _ quantity: Quantity,
    _ units: [(name: String, factor: Double)],
    top: Double,
    bottom: Double = 0,
    _ response: Response
  ) {
    guard generator.chance(chance) else { return }
    let unit = generator.pick(units)
    let span = top - bottom
    let steps = span * generator.spread(in: 0.0001...0.004)
    channels.append(
      ExaminationChannel(
        point: role.name(language: generator.chance(0.85) ? language : generator.whole(in: 0...3)),
        quantity: quantity,
        unit: unit.name,
        range: roundRange(bottom * unit.factor, top * unit.factor),
        resolution: roundStep(steps * unit.factor),
        role: role,
        response: response.scaled(by: unit.factor)
      )
    )
  }

  private func roundRange(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    var step = roundStep(high - low)
    while step > (high - low) / 8 { step /= 2 }
    return (low / step).rounded(.down) * step...(high / step).rounded(.up) * step
  }

  /// The nearest lower 1, 2 or 5 times a power of ten.
  private func roundStep(_ value: Double) -> Double {
    var scale = 1e-6
    while scale * 10 <= value { scale *= 10 }
    let mantissa = value / scale
    return scale * (mantissa < 2 ? 1 : mantissa < 5 ? 2 : 5)
  }

  // MARK: - Usual signals

  mutating func vibration(
    _ role: ExaminationChannel.Role,
    chance: Double = 1,
    _ level: Double,
    resonates: Bool = false,
    offBest: Double = 0
  ) {
    let isHigh = role == .highDE || role == .highNDE
    var response = Response()
    response.resting = level * generator.uniform(in: 0.01...0.05)
    let speedShare = duty.hasVariableSpeed || isJobs ? generator.uniform(in: 0.4...0.8) : 0.1
    let loadShare = generator.uniform(in: isHigh ? 0.1...0.6 : -0.1...0.5)
    response.always = level * (1 - speedShare) * (1 - max(0, loadShare))
    response.speed = level * speedShare * (1 - max(0, loadShare))
    response.load = level * loadShare * generator.uniform(in: 0.3...1)
    response.cross = level * max(0, loadShare) * generator.uniform(in: 0.2...0.8)
    response.offBest = offBest * generator.uniform(in: 0.3...1.5)
    response.bestLoad = generator.uniform(in: 0.55...0.85)
    if resonates, generator.chance(0.6) {
      response.resonance = generator.uniform(in: 0.3...1.5)
      response.resonanceSpeed = generator.uniform(in: 0.55...1.0)
      response.resonanceWidth = generator.uniform(in: 0.02...0.07)
    }
    response.isRelative = true
    response.white = generator.spread(in: 0.025...0.12)
    response.slow = generator.spread(in: 0.012...0.05)
    response.slowSeconds = generator.spread(in: 600...40_000)
    response.hidden = generator.uniform(in: -0.07...0.07)
    response.ageing = generator.uniform(in: -0.08...0.08)
    response.neighbour = generator.chance(0.3) ? level * generator.uniform(in: 0.05...0.5) : 0
    response.inrush = generator.uniform(in: 0...0.8)
    let unit =
      isHigh
      ? [("g", 1.0), ("m/s²", 9.806_65)] : [("mm/s", 1.0)]
    add(
      role,
      chance: chance,
      isHigh ? .highFrequencyAccelerationRMS : .velocityRMS,
      unit,
      top: generator.pick(isHigh ? [4, 8, 16] : [20, 25, 50, 65.5]),
      response
    )
  }

  /// A temperature in the machine: `rise` above the hall at full load.
  mutating func temperature(
    _ role: ExaminationChannel.Role,
    chance: Double = 1,
    rise: Double,
    loadShare: Double,
    lag: ClosedRange<Double> = 900...3_200,
    top: Double = 120
  ) {
    var response = thermal(rise: rise, loadShare: loadShare, lag: lag)
    response.outdoor = 0
    add(role, chance: chance, .temperature, [("°C", 1)], top: top, bottom: -20, response)
  }

  mutating func thermal(
    rise: Double,
    loadShare: Double,
    lag: ClosedRange<Double>
  ) -> Response {
    var response = Response()
    response.resting = 20 + generator.uniform(in: -0.5...0.5)
    response.hall = generator.uniform(in: 0.75...1.05)
    let total = rise * generator.uniform(in: 0.75...1.25)
    response.loadSquared = total * loadShare * generator.uniform(in: 0.5...1)
    response.load = total * loadShare - response.loadSquared
    response.speed =
      duty.hasVariableSpeed || isJobs
      ? total * (1 - loadShare) * generator.uniform(in: 0.2...0.9) : 0
    response.always = total * (1 - loadShare) - response.speed
    response.lag = generator.spread(in: lag)
    response.restingLag = response.lag * generator.uniform(in: 1.2...3)
    response.white = generator.spread(in: 0.03...0.3)
    response.slow = generator.spread(in: 0.15...0.7)
    response.slowSeconds = generator.spread(in: 1_800...30_000)
    response.hidden = generator.uniform(in: -0.02...0.02)
    response.ageing = generator.uniform(in: -0.02...0.03)
    response.restingNoise = 0.6
    return response
  }

  /// A signal that follows the operating point at once.
  mutating func quick(
    always: Double,
    load: Double = 0,
    loadSquared: Double = 0,
    speed: Double = 0,
    cross: Double = 0,
    noise: ClosedRange<Double> = 0.004...0.02,
    slow: ClosedRange<Double> = 0.004...0.015,
    resting: Double = 0
  ) -> Response {
    var response = Response()
    let scale = generator.uniform(in: 0.85...1.15)
    response.resting = resting
    response.always = always * scale
    response.load = load * scale * generator.uniform(in: 0.8...1.2)
    response.loadSquared = loadSquared * scale * generator.uniform(in: 0.8...1.2)
    response.speed = speed * scale
    response.cross = cross * scale
    let size = abs(always) + abs(load) + abs(speed) + abs(cross)
    response.white = size * generator.spread(in: noise)
    response.slow = size * generator.spread(in: slow)
    response.slowSeconds = generator.spread(in: 600...30_000)
    response.hidden = generator.uniform(in: -0.015...0.015)
    response.ageing = generator.uniform(in: -0.015...0.015)
    response.restingNoise = generator.uniform(in: 0.05...0.3)
    return response
  }

  /// Motor current and power, one or both.
  mutating func electric(_ kilowatts: Double, idle: Double, power: Double? = nil) {
    let loadPart = (1 - idle) * kilowatts
    let bySpeed = duty.hasVariableSpeed
    let drawn = quick(
      always: bySpeed ? 0.05 * kilowatts : idle * kilowatts,
      load: bySpeed ? 0.2 * loadPart : loadPart,
      speed: bySpeed ? idle * kilowatts : 0,
      cross: bySpeed ? 0.8 * loadPart : 0
    )
    let first = generator.chance(0.6)
    let second = generator.chance(0.35)
    var amperes = drawn.scaled(by: 1.9)
    amperes.always += kilowatts * 0.25
    amperes.inrush = 2
    if first || !second {
      add(.current, .current, [("A", 1)], top: kilowatts * 4, amperes)
    }
    if second || !first {
      add(.power, .activePower, [("kW", 1)], top: kilowatts * 1.6, drawn)
    }
    _ = power
  }

  mutating func hallSensor(chance: Double) {
    var response = Response()
    response.resting = 20 + generator.uniform(in: -1...1)
    response.hall = 1
    response.lag = 300
    response.restingLag = 300
    response.white = generator.spread(in: 0.03...0.15)
    response.slow = generator.uniform(in: 0.05...0.3)
    response.restingNoise = 1
    add(.hall, chance: chance, .temperature, [("°C", 1)], top: 60, bottom: -20, response)
  }

  var isJobs: Bool { duty.style == .jobs }

  /// Loads and speeds of what is made, some of it only later.
  mutating func products(
    load: ClosedRange<Double>,
    speed: ClosedRange<Double> = 1...1,
    hidden: Double = 1
  ) -> [DutyTraits.Product] {
    (0..<generator.whole(in: 1...5)).map { index in
      DutyTraits.Product(
        load: generator.uniform(in: load),
        speed: generator.uniform(in: speed),
        hidden: hidden * generator.uniform(in: -1...1),
        firstDay: index < 2 || generator.chance(0.5) ? 0 : generator.whole(in: 8...45)
      )
    }
  }

  mutating func spread(_ range: ClosedRange<Double>) -> Double { generator.spread(in: range) }
  mutating func uniform(_ range: ClosedRange<Double>) -> Double { generator.uniform(in: range) }
}

extension Response {
  /// The same signal in another unit.
  func scaled(by factor: Double) -> Response {
    guard factor != 1 else { return self }
    var scaled = self
    for path: WritableKeyPath<Response, Double> in [
      \.resting, \.hall, \.outdoor, \.always, \.speed, \.linearSpeed, \.load, \.loadSquared,
      \.cross, \.neighbour,
    ] {
      scaled[keyPath: path] *= factor
    }
    if !isRelative {
      scaled.white *= factor
      scaled.slow *= factor
    }
    return scaled
  }
}
