package import ConditionModel

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
    /// Values that were older than their channel's latest and so were left out.
    package fileprivate(set) var lateSampleCount = 0
  }

  fileprivate struct SeverityTracker: Hashable, Sendable, Codable {
    var levels = LevelTracker()
    /// The axis that was the largest at the latest report.
    var channel: ChannelID
  }

  package private(set) var memory: Memory
  private let plant: Plant
  private let rules: [ChannelRules]
  private let severity: [SeverityRule]
  /// The place of each channel's first limit in `memory.limits`.
  private let firstLimit: [Int]
  /// The severity rule of each channel.
  private let severityOfChannel: [Int?]
  /// Kept between calls, so that they allocate nothing.
  private var changes: [SensorWatch.Change] = []
  private var touched: [Int] = []

  package init(_ configuration: DetectionConfiguration, memory: Memory? = nil) {
    plant = configuration.plant
    rules = configuration.channels
    severity = configuration.severity
    var count = 0
    var firstLimit: [Int] = []
    for rule in configuration.channels {
      firstLimit.append(count)
      count += rule.limits.count
    }
    self.firstLimit = firstLimit
    var severityOfChannel = [Int?](repeating: nil, count: configuration.channels.count)
    for (index, rule) in configuration.severity.enumerated() {
      for channel in rule.channels { severityOfChannel[Int(channel.index)] = index }
    }
    self.severityOfChannel = severityOfChannel
    self.memory =
      memory
      ?? Memory(
        sensors: Array(repeating: SensorWatch(), count: configuration.channels.count),
        limits: Array(repeating: LevelTracker(), count: count),
        severities: configuration.severity.map { SeverityTracker(channel: $0.channels[0]) }
      )
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
    touched.removeAll(keepingCapacity: true)
    for place in frame.channels.indices {
      let index = Int(frame.channels[place].index)
      if let latest = memory.sensors[index].latest, frame.timestamp < latest {
        memory.lateSampleCount += 1
        continue
      }
      changes.removeAll(keepingCapacity: true)
      memory.sensors[index].take(
        frame.values[place],
        frame.qualities[place],
        at: frame.timestamp,
        operation: operation,
        rules: rules[index],
        into: &changes
      )
      reportChanges(of: index, at: frame.timestamp, into: &reports)
      guard memory.sensors[index].isTrusted else { continue }
      judgeLimits(of: index, at: frame.timestamp, operation: operation, into: &reports)
      if let rule = severityOfChannel[index], !touched.contains(rule) { touched.append(rule) }
    }
    for rule in touched {
      judgeSeverity(rule, at: frame.timestamp, operation: operation, into: &reports)
    }
  }

  /// Lets time pass, so that silence is noticed.
  package mutating func advance(to now: Timestamp, into reports: inout [StateReport]) {
    for index in memory.sensors.indices {
      changes.removeAll(keepingCapacity: true)
      memory.sensors[index].advance(to: now, rules: rules[index], into: &changes)
      reportChanges(of: index, at: now, into: &reports)
    }
  }

  /// Takes up the watch after a time in which nothing was told, not even the time.
  package mutating func resume(at now: Timestamp) {
    for index in memory.sensors.indices { memory.sensors[index].resume(at: now) }
  }

  /// Whether the latest value of a channel is within all that it is held against, delays or not.
  package func isQuiet(_ channel: ChannelID) -> Bool {
    let index = Int(channel.index)
    for tracker in firstLimit[index]..<firstLimit[index] + rules[index].limits.count
    where !memory.limits[tracker].isQuiet {
      return false
    }
    return severityOfChannel[index].map { memory.severities[$0].levels.isQuiet } ?? true
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.sensors.indices { memory.sensors[index].shift(by: step) }
    for index in memory.limits.indices { memory.limits[index].shift(by: step) }
    for index in memory.severities.indices { memory.severities[index].levels.shift(by: step) }
  }

  private mutating func reportChanges(
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

// MARK: - The machine's own values

extension StateDetector {
  private mutating func judgeLimits(
    of index: Int,
    at now: Timestamp,
    operation: OperatingState,
    into reports: inout [StateReport]
  ) {
    let value = memory.sensors[index].value
    for (offset, rule) in rules[index].limits.enumerated()
    where !rule.onlyWhileRunning || holds(in: operation, side: rule.side) {
      let levels = Levels(rule)
      let tracker = firstLimit[index] + offset
      if rule.onlyWhileRunning, case .running(let start) = operation {
        memory.limits[tracker].restartDelays(ifNotJudgedSince: start)
      }
      let change = memory.limits[tracker].take(
        value,
        at: now,
        levels: levels,
        tolerance: rules[index].silentAfter
      )
      guard let change else { continue }
      let state = memory.limits[tracker].state
      // A finding that ended keeps the threshold that it began with.
      let threshold = levels.threshold(of: state == .normal ? .alert : state) ?? levels.alarm ?? 0
      report(
        change,
        of: plant.channels[index],
        kind: .limit(rule.side, threshold: threshold),
        memory.limits[tracker],
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
    let rule = severity[index]
    guard let (channel, value) = largestAxis(of: rule, at: now) else { return }
    let tracker = memory.severities[index]
    // While the axis that raised the finding is out of order, low values of the others say nothing.
    if tracker.levels.state != .normal, value <= rule.boundaryBC,
      !memory.sensors[Int(tracker.channel.index)].isTrusted
    {
      return
    }
    if case .running(let start) = operation {
      memory.severities[index].levels.restartDelays(ifNotJudgedSince: start)
    }
    let change = memory.severities[index].levels.take(
      value,
      at: now,
      levels: Levels(rule),
      tolerance: rules[Int(channel.index)].silentAfter
    )
    guard let change else { return }
    memory.severities[index].channel = channel
    let zone: Finding.Zone = memory.severities[index].levels.state == .alarm ? .d : .c
    report(
      change,
      of: plant[channel],
      kind: .severityZone(
        zone,
        threshold: zone == .d ? rule.boundaryCD : rule.boundaryBC,
        standard: rule.standard
      ),
      memory.severities[index].levels,
      observed: value,
      at: now,
      into: &reports
    )
  }

  private func largestAxis(
    of rule: SeverityRule,
    at now: Timestamp
  ) -> (channel: ChannelID, value: Double)? {
    var largest: (channel: ChannelID, value: Double)?
    for channel in rule.channels {
      let sensor = memory.sensors[Int(channel.index)]
      guard sensor.isTrusted, let moment = sensor.trustedAt,
        now - moment <= rules[Int(channel.index)].silentAfter
      else { continue }
      if let soFar = largest, soFar.value >= sensor.value { continue }
      largest = (channel, sensor.value)
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
  fileprivate init(_ rule: LimitRule) {
    self.init(
      side: rule.side,
      alert: rule.alert,
      alarm: rule.alarm,
      alertDeadband: rule.deadband,
      alarmDeadband: rule.deadband,
      onDelay: rule.onDelay,
      offDelay: rule.offDelay
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
      onDelay: rule.onDelay,
      offDelay: rule.offDelay
    )
  }
}
