import ConditionModel
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Testing

struct SeverityTests {
  struct Case: Sendable {
    var machine: String
    var standard: String?
    var boundaries: [Double]

    init(_ machine: String, _ standard: String?, _ boundaries: Double...) {
      self.machine = machine
      self.standard = standard
      self.boundaries = boundaries
    }
  }

  @Test(arguments: [
    Case("kind: fan, power: 22 kW, mounting: rigid", "ISO 20816-3, group 2, rigid", 1.4, 2.8, 4.5),
    Case(
      "kind: fan, power: 22 kW, mounting: flexible",
      "ISO 20816-3, group 2, flexible",
      2.3,
      4.5,
      7.1
    ),
    Case(
      "kind: electric motor, power: 300 kW, mounting: rigid",
      "ISO 20816-3, group 2, rigid",
      1.4,
      2.8,
      4.5
    ),
    Case(
      "kind: electric motor, power: 315 kW, mounting: rigid",
      "ISO 20816-3, group 1, rigid",
      2.3,
      4.5,
      7.1
    ),
    Case(
      "kind: screw compressor, power: 0.5 MW, mounting: flexible",
      "ISO 20816-3, group 1, flexible",
      3.5,
      7.1,
      11
    ),
    Case("kind: fan, power: 15 kW", "ISO 10816-1, class I", 0.71, 1.8, 4.5),
    Case("kind: rotating machine, power: 10 hp", "ISO 10816-1, class I", 0.71, 1.8, 4.5),
    Case(
      "kind: centrifugal pump, power: 200 kW",
      "ISO 10816-7, category II, ≤ 200 kW",
      3.2,
      5.1,
      8.5
    ),
    Case(
      "kind: centrifugal pump, power: 250 kW",
      "ISO 10816-7, category II, > 200 kW",
      4.2,
      6.1,
      9.5
    ),
    Case("kind: centrifugal pump, power: 750 W", "ISO 10816-1, class I", 0.71, 1.8, 4.5),
    Case("kind: piston compressor", "ISO 20816-8", 5.3, 8, 12),
    Case("kind: spindle", nil), Case("kind: gearbox", nil), Case("kind: machine", nil),
    Case("kind: fan, power: 22 kW, speed: 90 rpm", nil),
    Case("kind: fan, severity: none", nil),
  ])
  func `the zones follow kind, power and mounting`(one: Case) throws {
    let rules = try site(one.machine).pipeline.detection.severity
    let found = rules.map { [$0.boundaryAB, $0.boundaryBC, $0.boundaryCD] }
    #expect(rules.map(\.standard) == (one.standard.map { [$0] } ?? []))
    #expect(found == (one.standard == nil ? [] : [one.boundaries]))
    #expect(rules.allSatisfy { $0.channels.map(\.index) == [0, 1] })
    #expect(rules.allSatisfy { $0.alertDelay == .seconds(900) && $0.alarmDelay == .seconds(60) })
  }

  @Test func `boundaries of the site file are limits of each velocity that has none of its own`()
    throws
  {
    let site = try site(
      "kind: spindle, severity: { alert above: 2 mm/s, alarm above: 0.003 m/s }, "
        + "limits: { p/velocity rms x: { alarm above: 9 mm/s } }"
    )
    let limits = site.pipeline.detection.channels.map(\.limits)
    #expect(limits.map { $0.map(\.alert) } == [[2], [nil], []])
    #expect(limits.map { $0.map(\.alarm) } == [[3], [9], []])
    #expect(limits[0].map(\.deadband) == [3 * 0.1])
    #expect(site.pipeline.detection.severity == [])
    #expect(site.remarks == [])
  }

  @Test func `what is not known is assumed and said`() throws {
    let remarks = try site("kind: fan").remarks.map(\.description)
    #expect(
      remarks == [
        "site.yaml:5:3: warning: 'm' is judged by ISO 20816-3, group 2, rigid: alert from 2.8, "
          + "alarm from 4.5 mm/s; 'power' is missing, 15 to 300 kW is assumed; 'mounting' is "
          + "missing, rigid is assumed; compare these limits with the standard itself (confidence B)"
      ]
    )
    #expect(
      try site("kind: spindle").remarks.map(\.description) == [
        "site.yaml:5:3: note: no severity zones for 'm': spindles are judged by ISO/TR 17243, whose "
          + "limits are not at hand; give your own: 'severity: { alert above: 4.5 mm/s, alarm above: "
          + "7.1 mm/s }'"
      ]
    )
  }

  @Test func `a slow reading has at least three values before its zone counts`() throws {
    let rules = try site("kind: fan, power: 22 kW, mounting: rigid", every: "5 min").pipeline
      .detection.severity
    #expect(rules.map(\.alarmDelay) == [.seconds(900)])
  }

  private func site(_ machine: String, every: String = "1 s") throws -> Site {
    try readSite(
      """
      site: s
      gateway: g
      buses: { b: { host: localhost } }
      machines:
        m: { \(machine), points: { p: { device: acme/vibration, bus: b, unit: 1, every: \(every) } } }
      """
    ).get()
  }
}
