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

  init(_ row: Row) {
    id = row["id"]
    timestamp = Timestamp(nanoseconds: row["time_ns"])
    user = row["user"]
    kind = row["kind"]
    machine = row["machine"]
    alert = row["alert"]
    text = row["text"]
    answered = (row["answer_ns"] as Int64?).map { Timestamp(nanoseconds: $0) }
    refusal = row["refusal"]
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

  init(_ row: Row) {
    alert = row["alert"]
    machine = row["machine"]
    location = row["location"]
    findingClass = row["class"]
    since = Timestamp(nanoseconds: row["since_ns"])
    timestamp = Timestamp(nanoseconds: row["time_ns"])
    phase = row["phase"]
    priority = row["priority"]
    title = row["title"] ?? ""
    text = row["text"] ?? ""
  }
}
