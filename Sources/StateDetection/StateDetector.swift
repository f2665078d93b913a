package import ConditionModel

/// Holds every value against what is known of its channel and tells what begins, changes and ends.
///
/// A fault of a sensor or of the bus freezes what was found on its channels: it neither raises nor
/// ends anything about the machine. So does a stop of the machine for what holds only while it
/// runs: a fault is not mended by stopping.
package struct StateDetector: Sendable {
  /// What came of a reading of a frame.
  struct TakenReading {
    var outcome = SensorWatch.Outcome.late
    /// How many changes there were with it and those before.
    var changeCount = 0
  }

  var ownMemory: Memory
  let plant: Plant
  /// For each channel what its sensor is held against.
  let rules: [SensorRules]
  /// For all limits, channel after channel, and the place of each channel's first one; one more place
  /// is behind the last.
  let limits: [Limit]
  let firstLimit: [Int]
  /// Whether a channel is held against a limit or a severity zone; most are not.
  private let isHeld: [Bool]
  let severity: [SeverityRule]
  let severityLevels: [Levels]
  /// For each rule from which level zone C is told; `nil` until its baseline is learned.
  var learnedAlertLevels: [Double?]
  /// In nanoseconds; `nil` where nothing is learned.
  let learningTime: Int64?
  /// The severity rule of each channel.
  private let severityOfChannel: [Int?]
  /// For each machine, in order of `AssetID`; empty where nothing is learned.
  var learners: [MachineLearner]
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
    learnedAlertLevels = configuration.severity.map { _ in nil }
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
    learners[Int(mark.asset.index)].mark(mark)
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
