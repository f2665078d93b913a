import ConditionModel
import DataManipulation
import MonitoringPipeline
import StateDetection

/// Two machines as a small company has them, with limits as a site file would set them.
enum Workshop {
  static let velocityX = ChannelID(index: 0)
  static let velocityZ = ChannelID(index: 1)
  static let highFrequency = ChannelID(index: 2)
  static let temperature = ChannelID(index: 3)
  static let current = ChannelID(index: 4)
  static let power = ChannelID(index: 5)
  static let fanVelocity = ChannelID(index: 6)
  static let filterPressure = ChannelID(index: 7)

  static let pump = AssetID(index: 0)
  static let fan = AssetID(index: 1)

  static let plant = Plant(
    site: "atelier-nord",
    gateway: "gw-01",
    assets: [
      Asset(id: pump, name: "pompe-3", kind: .centrifugalPump, mounting: .rigid),
      Asset(id: fan, name: "ventilateur-1", kind: .fan),
    ],
    channels: [
      channel(velocityX, "drive end", "velocity rms x", "mm/s", .velocityRMS, .x, 0),
      channel(velocityZ, "drive end", "velocity rms z", "mm/s", .velocityRMS, .z, 0),
      channel(
        highFrequency,
        "drive end",
        "hf acceleration",
        "m/s2",
        .highFrequencyAccelerationRMS,
        .z,
        0
      ),
      channel(temperature, "drive end", "temperature", "Cel", .temperature, nil, 0),
      channel(current, "motor supply", "current l1", "A", .current, nil, 1),
      channel(power, "motor supply", "active power", "kW", .activePower, nil, 1),
      channel(fanVelocity, "palier", "velocity rms x", "mm/s", .velocityRMS, .x, 2, on: fan),
      channel(filterPressure, "filtre", "dp", "Pa", .differentialPressure, nil, 3, on: fan),
    ]
  )

  private static func channel(
    _ id: ChannelID,
    _ location: String,
    _ point: String,
    _ unit: String,
    _ quantity: Quantity,
    _ axis: Axis?,
    _ device: UInt16,
    on asset: AssetID = pump
  ) -> Channel {
    Channel(
      id: id,
      asset: asset,
      location: location,
      point: point,
      unit: unit,
      quantity: quantity,
      axis: axis,
      device: device
    )
  }

  static let configuration = PipelineConfiguration(
    plant: plant,
    manipulation: ManipulationConfiguration(
      running: [RunningRule(channel: power, threshold: 1), nil],
      channelCount: plant.channels.count
    ),
    detection: DetectionConfiguration(plant: plant, channels: rules, severity: severity)
  )

  private static let rules: [ChannelRules] = [
    ChannelRules(stuckAfter: .seconds(600), measuringRange: 0...65),
    ChannelRules(stuckAfter: .seconds(600), measuringRange: 0...65),
    ChannelRules(limits: [above(alert: 20, deadband: 2)], measuringRange: 0...200),
    ChannelRules(
      limits: [above(alert: 80, alarm: 90, deadband: 2)],
      stuckAfter: .seconds(1800),
      measuringRange: -50...200
    ),
    ChannelRules(limits: [above(alert: 22, deadband: 1)]),
    ChannelRules(),
    ChannelRules(measuringRange: 0...65),
    ChannelRules(limits: [above(alert: 250, alarm: 400, deadband: 10)]),
  ]

  private static let severity: [SeverityRule] = [
    SeverityRule(
      channels: [velocityX, velocityZ],
      standard: "ISO 20816-3, group 2, rigid",
      boundaryAB: 1.4,
      boundaryBC: 2.8,
      boundaryCD: 4.5,
      alertDelay: .seconds(60),
      alarmDelay: .seconds(60)
    ),
    SeverityRule(
      channels: [fanVelocity],
      standard: "ISO 10816-1, class I",
      boundaryAB: 0.71,
      boundaryBC: 1.8,
      boundaryCD: 4.5,
      alertDelay: .seconds(60),
      alarmDelay: .seconds(60)
    ),
  ]

  private static func above(
    alert: Double,
    alarm: Double? = nil,
    deadband: Double
  ) -> LimitRule {
    LimitRule(
      side: .above,
      alert: alert,
      alarm: alarm,
      deadband: deadband,
      onDelay: .seconds(60),
      offDelay: .seconds(60),
      onlyWhileRunning: false
    )
  }
}

/// Feeds a core as a gateway does, second by second, and keeps what comes out.
struct Watch {
  var pipeline: Pipeline
  var outputs: [PipelineOutput] = []
  var now: Timestamp

  init(
    _ configuration: PipelineConfiguration = Workshop.configuration,
    from start: Timestamp = Timestamp(seconds: 1_790_000_000)
  ) throws {
    pipeline = try Pipeline(configuration)
    now = start
  }

  var advisories: [Advisory] {
    outputs.compactMap { if case .advisory(let advisory) = $0.content { advisory } else { nil } }
  }

  var states: [StateReport] {
    outputs.compactMap { if case .state(let report) = $0.content { report } else { nil } }
  }

  var health: [HealthReport] {
    outputs.compactMap { if case .health(let report) = $0.content { report } else { nil } }
  }

  mutating func send(_ input: PipelineInput) {
    pipeline.consume(input, into: &outputs)
  }

  /// One second: the pump's sensor and meter and the fan answer, then time is told.
  mutating func second(_ values: PumpValues = PumpValues()) {
    now += .seconds(1)
    send(.frame(values.sensorFrame(at: now)))
    send(.frame(values.meterFrame(at: now)))
    send(.frame(PumpValues.fanFrame(at: now)))
    send(.tick(now))
  }

  mutating func seconds(_ count: Int, _ values: PumpValues = PumpValues()) {
    for index in 0..<count { second(values.stirred(index)) }
  }
}

/// What the pump shows in one second.
struct PumpValues {
  var velocityX = 1.2
  var velocityZ = 0.9
  var highFrequency = 8.0
  var temperature = 61.0
  var current = 18.0
  var power = 9.0
  var sensorQuality = Quality.good
  var meterQuality = Quality.good

  /// The same with a little movement: real values are never quite still.
  func stirred(_ step: Int) -> PumpValues {
    var moving = self
    moving.velocityX += step.isMultiple(of: 2) ? 0.01 : 0
    moving.velocityZ -= step.isMultiple(of: 2) ? 0.01 : 0
    return moving
  }

  func sensorFrame(at moment: Timestamp) -> Frame {
    Frame(
      asset: Workshop.pump,
      timestamp: moment,
      channels: [
        Workshop.velocityX, Workshop.velocityZ, Workshop.highFrequency, Workshop.temperature,
      ],
      values: [velocityX, velocityZ, highFrequency, temperature],
      qualities: Array(repeating: sensorQuality, count: 4)
    )
  }

  /// The fan beside it, which has no trouble.
  static func fanFrame(at moment: Timestamp) -> Frame {
    Frame(
      asset: Workshop.fan,
      timestamp: moment,
      channels: [Workshop.fanVelocity, Workshop.filterPressure],
      values: [0.6, 180],
      qualities: [.good, .good]
    )
  }

  func meterFrame(at moment: Timestamp) -> Frame {
    Frame(
      asset: Workshop.pump,
      timestamp: moment,
      channels: [Workshop.current, Workshop.power],
      values: [current, power],
      qualities: Array(repeating: meterQuality, count: 2)
    )
  }
}
