package import AdvisoryGeneration
package import ConditionModel
package import HistoryStore
package import Logging
package import MonitoringPipeline

// The core's memory on its way into the store and back.

/// What is to be stored of the core as it is now.
package func storedSnapshot(of pipeline: Pipeline, at moment: Timestamp) -> Snapshot {
  let memory = pipeline.snapshot
  return Snapshot(
    timestamp: moment,
    fingerprint: String(memory.fingerprint, radix: 16),
    state: memory.encoded()
  )
}

/// The core as it was when the snapshot was taken.
///
/// - Throws: `SnapshotError` for bytes that are none of ours or damaged, `ConfigurationError` under
///   another configuration.
package func restored(
  _ configuration: PipelineConfiguration,
  from snapshot: Snapshot
) throws -> Pipeline {
  let memory = try Pipeline.Snapshot(encoded: snapshot.state)
  return try Pipeline(configuration, restoring: memory)
}

/// The core as it was when the last run ended, however it ended.
///
/// It is the newest state in the store that can be read, and behind it what entered the core after
/// that state, judged once more. What followed from it is in the store already. Behind a state of
/// another configuration lies nothing to go on from: what came since was judged by other rules.
///
/// - Parameters:
///   - configuration: What to watch, and by which rules.
///   - store: Where states and inputs were kept.
///   - report: Told of each state that cannot be read.
/// - Returns: `nil` when there is none, or it is of another configuration.
/// - Throws: `StoreError` when the store cannot be read.
package func resumedPipeline(
  _ configuration: PipelineConfiguration,
  from store: HistoryStore,
  report: (SnapshotError) -> Void = { _ in }
) async throws -> Pipeline? {
  for stored in try await store.snapshots() {
    var pipeline: Pipeline
    do {
      pipeline = try restored(configuration, from: stored.snapshot)
    } catch let error as SnapshotError {
      report(error)
      continue
    } catch {
      return nil  // Of another configuration.
    }
    var outputs: [PipelineOutput] = []
    var place: JournalPlace? = stored.place
    while let here = place {
      let (inputs, next) = try await store.inputs(from: here)
      for input in inputs {
        pipeline.consume(input, into: &outputs)
        outputs.removeAll(keepingCapacity: true)
      }
      place = next
    }
    return pipeline
  }
  return nil
}

/// The newest memory of a core that can be read, of whatever configuration.
private func newestMemory(in store: HistoryStore) async throws -> Pipeline.Snapshot? {
  for stored in try await store.snapshots() {
    if let memory = try? Pipeline.Snapshot(encoded: stored.snapshot.state) { return memory }
  }
  return nil
}

/// The core to start with: as the last run left it, or a new one.
///
/// After a change of the site file only the lives that models followed are kept of the old core: its
/// open alerts are ended, and the numbers of alerts go on above the old ones. What is told of machines
/// that are no longer there ends too. Where a part of the journal was lost, alerts are told anew or
/// ended, so that the core and those who were told agree.
///
/// - Parameters:
///   - configuration: What to watch, and by which rules.
///   - store: What earlier runs left.
///   - now: When alerts end that nobody watches any more.
///   - wording: Says why alerts end whose machine is gone.
///   - describe: Puts an advisory into words.
///   - logger: Hears what could not be read, and that nothing fits.
/// - Returns: The core, before its first input.
/// - Throws: `StoreError` when the store cannot be used, `ConfigurationError` when the configuration
///   contradicts itself.
package func startingPipeline(
  _ configuration: PipelineConfiguration,
  from store: HistoryStore,
  at now: Timestamp,
  wording: Wording,
  describe: @escaping (Advisory) -> AdvisoryText,
  logger: Logger
) async throws -> Pipeline {
  let resumed = try await resumedPipeline(configuration, from: store) { logger.error("\($0)") }
  var departed = try await store.departedMachines(at: now)
  for machine in departed.indices {
    // An end does not come before the beginning, whatever the clock shows.
    departed[machine].timestamp = departed[machine].alerts.map(\.since).reduce(now, max)
    for alert in departed[machine].alerts.indices {
      departed[machine].alerts[alert].text = wording.end(
        ofAlert: departed[machine].alerts[alert].text?.title,
        on: departed[machine].name
      )
    }
    logger.notice("\(departed[machine].name) is no longer in the site file: its alerts end")
  }
  let told = try await store.openAlerts()
  let highest = try await store.highestAlertID()
  let herald = Herald(now: now, describe: describe)
  if var resumed {
    let repairs = herald.differences(between: told, and: resumed)
    if !repairs.isEmpty || highest > resumed.lastAdvisory {
      logger.notice("a part of the journal is lost: alerts are told as the core remembers them")
      resumed.skipAdvisories(through: highest)
      let snapshot = storedSnapshot(of: resumed, at: now)
      let news = Batch(outputs: repairs, departed: departed, snapshot: snapshot, isDurable: true)
      try await store.commit(news)
    } else if !departed.isEmpty {
      // Of a machine that an earlier version left behind.
      try await store.commit(Batch(departed: departed, isDurable: true))
    }
    return resumed
  }
  let isFirst = try await store.snapshots().isEmpty
  if !isFirst {
    logger.notice(
      "no stored state of the core fits the site file: limits, delays and learning start anew"
    )
  }
  let orphans = told.compactMap(herald.end)
  var pipeline = try Pipeline(configuration, lastAdvisory: highest)
  if let former = try await newestMemory(in: store) { pipeline.inherit(former) }
  if !isFirst || !orphans.isEmpty || !departed.isEmpty {
    // In one piece: whoever starts next must not go on from a core for which they are still open.
    let snapshot = storedSnapshot(of: pipeline, at: now)
    let end = Batch(outputs: orphans, departed: departed, snapshot: snapshot, isDurable: true)
    try await store.commit(end)
  }
  return pipeline
}

/// Tells of alerts outside the core, at the start.
private struct Herald {
  let now: Timestamp
  let describe: (Advisory) -> AdvisoryText

  /// What makes those who were told of alerts know the ones of the core, and only those.
  ///
  /// Only where a part of the journal was lost is there anything: the core then knows less than was
  /// told, or other things.
  func differences(between told: [WordedOutput], and core: Pipeline) -> [WordedOutput] {
    let open = core.openAdvisories
    let numbers = Set(open.map(\.id))
    let toldNumbers = Set(told.compactMap(\.advisory?.id))
    let ended = told.filter { $0.advisory.map { !numbers.contains($0.id) } ?? false }
    let untold = open.filter { !toldNumbers.contains($0.id) }
    return ended.compactMap(end) + untold.map { again($0, after: core.latestSequence) }
  }

  /// Ends an alert that nobody watches any more.
  func end(_ told: WordedOutput) -> WordedOutput? {
    guard var advisory = told.advisory else { return nil }
    advisory.phase = .cleared
    return again(advisory, after: told.output.sequence)
  }

  private func again(_ advisory: Advisory, after sequence: UInt64) -> WordedOutput {
    var advisory = advisory
    // Behind its last step, whatever the clock shows: two of one moment would count as one.
    advisory.timestamp = max(now, advisory.timestamp + .nanoseconds(1))
    let output = PipelineOutput(sequence: sequence, content: .advisory(advisory))
    return WordedOutput(output, text: describe(advisory))
  }
}

extension WordedOutput {
  fileprivate var advisory: Advisory? {
    if case .advisory(let advisory) = output.content { advisory } else { nil }
  }
}
