import ConditionModel
import GRDB

/// Questions that the writing agent and a reader in another process ask alike.
enum StoreQueries {
  static func openAlerts(
    _ directory: inout PlantDirectory,
    in database: Database
  ) throws -> [WordedOutput] {
    try alerts(
      "WHERE phase <> 'cleared' ORDER BY since_ns, alert.id",
      [],
      &directory,
      in: database
    )
  }

  static func alerts(
    _ selection: String,
    _ arguments: StatementArguments,
    _ directory: inout PlantDirectory,
    in database: Database
  ) throws -> [WordedOutput] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT plant, sequence, json, language, title, text, phase, alert.time_ns AS end_ns,
               alert.id AS alert
          FROM alert JOIN output ON output.id = alert.output \(selection)
        """,
      arguments: arguments
    )
    var found: [WordedOutput] = []
    for row in rows {
      guard var output = try directory.output(from: row, in: database) else { continue }
      // Where what it said last was lost, something else may have the number of that since.
      guard case .advisory(let said) = output.content,
        Int64(exactly: said.id) == (try row.decode(Int64.self, forColumn: "alert"))
      else { continue }
      // One that ended because its machine was gone for a while: the core did not say so.
      let phase: String = try row.decode(forColumn: "phase")
      if case .advisory(var advisory) = output.content, phase == "cleared",
        advisory.phase != .cleared
      {
        advisory.phase = .cleared
        advisory.timestamp = Timestamp(nanoseconds: try row.decode(forColumn: "end_ns"))
        output.content = .advisory(advisory)
      }
      found.append(WordedOutput(output, text: try text(from: row)))
    }
    return found
  }

  static func text(from row: Row) throws -> AdvisoryText? {
    guard let code = try row.decode(String?.self, forColumn: "language"),
      let language = Language(rawValue: code)
    else { return nil }
    return AdvisoryText(
      language: language,
      title: try row.decode(String?.self, forColumn: "title") ?? "",
      text: try row.decode(String?.self, forColumn: "text") ?? ""
    )
  }
}
