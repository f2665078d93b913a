import ProcessSupport
import Testing

extension ProcessTests {
  struct DiskFullTests {
    @Test(.enabled(if: SmallDisk.isPossible, "only root may mount a small disk to fill"))
    func `on a full disk values wait in memory, and all of them are stored in the end`()
      async throws
    {
      let disk = try #require(SmallDisk(mebibytes: 8))
      let store = "\(disk.path)/history.sqlite"
      // Quick enough to use up what the journal has taken beforehand.
      let machines = Workplace.pump.replacing("200 ms", with: "20 ms")
      let workplace = try Workplace(machines: machines)
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      let plant = try await workplace.simulate()
      let agent = try await workplace.run(store: store)
      try await eventually("values at the subscriber") { subscriber.telemetry.count > 5 }

      try disk.fill()
      // On a busy machine it takes longer to use that up.
      try await agent.prints("no space left", limit: .seconds(60))
      let known = subscriber.telemetry.count
      try await eventually("word of it at the broker") {
        subscriber.statuses.last?.agent?.store.error?.contains("no space left") == true
      }
      #expect(agent.isRunning)
      disk.free()
      try await agent.prints("the store works again")
      try await eventually("word that it is over") {
        subscriber.statuses.last?.agent.map { $0.store.error == nil } == true
      }
      try await eventually("news") { subscriber.telemetry.count > known + 15 }

      #expect(agent.stop() == 0)
      let stored = try await workplace.storedFrames(in: store)
      // Each once: on a busy machine two polls may lie within one millisecond and read the same.
      #expect(subscriber.telemetry.map(\.key).sorted().difference(from: stored).isEmpty)
      let status = try workplace.status(in: store)
      #expect(status.valuesRead == 3 * stored.count)
      #expect(status.valuesDropped == 0)
      #expect(status.store.error == nil)
      plant.stop()
    }
  }
}
