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

    @Test func `the history of a running agent is exported in both forms, value by value`()
      async throws
    {
      let workplace = try Workplace(publishes: false)
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      let options = ["--config", workplace.site, "--store", workplace.store]
      func export(_ arguments: String...) throws -> [Substring] {
        let (code, text) = try RunningProgram.run(
          vigieProgram(),
          ["export", "history"] + arguments + options
        )
        #expect(code == 0, "\(text)")
        return text.split(separator: "\n")
      }
      try await eventually("values in the store") { try export().count > 30 }
      // While the agent writes: what both have in common ends with the shorter one.
      let table = try export()
      let lines = try export("--format", "jsonl")
      #expect(agent.stop() == 0)
      plant.stop()

      #expect(
        table.first?.split(separator: ",") == [
          "time", "pump-1/drive end/velocity rms z", "pump-1/drive end/temperature",
          "pump-1/drive end/high-frequency acceleration rms z",
        ]
      )
      var cells: [String: String] = [:]
      let names = table[0].split(separator: ",").map { String($0) }
      for row in table.dropFirst() {
        let fields = row.split(separator: ",", omittingEmptySubsequences: false)
        #expect(fields.count == names.count)
        for (name, field) in zip(names, fields).dropFirst() where !field.isEmpty {
          cells["\(fields[0]) \(name)"] = String(field)
        }
      }
      #expect(cells.count > 60)
      struct Line: Decodable {
        var time: String
        var channel: String
        var value: Double?
        var unit: String
        var quality: String
      }
      let values = try lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      #expect(values.count >= cells.count)
      var matchCount = 0
      for line in values where line.quality == "good" {
        guard let cell = cells["\(line.time) \(line.channel)"] else { continue }
        #expect(cell == "\(try #require(line.value))")
        matchCount += 1
      }
      #expect(matchCount > 60)
      #expect(Set(values.map(\.unit)) == ["mm/s", "Cel", "[g]"])
      // What the store holds is what was exported.
      let last = try #require(values.last?.time)
      let stored = try await workplace.storedFrames().filter { $0.prefix(24) <= last }
      #expect(stored.count == Set(values.map(\.time)).count)
      // The table is a recording: it replays.
      let recording = workplace.folder.file("day.csv")
      try Data(table.joined(separator: "\n").utf8).write(to: URL(filePath: recording))
      let replay = try workplace.vigie("replay", "--config", workplace.site, recording)
      #expect(replay.exitCode == 0, "\(replay.text)")
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
