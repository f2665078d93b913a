import ConditionModel

/// A condition with an on-delay and an off-delay: it flips when the contrary has held long enough.
///
/// Long enough is the delay and at least three readings, so that neither a spike nor two values on
/// both sides of a gap ever flip it.
struct Latch: Hashable, Sendable, Codable {
  private static let readingsNeeded = 3

  private(set) var isSet = false
  /// Since when the readings ask for the contrary; `nil` when they agree.
  private(set) var contrarySince: Timestamp?
  private var contraryReadings = 0

  /// Takes one reading; `wanted` is the state that it asks for.
  ///
  /// - Parameters:
  ///   - wanted: Whether the reading asks for the set state.
  ///   - now: The moment of the reading.
  ///   - delays: How long the contrary must hold before it counts.
  /// - Returns: Since when the new state has held, if this reading flips the latch.
  mutating func take(
    _ wanted: Bool,
    at now: Timestamp,
    _ delays: Delays
  ) -> Timestamp? {
    guard wanted != isSet else {
      restart()
      return nil
    }
    let since = contrarySince ?? now
    contrarySince = since
    contraryReadings += 1
    guard contraryReadings >= Self.readingsNeeded, now - since >= (isSet ? delays.off : delays.on)
    else { return nil }
    isSet.toggle()
    restart()
    return since
  }

  /// Forgets what has run of a delay.
  mutating func restart() {
    contrarySince = nil
    contraryReadings = 0
  }

  mutating func shift(by step: Duration) {
    contrarySince = contrarySince?.shifted(by: step)
  }
}

/// How long a condition must hold before it counts, and be gone before it counts as gone.
struct Delays {
  var on: Duration
  var off: Duration
}

/// The levels that a value is held against, and for how long it must be beyond them.
struct Levels {
  var side: Finding.Side
  var alert: Double?
  var alarm: Double?
  /// How far back over the level a value must go before it counts as returned.
  var alertDeadband: Double
  var alarmDeadband: Double
  var alertDelays: Delays
  var alarmDelays: Delays
  /// A longer gap than this, in nanoseconds, makes delays start afresh.
  var longestGap: Int64

  func threshold(of state: ConditionState) -> Double? {
    state == .alarm ? alarm : alert
  }

  /// Whether `value` is beyond `threshold`; a value on it is not.
  ///
  /// A level that is set already is left only beyond the deadband.
  func isBeyond(_ value: Double, _ threshold: Double?, deadband: Double, isSet: Bool) -> Bool {
    guard let threshold else { return false }
    let excess = side == .above ? value - threshold : threshold - value
    return isSet ? excess > -deadband : excess > 0
  }

  func moreExtreme(_ one: Double, _ other: Double) -> Double {
    side == .above ? max(one, other) : min(one, other)
  }

  /// How much further than last reported a value must go to be worth another report.
  ///
  /// ISO 20816-1 calls a change of 25 % of a zone boundary significant: 2.5 deadbands there.
  func notableStep(in state: ConditionState) -> Double {
    let deadband = state == .alarm ? alarmDeadband : alertDeadband
    return max(2.5 * deadband, 0.1 * (threshold(of: state) ?? 0).magnitude)
  }
}

/// Follows one value against its levels.
struct LevelTracker: Hashable, Sendable, Codable {
  private(set) var state = ConditionState.normal
  /// When the value went beyond the first level.
  private(set) var since = Timestamp(nanoseconds: 0)
  /// The most extreme value since the value first went beyond a level.
  private(set) var extreme: Double?
  /// The value that was last reported.
  private var reported = 0.0
  private var latest: Timestamp?
  private var alert = Latch()
  private var alarm = Latch()
  /// Whether the value is notably further out than was last reported.
  private var further = Latch()

  /// Takes one trusted value.
  ///
  /// - Parameters:
  ///   - value: A finite number.
  ///   - now: Its moment.
  ///   - levels: What to hold it against.
  /// - Returns: What changed, if anything did.
  mutating func take(
    _ value: Double,
    at now: Timestamp,
    levels: Levels
  ) -> StateReport.Change? {
    if let latest, now.nanoseconds - latest.nanoseconds > levels.longestGap { restartDelays() }
    latest = now
    let alertFlip = alert.take(
      levels.isBeyond(
        value,
        levels.alert,
        deadband: levels.alertDeadband,
        isSet: alert.isSet
      ),
      at: now,
      levels.alertDelays
    )
    let alarmFlip = alarm.take(
      levels.isBeyond(
        value,
        levels.alarm,
        deadband: levels.alarmDeadband,
        isSet: alarm.isSet
      ),
      at: now,
      levels.alarmDelays
    )
    follow(value, levels: levels)
    let before = state
    state = alarm.isSet ? .alarm : alert.isSet ? .alert : .normal
    if state == before { return takeFurther(value, at: now, levels: levels) }
    reported = value
    further = Latch()
    if before == .normal {
      since = alertFlip ?? alarmFlip ?? now
      return .began
    }
    return state == .normal ? .ended : state > before ? .worsened : .eased
  }

  private mutating func follow(_ value: Double, levels: Levels) {
    let isQuiet =
      state == .normal && !alert.isSet && !alarm.isSet
      && alert.contrarySince == nil && alarm.contrarySince == nil
    extreme = isQuiet ? nil : extreme.map { levels.moreExtreme($0, value) } ?? value
  }

  /// A finding that holds is told again when its value has gone notably further, for good.
  private mutating func takeFurther(
    _ value: Double,
    at now: Timestamp,
    levels: Levels
  ) -> StateReport.Change? {
    guard state != .normal else { return nil }
    let step = levels.notableStep(in: state)
    let flip = further.take(
      levels.isBeyond(
        value,
        levels.side == .above ? reported + step : reported - step,
        deadband: 0,
        isSet: false
      ),
      at: now,
      levels.alarmDelays
    )
    guard flip != nil else { return nil }
    reported = value
    further = Latch()
    return .worsened
  }

  /// Whether the latest value asks for nothing: no level is set or about to be.
  var isQuiet: Bool { extreme == nil }

  /// Forgets what has run of the delays, as after a gap or a start of the machine.
  mutating func restartDelays() {
    alert.restart()
    alarm.restart()
    further.restart()
    if state == .normal { extreme = nil }
  }

  /// Forgets what has run of the delays if nothing was judged since `moment`.
  mutating func restartDelays(ifNotJudgedSince moment: Timestamp) {
    if let latest, latest < moment { restartDelays() }
  }

  mutating func shift(by step: Duration) {
    since = since.shifted(by: step)
    latest = latest?.shifted(by: step)
    alert.shift(by: step)
    alarm.shift(by: step)
    further.shift(by: step)
  }
}
