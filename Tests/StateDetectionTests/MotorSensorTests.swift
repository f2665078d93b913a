import ConditionModel
import Testing

@testable import StateDetection

/// What the channels of a motor say of each other.
struct MotorSensorTests {
  @Test(arguments: [true, false])
  func `a current that rises beside the same power is its sensor's`(isAlone: Bool) throws {
    var motor = MotorBench()
    motor.run(days: 8)
    motor.currentFactor = 1.15
    motor.powerFactor = isAlone ? 1 : 1.15
    motor.run(days: 1)
    let first = try #require(motor.begun.first)
    #expect(motor.changes.first?.place == MotorBench.current || !isAlone)
    #expect(first.findingClass == (isAlone ? .sensor : .machine))
  }

  /// Where two tell whether a machine runs and one of them is lost, all others are asked.
  @Test func `a power that reads nothing does not make a running machine stand still`() {
    var motor = MotorBench(third: (.pressure, "bar"))
    motor.restsAtNight = true
    motor.run(days: 8.8)
    #expect(motor.changes.isEmpty)
    motor.powerFactor = 0
    motor.run(days: 2)
    #expect(!motor.changes.isEmpty)
    #expect(motor.changes.allSatisfy { $0.place == MotorBench.power })
    #expect(motor.begun.allSatisfy { $0.findingClass == .sensor })
  }
}

/// A motor whose load nothing else shows, one reading of each channel a minute.
private struct MotorBench {
  static let power = 0
  static let current = 1
  var currentFactor = 1.0
  var powerFactor = 1.0
  var restsAtNight = false
  private(set) var changes: [MachineLearner.Change] = []
  private var learner: MachineLearner
  private var minute: Int64 = 0
  private var noise = NoiseSource(seed: 12)

  /// - Parameter third: What there is beside power, current and vibration.
  init(third: (Quantity, unit: String) = (.flow, "m3/h")) {
    let quantities: [(Quantity, unit: String)] = [
      (.activePower, "kW"), (.current, "A"), third, (.velocityRMS, "mm/s"),
    ]
    let asset = Asset(id: AssetID(index: 0), name: "pump", kind: .centrifugalPump)
    let channels = quantities.enumerated().map { index, quantity in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: asset.id,
        location: "motor",
        point: "p\(index)",
        unit: quantity.1,
        quantity: quantity.0,
        device: 0
      )
    }
    let plant = Plant(site: "s", gateway: "g", assets: [asset], channels: channels)
    learner = MachineLearner(
      MachineLayout(asset, in: plant),
      rules: LearningRules(learningTime: .seconds(6 * 86_400)),
      channels: channels.map { _ in ChannelRules(resolution: 0.01) }
    )
  }

  var begun: [Finding.Kind] { changes.filter { $0.change == .began }.map(\.kind) }

  mutating func run(days: Double) {
    let end = minute + Int64(days * 1_440)
    while minute < end {
      minute += 1
      for _ in 0..<4 { read() }
      learner.advance(
        to: Timestamp(seconds: 60 * minute),
        operation: .untold,
        into: &changes
      )
    }
  }

  private mutating func read() {
    let isRunning = !restsAtNight || minute % 1_440 < 1_000
    let load = isRunning ? 0.5 + 0.2 * Double(minute / 97 % 5) / 4 : 0
    let third = 100 * load + noise.next(1)
    let power = isRunning ? 4 + 8 * load + noise.next(0.1) : 0.05 + noise.next(0.02)
    let current = isRunning ? 9 + 15 * load + noise.next(0.2) : 0.5 + noise.next(0.1)
    let vibration = isRunning ? 2 + noise.next(0.1) : 0.2 + noise.next(0.05)
    let values = [powerFactor * power, currentFactor * current, third, vibration]
    learner.take(
      Frame(
        asset: AssetID(index: 0),
        timestamp: Timestamp(seconds: 60 * minute),
        channels: learner.layout.channels,
        values: values,
        qualities: values.map { _ in .good }
      ),
      values.map { _ in StateDetector.TakenReading(outcome: .trusted, changeCount: 0) },
      placeOfChannel: Array(values.indices)
    )
  }
}
