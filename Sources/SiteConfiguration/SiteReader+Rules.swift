import ConditionModel
import DataAcquisition
import DataManipulation
import StateDetection

extension SiteReader {
  // MARK: - Running

  mutating func runningRule(_ machine: Located.Entry) -> RunningRule? {
    guard let record = machine.value["running"], let point = record["point"],
      let name = point.text, let threshold = record["above"], let measure = threshold.measure
    else { return nil }
    guard let channel = channel(named: name, of: machine.key) else {
      reportUnknownChannel(name, of: machine.key, at: point.position)
      return nil
    }
    guard let value = value(measure, of: channel, at: threshold.position) else { return nil }
    guard value > 0 else {
      error(
        threshold.position,
        "a machine that stands still would count as running",
        "write a value between standstill and idling"
      )
      return nil
    }
    let period = sources[Int(channel.id.index)].period
    return RunningRule(
      channel: channel.id,
      threshold: value,
      forgetAfter: max(.seconds(60), period * 3)
    )
  }

  // MARK: - Limits

  mutating func channelRules(
    _ machines: [Located.Entry],
    running: [RunningRule?],
    alerts: Located?
  ) -> [ChannelRules] {
    let silentAfter = alerts?["silent after"]?.baseValue.map { Duration(inSeconds: $0) }
    let stuckAfter = alerts?["stuck after"]?.baseValue.map { Duration(inSeconds: $0) }
    var rules: [ChannelRules] = []
    for (channel, source) in zip(channels, sources) {
      let plausible = source.longestPlausibleStandstill(
        knowsWhetherItRuns: running[Int(channel.asset.index)] != nil
      )
      rules.append(
        ChannelRules(
          stuckAfter: plausible.map { stuckAfter ?? $0 },
          measuringRange: source.clippingRange,
          resolution: source.resolution,
          silentAfter: source.silentAfter(silentAfter)
        )
      )
    }
    for machine in machines {
      for entry in machine.value["limits"]?.entries ?? [] {
        guard let channel = channel(named: entry.key, of: machine.key) else {
          reportUnknownChannel(entry.key, of: machine.key, at: entry.keyPosition)
          continue
        }
        rules[Int(channel.id.index)].limits = limits(
          entry,
          on: channel,
          canStop: running[Int(channel.asset.index)] != nil
        )
      }
    }
    addOwnSeverity(machines, to: &rules)
    return rules
  }

  private mutating func limits(
    _ entry: Located.Entry,
    on channel: Channel,
    canStop: Bool
  ) -> [LimitRule] {
    let record = entry.value
    func given(_ key: String) -> Double? {
      guard let value = record[key], let measure = value.measure else { return nil }
      return self.value(measure, of: channel, at: value.position)
    }
    let above = (alert: given("alert above"), alarm: given("alarm above"))
    let below = (alert: given("alert below"), alarm: given("alarm below"))
    let all = [above.alert, above.alarm, below.alert, below.alarm].compactMap { $0 }
    guard !all.isEmpty else { return [] }
    checkOrder(record, above, below)
    checkWhile(record, canStop: canStop)
    let deadband = record["deadband"].flatMap { value in
      value.measure.flatMap { self.value($0, of: channel, at: value.position, isSpan: true) }
    }
    let period = sources[Int(channel.id.index)].period
    let onDelay =
      record["on delay"]?.baseValue.map { Duration(inSeconds: $0) } ?? commonOnDelay
      ?? max(channel.quantity.usualDelay, channel.quantity.isVibration ? period * 3 : .zero)
    let offDelay = record["off delay"]?.baseValue.map { Duration(inSeconds: $0) } ?? onDelay
    let word = record["while"]?.text
    return [(Finding.Side.above, above), (.below, below)].compactMap { side, limit in
      guard limit.alert != nil || limit.alarm != nil else { return nil }
      let size = max(abs(limit.alert ?? 0), abs(limit.alarm ?? 0))
      return LimitRule(
        side: side,
        alert: limit.alert,
        alarm: limit.alarm,
        deadband: deadband ?? channel.usualDeadband(at: size),
        onDelay: onDelay,
        offDelay: offDelay,
        onlyWhileRunning: word.map { $0 == "running" } ?? (side == .below && canStop)
      )
    }
  }

  private typealias Pair = (alert: Double?, alarm: Double?)

  private mutating func checkOrder(_ record: Located, _ above: Pair, _ below: Pair) {
    func position(_ key: String) -> Position { record.entry(key)?.keyPosition ?? record.position }
    if let alert = above.alert, let alarm = above.alarm, alarm <= alert {
      error(
        position("alarm above"),
        "the alarm above \(alarm.shown) comes before the alert above \(alert.shown)",
        "the alarm is the worse of the two: swap them"
      )
    }
    if let alert = below.alert, let alarm = below.alarm, alarm >= alert {
      error(
        position("alarm below"),
        "the alarm below \(alarm.shown) comes before the alert below \(alert.shown)",
        "the alarm is the worse of the two: swap them"
      )
    }
    if let high = [above.alert, above.alarm].compactMap({ $0 }).min(),
      let low = [below.alert, below.alarm].compactMap({ $0 }).max(), low >= high
    {
      error(
        record.position,
        "every value is below \(low.shown) or above \(high.shown)",
        "leave room between the limits for normal values"
      )
    }
  }

  private mutating func checkWhile(_ record: Located, canStop: Bool) {
    guard let value = record["while"], value.text == "running", !canStop else { return }
    error(
      value.position,
      "nothing tells whether this machine runs",
      "add 'running: { point: …, above: … }' to the machine, or write 'while: always'"
    )
  }

  /// The value of `measure` in the unit of `channel`; reports a unit that cannot be compared.
  private mutating func value(
    _ measure: Measure,
    of channel: Channel,
    at position: Position,
    isSpan: Bool = false
  ) -> Double? {
    guard let unit = Unit.code(channel.unit) else {
      // Only a recording may have a unit that nothing is known of.
      if measure.unit.code == "1" { return measure.value }
      error(
        position,
        "'\(channel.name)' is in '\(channel.unit)', which cannot be compared with this",
        "write '\(measure.value.shown)'"
      )
      return nil
    }
    // Of "90" on a channel in % nobody can tell whether 90 % is meant or ninety times the whole.
    let hasNoUnit = measure.unit.code == "1" && unit.code != "1"
    guard unit.dimension == measure.unit.dimension, !hasNoUnit else {
      let number = "\(measure.value.shown)"
      error(
        position,
        hasNoUnit
          ? "'\(channel.name)' is in \(unit.name), but this has no unit"
          : "'\(channel.name)' is in \(unit.name), not in \(measure.unit.name)",
        unit.code == "1" ? "write '\(number)'" : "write '\(number) \(unit.shown)' if that is meant"
      )
      return nil
    }
    let value = measure.converted(to: unit, isSpan: isSpan)
    if isSpan, value < 0 {
      error(position, "a deadband cannot be negative", "write it without the sign")
      return nil
    }
    return value
  }
}

extension Unit {
  /// For messages: `'°C'`, or `bare numbers`.
  fileprivate var name: String { code == "1" ? "bare numbers" : "'\(shown)'" }
}

extension Quantity {
  /// The on-delay where none is given.
  ///
  /// Flow, level, pressure, temperature and "other" are the start values of EEMUA 191; a minute for
  /// vibration and 15 s for electrical values, so that starting a motor raises nothing, are ours.
  fileprivate var usualDelay: Duration {
    switch self {
    case _ where isVibration: .seconds(60)
    case .temperature, .level, .humidity: .seconds(60)
    case .pressure, .differentialPressure, .flow: .seconds(15)
    case .current, .activePower, .reactivePower, .apparentPower, .powerFactor, .torque, .load:
      .seconds(15)
    default: .seconds(5)
    }
  }
}

extension Channel {
  /// The deadband where none is given, for a limit of this size.
  ///
  /// Shares of the span after EEMUA 191, taken of the limit because spans are rarely known; for
  /// temperature at least 1 K, for vibration the 10 % of the project.
  fileprivate func usualDeadband(at limit: Double) -> Double {
    switch quantity {
    case _ where quantity.isVibration: limit * 0.1
    case .temperature:
      max(limit * 0.01, Unit.code(unit).map { 1 / $0.factor } ?? 1)
    case .pressure, .differentialPressure, .level: limit * 0.02
    case .flow: limit * 0.05
    default: limit * 0.02
    }
  }
}
