package import ConditionModel
import SignalProcessing

/// A model of remaining life, and where on a machine it finds what it needs.
package struct LifeModelRule: Hashable, Sendable, Codable {
  /// What tells the age of a machine.
  package enum Age: Hashable, Sendable, Codable {
    /// The hours that it runs, from the first reading or the latest new part on; an hour of the
    /// fleet's age is this many of them.
    case runningHours(perAge: Double)
    /// A channel that counts it. Its value times `factor` is the fleet's age; `hoursPerAge` is `nil`
    /// where age is no time: then it follows from how fast the machine ages while it runs.
    case counter(ChannelID, factor: Double, hoursPerAge: Double?)
  }

  package var asset: AssetID
  package var model: LifeModel
  package var age: Age
  /// One for each setting of the model's fleet.
  package var settings: [ChannelID]
  /// One for each sensor of the model's fleet; `nil` for those that the model does not look at.
  package var sensors: [ChannelID?]

  package init(
    asset: AssetID,
    model: LifeModel,
    age: Age,
    settings: [ChannelID],
    sensors: [ChannelID?]
  ) {
    self.asset = asset
    self.model = model
    self.age = age
    self.settings = settings
    self.sensors = sensors
  }
}

extension LifeModelRule {
  /// The same for the same model on the same machine, by what tells its age, in any configuration.
  func identity(in plant: Plant) -> String {
    let age =
      switch age {
      case .runningHours(let perAge): "\(perAge) running hours"
      case .counter(let channel, let factor, _): "\(plant[channel].name) times \(factor)"
      }
    return "\(plant[asset].name): \(Checksum.of(model.encoded()[...])) by \(age)"
  }
}

/// What a model has seen of one machine; a row of its life is taken each time that it has aged by a
/// step of the fleet's rows.
struct FollowedLife: Hashable, Sendable, Codable {
  /// Later than this many steps after its latest row, an estimate is no longer one of today.
  private static let freshSteps: Float = 5
  /// A counter that is silent for less than this has not failed yet, however short the steps are.
  private static let leastSilentHours = 6.0
  /// A leap of the counter that still stands after this was no glitch of one poll.
  private static let confirmingTime = Duration.seconds(600)

  private struct Leap: Hashable, Codable {
    var age: Float
    var since: Timestamp
  }

  private var memory: LifePredictor.Memory
  private var seen: Timestamp?
  /// When it was first seen, and whether it failed since; `nil` in memories from before that was kept.
  private var began: Timestamp?
  private var hasFailed: Bool?
  private var runningHours = 0.0
  /// The running hours at the first row.
  private var firstHours: Double?
  private var age: Float?
  /// When the counter of age last gave a value, or was first missed.
  private var counted: Timestamp?
  /// An age that leapt, and when it was first read: it counts once it has stood for a while.
  private var leap: Leap?
  /// Why no row could be taken since the latest one.
  private var obstacle: ModelDoubt?

  init(_ rule: LifeModelRule) {
    memory = LifePredictor(rule.model).memory
  }

  /// Lets time pass; a gap longer than `longestStep` is not counted as operation.
  mutating func pass(to now: Timestamp, isRunning: Bool, longestStep: Duration) {
    let passed = seen.map { now - $0 } ?? .zero
    seen = now
    began = began ?? now
    if isRunning, passed > .zero, passed <= longestStep {
      runningHours += passed.inSeconds / 3_600
    }
  }

  /// Takes a row of the machine's life if one is due.
  ///
  /// - Parameters:
  ///   - rule: The model, and where it finds what it needs.
  ///   - now: The moment, to which time has passed.
  ///   - value: The latest value of a channel; `nil` if that is nothing usable.
  mutating func observe(
    _ rule: LifeModelRule,
    at now: Timestamp,
    value: (ChannelID) -> Double?
  ) {
    let age: Float
    switch rule.age {
    case .runningHours(let perAge): age = Float(runningHours / perAge)
    case .counter(let channel, let factor, _):
      guard let count = value(channel) else {
        obstacle = .missingSensor(name: rule.model.fleet.ageUnit)
        counted = counted ?? now
        return
      }
      counted = now
      age = Float(count * factor)
      guard isCredible(age, in: rule.model.fleet, at: now) else { return }
    }
    self.age = age
    let step = rule.model.fleet.rowStep
    if let latest = memory.age {
      if age < latest - step / 2 {
        obstacle = .ageWentBack
        return
      }
      // A step is not exactly a step in binary fractions of an hour.
      guard age >= latest + step * 0.999 else {
        if obstacle == .ageWentBack { obstacle = nil }
        return
      }
    }
    var predictor = LifePredictor(rule.model, memory: memory)
    obstacle = predictor.observe(
      age: age,
      settings: rule.settings.map { value($0).map { Float($0) } ?? .nan }[...],
      sensors: rule.sensors.map { $0.flatMap(value).map { Float($0) } ?? .nan }[...]
    )
    memory = predictor.memory
    if firstHours == nil, obstacle == nil { firstHours = runningHours }
  }

  /// The machine failed: if that was in this life, it is over.
  mutating func fail(at moment: Timestamp) {
    if let began, moment >= began { hasFailed = true }
  }

  /// Whether to believe what a counter says.
  ///
  /// One wrong reading far ahead would make every later one go back. So a leap counts once it has
  /// stood for a while, and went on no faster than it came.
  private mutating func isCredible(
    _ age: Float,
    in fleet: FleetDescription,
    at now: Timestamp
  ) -> Bool {
    let latest = memory.age ?? fleet.latestStart
    let ahead = age - latest
    guard ahead > Self.freshSteps * fleet.rowStep else {
      leap = nil
      return true
    }
    if let leap, age >= leap.age, age - leap.age <= leap.age - latest {
      return now - leap.since >= Self.confirmingTime
    }
    leap = Leap(age: age, since: now)
    return false
  }

  /// What a model says about a machine.
  enum Answer: Hashable {
    /// Quantiles in hours of operation, and what they rest on; `isOpen` if the machine may last longer
    /// than the model tells.
    case remaining(RemainingLife.Quantiles<Double>, isOpen: Bool, ModelEvidence)
    /// The machine shows no wear yet that the model could tell from new.
    case beyondHorizon
    /// The model is outside its validity, and why.
    case doubt(ModelDoubt)
  }

  func answer(_ rule: LifeModelRule) -> Answer {
    if hasFailed == true { return .doubt(.alreadyFailed) }
    let predictor = LifePredictor(rule.model, memory: memory)
    guard let estimate = predictor.estimate() else {
      return .doubt(obstacle ?? .fewRows(seen: 0, needed: LifeWindow.baselineRowCount))
    }
    if let obstacle, isStale(rule) || obstacle == .ageWentBack {
      return .doubt(obstacle)
    }
    if let doubt = estimate.doubts.first { return .doubt(doubt) }
    let horizon = rule.model.fleet.horizon
    guard estimate.remaining < horizon * 0.95 else { return .beyondHorizon }
    guard let hours = hoursPerAge(rule) else { return .doubt(.paceUnknown) }
    return .remaining(
      RemainingLife.Quantiles(
        p10: Double(estimate.range80.lowerBound) * hours,
        p50: Double(estimate.remaining) * hours,
        p90: Double(estimate.range80.upperBound) * hours
      ),
      isOpen: estimate.range80.upperBound >= horizon,
      evidence(rule, predictor, hoursPerAge: hours)
    )
  }

  /// As many channels as are worth naming.
  private static let movedLimit = 3

  private func evidence(
    _ rule: LifeModelRule,
    _ predictor: LifePredictor,
    hoursPerAge: Double
  ) -> ModelEvidence {
    let card = rule.model.card
    return ModelEvidence(
      name: "\(rule.model.fleet.name) \(card.subset)",
      failureCount: card.failureCount,
      errorHours: Double(card.error) * hoursPerAge,
      coverage: card.coverage.first.map { Double($0.covered) },
      age: Double(memory.age ?? 0),
      ageUnit: rule.model.fleet.ageUnit,
      moved: Array(predictor.movedSensors.compactMap { rule.sensors[$0] }.prefix(Self.movedLimit))
    )
  }

  private func isStale(_ rule: LifeModelRule) -> Bool {
    guard let age, let latest = memory.age else { return true }
    let fresh = Self.freshSteps * rule.model.fleet.rowStep
    // A silent counter does not say how old the machine is by now; only time does.
    if let seen, let counted {
      let hours = max(Double(fresh) * (hoursPerAge(rule) ?? 1), Self.leastSilentHours)
      if (seen - counted).inSeconds > hours * 3_600 { return true }
    }
    return age - latest > fresh
  }

  private func hoursPerAge(_ rule: LifeModelRule) -> Double? {
    switch rule.age {
    case .runningHours(let perAge): return perAge
    case .counter(_, _, let hours?): return hours
    case .counter(_, _, nil):
      let hours = runningHours - (firstHours ?? runningHours)
      guard let first = memory.firstAge, let age, age > first, hours > 0 else { return nil }
      return hours / Double(age - first)
    }
  }

  mutating func shift(by step: Duration) {
    seen = seen?.shifted(by: step)
    began = began?.shifted(by: step)
    counted = counted?.shifted(by: step)
    if let since = leap?.since { leap?.since = since.shifted(by: step) }
  }
}
