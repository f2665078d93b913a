package import ConditionModel
import SignalProcessing

/// Follows each indicator of each machine towards its limit and says what remains.
///
/// It needs no history of failures. An indicator with a limit must first be shown to wear rather than
/// wander; then what remains is told with its whole doubt, in hours of operation and as dates. Where
/// nobody named a limit, an alert that stands tells how long such faults usually last. Where nothing
/// moves, it says so instead of a number.
package struct Prognosticator: Sendable {
  /// What the block remembers: with the configuration it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var machines: [Machine]
    /// One per indicator of the configuration.
    fileprivate var trackers: [DegradationTracker]
    /// One per indicator; `nil` in memories from before there were any.
    fileprivate var deviations: [StandingDeviation]?
    /// One per model of the configuration; `nil` in memories from before there were any.
    fileprivate var followed: [FollowedLife]?
    /// What the places above stand for; `nil` in memories from before it was kept.
    fileprivate var names: Names?

    /// Whether it has a place for each machine, indicator and model.
    package func fits(_ configuration: PrognosisConfiguration) -> Bool {
      let count = configuration.indicators.count
      return machines.count == configuration.plant.assets.count && trackers.count == count
        && deviations?.count ?? count == count
        && followed?.count ?? configuration.models.count == configuration.models.count
    }
  }

  /// Machines and models by what they are, so that another configuration finds its own; a memory holds
  /// no name.
  fileprivate struct Names: Hashable, Sendable, Codable {
    var machines: [UInt64]
    var models: [UInt64]

    init(_ configuration: PrognosisConfiguration) {
      machines = configuration.plant.assets.map { Self.fingerprint(of: $0.name) }
      models = configuration.models.map {
        Self.fingerprint(of: $0.identity(in: configuration.plant))
      }
    }

    private static func fingerprint(of text: String) -> UInt64 {
      UInt64(Checksum.of(ArraySlice(text.utf8)))
    }
  }

  fileprivate struct Machine: Hashable, Sendable, Codable {
    var calendar = OperatingCalendar()
    /// When readings were last taken, and when what remains was last told.
    var read: Timestamp?
    var told: Timestamp?
    var outlook: Prognosis.Outlook?
    var record = EstimateRecord()
  }

  /// What a channel shows at a moment, in its unit.
  package struct Reading: Sendable {
    package var level: Double
    /// How far it is from what is usual at this duty; `nil` while that is not learned.
    package var deviation: StandingDeviation.Reading?

    package init(level: Double, deviation: StandingDeviation.Reading?) {
      self.level = level
      self.deviation = deviation
    }
  }

  /// Readings are slow averages, so there is no point in taking them more often.
  private static let readingNanoseconds: Int64 = 600_000_000_000
  /// How often what remains is told.
  private static let tellingTime = Duration.seconds(6 * 3_600)
  /// How sure it must be that an indicator wears before a number is told, and how far it must have gone
  /// in standard deviations of a day.
  private static let leastShare: Float = 0.8
  private static let leastStrength: Float = 5
  /// The same for a machine on which something was found already.
  private static let leastSuspectedShare: Float = 0.3
  private static let leastSuspectedStrength: Float = 3
  /// How far off a machine's channels must be together, in multiples of their alert limits, where only
  /// that tells what remains.
  private static let leastDeviation = 1.5
  /// How often in a row: what was told must not vanish again.
  private static let leastSureCount = 2

  package private(set) var memory: Memory
  private let configuration: PrognosisConfiguration
  /// The indicators of each machine, as places in the configuration.
  private let indicatorsOfAsset: [[Int]]
  /// Kept between calls, so that they allocate nothing.
  private var posterior = WearPosterior()
  private var spans: [IndicatorHistory.Span] = []

  package init(_ configuration: PrognosisConfiguration, memory: Memory? = nil) {
    self.configuration = configuration
    let plant = configuration.plant
    var indicatorsOfAsset = [[Int]](repeating: [], count: plant.assets.count)
    for (place, rule) in configuration.indicators.enumerated() {
      indicatorsOfAsset[Int(plant[rule.channel].asset.index)].append(place)
    }
    self.indicatorsOfAsset = indicatorsOfAsset
    spans.reserveCapacity(IndicatorHistory.capacity + 8)
    self.memory =
      memory.map { memory in
        var memory = memory
        memory.deviations =
          memory.deviations ?? configuration.indicators.map { _ in StandingDeviation() }
        memory.names = Names(configuration)
        return memory
      }
      ?? Memory(
        machines: Array(repeating: Machine(), count: plant.assets.count),
        trackers: configuration.indicators.map { _ in DegradationTracker() },
        deviations: configuration.indicators.map { _ in StandingDeviation() },
        followed: configuration.models.isEmpty ? nil : configuration.models.map(FollowedLife.init),
        names: Names(configuration)
      )
  }

  /// Takes over what stays true of machines under another configuration: how they run, how estimates
  /// of them did, and how long and by what signs their models followed them.
  ///
  /// Without that a machine would be new again with each change of the site file, and a model that goes
  /// by the hours it ran would promise it a second life. Trends are learned anew.
  package mutating func inherit(_ former: Memory) {
    guard let names = former.names, let own = memory.names else { return }
    for (place, name) in own.machines.enumerated() {
      guard let known = names.machines.firstIndex(of: name), known < former.machines.count else {
        continue
      }
      memory.machines[place].calendar = former.machines[known].calendar
      memory.machines[place].record = former.machines[known].record
    }
    for (place, name) in own.models.enumerated() {
      guard let known = names.models.firstIndex(of: name), let followed = former.followed,
        known < followed.count
      else { continue }
      memory.followed?[place] = followed[known]
    }
  }

  /// Whether it is time to take readings of a machine.
  package func isDue(_ asset: AssetID, at now: Timestamp) -> Bool {
    guard let read = memory.machines[Int(asset.index)].read else { return true }
    return now.nanoseconds - read.nanoseconds >= Self.readingNanoseconds
  }

  /// Takes readings of a machine.
  ///
  /// - Parameters:
  ///   - asset: The machine.
  ///   - now: The moment of the readings.
  ///   - isRunning: Whether it runs.
  ///   - reading: What a channel shows; `nil` if that is nothing usable.
  package mutating func observe(
    _ asset: AssetID,
    at now: Timestamp,
    isRunning: Bool,
    reading: (ChannelID) -> Reading?
  ) {
    let machine = Int(asset.index)
    let passed = memory.machines[machine].read.map { now - $0 } ?? .zero
    memory.machines[machine].read = now
    guard passed > .zero, passed <= configuration.longestStep(of: asset) else { return }
    let hours = passed.inSeconds / 3_600
    memory.machines[machine].calendar.observe(isRunning: isRunning, hours: hours, at: now)
    guard isRunning else { return }
    let foundCount = foundCount(of: machine)
    for place in indicatorsOfAsset[machine] {
      let rule = configuration.indicators[place]
      guard let reading = reading(rule.channel) else { continue }
      switch rule.failure {
      case .unknown:
        guard let deviation = reading.deviation else { continue }
        let quantity = quantity(of: place)
        memory.deviations?[place].take(deviation, of: quantity, at: now)
      case .limit, .severityZone:
        let hoursPerDay = memory.machines[machine].calendar.hoursPerDay
        memory.trackers[place].observe(reading.level, hours: hours, hoursPerDay: hoursPerDay)
      }
    }
    // What is found now, or over, is told now.
    if self.foundCount(of: machine) != foundCount { memory.machines[machine].told = nil }
  }

  private func foundCount(of machine: Int) -> Int {
    guard let deviations = memory.deviations else { return 0 }
    return indicatorsOfAsset[machine].count { deviations[$0].isFound }
  }

  private func quantity(of place: Int) -> Quantity {
    configuration.plant[configuration.indicators[place].channel].quantity
  }

  /// Since when deviations stand on a machine; `nil` while all together are too small to tell anything:
  /// several channels that agree say more than one.
  private func standingSince(of machine: Int, isUsable: (ChannelID) -> Bool) -> Timestamp? {
    guard let deviations = memory.deviations else { return nil }
    var since: Timestamp?
    var size = 0.0
    for place in indicatorsOfAsset[machine] where isUsable(configuration.indicators[place].channel)
    {
      guard let standing = deviations[place].standing(quantity(of: place)) else { continue }
      since = min(since ?? standing.since, standing.since)
      size += standing.size
    }
    return size > Self.leastDeviation ? since : nil
  }

  /// Tells what remains of a machine, every few hours.
  ///
  /// - Parameters:
  ///   - asset: The machine.
  ///   - now: The moment.
  ///   - isSuspected: Whether something is found on the machine already.
  ///   - isUsable: Whether a channel delivers and nothing speaks against its sensor.
  /// - Returns: `nil` between the times of telling.
  package mutating func assess(
    _ asset: AssetID,
    at now: Timestamp,
    isSuspected: Bool = false,
    isUsable: (ChannelID) -> Bool
  ) -> Prognosis? {
    let machine = Int(asset.index)
    if let told = memory.machines[machine].told, now - told < Self.tellingTime { return nil }
    let answer = modelAnswer(asset, isUsable: isUsable)
    guard memory.machines[machine].read != nil,
      answer != nil || !indicatorsOfAsset[machine].isEmpty
    else { return nil }
    memory.machines[machine].told = now
    var outlook = outlook(of: machine, at: now, isSuspected: isSuspected, isUsable: isUsable)
    var doubt: ModelDoubt?
    switch answer {
    case .remaining(let hours, let isOpen, let model):
      let life = life(hours, isOpen: isOpen, model, machine: machine, at: now)
      outlook = .remainingLife(life)
    case .doubt(let reason): doubt = reason
    case .beyondHorizon, nil: break
    }
    if case .remainingLife(var life) = outlook {
      life.modelDoubt = doubt
      outlook = .remainingLife(life)
      memory.machines[machine].record.note(life.due, at: now)
    }
    memory.machines[machine].outlook = outlook
    return Prognosis(asset: asset, timestamp: now, outlook: outlook, modelDoubt: doubt)
  }

  private mutating func outlook(
    of machine: Int,
    at now: Timestamp,
    isSuspected: Bool,
    isUsable: (ChannelID) -> Bool
  ) -> Prognosis.Outlook {
    let calendar = memory.machines[machine].calendar
    var best: (place: Int, estimate: DegradationTracker.Estimate)?
    var usableCount = 0
    var learnedCount = 0
    for place in indicatorsOfAsset[machine] where isUsable(configuration.indicators[place].channel)
    {
      usableCount += 1
      guard let limit = limit(of: place) else {
        if memory.deviations?[place].isLearned == true { learnedCount += 1 }
        continue
      }
      if memory.trackers[place].isLearned { learnedCount += 1 }
      let estimate = memory.trackers[place].estimate(
        limit: Float(limit),
        hoursPerDay: calendar.hoursPerDay,
        by: &posterior,
        spans: &spans
      )
      let isSure = estimate.map { self.isSure($0, isSuspected: isSuspected) } ?? false
      memory.trackers[place].sureCount = isSure ? memory.trackers[place].sureCount + 1 : 0
      guard let estimate, memory.trackers[place].sureCount >= Self.leastSureCount,
        estimate.strength > best?.estimate.strength ?? 0
      else { continue }
      best = (place, estimate)
    }
    if usableCount == 0 { return .noTrend(.noData) }
    let byTrend = best.map { life($0.estimate, of: $0.place, machine: machine, at: now) }
    let byHabit = standingSince(of: machine, isUsable: isUsable).map {
      usualLife(since: $0, machine: machine, at: now)
    }
    // Whatever comes first ends the machine.
    let lives = [byTrend, byHabit].compactMap(\.self)
    guard let life = lives.min(by: { $0.due.p50 < $1.due.p50 }) else {
      return .noTrend(learnedCount == 0 ? .learning : .steady)
    }
    return .remainingLife(life)
  }

  private func isSure(_ estimate: DegradationTracker.Estimate, isSuspected: Bool) -> Bool {
    estimate.wearShare >= (isSuspected ? Self.leastSuspectedShare : Self.leastShare)
      && estimate.strength >= (isSuspected ? Self.leastSuspectedStrength : Self.leastStrength)
  }

  /// The level at which an indicator's machine has failed; `nil` where nobody named one.
  private func limit(of place: Int) -> Double? {
    switch configuration.indicators[place].failure {
    case .limit(_, let value), .severityZone(let value): value
    case .unknown: nil
    }
  }

  /// What usually remains where a deviation stands; faults last so many days, whether the machine runs
  /// on all of their hours or not.
  private func usualLife(
    since: Timestamp,
    machine: Int,
    at now: Timestamp
  ) -> RemainingLife {
    let remaining = UsualLife.remaining(standing: now - since)
    func moment(_ hours: Double) -> Timestamp { now + .init(inSeconds: hours * 3_600) }
    let due = RemainingLife.Quantiles(
      p10: moment(remaining.p10),
      p50: moment(remaining.p50),
      p90: moment(remaining.p90)
    )
    let share = memory.machines[machine].calendar.hoursPerDay / 24
    return RemainingLife(
      indicator: nil,
      since: since,
      operatingHours: RemainingLife.Quantiles(
        p10: remaining.p10 * share,
        p50: remaining.p50 * share,
        p90: remaining.p90 * share
      ),
      due: due,
      basis: .usual,
      isSwinging: memory.machines[machine].record.isSwinging(due, at: now),
      earlier: memory.machines[machine].record.tally.nonEmpty
    )
  }

  private func due(
    _ hours: RemainingLife.Quantiles<Double>,
    machine: Int,
    at now: Timestamp
  ) -> RemainingLife.Quantiles<Timestamp> {
    let calendar = memory.machines[machine].calendar
    return RemainingLife.Quantiles(
      p10: calendar.date(after: hours.p10, from: now),
      p50: calendar.date(after: hours.p50, from: now),
      p90: calendar.date(after: hours.p90, from: now)
    )
  }

  private func life(
    _ estimate: DegradationTracker.Estimate,
    of place: Int,
    machine: Int,
    at now: Timestamp
  ) -> RemainingLife {
    let rule = configuration.indicators[place]
    let calendar = memory.machines[machine].calendar
    let hours = RemainingLife.Quantiles(
      p10: Double(estimate.p10),
      p50: Double(estimate.p50),
      p90: Double(estimate.p90)
    )
    let due = due(hours, machine: machine, at: now)
    var measure = RemainingLife.Measure.limit
    if case .severityZone = rule.failure { measure = .severityZone }
    let running = Double(estimate.sinceOnset) / calendar.hoursPerDay * 86_400
    return RemainingLife(
      indicator: RemainingLife.Indicator(
        channel: rule.channel,
        side: estimate.isRising ? .above : .below,
        measure: measure,
        level: Double(estimate.level),
        limit: limit(of: place) ?? Double(estimate.level)
      ),
      since: now.shifted(by: .init(inSeconds: -running)),
      operatingHours: hours,
      due: due,
      basis: .trend,
      isSwinging: memory.machines[machine].record.isSwinging(due, at: now),
      earlier: memory.machines[machine].record.tally.nonEmpty
    )
  }

  // MARK: - Models

  /// Whether a model is named for a machine.
  package func hasModel(_ asset: AssetID) -> Bool {
    configuration.models.contains { $0.asset == asset }
  }

  /// Shows the latest values of a machine to its model, if it has one.
  ///
  /// - Parameters:
  ///   - asset: The machine.
  ///   - now: The moment of the values.
  ///   - isRunning: Whether it runs.
  ///   - value: What a channel shows; `nil` if that is nothing usable.
  package mutating func follow(
    _ asset: AssetID,
    at now: Timestamp,
    isRunning: Bool,
    value: (ChannelID) -> Double?
  ) {
    let longestStep = configuration.longestStep(of: asset)
    for (place, rule) in configuration.models.enumerated() where rule.asset == asset {
      memory.followed?[place].pass(to: now, isRunning: isRunning, longestStep: longestStep)
      memory.followed?[place].observe(rule, at: now, value: value)
    }
  }

  /// What the machine's model says; `nil` without one.
  ///
  /// Where no channel that it looks at delivers, its estimate would stand for ever, with a date that
  /// moves on.
  private func modelAnswer(
    _ asset: AssetID,
    isUsable: (ChannelID) -> Bool
  ) -> FollowedLife.Answer? {
    guard let place = configuration.models.firstIndex(where: { $0.asset == asset }) else {
      return nil
    }
    let rule = configuration.models[place]
    let answer = memory.followed?[place].answer(rule)
    if case .doubt = answer { return answer }
    guard (rule.settings + rule.sensors.compactMap(\.self)).contains(where: isUsable) else {
      return .doubt(.missingSensor(name: rule.model.usedSensors.first ?? rule.model.fleet.name))
    }
    return answer
  }

  private func life(
    _ hours: RemainingLife.Quantiles<Double>,
    isOpen: Bool,
    _ model: ModelEvidence,
    machine: Int,
    at now: Timestamp
  ) -> RemainingLife {
    let due = due(hours, machine: machine, at: now)
    return RemainingLife(
      indicator: nil,
      since: nil,
      operatingHours: hours,
      due: due,
      basis: .model,
      isSwinging: memory.machines[machine].record.isSwinging(due, at: now),
      earlier: memory.machines[machine].record.tally.nonEmpty,
      isOpenEnded: isOpen ? true : nil,
      model: model
    )
  }

  /// What was told last about a machine.
  package func latest(_ asset: AssetID) -> Prognosis.Outlook? {
    memory.machines[Int(asset.index)].outlook
  }

  /// How the estimates for a machine compared with what happened; `nil` before any is known.
  package func tally(of asset: AssetID) -> EstimateTally? {
    memory.machines[Int(asset.index)].record.tally.nonEmpty
  }

  /// Takes up what became of a machine: its failure says how good the estimates were and ends the life
  /// that its model follows, a new part begins a new one, and a moved sensor or another way of
  /// running makes the history another one; grease does neither.
  package mutating func process(_ mark: MaintenanceMark) {
    switch mark.kind {
    case .failure:
      memory.machines[Int(mark.asset.index)].record.score(failure: mark.timestamp)
      restart(mark.asset)
      for (place, rule) in configuration.models.enumerated() where rule.asset == mark.asset {
        memory.followed?[place].fail(at: mark.timestamp)
      }
    case .part:
      memory.machines[Int(mark.asset.index)].record.score(repairedAt: mark.timestamp)
      restart(mark.asset)
      for (place, rule) in configuration.models.enumerated() where rule.asset == mark.asset {
        memory.followed?[place] = FollowedLife(rule)
      }
    case .setting, .sensor: restart(mark.asset)
    case .greasing, .note: break
    }
  }

  /// Begins anew; how the indicators of the machine wander stays known.
  private mutating func restart(_ asset: AssetID) {
    for place in indicatorsOfAsset[Int(asset.index)] {
      memory.trackers[place].restart()
      memory.deviations?[place].restart()
    }
    memory.machines[Int(asset.index)].told = nil
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.machines.indices {
      memory.machines[index].calendar.shift(by: step)
      memory.machines[index].read = memory.machines[index].read?.shifted(by: step)
      memory.machines[index].told = memory.machines[index].told?.shifted(by: step)
      memory.machines[index].record.shift(by: step)
    }
    for place in (memory.deviations ?? []).indices { memory.deviations?[place].shift(by: step) }
    for place in (memory.followed ?? []).indices { memory.followed?[place].shift(by: step) }
  }
}

extension EstimateTally {
  /// `nil` before the end of any estimate is known.
  fileprivate var nonEmpty: EstimateTally? { count > 0 ? self : nil }
}
