package import ConditionModel
package import HistoryStore
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
/// It is the newest state in the store that fits the configuration, and behind it what entered the
/// core after that state, judged once more. What followed from it is in the store already.
///
/// - Parameters:
///   - configuration: What to watch, and by which rules.
///   - store: Where states and inputs were kept.
///   - report: Told of each state that cannot be read.
/// - Returns: `nil` when no state fits.
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
      continue  // Of another configuration.
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
