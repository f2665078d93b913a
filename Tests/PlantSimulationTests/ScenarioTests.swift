import ConditionModel
import PlantSimulation
import Testing

struct ScenarioTests {
  @Test func `a scenario is read from a short text`() throws {
    let scenario = try Scenario(parsing: "pompe-3: bearing wear from 10 s over 60 s")
    let expected = Scenario(
      kind: .bearingWear,
      machine: "pompe-3",
      start: .seconds(10),
      growth: .seconds(60)
    )
    #expect(scenario == expected)
    let stuck = try Scenario(
      parsing: "  Pompe-3 / drive end / velocity rms z :  Stuck Sensor for 1.5min from 500ms "
    )
    #expect(stuck.kind == .stuckSensor)
    #expect(stuck.location == "drive end")
    #expect(stuck.point == "velocity rms z")
    #expect(stuck.start == .milliseconds(500))
    #expect(stuck.duration == .seconds(90))
  }

  @Test(arguments: Scenario.Kind.allCases)
  func `a scenario written as text reads back the same`(kind: Scenario.Kind) throws {
    let scenario = Scenario(
      kind: kind,
      machine: "m",
      location: "drive end",
      start: .milliseconds(1_500),
      growth: .seconds(90),
      duration: .seconds(7_200)
    )
    #expect(try Scenario(parsing: scenario.description) == scenario)
  }

  @Test(arguments: [
    ("pompe-3 bearing wear", "between machine and fault stands a colon"),
    (": leak", "before the colon stands machine[/location[/point]]"),
    ("p//x: leak", "before the colon stands machine[/location[/point]]"),
    ("p: leak from", "after “from” stands a time"),
    ("p: leak from 10", "after “from” stands a time"),
    ("p: leak from 10 parsecs", "after “from” stands a time"),
    ("p: leak over -5 s", "after “over” stands a time"),
    ("p: leak over 99999999999999 d", "after “over” stands a time"),
    ("p: leak from 1 s from 2 s", "“from” stands there twice"),
    ("p: leek", "“leek” is not a fault; the faults are bearing wear, outer race defect"),
    ("p:", "“” is not a fault"),
  ])
  func `a wrong text says what is wrong and what would be right`(text: String, reason: String) {
    let error = #expect(throws: ScenarioError.self) { try Scenario(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func `names that the plant does not have are refused with those that it has`() {
    let workshop = Workshop()
    for (text, message) in [
      (
        "pompe-4: leak",
        "no machine is named “pompe-4”; the machines are pompe-3, ventilateur-1, compresseur-1, "
          + "convoyeur-2, broche-4"
      ),
      (
        "pompe-3/rear: leak",
        "pompe-3 has no location “rear”; its locations are drive end, motor supply"
      ),
      (
        "compresseur-1/receiver/flow: stuck sensor",
        "receiver has no point “flow”; its points are pressure"
      ),
    ] {
      let error = #expect(throws: ScenarioError.self) { try workshop.simulated(text) }
      #expect(error?.description == message)
    }
  }

  @Test func `a fault grows from its start, stays, and ends when mended`() {
    let scenario = Scenario(
      kind: .leak,
      machine: "m",
      start: .seconds(10),
      growth: .seconds(40),
      duration: .seconds(100)
    )
    #expect(scenario.level(at: .seconds(9)) == 0)
    #expect(scenario.level(at: .seconds(30)) == 0.5)
    #expect(scenario.level(at: .seconds(109)) == 1)
    #expect(scenario.level(at: .seconds(110)) == 0)
  }
}
