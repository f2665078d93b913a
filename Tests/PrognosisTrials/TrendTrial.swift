import ConditionModel
import PrognosticAssessment
import SignalProcessing

/// How the estimates of many simulated degradations compare with what came: the figures that are
/// promised for remaining life without any history.
///
/// Each failing degradation is asked every three hours over its last half and counts the same,
/// whatever its length; time before the onset is normal time.
package struct TrendTrial {
  /// What was found for one kind of degradation, or for all.
  package struct Figures {
    package var name: String
    package private(set) var count = 0
    private var coverage: [Double] = []
    private var scores: [Double] = []
    private var errors: [Double] = []
    private var told: [Double] = []
    private var normal = 0
    private var claims = 0

    init(_ name: String) {
      self.name = name
    }

    /// Share of the last half in which P10 to P90 holds the truth, where there is an estimate.
    package var covered: Double { mean(coverage) }
    /// The interval score for 80 % by the length of the degradation.
    package var intervalScore: Double { mean(scores) }
    /// The median over degradations of the median relative error of P50.
    package var relativeError: Double {
      errors.isEmpty ? 0 : errors.sorted()[errors.count / 2]
    }
    package var withoutEstimate: Double { 1 - mean(told) }
    /// Share of normal time in which failure within three weeks was claimed.
    package var claimed: Double { Double(claims) / Double(max(normal, 1)) }

    private func mean(_ values: [Double]) -> Double {
      values.reduce(0, +) / Double(max(values.count, 1))
    }

    mutating func add(_ other: Outcome) {
      normal += other.normal
      claims += other.claims
      guard other.asked > 0 else { return }
      count += 1
      told.append(Double(other.errors.count) / Double(other.asked))
      guard !other.errors.isEmpty else { return }
      coverage.append(Double(other.covered) / Double(other.errors.count))
      scores.append(other.score / Double(other.errors.count))
      errors.append(other.errors.sorted()[other.errors.count / 2])
    }
  }

  struct Outcome {
    var asked = 0
    var covered = 0
    var score = 0.0
    var errors: [Double] = []
    var normal = 0
    var claims = 0
  }

  /// All kinds together, then each kind.
  package private(set) var figures: [Figures]

  /// - Parameters:
  ///   - count: How many degradations, dealt out evenly to the kinds.
  ///   - seed: The same gives the same figures.
  package init(count: Int, seed: UInt64) {
    figures =
      [Figures("all kinds")] + WearingIndicator.Kind.allCases.map { Figures($0.rawValue) }
    let kinds = WearingIndicator.Kind.allCases
    var generator = SeededGenerator(seed: seed)
    for number in 0..<count {
      let place = number % kinds.count
      let outcome = Self.run(WearingIndicator(kinds[place], seed: generator.bits()))
      figures[0].add(outcome)
      figures[1 + place].add(outcome)
    }
  }

  private static func run(_ indicator: WearingIndicator) -> Outcome {
    var indicator = indicator
    let asset = AssetID(index: 0)
    let channel = ChannelID(index: 0)
    let plant = Plant(
      site: "trial",
      gateway: "trial",
      assets: [Asset(id: asset, name: "machine", kind: .other)],
      channels: [
        Channel(
          id: channel,
          asset: asset,
          location: "here",
          point: "temperature",
          unit: "Cel",
          quantity: .temperature,
          device: 0
        )
      ]
    )
    var prognosticator = Prognosticator(
      PrognosisConfiguration(
        plant: plant,
        indicators: [IndicatorRule(channel: channel, failure: .unknown)]
      )
    )
    var outcome = Outcome()
    var watch = PlainWatch()
    let step = 0.5
    let failure = indicator.onset + indicator.length
    var hour = 0.0
    while hour < min(failure, WearingIndicator.hours) {
      hour += step
      let value = indicator.reading(at: hour, step: step)
      let now = Timestamp(seconds: Int64(hour * 3_600))
      let deviation = watch.take(value, step: step).map {
        StandingDeviation.Reading(ofLimit: $0, isAlerted: watch.isAlerted)
      }
      prognosticator.observe(asset, at: now, isRunning: true) { _ in
        Prognosticator.Reading(level: 60 + value, deviation: deviation)
      }
      let prognosis = prognosticator.assess(asset, at: now) { _ in true }
      guard let prognosis, hour < failure else { continue }
      judge(prognosis, hour: hour, indicator, &outcome)
    }
    return outcome
  }

  private static func judge(
    _ prognosis: Prognosis,
    hour: Double,
    _ indicator: WearingIndicator,
    _ outcome: inout Outcome
  ) {
    var life: RemainingLife.Quantiles<Double>?
    if case .remainingLife(let told) = prognosis.outlook { life = told.operatingHours }
    if hour <= indicator.onset {
      outcome.normal += 1
      if let life, life.p50 <= 504 { outcome.claims += 1 }
    }
    guard indicator.fails, hour > indicator.onset + indicator.length / 2 else { return }
    outcome.asked += 1
    guard let life else { return }
    let truth = indicator.onset + indicator.length - hour
    if life.p10 <= truth, truth <= life.p90 { outcome.covered += 1 }
    let missed = max(life.p10 - truth, 0) + max(truth - life.p90, 0)
    outcome.score += (life.p90 - life.p10 + 10 * missed) / indicator.length
    outcome.errors.append(abs(life.p50 - truth) / max(truth, 1))
  }
}
