import Foundation
import ProcessSupport
import Testing

extension ProcessTests {
  /// Where commands put their results, and where they must not.
  struct ResultFileTests {
    private func workshop() throws -> URL {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "vigie-results-\(UUID().uuidString)")
      let kept = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../datasets/workshop").standardizedFileURL
      try FileManager.default.copyItem(at: kept, to: folder)
      return folder
    }

    private func replay(_ folder: URL, _ arguments: String...) throws -> (code: Int32, text: String)
    {
      let ended = try RunningProgram.run(
        vigieProgram(),
        ["replay", "--config", folder.appending(path: "site.yaml").path, folder.path] + arguments
      )
      return (ended.exitCode, ended.text)
    }

    @Test(arguments: ["pump-1.csv", "site.yaml", "events.csv", "link.csv"])
    func `what is read is never overwritten`(name: String) throws {
      let folder = try workshop()
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appending(path: name).path
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "link.csv").path,
        withDestinationPath: "pump-1.csv"
      )
      func contents() throws -> [Data] {
        try ["pump-1.csv", "site.yaml", "events.csv", "link.csv"]
          .map { try Data(contentsOf: folder.appending(path: $0)) }
      }
      let before = try contents()
      for option in ["--alerts", "--rul", "--report"] {
        let events = folder.appending(path: "events.csv").path
        let (code, text) = try replay(folder, option, path, "--events", events)
        #expect(code == 2)
        #expect(text.contains("is read here and would be lost; name another file"))
      }
      #expect(try contents() == before)
      let link = folder.appending(path: "link.csv").path
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "pump-1.csv")
    }

    @Test func `a recording never takes the place of a site file, nor of any other`() throws {
      let folder = try workshop()
      defer { try? FileManager.default.removeItem(at: folder) }
      let site = folder.appending(path: "site.yaml")
      let before = try Data(contentsOf: site)
      func record(to path: String) throws -> (code: Int32, text: String) {
        let ended = try RunningProgram.run(
          vigieProgram(),
          ["simulate", "--record", path, "--machines", "pump", "--weeks", "3", "--every", "3600"]
        )
        return (ended.exitCode, ended.text)
      }
      let there = try record(to: folder.path)
      #expect(there.code == 2 && there.text.contains("is there already and would be lost"))
      let file = try record(to: site.path)
      #expect(file.code == 4 && file.text.contains("name a new folder"))
      #expect(try Data(contentsOf: site) == before)
      let new = try record(to: folder.appending(path: "new").path)
      #expect(new.code == 0)
    }

    @Test func `what is told on the way never stands within a line of the result`() throws {
      let folder = try workshop()
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appending(path: "pump-1.csv")
      let rows = try String(contentsOf: path, encoding: .utf8)
      // Its alerts are more than a buffer holds.
      try rows.replacing("T0", with: "T-0").write(to: path, atomically: true, encoding: .utf8)
      let (code, text) = try replay(folder)
      #expect(code == 0)
      let told = text.split(separator: "\n").filter { $0.contains("without a readable time") }
      #expect(told.count == 1)
      #expect(told.allSatisfy { $0.hasPrefix(path.path) })
    }

    @Test func `a result that cannot be written is told before the work, in words`() throws {
      let folder = try workshop()
      defer { try? FileManager.default.removeItem(at: folder) }
      let missing = try replay(folder, "--alerts", "\(folder.path)/no/such/a.csv")
      #expect(missing.code == 4)
      #expect(
        missing.text.contains(
          "no/such/a.csv cannot be written: No such file or directory; check the folder"
        )
      )
      #expect(!missing.text.contains("rows every"))
      let table = try replay(folder, "--alerts", folder.path)
      #expect(table.code == 4 && table.text.contains("cannot be written: it is a folder"))
      let twice = try replay(folder, "--alerts", "a.csv", "--rul", "a.csv")
      #expect(twice.code == 2 && twice.text.contains("needs a file of its own"))
    }

    @Test func `a device takes a result and stays what it is`() throws {
      let folder = try workshop()
      defer { try? FileManager.default.removeItem(at: folder) }
      let pipe = folder.appending(path: "standard output").path
      try FileManager.default.createSymbolicLink(
        atPath: pipe,
        withDestinationPath: "/proc/self/fd/1"
      )
      let (code, text) = try replay(folder, "--alerts", pipe)
      #expect(code == 0 && text.contains("machine,start,end,class,severity,channel\n"))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: pipe) == "/proc/self/fd/1")
    }

    @Test func `what a file says does not steer the terminal`() throws {
      let folder = try workshop()
      defer { try? FileManager.default.removeItem(at: folder) }
      let events = folder.appending(path: "events.csv")
      try Data("time\u{1B}[2J\u{07},\u{9B}31mtext\n1,2\n".utf8).write(to: events)
      let (code, text) = try replay(folder, "--events", events.path)
      #expect(code == 1 && text.contains("time\u{FFFD}[2J\u{FFFD}, \u{FFFD}31mtext"))
      #expect(!text.unicodeScalars.contains { ["\u{1B}", "\u{07}", "\u{9B}"].contains($0) })
    }
  }
}
