package import ConditionModel
import FoundationEssentials
package import HistoryStore
package import MonitoringPipeline

// The core's memory on its way into the store and back.

/// What is to be stored of the core as it is now.
package func storedSnapshot(of pipeline: Pipeline, at moment: Timestamp) throws -> Snapshot {
  let memory = pipeline.snapshot
  return Snapshot(
    timestamp: moment,
    fingerprint: String(memory.fingerprint, radix: 16),
    state: Array(try JSONEncoder().encode(memory))
  )
}

/// The core as it was when the snapshot was taken; fails under another configuration.
package func restored(
  _ configuration: PipelineConfiguration,
  from snapshot: Snapshot
) throws -> Pipeline {
  let memory = try JSONDecoder().decode(Pipeline.Snapshot.self, from: Data(snapshot.state))
  return try Pipeline(configuration, restoring: memory)
}

/// The core as it was when the last run ended, however it ended.
///
/// It is the newest state in the store that fits the configuration, and behind it what entered the
/// core after that state, judged once more. What followed from it is in the store already.
///
/// - Returns: `nil` when no state fits.
package func resumedPipeline(
  _ configuration: PipelineConfiguration,
  from store: HistoryStore
) async throws -> Pipeline? {
  for stored in try await store.snapshots() {
    guard var pipeline = try? restored(configuration, from: stored.snapshot) else { continue }
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
