import ConditionModel
import SignalProcessing

// Limits and severity zones: what the machine itself shows.
extension StateDetector {
  /// A limit as values are held against it.
  struct Limit {
    var levels: Levels
    var onlyWhileRunning: Bool
  }

  mutating func judgeLimits(
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
  mutating func judgeSeverity(
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
    if let learned = learnedAlertLevels[index] { return learned }
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
    let usual = baseline.standardDeviation.map { baseline.mean + $0 } ?? 0
    let level = min(max(boundary, usual + 0.25 * boundary), 1.25 * boundary)
    learnedAlertLevels[index] = level
    return level
  }

  /// The trusted axis with the largest value now, of those of a severity rule.
  func largestAxis(
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
  init(_ rule: LimitRule, silentAfter: Duration) {
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
  init(_ rule: SeverityRule) {
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
