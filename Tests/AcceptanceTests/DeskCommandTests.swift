import ProcessSupport
import Testing

extension ProcessTests {
  /// What a person tells the running agent from another terminal.
  struct DeskCommandTests {
    @Test func `alerts are acknowledged and machines marked while the agent runs`() async throws {
      let workplace = try Workplace(publishes: false)
      let plant = try await workplace.simulate(
        "pump-1: bearing wear from 2 s over 10 s",
        speed: 10
      )
      let agent = try await workplace.run()
      let site = ["--config", workplace.site, "--store", workplace.store]
      func vigie(_ arguments: String...) throws -> (exitCode: Int32, text: String) {
        try RunningProgram.run(vigieProgram(), arguments + site)
      }
      try await eventually("an alert") {
        (try? vigie("alerts", "list").text.contains("pump-1, drive end")) == true
      }
      let (code, text) = try vigie("alerts", "ack", "1")
      #expect(code == 0)
      #expect(text.contains("done"))
      #expect(try vigie("alerts", "ack", "77").exitCode == 1)
      let why = ["--hours", "8", "--reason", "belt ordered"]
      let shelve = { try RunningProgram.run(vigieProgram(), ["alerts", "shelve"] + $0 + site) }
      #expect(try shelve(["1"] + why).text.contains("done"))
      #expect(try shelve(["77"] + why).exitCode == 1)
      #expect(try shelve(["1", "--hours", "9999", "--reason", "x"]).exitCode == 2)
      #expect(try vigie("mark", "pump-1", "greasing", "--text", "20 g").text.contains("done"))
      let accept = try vigie("alerts", "accept", "1")
      #expect(accept.exitCode == 1 && accept.text.contains("no deviation from a learned level"))
      #expect(try vigie("mark", "pump-1", "failure").text.contains("done"))
      #expect(try vigie("mark", "pump-2", "greasing").exitCode == 2)
      #expect(agent.stop() == 0)
      plant.stop()
      // Nobody takes it up now, but it is kept for the next start.
      #expect(try vigie("mark", "pump-1", "part").text.contains("noted"))
    }
  }
}
