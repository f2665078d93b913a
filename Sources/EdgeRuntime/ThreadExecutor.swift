import Glibc

/// A serial executor with a thread of its own, for actors whose work blocks.
///
/// libmodbus, SQLite and the network wait inside their calls. On Swift's shared pool each such call
/// would take one of the few threads that everything else needs; here it takes only its own.
package final class ThreadExecutor: SerialExecutor {
  private let jobs: Jobs

  /// Starts the thread.
  ///
  /// - Parameter name: What `top` and a debugger show, at most 15 characters count.
  package init(name: String) {
    let jobs = Jobs()
    self.jobs = jobs
    startThread(named: name) { jobs.runUntilClosed() }
  }

  deinit {
    jobs.close()
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    jobs.append(UnownedJob(job), executor: asUnownedSerialExecutor())
  }
}

/// Runs `body` on a new detached thread.
package func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
  final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, 512 * 1024)
  var thread = pthread_t()
  let start = Unmanaged.passRetained(Start(name, body))
  let result = pthread_create(
    &thread,
    &attributes,
    { argument in
      guard let argument = argument else { return nil }
      let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
      nameThisThread(start.name)
      start.body()
      return nil
    },
    start.toOpaque()
  )
  pthread_attr_destroy(&attributes)
  precondition(result == 0, "the system refuses a new thread (error \(result))")
}

/// Names the calling thread for `top` and debuggers; without /proc it stays nameless.
private func nameThisThread(_ name: String) {
  guard let file = fopen("/proc/thread-self/comm", "w") else { return }
  fputs(String(name.prefix(15)), file)
  fclose(file)
}

/// The jobs that wait for the thread.
private final class Jobs: @unchecked Sendable {
  // Safe: `waiting` and `isClosed` are touched only between lock and unlock of `mutex`.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
  private var isClosed = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func append(_ job: UnownedJob, executor: UnownedSerialExecutor) {
    pthread_mutex_lock(mutex)
    waiting.append((job, executor))
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func runUntilClosed() {
    while true {
      pthread_mutex_lock(mutex)
      while waiting.isEmpty && !isClosed { pthread_cond_wait(condition, mutex) }
      let batch = waiting
      waiting.removeAll(keepingCapacity: true)
      let isLast = batch.isEmpty && isClosed
      pthread_mutex_unlock(mutex)
      if isLast { return }
      for entry in batch {
        entry.job.runSynchronously(on: entry.executor)
      }
    }
  }
}
