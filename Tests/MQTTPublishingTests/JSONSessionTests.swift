import ConditionModel
import Testing

@testable import MQTTPublishing

struct JSONSessionTests {
  private let plant = samplePlant()

  /// The store may be read before word of an entry comes.
  @Test func `an alert that ended is taken back, whether word of it or the store comes first`() {
    let ended = OutboxEntry.Content.output(plant.advisory(1, .cleared, sequence: 2))
    let raised = OutboxEntry.Content.output(plant.advisory(1, .raised, sequence: 1))
    for isObservedFirst in [true, false] {
      var session = JSONSession(plant: plant, wording: words)
      let start = Timestamp(seconds: 0)
      _ = session.connecting(at: start)
      _ = session.connected(at: start)
      func told(_ id: Int64, _ content: OutboxEntry.Content) -> [Message] {
        session.publish(OutboxEntry(id: id, content: content), isPast: false, at: start)
      }
      session.observe(raised)
      #expect(told(1, raised).count == 1)
      if isObservedFirst { session.observe(ended) }
      let messages = told(2, ended)
      #expect(messages.count == 2)
      #expect(messages.last?.isRetained == true && messages.last?.payload.isEmpty == true)
      // Nor is it told again to a broker that forgot.
      #expect(session.connected(at: start).count == 1)
    }
  }

  @Test func `what was stored before the connection is history, wherever the clock was`() throws {
    var session = JSONSession(plant: plant, wording: words)
    // The clock ran an hour ahead, and was set right before the connection.
    let ahead = plant.frame(second: 3_900, values: [1])
    let newest = plant.frame(second: 290, values: [2])
    for frame in [ahead, newest] { session.observe(.telemetry(frame)) }
    _ = session.connecting(at: Timestamp(seconds: 300))
    _ = session.connected(at: Timestamp(seconds: 300))
    func isHistorical(_ frame: Frame, isPast: Bool) throws -> Bool {
      let entry = OutboxEntry(id: 1, content: .telemetry(frame))
      let told = session.publish(entry, isPast: isPast, at: Timestamp(seconds: 301))
      return try JSONValue(parsing: told[0].payload)["historical"] == .boolean(true)
    }
    #expect(try isHistorical(ahead, isPast: true))
    // How the machine is, until it is read again.
    #expect(try !isHistorical(newest, isPast: true))
    #expect(try !isHistorical(plant.frame(second: 200, values: [3]), isPast: false))
  }

  @Test func `of a machine that left the site its alerts end, and the broker keeps nothing`() throws
  {
    var session = JSONSession(plant: plant, wording: words)
    _ = session.connecting(at: Timestamp(seconds: 300))
    _ = session.connected(at: Timestamp(seconds: 300))
    func told(_ machine: DepartedMachine) -> [Message] {
      let entry = OutboxEntry(id: 1, content: .departed(machine))
      return session.publish(entry, isPast: true, at: Timestamp(seconds: 301))
    }
    let messages = told(departedMachine())
    let base = "vigie/atelier-nord/gw-01/broyeur"
    let topics = ["alert/7", "alert/7", "health", "prognosis"]
    #expect(messages.map(\.topic) == topics.map { "\(base)/\($0)" })
    #expect(messages.map(\.isRetained) == [false, true, true, true])
    #expect(messages.dropFirst().allSatisfy { $0.payload.isEmpty })
    let said = try JSONValue(parsing: messages[0].payload)
    #expect(said["phase"] == .string("cleared"))
    #expect(said["text"] == .string("La machine broyeur n’est plus dans le fichier du site."))
    // One that is back says by itself how it is.
    #expect(told(departedMachine(named: plant.assets[0].name)).count == 2)
  }

  @Test func `what the broker remembers and is no longer so leaves its memory`() {
    let base = "vigie/atelier-nord/gw-01"
    let machine = plant.assets[0].name
    var session = JSONSession(
      plant: plant,
      openAlerts: [plant.advisory(2, .raised, sequence: 1)],
      wording: words
    )
    #expect(session.subscriptions == ["health", "prognosis", "alert/+"].map { "\(base)/+/\($0)" })
    let now = Timestamp(seconds: 300)
    _ = session.connecting(at: now)
    _ = session.connected(at: now)
    func leaves(_ rest: String, _ payload: String = "{}", isRetained: Bool = true) -> Bool {
      let topic = "\(base)/\(rest)"
      let payload = Array(payload.utf8)
      let steps = session.received(
        ReceivedMessage(topic: topic, payload: payload, isRetained: isRetained),
        at: now
      )
      let end = PublicationStep.send(Message(topic: topic, payload: [], isRetained: true))
      #expect(steps.isEmpty || steps == [end])
      return !steps.isEmpty
    }
    #expect(leaves("\(machine)/alert/1") && !leaves("\(machine)/alert/2"))
    #expect(leaves("broyeur/alert/2") && leaves("broyeur/health") && leaves("broyeur/prognosis"))
    #expect(!leaves("\(machine)/health") && !leaves("\(machine)/prognosis"))
    // Its own words on the way to others, and what was emptied already.
    #expect(!leaves("\(machine)/alert/1", isRetained: false) && !leaves("\(machine)/alert/1", ""))
    #expect(session.counts == CommandCounts())
  }
}

/// With an open alert.
func departedMachine(named name: String = "broyeur") -> DepartedMachine {
  let alert = DepartedMachine.Alert(
    id: 7,
    location: "drive end",
    findingClass: .machine,
    priority: .high,
    since: Timestamp(seconds: 100),
    isAcknowledged: true,
    text: AdvisoryText(
      language: .french,
      title: "Terminé : \(name)",
      text: "La machine \(name) n’est plus dans le fichier du site."
    )
  )
  return DepartedMachine(name: name, timestamp: Timestamp(seconds: 200), alerts: [alert])
}
