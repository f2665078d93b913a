import ConditionModel
import Foundation
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
  }
}
