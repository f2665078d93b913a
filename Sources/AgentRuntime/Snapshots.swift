import ConditionModel
import FoundationEssentials
import HistoryStore
import MonitoringPipeline

// The core's memory on its way into the store and back.

/// What is to be stored of the core as it is now.
func storedSnapshot(of pipeline: Pipeline, at moment: Timestamp) throws -> Snapshot {
  let memory = pipeline.snapshot
  return Snapshot(
    timestamp: moment,
    fingerprint: String(memory.fingerprint, radix: 16),
    state: Array(try JSONEncoder().encode(memory))
  )
}

/// The core as it was when the snapshot was taken; fails under another configuration.
func restored(
  _ configuration: PipelineConfiguration,
  from snapshot: Snapshot
) throws -> Pipeline {
  let memory = try JSONDecoder().decode(Pipeline.Snapshot.self, from: Data(snapshot.state))
  return try Pipeline(configuration, restoring: memory)
}
