import AdvisoryGeneration
package import ConditionModel
import DataManipulation
import HealthAssessment
import PrognosticAssessment
package import StateDetection

/// The blocks joined: everything that Vigie decides about machines, as one value.
///
/// It has no clock, does no I/O and never fails on data: the same configuration, snapshot and inputs
/// give the same outputs, to the bit. Whatever cannot be true (a moment before 1970, a channel that
/// nobody configured) is counted and left out.
package struct Pipeline: Sendable {
  package let configuration: PipelineConfiguration
  private let fingerprint: UInt64

  private var operation: OperatingStateTracker
  private var features: WaveformFeatures
  private var vibration: VibrationWatch
  private var detector: StateDetector
  private var assessor: HealthAssessor
  private var prognosticator: Prognosticator
  private var desk: AdvisoryDesk
  private var lastSequence: UInt64 = 0
  /// The latest moment that any input told.
  private var now = Timestamp(nanoseconds: 0)
  /// The latest tick.
  private var lastTick: Timestamp?
  /// Inputs or values that cannot be true and were left out.
  package private(set) var rejectedCount = 0

  /// The machine of each channel: to ask the plant would copy the channel's names.
  private let assetOfChannel: [AssetID]

  /// Kept between calls, so that they allocate nothing.
  private var reports: [StateReport] = []
  private var advisories: [Advisory] = []

  /// A core that remembers nothing yet.
  ///
  /// - Parameters:
  ///   - configuration: What to watch, and by which rules.
  ///   - lastAdvisory: The highest number that an advisory of this gateway ever had.
  /// - Throws: `ConfigurationError` with all that contradicts itself.
  package init(
    _ configuration: PipelineConfiguration,
    lastAdvisory: UInt64 = 0
  ) throws(ConfigurationError) {
    try self.init(configuration, memory: nil)
    desk = AdvisoryDesk(
      configuration.plant,
      isWatched: configuration.watchedChannels,
      memory: AdvisoryDesk.Memory(lastID: lastAdvisory)
    )
  }

  /// A core that goes on where another one was when it took the snapshot.
  ///
  /// - Parameters:
  ///   - configuration: The same as that of the other one.
  ///   - snapshot: What the other one remembered.
  /// - Throws: `ConfigurationError` also when the snapshot was taken under another configuration.
  package init(
    _ configuration: PipelineConfiguration,
    restoring snapshot: Snapshot
  ) throws(ConfigurationError) {
    try self.init(configuration, memory: snapshot)
  }

  private init(
    _ configuration: PipelineConfiguration,
    memory: Snapshot?
  ) throws(ConfigurationError) {
    var problems = configuration.problems
    if let memory, !memory.matches(configuration) {
      problems.append("the snapshot was taken under another configuration")
    }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    self.configuration = configuration
    let plant = configuration.plant
    assetOfChannel = plant.channels.map(\.asset)
    fingerprint = MonitoringPipeline.fingerprint(of: configuration)
    operation = OperatingStateTracker(configuration.manipulation, memory: memory?.operation)
    features = WaveformFeatures(
      configuration.manipulation.waveforms,
      plant: plant,
      memory: memory?.features
    )
    vibration = VibrationWatch(
      plant,
      features: configuration.featureChannels,
      memory: memory?.vibration
    )
    detector = StateDetector(configuration.detection, memory: memory?.detection)
    assessor = HealthAssessor(plant, memory: memory?.health)
    prognosticator = Prognosticator(configuration.prognosis, memory: memory?.prognosis)
    desk = AdvisoryDesk(plant, isWatched: configuration.watchedChannels, memory: memory?.desk)
    lastSequence = memory?.lastSequence ?? 0
    now = memory?.now ?? now
    lastTick = memory?.lastTick
    rejectedCount = memory?.rejectedCount ?? 0
  }

  /// Values that were older than their channel's latest and so were left out.
  package var lateSampleCount: Int { detector.lateSampleCount }

  /// The advisories that are open, oldest first.
  package var openAdvisories: [Advisory] { desk.open }

  /// The highest number that an advisory of this gateway ever had, as far as the core knows.
  package var lastAdvisory: UInt64 { desk.lastID }

  /// Gives no number up to this one any more: a core whose memory is lost has given them.
  package mutating func skipAdvisories(through number: UInt64) {
    desk.skip(through: number)
  }

  /// Takes over what stays true of machines from the memory of a core of another configuration: the
  /// lives that their models followed, how they run and how estimates of them did.
  package mutating func inherit(_ former: Snapshot) { prognosticator.inherit(former.prognosis) }

  /// The latest moment that any input told.
  package var latestMoment: Timestamp { now }

  /// The number of the latest output; 0 before the first.
  package var latestSequence: UInt64 { lastSequence }

  /// Takes one input and appends what follows from it.
  package mutating func consume(
    _ input: PipelineInput,
    into outputs: inout [PipelineOutput]
  ) {
    if !reports.isEmpty { reports.removeAll(keepingCapacity: true) }
    switch input {
    case .frame(let frame): consume(frame, into: &outputs)
    case .waveform(let waveform): consume(waveform, into: &outputs)
    case .tick(let moment): consumeTick(moment, into: &outputs)
    case .clockStepped(let step): shift(by: step)
    case .acknowledge(let id, let moment):
      guard moment.isPlausible else {
        rejectedCount += 1
        return
      }
      advisories.removeAll(keepingCapacity: true)
      desk.acknowledge(id, at: moment, into: &advisories)
      emitAdvisories(into: &outputs)
    case .shelve(let id, let end, let moment):
      guard moment.isPlausible, end.isPlausible else {
        rejectedCount += 1
        return
      }
      advisories.removeAll(keepingCapacity: true)
      desk.shelve(id, until: end, at: moment, into: &advisories)
      emitAdvisories(into: &outputs)
    case .accept(let id, let moment):
      pass(to: moment)
      for finding in desk.open.first(where: { $0.id == id })?.findings ?? []
      where finding.kind.canBeAccepted {
        detector.accept(finding.channel)
      }
    case .mark(let mark):
      guard Int(mark.asset.index) < configuration.plant.assets.count else {
        rejectedCount += 1
        return
      }
      pass(to: mark.timestamp)
      detector.mark(mark)
      prognosticator.process(mark)
      advisories.removeAll(keepingCapacity: true)
      desk.process(mark, at: now, into: &advisories)
      emitAdvisories(into: &outputs)
    }
  }

  private mutating func pass(to moment: Timestamp) {
    guard moment.isPlausible else {
      rejectedCount += 1
      return
    }
    goOn(to: moment)
  }

  private mutating func goOn(to moment: Timestamp) {
    if moment > now { now = moment }
  }

  private mutating func consume(_ frame: Frame, into outputs: inout [PipelineOutput]) {
    guard canUse(frame) else {
      rejectedCount += 1
      return
    }
    goOn(to: frame.timestamp)
    operation.process(frame)
    features.process(frame)
    judge(frame)
    emitReports(into: &outputs)
    assess(frame.asset, into: &outputs)
    follow(frame.asset)
  }

  private mutating func judge(_ frame: Frame) {
    assessor.observe(frame)
    detector.process(frame, operation: operation.state(of: frame.asset), into: &reports)
  }

  /// Makes values of a block of samples, which are judged like any others, and looks for patterns of
  /// faults in it.
  ///
  /// The search comes first: it finds the speed of the shaft more exactly than it was told, and
  /// the lines of gear and blades lie where that says.
  private mutating func consume(_ waveform: Waveform, into outputs: inout [PipelineOutput]) {
    guard waveform.start.isPlausible, waveform.duration < .seconds(86_400),
      Int(waveform.source.index) < configuration.plant.waveforms.count
    else {
      rejectedCount += 1
      return
    }
    let state = operation.state(of: configuration.plant[waveform.source].asset)
    let target = features.target(of: waveform)
    let judgement = vibration.diagnose(
      waveform,
      acceleration: features.acceleration(of: waveform),
      target: target,
      isRunning: state.isRunning
    )
    let shaftHertz = judgement.shaftHertz ?? target?.shaftHertz
    guard let frame = features.process(waveform, shaftHertz: shaftHertz) else {
      rejectedCount += 1
      return
    }
    goOn(to: frame.timestamp)
    emit(.features(frame), into: &outputs)
    judge(frame)
    vibration.take(
      judgement,
      of: waveform,
      zone: detector.zone(at: frame.channels[0], frame.timestamp),
      frame: frame,
      into: &reports
    )
    emitReports(into: &outputs)
    assess(frame.asset, into: &outputs)
    prognose(frame.asset, into: &outputs)
  }

  private mutating func consumeTick(_ moment: Timestamp, into outputs: inout [PipelineOutput]) {
    guard moment.isPlausible else {
      rejectedCount += 1
      return
    }
    goOn(to: moment)
    if let lastTick, moment - lastTick > configuration.longestTick { detector.resume(at: moment) }
    lastTick = moment
    operation.advance(to: now)
    if detector.isDue(at: now) {
      detector.advance(
        to: now,
        operation: { [operation] in operation.state(of: $0) },
        into: &reports
      )
      emitReports(into: &outputs)
    }
    if !advisories.isEmpty { advisories.removeAll(keepingCapacity: true) }
    desk.advance(to: now, into: &advisories)
    emitAdvisories(into: &outputs)
    // By number: to go through the machines would copy their names.
    for index in configuration.plant.assets.indices {
      let asset = AssetID(index: UInt16(index))
      assess(asset, into: &outputs)
      prognose(asset, into: &outputs)
    }
  }

  /// Whether the frame is about one machine of the plant and a moment that can be.
  private func canUse(_ frame: Frame) -> Bool {
    frame.timestamp.isPlausible
      && frame.channels.count == frame.values.count
      && frame.channels.count == frame.qualities.count
      && Int(frame.asset.index) < configuration.plant.assets.count
      && frame.channels.allSatisfy {
        Int($0.index) < assetOfChannel.count && assetOfChannel[Int($0.index)] == frame.asset
      }
  }

  private mutating func shift(by step: Duration) {
    now = now.shifted(by: step)
    lastTick = lastTick?.shifted(by: step)
    operation.shift(by: step)
    features.shift(by: step)
    vibration.shift(by: step)
    detector.shift(by: step)
    assessor.shift(by: step)
    prognosticator.shift(by: step)
    desk.shift(by: step)
  }
}

// MARK: - Outputs

extension Pipeline {
  private mutating func emitReports(into outputs: inout [PipelineOutput]) {
    guard !reports.isEmpty else { return }
    for report in reports {
      emit(.state(report), into: &outputs)
      assessor.process(report)
    }
  }

  private mutating func assess(_ asset: AssetID, into outputs: inout [PipelineOutput]) {
    let health = assessor.assess(
      asset,
      operation: operation.state(of: asset),
      diagnoses: vibration.diagnoses(of: asset),
      at: now
    )
    guard let health else { return }
    emit(.health(health), into: &outputs)
    advisories.removeAll(keepingCapacity: true)
    desk.process(
      health,
      isQuiet: { [assessor, detector] in assessor.isUsable($0) && detector.isQuiet($0) },
      into: &advisories
    )
    emitAdvisories(into: &outputs)
  }

  private func isRunning(_ asset: AssetID) -> Bool {
    operation.state(of: asset).isRunning ?? detector.isActive(asset) ?? true
  }

  /// Shows the latest values of a machine to the model of its life, if it has one.
  private mutating func follow(_ asset: AssetID) {
    guard prognosticator.hasModel(asset) else { return }
    let isRunning = isRunning(asset)
    prognosticator.follow(asset, at: now, isRunning: isRunning) { [assessor, detector] channel in
      assessor.isUsable(channel) ? detector.trustedValue(of: channel) : nil
    }
  }

  /// Takes readings of a machine's indicators when it is time, and tells what remains.
  private mutating func prognose(_ asset: AssetID, into outputs: inout [PipelineOutput]) {
    guard prognosticator.isDue(asset, at: now) else { return }
    let isRunning = isRunning(asset)
    let isSuspected = assessor.hasMachineFinding(asset)
    prognosticator.observe(asset, at: now, isRunning: isRunning) { [assessor, detector] channel in
      guard assessor.isUsable(channel), let value = detector.trustedValue(of: channel) else {
        return nil
      }
      let deviation = detector.deviationOfLimit(channel).map {
        StandingDeviation.Reading(ofLimit: $0, isAlerted: isSuspected)
      }
      return Prognosticator.Reading(level: value, deviation: deviation)
    }
    let prognosis = prognosticator.assess(
      asset,
      at: now,
      isSuspected: isSuspected,
      isUsable: { [assessor] in assessor.isUsable($0) }
    )
    guard let prognosis else { return }
    emit(.prognosis(prognosis), into: &outputs)
    advisories.removeAll(keepingCapacity: true)
    desk.process(prognosis, into: &advisories)
    emitAdvisories(into: &outputs)
  }

  private mutating func emitAdvisories(into outputs: inout [PipelineOutput]) {
    for advisory in advisories { emit(.advisory(advisory), into: &outputs) }
  }

  private mutating func emit(
    _ content: PipelineOutput.Content,
    into outputs: inout [PipelineOutput]
  ) {
    lastSequence += 1
    outputs.append(PipelineOutput(sequence: lastSequence, content: content))
  }
}

// MARK: - Snapshots

extension Pipeline {
  /// All that the core remembers, without its configuration.
  package struct Snapshot: Hashable, Sendable, Codable {
    /// The fingerprint of the configuration under which it was taken.
    package fileprivate(set) var fingerprint: UInt64
    fileprivate var lastSequence: UInt64
    fileprivate var now: Timestamp
    fileprivate var lastTick: Timestamp?
    fileprivate var rejectedCount: Int
    fileprivate var operation: OperatingStateTracker.Memory
    /// `nil` in snapshots from before there were waveforms.
    fileprivate var features: WaveformFeatures.Memory?
    fileprivate var vibration: VibrationWatch.Memory?
    fileprivate var detection: StateDetector.Memory
    fileprivate var health: HealthAssessor.Memory
    fileprivate var prognosis: Prognosticator.Memory
    fileprivate var desk: AdvisoryDesk.Memory

    /// Whether a core of this configuration can go on from here.
    package func matches(_ configuration: PipelineConfiguration) -> Bool {
      let plant = configuration.plant
      return fingerprint == configuration.fingerprint
        && operation.fits(configuration.manipulation)
        && features?.fits(configuration.manipulation.waveforms) ?? true
        && vibration?.fits(plant) ?? true
        && detection.fits(configuration.detection) && health.fits(plant)
        && prognosis.fits(configuration.prognosis) && desk.fits(plant)
    }
  }

  /// All that the core remembers now.
  package var snapshot: Snapshot {
    Snapshot(
      fingerprint: fingerprint,
      lastSequence: lastSequence,
      now: now,
      lastTick: lastTick,
      rejectedCount: rejectedCount,
      operation: operation.memory,
      features: features.memory,
      vibration: vibration.memory,
      detection: detector.memory,
      health: assessor.memory,
      prognosis: prognosticator.memory,
      desk: desk.memory
    )
  }

  package func matches(_ configuration: PipelineConfiguration) -> Bool {
    fingerprint == configuration.fingerprint
  }
}

extension Pipeline.Snapshot {
  /// The same as bytes to keep: versioned and with a checksum.
  package func encoded() -> [UInt8] { StateWriter.bytes(of: self) }

  /// What was kept as bytes.
  ///
  /// - Throws: If these are not such bytes, are damaged, or are of a later version of the program.
  package init(encoded bytes: [UInt8]) throws(SnapshotError) {
    self = try StateReader.value(Self.self, from: bytes)
  }
}

extension Pipeline: Equatable {
  package static func == (one: Pipeline, other: Pipeline) -> Bool {
    one.snapshot == other.snapshot
  }
}

extension PipelineConfiguration {
  /// A short name for all that is in it, equal exactly (as far as 64 bits tell) for equal ones.
  package var fingerprint: UInt64 { MonitoringPipeline.fingerprint(of: self) }

  /// For each source of waveforms the channels that are made of it.
  fileprivate var featureChannels: [[ChannelID]] {
    var channels = [[ChannelID]](repeating: [], count: plant.waveforms.count)
    for rule in manipulation.waveforms { channels[Int(rule.source.index)] = rule.features }
    return channels
  }

  /// For each channel whether anything holds its value against a limit or a zone.
  fileprivate var watchedChannels: [Bool] {
    var watched = detection.channels.map { !$0.limits.isEmpty }
    for channel in detection.severity.flatMap(\.channels) { watched[Int(channel.index)] = true }
    return watched
  }
}

extension Pipeline {
  /// How far a machine is learned; `nil` where nothing is.
  package func learning(of asset: AssetID) -> LearningProgress? {
    detector.learning(of: asset)
  }

  /// How the remaining life that was told of a machine compared with what happened; `nil` before any
  /// of it is known.
  package func earlierEstimates(of asset: AssetID) -> EstimateTally? {
    prognosticator.tally(of: asset)
  }

  /// How far a channel is from what was learned of it; `nil` while nothing is, or at rest.
  package func deviation(of channel: ChannelID) -> LearnedDeviation? {
    detector.deviation(of: channel)
  }
}
