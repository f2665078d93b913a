import ConditionModel
import DataAcquisition
import PlantSimulation

/// A small workshop: five machines with the sensors that such machines usually have.
struct Workshop {
  private(set) var plant = Plant(site: "atelier", gateway: "gw-01", assets: [], channels: [])
  private(set) var buses: [BusDefinition] = []

  static let start = Timestamp(seconds: 1_760_000_000)

  /// Begins with the bus to which the following devices belong.
  mutating func addBus(_ name: String, _ line: BusDefinition.Line) {
    buses.append(BusDefinition(name: name, line: line, devices: []))
  }

  mutating func addMachine(
    _ name: String,
    _ kind: MachineKind,
    power: Double? = nil,
    speed: Double? = nil
  ) {
    plant.assets.append(
      Asset(
        id: AssetID(index: UInt16(plant.assets.count)),
        name: name,
        kind: kind,
        ratedPowerKilowatts: power,
        mounting: .rigid,
        ratedSpeedRPM: speed
      )
    )
  }

  /// Adds a device to the last machine and the last bus.
  mutating func addDevice(
    _ location: String,
    unit: UInt8,
    limits: RequestLimits = RequestLimits(),
    _ points: [PointDefinition]
  ) {
    let machine = plant.assets[plant.assets.count - 1]
    let device = UInt16(buses.map(\.devices.count).reduce(0, +))
    var channels: [ChannelID] = []
    for point in points {
      let channel = Channel(
        id: ChannelID(index: UInt16(plant.channels.count)),
        asset: machine.id,
        location: location,
        point: point.name,
        unit: point.unit,
        quantity: point.quantity,
        axis: point.axis,
        device: device
      )
      plant.channels.append(channel)
      channels.append(channel.id)
    }
    buses[buses.count - 1].devices.append(
      DeviceDefinition(
        index: device,
        asset: machine.id,
        name: "\(machine.name), \(location)",
        unit: unit,
        period: .seconds(1),
        profile: "test/\(location)",
        timing: DeviceTiming(responseTimeout: .milliseconds(400)),
        requestLimits: limits,
        points: points,
        channels: channels
      )
    )
  }

  func channel(_ machine: String, _ location: String, _ point: String) -> ChannelID {
    for channel in plant.channels
    where plant[channel.asset].name == machine && channel.location == location
      && channel.point == point
    {
      return channel.id
    }
    preconditionFailure("the workshop has no channel \(machine)/\(location)/\(point)")
  }

  func simulated(
    seed: UInt64 = 1,
    _ scenarios: String...
  ) throws -> SimulatedPlant {
    try SimulatedPlant(
      plant,
      buses: buses,
      seed: seed,
      scenarios: scenarios.map { text throws(ScenarioError) in try Scenario(parsing: text) },
      start: Self.start
    )
  }

  /// Nothing yet.
  static var empty: Workshop { Workshop(machines: ()) }

  private init(machines: Void) {}

  /// Four machines on TCP, the spindle on a serial bus at `port`.
  init(port: String = "/tmp/none") {
    addBus("atelier", .tcp(TCPEndpoint(host: "127.0.0.1", port: 0)))
    addMachine("pompe-3", .centrifugalPump, power: 11, speed: 1_480)
    addDevice("drive end", unit: 5, Self.vibration)
    addDevice("motor supply", unit: 9, Self.powerMeter)
    addMachine("ventilateur-1", .fan, power: 15, speed: 1_460)
    addDevice("drive end", unit: 6, Self.vibration)
    addDevice("bearing", unit: 10, limits: RequestLimits(allowsHoles: false), [Self.resistance])
    addMachine("compresseur-1", .screwCompressor, power: 37)
    addDevice("receiver", unit: 11, limits: RequestLimits(registers: 4), [Self.pressure])
    addDevice("motor supply", unit: 12, Self.powerMeter)
    addMachine("convoyeur-2", .conveyor, power: 5.5)
    addDevice("gearbox", unit: 13, Self.vibration)
    addDevice("drive", unit: 14, Self.drive)
    let line = SerialLine(port: port, baud: 19_200, parity: .even, stopBits: 1)
    addBus("broche", .serial(line))
    addMachine("broche-4", .spindle, power: 15, speed: 9_000)
    addDevice("nose", unit: 1, Self.vibration)
    addDevice("rear", unit: 2, Self.vibration)
  }

  static let vibration: [PointDefinition] = [
    holding(5201, .u16, 0.001, "mm/s", .velocityRMS, "velocity rms z", .z),
    holding(5203, .s16, 0.01, "Cel", .temperature, "temperature"),
    holding(5205, .u16, 0.001, "mm/s", .velocityRMS, "velocity rms x", .x),
    holding(5212, .u16, 0.001, "1", .kurtosis, "kurtosis z", .z),
    holding(5214, .u16, 0.001, "1", .crestFactor, "crest factor z", .z),
    holding(5220, .u16, 0.001, "[g]", .highFrequencyAccelerationRMS, "high-frequency rms z", .z),
  ]

  static let powerMeter: [PointDefinition] = [
    meter(0, "V", .voltage, "voltage L1"),
    meter(6, "A", .current, "current L1"),
    meter(52, "W", .activePower, "active power"),
    meter(62, "1", .powerFactor, "power factor"),
    meter(70, "Hz", .frequency, "frequency"),
    meter(342, "kWh", .energy, "energy"),
  ]

  static let resistance = PointDefinition(
    name: "temperature",
    table: .holding,
    address: 0,
    type: .s16,
    scaling: .linear(scale: 0.1, offset: 0),
    unit: "Cel",
    quantity: .temperature,
    invalidCodes: [.above(6_085), .below(-1_385)]
  )

  static let pressure = PointDefinition(
    name: "pressure",
    table: .holding,
    address: 2,
    type: .f32,
    unit: "bar",
    quantity: .pressure
  )

  static let drive: [PointDefinition] = [
    holding(16_099, .u16, 1, "W", .activePower, "power"),
    holding(16_129, .u16, 0.1, "Hz", .frequency, "output frequency"),
    holding(16_139, .u16, 0.01, "A", .current, "motor current"),
    PointDefinition(
      name: "motor thermal",
      table: .holding,
      address: 16_179,
      type: .u8Low,
      unit: "%",
      quantity: .load
    ),
  ]

  private static func holding(
    _ address: UInt16,
    _ type: RegisterType,
    _ scale: Double,
    _ unit: String,
    _ quantity: Quantity,
    _ name: String,
    _ axis: Axis? = nil
  ) -> PointDefinition {
    PointDefinition(
      name: name,
      table: .holding,
      address: address,
      type: type,
      scaling: .linear(scale: scale, offset: 0),
      unit: unit,
      quantity: quantity,
      axis: axis
    )
  }

  private static func meter(
    _ address: UInt16,
    _ unit: String,
    _ quantity: Quantity,
    _ name: String
  ) -> PointDefinition {
    PointDefinition(
      name: name,
      table: .input,
      address: address,
      type: .f32,
      unit: unit,
      quantity: quantity
    )
  }
}
