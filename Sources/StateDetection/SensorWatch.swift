import ConditionModel

/// What the sensor of one channel is held against, as its values ask for it; times in nanoseconds.
struct SensorRules {
  var silentAfter: Int64
  /// `Int64.max` where a value may stay the same for ever.
  var stuckAfter: Int64
  var clippedAfter: Duration
  /// The ends of the measuring range; infinite where it has none.
  var lowest: Double
  var highest: Double

  init(_ rules: ChannelRules) {
    silentAfter = rules.silentAfter.nanoseconds
    stuckAfter = rules.stuckAfter?.nanoseconds ?? .max
    clippedAfter = rules.clippedAfter
    lowest = rules.measuringRange?.lowerBound ?? -.infinity
    highest = rules.measuringRange?.upperBound ?? .infinity
  }
}

/// Watches one channel for faults of the sensor and of the way to it.
struct SensorWatch: Hashable, Sendable, Codable {
  /// Whether the latest value may be held against limits.
  private(set) var isTrusted = false
  /// The latest trusted value and its moment.
  private(set) var value = 0.0
  private(set) var trustedAt: Timestamp?
  /// The moment of the latest reading, whatever its quality.
  private(set) var latest: Timestamp?

  /// Whether the latest reading lay beyond what the sensor can measure.
  private var isBeyondRange = false

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

  /// Whether something about the channel is out of order, so that what was found on it freezes.
  var hasFinding: Bool {
    isStuck || clipping.isSet || missing != nil || silence != nil
  }

  /// What came of a reading.
  enum Outcome {
    /// It is older than the latest one and was left out.
    case late
    /// It is no value that says anything of the machine.
    case unusable
    /// It lay beyond what the sensor can measure.
    case beyondRange
    /// It may be held against limits.
    case trusted
  }

  /// Nothing that is measured is greater; what is learned could not take its square.
  private static let greatestValue = 1e60

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
  ///   - now: Its moment.
  ///   - operation: What the machine is doing.
  ///   - rules: What is watched on the channel.
  ///   - changes: Receives what begins and ends.
  /// - Returns: What came of it.
  mutating func take(
    _ reading: Double,
    _ quality: Quality,
    at now: Timestamp,
    operation: OperatingState,
    rules: SensorRules,
    into changes: inout [Change]
  ) -> Outcome {
    if let latest {
      guard now.nanoseconds >= latest.nanoseconds else { return .late }
      if now.nanoseconds - latest.nanoseconds > rules.silentAfter {
        if !isStuck { unchangedSince = nil }
        clipping.restart()
      }
    }
    latest = now
    isBeyondRange = false
    switch quality {
    case .bad(let fault):
      isTrusted = false
      takeFault(fault, at: now, rules: rules, into: &changes)
    case .good, .uncertain:
      if abs(reading) <= Self.greatestValue {
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
    return isTrusted ? .trusted : isBeyondRange ? .beyondRange : .unusable
  }

  /// Lets time pass without a reading.
  ///
  /// - Returns: The first moment at which silence could be noticed after `now`, in nanoseconds.
  mutating func advance(
    to now: Timestamp,
    rules: SensorRules,
    into changes: inout [Change]
  ) -> Int64 {
    if answeredAt == nil { answeredAt = now }
    noticeSilence(latestFault ?? .noAnswer, at: now, rules: rules, into: &changes)
    let answer = silence == nil ? answeredAt ?? now : now
    return answer.nanoseconds.clampedSum(rules.silentAfter)
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
    rules: SensorRules,
    into changes: inout [Change]
  ) {
    if fault == .notApplicable {
      takeAnswer(at: now, into: &changes)
      if missing == nil { missingSince = nil }
      return
    }
    guard fault == .invalidCode || fault == .notANumber else {
      if answeredAt == nil { answeredAt = now }
      latestFault = fault
      noticeSilence(fault, at: now, rules: rules, into: &changes)
      return
    }
    takeAnswer(at: now, into: &changes)
    let since = missingSince ?? now
    missingSince = since
    guard missing == nil, now.nanoseconds - since.nanoseconds >= rules.silentAfter else { return }
    missing = fault
    changes.append(Change(change: .began, kind: .noReading(fault), since: since, observed: nil))
  }

  @inline(__always)
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
    rules: SensorRules,
    into changes: inout [Change]
  ) {
    guard silence == nil, let answeredAt,
      now.nanoseconds - answeredAt.nanoseconds > rules.silentAfter
    else { return }
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
    rules: SensorRules,
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
    isBeyondRange = side != nil
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
    rules: SensorRules
  ) -> Finding.Side? {
    if reading >= rules.highest { return .above }
    if reading < rules.lowest { return .below }
    if reading == rules.lowest && rules.lowest != 0 { return .below }
    guard case .uncertain(.outsideValidRange) = quality else { return nil }
    return reading >= value ? .above : .below
  }

  private mutating func watchClipping(
    _ reading: Double,
    side: Finding.Side?,
    at now: Timestamp,
    rules: SensorRules,
    into changes: inout [Change]
  ) {
    if !clipping.isSet {
      guard let side else { return clipping.restart() }
      clippedSide = side
    }
    let flipped = clipping.take(
      side != nil,
      at: now,
      Delays(on: rules.clippedAfter, off: rules.clippedAfter)
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
    rules: SensorRules,
    into changes: inout [Change]
  ) {
    guard rules.stuckAfter < .max else { return }
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
    guard shouldMove, now.nanoseconds - since.nanoseconds >= rules.stuckAfter else { return }
    isStuck = true
    changes.append(
      Change(change: .began, kind: .stuck(for: now - since), since: since, observed: reading)
    )
  }
}
