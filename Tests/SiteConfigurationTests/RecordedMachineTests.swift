import ConditionModel
import DataManipulation
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

struct RecordedMachineTests {
  private let recorded = """
    site: workshop
    gateway: gw-01
    machines:
      pump-1:
        kind: centrifugal pump
        recording: pump-1.csv
        points:
          drive end temperature: { column: t_de, quantity: temperature, unit: °C, range: [0, 150], resolution: 0.1 }
          drive end/velocity: { unit: mm/s, range: 0 .. 50 mm/s }
          speed: { quantity: Rotation_Speed, unit: rpm, range: { from: 0, to: 3000 } }
        running: { point: speed, above: 200 rpm }
        limits:
          drive end temperature: { alert above: 80 °C }
    """

  @Test func `a site of recordings needs no bus`() throws {
    let site = try readSite(recorded).get()
    #expect(site.buses.isEmpty)
    let recording = try #require(site.recordings.first)
    #expect(recording.file == "pump-1.csv")
    #expect(recording.columns.map(\.name) == ["t_de", "drive end/velocity", "speed"])
    #expect(recording.columns.map(\.channel) == site.plant.channels.map(\.id))
    #expect(
      site.plant.channels.map(\.name) == ["drive end temperature", "drive end/velocity", "speed"]
    )
    #expect(site.plant.channels.map(\.quantity) == [.temperature, .velocityRMS, .rotationSpeed])
    #expect(site.plant.channels.map(\.unit) == ["Cel", "mm/s", "{rpm}"])
    let rules = site.pipeline.detection.channels
    #expect(rules.map(\.resolution) == [0.1, nil, nil])
    // The lower end is where a machine rests: only the upper one is a place to clip.
    #expect(rules.map { $0.measuringRange?.upperBound } == [150, 50, 3_000])
    #expect(rules[0].limits.map(\.alert) == [80])
    #expect(site.pipeline.manipulation.running[0]?.threshold == 200)
  }

  @Test(arguments: [
    "[0, 150]", "[0 °C, 150 °C]", "0 .. 150", "0..150 °C", "0 °C … 150 °C", "0 to 150",
    "{ from: 0, to: 150 }", "[32 °F, 302 °F]", "\"0 - 150 °C\"",
  ])
  func `a range is read however it is written`(range: String) throws {
    let text = recorded.replacing("range: [0, 150]", with: "range: \(range)")
    let site = try readSite(text).get()
    let end = site.pipeline.detection.channels[0].measuringRange?.upperBound
    #expect(end == 150)
  }

  @Test(arguments: [
    ("range: [0, 150]", "range: [150, 0]", "a measuring range has a low and a higher end"),
    ("range: [0, 150]", "range: wide", "a measuring range has a low and a higher end"),
    ("range: [0, 150]", "range: [0 bar, 150 bar]", "is not in the unit of the point"),
    ("resolution: 0.1", "resolution: 0", "a resolution is above 0"),
    ("column: t_de", "column: speed", "the column 'speed' belongs to"),
    ("recording: pump-1.csv", "recording:", "'recording' has no value"),
    ("column: t_de", "device: acme/meter", "a recorded machine has columns, not devices"),
    ("column: t_de", "colum: t_de", "unknown key 'colum'"),
    ("point: speed", "point: sped", "has no point 'sped' that is read"),
  ])
  func `what contradicts itself is an error`(part: String, into: String, message: String) {
    let found = errors(readSite(recorded.replacing(part, with: into)))
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test(arguments: [
    ("centrifugal pump", "variable-speed pump", MachineKind.centrifugalPump),
    ("centrifugal pump", "gearbox conveyor", .conveyor),
    ("centrifugal pump", "press", .hydraulicPress),
    ("centrifugal pump", "oven", .other),
  ])
  func `words of other programs are understood`(
    part: String,
    into: String,
    kind: MachineKind
  )
    throws
  {
    let site = try readSite(recorded.replacing(part, with: into)).get()
    #expect(site.plant.assets[0].kind == kind)
    #expect(
      site.remarks.contains { $0.message.contains("is no kind of machine") } == (kind == .other)
    )
  }

  @Test func `an unknown unit or quantity is said and carried, not refused`() throws {
    let text =
      recorded
      .replacing("quantity: temperature, unit: °C", with: "quantity: smell, unit: olf")
      .replacing("alert above: 80 °C", with: "alert above: 80")
    let site = try readSite(text).get()
    #expect(site.plant.channels[0].unit == "{olf}")
    #expect(site.plant.channels[0].quantity == .other)
    #expect(site.pipeline.detection.channels[0].limits.map(\.alert) == [80])
    #expect(site.remarks.count { $0.severity == .warning } >= 2)
  }

  @Test func `one slow column among others, or a counter, makes no coarse grid to learn on`() throws
  {
    let points = "a: { unit: °C }, b: { unit: bar }, c: { unit: kW }, d: { unit: kWh }"
    let both = recorded + "\n  fan-1: { kind: fan, recording: fan.csv, points: { \(points) } }"
    func step(_ periods: [String: Int]) throws -> Duration? {
      try SiteFile.parse(
        both,
        file: "site.yaml",
        profiles: library,
        one: SiteFile.OneMachine(
          name: "fan-1",
          period: .seconds(10),
          columnPeriods: periods.mapValues { .seconds($0) }
        )
      ).pipeline.detection.learning?.step
    }
    #expect(try step([:]) == .seconds(60))
    #expect(try step(["a": 3_600]) == .seconds(60))
    #expect(try step(["a": 300, "b": 300, "d": 3_600]) == .seconds(300))
    #expect(try step(["a": 900, "b": 900, "c": 900, "d": 900]) == .seconds(900))
  }

  @Test func `one machine alone is read by the period of its recording`() throws {
    let both =
      recorded + "\n  fan-1: { kind: fan, recording: fan.csv, points: { flow: { unit: m³/h } } }"
    #expect(try readSite(both).get().plant.assets.count == 2)
    let alone = try SiteFile.parse(
      both,
      file: "site.yaml",
      profiles: library,
      one: SiteFile.OneMachine(name: "fan-1", period: .seconds(300))
    )
    #expect(alone.plant.assets.map(\.name) == ["fan-1"])
    #expect(alone.plant.channels.map(\.name) == ["flow"])
    #expect(alone.pipeline.detection.channels[0].silentAfter == .seconds(900))
    #expect(alone.pipeline.longestTick == .seconds(900))
  }
}
