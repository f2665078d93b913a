import Foundation
import Glibc
import ProcessSupport
import Testing

extension ProcessTests {
  /// What the program says when something around it is wrong: one sentence, and a code for scripts.
  struct SurroundingsTests {
    @Test func `a site file that is missing or wrong is a matter of configuration`() throws {
      let workplace = try Workplace()
      let missing = try workplace.vigie("run", "--config", workplace.folder.file("none.yaml"))
      #expect(missing.exitCode == 3)
      #expect(missing.text.contains("none.yaml"))

      let wrong = try workplace.folder.write(
        "site: works\ngatewy: gw\nbuses: { line: { host: 127.0.0.1 } }\nmachines: {}\n",
        to: "wrong.yaml"
      )
      for command in ["run", "check", "simulate", "read"] {
        let (code, text) = try workplace.vigie(command, "--config", wrong)
        #expect(code == 3, "\(command)")
        #expect(
          text.contains("wrong.yaml:2:1: unknown key 'gatewy'; did you mean 'gateway'?"),
          "\(command): \(text)"
        )
      }
    }

    @Test func `wrong use is told with the right use`() throws {
      let workplace = try Workplace()
      for arguments in [["run", "--confg", "x"], ["replay"], ["measure"]] {
        let (code, text) = try RunningProgram.run(vigieProgram(), arguments)
        #expect(code == 2, "\(arguments)")
        #expect(text.contains("Usage: vigie"), "\(arguments): \(text)")
      }
      let (code, text) = try workplace.vigie("read", "--config", workplace.site, "pmup-1")
      #expect(code == 2)
      #expect(text.contains("there is no machine 'pmup-1'; the site has pump-1"))
    }

    @Test func `check ends with 1 when there are warnings`() throws {
      let good = try Workplace()
      let (code, text) = try good.vigie("check", "--config", good.site)
      #expect(code == 0, "\(text)")
      let doubtful = try Workplace(
        bus: "{ port: /dev/ttyS9, baud: 9600, parity: none }",
        machines: Workplace.pump.replacing("200 ms", with: "60 ms")
      )
      let (warned, warning) = try doubtful.vigie("check", "--config", doubtful.site)
      #expect(warned == 1, "\(warning)")
      #expect(warning.contains("warning: "))
    }

    @Test func `a store that cannot be used is told in one sentence`() async throws {
      let workplace = try Workplace()
      let nowhere = workplace.folder.file("nowhere/history.sqlite")
      let missing = try workplace.vigie("run", "--config", workplace.site, "--store", nowhere)
      #expect(missing.exitCode == 4)
      #expect(missing.text.split(separator: "\n").count == 1, "\(missing.text)")
      #expect(missing.text.contains("nowhere"))

      let agent = try await workplace.run()
      let locked = try workplace.vigie(
        "run",
        "--config",
        workplace.site,
        "--store",
        workplace.store
      )
      #expect(locked.exitCode == 4)
      #expect(locked.text.contains("another agent uses this store (process \(agent.processID))"))
      #expect(agent.stop() == 0)

      let foreign = try workplace.folder.write("my diary", to: "diary.txt")
      let (code, text) = try workplace.vigie("run", "--config", workplace.site, "--store", foreign)
      #expect(code == 4)
      #expect(text.contains("is no database"))
    }

    @Test func `a damaged store is set aside, and log and status say where`() async throws {
      let workplace = try Workplace(publishes: false)
      let plant = try await workplace.simulate()
      var agent = try await workplace.run()
      try await eventually("values in the store") { try await workplace.storedFrames().count > 5 }
      #expect(agent.stop() == 0)
      let file = try FileHandle(forWritingTo: URL(filePath: workplace.store))
      try file.write(contentsOf: Data(repeating: 7, count: 4_096))
      try file.close()

      agent = try await workplace.run()
      try await agent.prints("the store was damaged and is now at \(workplace.store).damaged-20")
      try await eventually("word of it in the status") {
        let (code, text) = try workplace.vigie(
          "status",
          "--config",
          workplace.site,
          "--store",
          workplace.store
        )
        return code == 0 && text.contains("a damaged file was set aside as")
      }
      #expect(agent.stop() == 0)
      // The journal had them.
      #expect(try await workplace.storedFrames().count > 5)
      plant.stop()
    }

    @Test func `a recording that breaks off is told with its line and column`() throws {
      let workplace = try Workplace()
      let recording = try workplace.folder.write(
        """
        time,pump-1/drive end/temperature
        2026-03-01T10:00:00Z,40
        2026-03-01T10:00:01Z,forty

        """,
        to: "week.csv"
      )
      let (code, text) = try workplace.vigie("replay", "--config", workplace.site, recording)
      #expect(code == 1)
      #expect(text.contains("week.csv"))
      #expect(text.contains("line 3, column 2: `forty` is not a number"), "\(text)")
    }

    @Test func `a simulation whose port is taken is told in one sentence`() async throws {
      let workplace = try Workplace()
      let plant = try await workplace.simulate()
      let (code, text) = try workplace.vigie("simulate", "--config", workplace.site)
      #expect(code == 4)
      #expect(text.contains("cannot listen on 127.0.0.1:\(workplace.busPort)"))
      #expect(text.split(separator: "\n").count == 1, "\(text)")
      plant.stop()
    }
  }
}
