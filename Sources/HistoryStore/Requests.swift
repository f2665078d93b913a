package import ConditionModel
import GRDB

/// Something that a person asks of the running agent, through the file that both know.
///
/// Requests wait in the store until the agent takes them up, and stay there with what became of them:
/// they are the trail of who decided what, and when.
package struct PersonalRequest: Hashable, Sendable {
  package var id: Int64
  /// When it was made.
  package var timestamp: Timestamp
  package var content: Content

  package init(id: Int64, timestamp: Timestamp, content: Content) {
    self.id = id
    self.timestamp = timestamp
    self.content = content
  }

  package enum Content: Hashable, Sendable {
    /// The alert was seen.
    case acknowledge(alert: UInt64)
    /// The alert is to be quiet for so long, and why.
    case shelve(alert: UInt64, for: Duration, reason: String)
    /// What the alert shows is normal from now on.
    case accept(alert: UInt64)
    /// Something was done to the machine.
    case mark(machine: String, kind: MaintenanceMark.Kind, text: String)
  }
}

/// What became of a request, stored together with what followed from it.
package struct RequestAnswer: Hashable, Sendable, Codable {
  package var id: Int64
  package var timestamp: Timestamp
  /// Why it was not done; `nil` if it was.
  package var refusal: String?

  package init(id: Int64, timestamp: Timestamp, refusal: String?) {
    self.id = id
    self.timestamp = timestamp
    self.refusal = refusal
  }
}

enum RequestTable {
  static let creation = """
    CREATE TABLE request (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      time_ns INTEGER NOT NULL, user TEXT NOT NULL,
      kind TEXT NOT NULL, machine TEXT, alert INTEGER, text TEXT NOT NULL,
      answer_ns INTEGER, refusal TEXT
    );
    CREATE INDEX request_waiting ON request (id) WHERE answer_ns IS NULL;
    """

  /// How long an alert is to be on the shelf.
  static let shelving = "ALTER TABLE request ADD COLUMN duration_s REAL"

  static func insert(
    _ content: PersonalRequest.Content,
    at moment: Timestamp,
    by user: String,
    in database: Database
  ) throws -> Int64 {
    var seconds: Double?
    if case .shelve(_, let duration, _) = content { seconds = duration.inSeconds }
    let (kind, machine, alert, text): (String, String?, Int64?, String) =
      switch content {
      case .acknowledge(let alert): ("acknowledge", nil, Int64(clamping: alert), "")
      case .shelve(let alert, _, let reason): ("shelve", nil, Int64(clamping: alert), reason)
      case .accept(let alert): ("accept", nil, Int64(clamping: alert), "")
      case .mark(let machine, let kind, let text): (kind.rawValue, machine, nil, text)
      }
    try database.execute(
      sql: """
        INSERT INTO request (time_ns, user, kind, machine, alert, text, duration_s)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [moment.nanoseconds, user, kind, machine, alert, text, seconds]
    )
    return database.lastInsertedRowID
  }

  /// The oldest requests without an answer.
  static func waiting(in database: Database) throws -> [PersonalRequest] {
    let rows = try database.cachedStatement(
      sql: """
        SELECT id, time_ns, kind, machine, alert, text, duration_s FROM request
         WHERE answer_ns IS NULL ORDER BY id LIMIT 100
        """
    )
    return try Row.fetchAll(rows).compactMap { row in
      let alert: Int64? = try row.decode(forColumn: "alert")
      let machine: String? = try row.decode(forColumn: "machine")
      let kind: String = try row.decode(forColumn: "kind")
      let content: PersonalRequest.Content? =
        switch (kind, alert, machine) {
        case ("acknowledge", let alert?, _): .acknowledge(alert: UInt64(clamping: alert))
        case ("shelve", let alert?, _):
          .shelve(
            alert: UInt64(clamping: alert),
            for: Duration(inSeconds: try row.decode(Double?.self, forColumn: "duration_s") ?? 0),
            reason: try row.decode(forColumn: "text")
          )
        case ("accept", let alert?, _): .accept(alert: UInt64(clamping: alert))
        case (_, _, let machine?):
          try MaintenanceMark.Kind(rawValue: kind).map {
            .mark(machine: machine, kind: $0, text: try row.decode(forColumn: "text"))
          }
        default: nil
        }
      return try content.map {
        try PersonalRequest(
          id: row.decode(forColumn: "id"),
          timestamp: Timestamp(nanoseconds: row.decode(forColumn: "time_ns")),
          content: $0
        )
      }
    }
  }

  static func store(_ answers: [RequestAnswer], in database: Database) throws {
    for answer in answers {
      try database.execute(
        sql: "UPDATE request SET answer_ns = ?, refusal = ? WHERE id = ?",
        arguments: [answer.timestamp.nanoseconds, answer.refusal, answer.id]
      )
    }
  }
}

extension HistoryStore {
  /// What people ask and nobody has answered yet, oldest first.
  package func waitingRequests() throws(StoreError) -> [PersonalRequest] {
    let waiting = try repairing { try run(RequestTable.waiting) }
    // The journal may have answers that the database could not take yet.
    let answered = answersNotInTable
    return waiting.filter { request in !answered.contains(request.id) }
  }
}

/// Puts requests into the history file of an agent, which another process writes.
package struct RequestDesk {
  private let queue: DatabaseQueue
  private let path: String

  /// Opens the file at `path`, which an agent must have made.
  package init(path: String) throws(StoreError) {
    self.path = path
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    queue = try StoreFile.openBesides(path, configuration: configuration)
  }

  /// Asks for something.
  ///
  /// - Parameters:
  ///   - content: What.
  ///   - moment: When it was asked, or when it was done.
  ///   - user: Who asks.
  /// - Returns: The number of the request.
  /// - Throws: What the store says when it cannot be written.
  package func ask(
    _ content: PersonalRequest.Content,
    at moment: Timestamp,
    by user: String
  ) throws(StoreError) -> Int64 {
    do {
      return try queue.write { try RequestTable.insert(content, at: moment, by: user, in: $0) }
    } catch let error {
      throw StoreError(error, path: path)
    }
  }

  /// What became of a request; `nil` while it waits.
  package func answer(to id: Int64) throws(StoreError) -> RequestAnswer? {
    do {
      return try queue.read { database in
        let row = try Row.fetchOne(
          database,
          sql: "SELECT answer_ns, refusal FROM request WHERE id = ? AND answer_ns IS NOT NULL",
          arguments: [id]
        )
        return try row.map { row in
          try RequestAnswer(
            id: id,
            timestamp: Timestamp(nanoseconds: row.decode(forColumn: "answer_ns")),
            refusal: row.decode(forColumn: "refusal")
          )
        }
      }
    } catch let error {
      throw StoreError(error, path: path)
    }
  }
}
