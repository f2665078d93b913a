package import ConditionModel
import DataAcquisition
import FoundationEssentials
package import MQTTPublishing

/// What a running agent says about itself, once every few seconds, in its store and to systemd.
///
/// Its JSON is what `vigie status --json` prints; times are ISO 8601 in UTC.
package struct AgentStatus: Hashable, Sendable, Codable {
  package var version: String
  package var processId: Int32
  package var startedAt: String
  package var time: String
  /// Values that were read or should have been, since the start: bad ones too.
  package var valuesRead: Int
  /// Of these, the ones in the store.
  package var valuesStored: Int
  /// Of these, the ones that the broker confirmed.
  package var valuesPublished: Int
  /// Values given up because the store refused them for too long.
  package var valuesDropped: Int
  /// Values older than what their channel had already shown; stored, but not judged.
  package var valuesLate: Int
  package var rssMb: Double
  package var privateMb: Double
  package var cpuS: Double
  /// Of one core, on average since the start.
  package var cpuPercent: Double
  package var writtenMb: Double
  package var machines: [Machine]
  package var buses: [Bus]
  /// One for each format that is published.
  package var brokers: [Broker]
  package var store: Store

  package struct Machine: Hashable, Sendable, Codable {
    package var name: String
    package var state: String
    package var grade: Double
    /// `nil` when nothing tells.
    package var isRunning: Bool?
    package var coverage: Double
    /// What the latest blocks of samples say; `nil` for a machine without.
    package var diagnoses: [Diagnosis]?
    /// How the remaining life that was told, once a day, compared with what happened; `nil` before any
    /// of it is known.
    package var earlierEstimates: EarlierEstimates?
    /// `nil` where nothing is learned.
    package var learning: Learning?
    /// `nil` before the first time that it is told.
    package var life: Life?
  }

  package struct EarlierEstimates: Hashable, Sendable, Codable {
    /// Those whose end is known: the machine failed within their range, before it, or still ran after.
    package var count: Int
    package var within: Int
    package var tooLong: Int
    package var tooShort: Int
  }

  /// How long a machine will last.
  package struct Life: Hashable, Sendable, Codable {
    /// Hours of operation; `nil` without an estimate.
    package var p10H: Double?
    package var p50H: Double?
    package var p90H: Double?
    /// `trend` or `model`; `nil` without an estimate.
    package var basis: String?
    /// Why there is no estimate.
    package var reason: String?
    /// Why the model of the machine is set aside.
    package var modelSetAside: ModelDoubt?
  }

  package struct Diagnosis: Hashable, Sendable, Codable {
    package var location: String
    package var waveform: String
    package var time: String
    /// Patterns of faults that are sure, strongest first: none is an answer; `nil` when the block was
    /// not judged.
    package var patterns: [String]?
    package var notJudged: String?
    /// Defects of the bearing of which the block can show nothing.
    package var notLookedFor: [String]?
    /// Samples per second that would show them; `nil` where it is the speed that is missing.
    package var requiredRate: Double?
  }

  package struct Bus: Hashable, Sendable, Codable {
    package var name: String
    package var isConnected: Bool
    package var lateAnswers: Int
    package var devices: [Device]
  }

  package struct Device: Hashable, Sendable, Codable {
    package var name: String
    package var unit: UInt8
    package var isSilent: Bool
    package var requests: Int
    package var answers: Int
    package var timeouts: Int
    package var damaged: Int
    package var exceptions: Int
    package var skipped: Int
    package var unreadable: [String]
    /// Blocks of samples: whole ones, those that the device replaced while they were read, and those
    /// given up; `nil` for a device without any.
    package var blocksRead: Int?
    package var blocksTorn: Int?
    package var blocksFailed: Int?
    /// How long the last whole block was on its way, in seconds.
    package var blockTransferS: Double?
    /// Median and slowest in a hundred, in milliseconds.
    package var roundTripP50Ms: Double?
    package var roundTripP99Ms: Double?
    package var lastError: String?
  }

  package struct Broker: Hashable, Sendable, Codable {
    /// `json` or `sparkplug`.
    package var format: String
    /// Of the broker that is used or tried.
    package var address: String
    package var isConnected: Bool
    /// Connected, and the primary host is there, if one must be.
    package var isHeard: Bool
    /// Entries of the time without a listener that are still to be told, at most.
    package var historyWaiting: Int
    package var commands: CommandCounts?
    /// Messages sent, and confirmed, since the start.
    package var published: Int
    package var acknowledged: Int
    /// Messages given up because the broker takes nothing like them; `nil` where there are none.
    package var rejected: Int?
    /// Why the broker did not take over a message of the latest connection.
    package var refusal: String?
    package var lastError: String?
  }

  package struct Store: Hashable, Sendable, Codable {
    package var path: String
    package var sizeMb: Double
    /// Messages that the broker has not confirmed.
    package var pending: Int
    /// Messages given up because the size limit came first.
    package var dropped: Int
    /// Of the size, the journal; and what all of it may take.
    package var journalMb: Double
    package var limitMb: Double
    /// What the agent does to the card; `nil` in its first ten minutes.
    package var wear: Wear?
    /// Where a damaged file was put since the start, if any was.
    package var setAside: String?
    package var error: String?
  }

  package struct Wear: Hashable, Sendable, Codable {
    package var writtenMbPerDay: Double
    /// How often the card is waited for.
    package var syncsPerHour: Double
    /// How long the card would last at this rate: see `CardWear`.
    package var cardLifeYears: Double?
  }
}

extension AgentStatus {
  /// Reads what an agent wrote; `nil` when it is something else.
  package init?(json: String) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let status = try? decoder.decode(AgentStatus.self, from: Data(json.utf8)) else {
      return nil
    }
    self = status
  }
}

extension AgentStatus.Machine {
  init(
    name: String,
    health: HealthReport?,
    earlier: EstimateTally?,
    learning: AgentStatus.Learning?,
    prognosis: Prognosis?
  ) {
    self.init(
      name: name,
      state: health?.state.word ?? "unknown",
      grade: health?.grade ?? 1,
      isRunning: health?.isRunning,
      coverage: health?.coverage ?? 0,
      diagnoses: health?.diagnoses?.map(AgentStatus.Diagnosis.init),
      earlierEstimates: earlier.map {
        AgentStatus.EarlierEstimates(
          count: $0.count,
          within: $0.within,
          tooLong: $0.tooLong,
          tooShort: $0.tooShort
        )
      },
      learning: learning,
      life: prognosis.map(AgentStatus.Life.init)
    )
  }
}

extension AgentStatus.Life {
  init(_ prognosis: Prognosis) {
    self.init(modelSetAside: prognosis.modelDoubt)
    switch prognosis.outlook {
    case .noTrend(let reason): self.reason = reason.rawValue
    case .remainingLife(let life):
      func hours(_ value: Double) -> Double { (value * 10).rounded() / 10 }
      p10H = hours(life.operatingHours.p10)
      p50H = hours(life.operatingHours.p50)
      p90H = hours(life.operatingHours.p90)
      basis = life.basis.rawValue
    }
  }
}

extension AgentStatus.Bus {
  init(_ statistics: BusStatistics) {
    self.init(
      name: statistics.bus,
      isConnected: statistics.isConnected,
      lateAnswers: statistics.lateAnswers,
      devices: statistics.devices.map(AgentStatus.Device.init)
    )
  }
}

extension AgentStatus.Device {
  init(_ statistics: DeviceStatistics) {
    func milliseconds(_ duration: Duration?) -> Double? {
      duration.map { ($0.inSeconds * 10_000).rounded() / 10 }
    }
    self.init(
      name: statistics.name,
      unit: statistics.unit,
      isSilent: statistics.isSilent,
      requests: statistics.requests,
      answers: statistics.answers,
      timeouts: statistics.timeouts,
      damaged: statistics.damagedAnswers,
      exceptions: statistics.exceptions.reduce(0) { $0 + $1.count },
      skipped: statistics.skippedPolls,
      unreadable: statistics.unreadablePoints,
      blocksRead: statistics.waveforms?.read,
      blocksTorn: statistics.waveforms?.torn,
      blocksFailed: statistics.waveforms?.failed,
      blockTransferS: statistics.waveforms?.lastTransfer.map {
        ($0.inSeconds * 1_000).rounded() / 1_000
      },
      roundTripP50Ms: milliseconds(statistics.roundTrip.quantile(0.5)),
      roundTripP99Ms: milliseconds(statistics.roundTrip.quantile(0.99)),
      lastError: statistics.lastError
    )
  }
}

extension AgentStatus.Diagnosis {
  init(_ summary: DiagnosisSummary) {
    self.init(
      location: summary.location,
      waveform: summary.waveform,
      time: summary.timestamp.description
    )
    switch summary.verdict {
    case .patterns(let faults): patterns = faults.map(\.rawValue)
    case .notJudged(let obstacle): notJudged = obstacle.rawValue
    }
    notLookedFor = summary.unseen?.faults.map(\.rawValue)
    requiredRate = summary.unseen?.requiredRateHertz
  }

  /// The verdict with its place, for whoever puts it into words; `nil` for one of a later version.
  package var summary: DiagnosisSummary? {
    let verdict: DiagnosisSummary.Verdict
    if let patterns {
      verdict = .patterns(patterns.compactMap(VibrationFault.init(rawValue:)))
    } else if let obstacle = notJudged.flatMap(DiagnosisSummary.Obstacle.init(rawValue:)) {
      verdict = .notJudged(obstacle)
    } else {
      return nil
    }
    return DiagnosisSummary(
      location: location,
      waveform: waveform,
      timestamp: Timestamp(nanoseconds: 0),
      verdict: verdict,
      unseen: notLookedFor.map {
        UnseenFaults(
          $0.compactMap(VibrationFault.init(rawValue:)),
          requiredRateHertz: requiredRate
        )
      }
    )
  }
}
