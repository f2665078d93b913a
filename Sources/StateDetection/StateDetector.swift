package import ConditionModel
import SignalProcessing

/// Holds every value against what is known of its channel and tells what begins, changes and ends.
///
/// A fault of a sensor or of the bus freezes what was found on its channels: it neither raises nor
/// ends anything about the machine. So does a stop of the machine for what holds only while it
/// runs: a fault is not mended by stopping.
package struct StateDetector: Sendable {
  /// What the block remembers: with the configuration it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var sensors: [SensorWatch]
    /// For all limits, channel after channel.
    fileprivate var limits: [LevelTracker]
    fileprivate var severities: [SeverityTracker]
    /// For each machine what it learned; empty where nothing is learned.
    fileprivate var learners: [MachineLearner.Memory]
    /// Values that were older than their channel's latest and so were left out.
    package fileprivate(set) var lateSampleCount = 0

    /// Shows the readings of a frame to the watch of each sensor.
    fileprivate mutating func take(
      _ frame: Frame,
      operation: OperatingState,
      rules: [SensorRules],
      into readings: inout [TakenReading],
      _ changes: inout [SensorWatch.Change]
    ) {
      var lateCount = 0
      // All in one go: to reach them one by one asks each time whether they are shared.
      var sensors = sensors.mutableSpan
      var readings = readings.mutableSpan
      for place in frame.channels.indices {
        let index = Int(frame.channels[place].index)
        let outcome = sensors[index].take(
          frame.values[place],
          frame.qualities[place],
          at: frame.timestamp,
          operation: operation,
          rules: rules[index],
          into: &changes
        )
        if outcome == .late { lateCount += 1 }
        readings[place] = TakenReading(outcome: outcome, changeCount: changes.count)
      }
      lateSampleCount += lateCount
    }

    /// Whether it has a place for all that is watched, and for nothing else.
    package func fits(_ configuration: DetectionConfiguration) -> Bool {
      let plant = configuration.plant
      let channelCount = configuration.channels.count
      guard sensors.count == channelCount, severities.count == configuration.severity.count,
        limits.count == configuration.channels.reduce(0, { $0 + $1.limits.count }),
        severities.allSatisfy({ Int($0.channel.index) < channelCount }),
        learners.isEmpty
          || (configuration.learning != nil && learners.count == plant.assets.count)
      else { return false }
      return zip(learners, plant.assets).allSatisfy { $0.fits(MachineLayout($1, in: plant)) }
    }
  }

  fileprivate struct SeverityTracker: Hashable, Sendable, Codable {
    var levels = LevelTracker()
    /// The axis that was the largest at the latest report.
    var channel: ChannelID
    /// The largest axis while the machine ran in its learning time, which began at `since`.
    var baseline = RunningMoments()
    var since: Timestamp?
  }

  /// A limit as values are held against it.
  private struct Limit {
    var levels: Levels
    var onlyWhileRunning: Bool
  }

  /// What came of a reading of a frame.
  struct TakenReading {
    var outcome = SensorWatch.Outcome.late
    /// How many changes there were with it and those before.
    var changeCount = 0
  }

  private var ownMemory: Memory
  private let plant: Plant
  /// For each channel what its sensor is held against.
  private let rules: [SensorRules]
  /// For all limits, channel after channel, and the place of each channel's first one; one more place
  /// is behind the last.
  private let limits: [Limit]
  private let firstLimit: [Int]
  /// Whether a channel is held against a limit or a severity zone; most are not.
  private let isHeld: [Bool]
  private let severity: [SeverityRule]
  private let severityLevels: [Levels]
  /// In nanoseconds; `nil` where nothing is learned.
  private let learningTime: Int64?
  /// The severity rule of each channel.
  private let severityOfChannel: [Int?]
  /// For each machine, in order of `AssetID`; empty where nothing is learned.
  private var learners: [MachineLearner]
  /// The place of each channel among those that its machine's learner watches.
  private let placeOfChannel: [Int?]
  /// After how many nanoseconds without an answer the first of all channels counts as silent.
  private let shortestSilence: Int64
  /// Before this moment neither can a channel fall silent nor a step of a learner's grid end, in
  /// nanoseconds.
  private var quietUntil = Int64.min
  /// Kept between calls, so that they allocate nothing.
  private var changes: [SensorWatch.Change] = []
  private var readings: [TakenReading] = []
  private var touched: [Int] = []
  private var learned: [MachineLearner.Change] = []

  package init(_ configuration: DetectionConfiguration, memory: Memory? = nil) {
    plant = configuration.plant
    // A valve that is wide open and a load of 0 are at the end of their range, and rightly so.
    let channels = zip(configuration.channels, configuration.plant.channels)
      .map { rules, channel in
        var rules = rules
        switch channel.quantity {
        case .load: rules.measuringRange = nil
        // A motor that starts draws what its meter cannot show.
        case .current, .activePower, .apparentPower, .torque:
          rules.clippedAfter = max(rules.clippedAfter, .seconds(120))
        default: break
        }
        return rules
      }
    rules = channels.map { SensorRules($0) }
    severity = configuration.severity
    severityLevels = configuration.severity.map { Levels($0) }
    learningTime = configuration.learning?.learningTime.nanoseconds
    shortestSilence = rules.map(\.silentAfter).min() ?? .max
    var limits: [Limit] = []
    var firstLimit = [0]
    for channel in channels {
      for rule in channel.limits {
        let levels = Levels(rule, silentAfter: channel.silentAfter)
        limits.append(Limit(levels: levels, onlyWhileRunning: rule.onlyWhileRunning))
      }
      firstLimit.append(limits.count)
    }
    self.limits = limits
    self.firstLimit = firstLimit
    var severityOfChannel = [Int?](repeating: nil, count: configuration.channels.count)
    for (index, rule) in configuration.severity.enumerated() {
      for channel in rule.channels { severityOfChannel[Int(channel.index)] = index }
    }
    self.severityOfChannel = severityOfChannel
    isHeld = channels.indices.map {
      firstLimit[$0] < firstLimit[$0 + 1] || severityOfChannel[$0] != nil
    }
    let ownMemory =
      memory
      ?? Memory(
        sensors: Array(repeating: SensorWatch(), count: configuration.channels.count),
        limits: Array(repeating: LevelTracker(), count: limits.count),
        severities: configuration.severity.map { SeverityTracker(channel: $0.channels[0]) },
        learners: []
      )
    self.ownMemory = ownMemory
    var placeOfChannel = [Int?](repeating: nil, count: configuration.channels.count)
    var learners: [MachineLearner] = []
    if let rules = configuration.learning {
      for (index, asset) in plant.assets.enumerated() {
        let layout = MachineLayout(asset, in: plant)
        for (place, channel) in layout.channels.enumerated() {
          placeOfChannel[Int(channel.index)] = place
        }
        let remembered = ownMemory.learners.isEmpty ? nil : ownMemory.learners[index]
        learners.append(
          MachineLearner(
            layout,
            rules: rules,
            channels: channels,
            memory: remembered
          )
        )
      }
    }
    self.learners = learners
    self.placeOfChannel = placeOfChannel
    self.ownMemory.learners = []
  }

  /// Values that were older than their channel's latest and so were left out.
  package var lateSampleCount: Int { ownMemory.lateSampleCount }

  /// What the block remembers: with the configuration it is the whole block.
  package var memory: Memory {
    var memory = ownMemory
    memory.learners = learners.map(\.memory)
    return memory
  }

  /// How far a channel is from what was learned of it; `nil` while nothing is, or at rest.
  package func deviation(of channel: ChannelID) -> LearnedDeviation? {
    guard !learners.isEmpty, let place = placeOfChannel[Int(channel.index)] else { return nil }
    return learners[Int(plant[channel].asset.index)].deviation(of: place)
  }

  /// How far the averages of the last hours are from what was learned, as a multiple of the limit;
  /// `nil` while nothing is learned, or at rest.
  package func deviationOfLimit(_ channel: ChannelID) -> Double? {
    guard !learners.isEmpty, let place = placeOfChannel[Int(channel.index)] else { return nil }
    // Read from where it lies: to ask the learner itself would copy it.
    let machine = Int(plant.channels[Int(channel.index)].asset.index)
    guard learners[machine].memory.sinceStart > 0 else { return nil }
    return learners[machine].memory.models[place].deviationOfLimit(
      quantile: learners[machine].quantile
    )
  }

  /// How far a machine is learned; `nil` where nothing is.
  package func learning(of asset: AssetID) -> LearningProgress? {
    learners.isEmpty ? nil : learners[Int(asset.index)].progress()
  }

  /// Takes up that something was done to a machine.
  package mutating func mark(_ mark: MaintenanceMark) {
    guard !learners.isEmpty else { return }
    learners[Int(mark.asset.index)].mark(mark.kind)
  }

  /// Takes the present level of a channel as normal, as a person says.
  package mutating func accept(_ channel: ChannelID) {
    guard !learners.isEmpty, let place = placeOfChannel[Int(channel.index)] else { return }
    learners[Int(plant[channel].asset.index)].accept(place)
  }

  /// Whether a machine runs, as far as its own signals tell; `nil` where nothing is learned.
  package func isActive(_ asset: AssetID) -> Bool? {
    learners.isEmpty ? nil : learners[Int(asset.index)].isActive
  }

  /// Judges the values of one frame.
  ///
  /// - Parameters:
  ///   - frame: Its channels are channels of this configuration.
  ///   - operation: What the machine is doing.
  ///   - reports: Receives what changes.
  package mutating func process(
    _ frame: Frame,
    operation: OperatingState,
    into reports: inout [StateReport]
  ) {
    if !touched.isEmpty { touched.removeAll(keepingCapacity: true) }
    // Whoever answers now can be silent again so much later.
    quietUntil = min(quietUntil, frame.timestamp.nanoseconds.clampedSum(shortestSilence))
    let machine = Int(frame.asset.index)
    learn(of: machine, to: frame.timestamp, operation: operation, into: &reports)
    while readings.count < frame.channels.count { readings.append(TakenReading()) }
    ownMemory.take(frame, operation: operation, rules: rules, into: &readings, &changes)
    if !learners.isEmpty {
      learners[machine].take(frame, readings, placeOfChannel: placeOfChannel)
    }
    var toldCount = 0
    for place in frame.channels.indices {
      let index = Int(frame.channels[place].index)
      guard isHeld[index] || !changes.isEmpty else { continue }
      if toldCount < readings[place].changeCount {
        let new = changes[toldCount..<readings[place].changeCount]
        report(new, of: index, at: frame.timestamp, into: &reports)
        toldCount = readings[place].changeCount
      }
      guard readings[place].outcome == .trusted else { continue }
      if firstLimit[index] < firstLimit[index + 1] {
        judgeLimits(
          of: index,
          frame.values[place],
          at: frame.timestamp,
          operation: operation,
          into: &reports
        )
      }
      if let rule = severityOfChannel[index], !touched.contains(rule) { touched.append(rule) }
    }
    if !changes.isEmpty { changes.removeAll(keepingCapacity: true) }
    for rule in touched {
      judgeSeverity(rule, at: frame.timestamp, operation: operation, into: &reports)
    }
  }

  /// Whether anything can happen if time passes to a moment and nothing is read.
  package func isDue(at now: Timestamp) -> Bool { now.nanoseconds >= quietUntil }

  /// Lets time pass, so that silence is noticed.
  ///
  /// - Parameters:
  ///   - now: The moment that is reached.
  ///   - operation: What each machine is doing.
  ///   - reports: Receives what changes.
  package mutating func advance(
    to now: Timestamp,
    operation: (AssetID) -> OperatingState,
    into reports: inout [StateReport]
  ) {
    for index in learners.indices {
      let asset = AssetID(index: UInt16(index))
      learn(of: index, to: now, operation: operation(asset), into: &reports)
    }
    quietUntil = .max
    for index in learners.indices { quietUntil = min(quietUntil, learners[index].endOfStep) }
    for index in ownMemory.sensors.indices {
      let silentFrom = ownMemory.sensors[index].advance(
        to: now,
        rules: rules[index],
        into: &changes
      )
      if !changes.isEmpty {
        report(changes[...], of: index, at: now, into: &reports)
        changes.removeAll(keepingCapacity: true)
      }
      quietUntil = min(quietUntil, silentFrom)
    }
  }

  /// Takes up the watch after a time in which nothing was told, not even the time.
  package mutating func resume(at now: Timestamp) {
    quietUntil = .min
    for index in ownMemory.sensors.indices { ownMemory.sensors[index].resume(at: now) }
  }

  /// Whether the latest value of a channel is within all that it is held against, delays or not.
  package func isQuiet(_ channel: ChannelID) -> Bool {
    let index = Int(channel.index)
    for tracker in firstLimit[index]..<firstLimit[index + 1]
    where !ownMemory.limits[tracker].isQuiet {
      return false
    }
    return severityOfChannel[index].map { ownMemory.severities[$0].levels.isQuiet } ?? true
  }

  /// The severity zone at the place of a channel, by the vibration velocities there as they are now;
  /// `nil` where nothing judges them or none can be trusted.
  ///
  /// Limits that the site file sets in place of a standard count as the boundaries of zones C and D.
  package func zone(at channel: ChannelID, _ now: Timestamp) -> Finding.Zone? {
    let place = plant[channel]
    for (index, rule) in severity.enumerated() {
      let here = plant[rule.channels[0]]
      guard here.asset == place.asset, here.location == place.location else { continue }
      guard let (_, value) = largestAxis(of: index, at: now) else { return nil }
      if value <= rule.boundaryAB { return .a }
      if value <= rule.boundaryBC { return .b }
      return value <= rule.boundaryCD ? .c : .d
    }
    var worst: Finding.Zone?
    for other in plant.channels
    where other.asset == place.asset && other.location == place.location
      && other.quantity == .velocityRMS && ownMemory.sensors[Int(other.id.index)].isTrusted
    {
      let index = Int(other.id.index)
      let value = ownMemory.sensors[index].value
      for limit in limits[firstLimit[index]..<firstLimit[index + 1]]
      where limit.levels.side == .above {
        let zone: Finding.Zone =
          value > limit.levels.alarm ?? .infinity
          ? .d : value > limit.levels.alert ?? .infinity ? .c : .b
        if worst.map({ $0.rawValue < zone.rawValue }) ?? true { worst = zone }
      }
    }
    return worst
  }

  /// The latest value of a channel, as far as nothing speaks against its sensor.
  package func trustedValue(of channel: ChannelID) -> Double? {
    let sensor = ownMemory.sensors[Int(channel.index)]
    return sensor.isTrusted ? sensor.value : nil
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    quietUntil = .min
    for index in ownMemory.sensors.indices { ownMemory.sensors[index].shift(by: step) }
    for index in ownMemory.limits.indices { ownMemory.limits[index].shift(by: step) }
    for index in ownMemory.severities.indices {
      ownMemory.severities[index].levels.shift(by: step)
      ownMemory.severities[index].since = ownMemory.severities[index].since?.shifted(by: step)
    }
    for index in learners.indices { learners[index].shift(by: step) }
  }

  private func report(
    _ changes: ArraySlice<SensorWatch.Change>,
    of index: Int,
    at now: Timestamp,
    into reports: inout [StateReport]
  ) {
    let channel = plant.channels[index]
    for change in changes {
      let finding = Finding(
        channel: channel.id,
        kind: change.kind,
        state: .alert,
        since: change.since,
        observed: change.observed,
        extreme: change.observed
      )
      reports.append(
        StateReport(
          asset: channel.asset,
          timestamp: now,
          change: change.change,
          finding: finding
        )
      )
    }
  }
}

// MARK: - Learned behaviour

extension StateDetector {
  /// Lets the learner of a machine judge the steps of its grid that are over.
  private mutating func learn(
    of machine: Int,
    to now: Timestamp,
    operation: OperatingState,
    into reports: inout [StateReport]
  ) {
    guard !learners.isEmpty else { return }
    learners[machine].advance(to: now, operation: operation, into: &learned)
    guard !learned.isEmpty else { return }
    defer { learned.removeAll(keepingCapacity: true) }
    for change in learned {
      let channel = learners[machine].layout.channels[change.place]
      reports.append(
        StateReport(
          asset: plant.assets[machine].id,
          timestamp: now,
          change: change.change,
          finding: Finding(
            channel: channel,
            kind: change.kind,
            state: .alert,
            since: change.since,
            observed: change.observed,
            extreme: change.observed
          )
        )
      )
    }
  }
}

// MARK: - The machine's own values

extension StateDetector {
  private mutating func judgeLimits(
    of index: Int,
    _ value: Double,
    at now: Timestamp,
    operation: OperatingState,
    into reports: inout [StateReport]
  ) {
    for tracker in firstLimit[index]..<firstLimit[index + 1] {
      let levels = limits[tracker].levels
      let onlyWhileRunning = limits[tracker].onlyWhileRunning
      guard !onlyWhileRunning || holds(in: operation, side: levels.side) else { continue }
      if onlyWhileRunning, case .running(let start) = operation {
        ownMemory.limits[tracker].restartDelays(ifNotJudgedSince: start)
      }
      guard let change = ownMemory.limits[tracker].take(value, at: now, levels: levels) else {
        continue
      }
      let state = ownMemory.limits[tracker].state
      // A finding that ended keeps the threshold that it began with.
      let threshold = levels.threshold(of: state == .normal ? .alert : state) ?? levels.alarm ?? 0
      report(
        change,
        of: plant.channels[index],
        kind: .limit(levels.side, threshold: threshold),
        ownMemory.limits[tracker],
        observed: value,
        at: now,
        into: &reports
      )
    }
  }

  /// Judges the largest of the trusted axes, never their sum (ISO 20816-1).
  private mutating func judgeSeverity(
    _ index: Int,
    at now: Timestamp,
    operation: OperatingState,
    into reports: inout [StateReport]
  ) {
    guard holds(in: operation, side: .above) else { return }
    guard let (channel, value) = largestAxis(of: index, at: now) else { return }
    // While the axis that raised the finding is out of order, low values of the others say nothing.
    if ownMemory.severities[index].levels.state != .normal,
      value <= severity[index].boundaryBC,
      !ownMemory.sensors[Int(ownMemory.severities[index].channel.index)].isTrusted
    {
      return
    }
    if case .running(let start) = operation {
      ownMemory.severities[index].levels.restartDelays(ifNotJudgedSince: start)
    }
    var levels = severityLevels[index]
    levels.longestGap = max(levels.longestGap, rules[Int(channel.index)].silentAfter)
    levels.alert = alertLevel(of: index, value, at: now, operation: operation)
    let change = ownMemory.severities[index].levels.take(value, at: now, levels: levels)
    guard let change else { return }
    let rule = severity[index]
    ownMemory.severities[index].channel = channel
    let zone: Finding.Zone = ownMemory.severities[index].levels.state == .alarm ? .d : .c
    report(
      change,
      of: plant[channel],
      kind: .severityZone(
        zone,
        threshold: zone == .d ? rule.boundaryCD : levels.alert ?? rule.boundaryBC,
        standard: rule.standard
      ),
      ownMemory.severities[index].levels,
      observed: value,
      at: now,
      into: &reports
    )
  }

  /// The level from which zone C is told.
  ///
  /// ISO 20816-1 sets it by the baseline of the machine: a quarter of the boundary above what it shows
  /// when all is well, here mean and standard deviation while it is learned, and never more than a
  /// quarter beyond the boundary. A machine that lives at the boundary is told of once, not daily.
  private mutating func alertLevel(
    of index: Int,
    _ value: Double,
    at now: Timestamp,
    operation: OperatingState
  ) -> Double {
    let boundary = severity[index].boundaryBC
    guard let learningTime else { return boundary }
    let since = ownMemory.severities[index].since ?? now
    ownMemory.severities[index].since = since
    guard now.nanoseconds - since.nanoseconds >= learningTime else {
      let machine = Int(plant[severity[index].channels[0]].asset.index)
      if operation.isRunning ?? learners[machine].isActive {
        ownMemory.severities[index].baseline.add(value)
      }
      return boundary
    }
    let baseline = ownMemory.severities[index].baseline
    guard let scatter = baseline.standardDeviation else { return boundary }
    let usual = baseline.mean + scatter
    return min(max(boundary, usual + 0.25 * boundary), 1.25 * boundary)
  }

  /// The trusted axis with the largest value now, of those of a severity rule.
  private func largestAxis(
    of index: Int,
    at now: Timestamp
  ) -> (channel: ChannelID, value: Double)? {
    var largest: (channel: ChannelID, value: Double)?
    for channel in severity[index].channels {
      let place = Int(channel.index)
      guard ownMemory.sensors[place].isTrusted, let moment = ownMemory.sensors[place].trustedAt,
        now.nanoseconds - moment.nanoseconds <= rules[place].silentAfter
      else { continue }
      let value = ownMemory.sensors[place].value
      if let soFar = largest, soFar.value >= value { continue }
      largest = (channel, value)
    }
    return largest
  }

  /// Whether a rule for a running machine can be applied.
  ///
  /// When it is not known whether the machine runs, a value that is too high is still too high,
  /// but one that is too low may just be that of a machine at rest.
  private func holds(in operation: OperatingState, side: Finding.Side) -> Bool {
    switch operation {
    case .untold, .running: true
    case .unknown: side == .above
    case .stopped: false
    }
  }

  private func report(
    _ change: StateReport.Change,
    of channel: Channel,
    kind: Finding.Kind,
    _ tracker: LevelTracker,
    observed: Double,
    at now: Timestamp,
    into reports: inout [StateReport]
  ) {
    let finding = Finding(
      channel: channel.id,
      kind: kind,
      state: tracker.state,
      since: tracker.since,
      observed: observed,
      extreme: tracker.extreme
    )
    reports.append(
      StateReport(asset: channel.asset, timestamp: now, change: change, finding: finding)
    )
  }
}

extension Levels {
  fileprivate init(_ rule: LimitRule, silentAfter: Duration) {
    let delays = Delays(on: rule.onDelay, off: rule.offDelay)
    self.init(
      side: rule.side,
      alert: rule.alert,
      alarm: rule.alarm,
      alertDeadband: rule.deadband,
      alarmDeadband: rule.deadband,
      alertDelays: delays,
      alarmDelays: delays,
      longestGap: max(silentAfter, rule.onDelay, rule.offDelay).nanoseconds
    )
  }

  /// Zone C is alert, zone D is alarm; the deadband is 10 % of the boundary.
  fileprivate init(_ rule: SeverityRule) {
    self.init(
      side: .above,
      alert: rule.boundaryBC,
      alarm: rule.boundaryCD,
      alertDeadband: 0.1 * rule.boundaryBC,
      alarmDeadband: 0.1 * rule.boundaryCD,
      alertDelays: Delays(on: rule.alertDelay, off: rule.alertDelay),
      alarmDelays: Delays(on: rule.alarmDelay, off: rule.alarmDelay),
      longestGap: rule.alarmDelay.nanoseconds
    )
  }
}
