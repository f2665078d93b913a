import Foundation
import ProcessSupport
import Testing

extension ProcessTests {
  /// From the simulated defect through registers, blocks and the core to a sentence in a subscriber.
  struct WaveformTests {
    static let machines = """
        pump-1:
          kind: centrifugal pump
          power: 22 kW
          mounting: rigid
          speed: 1480 rpm
          points:
            drive end:
              device: vigie/vibration-block
              bus: line
              unit: 5
              every: 500 ms
              block every: 1 s
              bearing: 6309
              speed channel: drive end/shaft speed
      """

    @Test(arguments: [
      (
        language: "en", title: "pump-1, drive end: outer race of the bearing in the vibration",
        sentences: [
          "Outer race of the bearing 6309 (drive end)", "shaft speed", "dB above the floor",
          "Possible cause: damage to the outer race of the bearing (6309)", "To check: ",
        ]
      ),
      (
        language: "fr",
        title: "pump-1, côté accouplement\u{A0}: bague extérieure du roulement dans la vibration",
        sentences: [
          "Bague extérieure du roulement 6309 (côté accouplement)", "la rotation",
          "dB au-dessus du fond", "endommagement de la bague extérieure du roulement (6309)",
        ]
      ),
    ])
    func `a defect on the outer race becomes a sentence that names bearing, lines and level`(
      language: String,
      title: String,
      sentences: [String]
    ) async throws {
      let workplace = try Workplace(language: language, machines: Self.machines)
      let broker = try Broker(port: workplace.brokerPort)
      let subscriber = try await Subscriber(port: broker.port)
      // A block stands for 30 s of the plant: a second here.
      let plant = try await workplace.simulate(
        "pump-1: outer race defect from 240 s over 30 s",
        speed: 30
      )
      let agent = try await workplace.run()
      try await eventually("values made of blocks") {
        subscriber.telemetry.contains { $0.values.keys.contains("drive end/kurtosis z") }
      }
      let none = language == "en" ? "no fault pattern" : "aucune signature de défaut"
      try await eventually("a verdict in the status") {
        let (_, status) = try workplace.vigie(
          "status",
          "--config",
          workplace.site,
          "--store",
          workplace.store
        )
        return status.contains("vibration z") && status.contains(none)
      }

      try await eventually("the alert", limit: .seconds(30)) {
        subscriber.alerts.contains { $0.title == title }
      }
      let alert = try #require(subscriber.alerts.last { $0.title == title })
      #expect(alert.class == "machine" && alert.language == language)
      for sentence in sentences {
        #expect(alert.text.contains(sentence), "no '\(sentence)' in: \(alert.text)")
      }
      #expect(agent.stop() == 0)
      plant.stop()
    }
  }
}
