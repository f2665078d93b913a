import Foundation
import ProcessSupport
import Testing

extension ProcessTests {
  struct CommandTests {
    @Test(arguments: ["run", "check", "read", "replay", "simulate", "watch", "status"])
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
    }
  }
}
