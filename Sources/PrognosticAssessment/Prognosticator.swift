package import ConditionModel

/// Follows each indicator of each machine towards its limit and says what remains.
///
/// It needs no history of failures. An indicator must first be shown to wear rather than wander; then
/// what remains is told with its whole doubt, in hours of operation and as dates. Where nothing moves,
/// it says so instead of a number.
package struct Prognosticator: Sendable {
  /// What the block remembers: with the configuration it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var machines: [Machine]
    /// One per indicator of the configuration.
    fileprivate var trackers: [DegradationTracker]
    /// The usual level of each indicator's channel, as an average of what was expected of it.
    fileprivate var levels: [Double?]
    /// One per model of the configuration; `nil` in memories from before there were any.
    fileprivate var followed: [FollowedLife]?
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
    /// What is usual at this duty, and how far the channel has been from it lately; `nil` while that
    /// is not learned.
    package var expected: Double?
    package var deviation: Double?
    /// The deviation as a multiple of its own alert limit.
    package var ofLimit: Double?

    package init(level: Double, expected: Double?, deviation: Double?, ofLimit: Double?) {
      self.level = level
      self.expected = expected
      self.deviation = deviation
      self.ofLimit = ofLimit
    }
  }

  /// Readings are slow averages, so there is no point in taking them more often.
  private static let readingTime = Duration.seconds(600)
  /// A longer gap than this is not counted as operation.
  private static let longestStep = Duration.seconds(1_800)
  /// How often what remains is told.
  private static let tellingTime = Duration.seconds(6 * 3_600)
  /// How sure it must be that an indicator wears before a number is told, how far it must have gone in
  /// standard deviations of a day, and beside that as a multiple of its own alert limit.
  private static let leastShare: Float = 0.8
  private static let leastStrength: Float = 5
  private static let leastOfLimit = 0.9
  /// The same for a machine on which something was found already.
  private static let leastSuspectedShare: Float = 0.3
  private static let leastSuspectedStrength: Float = 3
  private static let leastSuspectedOfLimit = 0.6
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
      memory
      ?? Memory(
        machines: Array(repeating: Machine(), count: plant.assets.count),
        trackers: configuration.indicators.map { _ in DegradationTracker() },
        levels: Array(repeating: nil, count: configuration.indicators.count),
        followed: configuration.models.isEmpty ? nil : configuration.models.map(FollowedLife.init)
      )
  }

  /// Whether it is time to take readings of a machine.
  package func isDue(_ asset: AssetID, at now: Timestamp) -> Bool {
    guard let read = memory.machines[Int(asset.index)].read else { return true }
    return now - read >= Self.readingTime
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
    guard passed > .zero, passed <= Self.longestStep else { return }
    let hours = passed.inSeconds / 3_600
    memory.machines[machine].calendar.observe(isRunning: isRunning, hours: hours, at: now)
    guard isRunning else { return }
    let hoursPerDay = memory.machines[machine].calendar.hoursPerDay
    for place in indicatorsOfAsset[machine] {
      let rule = configuration.indicators[place]
      guard let reading = reading(rule.channel) else { continue }
      switch rule.failure {
      case .unknown:
        guard let expected = reading.expected, let deviation = reading.deviation else { continue }
        learnLevel(expected, of: place, hours: hours)
        memory.trackers[place].ofLimit = reading.ofLimit
        memory.trackers[place].observe(
          atUsualDuty(deviation, expected: expected, place: place),
          hours: hours,
          hoursPerDay: hoursPerDay
        )
      case .limit, .severityZone:
        memory.trackers[place].observe(reading.level, hours: hours, hoursPerDay: hoursPerDay)
      }
    }
  }

  /// A deviation as it would be at the usual duty, for quantities that wear in proportion.
  private func atUsualDuty(_ deviation: Double, expected: Double, place: Int) -> Double {
    let quantity = configuration.plant[configuration.indicators[place].channel].quantity
    guard quantity.usualFailure.share > 0, let level = memory.levels[place], level * expected > 0
    else { return deviation }
    return deviation * min(level / expected, 3)
  }

  private mutating func learnLevel(_ expected: Double, of place: Int, hours: Double) {
    guard let known = memory.levels[place] else {
      memory.levels[place] = expected
      return
    }
    memory.levels[place] = known + min(hours / 168, 1) * (expected - known)
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
    let answer = modelAnswer(asset)
    guard memory.machines[machine].read != nil,
      answer != nil || !indicatorsOfAsset[machine].isEmpty
    else { return nil }
    memory.machines[machine].told = now
    var outlook = outlook(of: machine, at: now, isSuspected: isSuspected, isUsable: isUsable)
    var doubt: ModelDoubt?
    switch answer {
    case .remaining(let hours, let isOpen):
      outlook = .remainingLife(life(hours, isOpen: isOpen, machine: machine, at: now))
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
      if memory.trackers[place].isLearned { learnedCount += 1 }
      let estimate = memory.trackers[place].estimate(
        failureLevel(of: place),
        hoursPerDay: calendar.hoursPerDay,
        by: &posterior,
        spans: &spans
      )
      let isSure =
        estimate.map { self.isSure($0, memory.trackers[place].ofLimit, isSuspected: isSuspected) }
        ?? false
      memory.trackers[place].sureCount = isSure ? memory.trackers[place].sureCount + 1 : 0
      guard let estimate, memory.trackers[place].sureCount >= Self.leastSureCount,
        estimate.strength > best?.estimate.strength ?? 0
      else { continue }
      best = (place, estimate)
    }
    if usableCount == 0 { return .noTrend(.noData) }
    guard let (place, estimate) = best else {
      return .noTrend(learnedCount == 0 ? .learning : .steady)
    }
    return .remainingLife(life(estimate, of: place, machine: machine, at: now))
  }

  private func isSure(
    _ estimate: DegradationTracker.Estimate,
    _ ofLimit: Double?,
    isSuspected: Bool
  ) -> Bool {
    let ofLimit = ofLimit?.magnitude ?? .infinity
    if isSuspected, estimate.wearShare >= Self.leastSuspectedShare,
      estimate.strength >= Self.leastSuspectedStrength, ofLimit >= Self.leastSuspectedOfLimit
    {
      return true
    }
    return estimate.wearShare >= Self.leastShare && estimate.strength >= Self.leastStrength
      && ofLimit >= Self.leastOfLimit
  }

  private func failureLevel(of place: Int) -> DegradationTracker.FailureLevel {
    let rule = configuration.indicators[place]
    switch rule.failure {
    case .limit(_, let value): return .at(Float(value))
    case .severityZone(let value): return .at(Float(value))
    case .unknown:
      let usual = configuration.plant[rule.channel].quantity.usualFailure
      let level = memory.levels[place] ?? 0
      return .around(Float(max(usual.share * level.magnitude, usual.least)))
    }
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
    let measure: RemainingLife.Measure
    let limit: Double
    switch rule.failure {
    case .limit(_, let value):
      measure = .limit
      limit = value
    case .severityZone(let value):
      measure = .severityZone
      limit = value
    case .unknown:
      measure = .deviation
      limit = Double(estimate.failure)
    }
    let running = Double(estimate.sinceOnset) / calendar.hoursPerDay * 86_400
    return RemainingLife(
      indicator: RemainingLife.Indicator(
        channel: rule.channel,
        side: estimate.isRising ? .above : .below,
        measure: measure,
        level: Double(estimate.level),
        limit: limit
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
    for (place, rule) in configuration.models.enumerated() where rule.asset == asset {
      memory.followed?[place].observe(rule, at: now, isRunning: isRunning, value: value)
    }
  }

  private func modelAnswer(_ asset: AssetID) -> FollowedLife.Answer? {
    guard let place = configuration.models.firstIndex(where: { $0.asset == asset }) else {
      return nil
    }
    return memory.followed?[place].answer(configuration.models[place])
  }

  private func life(
    _ hours: RemainingLife.Quantiles<Double>,
    isOpen: Bool,
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
      isOpenEnded: isOpen ? true : nil
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

  /// Takes up what became of a machine: its failure says how good the estimates were, a new part
  /// begins a new life, and a moved sensor or another way of running makes the history another one;
  /// grease does neither.
  package mutating func process(_ mark: MaintenanceMark) {
    switch mark.kind {
    case .failure:
      memory.machines[Int(mark.asset.index)].record.score(failure: mark.timestamp)
      restart(mark.asset)
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
    for place in indicatorsOfAsset[Int(asset.index)] { memory.trackers[place].restart() }
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
    for place in (memory.followed ?? []).indices { memory.followed?[place].shift(by: step) }
  }
}

extension EstimateTally {
  /// `nil` before the end of any estimate is known.
  fileprivate var nonEmpty: EstimateTally? { count > 0 ? self : nil }
}
