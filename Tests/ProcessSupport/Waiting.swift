// Waiting without holding a thread: tests of many targets share two of them.

/// Waits until `condition` holds, looking twenty times a second.
///
/// - Parameters:
///   - what: What is waited for, for the report.
///   - limit: How long.
///   - condition: Looks once.
/// - Throws: `Timeout` when the limit comes first, and whatever `condition` throws.
package func eventually(
  _ what: String,
  limit: Duration = .seconds(20),
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < end else { throw Timeout(what: what) }
    try await Task.sleep(for: .milliseconds(50))
  }
}

extension RunningProgram {
  /// Waits until the output holds `text`.
  ///
  /// - Parameters:
  ///   - text: What the program should print.
  ///   - count: How many times.
  ///   - limit: How long it may take.
  /// - Throws: `Timeout` with all output when it does not, or the program ends before.
  package func prints(
    _ text: String,
    times count: Int = 1,
    limit: Duration = .seconds(20)
  ) async throws {
    func isThere() -> Bool { self.text.ranges(of: text).count >= count }
    do {
      try await eventually("'\(text)'", limit: limit) { isThere() || !isRunning }
    } catch is Timeout {}
    guard isThere() else {
      throw Timeout(what: "'\(text)' from \(name), which had printed:\n\(self.text)")
    }
  }

  /// Waits until the program has ended, and kills it when it does not.
  ///
  /// - Parameter limit: How long it may take.
  /// - Returns: Its exit code, or minus the signal that ended it.
  @discardableResult
  package func ends(limit: Duration = .seconds(20)) async -> Int32 {
    try? await eventually("the end of \(name)", limit: limit) { !isRunning }
    return waitUntilExit(limit: .zero)
  }
}
