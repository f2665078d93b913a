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
      session.observe(raised)
      #expect(session.publish(OutboxEntry(id: 1, content: raised), at: start).count == 1)
      if isObservedFirst { session.observe(ended) }
      let messages = session.publish(OutboxEntry(id: 2, content: ended), at: start)
      #expect(messages.count == 2)
      #expect(messages.last?.isRetained == true && messages.last?.payload.isEmpty == true)
      // Nor is it told again to a broker that forgot.
      #expect(session.connected(at: start).count == 1)
    }
  }
}
