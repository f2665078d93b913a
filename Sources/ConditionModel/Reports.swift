/// How a monitored value stands, from good to worse.
///
/// ISO 13372 names the states normal, alert and alarm. In ISO 20816 terms: zones A and B are
/// normal, zone C is alert, zone D is alarm.
package enum ConditionState: Int, Hashable, Comparable, Sendable, Codable, CaseIterable {
  case normal
  case alert
  case alarm

  @inlinable package static func == (one: ConditionState, other: ConditionState) -> Bool {
    switch (one, other) {
    case (.normal, .normal), (.alert, .alert), (.alarm, .alarm): true
    default: false
    }
  }

  package static func < (left: ConditionState, right: ConditionState) -> Bool {
    left.rawValue < right.rawValue
  }

  /// One word for machines: `normal`, `alert`, `alarm`.
  package var word: String {
    switch self {
    case .normal: "normal"
    case .alert: "alert"
    case .alarm: "alarm"
    }
  }
}

/// Who has to act: a fault of the machine is never mixed with a fault of what watches it.
package enum FindingClass: String, Hashable, Sendable, Codable, CaseIterable {
  /// The machine itself behaves differently.
  case machine
  /// A sensor is stuck, clipped or unplugged.
  case sensor
  /// A device or bus does not answer.
  case communication
}

/// Something that holds about one channel since a moment, with the numbers that show it.
package struct Finding: Hashable, Sendable, Codable {
  package var channel: ChannelID
  package var kind: Kind
  package var state: ConditionState
  package var since: Timestamp
  /// The latest value that supports the finding, in the channel's unit; `nil` where there is none.
  ///
  /// Where it is held against what was learned in running, an average of hours.
  package var observed: Double?
  /// The most extreme value since the finding began; `nil` where there is none.
  package var extreme: Double?

  package init(
    channel: ChannelID,
    kind: Kind,
    state: ConditionState,
    since: Timestamp,
    observed: Double?,
    extreme: Double?
  ) {
    self.channel = channel
    self.kind = kind
    self.state = state
    self.since = since
    self.observed = observed
    self.extreme = extreme
  }

  /// What kind of thing was found.
  package enum Kind: Hashable, Sendable, Codable {
    /// Above (or below) a limit of the site file or the profile.
    case limit(Side, threshold: Double)
    /// In zone C or D of a severity standard, named as people cite it:
    /// `ISO 20816-3, group 2, rigid`.
    case severityZone(Zone, threshold: Double, standard: String)
    /// Not what the state of the machine lets expect, by what was learned of it.
    case unusual(Deviation)
    /// The value moves away from all that is physically tied to it: the sensor drifts.
    case drifting(Deviation)
    /// The value stepped away from all that is physically tied to it and stays there.
    case shifted(Deviation)
    /// Readings scatter so many times as much as they used to, around an unchanged level.
    case noisy(times: Double)
    /// Single readings lie far off, so many in an hour.
    case spiking(perHour: Double)
    /// The channel shows what another one should show, and the other way round.
    case swapped(with: ChannelID)
    /// A pattern of a fault in the vibration, in one block of samples after the other.
    case faultPattern(FaultPattern)
    /// The value has not moved at all for as long as this although it should.
    case stuck(for: Duration)
    /// The value sits at the end of its measuring range.
    case clipped(Side)
    /// The device delivers its code for "no valid reading": unplugged, open circuit.
    case noReading(Fault)
    /// The device does not answer.
    case silent(Fault)

    package var findingClass: FindingClass {
      switch self {
      case .limit, .severityZone, .unusual, .faultPattern: .machine
      case .stuck, .clipped, .noReading, .drifting, .shifted, .noisy, .spiking, .swapped: .sensor
      case .silent: .communication
      }
    }

    /// Whether a level is not as it was learned, so that a person may say that it is normal.
    ///
    /// A limit is as the site file has it, and no reading of a broken sensor is normal.
    package var canBeAccepted: Bool {
      switch self {
      case .unusual, .drifting, .shifted, .swapped: true
      case .limit, .severityZone, .faultPattern, .noisy, .spiking, .stuck, .clipped, .noReading,
        .silent:
        false
      }
    }
  }

  /// How a value deviates from what was learned.
  package struct Deviation: Hashable, Sendable, Codable {
    package var side: Side
    /// Within which values nothing would be said in the present state of the machine, in the channel's
    /// unit.
    package var usual: ClosedRange<Double>
    /// The share of this channel in all that is unusual about the machine, 0…1.
    package var share: Double
    /// Deviations of one machine with the same number belong to one story.
    package var episode: UInt32

    package init(side: Side, usual: ClosedRange<Double>, share: Double, episode: UInt32) {
      self.side = side
      self.usual = usual
      self.share = share
      self.episode = episode
    }
  }

  /// On which side of a limit a value lies.
  package enum Side: String, Hashable, Sendable, Codable, CaseIterable {
    case above
    case below

    @inlinable package static func == (one: Side, other: Side) -> Bool {
      switch (one, other) {
      case (.above, .above), (.below, .below): true
      default: false
      }
    }
  }

  /// The zones of ISO 20816-1: A new, B unlimited operation, C limited time, D damage.
  package enum Zone: String, Hashable, Sendable, Codable, CaseIterable {
    case a = "A"
    case b = "B"
    case c = "C"
    case d = "D"
  }
}

/// A change in what is found about one channel.
package struct StateReport: Hashable, Sendable, Codable {
  package var asset: AssetID
  package var timestamp: Timestamp
  package var change: Change
  package var finding: Finding

  package init(asset: AssetID, timestamp: Timestamp, change: Change, finding: Finding) {
    self.asset = asset
    self.timestamp = timestamp
    self.change = change
    self.finding = finding
  }

  package enum Change: String, Hashable, Sendable, Codable {
    case began
    /// The same finding, with a higher state or a clearly more extreme value.
    case worsened
    /// The same finding, with a lower state than before but not gone.
    case eased
    case ended
  }
}

/// How a machine is, all channels taken together.
package struct HealthReport: Hashable, Sendable, Codable {
  package var asset: AssetID
  package var timestamp: Timestamp
  /// The worst state among the machine's own findings (class `machine` only).
  package var state: ConditionState
  /// 1 as new … 0 failed.
  package var grade: Double
  /// Whether the machine runs; `nil` when nothing tells.
  package var isRunning: Bool?
  /// The share of its channels that deliver usable values, 0…1.
  package var coverage: Double
  /// All findings that hold now, worst first, then oldest first.
  package var findings: [Finding]
  /// The failure modes that fit the findings, likeliest first.
  package var suspects: [Suspect]
  /// What the latest blocks of samples say, one entry for each source; `nil` for a machine without.
  package var diagnoses: [DiagnosisSummary]?

  package init(
    asset: AssetID,
    timestamp: Timestamp,
    state: ConditionState,
    grade: Double,
    isRunning: Bool?,
    coverage: Double,
    findings: [Finding],
    suspects: [Suspect],
    diagnoses: [DiagnosisSummary]? = nil
  ) {
    self.asset = asset
    self.timestamp = timestamp
    self.state = state
    self.grade = grade
    self.isRunning = isRunning
    self.coverage = coverage
    self.findings = findings
    self.suspects = suspects
    self.diagnoses = diagnoses
  }
}

/// A failure mode that would explain the findings.
package struct Suspect: Hashable, Sendable, Codable {
  /// A key of the word catalogue: `unbalance`, `filter-clogged`.
  package var mode: String
  /// The channels that speak for it.
  package var evidence: [ChannelID]
  /// The part that it is about, as people order it: the bearing `6309`.
  package var part: String?

  package init(mode: String, evidence: [ChannelID], part: String? = nil) {
    self.mode = mode
    self.evidence = evidence
    self.part = part
  }
}

/// One alert in its life: raised, updated, cleared.
package struct Advisory: Hashable, Sendable, Codable {
  /// Rises by one with each new advisory of a gateway; never used twice.
  package var id: UInt64
  package var asset: AssetID
  package var findingClass: FindingClass
  /// Where on the machine: the location of the channels that it is about; empty for the machine as a
  /// whole.
  package var location: String
  package var phase: Phase
  package var priority: Priority
  package var since: Timestamp
  /// When this phase or its latest update was reached.
  package var timestamp: Timestamp
  package var isAcknowledged: Bool
  /// Until when a person wants to hear no more of it; `nil` for one that is not shelved.
  package var shelvedUntil: Timestamp?
  /// Findings that hold (all that held at the end, once cleared), worst first; none where a model of
  /// remaining life alone speaks.
  package var findings: [Finding]
  package var suspects: [Suspect]
  /// Channels at the same place, or of the same machine, that were looked at and show nothing unusual.
  package var unmoved: [ChannelID]
  /// How long the machine will last, where that is known.
  package var life: RemainingLife?

  /// Whether it is about an end that a model foresees, and nothing that is found.
  package var isForeseen: Bool {
    findingClass == .machine && findings.isEmpty && location.isEmpty
  }

  package init(
    id: UInt64,
    asset: AssetID,
    findingClass: FindingClass,
    location: String,
    phase: Phase,
    priority: Priority,
    since: Timestamp,
    timestamp: Timestamp,
    isAcknowledged: Bool,
    shelvedUntil: Timestamp? = nil,
    findings: [Finding],
    suspects: [Suspect],
    unmoved: [ChannelID],
    life: RemainingLife? = nil
  ) {
    self.id = id
    self.asset = asset
    self.findingClass = findingClass
    self.location = location
    self.phase = phase
    self.priority = priority
    self.since = since
    self.timestamp = timestamp
    self.isAcknowledged = isAcknowledged
    self.shelvedUntil = shelvedUntil
    self.findings = findings
    self.suspects = suspects
    self.unmoved = unmoved
    self.life = life
  }

  package enum Phase: String, Hashable, Sendable, Codable {
    case raised
    case updated
    case cleared
  }

  /// How soon a person should act.
  package enum Priority: Int, Hashable, Comparable, Sendable, Codable, CaseIterable {
    case low
    case medium
    case high

    package static func < (left: Priority, right: Priority) -> Bool {
      left.rawValue < right.rawValue
    }

    /// One word for machines: `low`, `medium`, `high`.
    package var word: String {
      switch self {
      case .low: "low"
      case .medium: "medium"
      case .high: "high"
      }
    }
  }
}

/// What leaves the core, numbered without a gap.
package struct PipelineOutput: Hashable, Sendable, Codable {
  package var sequence: UInt64
  package var content: Content

  package init(sequence: UInt64, content: Content) {
    self.sequence = sequence
    self.content = content
  }

  package enum Content: Hashable, Sendable, Codable {
    /// Values that the core made of a waveform: stored and published like those that were read.
    case features(Frame)
    case state(StateReport)
    case health(HealthReport)
    case prognosis(Prognosis)
    case advisory(Advisory)
  }
}

extension PipelineOutput {
  /// The machine that it is about.
  package var asset: AssetID {
    switch content {
    case .features(let frame): frame.asset
    case .state(let report): report.asset
    case .health(let report): report.asset
    case .prognosis(let prognosis): prognosis.asset
    case .advisory(let advisory): advisory.asset
    }
  }

  /// When it became true.
  package var timestamp: Timestamp {
    switch content {
    case .features(let frame): frame.timestamp
    case .state(let report): report.timestamp
    case .health(let report): report.timestamp
    case .prognosis(let prognosis): prognosis.timestamp
    case .advisory(let advisory): advisory.timestamp
    }
  }
}
