package import ConditionModel

/// How far the clock on the wall is ahead of UTC, over the years.
///
/// The core knows no time zones; who knows them fills this table.
package struct LocalTimeTable: Hashable, Sendable, Codable {
  /// From a moment on the wall clock is `offset` ahead of UTC.
  package struct Change: Hashable, Sendable, Codable {
    package var from: Timestamp
    package var offset: Duration

    package init(from: Timestamp, offset: Duration) {
      self.from = from
      self.offset = offset
    }
  }

  /// In order of time.
  private let changes: [Change]
  /// Before the first change.
  private let firstOffset: Duration

  /// A wall clock that shows UTC.
  package static let utc = LocalTimeTable(firstOffset: .zero, changes: [])

  /// A table from changes in any order.
  package init(firstOffset: Duration, changes: [Change]) {
    self.firstOffset = firstOffset
    self.changes = changes.sorted { $0.from < $1.from }
  }

  package func offset(at moment: Timestamp) -> Duration {
    changes.last { $0.from <= moment }?.offset ?? firstOffset
  }
}
