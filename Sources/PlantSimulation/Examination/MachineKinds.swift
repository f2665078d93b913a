import ConditionModel

// The eight kinds. Figures are those of ordinary machines; each machine differs from them.

private let bars = [("bar", 1.0), ("kPa", 100.0)]
private let smallPressures = [("bar", 1.0), ("mbar", 1_000.0), ("kPa", 100.0)]
private let flows = [("m³/h", 1.0), ("L/min", 1_000.0 / 60)]

extension MachineBuilder {
  mutating func buildPump(isVariable: Bool) {
    duty = DutyTraits(
      style: .steady,
      shift: generator.pick([.always, .always, .weekdays, .twoShifts, .sixDays]),
      hasVariableSpeed: isVariable,
      products: products(load: 0.45...0.85, speed: isVariable ? 0.8...1.05 : 1...1, hidden: 0.8),
      jobRows: spread(60...2_000),
      swing: spread(0.02...0.1),
      swingRows: spread(30...800),
      stopChance: generator.chance(0.3) ? 1 / spread(2_000...15_000) : 0
    )
    let kilowatts = spread(4...45)
    let head = spread(2...9)
    let flow = kilowatts * uniform(2...6)
    electric(kilowatts, idle: uniform(0.35...0.6))
    vibration(.velocityDE, uniform(0.8...2), resonates: isVariable, offBest: 1.5)
    vibration(.velocityNDE, chance: 0.7, uniform(0.7...1.8), resonates: isVariable, offBest: 1)
    vibration(.highDE, chance: 0.75, uniform(0.1...0.5))
    vibration(.highNDE, chance: 0.4, uniform(0.1...0.4))
    temperature(.bearingDE, chance: 0.9, rise: uniform(15...35), loadShare: 0.4)
    temperature(.bearingNDE, chance: 0.55, rise: uniform(12...30), loadShare: 0.3)
    temperature(.winding, chance: 0.4, rise: uniform(35...70), loadShare: 0.75, top: 180)
    let pressure =
      isVariable
      ? quick(always: 0.3, loadSquared: -0.2 * head, speed: head)
      : quick(always: head * 1.2, loadSquared: -0.4 * head)
    add(.pressure, chance: 0.9, .pressure, bars, top: head * 2, pressure)
    add(
      .suction,
      chance: 0.5,
      .pressure,
      bars,
      top: 4,
      bottom: -1,
      quick(always: 0, load: -0.25, noise: 0.01...0.06, slow: 0.02...0.1, resting: 0.6)
    )
    add(
      .flow,
      chance: 0.7,
      .flow,
      flows,
      top: flow * 1.6,
      quick(always: 0.05 * flow, load: flow * 0.9)
    )
    if isVariable { addSpeed(rated: generator.pick([1_480, 2_950])) }
    hallSensor(chance: 0.8)
    modes = FaultMode.rotating + FaultMode.pump
  }

  mutating func addSpeed(rated: Double, chance: Double = 0.9) {
    var response = Response()
    response.linearSpeed = rated
    response.white = rated * spread(0.0005...0.004)
    response.slow = rated * 0.001
    response.restingNoise = 0
    add(.speed, chance: chance, .rotationSpeed, [("rpm", 1)], top: rated * 1.25, response)
  }

  mutating func buildCompressor() {
    duty = DutyTraits(
      style: .loadUnload(rate: spread(0.06...0.4)),
      shift: generator.pick([.always, .twoShifts, .sixDays, .weekdays]),
      products: products(load: 0.4...0.8, hidden: 0.4),
      swing: spread(0.04...0.12),
      swingRows: spread(60...1_500)
    )
    let kilowatts = spread(11...90)
    electric(kilowatts, idle: uniform(0.25...0.4))
    vibration(.velocityDE, uniform(1.2...3))
    vibration(.velocityNDE, chance: 0.4, uniform(1...2.5))
    vibration(.highDE, chance: 0.8, uniform(0.4...1.2))
    var discharge = thermal(rise: uniform(55...75), loadShare: 0.3, lag: 300...900)
    var oil = thermal(rise: uniform(40...55), loadShare: 0.25, lag: 500...1_500)
    if generator.chance(0.5) {
      oil.thermostat = .init(setpoint: uniform(52...60), authority: uniform(15...30))
      discharge.hall *= 0.5
    }
    add(.medium, .temperature, [("°C", 1)], top: 150, discharge)
    add(.oil, chance: 0.7, .temperature, [("°C", 1)], top: 120, oil)
    if oil.thermostat != nil { addEffort(chance: 0.5) }
    temperature(.bearingDE, chance: 0.5, rise: uniform(25...45), loadShare: 0.3)
    temperature(.winding, chance: 0.4, rise: uniform(40...70), loadShare: 0.6, top: 180)
    var net = quick(always: 1, resting: uniform(6...7.5))
    net.usesReceiver = true
    add(.pressure, chance: 0.95, .pressure, bars, top: 16, net)
    add(
      .separator,
      chance: 0.7,
      .differentialPressure,
      smallPressures,
      top: 2.5,
      quick(always: 0.04, load: 0.2, noise: 0.01...0.04, slow: 0.01...0.04)
    )
    add(
      .suction,
      chance: 0.4,
      .pressure,
      smallPressures,
      top: 0.1,
      bottom: -0.3,
      quick(always: -0.005, load: -0.03, noise: 0.02...0.06, slow: 0.02...0.06)
    )
    add(
      .flow,
      chance: 0.3,
      .flow,
      [("m³/h", 1)],
      top: kilowatts * 15,
      quick(always: 0, load: kilowatts * 9)
    )
    hallSensor(chance: 0.8)
    modes = FaultMode.rotating + FaultMode.compressor
  }

  mutating func addEffort(chance: Double) {
    var response = Response()
    response.white = spread(0.2...1.5)
    response.slow = spread(0.4...2)
    response.slowSeconds = 2_000
    response.restingNoise = 0.2
    add(.effort, chance: chance, .load, [("%", 1)], top: 100, response)
  }

  mutating func buildFan() {
    duty = DutyTraits(
      style: .steady,
      shift: generator.pick([.always, .twoShifts, .sixDays, .weekdays]),
      hasVariableSpeed: generator.chance(0.5),
      products: products(load: 0.4...0.85, speed: 0.8...1.05, hidden: 0.6),
      jobRows: spread(200...4_000),
      swing: spread(0.02...0.08),
      swingRows: spread(60...2_000),
      startRows: spread(2...6),
      weather: generator.chance(0.4) ? uniform(0.004...0.012) : 0
    )
    let kilowatts = spread(3...75)
    let flow = kilowatts * uniform(800...1_800)
    let resonates = duty.hasVariableSpeed
    electric(kilowatts, idle: uniform(0.2...0.4))
    vibration(.velocityDE, uniform(1...2.8), resonates: resonates)
    vibration(.velocityNDE, chance: 0.65, uniform(0.8...2.5), resonates: resonates)
    vibration(.highDE, chance: 0.6, uniform(0.08...0.35))
    vibration(.highNDE, chance: 0.3, uniform(0.08...0.3))
    temperature(.bearingDE, chance: 0.9, rise: uniform(12...28), loadShare: 0.3)
    temperature(.bearingNDE, chance: 0.5, rise: uniform(10...25), loadShare: 0.25)
    temperature(.winding, chance: 0.3, rise: uniform(35...65), loadShare: 0.7, top: 180)
    add(
      .filter,
      chance: 0.75,
      .differentialPressure,
      [("mbar", 1_000), ("kPa", 100)],
      top: 0.02,
      quick(always: 0.0003, loadSquared: 0.003, noise: 0.02...0.06, slow: 0.02...0.06)
    )
    add(
      .flow,
      chance: 0.5,
      .flow,
      [("m³/h", 1)],
      top: flow * 1.6,
      quick(always: 0.1 * flow, load: flow * 0.9, noise: 0.01...0.04)
    )
    if duty.hasVariableSpeed { addSpeed(rated: generator.pick([980, 1_480, 1_780])) }
    hallSensor(chance: 0.8)
    modes = FaultMode.rotating + FaultMode.fan
  }

  mutating func buildConveyor() {
    duty = DutyTraits(
      style: generator.chance(0.6) ? .steady : .strokes,
      shift: generator.pick([.twoShifts, .oneShift, .sixDays, .weekdays]),
      hasVariableSpeed: generator.chance(0.35),
      products: products(load: 0.3...0.8, speed: 0.7...1.05),
      jobRows: spread(20...400),
      swing: spread(0.05...0.15),
      swingRows: spread(10...100),
      stopChance: 1 / spread(300...3_000)
    )
    let kilowatts = spread(2...30)
    electric(kilowatts, idle: uniform(0.3...0.5))
    vibration(.velocityDE, uniform(0.8...2.2), resonates: duty.hasVariableSpeed)
    vibration(.velocityNDE, chance: 0.4, uniform(0.7...2))
    vibration(.highDE, chance: 0.85, uniform(0.2...0.8))
    temperature(.oil, chance: 0.85, rise: uniform(22...45), loadShare: 0.5, lag: 2_000...6_000)
    temperature(.bearingDE, chance: 0.6, rise: uniform(12...28), loadShare: 0.35)
    temperature(.winding, chance: 0.35, rise: uniform(35...65), loadShare: 0.75, top: 180)
    add(
      .torque,
      chance: 0.35,
      .load,
      [("%", 1)],
      top: 150,
      quick(always: 25, load: 70, noise: 0.01...0.04)
    )
    if duty.hasVariableSpeed { addSpeed(rated: generator.pick([1_440, 960])) }
    hallSensor(chance: 0.8)
    modes = FaultMode.rotating + FaultMode.conveyor
  }

  mutating func buildPress() {
    duty = DutyTraits(
      style: .strokes,
      shift: generator.pick([.twoShifts, .oneShift, .sixDays]),
      products: products(load: 0.4...0.85),
      jobRows: spread(60...900),
      swing: spread(0.03...0.1),
      swingRows: spread(20...200),
      stopChance: 1 / spread(1_000...5_000)
    )
    let kilowatts = spread(15...90)
    electric(kilowatts, idle: uniform(0.2...0.4))
    vibration(.velocityDE, uniform(1...2.5))
    vibration(.highDE, chance: 0.6, uniform(0.3...1))
    var oil = thermal(rise: uniform(22...34), loadShare: 0.5, lag: 2_500...7_000)
    if generator.chance(0.6) {
      oil.thermostat = .init(setpoint: uniform(38...44), authority: uniform(10...20))
    }
    add(.oil, .temperature, [("°C", 1)], top: 100, oil)
    if oil.thermostat != nil { addEffort(chance: 0.6) }
    add(
      .pressure,
      chance: 0.95,
      .pressure,
      [("bar", 1)],
      top: 400,
      quick(always: 20, load: 170, noise: 0.01...0.05)
    )
    add(
      .filter,
      chance: 0.7,
      .differentialPressure,
      [("bar", 1), ("kPa", 100)],
      top: 5,
      quick(always: 0.15, load: 0.3, noise: 0.01...0.06, slow: 0.01...0.04)
    )
    add(
      .drain,
      chance: 0.5,
      .flow,
      [("L/min", 1)],
      top: 20,
      quick(always: 0.8, load: 1.6, noise: 0.02...0.06, slow: 0.02...0.05)
    )
    add(
      .cycle,
      chance: 0.6,
      .duration,
      [("s", 1)],
      top: 60,
      quick(always: uniform(5...14), load: 2.5, noise: 0.006...0.03, slow: 0.004...0.02)
    )
    temperature(.winding, chance: 0.4, rise: uniform(35...65), loadShare: 0.7, top: 180)
    hallSensor(chance: 0.8)
    modes = FaultMode.rotating + FaultMode.press
  }

  mutating func buildSpindle() {
    duty = DutyTraits(
      style: .jobs,
      shift: generator.pick([.twoShifts, .oneShift, .sixDays, .weekdays]),
      products: products(load: 0.3...0.75, speed: 0.8...1.05),
      jobRows: spread(12...80),
      swing: spread(0.03...0.12),
      swingRows: spread(6...60),
      startRows: 1.2,
      stopChance: 1 / spread(400...2_000)
    )
    let rated = generator.pick([8_000.0, 12_000, 18_000])
    let kilowatts = spread(8...30)
    add(
      .power,
      chance: 0.8,
      .activePower,
      [("kW", 1)],
      top: kilowatts * 1.6,
      quick(always: 0.4, load: kilowatts * 0.7, speed: kilowatts * 0.15, noise: 0.01...0.04)
    )
    add(
      .torque,
      chance: 0.45,
      .load,
      [("%", 1)],
      top: 150,
      quick(always: 3, load: 80, speed: 6, noise: 0.01...0.04)
    )
    vibration(.velocityDE, uniform(0.4...1.2), resonates: true)
    vibration(.highDE, chance: 0.9, uniform(0.3...1))
    vibration(.highNDE, chance: 0.3, uniform(0.3...0.9))
    temperature(.bearingDE, rise: uniform(14...26), loadShare: 0.25, lag: 500...1_500)
    temperature(.bearingNDE, chance: 0.5, rise: uniform(12...22), loadShare: 0.2, lag: 500...1_500)
    temperature(.winding, chance: 0.5, rise: uniform(25...50), loadShare: 0.6, top: 180)
    add(
      .flow,
      chance: 0.35,
      .flow,
      [("L/min", 1)],
      top: 40,
      quick(always: uniform(8...16), noise: 0.004...0.03)
    )
    addSpeed(rated: rated, chance: 0.95)
    hallSensor(chance: 0.8)
    modes = FaultMode.rotating + FaultMode.spindle
  }

  mutating func buildChiller() {
    duty = DutyTraits(
      style: .steady,
      shift: generator.pick([.always, .always, .twoShifts, .sixDays]),
      hasVariableSpeed: generator.chance(0.4),
      products: products(load: 0.4...0.7, speed: 0.85...1.05, hidden: 0.4),
      jobRows: spread(100...2_000),
      swing: spread(0.04...0.1),
      swingRows: spread(60...1_000),
      weather: uniform(0.008...0.02)
    )
    let kilowatts = spread(12...80)
    electric(kilowatts, idle: uniform(0.3...0.45))
    vibration(.velocityDE, chance: 0.8, uniform(0.8...2.2), resonates: duty.hasVariableSpeed)
    vibration(.highDE, chance: 0.6, uniform(0.2...0.7))
    var condensing = quick(always: 6, load: 4, noise: 0.004...0.015, resting: 7)
    condensing.outdoor = uniform(0.12...0.3)
    add(.pressure, .pressure, bars, top: 40, bottom: -1, condensing)
    add(
      .suction,
      chance: 0.9,
      .pressure,
      bars,
      top: 20,
      bottom: -1,
      quick(always: -2, load: -0.5, noise: 0.01...0.03, slow: 0.01...0.03, resting: 6)
    )
    var supply = quick(always: -8, load: 1, noise: 0.01...0.03, slow: 0.01...0.04, resting: 16)
    supply.lag = 200
    supply.restingLag = 3_000
    add(.supply, chance: 0.9, .temperature, [("°C", 1)], top: 50, bottom: -10, supply)
    var warm = quick(always: -6, load: 4.5, noise: 0.01...0.03, slow: 0.01...0.04, resting: 16)
    warm.lag = 250
    warm.restingLag = 3_000
    add(.mediumIn, chance: 0.7, .temperature, [("°C", 1)], top: 60, bottom: -10, warm)
    add(
      .approach,
      chance: 0.5,
      .temperature,
      [("°C", 1)],
      top: 40,
      bottom: -20,
      quick(always: 1, load: 4, noise: 0.02...0.08, slow: 0.03...0.08)
    )
    add(
      .superheat,
      chance: 0.5,
      .temperature,
      [("°C", 1)],
      top: 40,
      bottom: -20,
      quick(always: 6, load: -1, noise: 0.03...0.1, slow: 0.03...0.1)
    )
    var discharge = thermal(rise: uniform(40...60), loadShare: 0.4, lag: 200...700)
    discharge.outdoor = uniform(0.2...0.6)
    add(.medium, chance: 0.6, .temperature, [("°C", 1)], top: 150, discharge)
    if generator.chance(0.4), let index = channels.firstIndex(where: { $0.role == .pressure }) {
      // Condenser fans hold the pressure while they can; unit of the channel.
      let response = channels[index].response
      channels[index].response.thermostat = .init(
        setpoint: response.resting + response.always + 0.3 * response.load,
        authority: 0.8 * (response.load + 10 * response.outdoor)
      )
      channels[index].response.lag = 60
      channels[index].response.restingLag = 300
      addEffort(chance: 0.7)
    }
    var outdoor = Response()
    outdoor.resting = 15
    outdoor.outdoor = 1
    outdoor.white = 0.1
    outdoor.slow = 0.3
    outdoor.restingNoise = 1
    add(.hall, chance: 0.8, .temperature, [("°C", 1)], top: 60, bottom: -40, outdoor)
    if duty.hasVariableSpeed { addSpeed(rated: 2_950) }
    modes = FaultMode.rotating + FaultMode.chiller
  }
}
