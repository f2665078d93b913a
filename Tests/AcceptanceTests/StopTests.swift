import Glibc
import ProcessSupport
import Testing

extension ProcessTests {
  struct StopTests {
    /// Whether all that was read is stored.
    private func expectAllStored(_ workplace: Workplace) async throws {
      let status = try workplace.status()
      #expect(status.valuesRead > 0)
      #expect(try await workplace.storedFrames().count * 3 == status.valuesRead)
    }

    private func expectStop(_ agent: RunningProgram, by signal: Int32) async {
      let start = ContinuousClock.now
      agent.signal(signal)
      #expect(await agent.ends() == 0)
      #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func `it stops when asked, with all stored, published and its leave taken`(
      signal: Int32
    ) async throws {
      let workplace = try Workplace()
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      try await eventually("values at the subscriber") { subscriber.telemetry.count > 5 }
      await expectStop(agent, by: signal)
      try await expectAllStored(workplace)
      try await eventually("the farewell") { subscriber.statuses.last?.state == "offline" }
      #expect(subscriber.statuses.last?.reason == "stopped")
      let stored = try await workplace.storedFrames()
      #expect(Set(subscriber.telemetry.map(\.key)).symmetricDifference(stored).sorted() == [])
      plant.stop()
    }

    @Test func `it stops as well while the broker is away`() async throws {
      let workplace = try Workplace()
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      try await eventually("values in the store") { try await workplace.storedFrames().count > 5 }
      await expectStop(agent, by: SIGTERM)
      try await expectAllStored(workplace)
      plant.stop()
    }

    @Test func `it stops as well while a bus is silent`() async throws {
      let workplace = try Workplace()
      let silent = try silentServer(port: workplace.busPort)
      let agent = try await workplace.run()
      try await agent.prints("warning")
      await expectStop(agent, by: SIGTERM)
      try await expectAllStored(workplace)
      silent.signal(SIGKILL)
    }
  }

  struct ServiceTests {
    @Test func `systemd hears ready, status, life while there is life, and the stop`() async throws
    {
      let systemd = DatagramListener(abstract: true)
      // A bus that never answers is no reason to be killed.
      let workplace = try Workplace(publishes: false)
      let silent = try silentServer(port: workplace.busPort)
      let agent = try await workplace.run(environment: [
        "NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "6000000", "JOURNAL_STREAM": "",
      ])
      var heard: [String] = []
      func listen() { while let text = systemd.nextText() { heard.append(text) } }
      try await eventually("two signs of life") {
        listen()
        return heard.count { $0 == "WATCHDOG=1" } >= 2
      }
      #expect(heard.contains("READY=1"))
      #expect(heard.contains { $0.hasPrefix("STATUS=1 machines") })

      agent.signal(SIGSTOP)
      listen()
      try await Task.sleep(for: .seconds(3))
      let beforeStop = heard.count
      listen()
      #expect(heard.count == beforeStop)
      agent.signal(SIGCONT)
      #expect(agent.stop() == 0)
      listen()
      #expect(heard.contains("STOPPING=1"))
      // Not under systemd's journal: lines for people.
      #expect(agent.text.contains("vigie: notice: watching; machines: 1, buses: 1"))
      silent.signal(SIGKILL)
    }
  }
}

/// A server that takes connections and requests, and never answers.
private func silentServer(port: UInt16) throws -> RunningProgram {
  let server = try RunningProgram(
    "socat",
    ["-u", "TCP-LISTEN:\(port),bind=127.0.0.1,reuseaddr,fork", "OPEN:/dev/null"]
  )
  try waitUntilListening(port: port)
  return server
}
