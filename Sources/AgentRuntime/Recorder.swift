import ConditionModel
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
  private var held: [Batch] = []
  private var heldValues = 0
  private var lastSnapshot: ContinuousClock.Instant?

  /// Values in the store since the start.
  package private(set) var valuesStored = 0
  /// Values given up because the store refused them for too long.
  package private(set) var valuesDropped = 0
  /// Why the store refuses; `nil` while it works.
  package private(set) var storeError: StoreError?
  /// Rounds finished, successful or not: a sign of life.
  package private(set) var roundCount = 0

  /// A million values are some 20 MB, and half an hour at 500 values a second.
  private static let mostHeldValues = 1_000_000
  private static let snapshotPeriod = Duration.seconds(60)

  package init(monitor: Monitor, store: HistoryStore, logger: Logger) {
    self.monitor = monitor
    self.store = store
    self.logger = logger
  }

  /// Takes what the monitor has and stores it, with all that still waits.
  ///
  /// - Parameters:
  ///   - status: What the agent says about itself.
  ///   - isLast: Whether the agent stops, so that the state of the core is kept.
  package func storeRound(status: StatusReport?, isLast: Bool = false) async {
    defer { roundCount += 1 }
    do {
      let now = ContinuousClock.now
      let isSnapshotDue = lastSnapshot.map { now - $0 >= Self.snapshotPeriod } ?? true
      var batch = try await monitor.takeBatch(withSnapshot: isLast || isSnapshotDue)
      if batch.snapshot != nil { lastSnapshot = now }
      batch.isDurable = isLast
      batch.status = status
      hold(batch)
    } catch {
      logger.error("the state of the core cannot be encoded: \(error)")
    }
    while let batch = held.first {
      do throws(StoreError) {
        try await store.commit(batch)
      } catch {
        if storeError == nil { logger.error("\(error); values wait in memory until it works") }
        storeError = error
        return
      }
      held.removeFirst()
      let count = batch.valueCount
      heldValues -= count
      valuesStored += count
      if storeError != nil {
        logger.notice("the store works again")
        storeError = nil
      }
    }
  }

  /// Puts a batch at the end of the queue; frames of the oldest give way, alerts never do.
  private func hold(_ batch: Batch) {
    // Of a queue only the newest state of the core and of the agent is worth storing.
    for index in held.indices {
      held[index].status = nil
      // An alert and the state that knows its number stay together.
      if batch.snapshot != nil, held[index].outputs.isEmpty { held[index].snapshot = nil }
    }
    held.append(batch)
    heldValues += batch.valueCount
    for index in held.indices where heldValues > Self.mostHeldValues {
      let count = held[index].valueCount
      held[index].frames.removeAll()
      heldValues -= count
      valuesDropped += count
    }
    held.removeAll { $0.isEmpty }
  }
}

extension Batch {
  fileprivate var valueCount: Int { frames.reduce(0) { $0 + $1.values.count } }
  fileprivate var isEmpty: Bool {
    frames.isEmpty && outputs.isEmpty && snapshot == nil && status == nil
  }
}
