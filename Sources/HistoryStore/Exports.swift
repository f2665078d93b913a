package import ConditionModel
import GRDB

/// What a person asked of the agent, with who, when, and what became of it.
package struct AuditEntry: Hashable, Sendable {
  package var id: Int64
  package var timestamp: Timestamp
  package var user: String
  package var kind: String
  package var machine: String?
  package var alert: Int64?
  package var text: String
  /// `nil` while it waits.
  package var answered: Timestamp?
  package var refusal: String?

  init(_ row: Row) throws {
    id = try row.decode(forColumn: "id")
    timestamp = Timestamp(nanoseconds: try row.decode(forColumn: "time_ns"))
    user = try row.decode(forColumn: "user")
    kind = try row.decode(forColumn: "kind")
    machine = try row.decode(forColumn: "machine")
    alert = try row.decode(forColumn: "alert")
    text = try row.decode(forColumn: "text")
    answered = try row.decode(Int64?.self, forColumn: "answer_ns")
      .map { Timestamp(nanoseconds: $0) }
    refusal = try row.decode(forColumn: "refusal")
  }
}

/// A step in the life of an alert.
package struct AlertStep: Hashable, Sendable {
  package var alert: Int64
  package var machine: String
  package var location: String
  package var findingClass: String
  package var since: Timestamp
  package var timestamp: Timestamp
  package var phase: String
  package var priority: String
  package var title: String
  package var text: String

  init(_ row: Row) throws {
    alert = try row.decode(forColumn: "alert")
    machine = try row.decode(forColumn: "machine")
    location = try row.decode(forColumn: "location")
    findingClass = try row.decode(forColumn: "class")
    since = Timestamp(nanoseconds: try row.decode(forColumn: "since_ns"))
    timestamp = Timestamp(nanoseconds: try row.decode(forColumn: "time_ns"))
    phase = try row.decode(forColumn: "phase")
    priority = try row.decode(forColumn: "priority")
    title = try row.decode(String?.self, forColumn: "title") ?? ""
    text = try row.decode(String?.self, forColumn: "text") ?? ""
  }
}
