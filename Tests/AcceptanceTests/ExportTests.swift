import ConditionModel
import Foundation
import HistoryStore
import ProcessSupport
import Testing

extension ProcessTests {
  struct ExportTests {
    @Test func `the journal of an incident replays elsewhere to the same alerts`() async throws {
      let workplace = try Workplace(
        machines: Workplace.pump
          + "\n    limits: { drive end/temperature: { alert above: 5 °C } }\n",
        // Long enough for the first state of the core to come before the alert.
        alerts: "{ on delay: 5 s, silent after: 10 s }",
        publishes: false
      )
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      try await eventually("an alert in the store") {
        try workplace.vigie("alerts", "--config", workplace.site, "--store", workplace.store).text
          .contains("temperature")
      }
      agent.signal(SIGKILL)
      agent.waitUntilExit()
      plant.stop()
      let options = ["--config", workplace.site, "--store", workplace.store]
      func export(_ arguments: String...) throws -> String {
        let (code, text) = try RunningProgram.run(
          vigieProgram(),
          ["export"] + arguments + options
        )
        #expect(code == 0)
        return text
      }
      let known = try export("alerts", "--format", "jsonl")
      let raised = known.split(separator: "\n").count { $0.contains("\"phase\":\"raised\"") }
      #expect(raised > 0)
      let journal = workplace.folder.file("incident.jsonl")
      try Data(export("journal").utf8).write(to: URL(filePath: journal))
      let replay = try workplace.vigie("replay", "--config", workplace.site, journal, "--json")
      #expect(replay.exitCode == 0)
      let again = replay.text.split(separator: "\n").count { $0.contains("\"phase\":\"raised\"") }
      #expect(again == raised)
    }

    @Test func `a copy of the database taken while the agent writes is whole`() async throws {
      let workplace = try Workplace(
        machines: Workplace.pump
          + "\n    limits: { drive end/temperature: { alert above: 5 °C } }\n",
        publishes: false
      )
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      try await eventually("an alert in the store") {
        try workplace.vigie("alerts", "--config", workplace.site, "--store", workplace.store).text
          .contains("temperature")
      }
      let options = ["--config", workplace.site, "--store", workplace.store]
      let copy = workplace.folder.file("backup.sqlite")
      let first = try RunningProgram.run(vigieProgram(), ["export", "copy", copy] + options)
      #expect(first.exitCode == 0, "\(first.text)")
      // A file that is there already is not overwritten.
      let second = try RunningProgram.run(vigieProgram(), ["export", "copy", copy] + options)
      #expect(second.exitCode != 0 && second.text.contains("there is a file already"))
      #expect(agent.stop() == 0)
      plant.stop()
      let reader = try HistoryReader(path: copy)
      let steps = try await reader.alertSteps()
      #expect(steps.contains { $0.phase == "raised" && $0.location == "drive end" })
      #expect(try await reader.plant()?.assets.map(\.name) == ["pump-1"])
      await reader.close()
      let check = try RunningProgram.run(
        testPython,
        [
          "-c",
          "import sqlite3, sys; "
            + "print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])",
          copy,
        ]
      )
      #expect(check.text == "ok\n")
    }
  }
}
