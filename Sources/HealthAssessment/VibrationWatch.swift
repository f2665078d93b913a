package import ConditionModel

/// Looks for fault patterns in every block of samples and tells of those that stay.
///
/// One block may err, and a short one shows little; a fault does not come and go. So a pattern counts
/// once it was sure in three of the last four blocks. That of a bearing also counts once it was the
/// strongest in three of them and their evidence together makes it sure: what is chance in one block
/// is another chance in the next, while the lines of a shaft stand in all blocks of a sound machine
/// too. It is over once none of the last four is sure of it and their evidence together is not either.
package struct VibrationWatch: Sendable {
  /// What the block remembers: with the plant it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var sources: [Source]
    /// For each machine what its latest blocks say; `nil` for a machine without any.
    fileprivate var summaries: [[DiagnosisSummary]?]

    /// Whether it has a place for each source and machine, and points nowhere else.
    package func fits(_ plant: Plant) -> Bool {
      sources.count == plant.waveforms.count && summaries.count == plant.assets.count
        && sources.allSatisfy { source in
          source.findings.allSatisfy { Int($0.channel.index) < plant.channels.count }
        }
    }
  }

  fileprivate struct Source: Hashable, Sendable, Codable {
    /// What the latest blocks gave, the newest last.
    var recent: [[Evidence]] = []
    var findings: [Finding] = []
    var trend = VelocityTrend()
  }

  /// What one block gave for one pattern.
  fileprivate struct Evidence: Hashable, Sendable, Codable {
    var fault: VibrationFault
    var z: Double
    var isSure: Bool
  }

  /// The mean of `z` over the window that makes a pattern sure.
  ///
  /// `vigie-bench diagnose --healthy 20000` lets 5,000 sound simulated machines be watched for four blocks
  /// each: one pattern is told.
  fileprivate static let sureMean = 3.0
  fileprivate static let window = 4
  fileprivate static let needed = 3

  package private(set) var memory: Memory
  private let plant: Plant
  /// For each source the channels that are made of its blocks.
  private let features: [[ChannelID]]
  private var diagnoser = VibrationDiagnoser()

  /// - Parameters:
  ///   - plant: The machines, their channels and their sources of waveforms.
  ///   - features: For each source, in order of `WaveformID`, the channels that are made of it.
  ///   - memory: What another one remembered.
  package init(_ plant: Plant, features: [[ChannelID]], memory: Memory? = nil) {
    self.plant = plant
    self.features = features
    self.memory =
      memory
      ?? Memory(
        sources: Array(repeating: Source(), count: plant.waveforms.count),
        summaries: plant.assets.map { asset in
          plant.waveforms.contains { $0.asset == asset.id } ? [] : nil
        }
      )
  }

  /// What the latest blocks of a machine say; `nil` for a machine without any.
  package func diagnoses(of asset: AssetID) -> [DiagnosisSummary]? {
    memory.summaries[Int(asset.index)]
  }

  /// Looks for patterns in one block.
  ///
  /// - Parameters:
  ///   - waveform: A block of the plant.
  ///   - acceleration: Its samples in m/s².
  ///   - target: What is known of the machine; `nil` for a block that cannot be used.
  ///   - isRunning: Whether the machine runs; `nil` when nothing tells.
  /// - Returns: What was found, or why nothing was looked for.
  package mutating func diagnose(
    _ waveform: Waveform,
    acceleration: [Float],
    target: VibrationTarget?,
    isRunning: Bool?
  ) -> Judgement {
    guard let target, waveform.quality.isUsable else { return .obstacle(.noBlock) }
    if waveform.quality == .uncertain(.outsideValidRange) { return .obstacle(.clipped) }
    if isRunning == false { return .obstacle(.atRest) }
    guard acceleration.count >= VibrationDiagnoser.shortestRecord else {
      return .obstacle(.tooShort)
    }
    return .diagnosis(
      diagnoser.diagnose(
        acceleration,
        sampleRateHertz: waveform.sampleRateHertz,
        target: target
      )
    )
  }

  /// What one block gave.
  package enum Judgement: Sendable {
    case diagnosis(VibrationDiagnosis)
    case obstacle(DiagnosisSummary.Obstacle)

    /// The speed of the shaft as the block shows it, where it is known at all.
    package var shaftHertz: Double? {
      guard case .diagnosis(let diagnosis) = self, diagnosis.shaft.origin != .unknown else {
        return nil
      }
      return diagnosis.shaft.hertz
    }
  }

  /// Takes what a block gave and tells which patterns begin, change and end.
  ///
  /// - Parameters:
  ///   - judgement: Of the block.
  ///   - waveform: The block.
  ///   - zone: The severity zone at its place, after this block.
  ///   - frame: The values that were made of it.
  ///   - reports: Receives what changes.
  package mutating func take(
    _ judgement: Judgement,
    of waveform: Waveform,
    zone: Finding.Zone?,
    frame: Frame,
    into reports: inout [StateReport]
  ) {
    let source = plant[waveform.source]
    switch judgement {
    case .obstacle(let obstacle):
      summarise(.notJudged(obstacle), source, at: waveform.end)
    case .diagnosis(let diagnosis):
      let sure = diagnosis.confident.map(\.fault).filter { $0 != .none }
      summarise(.patterns(sure), unseen: diagnosis.unseen, source, at: waveform.end)
      let index = Int(source.id.index)
      memory.sources[index].recent.append(
        diagnosis.suspects.filter { $0.fault != .none && $0.fault != .cage }
          .map { Evidence(fault: $0.fault, z: $0.z, isSure: $0.isConfident) }
      )
      if memory.sources[index].recent.count > Self.window {
        memory.sources[index].recent.removeFirst()
      }
      memory.sources[index].trend.take(diagnosis.levels.velocity)
      for suspect in diagnosis.suspects where suspect.fault != .none {
        hold(suspect, diagnosis, source, zone, frame, into: &reports)
      }
      endOld(source, at: waveform.end, into: &reports)
    }
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.sources.indices {
      for place in memory.sources[index].findings.indices {
        let since = memory.sources[index].findings[place].since
        memory.sources[index].findings[place].since = since.shifted(by: step)
      }
    }
    for index in memory.summaries.indices {
      guard let count = memory.summaries[index]?.count else { continue }
      for place in 0..<count {
        let moment = memory.summaries[index]?[place].timestamp
        memory.summaries[index]?[place].timestamp =
          moment?.shifted(by: step) ?? Timestamp(nanoseconds: 0)
      }
    }
  }

  private mutating func summarise(
    _ verdict: DiagnosisSummary.Verdict,
    unseen: UnseenFaults? = nil,
    _ source: WaveformSource,
    at moment: Timestamp
  ) {
    let summary = DiagnosisSummary(
      location: source.location,
      waveform: source.name,
      timestamp: moment,
      verdict: verdict,
      unseen: unseen
    )
    let asset = Int(source.asset.index)
    let place = memory.summaries[asset]?.firstIndex {
      $0.location == source.location && $0.waveform == source.name
    }
    if let place {
      memory.summaries[asset]?[place] = summary
    } else {
      memory.summaries[asset]?.append(summary)
    }
  }
}

// MARK: - The life of a finding

extension VibrationWatch {
  private mutating func hold(
    _ suspect: VibrationSuspect,
    _ diagnosis: VibrationDiagnosis,
    _ source: WaveformSource,
    _ zone: Finding.Zone?,
    _ frame: Frame,
    into reports: inout [StateReport]
  ) {
    let index = Int(source.id.index)
    let known = memory.sources[index].findings.firstIndex { $0.pattern?.fault == suspect.fault }
    guard known != nil || memory.sources[index].isSure(of: suspect.fault),
      let pattern = FaultPattern(
        suspect,
        among: diagnosis,
        bearing: suspect.fault.isBearing ? source.bearing : nil,
        zone: zone,
        isRising: memory.sources[index].trend.isRising
      )
    else { return }
    let channel = channel(for: suspect.fault, source)
    let value = frame.channels.firstIndex(of: channel).map { frame.values[$0] }
    guard let known else {
      let finding = Finding(
        channel: channel,
        kind: .faultPattern(pattern),
        state: pattern.severity,
        since: frame.timestamp,
        observed: value,
        extreme: nil
      )
      memory.sources[index].findings.append(finding)
      report(.began, finding, source, at: frame.timestamp, into: &reports)
      return
    }
    let before = memory.sources[index].findings[known]
    guard let old = before.pattern, let change = pattern.change(since: old) else { return }
    memory.sources[index].findings[known].kind = .faultPattern(pattern)
    memory.sources[index].findings[known].state = pattern.severity
    memory.sources[index].findings[known].observed = value
    let finding = memory.sources[index].findings[known]
    report(change, finding, source, at: frame.timestamp, into: &reports)
  }

  /// Ends what none of the latest blocks shows any more.
  private mutating func endOld(
    _ source: WaveformSource,
    at moment: Timestamp,
    into reports: inout [StateReport]
  ) {
    let index = Int(source.id.index)
    let known = memory.sources[index]
    memory.sources[index].findings.removeAll { finding in
      guard let fault = finding.pattern?.fault else { return true }
      return known.isFree(of: fault)
    }
    for finding in known.findings {
      guard let fault = finding.pattern?.fault, known.isFree(of: fault) else { continue }
      report(.ended, finding, source, at: moment, into: &reports)
    }
  }

  private func report(
    _ change: StateReport.Change,
    _ finding: Finding,
    _ source: WaveformSource,
    at moment: Timestamp,
    into reports: inout [StateReport]
  ) {
    reports.append(
      StateReport(asset: source.asset, timestamp: moment, change: change, finding: finding)
    )
  }

  /// The channel that shows a fault best, of those that are made of the source.
  private func channel(for fault: VibrationFault, _ source: WaveformSource) -> ChannelID {
    let wanted: Quantity =
      switch fault {
      case .outer: .envelopeOuterRace
      case .inner: .envelopeInnerRace
      case .ball: .envelopeRollingElement
      case .cage: .envelopeCage
      case .imbalance: .velocityFirstOrder
      case .misalignment: .velocitySecondOrder
      case .looseness: .velocityHalfOrder
      case .gear: .gearMesh
      case .blade: .bladePass
      case .belt, .electrical, .none: .velocityRMS
      }
    let channels = features[Int(source.id.index)]
    return channels.first { plant[$0].quantity == wanted } ?? channels[0]
  }
}

extension VibrationWatch.Source {
  /// Whether the latest blocks together show a pattern.
  fileprivate func isSure(of fault: VibrationFault) -> Bool {
    let sureCount = recent.count { block in block.contains { $0.fault == fault && $0.isSure } }
    if sureCount >= VibrationWatch.needed { return true }
    guard fault.isBearing, recent.count == VibrationWatch.window else { return false }
    let leadCount = recent.count { block in block.max { $0.z < $1.z }?.fault == fault }
    return leadCount >= VibrationWatch.needed && meanZ(of: fault) >= VibrationWatch.sureMean
  }

  /// Whether the latest blocks show nothing of a pattern any more.
  fileprivate func isFree(of fault: VibrationFault) -> Bool {
    recent.count == VibrationWatch.window
      && (!fault.isBearing || meanZ(of: fault) < VibrationWatch.sureMean)
      && !recent.contains { block in block.contains { $0.fault == fault && $0.isSure } }
  }

  private func meanZ(of fault: VibrationFault) -> Double {
    let sum = recent.reduce(0.0) { sum, block in
      sum + (block.first { $0.fault == fault }?.z ?? 0)
    }
    return sum / Double(max(1, recent.count))
  }
}

/// Whether a velocity has risen of late: a quick mean against a slow one.
struct VelocityTrend: Hashable, Sendable, Codable {
  private var quick = 0.0
  private var slow = 0.0
  private var count = 0

  mutating func take(_ value: Double) {
    guard value.isFinite else { return }
    count += 1
    // At first both are plain means, so that the first block does not weigh more than others.
    quick += (value - quick) / Double(min(count, 4))
    slow += (value - slow) / Double(min(count, 40))
  }

  /// Above 1.3 times the slow mean, by more than blocks of a steady machine scatter.
  var isRising: Bool { count >= 8 && quick > 1.3 * slow }
}

extension Finding {
  fileprivate var pattern: FaultPattern? {
    if case .faultPattern(let pattern) = kind { pattern } else { nil }
  }
}

extension FaultPattern {
  /// The pattern of a suspect; `nil` for one without any line.
  fileprivate init?(
    _ suspect: VibrationSuspect,
    among diagnosis: VibrationDiagnosis,
    bearing: String?,
    zone: Finding.Zone?,
    isRising: Bool
  ) {
    let present = suspect.lines.filter(\.isPresent)
    guard let main = present.first ?? suspect.lines.first else { return nil }
    let others = diagnosis.suspects.filter {
      !$0.isConfident && $0.fault != .none && $0.fault != .cage && $0.fault != suspect.fault
    }
    self.init(
      fault: suspect.fault,
      stage: suspect.stage,
      bearing: bearing,
      order: main.order,
      decibelsAboveFloor: main.decibelsAboveFloor,
      present: present,
      absent: suspect.lines.filter { !$0.isPresent },
      notFound: others.map(\.fault),
      zone: zone,
      isRising: isRising
    )
  }

  /// Whether there is something new to tell; `nil` when nothing is.
  fileprivate func change(since old: FaultPattern) -> StateReport.Change? {
    if severity != old.severity { return severity > old.severity ? .worsened : .eased }
    if canWait != old.canWait { return canWait ? .eased : .worsened }
    if let stage, stage.rawValue > old.stage?.rawValue ?? 0, old.stage != nil { return .worsened }
    return nil
  }
}
