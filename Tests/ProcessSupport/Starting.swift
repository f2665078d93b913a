import Synchronization

private let start = Mutex(())

/// Starts a program, and makes its pipes, while no other is being started.
///
/// What one start has open for a moment a program that starts beside it would inherit, and keep: the
/// end of a pipe, or of the socket by which `Process` is told of an end. Nobody would hear that the
/// first program has ended before the second has.
package func startingAlone<Result: ~Copyable>(
  _ body: () throws -> Result
) rethrows -> Result {
  try start.withLock { _ in try body() }
}
