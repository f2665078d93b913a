import ConditionModel
import PrognosticAssessment
import SignalProcessing

/// One machine with one indicator, read every half hour.
struct Lathe {
  static let asset = AssetID(index: 0)
  static let channel = ChannelID(index: 0)
  static let plant = Plant(
    site: "shop",
    gateway: "gw",
    assets: [Asset(id: asset, name: "lathe", kind: .spindle)],
    channels: [
      Channel(
        id: channel,
        asset: asset,
        location: "spindle",
        point: "velocity rms",
        unit: "mm/s",
        quantity: .velocityRMS,
        device: 0
      )
    ]
  )

  var prognosticator: Prognosticator
  private(set) var hour = 0.0
  private(set) var outlook: Prognosis.Outlook?
  var isRunning: (Double) -> Bool = { _ in true }
  private var generator: SeededGenerator
  static let noise = 0.05
  /// From this distance on an alert stands.
  private static let alertLimit = 0.5

  init(_ failure: IndicatorRule.Failure = .limit(.above, 7), seed: UInt64 = 1) {
    prognosticator = Prognosticator(Self.configuration(failure))
    generator = SeededGenerator(seed: seed)
  }

  static func configuration(_ failure: IndicatorRule.Failure) -> PrognosisConfiguration {
    PrognosisConfiguration(
      plant: plant,
      indicators: [IndicatorRule(channel: channel, failure: failure)]
    )
  }

  var now: Timestamp { Timestamp(seconds: Int64(hour * 3_600)) }

  var life: RemainingLife? {
    if case .remainingLife(let life) = outlook { life } else { nil }
  }

  mutating func mark(_ kind: MaintenanceMark.Kind) {
    prognosticator.process(
      MaintenanceMark(asset: Self.asset, timestamp: now, kind: kind, text: "")
    )
  }

  /// Runs until an hour; `value` tells what the indicator reads at each hour.
  mutating func run(until end: Double, isUsable: Bool = true, _ value: (Double) -> Double) {
    while hour < end {
      hour += 0.5
      let reading = value(hour) + Self.noise * generator.normal()
      prognosticator.observe(Self.asset, at: now, isRunning: isRunning(hour)) { _ in
        isUsable
          ? Prognosticator.Reading(
            level: reading,
            deviation: StandingDeviation.Reading(
              ofLimit: (reading - 2) / Self.alertLimit,
              isAlerted: reading - 2 > Self.alertLimit
            )
          ) : nil
      }
      let prognosis = prognosticator.assess(Self.asset, at: now) { _ in isUsable }
      if let prognosis { outlook = prognosis.outlook }
    }
  }
}
