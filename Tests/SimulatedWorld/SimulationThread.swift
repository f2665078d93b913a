import Dispatch
import EdgeRuntime
import Synchronization

/// One thread's worth of executor: the store and the task of the simulation run on it alike, so that no
/// step waits for another thread.
package final class SimulationThread: SerialExecutor, TaskExecutor {
  private let jobs = Jobs()

  package init() {
    startThread(named: "simulation") { [jobs] in
      while let job = jobs.next() {
        job.work.runSynchronously(isolatedTo: job.serial, taskExecutor: job.task)
      }
    }
  }

  deinit { jobs.end() }

  package func enqueue(_ job: consuming ExecutorJob) {
    jobs.add(
      Job(
        work: UnownedJob(job),
        serial: asUnownedSerialExecutor(),
        task: asUnownedTaskExecutor()
      )
    )
  }

  /// Does `work` on this thread, while the calling one, which must be another, waits.
  package func run<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let result = Mutex<Result<Value, any Error>?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    Task(executorPreference: self) {
      do {
        let value = try await work()
        result.withLock { $0 = .success(value) }
      } catch {
        result.withLock { $0 = .failure(error) }
      }
      isDone.signal()
    }
    isDone.wait()
    guard let result = result.withLock({ $0 }) else { preconditionFailure("nothing was done") }
    return try result.get()
  }
}

private struct Job {
  var work: UnownedJob
  var serial: UnownedSerialExecutor
  var task: UnownedTaskExecutor
}

/// The jobs that wait for the thread, in the order in which they came.
private final class Jobs: Sendable {
  private let waiting = Mutex<[Job]>([])
  private let count = DispatchSemaphore(value: 0)

  func add(_ job: Job) {
    waiting.withLock { $0.append(job) }
    count.signal()
  }

  /// Lets the thread end once nothing waits any more.
  func end() { count.signal() }

  /// Waits for the next job; `nil` at the end.
  func next() -> Job? {
    count.wait()
    return waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }
}
