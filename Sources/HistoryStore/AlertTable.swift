import ConditionModel
import GRDB

/// The alerts as they stand, and the steps of their lives.
enum AlertTable {
  /// The alerts that are not cleared, oldest first, each with its machine.
  static func open(
    in database: Database
  ) throws -> [(machine: String, alert: DepartedMachine.Alert)] {
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT * FROM alert WHERE phase <> 'cleared' ORDER BY since_ns, id"
    )
    return try rows.compactMap { row in
      let priority: String = try row.decode(forColumn: "priority")
      guard let findingClass = FindingClass(rawValue: try row.decode(forColumn: "class")) else {
        return nil
      }
      let alert = try DepartedMachine.Alert(
        id: UInt64(clamping: row.decode(Int64.self, forColumn: "id")),
        location: row.decode(forColumn: "location"),
        findingClass: findingClass,
        priority: Advisory.Priority.allCases.first { $0.word == priority } ?? .low,
        since: Timestamp(nanoseconds: row.decode(forColumn: "since_ns")),
        isAcknowledged: row.decode(forColumn: "acknowledged"),
        text: StoreQueries.text(from: row)
      )
      return (try row.decode(forColumn: "machine"), alert)
    }
  }

  /// Ends what stands open and has lost what it said: nobody could tell of it, nor end it.
  ///
  /// If the core still knows it, it says it anew.
  static func endWordless(in database: Database) throws {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT alert.id, json FROM alert LEFT JOIN output ON output.id = alert.output
         WHERE phase <> 'cleared'
        """
    )
    for row in rows {
      let id: Int64 = try row.decode(atIndex: 0)
      if let json = try row.decode(String?.self, atIndex: 1),
        case .advisory(let said)? = try? decodeJSON(PipelineOutput.Content.self, from: json),
        Int64(exactly: said.id) == id
      {
        continue
      }
      try database.execute(
        sql: "UPDATE alert SET phase = 'cleared' WHERE id = ?",
        arguments: [id]
      )
    }
  }

  /// Ends what is still open of a machine that is gone; the core has no last word on it.
  static func end(_ machine: DepartedMachine, in database: Database) throws {
    for alert in machine.alerts {
      try database.execute(
        sql: """
          UPDATE alert SET phase = 'cleared', time_ns = ?, language = ?, title = ?, text = ?
           WHERE id = ? AND phase <> 'cleared'
          """,
        arguments: [
          machine.timestamp.nanoseconds, alert.text?.language.rawValue, alert.text?.title,
          alert.text?.text, Int64(alert.id),
        ]
      )
      guard database.changesCount == 1 else { continue }
      try database.execute(
        sql: """
          INSERT INTO alert_transition (alert, phase, priority, time_ns, title, text, output)
          SELECT id, phase, priority, time_ns, title, text, output FROM alert WHERE id = ?
          """,
        arguments: [Int64(alert.id)]
      )
    }
  }

  /// Enters an alert as it stands now.
  static func set(
    _ advisory: Advisory,
    _ text: AdvisoryText?,
    _ plant: Plant,
    output: Int64,
    in database: Database
  ) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO alert
          (id, machine, location, class, phase, priority, since_ns, time_ns, acknowledged,
           language, title, text, output)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Int64(advisory.id), plant[advisory.asset].name, advisory.location,
        advisory.findingClass.rawValue, advisory.phase.rawValue, advisory.priority.word,
        advisory.since.nanoseconds, advisory.timestamp.nanoseconds, advisory.isAcknowledged,
        text?.language.rawValue, text?.title, text?.text, output,
      ]
    )
  }

  /// Enters a step in the life of an alert.
  static func addStep(
    _ advisory: Advisory,
    _ text: AdvisoryText?,
    output: Int64,
    in database: Database
  ) throws {
    try database.execute(
      sql: """
        INSERT INTO alert_transition (alert, phase, priority, time_ns, title, text, output)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Int64(advisory.id), advisory.phase.rawValue, advisory.priority.word,
        advisory.timestamp.nanoseconds, text?.title, text?.text, output,
      ]
    )
  }
}
