import FoundationEssentials

/// Lives one gateway's life.
///
/// - Parameters:
///   - seed: Decides all that happens.
///   - days: How long it lasts.
///   - steps: After how many events it ends at the latest.
///   - sabotage: What is broken on purpose.
///   - folder: Where its database lies while it lives, best in memory.
/// - Returns: What happened.
/// - Throws: `BrokenInvariant` for the first promise that does not hold.
package func simulatedLife(
  seed: UInt64,
  days: Double,
  steps: Int = .max,
  sabotage: World.Sabotage? = nil,
  folder: String = "/dev/shm"
) async throws -> World.Outcome {
  let place = "\(folder)/vigie-world-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: place) }
  let thread = SimulationThread()
  return try await Task(executorPreference: thread) {
    let world = try World(seed: seed, folder: place, thread: thread, sabotage: sabotage)
    return try await world.live(days: days, steps: steps)
  }.value
}
