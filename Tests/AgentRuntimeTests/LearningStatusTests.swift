import ConditionModel
import StateDetection
import Testing

@testable import AgentRuntime

struct LearningStatusTests {
  private static let plant = Plant(
    site: "s",
    gateway: "g",
    assets: [Asset(id: AssetID(index: 0), name: "pump", kind: .centrifugalPump)],
    channels: ["power", "bearing"].enumerated().map { index, name in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: AssetID(index: 0),
        location: name,
        point: name,
        unit: "kW",
        quantity: index == 0 ? .activePower : .temperature,
        device: 0
      )
    }
  )

  private static func state(_ from: Double, hours: Double) -> LearningProgress.State {
    LearningProgress.State(
      driver: ChannelID(index: 0),
      range: from...from + 2,
      hours: hours
    )
  }

  @Test func `how far a machine is learned stays what it is on its way through the store`() throws {
    let rare = Self.state(9, hours: 3.25)
    let progress = LearningProgress(
      hours: 91.26,
      daysLeft: 0,
      isTrusted: true,
      states: [Self.state(3, hours: 40), Self.state(5, hours: 48), rare],
      learnedAt: nil,
      weeksWatched: 2,
      alertCount: 0,
      budgetPerWeek: 0.25,
      missing: [.state(rare), .surroundings, .channel(ChannelID(index: 1))]
    )
    let learning = AgentStatus.Learning(progress, in: Self.plant)
    #expect(learning.hours == 91.3 && learning.likelyMostPerWeek == 1.5)
    #expect(learning.missing.surroundings && learning.missing.channels == ["bearing"])
    let states = try #require(learning.states)
    // The state between that was never seen is there, too.
    #expect(states.from == 3 && states.width == 2 && states.hours == [40, 48, 0, 3.3])
    #expect(states.channel == "power" && states.unit == "kW")
    let machine = AgentStatus.Machine(
      name: "pump",
      health: nil,
      earlier: nil,
      learning: learning,
      prognosis: nil
    )
    #expect(jsonText(machine).utf8.count < 600)
    #expect(jsonText(machine).contains(#""hours":[40,48,0,3.3]"#))
  }

  @Test func `a young machine says what it lacks`() {
    let progress = LearningProgress(
      hours: 2,
      daysLeft: 9.5,
      isTrusted: false,
      states: [],
      learnedAt: nil,
      weeksWatched: 0,
      alertCount: 0,
      budgetPerWeek: 0.25,
      missing: [.days(9.5), .hours(10)]
    )
    let learning = AgentStatus.Learning(progress, in: Self.plant)
    #expect(learning.daysLeft == 9.5 && learning.missing.hours == 10)
    #expect(learning.states == nil && learning.likelyMostPerWeek == nil)
  }
}
