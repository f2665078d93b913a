import ConditionModel
import MQTTPublishing

/// Pumps with `channels` channels in all; the first ones are called as people would.
func samplePlant(channels: Int = 3, machines: Int = 1) -> Plant {
  let assets = (0..<machines).map { index in
    Asset(id: AssetID(index: UInt16(index)), name: "pompe-\(3 + index)", kind: .centrifugalPump)
  }
  let names = ["velocity rms", "temperature", "gr\"oße\\\n"]
  return Plant(
    site: "atelier-nord",
    gateway: "gw-01",
    assets: assets,
    channels: (0..<channels).map { index in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: assets[index * machines / channels].id,
        location: "drive end",
        point: index < names.count ? names[index] : "point \(index)",
        unit: index == 1 ? "Cel" : "mm/s",
        quantity: .other,
        device: 0
      )
    }
  )
}

func words(_ advisory: Advisory) -> AdvisoryText {
  AdvisoryText(
    language: .french,
    title: "Pompe 3 : vibration élevée",
    text: "Depuis 6 h 20.\nAlerte \(advisory.id)."
  )
}

extension Plant {
  func frame(second: Int64, values: [Double], qualities: [Quality]? = nil) -> Frame {
    Frame(
      asset: assets[0].id,
      timestamp: Timestamp(seconds: second),
      channels: channels.prefix(values.count).map(\.id),
      values: values,
      qualities: qualities ?? values.map { _ in .good }
    )
  }

  /// A defect with one line that was found and one that was not.
  private var pattern: FaultPattern {
    func line(_ name: String, _ order: Double, isPresent: Bool) -> VibrationLine {
      VibrationLine(
        name: name,
        spectrum: .envelope,
        order: order,
        hertz: order * 24.5,
        decibelsAboveFloor: isPresent ? 14.25 : 1.5,
        isPresent: isPresent
      )
    }
    return FaultPattern(
      fault: .outer,
      stage: .second,
      bearing: "6309",
      order: 3.05,
      decibelsAboveFloor: 14.25,
      present: [line("BPFO", 3.05, isPresent: true)],
      absent: [line("2×BPFO", 6.1, isPresent: false)],
      notFound: [.inner, .imbalance],
      zone: .b,
      isRising: true
    )
  }

  /// One finding of each kind.
  var findings: [Finding] {
    let kinds: [Finding.Kind] = [
      .limit(.above, threshold: 4.5),
      .severityZone(.c, threshold: 4.5, standard: "ISO 20816-3, group 2, rigid"),
      .stuck(for: .seconds(90)), .clipped(.below), .noReading(.invalidCode), .silent(.noAnswer),
      .faultPattern(pattern),
    ]
    return kinds.map { kind in
      Finding(
        channel: channels[1].id,
        kind: kind,
        state: .alert,
        since: Timestamp(seconds: 100),
        observed: kind.findingClass == .machine ? 4.9 : nil,
        extreme: kind.findingClass == .machine ? 5.25 : nil
      )
    }
  }

  func advisory(
    _ id: UInt64,
    _ phase: Advisory.Phase,
    sequence: UInt64 = 1,
    life: RemainingLife? = nil
  ) -> PipelineOutput {
    let advisory = Advisory(
      id: id,
      asset: assets[0].id,
      findingClass: .machine,
      location: "drive end",
      phase: phase,
      priority: .high,
      since: Timestamp(seconds: 100),
      timestamp: Timestamp(seconds: 200),
      isAcknowledged: false,
      findings: findings,
      suspects: [Suspect(mode: "unbalance", evidence: [channels[0].id])],
      unmoved: [channels[1].id],
      life: life
    )
    return PipelineOutput(sequence: sequence, content: .advisory(advisory))
  }

  func prognosis(_ outlook: Prognosis.Outlook, sequence: UInt64 = 3) -> PipelineOutput {
    let prognosis = Prognosis(
      asset: assets[0].id,
      timestamp: Timestamp(seconds: 200),
      outlook: outlook
    )
    return PipelineOutput(sequence: sequence, content: .prognosis(prognosis))
  }

  /// What a model says, which looks at all signals at once.
  var learnedLife: RemainingLife {
    var life = remainingLife
    life.indicator = nil
    life.since = nil
    life.basis = .model
    life.isOpenEnded = true
    life.model = ModelEvidence(
      name: "spindles hall 2",
      failureCount: 24,
      errorHours: 90.5,
      coverage: 0.82,
      age: 1_200,
      ageUnit: "h",
      moved: [channels[1].id]
    )
    return life
  }

  /// The same machine once its model is set aside.
  var lifeWithoutItsModel: RemainingLife {
    var life = remainingLife
    life.modelDoubt = .neverSeen(name: "oil pressure")
    return life
  }

  /// Drive-end vibration that reaches zone D in 24 days, give or take.
  var remainingLife: RemainingLife {
    RemainingLife(
      indicator: RemainingLife.Indicator(
        channel: channels[0].id,
        side: .above,
        measure: .severityZone,
        level: 5.2,
        limit: 7.1
      ),
      since: Timestamp(seconds: 100),
      operatingHours: RemainingLife.Quantiles(p10: 216, p50: 576, p90: 984.5),
      due: RemainingLife.Quantiles(
        p10: Timestamp(seconds: 777_800),
        p50: Timestamp(seconds: 2_073_800),
        p90: Timestamp(seconds: 3_544_400)
      ),
      basis: .trend,
      isSwinging: false
    )
  }

  func health(sequence: UInt64 = 2) -> PipelineOutput {
    let report = HealthReport(
      asset: assets[0].id,
      timestamp: Timestamp(seconds: 200),
      state: .alert,
      grade: 0.625,
      isRunning: nil,
      coverage: 1,
      findings: findings,
      suspects: [Suspect(mode: "bearing-outer-race", evidence: [channels[1].id], part: "6309")],
      diagnoses: [
        DiagnosisSummary(
          location: "drive end",
          waveform: "vibration z",
          timestamp: Timestamp(seconds: 190),
          verdict: .patterns([.outer]),
          unseen: UnseenFaults([.inner, .ball], requiredRateHertz: 25_600)
        ),
        DiagnosisSummary(
          location: "drive end",
          waveform: "vibration x",
          timestamp: Timestamp(seconds: 190),
          verdict: .notJudged(.atRest)
        ),
      ]
    )
    return PipelineOutput(sequence: sequence, content: .health(report))
  }
}

/// An outbox in memory that tells when it is empty.
actor MemoryOutbox: Outbox {
  private(set) var entries: [OutboxEntry] = []
  private var nextID: Int64 = 1
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Returns what it takes, for a publisher that should hear of it.
  @discardableResult
  func add(_ contents: [OutboxEntry.Content]) -> [OutboxEntry.Content] {
    for content in contents {
      entries.append(OutboxEntry(id: nextID, content: content))
      nextID += 1
    }
    return contents
  }

  func latestID() -> Int64 { nextID - 1 }

  func pending(after id: Int64, limit: Int) -> [OutboxEntry] {
    Array(entries.drop { $0.id <= id }.prefix(limit))
  }

  func acknowledge(_ ids: [Int64]) {
    let gone = Set(ids)
    entries.removeAll { gone.contains($0.id) }
    guard entries.isEmpty else { return }
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

  /// Returns once nothing waits any more.
  func whenEmpty() async {
    if entries.isEmpty { return }
    await withCheckedContinuation { waiting.append($0) }
  }
}
