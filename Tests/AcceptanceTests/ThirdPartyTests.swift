import Glibc
import ProcessSupport
import Testing

extension ProcessTests {
  /// Against a Modbus server and a subscriber that others wrote.
  struct ThirdPartyTests {
    /// 6.23 bar, −12.3 °C, 123456 kWh, 1.5 m³/h in four formats, with a hole between.
    private static let blocks = ["0=623,65413,1,57920", "10=16320,0"]

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

    private static let expected: [String: Telemetry.Reading] = [
      "loop/pressure": .init(value: 6.23, unit: "bar", quality: "good"),
      "loop/temperature": .init(value: -12.3, unit: "Cel", quality: "good"),
      "loop/energy": .init(value: 123_456, unit: "kW.h", quality: "good"),
      "loop/level": .init(unit: "%", quality: "bad", reason: "no such address"),
      "loop/flow": .init(value: 1.5, unit: "m3/h", quality: "good"),
    ]

    private func serve(_ kind: String, _ place: String) async throws -> RunningProgram {
      let server = try RunningProgram(
        testPython,
        [fixture("modbus_server.py"), kind, place] + Self.blocks
      )
      try await server.prints("ready")
      return server
    }

    @Test func `known registers arrive as exact values, and a dead device as no value at all`()
      async throws
    {
      let workplace = try Workplace(machines: Self.machines(period: "200 ms"))
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      var server = try await serve("tcp", "\(workplace.busPort)")
      let agent = try await workplace.run()
      try await eventually("all values as they are") { subscriber.latest == Self.expected }

      server.signal(SIGKILL)
      await server.ends()
      try await eventually("bad quality") {
        subscriber.latest.values.allSatisfy { $0.quality == "bad" }
      }
      try await eventually("a communication alert") {
        subscriber.alerts.contains { $0.class == "communication" && $0.phase == "raised" }
      }

      server = try await serve("tcp", "\(workplace.busPort)")
      try await eventually("good values again") { subscriber.latest == Self.expected }
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
          #expect(reading == Self.expected[name], "\(name)")
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
      let server = try await serve("rtu", theirs)
      let agent = try await workplace.run()
      try await eventually("all values as they are") { subscriber.latest == Self.expected }
      #expect(agent.stop() == 0)
      server.stop()
      line.stop()
    }
  }
}
