package import ConditionModel

/// Keeps for each machine all that is found on it and sums it up.
///
/// A change of a finding is told at once, and so is the first knowledge of whether the machine runs;
/// a later change of that, or of how many channels can be used, at most once a minute. Nothing is
/// told twice.
package struct HealthAssessor: Sendable {
  /// What the block remembers: with the plant it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    fileprivate var machines: [Machine]
    /// Whether a channel has ever delivered a value.
    fileprivate var hasDelivered: [Bool]

    /// Whether it has a place for each machine and channel, and points nowhere else.
    package func fits(_ plant: Plant) -> Bool {
      machines.count == plant.assets.count && hasDelivered.count == plant.channels.count
        && machines.allSatisfy { machine in
          machine.findings.allSatisfy { Int($0.channel.index) < plant.channels.count }
        }
    }
  }

  fileprivate struct Machine: Hashable, Sendable, Codable {
    var findings: [Finding] = []
    var isChanged = false
    /// What was told last, and when.
    var told: Told?
  }

  fileprivate struct Told: Hashable, Sendable, Codable {
    var timestamp: Timestamp
    var isRunning: Bool?
    var coverage: Double
    var diagnoses: [DiagnosisSummary]?
  }

  private static let quietTime = Duration.seconds(60)

  package private(set) var memory: Memory
  private let plant: Plant
  private let channelsOfAsset: [[ChannelID]]
  /// For each machine whether nothing came since there was last nothing to tell: nearly every row
  /// changes nothing.
  private var isSettled: [Bool]

  package init(_ plant: Plant, memory: Memory? = nil) {
    self.plant = plant
    var channelsOfAsset = [[ChannelID]](repeating: [], count: plant.assets.count)
    for channel in plant.channels { channelsOfAsset[Int(channel.asset.index)].append(channel.id) }
    self.channelsOfAsset = channelsOfAsset
    isSettled = Array(repeating: false, count: plant.assets.count)
    self.memory =
      memory
      ?? Memory(
        machines: Array(repeating: Machine(), count: plant.assets.count),
        hasDelivered: Array(repeating: false, count: plant.channels.count)
      )
  }

  /// Notes which channels deliver.
  package mutating func observe(_ frame: Frame) {
    for place in frame.channels.indices
    where !memory.hasDelivered[Int(frame.channels[place].index)]
      && frame.qualities[place].isUsable && frame.values[place].isFinite
    {
      memory.hasDelivered[Int(frame.channels[place].index)] = true
      isSettled[Int(frame.asset.index)] = false
    }
  }

  /// Takes a change of one finding.
  package mutating func process(_ report: StateReport) {
    let index = Int(report.asset.index)
    memory.machines[index].isChanged = true
    isSettled[index] = false
    memory.machines[index].findings.removeAll { plant.isSameConcern($0, report.finding) }
    guard report.change != .ended else { return }
    let place =
      memory.machines[index].findings.firstIndex { precedes(report.finding, $0) }
      ?? memory.machines[index].findings.endIndex
    memory.machines[index].findings.insert(report.finding, at: place)
  }

  /// Tells how a machine is, if there is something new to tell.
  ///
  /// - Parameters:
  ///   - asset: The machine.
  ///   - operation: What it is doing.
  ///   - diagnoses: What the latest blocks of samples say; `nil` for a machine without.
  ///   - now: The present moment.
  /// - Returns: `nil` when nothing is new.
  package mutating func assess(
    _ asset: AssetID,
    operation: OperatingState,
    diagnoses: [DiagnosisSummary]? = nil,
    at now: Timestamp
  ) -> HealthReport? {
    let index = Int(asset.index)
    if diagnoses == nil, isSettled[index],
      memory.machines[index].told?.isRunning == operation.isRunning
    {
      return nil
    }
    let isChanged =
      memory.machines[index].isChanged || memory.machines[index].told == nil
      || (memory.machines[index].told?.isRunning == nil && operation.isRunning != nil)
      || (diagnoses != nil
        && hasNewVerdict(diagnoses, since: memory.machines[index].told?.diagnoses))
    if !isChanged, let moment = memory.machines[index].told?.timestamp,
      now - moment < Self.quietTime
    {
      return nil
    }
    let told = memory.machines[index].told
    let coverage = coverage(of: asset)
    // Before the first value there is nothing to tell.
    if told == nil, coverage == 0, memory.machines[index].findings.isEmpty { return nil }
    if !isChanged, let told, coverage == told.coverage, operation.isRunning == told.isRunning {
      isSettled[index] = true
      return nil
    }
    isSettled[index] = false
    memory.machines[index].isChanged = false
    memory.machines[index].told = Told(
      timestamp: now,
      isRunning: operation.isRunning,
      coverage: coverage,
      diagnoses: diagnoses
    )
    let findings = memory.machines[index].findings
    return HealthReport(
      asset: asset,
      timestamp: now,
      state: findings.first { $0.kind.findingClass == .machine }?.state ?? .normal,
      grade: grade(of: findings),
      isRunning: operation.isRunning,
      coverage: coverage,
      findings: findings,
      suspects: Suspect.suspects(from: findings, on: plant[asset].kind, in: plant),
      diagnoses: diagnoses
    )
  }

  /// Whether a block says something else than the one before; that there is a newer one is no news.
  private func hasNewVerdict(
    _ diagnoses: [DiagnosisSummary]?,
    since told: [DiagnosisSummary]?
  ) -> Bool {
    guard let diagnoses else { return false }
    guard let told, told.count == diagnoses.count else { return !diagnoses.isEmpty }
    for index in diagnoses.indices where diagnoses[index].verdict != told[index].verdict {
      return true
    }
    return false
  }

  /// Whether a channel delivers values and nothing speaks against them.
  package func isUsable(_ channel: ChannelID) -> Bool {
    let machine = Int(plant.channels[Int(channel.index)].asset.index)
    return memory.hasDelivered[Int(channel.index)]
      && !memory.machines[machine].findings.contains {
        $0.channel == channel && $0.kind.findingClass != .machine
      }
  }

  /// Whether anything is found on the machine itself.
  package func hasMachineFinding(_ asset: AssetID) -> Bool {
    memory.machines[Int(asset.index)].findings.contains { $0.kind.findingClass == .machine }
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.machines.indices {
      for place in memory.machines[index].findings.indices {
        let since = memory.machines[index].findings[place].since
        memory.machines[index].findings[place].since = since.shifted(by: step)
      }
      if let told = memory.machines[index].told {
        memory.machines[index].told?.timestamp = told.timestamp.shifted(by: step)
        for place in (told.diagnoses ?? []).indices {
          let moment = told.diagnoses?[place].timestamp.shifted(by: step)
          memory.machines[index].told?.diagnoses?[place].timestamp = moment ?? told.timestamp
        }
      }
    }
  }

  /// Worst first, then oldest first, then in the order of the site file.
  private func precedes(_ one: Finding, _ other: Finding) -> Bool {
    (other.state.rawValue, one.since, one.channel)
      < (one.state.rawValue, other.since, other.channel)
  }

  private func coverage(of asset: AssetID) -> Double {
    let channels = channelsOfAsset[Int(asset.index)]
    guard !channels.isEmpty else { return 0 }
    var usableCount = 0
    for channel in channels where memory.hasDelivered[Int(channel.index)] { usableCount += 1 }
    guard usableCount > 0 else { return 0 }
    if !memory.machines[Int(asset.index)].findings.isEmpty {
      usableCount = channels.count { isUsable($0) }
    }
    return Double(usableCount) / Double(channels.count)
  }

  /// 1 without findings; the worst one takes it to 0.6 (alert) or 0.3 (alarm), each further one on
  /// the machine takes a tenth of what is left.
  ///
  /// Faults of sensors and of the bus do not lower it: they say nothing about the machine.
  private func grade(of findings: [Finding]) -> Double {
    var grade = 1.0
    for finding in findings where finding.kind.findingClass == .machine {
      grade *= grade < 1 ? 0.9 : finding.state == .alarm ? 0.3 : 0.6
    }
    return grade
  }
}
