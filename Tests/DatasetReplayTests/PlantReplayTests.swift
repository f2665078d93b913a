import ConditionModel
import DataAcquisition
import MonitoringPipeline
import SiteConfiguration
import Testing

@testable import DatasetReplay

/// A site of two recorded machines, one of which gets hot for an hour.
final class RecordedPlant {
  static let site = """
    site: works
    gateway: gw
    machines:
      tank:
        kind: machine
        recording: tank.csv
        points:
          oil temperature: { column: t, quantity: temperature, unit: °C, range: [0, 150], resolution: 0.1 }
          level: { quantity: level, unit: mm }
        limits:
          oil temperature: { alert above: 80 °C, alarm above: 90 °C }
      "press, old":
        kind: hydraulic press
        recording: press.csv
        points:
          oil temperature: { column: t, quantity: temperature, unit: °C }
        limits:
          oil temperature: { alert above: 80 °C, on delay: 60 s }
    """

  let folder: TemporaryFolder
  let replayed: ReplayedSite

  init(rows: Int = 2_000) throws {
    let profiles = ProfileLibrary(texts: [:])
    let whole = try SiteFile.parse(Self.site, file: "site.yaml", profiles: profiles)
    replayed = ReplayedSite(whole) { one in
      try SiteFile.parse(Self.site, file: "site.yaml", profiles: profiles, one: one)
    }
    folder = try Self.folder(rows: rows)
  }

  private static func folder(rows: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try folder.write(table(rows: rows, columns: 2, hot: 500..<860), to: "tank.csv")
    _ = try folder.write(table(rows: rows, columns: 1, hot: 1_900..<9_999), to: "press.csv")
    return folder
  }

  /// Rows 10 s apart from 2026-01-05 on.
  static func table(rows: Int, columns: Int, hot: Range<Int>) -> String {
    var text = columns == 2 ? "timestamp,t,level\n" : "timestamp,t\n"
    for row in 0..<rows {
      let moment = Timestamp(seconds: 1_767_571_200 + Int64(row) * 10)
      let noise = Double(row * 7_919 % 101) / 100
      text += "\(moment),\((hot.contains(row) ? 95 : 60) + noise)"
      text += columns == 2 ? ",\(400 + noise)\n" : "\n"
    }
    return text
  }

  func run(_ marks: [MaintenanceMark] = []) async -> [MachineOutcome] {
    await PlantReplay(replayed, folder: folder.path, marks: marks).run()
  }
}

struct PlantReplayTests {
  @Test func `each machine is played by its own recording, and alerts become rows`() async throws {
    let plant = try RecordedPlant()
    let outcomes = await plant.run()
    #expect(outcomes.map(\.machine) == ["tank", "press, old"])
    #expect(outcomes.map(\.failure) == [nil, nil])
    #expect(outcomes.map(\.period) == [.seconds(10), .seconds(10)])
    #expect(outcomes.map(\.account.rows) == [2_000, 2_000])
    let limits = AlertRow.table(of: outcomes).split(separator: "\n").filter {
      $0.contains(",limit,") || $0.hasPrefix("machine")
    }
    #expect(
      limits == [
        "machine,start,end,class,severity,channel",
        "tank,2026-01-05T01:24:20.000Z,2026-01-05T02:24:20.000Z,limit,high,oil temperature",
        "\"press, old\",2026-01-05T05:17:40.000Z,2026-01-05T05:33:10.000Z,limit,medium,oil temperature",
      ]
    )
    let last = try #require(AlertRow.rows(of: outcomes[1]).last)
    #expect(last.isOpen)
    #expect(last.isNotification)
  }

  @Test func `a machine alone says what it says beside others`() async throws {
    let plant = try RecordedPlant()
    let first = await plant.run()
    let second = await plant.run()
    #expect(first.map(\.advisories) == second.map(\.advisories))
    #expect(AlertRow.table(of: first) == AlertRow.table(of: second))
  }

  @Test func `while nothing is recorded there is a row of remaining life at least every six hours`()
  {
    let hour: Int64 = 3_600
    var life = LifeRows()
    for hours in [0, 1, 2, 15, 16] as [Int64] {
      let now = Timestamp(seconds: hours * hour)
      // What is known at the end of the pause does not reach back into it.
      life.take(Prognosis(asset: AssetID(index: 0), timestamp: now, outlook: .noTrend(.steady)))
      life.advance(to: now)
    }
    let hours = life.rows.map { $0.timestamp.nanoseconds / 1_000_000_000 / hour }
    #expect(hours == [0, 1, 2, 8, 14, 15, 16])
    var slow = LifeRows()
    for day in [0, 1] as [Int64] { slow.advance(to: Timestamp(seconds: day * 24 * hour)) }
    #expect(slow.rows.count == 5)
  }

  @Test func `a recording that cannot be played fails alone`() async throws {
    let plant = try RecordedPlant()
    _ = try plant.folder.write("timestamp,x\n2026-01-05T00:00:00Z,1\n", to: "tank.csv")
    let outcomes = await plant.run()
    #expect(outcomes[0].failure?.contains("there is no column 't', 'level'") == true)
    #expect(outcomes[1].failure == nil)
    #expect(outcomes[1].account.rows == 2_000)
    _ = try plant.folder.write("", to: "tank.csv")
    #expect(await plant.run()[0].failure?.contains("it is empty") == true)
  }

  @Test func `of a recording that is refused no row is told`() async throws {
    let plant = try RecordedPlant()
    var lines = RecordedPlant.table(rows: 2_000, columns: 2, hot: 500..<860).split(separator: "\n")
    // A third is in another order: that may be known but at the end.
    lines[1_400...].reverse()
    _ = try plant.folder.write(lines.joined(separator: "\n"), to: "tank.csv")
    let outcome = await plant.run()[0]
    #expect(outcome.failure?.contains("its rows are not sorted by time") == true)
    #expect(AlertRow.rows(of: outcome).isEmpty)
    #expect(LifeRows.table(of: [outcome]) == LifeRows.header)
  }

  @Test func `of recordings in the wrong order the older one is left out, counted and said`()
    throws
  {
    let plant = try RecordedPlant()
    func week(_ number: Int64) throws -> String {
      var text = "time,tank/oil temperature\n"
      for row in 0..<100 {
        let moment = Timestamp(seconds: 1_767_571_200 + number * 604_800 + Int64(row) * 10)
        text += "\(moment),60.\(row)\n"
      }
      return try plant.folder.write(text, to: "week\(number).csv")
    }
    let paths = [try week(2), try week(1)]
    func replay(_ paths: [String]) throws -> RecordingReplay {
      var replay = try RecordingReplay(
        plant.replayed.whole.pipeline,
        recordings: paths,
        drawsReport: true
      )
      for path in paths { try replay.play(path) { _ in } }
      return replay
    }
    let wrong = try replay(paths)
    #expect(
      wrong.remarks == [
        "100 values are left out, older than what was played before; name recordings in order of time"
      ]
    )
    let end = Timestamp(seconds: 1_767_571_200 + 2 * 604_800 + 990)
    #expect(wrong.outcomes[0].account.last == end)
    let right = try replay(paths.reversed())
    #expect(right.remarks.isEmpty)
    #expect(try replay([week(2)]).outcomes[0].learningDaysLeft.map { $0 > 9.9 } == true)
    #expect(right.outcomes[0].account.last == end)
    // The days between two recordings are none in which anything was watched.
    #expect(right.outcomes[0].pauses.count == 1)
    #expect(abs(OutcomeFigures(right.outcomes[0]).days * 86_400 - 1_980) < 1)
  }

  @Test func `devices that are read in turn make no pauses, nor do rows at another rate`() {
    var turns = RecordingPauses()
    var rates = RecordingPauses()
    for second in 0..<10_000 {
      for device in 0..<20 {
        let moment = Timestamp(seconds: Int64(10 * second)) + .milliseconds(5 * device)
        turns.take(moment) { nil }
      }
      let slow = Int64(max(0, second - 5_000))
      rates.take(Timestamp(seconds: Int64(second) + 299 * slow)) { Timestamp(seconds: 5_000) }
    }
    // Until the rate is known.
    #expect(turns.count < 30)
    #expect(rates.count < 10)
    #expect(rates.whileWatched == rates.total)
  }

  @Test func `a recording whose rows come much slower later on is judged by that rate`()
    async throws
  {
    let plant = try RecordedPlant()
    var text = "timestamp,t,level\n"
    for row in 0..<7_500 {
      let second = row < 5_500 ? row : 5_500 + (row - 5_500) * 300
      let moment = Timestamp(seconds: 1_767_571_200 + Int64(second))
      let noise = Double(row * 7_919 % 101) / 100
      text += "\(moment),\((row > 7_000 ? 95 : 60) + noise),\(400 + noise)\n"
    }
    _ = try plant.folder.write(text, to: "tank.csv")
    let outcome = await plant.run()[0]
    #expect(outcome.period == .seconds(1) && outcome.laterPeriod == .seconds(300))
    #expect(outcome.pauses.count == 0)
    #expect(AlertRow.rows(of: outcome).map(\.class) == [.limit])
  }

  @Test func `a pause is counted, and is no silence of a device`() async throws {
    let plant = try RecordedPlant()
    let text = RecordedPlant.table(rows: 400, columns: 2, hot: 0..<0)
    let lines = text.split(separator: "\n")
    let paused = (lines[..<100] + lines[200...]).joined(separator: "\n")
    _ = try plant.folder.write(paused, to: "tank.csv")
    let outcome = await plant.run()[0]
    #expect(outcome.pauses.count == 1)
    #expect(outcome.pauses.longest == .seconds(1_010))
    #expect(!outcome.advisories.contains { $0.findingClass == .communication })
  }

  @Test func `a column that is filled in every tenth row is slow, not silent`() async throws {
    let plant = try RecordedPlant()
    let text = RecordedPlant.table(rows: 1_000, columns: 2, hot: 0..<0)
    let slow = text.split(separator: "\n").enumerated().map { number, line in
      number % 10 == 0
        ? String(line) : String(line[...(line.lastIndex(of: ",") ?? line.startIndex)])
    }
    _ = try plant.folder.write(slow.joined(separator: "\n"), to: "tank.csv")
    let outcome = await plant.run()[0]
    #expect(outcome.period == .seconds(10))
    #expect(outcome.account.emptyCells == 900)
    #expect(!outcome.advisories.contains { $0.findingClass == .communication })
  }

  @Test func `a column that falls silent is noted and notifies nobody`() async throws {
    let plant = try RecordedPlant()
    let text = RecordedPlant.table(rows: 400, columns: 2, hot: 0..<0)
    let lines = text.split(separator: "\n").enumerated().map { number, line in
      number < 200 ? String(line) : line.prefix { $0 != "," } + ",,400.\(number)"
    }
    _ = try plant.folder.write(lines.joined(separator: "\n"), to: "tank.csv")
    let outcome = await plant.run()[0]
    #expect(outcome.account.emptyCells == 201)
    let rows = AlertRow.rows(of: outcome).filter { $0.class == .sensor }
    #expect(rows.map(\.channel) == ["oil temperature"])
    #expect(rows.allSatisfy { $0.severity == "info" })
  }

  @Test func `events are read by name and time, and what cannot be placed is said`() throws {
    let plant = try RecordedPlant()
    let path = try plant.folder.write(
      """
      timestamp,machine,text
      2026-01-06T00:00:00Z,tank,"oil changed, filter too"
      2026-01-05T08:00:00Z,"press, old", Greasing\u{20}
      2026-01-05T08:00:00Z,oven,greasing
      soon,tank,x

      """,
      to: "events.csv"
    )
    let file = try EventFile(path: path, plant: plant.replayed.whole.plant)
    #expect(file.marks.map(\.asset.index) == [1, 0])
    #expect(file.marks.map(\.kind) == [.greasing, .note])
    #expect(file.marks.map(\.text) == [" Greasing ", "oil changed, filter too"])
    let kinds = MaintenanceMark.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    #expect(
      file.remarks == [
        "1 event without a readable time is left out, first on line 5; write 2026-10-14T04:20:07Z",
        "1 event is taken as a note, which changes nothing, first on line 2;"
          + " the text of others is one word alone: \(kinds)",
        "the site has no machine oven; it has tank, press, old",
      ]
    )
    let wrong = try plant.folder.write("time,machine\n", to: "wrong.csv")
    let error = #expect(throws: ReplayError.self) {
      try EventFile(path: wrong, plant: plant.replayed.whole.plant)
    }
    #expect(error?.problem.contains("no column 'timestamp'") == true)
  }

  @Test func `an alert that grows worth telling has a row before and after`() throws {
    let plant = try RecordedPlant()
    var outcome = MachineOutcome(
      machine: "tank",
      plant: plant.replayed.whole.plant,
      path: "tank.csv"
    )
    let finding = Finding(
      channel: ChannelID(index: 0),
      kind: .silent(.noAnswer),
      state: .alert,
      since: Timestamp(seconds: 1),
      observed: nil,
      extreme: nil
    )
    func step(
      _ phase: Advisory.Phase,
      _ findingClass: FindingClass,
      _ second: Int64
    ) -> Advisory {
      Advisory(
        id: 4,
        asset: AssetID(index: 0),
        findingClass: findingClass,
        location: "oil temperature",
        phase: phase,
        priority: .medium,
        since: Timestamp(seconds: 1),
        timestamp: Timestamp(seconds: second),
        isAcknowledged: false,
        findings: [finding],
        suspects: [],
        unmoved: []
      )
    }
    outcome.advisories = [
      step(.raised, .communication, 10), step(.updated, .machine, 20), step(.updated, .machine, 30),
      step(.cleared, .machine, 40),
    ]
    let rows = AlertRow.rows(of: outcome)
    #expect(rows.map(\.severity) == ["info", "medium"])
    #expect(rows.map(\.class) == [.sensor, .machine])
    #expect(rows.map(\.start) == [10, 20].map { Timestamp(seconds: $0) })
    #expect(rows.map(\.end) == [20, 40].map { Timestamp(seconds: $0) })
    #expect(rows.map(\.isOpen) == [false, false])
  }
}
