import Glibc
import ProcessSupport
import Testing

extension ProcessTests {
  /// Against a Modbus server and a subscriber that others wrote.
  struct ThirdPartyTests {
    /// 6.23 bar, −12.3 °C, 123456 kWh, 1.5 m³/h in four formats.
    private static let blocks = ["0=623,65413,1,57920", "10=16320,0"]
    /// 77 % between them; without it the device has no such address.
    private static let level = "6=77"

    private static func machines(period: String) -> String {
      """
        circuit:
          kind: machine
          points:
            loop:
              device: generic
              bus: line
              unit: 1
              every: \(period)
              timing: { response: 500 ms }
              points:
                pressure: { address: 0, scale: 0.01, unit: bar, quantity: pressure }
                temperature: { address: 1, type: s16, scale: 0.1, unit: °C, quantity: temperature }
                energy: { address: 2, type: u32, unit: kWh, quantity: energy }
                level: { address: 6, unit: "%", quantity: level }
                flow: { address: 10, type: f32, unit: m³/h, quantity: flow }
          limits:
            loop/pressure: { alert below: 1 bar }
      """
    }

    private static let holed: [String: Telemetry.Reading] = [
      "loop/pressure": .init(value: 6.23, unit: "bar", quality: "good"),
      "loop/temperature": .init(value: -12.3, unit: "Cel", quality: "good"),
      "loop/energy": .init(value: 123_456, unit: "kW.h", quality: "good"),
      "loop/level": .init(unit: "%", quality: "bad", reason: "no such address"),
      "loop/flow": .init(value: 1.5, unit: "m3/h", quality: "good"),
    ]
    private static let whole = holed.merging(
      ["loop/level": .init(value: 77, unit: "%", quality: "good")]
    ) { $1 }

    private func serve(
      _ kind: String,
      _ place: String,
      _ blocks: [String]
    ) async throws -> RunningProgram {
      let server = try RunningProgram(
        testPython,
        [fixture("modbus_server.py"), kind, place] + blocks
      )
      try await server.prints("ready")
      return server
    }

    @Test func `an address that the device does not have costs only its own value`() async throws {
      let workplace = try Workplace(machines: Self.machines(period: "200 ms"))
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      let server = try await serve("tcp", "\(workplace.busPort)", Self.blocks)
      let agent = try await workplace.run()
      try await eventually("all values as they are") { subscriber.latest == Self.holed }
      #expect(agent.stop() == 0)
      #expect(agent.text.contains("level (holding 6) is left out"))
      server.signal(SIGKILL)
    }

    @Test func `known registers arrive as exact values, and a dead device as no value at all`()
      async throws
    {
      let workplace = try Workplace(machines: Self.machines(period: "200 ms"))
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      var server = try await serve("tcp", "\(workplace.busPort)", Self.blocks + [Self.level])
      let agent = try await workplace.run()
      try await eventually("all values as they are") { subscriber.latest == Self.whole }

      server.signal(SIGKILL)
      await server.ends()
      try await eventually("bad quality") {
        subscriber.latest.values.allSatisfy { $0.quality == "bad" }
      }
      try await eventually("a communication alert") {
        subscriber.alerts.contains { $0.class == "communication" && $0.phase == "raised" }
      }

      server = try await serve("tcp", "\(workplace.busPort)", Self.blocks + [Self.level])
      try await eventually("good values again") { subscriber.latest == Self.whole }
      try await eventually("the end of the alert") {
        subscriber.alerts.contains { $0.class == "communication" && $0.phase == "cleared" }
      }
      #expect(agent.stop() == 0)
      #expect(!subscriber.alerts.contains { $0.class == "machine" })
      for (name, reading) in subscriber.telemetry.flatMap(\.values) {
        if reading.quality == "bad" {
          #expect(reading.value == nil, "\(name)")
          #expect(reading.reason != nil, "\(name)")
        } else {
          #expect(reading == Self.whole[name], "\(name)")
        }
      }
    }

    @Test func `a serial line gives the same values`() async throws {
      let wires = TemporaryFolder()
      let (ours, theirs) = (wires.file("agent"), wires.file("device"))
      let line = try RunningProgram(
        "socat",
        ["PTY,link=\(ours),rawer", "PTY,link=\(theirs),rawer"]
      )
      try await eventually("the serial line") {
        access(ours, F_OK) == 0 && access(theirs, F_OK) == 0
      }
      let workplace = try Workplace(
        bus: "{ port: \(ours), baud: 19200, parity: none }",
        machines: Self.machines(period: "1 s")
      )
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      let server = try await serve("rtu", theirs, Self.blocks)
      let agent = try await workplace.run()
      try await eventually("all values as they are") { subscriber.latest == Self.holed }
      #expect(agent.stop() == 0)
      server.signal(SIGKILL)
      line.signal(SIGKILL)
    }
  }
}
