import ConditionModel
import StateDetection
import Testing

struct SeverityTests {
  @Test func `the largest axis is judged, never the sum`() throws {
    var bench = Bench()
    bench.shake(x: 2.5, z: 2.7, seconds: 60)
    #expect(bench.reports.isEmpty)
    bench.shake(x: 2.5, z: 3, seconds: 11)
    let report = try #require(bench.reports.first)
    #expect(report.finding.channel == Bench.z)
    #expect(report.finding.state == .alert)
    #expect(
      report.finding.kind
        == .severityZone(.c, threshold: 2.8, standard: "ISO 20816-3, group 2, rigid")
    )
  }

  @Test(arguments: [(2.8, 0), (2.81, 1), (4.5, 1), (4.51, 2)])
  func `on a boundary the lower zone holds`(velocity: Double, state: Int) {
    var bench = Bench()
    bench.shake(x: 1, z: velocity, seconds: 30)
    #expect((bench.reports.first?.finding.state ?? .normal).rawValue == state)
    #expect(bench.reports.count <= 1)
  }

  @Test func `another axis may take the finding over`() {
    var bench = Bench()
    bench.shake(x: 1, z: 3, seconds: 11)
    bench.shake(x: 5, z: 3, seconds: 11)
    #expect(bench.changes == [.began, .worsened])
    #expect(bench.reports.map(\.finding.channel) == [Bench.z, Bench.x])
    #expect(Bench.plant.isSameConcern(bench.reports[0].finding, bench.reports[1].finding))
  }

  @Test func `a zone is left only a tenth below its boundary`() {
    var bench = Bench()
    bench.shake(x: 1, z: 3, seconds: 11)
    bench.shake(x: 1, z: 2.53, seconds: 100)
    #expect(bench.changes == [.began])
    bench.shake(x: 1, z: 2.51, seconds: 11)
    #expect(bench.changes == [.began, .ended])
  }

  @Test func `an axis that is out of order freezes what it found`() {
    var bench = Bench()
    bench.shake(x: 1, z: 3, seconds: 11)
    bench.shake(x: 1, z: 0, seconds: 100, zQuality: .bad(.invalidCode))
    #expect(bench.reports.filter { $0.finding.kind.findingClass == .machine }.count == 1)
    // What the other axis shows still counts upwards.
    bench.shake(x: 5, z: 0, seconds: 11, zQuality: .bad(.invalidCode))
    #expect(bench.reports.last?.change == .worsened)
    #expect(bench.reports.last?.finding.channel == Bench.x)
  }

  @Test func `a machine at rest has no zone`() {
    var bench = Bench()
    bench.operation = .stopped(since: bench.now)
    bench.shake(x: 9, z: 9, seconds: 60)
    #expect(bench.reports.isEmpty)
  }

  @Test func `zone C is told later than zone D`() {
    var bench = Bench(
      severity: SeverityRule(
        channels: [Bench.x, Bench.z],
        standard: "ISO 20816-3, group 2, rigid",
        boundaryAB: 1.4,
        boundaryBC: 2.8,
        boundaryCD: 4.5,
        alertDelay: .seconds(60),
        alarmDelay: .seconds(10)
      )
    )
    bench.shake(x: 1, z: 3, seconds: 59)
    #expect(bench.reports.isEmpty)
    bench.shake(x: 1, z: 3, seconds: 2)
    #expect(bench.reports.map(\.finding.state) == [.alert])
    bench.shake(x: 1, z: 5, seconds: 11)
    #expect(bench.reports.map(\.finding.state) == [.alert, .alarm])
  }

  @Test func `a machine that lives at the boundary is told of until it is learned`() throws {
    let severity = SeverityRule(
      channels: [LearnedBench.vibration],
      standard: "own",
      boundaryAB: 1,
      boundaryBC: 1.3,
      boundaryCD: 3,
      alertDelay: .seconds(900),
      alarmDelay: .seconds(60)
    )
    var bench = LearnedBench(configuration: LearnedBench.configuration(severity: [severity]))
    bench.run(days: 6)
    #expect(!bench.zones.isEmpty)
    bench.reports = []
    bench.run(days: 3)
    #expect(bench.zones.isEmpty)
    // A quarter beyond the boundary is the most that the baseline may ask for.
    bench.disturb = { values, _ in values.vibration += 0.5 }
    bench.run(days: 1)
    let zone = try #require(bench.zones.first)
    #expect(zone.kind == .severityZone(.c, threshold: 1.625, standard: "own"))
  }
}

extension LearnedBench {
  fileprivate var zones: [Finding] {
    begun.filter { if case .severityZone = $0.kind { true } else { false } }
  }
}
