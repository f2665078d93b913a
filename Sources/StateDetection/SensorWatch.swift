import ConditionModel

/// Watches one channel for faults of the sensor and of the way to it.
struct SensorWatch: Hashable, Sendable, Codable {
  /// Whether the latest value may be held against limits.
  private(set) var isTrusted = false
  /// The latest trusted value and its moment.
  private(set) var value = 0.0
  private(set) var trustedAt: Timestamp?
  /// The moment of the latest reading, whatever its quality.
  private(set) var latest: Timestamp?

  /// Since when the value has been exactly the same.
  private var unchangedSince: Timestamp?
  private var unchangedValue = 0.0
  private var isStuck = false
  private var clipping = Latch()
  private var clippedSide = Finding.Side.above
  private var clippedSince = Timestamp(nanoseconds: 0)
  /// Since when the device has delivered no number although it answers.
  private var missingSince: Timestamp?
  private var missing: Fault?
  /// When the device last answered for this channel.
  private var answeredAt: Timestamp?
  /// Why it has not answered since.
  private var latestFault: Fault?
  private var silence: Fault?

  /// Short, since a snapshot holds one of these for each channel.
  private enum CodingKeys: String, CodingKey {
    case isTrusted = "t"
    case value = "v"
    case trustedAt = "a"
    case latest = "l"
    case unchangedSince = "u"
    case unchangedValue = "w"
    case isStuck = "s"
    case clipping = "c"
    case clippedSide = "e"
    case clippedSince = "f"
    case missingSince = "m"
    case missing = "n"
    case answeredAt = "r"
    case latestFault = "q"
    case silence = "z"
  }

  /// Whether something about the channel is out of order, so that what was found on it freezes.
  var hasFinding: Bool {
    isStuck || clipping.isSet || missing != nil || silence != nil
  }

  /// A fault of this channel that begins or ends.
  struct Change {
    var change: StateReport.Change
    var kind: Finding.Kind
    var since: Timestamp
    var observed: Double?
  }

  /// Takes one reading.
  ///
  /// - Parameters:
  ///   - reading: The value, which is not looked at where the quality is bad.
  ///   - quality: How far to trust it.
  ///   - now: Its moment, not before the latest.
  ///   - operation: What the machine is doing.
  ///   - rules: What is watched on the channel.
  ///   - changes: Receives what begins and ends.
  mutating func take(
    _ reading: Double,
    _ quality: Quality,
    at now: Timestamp,
    operation: OperatingState,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    if let latest, now - latest > rules.silentAfter {
      if !isStuck { unchangedSince = nil }
      clipping.restart()
    }
    latest = now
    switch quality {
    case .bad(let fault):
      isTrusted = false
      takeFault(fault, at: now, rules: rules, into: &changes)
    case .good, .uncertain:
      if reading.isFinite {
        takeValue(
          reading,
          quality,
          at: now,
          operation: operation,
          rules: rules,
          into: &changes
        )
      } else {
        isTrusted = false
        takeFault(.notANumber, at: now, rules: rules, into: &changes)
      }
    }
  }

  /// Lets time pass without a reading.
  mutating func advance(
    to now: Timestamp,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    if answeredAt == nil { answeredAt = now }
    noticeSilence(latestFault ?? .noAnswer, at: now, rules: rules, into: &changes)
  }

  /// Takes up the watch after nobody was there to hear the device: what was missed is no silence.
  mutating func resume(at now: Timestamp) {
    if silence == nil { answeredAt = answeredAt.map { max($0, now) } }
  }

  mutating func shift(by step: Duration) {
    trustedAt = trustedAt?.shifted(by: step)
    latest = latest?.shifted(by: step)
    unchangedSince = unchangedSince?.shifted(by: step)
    clipping.shift(by: step)
    clippedSince = clippedSince.shifted(by: step)
    missingSince = missingSince?.shifted(by: step)
    answeredAt = answeredAt?.shifted(by: step)
  }
}

// MARK: - Without a number

extension SensorWatch {
  private mutating func takeFault(
    _ fault: Fault,
    at now: Timestamp,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    guard fault == .invalidCode || fault == .notANumber else {
      if answeredAt == nil { answeredAt = now }
      latestFault = fault
      noticeSilence(fault, at: now, rules: rules, into: &changes)
      return
    }
    takeAnswer(at: now, into: &changes)
    let since = missingSince ?? now
    missingSince = since
    guard missing == nil, now - since >= rules.silentAfter else { return }
    missing = fault
    changes.append(Change(change: .began, kind: .noReading(fault), since: since, observed: nil))
  }

  private mutating func takeAnswer(at now: Timestamp, into changes: inout [Change]) {
    if let fault = silence {
      changes.append(
        Change(change: .ended, kind: .silent(fault), since: answeredAt ?? now, observed: nil)
      )
    }
    silence = nil
    latestFault = nil
    answeredAt = now
  }

  private mutating func noticeSilence(
    _ fault: Fault,
    at now: Timestamp,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    guard silence == nil, let answeredAt, now - answeredAt > rules.silentAfter else { return }
    silence = fault
    isTrusted = false
    changes.append(
      Change(change: .began, kind: .silent(fault), since: answeredAt, observed: nil)
    )
  }
}

// MARK: - With a number

extension SensorWatch {
  private mutating func takeValue(
    _ reading: Double,
    _ quality: Quality,
    at now: Timestamp,
    operation: OperatingState,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    takeAnswer(at: now, into: &changes)
    if let fault = missing {
      missing = nil
      changes.append(
        Change(
          change: .ended,
          kind: .noReading(fault),
          since: missingSince ?? now,
          observed: reading
        )
      )
    }
    missingSince = nil
    let side = sideBeyondRange(reading, quality, rules: rules)
    watchClipping(reading, side: side, at: now, rules: rules, into: &changes)
    watchMovement(reading, at: now, operation: operation, rules: rules, into: &changes)
    isTrusted = side == nil && !hasFinding
    if isTrusted {
      value = reading
      trustedAt = now
    }
  }

  /// The end of the range at or beyond which a value lies; `nil` inside.
  private func sideBeyondRange(
    _ reading: Double,
    _ quality: Quality,
    rules: ChannelRules
  ) -> Finding.Side? {
    if let range = rules.measuringRange {
      if reading >= range.upperBound { return .above }
      if reading < range.lowerBound { return .below }
      if reading == range.lowerBound && range.lowerBound != 0 { return .below }
    }
    guard quality == .uncertain(.outsideValidRange) else { return nil }
    return reading >= value ? .above : .below
  }

  private mutating func watchClipping(
    _ reading: Double,
    side: Finding.Side?,
    at now: Timestamp,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    if let side, !clipping.isSet { clippedSide = side }
    let flipped = clipping.take(
      side != nil,
      at: now,
      onDelay: rules.clippedAfter,
      offDelay: rules.clippedAfter
    )
    guard let flipped else { return }
    if clipping.isSet { clippedSince = flipped }
    changes.append(
      Change(
        change: clipping.isSet ? .began : .ended,
        kind: .clipped(clippedSide),
        since: clippedSince,
        observed: reading
      )
    )
  }

  private mutating func watchMovement(
    _ reading: Double,
    at now: Timestamp,
    operation: OperatingState,
    rules: ChannelRules,
    into changes: inout [Change]
  ) {
    guard let stuckAfter = rules.stuckAfter else { return }
    let hasMoved = reading != unchangedValue
    if isStuck {
      guard hasMoved else { return }
      isStuck = false
      changes.append(
        Change(
          change: .ended,
          kind: .stuck(for: unchangedSince.map { now - $0 } ?? .zero),
          since: unchangedSince ?? now,
          observed: reading
        )
      )
    }
    // A machine at rest may well show the same value for hours; where nothing tells whether it
    // rests, an exact 0 is the value of rest.
    let shouldMove =
      switch operation {
      case .running: true
      case .untold: reading != 0
      case .unknown, .stopped: false
      }
    let since = hasMoved || !shouldMove ? now : unchangedSince ?? now
    unchangedValue = reading
    unchangedSince = since
    guard shouldMove, now - since >= stuckAfter else { return }
    isStuck = true
    changes.append(
      Change(change: .began, kind: .stuck(for: now - since), since: since, observed: reading)
    )
  }
}
