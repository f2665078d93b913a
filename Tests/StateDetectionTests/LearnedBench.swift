import ConditionModel
import SignalProcessing
import StateDetection

/// A pump with a motor in a hall, four readings a minute: what it does is known, so what should be
/// found is, too.
struct LearnedBench {
  static let power = ChannelID(index: 0)
  static let hall = ChannelID(index: 1)
  static let bearing = ChannelID(index: 2)
  static let vibration = ChannelID(index: 3)
  static let flow = ChannelID(index: 4)
  static let speed = ChannelID(index: 5)
  static let readingsPerDay = 4 * 1_440

  static let plant = Plant(
    site: "s",
    gateway: "g",
    assets: [Asset(id: AssetID(index: 0), name: "pump", kind: .centrifugalPump)],
    channels: [
      channel(power, "motor", "kW", .activePower), channel(hall, "ambient", "Cel", .temperature),
      channel(bearing, "drive end", "Cel", .temperature),
      channel(vibration, "drive end", "mm/s", .velocityRMS),
      channel(flow, "discharge", "m3/h", .flow), channel(speed, "shaft", "/min", .rotationSpeed),
    ]
  )

  private static func channel(
    _ id: ChannelID,
    _ location: String,
    _ unit: String,
    _ quantity: Quantity
  ) -> Channel {
    Channel(
      id: id,
      asset: AssetID(index: 0),
      location: location,
      point: quantity.rawValue,
      unit: unit,
      quantity: quantity,
      device: 0
    )
  }

  var detector: StateDetector
  var reports: [StateReport] = []
  private(set) var now = Timestamp(seconds: 1_790_035_200)
  private var generator: SeededGenerator
  private var load = 0.6
  private var heat = 20.0
  private var reading = 0

  /// What is wrong, as changes of what the sensors would show; what is no number is not read.
  var disturb: (inout Values, _ days: Double) -> Void = { _, _ in }

  /// What the sensors show.
  struct Values {
    var power: Double
    var hall: Double
    var bearing: Double
    var vibration: Double
    var flow: Double
    var speed: Double

    /// What is left of them while the machine stands still for half an hour: it keeps its heat.
    mutating func stop() {
      power = 0.02
      vibration = 0.05
      flow = 0
      speed = 0
    }
  }

  static func configuration(
    falseAlertsPerWeek: Double = 12.0 / 52,
    severity: [SeverityRule] = []
  ) -> DetectionConfiguration {
    DetectionConfiguration(
      plant: plant,
      channels: plant.channels.map { _ in ChannelRules(resolution: 0.01) },
      severity: severity,
      learning: LearningRules(
        falseAlertsPerWeek: falseAlertsPerWeek,
        learningTime: .seconds(6 * 86_400)
      )
    )
  }

  init(seed: UInt64 = 1, configuration: DetectionConfiguration = configuration()) {
    detector = StateDetector(configuration)
    generator = SeededGenerator(seed: seed)
  }

  var days: Double { Double(reading) / Double(Self.readingsPerDay) }

  /// What began, as channel and class.
  var begun: [Finding] { reports.filter { $0.change == .began }.map(\.finding) }
  var ended: [Finding] { reports.filter { $0.change == .ended }.map(\.finding) }

  mutating func run(days: Double) {
    let end = reading + Int(days * Double(Self.readingsPerDay))
    while reading < end { read() }
  }

  /// Lets time pass without a reading.
  mutating func pause(days: Double) {
    let count = Int(days * Double(Self.readingsPerDay))
    now += .seconds(Int64(15 * count))
    reading += count
  }

  /// Lets time pass in which it is told but nothing is read, as when the device does not answer.
  mutating func silence(days: Double) {
    let end = now + .seconds(15 * Int64(days * Double(Self.readingsPerDay)))
    while now < end {
      now += .seconds(60)
      reading += 4
      detector.advance(to: now, operation: { _ in .untold }, into: &reports)
    }
  }

  mutating func mark(_ kind: MaintenanceMark.Kind, at moment: Timestamp? = nil) {
    detector.mark(
      MaintenanceMark(
        asset: AssetID(index: 0),
        timestamp: moment ?? now,
        kind: kind,
        text: ""
      )
    )
  }

  private mutating func read() {
    reading += 1
    now += .seconds(15)
    if reading.isMultiple(of: 480) { load = generator.uniform(in: 0.35..<0.95) }
    let dayPart = days - days.rounded(.down)
    let hall = 20 + 12 * dayPart * (1 - dayPart) + noise(0.05)
    let speed = 1_480 - 20 * load
    heat += (28 * load * load + 6 - (heat - hall)) / 120
    var values = Values(
      power: 4 + 7 * load + noise(0.05),
      hall: hall,
      bearing: heat + noise(0.1),
      vibration: 1 + 0.6 * load + noise(0.04),
      flow: 8 + 30 * load + noise(0.3),
      speed: speed + noise(0.5)
    )
    disturb(&values, days)
    let shown = [
      values.power, values.hall, values.bearing, values.vibration, values.flow, values.speed,
    ].map { ($0 * 100).rounded() / 100 }
    detector.process(
      Frame(
        asset: AssetID(index: 0),
        timestamp: now,
        channels: Self.plant.channels.map(\.id),
        values: shown,
        qualities: shown.map { $0.isNaN ? .bad(.noAnswer) : .good }
      ),
      operation: .untold,
      into: &reports
    )
  }

  /// About normal, with a standard deviation of `size`.
  mutating func noise(_ size: Double) -> Double {
    var sum = 0.0
    for _ in 0..<4 { sum += generator.uniform(in: -1..<1) }
    return sum * 0.866 * size
  }
}
