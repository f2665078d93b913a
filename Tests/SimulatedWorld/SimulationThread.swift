import Synchronization

/// One thread's worth of executor: the store and the task of the simulation run on it alike, so that no
/// step waits for another thread.
final class SimulationThread: SerialExecutor, TaskExecutor {
  private let queue = Mutex<(jobs: [UnownedJob], isRunning: Bool)>(([], false))

  init() {}

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = queue.withLock { queue in
      queue.jobs.append(job)
      defer { queue.isRunning = true }
      return !queue.isRunning
    }
    // Whoever brings the first job works until there is none.
    if isFirst { drain() }
  }

  private func drain() {
    while let job = next() {
      job.runSynchronously(
        isolatedTo: asUnownedSerialExecutor(),
        taskExecutor: asUnownedTaskExecutor()
      )
    }
  }

  private func next() -> UnownedJob? {
    queue.withLock { queue in
      guard !queue.jobs.isEmpty else {
        queue.isRunning = false
        return nil
      }
      return queue.jobs.removeFirst()
    }
  }
}
