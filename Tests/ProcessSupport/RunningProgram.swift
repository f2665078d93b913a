import Foundation
import Synchronization

/// A program that a test or benchmark started, with everything it printed.
///
/// It is ended by its process id when the test lets go of it.
package final class RunningProgram: Sendable {
  package let name: String
  private let process: UnsafeTransfer<Process>
  private let output = Output()

  /// Starts `executable` with its standard output and error gathered together.
  package init(
    _ executable: String,
    _ arguments: [String],
    environment: [String: String] = [:],
    directory: String? = nil
  ) throws {
    name = URL(filePath: executable).lastPathComponent
    let process = Process()
    process.executableURL = URL(filePath: try Self.path(of: executable))
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    process.standardInput = FileHandle.nullDevice
    let pipe = try startingAlone {
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      return pipe
    }
    self.process = UnsafeTransfer(process)
    // The thread must not hold this object, or a program that is let go of would never be ended.
    Thread.detachNewThread { [output] in
      // `read(upToCount:)` would wait until so much is there.
      while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
        output.bytes.withLock { $0.append(contentsOf: data) }
      }
      output.ended.signal()
    }
  }

  deinit {
    if process.value.isRunning { signal(SIGKILL) }
  }

  package var processID: Int32 { process.value.processIdentifier }
  package var isRunning: Bool { process.value.isRunning }

  /// Everything printed so far.
  package var text: String { String(decoding: output.bytes.withLock { $0 }, as: UTF8.self) }

  package func signal(_ number: Int32) {
    kill(processID, number)
  }

  /// Waits until the program has ended by itself or by a signal.
  ///
  /// - Parameter limit: After this it is killed.
  /// - Returns: Its exit code, or minus the signal that ended it.
  @discardableResult
  package func waitUntilExit(limit: Duration = .seconds(30)) -> Int32 {
    let end = ContinuousClock.now + limit
    while process.value.isRunning, ContinuousClock.now < end { usleep(10_000) }
    if process.value.isRunning { signal(SIGKILL) }
    // Not `Process.waitUntilExit()`: on a thread of Swift's pool its run loop may never end.
    while process.value.isRunning { usleep(1_000) }
    _ = output.ended.wait(timeout: .now() + 2)
    let status = process.value.terminationStatus
    return process.value.terminationReason == .uncaughtSignal ? -status : status
  }

  /// Asks the program to stop with SIGTERM and waits for that.
  @discardableResult
  package func stop(limit: Duration = .seconds(10)) -> Int32 {
    if process.value.isRunning { signal(SIGTERM) }
    return waitUntilExit(limit: limit)
  }

  /// Waits until the output holds `text`.
  ///
  /// - Throws: `Timeout` with all output when it does not, or the program ends before.
  package func waitForOutput(_ text: String, limit: Duration = .seconds(20)) throws {
    try wait(limit: limit, for: "'\(text)' from \(name)") {
      self.text.contains(text) || !isRunning
    }
    guard self.text.contains(text) else {
      throw Timeout(what: "'\(text)': \(name) ended and had printed:\n\(self.text)")
    }
  }

  /// Runs a program to its end.
  package static func run(
    _ executable: String,
    _ arguments: [String],
    environment: [String: String] = [:],
    directory: String? = nil,
    limit: Duration = .seconds(60)
  ) throws -> (exitCode: Int32, text: String) {
    let program = try RunningProgram(
      executable,
      arguments,
      environment: environment,
      directory: directory
    )
    let code = program.waitUntilExit(limit: limit)
    return (code, program.text)
  }

  private static func path(of executable: String) throws -> String {
    if executable.contains("/") { return executable }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin") + ":/usr/sbin:/sbin"
    for folder in folders.split(separator: ":") {
      let candidate = "\(folder)/\(executable)"
      if access(candidate, X_OK) == 0 { return candidate }
    }
    throw Timeout(what: "the program \(executable); run deploy/test, which installs it")
  }
}

/// What a program printed so far.
private final class Output: Sendable {
  let bytes = Mutex<[UInt8]>([])
  let ended = DispatchSemaphore(value: 0)
}

/// Something that a test waited for did not come.
package struct Timeout: Error, CustomStringConvertible {
  package var what: String
  package var description: String { "waited in vain for \(what)" }

  package init(what: String) {
    self.what = what
  }
}

/// Waits until `condition` holds, looking a hundred times a second.
package func wait(
  limit: Duration = .seconds(20),
  for what: String,
  until condition: () throws -> Bool
) throws {
  let end = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < end else { throw Timeout(what: what) }
    usleep(10_000)
  }
}

/// Carries a value that is used from one place at a time although its type does not say so.
private struct UnsafeTransfer<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
