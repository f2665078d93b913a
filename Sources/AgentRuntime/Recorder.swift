package import ConditionModel
import EdgeRuntime
package import HistoryStore
package import Logging

/// Brings what the monitor gathers into the store, batch by batch.
///
/// While the store refuses (disk full, card unplugged), batches wait here in bounded memory and are
/// tried again with every new one; the monitor never waits for the disk.
package actor Recorder {
  private let monitor: Monitor
  private let store: HistoryStore
  private let logger: Logger
  private let mostHeldValues: Int
  private let stored: @Sendable ([OutboxEntry.Content]) -> Void
  private var held: [Batch] = []
  /// What `held` takes of memory, in values.
  private var heldSize = 0
  private let elapsed: @Sendable () -> Duration
  private var lastSnapshot: Duration?
  /// Whether values of what waits were given up, and nothing was stored since.
  private var isIncomplete = false
  /// The damaged file that the logger was told of.
  private var setAside: String?

  /// Values in the store since the start.
  package private(set) var valuesStored = 0
  /// Values given up because the store refused them for too long.
  package private(set) var valuesDropped = 0
  /// Why the store refuses; `nil` while it works.
  package private(set) var storeError: StoreError?
  /// Batches stored and rounds finished, successful or not: a sign of life.
  package private(set) var turnCount = 0

  /// What comes after the newest snapshot is judged again after a kill, some seconds for these hours; a
  /// snapshot is the largest single thing that is written.
  private static let snapshotPeriod = Duration.seconds(4 * 3_600)

  /// - Parameters:
  ///   - monitor: Where batches come from.
  ///   - store: Where they go.
  ///   - logger: Hears when the store refuses, and when it works again.
  ///   - mostHeldValues: How much may wait for the store, in values of 20 bytes: a million are half an
  ///     hour at 500 values a second in frames of 50. What comes with them counts too.
  ///   - elapsed: A clock that only counts; it decides when the state of the core is kept.
  ///   - stored: Hears, after each round, what is in the store now.
  package init(
    monitor: Monitor,
    store: HistoryStore,
    logger: Logger,
    mostHeldValues: Int = 1_000_000,
    elapsed: @escaping @Sendable () -> Duration = { .sinceBoot },
    stored: @escaping @Sendable ([OutboxEntry.Content]) -> Void = { _ in }
  ) {
    self.monitor = monitor
    self.store = store
    self.logger = logger
    self.mostHeldValues = mostHeldValues
    self.elapsed = elapsed
    self.stored = stored
  }

  /// Takes what the monitor has and stores it, with all that still waits.
  ///
  /// - Parameters:
  ///   - status: What the agent says about itself.
  ///   - isLast: Whether the agent stops, so that the state of the core is kept.
  package func storeRound(status: StatusReport?, isLast: Bool = false) async {
    defer { turnCount += 1 }
    let now = elapsed()
    if let place = await store.setAside, place != setAside {
      logger.error("the store was damaged and is now at \(place); a new one takes its place")
      setAside = place
    }
    let answers = await takeUpRequests()
    let isSnapshotDue =
      isIncomplete || lastSnapshot.map { now - $0 >= Self.snapshotPeriod } ?? true
    var batch = await monitor.takeBatch(withSnapshot: isLast || isSnapshotDue)
    if batch.snapshot != nil { lastSnapshot = now }
    batch.isDurable = isLast
    batch.answers = answers
    batch.status = status
    hold(batch)
    while let batch = nextBatch {
      do throws(StoreError) {
        try await store.commit(batch)
      } catch {
        if storeError == nil { logger.error("\(error); values wait in memory until it works") }
        storeError = error
        return
      }
      turnCount += 1
      stored(batch.published)
      valuesStored += batch.valueCount
      if isIncomplete {
        held.removeAll()
        heldSize = 0
        isIncomplete = false
      } else {
        heldSize -= batch.size
        held.removeFirst()
      }
      if storeError != nil {
        logger.notice("the store works again")
        storeError = nil
      }
    }
  }

  /// What is stored next.
  ///
  /// Where values gave way, the inputs no longer tell all that the core saw: all that waits goes in
  /// one piece, with the state of the core behind it, so that no restart judges only a part.
  private var nextBatch: Batch? {
    guard isIncomplete, var whole = held.first else { return held.first }
    // It comes with the next round.
    guard held.last?.snapshot != nil else { return nil }
    for batch in held.dropFirst() {
      whole.inputs += batch.inputs
      whole.features += batch.features
      whole.outputs += batch.outputs
      whole.answers += batch.answers
      whole.isDurable = whole.isDurable || batch.isDurable
    }
    whole.snapshot = held.last?.snapshot
    whole.status = held.last?.status
    return whole
  }

  /// Hands what people ask to the monitor.
  ///
  /// While batches wait for the store, requests wait in it too: their answers could not be stored.
  private func takeUpRequests() async -> [RequestAnswer] {
    guard held.isEmpty, let requests = try? await store.waitingRequests(), !requests.isEmpty else {
      return []
    }
    let answers = await monitor.take(requests)
    for answer in answers {
      logger.notice(
        "request \(answer.id): \(answer.refusal.map { "refused, \($0)" } ?? "done")"
      )
    }
    return answers
  }

  /// Values that wait for the store.
  package var waitingValues: Int { held.reduce(0) { $0 + $1.valueCount } }

  /// Puts a batch at the end of the queue; frames of the oldest give way, alerts never do.
  private func hold(_ batch: Batch) {
    // Of what the agent says about itself, only the latest is of use.
    if !held.isEmpty {
      held[held.count - 1].status = nil
      if isIncomplete { held[held.count - 1].snapshot = nil }
    }
    held.append(batch)
    heldSize += batch.size
    while heldSize > mostHeldValues, held.count > 1 {
      let oldest = held.removeFirst()
      heldSize -= oldest.size
      valuesDropped += oldest.valueCount
      held[0].outputs = oldest.outputs + held[0].outputs
      heldSize += 100 * oldest.outputs.count
      held[0].answers = oldest.answers + held[0].answers
      isIncomplete = true
    }
  }
}

extension Batch {
  /// What of it may be published, in the order of the outbox.
  fileprivate var published: [OutboxEntry.Content] {
    let read = inputs.compactMap { input -> OutboxEntry.Content? in
      if case .frame(let frame) = input { .telemetry(frame) } else { nil }
    }
    return read + features.map { .telemetry($0) } + outputs.map { .output($0.output) }
  }

  fileprivate var valueCount: Int {
    inputs.reduce(features.reduce(0) { $0 + $1.values.count }) { sum, input in
      if case .frame(let frame) = input { sum + frame.values.count } else { sum }
    }
  }

  /// What it takes of memory, in values of 20 bytes: a frame has some 250 bytes besides, an alert
  /// with its words 2,000, and two samples of a waveform are as large as one value.
  fileprivate var size: Int {
    let own = 10 + valueCount + 12 * features.count + 100 * outputs.count
    return inputs.reduce(own) { sum, input in
      switch input {
      case .frame: sum + 12
      case .waveform(let waveform): sum + 12 + waveform.samples.count / 2
      default: sum + 4
      }
    }
  }
}
