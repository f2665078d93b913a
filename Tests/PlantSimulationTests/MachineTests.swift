import ConditionModel
import PlantSimulation
import Testing

struct MachineTests {
  private let start = Timestamp(seconds: 1_760_000_000)

  private func machine(
    _ kind: MachineKind,
    seed: UInt64 = 1,
    isCold: Bool = false
  ) -> SimulatedMachine {
    let asset = Asset(id: AssetID(index: 0), name: "m", kind: kind)
    return SimulatedMachine(asset: asset, seed: seed, start: start, isCold: isCold)
  }

  private func sensor(
    _ quantity: Quantity,
    _ unit: String,
    location: String = "drive end",
    point: String = "value"
  ) -> SimulatedSensor {
    SimulatedSensor(
      Channel(
        id: ChannelID(index: 0),
        asset: AssetID(index: 0),
        location: location,
        point: point,
        unit: unit,
        quantity: quantity,
        device: 0
      )
    )
  }

  /// The mean of what the sensor shows during the next 20 seconds.
  private func mean(_ sensor: SimulatedSensor, on machine: inout SimulatedMachine) -> Double {
    var sum = 0.0
    for _ in 0..<200 {
      machine.advance(by: .milliseconds(100))
      sum += sensor.value(on: machine)
    }
    return sum / 200
  }

  @Test(arguments: MachineKind.allCases)
  func `every quantity has a finite value on every kind of machine, whatever its state`(
    kind: MachineKind
  ) {
    var machine = machine(kind, isCold: true)
    for second in 0..<600 {
      machine.setpoint.isOn = second < 400
      machine.advance(by: .seconds(1))
      for quantity in Quantity.allCases where second.isMultiple(of: 50) {
        let value = sensor(quantity, "1").value(on: machine)
        #expect(value.isFinite, "\(quantity) at \(second) s")
      }
    }
  }

  @Test func `many short steps end where one long step does`() {
    var long = machine(.screwCompressor)
    var short = long
    long.advance(by: .seconds(90))
    for _ in 0..<3_000 { short.advance(by: .milliseconds(30)) }
    #expect(long == short)
  }

  @Test(arguments: [MachineKind.centrifugalPump, .fan, .screwCompressor, .conveyor, .spindle])
  func `a stopped machine neither vibrates nor draws power, and cools down to the air`(
    kind: MachineKind
  ) {
    var machine = machine(kind)
    machine.setpoint.isOn = false
    machine.advance(by: .seconds(6 * 3_600))
    for quantity in [
      Quantity.velocityRMS, .accelerationRMS, .highFrequencyAccelerationRMS, .activePower, .current,
      .rotationSpeed, .torque,
    ] {
      #expect(sensor(quantity, "1").value(on: machine) == 0, "\(quantity)")
    }
    let air = sensor(.temperature, "Cel", point: "ambient").value(on: machine)
    let housing = sensor(.temperature, "Cel").value(on: machine)
    #expect(abs(housing - air) < 0.5)
  }

  @Test func `a cold machine warms up by 63 % within its time constant`() {
    var machine = machine(.centrifugalPump, isCold: true)
    machine.setpoint.load = 0.7
    let housing = sensor(.temperature, "Cel")
    let air = sensor(.temperature, "Cel", point: "ambient")
    func rise() -> Double { housing.value(on: machine) - air.value(on: machine) }
    #expect(abs(rise()) < 0.3)
    machine.advance(by: .seconds(900))
    let afterOne = rise()
    machine.advance(by: .seconds(9 * 900))
    let settled = rise()
    #expect(settled > 12 && settled < 25)
    #expect(abs(afterOne / settled - 0.632) < 0.03, "\(afterOne) of \(settled)")
  }

  @Test func `the ambient is warmest in the afternoon and coldest at night`() {
    var machine = machine(.cabinet)
    let air = sensor(.temperature, "Cel", point: "ambient")
    var hours: [(hour: Int, value: Double)] = []
    for passed in 1...24 {
      machine.advance(by: .seconds(3_600))
      let hour = CivilTime(start + .seconds(3_600 * passed)).hour
      hours.append((hour, air.value(on: machine)))
    }
    let sorted = hours.sorted { $0.value < $1.value }
    #expect((1...5).contains(sorted[0].hour))
    #expect((13...17).contains(sorted[23].hour))
    #expect((7...9).contains(sorted[23].value - sorted[0].value))
  }

  @Test func `imbalance adds velocity with the square of the speed and leaves the rest alone`() {
    func addedVelocity(atSpeed speed: Double) -> Double {
      var healthy = machine(.fan)
      healthy.setpoint.speed = speed
      healthy.advance(by: .seconds(60))
      var unbalanced = healthy
      unbalanced.faults = [MachineFault(kind: .imbalance, level: 1, growth: .seconds(60))]
      let velocity = sensor(.velocityRMS, "mm/s")
      return mean(velocity, on: &unbalanced) - mean(velocity, on: &healthy)
    }
    let full = addedVelocity(atSpeed: 1)
    let half = addedVelocity(atSpeed: 0.5)
    #expect(full > 5)
    #expect(abs(full / half - 4) < 0.1, "\(full) at full speed, \(half) at half")

    let healthy = machine(.fan)
    var unbalanced = healthy
    unbalanced.faults = [MachineFault(kind: .imbalance, level: 1, growth: .seconds(60))]
    for quantity in [Quantity.highFrequencyAccelerationRMS, .temperature, .activePower, .flow] {
      let sensor = sensor(quantity, "1")
      #expect(sensor.value(on: healthy) == sensor.value(on: unbalanced), "\(quantity)")
    }
  }

  @Test func `the power of a pump follows the cube of its speed`() {
    func power(atSpeed speed: Double) -> Double {
      var machine = machine(.centrifugalPump)
      machine.setpoint.speed = speed
      machine.setpoint.load = 0.7
      machine.advance(by: .seconds(60))
      return mean(sensor(.activePower, "kW"), on: &machine)
    }
    #expect(abs(power(atSpeed: 1) / power(atSpeed: 0.5) - 8) < 0.2)
  }

  @Test func `a compressor loads and unloads between its two pressures`() {
    var machine = machine(.screwCompressor)
    let pressure = sensor(.pressure, "bar")
    let power = sensor(.activePower, "kW")
    var pressures: [Double] = []
    var powers: [Double] = []
    for _ in 0..<600 {
      machine.advance(by: .seconds(1))
      pressures.append(pressure.value(on: machine))
      powers.append(power.value(on: machine))
    }
    let (lowest, highest) = (pressures.min() ?? 0, pressures.max() ?? 0)
    #expect(lowest > 6.8 && lowest < 7.1)
    #expect(highest > 7.9 && highest < 8.2)
    let loaded = powers.filter { $0 > 25 }.count
    #expect(loaded > 300 && loaded < 420, "loaded for \(loaded) of 600 s")
    #expect((powers.min() ?? 0) > 10)
  }

  @Test func `a leaking compressor loads longer, one with a clogged intake fills slower`() {
    func loadedSeconds(_ fault: MachineFault.Kind, level: Double) -> Int {
      var machine = machine(.screwCompressor)
      machine.faults = [MachineFault(kind: fault, level: level, growth: .seconds(60))]
      let power = sensor(.activePower, "kW")
      var seconds = 0
      for _ in 0..<1_200 {
        machine.advance(by: .seconds(1))
        if power.value(on: machine) > 25 { seconds += 1 }
      }
      return seconds
    }
    let healthy = loadedSeconds(.leak, level: 0)
    #expect(loadedSeconds(.leak, level: 0.5) > healthy * 5 / 4)
    #expect(loadedSeconds(.leak, level: 1) > 1_150)
    #expect(loadedSeconds(.filterClogging, level: 1) > healthy * 5 / 4)
  }

  @Test func `current, voltage, power and power factor belong together`() {
    var machine = machine(.centrifugalPump)
    machine.advance(by: .seconds(30))
    let voltage = mean(sensor(.voltage, "V", point: "voltage L1"), on: &machine)
    let current = mean(sensor(.current, "A", point: "current L1"), on: &machine)
    let power = mean(sensor(.activePower, "W", point: "active power"), on: &machine)
    let factor = mean(sensor(.powerFactor, "1"), on: &machine)
    #expect(abs(3 * voltage * current * factor / power - 1) < 0.04)
  }

  @Test(arguments: [
    (Quantity.temperature, "K", 273.15, 1.0), (.temperature, "[degF]", 32, 1.8),
    (.velocityRMS, "[in_i]/s", 0, 1 / 25.4), (.pressure, "kPa", 0, 100),
    (.activePower, "kW", 0, 0.001), (.rotationSpeed, "Hz", 0, 1 / 60.0), (.load, "%", 0, 100),
  ])
  func `a value comes in the unit of its channel`(
    quantity: Quantity,
    unit: String,
    offset: Double,
    scale: Double
  ) {
    let usual: [Quantity: String] = [.temperature: "Cel", .velocityRMS: "mm/s", .pressure: "bar"]
    let machine = machine(.centrifugalPump)
    let base = sensor(quantity, usual[quantity] ?? "1").value(on: machine)
    #expect(abs(sensor(quantity, unit).value(on: machine) - (base * scale + offset)) < 1e-6)
  }

  @Test func `what a profile cannot name is told by its unit, and words tell twins apart`() {
    let machine = machine(.conveyor)
    let velocity = sensor(.velocityRMS, "mm/s").value(on: machine)
    #expect(sensor(.other, "mm/s").value(on: machine) == velocity)
    #expect(sensor(.frequency, "Hz", location: "motor supply").value(on: machine) > 49)
    var stopped = machine
    stopped.setpoint.isOn = false
    stopped.advance(by: .seconds(60))
    #expect(sensor(.frequency, "Hz", location: "motor supply").value(on: stopped) > 49)
    #expect(sensor(.frequency, "Hz", point: "output frequency").value(on: stopped) == 0)
    #expect(sensor(.energy, "kWh", point: "exported energy").value(on: machine) == 0)
    #expect(sensor(.statusWord, "1", point: "alarm word").value(on: machine) == 0)
    #expect(sensor(.statusWord, "1", point: "status word").value(on: machine) == 1)
    let suction = sensor(.pressure, "bar", location: "suction").value(on: machine)
    #expect(suction < sensor(.pressure, "bar", location: "outlet").value(on: machine))
  }
}
