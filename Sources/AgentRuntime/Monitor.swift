package import ConditionModel
import DataAcquisition
package import HistoryStore
package import MonitoringPipeline

/// The owner of the core in a running agent.
///
/// Buses hand in what they read, a ticker hands in the time; what comes out gathers in a batch until
/// the recorder takes it. A bus waits while its frame is judged, so there is no queue to overflow.
package actor Monitor {
  private var pipeline: Pipeline
  private let time: StationTime
  private let describe: @Sendable (Advisory) -> AdvisoryText
  private var outputs: [PipelineOutput] = []
  private var batch = Batch()

  /// Values handed in since the start, bad ones too.
  package private(set) var valuesRead = 0
  /// The newest report on each machine, in order of `AssetID`; `nil` before the first.
  package private(set) var health: [HealthReport?]
  package private(set) var prognoses: [Prognosis?]

  /// - Parameters:
  ///   - pipeline: The core, new or restored.
  ///   - assetCount: How many machines the site has.
  ///   - time: The clock that stamps the frames.
  ///   - describe: Puts an advisory into words.
  package init(
    pipeline: Pipeline,
    assetCount: Int,
    time: StationTime,
    describe: @escaping @Sendable (Advisory) -> AdvisoryText
  ) {
    self.pipeline = pipeline
    self.time = time
    self.describe = describe
    health = Array(repeating: nil, count: assetCount)
    prognoses = Array(repeating: nil, count: assetCount)
  }

  /// Judges frames in their order and keeps them for the store.
  package func consume(_ frames: [Frame]) {
    let now = time.stamp().timestamp
    followClock()
    for var frame in frames {
      // Stamped just before the clock was set back: without this its channels would seem to be in
      // the future, and all that follows too old.
      frame.timestamp = min(frame.timestamp, now).wholeMilliseconds
      valuesRead += frame.values.count
      take(.frame(frame))
    }
  }

  /// Judges blocks of samples; what is made of them is kept, the blocks themselves are not.
  package func consume(_ waveforms: [Waveform]) {
    let now = time.stamp().timestamp
    followClock()
    for var waveform in waveforms {
      waveform.start = min(waveform.start, now - waveform.duration)
      take(.waveform(waveform))
    }
  }

  /// Lets time pass, whether or not anything was read.
  package func tick() {
    let now = time.stamp().timestamp
    followClock()
    take(.tick(now))
  }

  /// Takes up what people ask, in the order in which they asked.
  ///
  /// - Parameter requests: Each once.
  /// - Returns: What became of each; what followed is in the next batch.
  package func take(_ requests: [PersonalRequest]) -> [RequestAnswer] {
    let now = time.stamp().timestamp
    followClock()
    return requests.map { request in
      let refusal: String?
      // A request cannot come from the future, whatever the clock of its process showed.
      let moment = min(request.timestamp, now)
      switch request.content {
      case .acknowledge(let alert):
        refusal = refusalOf(alert)
        if refusal == nil { take(.acknowledge(advisory: alert, at: now)) }
      case .shelve(let alert, let duration, _):
        refusal = refusalOf(alert)
        if refusal == nil { take(.shelve(advisory: alert, until: now + duration, at: now)) }
      case .accept(let alert):
        refusal = refusalOf(alert) ?? refusalToAccept(alert)
        if refusal == nil { take(.accept(advisory: alert, at: now)) }
      case .mark(let machine, let kind, let text):
        let asset = pipeline.configuration.plant.assets.first { $0.name == machine }
        refusal = asset == nil ? "there is no machine '\(machine)'" : nil
        if let asset {
          let mark = MaintenanceMark(asset: asset.id, timestamp: moment, kind: kind, text: text)
          take(.mark(mark))
        }
      }
      return RequestAnswer(id: request.id, timestamp: now, refusal: refusal)
    }
  }

  private func refusalOf(_ alert: UInt64) -> String? {
    let isOpen = pipeline.openAdvisories.contains { $0.id == alert }
    return isOpen ? nil : "there is no open alert \(alert)"
  }

  private func refusalToAccept(_ alert: UInt64) -> String? {
    let findings = pipeline.openAdvisories.first { $0.id == alert }?.findings ?? []
    guard !findings.contains(where: \.kind.canBeAccepted) else { return nil }
    return "alert \(alert) is no deviation from a learned level, so there is none to accept; "
      + "change its limit in the site file, mend the sensor, or shelve the alert"
  }

  /// What gathered since the last call.
  ///
  /// - Parameter withSnapshot: Whether to add the state of the core after exactly these inputs.
  /// - Returns: Inputs and outputs in their order.
  package func takeBatch(withSnapshot: Bool) -> Batch {
    if withSnapshot {
      batch.snapshot = storedSnapshot(of: pipeline, at: time.stamp().timestamp)
    }
    defer { batch = Batch() }
    return batch
  }

  package var lateSampleCount: Int { pipeline.lateSampleCount }

  /// How the remaining life that was told of each machine compared with what happened, in order of
  /// `AssetID`; `nil` before any of it is known.
  package var earlierEstimates: [EstimateTally?] {
    pipeline.configuration.plant.assets.map { pipeline.earlierEstimates(of: $0.id) }
  }

  /// How far each machine is learned, in order of `AssetID`; `nil` where nothing is.
  package var learning: [AgentStatus.Learning?] {
    let plant = pipeline.configuration.plant
    return plant.assets.map { asset in
      pipeline.learning(of: asset.id).map { AgentStatus.Learning($0, in: plant) }
    }
  }

  private func followClock() {
    if let step = time.takeStep() { take(.clockStepped(by: step)) }
  }

  private func take(_ input: PipelineInput) {
    batch.inputs.append(input)
    pipeline.consume(input, into: &outputs)
    for output in outputs {
      switch output.content {
      case .features(let frame):
        batch.features.append(frame)
        continue
      case .state: break
      case .prognosis(let prognosis): prognoses[Int(prognosis.asset.index)] = prognosis
      case .health(let report): health[Int(report.asset.index)] = report
      case .advisory(let advisory):
        batch.outputs.append(WordedOutput(output, text: describe(advisory)))
        continue
      }
      batch.outputs.append(WordedOutput(output))
    }
    outputs.removeAll(keepingCapacity: true)
  }
}

extension Timestamp {
  /// This moment without what is below a millisecond: no bus tells more, and each stored value would
  /// cost two bytes for it.
  fileprivate var wholeMilliseconds: Timestamp {
    Timestamp(nanoseconds: nanoseconds - nanoseconds % 1_000_000)
  }
}
