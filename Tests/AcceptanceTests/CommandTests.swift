import Foundation
import ProcessSupport
import Testing

extension ProcessTests {
  struct CommandTests {
    @Test(arguments: ["run", "check", "read", "replay", "tune", "simulate", "watch", "status"])
    func `each command's help shows an example`(command: String) throws {
      let (code, text) = try RunningProgram.run(vigieProgram(), [command, "--help"])
      #expect(code == 0)
      #expect(text.contains("Example: vigie \(command) --config site.yaml"))
    }

    @Test(arguments: ["list", "show"])
    func `the help on alerts shows an example`(command: String) throws {
      let (code, text) = try RunningProgram.run(vigieProgram(), ["alerts", command, "--help"])
      #expect(code == 0)
      #expect(text.contains("Example: vigie alerts \(command)"))
    }

    /// A site of one machine that is read from a file.
    private func recordedSite(_ recording: String = "tank.csv", onDelay: Int = 60) -> String {
      """
      site: works
      gateway: gw
      machines:
        tank:
          kind: machine
          recording: \(recording)
          points:
            oil temperature: { column: t, unit: °C, range: [0, 150], resolution: 0.1 }
          limits:
            oil temperature: { alert above: 80 °C, on delay: \(onDelay) s }
      """
    }

    @Test func `a site of recordings is checked, replayed and compared, and refused by the agent`()
      throws
    {
      let folder = TemporaryFolder()
      let file = try folder.write(recordedSite(), to: "site.yaml")
      let other = try folder.write(recordedSite(onDelay: 600), to: "other.yaml")
      let rows = (0..<400).map { row in
        "2026-01-05T0\(row / 360):\(row / 60 % 6)\(row / 6 % 10):\(row % 6)0Z,"
          + "\(row < 200 ? 60 : 85).\(row % 10)\n"
      }
      _ = try folder.write("timestamp,t\n" + rows.joined(), to: "tank.csv")
      func vigie(_ arguments: String...) throws -> (exitCode: Int32, text: String) {
        try RunningProgram.run(vigieProgram(), arguments)
      }
      let check = try vigie("check", "--config", file)
      #expect(check.exitCode == 0)
      #expect(check.text.contains("tank: recording tank.csv, 1 column"))
      let run = try vigie("run", "--config", file, "--store", folder.file("history.sqlite"))
      #expect(run.exitCode == 3)
      #expect(run.text.contains("vigie replay"))
      let table = folder.file("alerts.csv")
      let page = folder.file("report.html")
      let replay = try vigie(
        "replay",
        "--config",
        file,
        folder.path,
        "--alerts",
        table,
        "--report",
        page
      )
      #expect(replay.exitCode == 0)
      #expect(replay.text.contains("notifications: 1"))
      #expect(replay.text.contains("tank: still learning, for 10 days more; until"))
      let alerts = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
      #expect(
        alerts == [
          "machine,start,end,class,severity,channel",
          "tank,2026-01-05T00:34:20.000Z,2026-01-05T01:06:30.000Z,limit,medium,oil temperature",
        ]
      )
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.hasPrefix("<!DOCTYPE html>"))
      let comparison = try vigie(
        "replay",
        "--config",
        file,
        "--against",
        other,
        folder.path
      )
      #expect(comparison.text.contains("moves     2026-01-05T00:34:20.000Z"))
      #expect(comparison.text.contains("0.2 h later") || comparison.text.contains("0.1 h later"))
      let tuned = folder.file("tuned.yaml")
      let tune = try vigie(
        "tune",
        "--config",
        file,
        folder.path,
        "--budget",
        "99 per machine and day",
        "--output",
        tuned
      )
      #expect(tune.exitCode == 0)
      #expect(try String(contentsOfFile: tuned, encoding: .utf8).contains("alerts:\n"))
      _ = try folder.write("", to: "tank.csv")
      let empty = try vigie("replay", "--config", file, folder.path)
      #expect(empty.exitCode == 1)
      #expect(empty.text.contains("it is empty"))
    }

    @Test func `a comparison whose other site cannot be played is no comparison`() throws {
      let folder = TemporaryFolder()
      let file = try folder.write(recordedSite(), to: "site.yaml")
      let other = try folder.write(recordedSite("cellar.csv"), to: "other.yaml")
      let rows = (0..<60).map { "2026-01-05T00:0\($0 / 6):\($0 % 6)0Z,60.\($0 % 10)\n" }
      _ = try folder.write("timestamp,t\n" + rows.joined(), to: "tank.csv")
      func compare() throws -> (exitCode: Int32, text: String) {
        try RunningProgram.run(
          vigieProgram(),
          ["replay", "--config", file, "--against", other, folder.path]
        )
      }
      let missing = try compare()
      #expect(missing.exitCode == 1)
      #expect(missing.text.contains("\(other): "))
      #expect(missing.text.contains("cellar.csv"))
      _ = try folder.write("timestamp,t\n" + rows.joined() + "x,1\n", to: "cellar.csv")
      let odd = try compare()
      #expect(odd.exitCode == 0)
      #expect(odd.text.contains("cellar.csv: 1 row without a readable time is left out"))
    }

    private struct Point: Decodable {
      var point: String
      var value: Double?
      var unit: String
      var quality: String
      var reason: String?
      var words: [Int]
      var roundTripMs: Double?
    }

    private func points(_ text: String) throws -> [Point] {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try text.split(separator: "\n").map {
        try decoder.decode(Point.self, from: Data($0.utf8))
      }
    }

    @Test func `a reading has value, unit, raw words, quality and round trip`() async throws {
      let workplace = try Workplace()
      let plant = try await workplace.simulate()
      let (code, text) = try workplace.vigie("read", "--config", workplace.site, "--json")
      #expect(code == 0)
      let temperature = try #require(try points(text).first { $0.point == "temperature" })
      #expect(temperature.unit == "Cel")
      #expect(temperature.quality == "good")
      #expect(temperature.words.count == 1)
      #expect(temperature.value == Double(temperature.words[0]) / 100)
      #expect(try #require(temperature.roundTripMs) > 0)

      let (_, shown) = try workplace.vigie("read", "--config", workplace.site, "pump-1")
      let line = try #require(shown.split(separator: "\n").first { $0.contains("temperature") })
      #expect(line.contains("°C") && line.contains("good") && line.contains(" ms"))
      plant.stop()
    }

    @Test func `a silent device is a finding, not a number`() async throws {
      let workplace = try Workplace()
      let plant = try await workplace.simulate("pump-1: silent unit")
      let (code, text) = try workplace.vigie("read", "--config", workplace.site, "--json")
      #expect(code == 1)
      for point in try points(text) {
        #expect(point.value == nil)
        #expect(point.quality == "bad")
        #expect(point.reason != nil)
        #expect(point.words.isEmpty)
      }
      plant.stop()
    }

    @Test func `status, watch and alerts show a running agent, and say when it is gone`()
      async throws
    {
      let workplace = try Workplace()
      let place = ["--config", workplace.site, "--store", workplace.store]
      func command(_ words: String...) throws -> (exitCode: Int32, text: String) {
        try RunningProgram.run(vigieProgram(), words + place)
      }
      #expect(try command("status").exitCode == 4)
      #expect(try command("watch", "--once").exitCode == 4)

      let broker = try Broker(port: workplace.brokerPort)
      let plant = try await workplace.simulate("pump-1: imbalance from 0 s over 1 s", speed: 2)
      let agent = try await workplace.run()
      try await eventually("an open alert") {
        try command("alerts").text.contains("pump-1, drive end")
      }
      try await eventually("all well in the status") { try command("status").exitCode == 0 }
      let picture = try command("watch", "--once")
      #expect(picture.exitCode == 0)
      #expect(picture.text.contains("Vigie · works/gw"))
      #expect(picture.text.contains("● pump-1  al"))
      #expect(picture.text.contains("▲ pump-1, drive end"))
      #expect(picture.text.contains("mm/s"))
      let explained = try command("alerts", "show", "1")
      #expect(explained.exitCode == 0)
      #expect(explained.text.contains("Since "))
      #expect(try command("alerts", "show", "77").exitCode == 1)

      broker.kill()
      try await eventually("a broker away in the status") {
        let (code, text) = try command("status")
        return code == 1 && text.contains("BAD  broker")
      }
      #expect(agent.stop() == 0)
      plant.stop()
    }

    @Test func `what was not recorded is no silence, what stopped being recorded is`() throws {
      let workplace = try Workplace()
      var text = "time,pump-1/drive end/temperature\n"
      for second in 0..<240 { text += "\(1_772_359_200 + second),\(second < 120 ? "40.5" : "")\n" }
      let recording = try workplace.folder.write(text, to: "one-channel.csv")
      let replay = try workplace.vigie("replay", "--config", workplace.site, recording)
      #expect(replay.exitCode == 0)
      #expect(replay.text.contains("1 value is missing"))
      #expect(replay.text.contains("values: 120, alerts raised: 1"))
    }

    @Test func `a replay gives the same bytes each time, and finds what happened`() throws {
      let workplace = try Workplace()
      let points = ["velocity rms z", "temperature", "high-frequency acceleration rms z"]
      var text = "time," + points.map { "pump-1/drive end/\($0)" }.joined(separator: ",") + "\n"
      for second in 0..<60 {
        let velocity = (20..<40).contains(second) ? 12.0 : 1.0 + Double(second % 7) / 100
        let time = "2026-03-01T10:00:\(second < 10 ? "0" : "")\(second)Z"
        text += "\(time),\(velocity),\(second == 50 ? "!no answer" : "40.5"),0.1\n"
      }
      let recording = try workplace.folder.write(text, to: "minute.csv")
      let once = try workplace.vigie("replay", "--config", workplace.site, recording, "--json")
      let again = try workplace.vigie("replay", "--config", workplace.site, recording, "--json")
      #expect(once.exitCode == 0)
      #expect(once.text == again.text)
      #expect(once.text.contains("\"phase\":\"raised\""))
      #expect(once.text.contains("\"phase\":\"cleared\""))
      #expect(once.text.contains("\"since\":\"2026-03-01T10:00:20"))
      let strict = try workplace.vigie(
        "replay",
        "--config",
        workplace.site,
        recording,
        "--fail-on-alert"
      )
      #expect(strict.exitCode == 1)
      #expect(strict.text.contains("values: 180, alerts raised: 1"))
      let compared = try workplace.vigie(
        "replay",
        "--config",
        workplace.site,
        recording,
        "--against",
        workplace.site,
        "--fail-on-alert"
      )
      #expect(compared.exitCode == 1)
      #expect(compared.text.contains("1 alerts are the same in both"))
      let labelled = try workplace.vigie(
        "replay",
        "--dataset",
        "dataset.yaml",
        "--data",
        "data",
        "--scores",
        "scores",
        "--fail-on-alert"
      )
      #expect(labelled.exitCode == 2)
    }
  }
}
