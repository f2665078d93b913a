import ProcessSupport
import Testing

extension ProcessTests {
  struct AlertTests {
    @Test(arguments: [
      (
        language: "en",
        title: "pump-1, drive end: vibration in zone\u{A0}D",
        sentences: ["Since ", "mm/s", "zone\u{A0}D", "To check: "]
      ),
      (
        language: "fr",
        title: "pump-1, côté accouplement\u{A0}: vibrations en zone\u{A0}D",
        sentences: ["Depuis le ", "mm/s", "zone\u{A0}D", "À vérifier\u{A0}: "]
      ),
    ])
    func `a developing fault becomes an explained alert that ends with the fault`(
      language: String,
      title: String,
      sentences: [String]
    ) async throws {
      let workplace = try Workplace(language: language)
      let broker = try Broker(port: workplace.brokerPort)
      let first = try await Subscriber(port: broker.port)
      var plant = try await workplace.simulate(
        "pump-1: bearing wear from 10 s over 20 s",
        speed: 10
      )
      let agent = try await workplace.run()
      try await eventually("an alarm") { first.alerts.contains { $0.priority == "high" } }

      let late = try await Subscriber(port: broker.port)
      try await eventually("the open alert") { !late.alerts.isEmpty }
      let open = try #require(late.messages.first { $0.topic.contains("/alert/") })
      #expect(open.retained)
      #expect(open.topic == "vigie/works/gw/pump-1/alert/1")
      let alert = try #require(late.alerts.first)
      #expect(alert.class == "machine")
      #expect(alert.language == language)
      #expect(alert.title == title)
      for sentence in sentences {
        #expect(alert.text.contains(sentence), "no '\(sentence)' in: \(alert.text)")
      }

      plant.stop()
      plant = try await workplace.simulate()
      try await eventually("the end of the alert") {
        first.alerts.contains { $0.phase == "cleared" }
      }
      #expect(Set(first.alerts.map(\.alert)) == [1])
      #expect(first.alerts.count { $0.phase == "raised" } == 1)
      try await eventually("the end of the retained message") {
        first.messages.contains { $0.topic == open.topic && $0.payload.isEmpty }
      }
      let later = try await Subscriber(port: broker.port)
      try await eventually("the retained messages") { !later.statuses.isEmpty }
      try await eventually("news") { !later.telemetry.isEmpty }
      #expect(later.alerts.isEmpty)
      #expect(agent.stop() == 0)
      plant.stop()
    }
  }
}
