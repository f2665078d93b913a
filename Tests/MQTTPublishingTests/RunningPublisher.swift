import MQTTPublishing

/// Runs `publisher` during `body`, then stops it.
func running(_ publisher: MQTTPublisher, _ body: () async throws -> Void) async throws {
  let task = Task { await publisher.run() }
  do {
    try await body()
  } catch let error {
    task.cancel()
    await task.value
    throw error
  }
  task.cancel()
  await task.value
}

/// Returns once `condition` holds; the suite's time limit ends a vain wait.
func until(_ condition: () async throws -> Bool) async throws {
  while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
}
