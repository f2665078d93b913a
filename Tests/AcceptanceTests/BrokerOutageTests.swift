import Glibc
import ProcessSupport
import Testing

extension ProcessTests {
  struct BrokerOutageTests {
    /// Waits until what was received is what is stored; lists the difference when it never is.
    private func expectAllReceived(
      _ workplace: Workplace,
      _ subscribers: Subscriber...
    ) async throws {
      let stored = try await workplace.storedFrames()
      func missing() -> [String] {
        let received = Set(subscribers.flatMap(\.telemetry).map(\.key))
        return stored.filter { !received.contains($0) }
      }
      try? await eventually("all that is stored") { missing().isEmpty }
      #expect(missing() == [], "of \(stored.count) stored frames these never arrived")
      var identities: [String: String] = [:]
      for telemetry in subscribers.flatMap(\.telemetry) {
        let known = identities.updateValue(telemetry.key, forKey: telemetry.id)
        #expect(known == nil || known == telemetry.key, "\(telemetry.id) was given twice")
      }
      #expect(Set(identities.values).count == identities.count, "a frame has two identities")
      #expect(identities.count == stored.count)
    }

    @Test func `a broker that comes late, goes and forgets costs no value`() async throws {
      let workplace = try Workplace()
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      try await eventually("values in the store") { try await workplace.storedFrames().count > 5 }

      var broker = try Broker()
      let gate = Gate(port: workplace.brokerPort, to: broker.port)
      let subscriber = try await Subscriber(port: broker.port)
      try gate.open()
      try await eventually("values at the subscriber", limit: .seconds(5)) {
        !subscriber.telemetry.isEmpty
      }

      try await gate.close()
      try await subscriber.hasAllConfirmed(port: broker.port)
      broker.kill()
      let before = try await workplace.storedFrames().count
      try await eventually("values while the broker is away") {
        try await workplace.storedFrames().count > before + 15
      }
      let known = subscriber.telemetry.count
      broker = try Broker(port: broker.port)
      try await subscriber.isReady(times: 2)
      try gate.open()
      try await eventually("values after the broker's return", limit: .seconds(5)) {
        subscriber.telemetry.count > known
      }
      #expect(subscriber.statuses.last?.state == "online")

      #expect(agent.stop() == 0)
      try await expectAllReceived(workplace, subscriber)
      let status = try workplace.status()
      #expect(status.valuesRead == 3 * subscriber.telemetry.count)
      plant.stop()
    }

    @Test func `a kill during an outage loses nothing that was stored and repeats no alert`()
      async throws
    {
      let workplace = try Workplace()
      let plant = try await workplace.simulate("pump-1: imbalance from 0 s over 1 s", speed: 2)
      var broker = try Broker()
      let gate = Gate(port: workplace.brokerPort, to: broker.port)
      let subscriber = try await Subscriber(port: broker.port)
      try gate.open()
      var agent = try await workplace.run()
      try await eventually("an alert") { !subscriber.alerts.isEmpty }

      try await gate.close()
      try await subscriber.hasAllConfirmed(port: broker.port)
      broker.kill()
      let before = try await workplace.storedFrames().count
      try await eventually("values while the broker is away") {
        try await workplace.storedFrames().count > before + 10
      }
      agent.signal(SIGKILL)
      #expect(await agent.ends() == -SIGKILL)
      let killed = try await workplace.storedFrames()

      agent = try await workplace.run()
      broker = try Broker(port: broker.port)
      try await subscriber.isReady(times: 2)
      let late = subscriber.messages.count
      try gate.open()
      try await eventually("all that was stored before the kill") {
        Set(subscriber.telemetry.map(\.key)).isSuperset(of: killed)
      }
      try await eventually("the open alert at a broker that forgot it") {
        subscriber.messages.dropFirst(late).contains { $0.topic.hasSuffix("/alert/1") }
      }
      let count = subscriber.telemetry.count
      try await eventually("news") { subscriber.telemetry.count > count + 10 }
      #expect(agent.stop() == 0)
      try await expectAllReceived(workplace, subscriber)
      #expect(Set(subscriber.alerts.map(\.alert)) == [1])
      #expect(Set(subscriber.alerts.filter { $0.phase == "raised" }.map(\.id)).count == 1)
      #expect(Set(subscriber.alerts.map(\.since)).count == 1)
      plant.stop()
    }

    @Test
    func `after hours without a broker the present comes first, then the past, whole and in order`()
      async throws
    {
      let workplace = try Workplace(formats: "json, sparkplug")
      // Longer than the present lets wait for itself, and than the status: six seconds at the rate of
      // history.
      let count = 6_000
      try await workplace.storeUntold(count, for: ["json", "sparkplug"])
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()

      var broker = try Broker()
      let gate = Gate(port: workplace.brokerPort, to: broker.port)
      let subscriber = try await Subscriber(port: broker.port)
      let host = try await SparkplugHost(port: broker.port)
      try gate.open()
      try await eventually("a part of the past") { subscriber.telemetry.count > count / 4 }
      // And once more it goes, in the middle of it.
      try await gate.close()
      try await subscriber.hasAllConfirmed(port: broker.port)
      broker.kill()
      broker = try Broker(port: broker.port)
      try await subscriber.isReady(times: 2)
      try await host.isReady(times: 2)
      try gate.open()
      // The status follows every five seconds.
      var mostWaiting = 0
      try await eventually("the end of the past", limit: .seconds(30)) {
        let brokers = try workplace.status().brokers
        mostWaiting = max(mostWaiting, brokers.map(\.historyWaiting).max() ?? 0)
        return brokers.allSatisfy { $0.isConnected && $0.historyWaiting == 0 }
      }
      #expect(mostWaiting > 0 && mostWaiting < 2 * count)
      #expect(agent.stop() == 0)
      try await expectAllReceived(workplace, subscriber)

      let told = subscriber.telemetry
      // What was read while a connection came about is past as well, but comes among the news.
      let stored = Set(try await workplace.storedFrames().prefix(count))
      let historical = told.filter { $0.historical == true }
      let past = historical.filter { stored.contains($0.key) }.map(\.place)
      let present = historical.filter { !stored.contains($0.key) }.map(\.place)
      // What the broker had not confirmed when it died comes again, and what was read while it was away
      // comes behind the news: one step back.
      #expect(past.count >= count)
      for places in [past, present] {
        #expect(zip(places, places.dropFirst()).count { $0 > $1 } <= 1)
      }
      // News do not wait for the end of the past.
      let isPast = told.map { $0.historical == true }
      #expect(isPast.firstIndex(of: false) ?? .max < isPast.lastIndex(of: true) ?? 0)
      // In Sparkplug what was not confirmed is told again after the next birth, and only that.
      let storedTimes = Set(
        try await workplace.storedTimes().prefix(count).map { Int64($0 * 1_000) }
      )
      var heard: Set<Int64> = []
      for life in host.messages.split(whereSeparator: { $0.kind == "NBIRTH" }) {
        #expect(life.first?.kind == "DBIRTH")
        let values = life.filter { $0.kind == "DDATA" }.flatMap(\.metrics)
          .filter { $0.name == "drive end/velocity rms z" }
        let all = values.filter(\.historical).map(\.timestamp)
        let times = all.filter(storedTimes.contains)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        let others = all.filter { !storedTimes.contains($0) }
        #expect(zip(others, others.dropFirst()).count { $0 >= $1 } <= 1)
        heard.formUnion(times)
      }
      #expect(storedTimes.subtracting(heard).isEmpty)
      // No message is missing, however often the numbers begin anew at 0.
      var next: Int?
      for message in host.messages where message.kind != "NDEATH" {
        #expect(message.seq == (message.kind == "NBIRTH" ? 0 : next))
        next = message.seq.map { ($0 + 1) % 256 }
      }
      plant.stop()
    }

    @Test func `a killed agent is offline for everyone, and at most two seconds are not stored`()
      async throws
    {
      let workplace = try Workplace()
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      let plant = try await workplace.simulate()
      let agent = try await workplace.run()
      try await eventually("values at the subscriber") { subscriber.telemetry.count > 10 }
      let end = wallClockSeconds()
      agent.signal(SIGKILL)
      try await eventually("the last will") { subscriber.statuses.last?.state == "offline" }
      #expect(subscriber.statuses.last?.reason == "connection lost")
      let last = try #require(try await workplace.storedTimes().last)
      // One second between two commits, and one for a busy machine.
      #expect(end - last < 2)
      plant.stop()
    }
  }
}

private func wallClockSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
