import ConditionModel
import DataAcquisition
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

@testable import DatasetReplay

struct ComparisonTests {
  private static let start: Int64 = 1_767_571_200

  private func outcome(_ alerts: [(hour: Int, end: Int, channel: String)]) -> MachineOutcome {
    let plant = Plant(
      site: "works",
      gateway: "gw",
      assets: [Asset(id: AssetID(index: 0), name: "tank", kind: .other)],
      channels: ["oil", "level"].enumerated().map { place, name in
        Channel(
          id: ChannelID(index: UInt16(place)),
          asset: AssetID(index: 0),
          location: name,
          point: name,
          unit: "1",
          quantity: .other,
          device: 0
        )
      }
    )
    var outcome = MachineOutcome(machine: "tank", plant: plant, path: "tank.csv")
    outcome.account.first = Timestamp(seconds: Self.start)
    outcome.account.last = Timestamp(seconds: Self.start + 28 * 86_400)
    for (number, alert) in alerts.enumerated() {
      let channel = plant.channels.first { $0.name == alert.channel }?.id ?? ChannelID(index: 0)
      for (phase, hour) in [(Advisory.Phase.raised, alert.hour), (.cleared, alert.end)] {
        outcome.advisories.append(
          Advisory(
            id: UInt64(number),
            asset: AssetID(index: 0),
            findingClass: .machine,
            location: alert.channel,
            phase: phase,
            priority: .medium,
            since: Timestamp(seconds: Self.start),
            timestamp: Timestamp(seconds: Self.start + Int64(hour) * 3_600),
            isAcknowledged: false,
            findings: [
              Finding(
                channel: channel,
                kind: .limit(.above, threshold: 1),
                state: .alert,
                since: Timestamp(seconds: Self.start),
                observed: 2,
                extreme: 2
              )
            ],
            suspects: [],
            unmoved: []
          )
        )
      }
    }
    return outcome
  }

  @Test func `alerts that appear, vanish, move and stay are told apart`() {
    let before = outcome([(10, 12, "oil"), (100, 110, "oil"), (200, 201, "level")])
    let after = outcome([(10, 12, "oil"), (90, 110, "oil"), (300, 301, "level")])
    let comparison = AlertComparison([before], [after])
    let kinds = comparison.changes.map { change in
      switch change {
      case .same: "same"
      case .moved: "moved"
      case .vanished: "vanished"
      case .appeared: "appeared"
      }
    }
    #expect(kinds == ["same", "moved", "vanished", "appeared"])
    let text = comparison.text(before: "a.yaml", after: "b.yaml")
    #expect(text.contains("tank, oil (limit, medium): 10.0 h earlier"))
    #expect(text.contains("1 alerts are the same in both"))
  }

  @Test func `known faults make alerts true, and give lead times`() {
    let played = outcome([(10, 12, "oil"), (100, 110, "oil"), (200, 201, "level")])
    let faults = [
      KnownFault(
        machine: "tank",
        start: Timestamp(seconds: Self.start + 90 * 3_600),
        end: Timestamp(seconds: Self.start + 258 * 3_600)
      ),
      KnownFault(
        machine: "tank",
        start: Timestamp(seconds: Self.start + 500 * 3_600),
        end: Timestamp(seconds: Self.start + 500 * 3_600)
      ),
    ]
    let figures = AlertComparison.Figures([played], faults: faults)
    #expect(figures.notifications == 3)
    #expect(figures.falseNotifications == 1)
    #expect(figures.faults == 2)
    #expect(figures.faultsFound == 1)
    #expect(figures.medianLeadHours == 158)
    // Four weeks less the week of the fault.
    #expect(figures.machineWeeks == 3)
    #expect(figures.falsePerMachineWeek == 1.0 / 3)
    // Time in two faults counts once, that behind the end of the recording not at all.
    let more = [(100, 200), (21 * 24, 60 * 24)].map { hours in
      KnownFault(
        machine: "tank",
        start: Timestamp(seconds: Self.start + Int64(hours.0) * 3_600),
        end: Timestamp(seconds: Self.start + Int64(hours.1) * 3_600)
      )
    }
    #expect(AlertComparison.Figures([played], faults: faults + more).machineWeeks == 2)
    let unknown = AlertComparison.Figures([played], faults: [])
    #expect(unknown.falseNotifications == 3)
  }

  @Test func `the days in which a machine is learned are no time without false alerts`() {
    var played = outcome([(10, 12, "oil"), (300, 310, "oil"), (600, 601, "level")])
    played.learnedAt = Timestamp(seconds: Self.start + 14 * 86_400)
    let figures = AlertComparison.Figures([played], faults: [])
    #expect(figures.notifications == 3)
    // The first came in the two weeks of learning, the second in the last two days of them.
    #expect(figures.falseNotifications == 1)
    #expect(figures.machineWeeks == 2)
    let fault = KnownFault(
      machine: "tank",
      start: Timestamp(seconds: Self.start + 7 * 86_400),
      end: Timestamp(seconds: Self.start + 21 * 86_400)
    )
    #expect(AlertComparison.Figures([played], faults: [fault]).machineWeeks == 1)
  }

  @Test func `a recording that ends before its machine is learned counts whole, and says so`() {
    var played = outcome([(10, 12, "oil")])
    played.learnedAt = Timestamp(seconds: Self.start + 28 * 86_400 + 302_400)
    let figures = AlertComparison.Figures([played], faults: [])
    #expect(figures.machineWeeks == 4)
    #expect(figures.falseNotifications == 1)
    #expect(played.learningDaysLeft == 3.5)
    #expect(figures.text.hasSuffix("; 1 machine not learned yet"))
  }

  @Test func `a table of faults is never guessed`() throws {
    let plant = outcome([]).plant
    let folder = try TemporaryFolder()
    let good = try folder.write(
      "start,end,machine\n2026-01-05,2026-01-06,tank\n2026-01-01,2026-01-02,tank\n",
      to: "good.csv"
    )
    #expect(try FaultFile.read(good, plant: plant).map(\.start.description).sorted().count == 2)
    for (text, word) in [
      ("machine,start,end\noven,2026-01-05,2026-01-06\n", "no machine 'oven'"),
      ("machine,start,end\ntank,2026-01-06,2026-01-05\n", "line 2: '2026-01-06'"),
      ("machine,start\n", "no column 'end'"), ("", "it is empty"),
      (
        "machine,start,end\ntank,2026-01-05,2026-01-06\n\"tank,2026-01-07,2026-01-08\n",
        "line 3: a quoted cell is not closed"
      ),
    ] {
      let path = try folder.write(text, to: "wrong.csv")
      let error = #expect(throws: ReplayError.self) { try FaultFile.read(path, plant: plant) }
      #expect(error?.problem.contains(word) == true)
    }
  }
}

struct TuningTests {
  private func tuning(
    _ plant: RecordedPlant,
    faults: [KnownFault],
    _ wanted: AlertBudget,
    seed: UInt64
  ) -> Tuning {
    let replay = PlantReplay(plant.replayed, folder: plant.folder.path)
    return Tuning(replay, faults: faults, wanted: wanted, seed: seed)
  }

  @Test func `the same seed gives the same result, within the budget where one can be`()
    async throws
  {
    let plant = try RecordedPlant(rows: 1_200)
    let wanted = AlertBudget(count: 1, span: .month)
    // The heat of the tank is a known fault: to find it soon takes a short delay.
    let fault = KnownFault(
      machine: "tank",
      start: Timestamp(seconds: 1_767_571_200 + 4_900),
      end: Timestamp(seconds: 1_767_571_200 + 9_000)
    )
    var results: [TuningResult] = []
    for _ in 0..<2 {
      let one = tuning(plant, faults: [fault], wanted, seed: 7)
      let result = try await one.run(isInterrupted: { false }, progress: { _, _, _ in })
      results.append(try #require(result))
    }
    #expect(results[0] == results[1])
    let result = results[0]
    #expect(result.curve.count == TunedSettings.all.count)
    #expect(result.chosen.onDelay == .seconds(10))
    #expect(result.figures.faultsFound == 1)
    #expect((result.figures.falsePerMachineWeek ?? 1) <= wanted.perMachineWeek)
    #expect(result.unseen != nil)
    #expect(result.fragment.contains("alerts:\n  false alerts: "))
    #expect(result.fragment.contains("\n  on delay: 10 s  #"))
  }

  @Test func `without known faults the most sensitive setting within the budget is chosen`()
    async throws
  {
    let plant = try RecordedPlant(rows: 1_200)
    let strict = try await tuning(
      plant,
      faults: [],
      AlertBudget(count: 1, span: .year),
      seed: 1
    ).run(isInterrupted: { false }, progress: { _, _, _ in })
    let wide = try await tuning(
      plant,
      faults: [],
      AlertBudget(count: 99, span: .day),
      seed: 1
    ).run(isInterrupted: { false }, progress: { _, _, _ in })
    let most = try #require(TunedSettings.all.max())
    #expect(wide?.chosen == most)
    // The tank is hot for an hour: half an hour of delay still tells, so nothing is within a year's one.
    #expect(strict?.fragment.contains("no setting stays within it") == true)
    #expect(strict?.fragment.contains("no faults were named") == true)
  }

  @Test func `where all the time lies in known faults no setting is within any budget`()
    async throws
  {
    let plant = try RecordedPlant(rows: 100)
    let faults = ["tank", "press, old"].map { machine in
      KnownFault(
        machine: machine,
        start: Timestamp(seconds: 1_767_571_200),
        end: Timestamp(seconds: 1_767_571_200 + 9_000)
      )
    }
    let one = tuning(plant, faults: faults, AlertBudget(count: 1, span: .month), seed: 1)
    let error = await #expect(throws: ReplayError.self) {
      try await one.run(isInterrupted: { false }, progress: { _, _, _ in })
    }
    #expect(error?.problem.contains("in known faults") == true)
  }

  @Test func `an interrupt keeps the best so far`() async throws {
    let plant = try RecordedPlant(rows: 1_200)
    var count = 0
    var lefts: [Int] = []
    let result = try await tuning(
      plant,
      faults: [],
      AlertBudget(count: 1, span: .month),
      seed: 3
    ).run(
      isInterrupted: {
        count += 1
        return count > 3
      },
      progress: { done, total, _ in lefts.append(total - done) }
    )
    #expect(result?.curve.count == 3)
    #expect(lefts == [19, 18, 17])
    let none = try await tuning(
      plant,
      faults: [],
      AlertBudget(count: 1, span: .month),
      seed: 3
    ).run(isInterrupted: { true }, progress: { _, _, _ in })
    #expect(none == nil)
  }

  @Test func `what is tried is what the site file with the fragment says`() async throws {
    let plant = try RecordedPlant(rows: 60)
    let settings = TunedSettings(budget: AlertBudget(count: 2, span: .week), onDelay: .seconds(10))
    let fragment = "alerts: { false alerts: \(settings.budget), on delay: 10 s }\n"
    let outcomes = await PlantReplay(plant.replayed, folder: plant.folder.path)
      .run(by: settings, progress: { _, _ in })
    for outcome in outcomes {
      let site = try SiteFile.parse(
        RecordedPlant.site + "\n" + fragment,
        file: "site.yaml",
        profiles: ProfileLibrary(texts: [:]),
        one: SiteFile.OneMachine(
          name: outcome.machine,
          period: .seconds(10),
          columnPeriods: ["t": .seconds(10), "level": .seconds(10)]
        )
      )
      #expect(outcome.configuration == site.pipeline)
    }
    // That of the press states its own.
    let delays = outcomes.map { $0.configuration?.detection.channels[0].limits.map(\.onDelay) }
    #expect(delays == [[.seconds(10)], [.seconds(60)]])
  }
}
