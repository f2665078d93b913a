import ConditionModel
import StateDetection

/// One place with two velocity axes and a temperature, and a detector that judges them.
struct Bench {
  static let x = ChannelID(index: 0)
  static let z = ChannelID(index: 1)
  static let temperature = ChannelID(index: 2)

  static let plant = Plant(
    site: "s",
    gateway: "g",
    assets: [Asset(id: AssetID(index: 0), name: "m", kind: .otherRotating)],
    channels: [
      channel(x, "mm/s", .velocityRMS, .x), channel(z, "mm/s", .velocityRMS, .z),
      channel(temperature, "Cel", .temperature, nil),
    ]
  )

  private static func channel(
    _ id: ChannelID,
    _ unit: String,
    _ quantity: Quantity,
    _ axis: Axis?
  ) -> Channel {
    Channel(
      id: id,
      asset: AssetID(index: 0),
      location: "drive end",
      point: "\(quantity.rawValue) \(axis?.rawValue ?? "")",
      unit: unit,
      quantity: quantity,
      axis: axis,
      device: 0
    )
  }

  static let severity = SeverityRule(
    channels: [x, z],
    standard: "ISO 20816-3, group 2, rigid",
    boundaryAB: 1.4,
    boundaryBC: 2.8,
    boundaryCD: 4.5,
    alertDelay: .seconds(10),
    alarmDelay: .seconds(10)
  )

  static func limit(
    _ side: Finding.Side = .above,
    alert: Double? = 80,
    alarm: Double? = 90,
    onlyWhileRunning: Bool = false
  ) -> LimitRule {
    LimitRule(
      side: side,
      alert: alert,
      alarm: alarm,
      deadband: 2,
      onDelay: .seconds(10),
      offDelay: .seconds(20),
      onlyWhileRunning: onlyWhileRunning
    )
  }

  var detector: StateDetector
  var reports: [StateReport] = []
  var now = Timestamp(seconds: 1_000_000)
  var operation = OperatingState.untold

  init(
    temperature: ChannelRules = ChannelRules(limits: [limit()]),
    velocity: ChannelRules = ChannelRules(),
    severity: SeverityRule = severity
  ) {
    detector = StateDetector(
      DetectionConfiguration(
        plant: Self.plant,
        channels: [velocity, velocity, temperature],
        severity: [severity]
      )
    )
  }

  /// What began, worsened, eased and ended, in order.
  var changes: [StateReport.Change] { reports.map(\.change) }

  mutating func send(_ values: [(ChannelID, Double, Quality)]) {
    detector.process(
      Frame(
        asset: AssetID(index: 0),
        timestamp: now,
        channels: values.map(\.0),
        values: values.map(\.1),
        qualities: values.map(\.2)
      ),
      operation: operation,
      into: &reports
    )
  }

  /// Sends the temperature once a second, and quiet axes with it.
  mutating func heat(_ value: Double, seconds: Int = 1, _ quality: Quality = .good) {
    for _ in 0..<seconds {
      now += .seconds(1)
      send([(Self.temperature, value, quality), (Self.x, 1, .good), (Self.z, 1, .good)])
      detector.advance(to: now, operation: { [operation] _ in operation }, into: &reports)
    }
  }

  /// Sends both axes once a second.
  mutating func shake(x: Double, z: Double, seconds: Int = 1, zQuality: Quality = .good) {
    for _ in 0..<seconds {
      now += .seconds(1)
      send([(Self.x, x, .good), (Self.z, z, zQuality)])
    }
  }

  /// Lets time pass without a reading.
  mutating func wait(seconds: Int, ticking: Bool = true) {
    for _ in 0..<seconds {
      now += .seconds(1)
      if ticking {
        detector.advance(to: now, operation: { [operation] _ in operation }, into: &reports)
      }
    }
  }
}
