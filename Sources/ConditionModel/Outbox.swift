/// What waits to be published, oldest first, in the store that survives the process.
package protocol Outbox: Sendable {
  /// The oldest entries with an identity above `id`.
  ///
  /// - Parameters:
  ///   - id: 0 for the very oldest.
  ///   - limit: At most so many entries.
  /// - Returns: The entries in rising order of identity.
  /// - Throws: What the store says when it cannot be read.
  func pending(after id: Int64, limit: Int) async throws -> [OutboxEntry]

  /// The identity of the newest entry; 0 when there never was one. What is stored from now on lies
  /// above it.
  func latestID() async throws -> Int64

  /// Removes entries that the broker has taken over, in any order.
  func acknowledge(_ ids: [Int64]) async throws
}

/// One thing to publish.
///
/// Its identity rises with time and is never used twice.
package struct OutboxEntry: Hashable, Sendable {
  package var id: Int64
  package var content: Content

  package init(id: Int64, content: Content) {
    self.id = id
    self.content = content
  }

  package enum Content: Hashable, Sendable {
    case telemetry(Frame)
    case output(PipelineOutput)
    case departed(DepartedMachine)
  }
}
