import ConditionModel
import StateDetection
import Testing

struct SensorFaultTests {
  @Test func `a value that stays exactly the same is stuck, one that moves is not`() throws {
    var bench = Bench(temperature: ChannelRules(stuckAfter: .seconds(60)))
    for step in 0..<200 { bench.heat(step.isMultiple(of: 30) ? 50.1 : 50) }
    #expect(bench.reports.isEmpty)
    bench.heat(50, seconds: 80)
    let report = try #require(bench.reports.first)
    #expect(report.finding.kind == .stuck(for: .seconds(60)))
    #expect(report.finding.observed == 50)
    bench.heat(50.1)
    #expect(bench.changes == [.began, .ended])
  }

  @Test func `a machine at rest may show the same value for ever`() {
    var bench = Bench(temperature: ChannelRules(stuckAfter: .seconds(60)))
    bench.operation = .stopped(since: bench.now)
    bench.heat(20, seconds: 300)
    bench.operation = .unknown
    bench.heat(20, seconds: 300)
    bench.operation = .untold
    bench.heat(0, seconds: 300)
    #expect(bench.reports.isEmpty)
    bench.operation = .running(since: bench.now)
    bench.heat(0, seconds: 61)
    #expect(bench.changes == [.began])
  }

  @Test func `a value at the end of the range is clipped and held against no limit`() throws {
    var bench = Bench(
      temperature: ChannelRules(limits: [Bench.limit()], measuringRange: -50...200)
    )
    bench.heat(60, seconds: 5)
    bench.heat(200, seconds: 60)
    let report = try #require(bench.reports.first)
    #expect(bench.reports.count == 1)
    #expect(report.finding.kind == .clipped(.above))
    #expect(report.finding.since == Timestamp(seconds: 1_000_006))
    bench.heat(60, seconds: 15)
    #expect(bench.changes == [.began, .ended])
    bench.heat(-50, seconds: 15)
    #expect(bench.reports.last?.finding.kind == .clipped(.below))
  }

  @Test func `zero is where a quiet machine rests, not the end of a range`() {
    var bench = Bench(velocity: ChannelRules(measuringRange: 0...65))
    bench.shake(x: 0, z: 0, seconds: 60)
    #expect(bench.reports.isEmpty)
    bench.shake(x: -0.1, z: 0, seconds: 60)
    #expect(bench.reports.map(\.finding.kind) == [.clipped(.below)])
  }

  @Test func `values that stay outside the valid range are a sensor fault`() {
    var bench = Bench()
    bench.heat(60, seconds: 5)
    bench.heat(850, seconds: 60, .uncertain(.outsideValidRange))
    #expect(bench.reports.map(\.finding.kind) == [.clipped(.above)])
  }

  @Test(arguments: [Fault.invalidCode, .notANumber])
  func `a device that answers without a number has lost its sensor`(fault: Fault) {
    var bench = Bench()
    bench.heat(60, seconds: 5)
    bench.heat(0, seconds: 30, .bad(fault))
    #expect(bench.reports.isEmpty)
    bench.heat(0, seconds: 60, .bad(fault))
    #expect(bench.reports.map(\.finding.kind) == [.noReading(fault)])
    #expect(bench.reports.first?.finding.since == Timestamp(seconds: 1_000_006))
    bench.heat(60)
    #expect(bench.changes == [.began, .ended])
  }

  @Test(arguments: [1e61, -1e308])
  func `a number that nothing measures is no number`(value: Double) {
    var bench = Bench()
    bench.heat(value, seconds: 40)
    #expect(bench.reports.map(\.finding.kind) == [.noReading(.notANumber)])
  }

  @Test func `not a number counts as such, whatever quality it comes with`() {
    var bench = Bench()
    bench.heat(.nan, seconds: 40)
    #expect(bench.reports.map(\.finding.kind) == [.noReading(.notANumber)])
    #expect(bench.reports.first?.finding.observed == nil)
  }

  @Test(
    arguments: Fault.allCases.filter {
      ![.invalidCode, .notANumber, .notApplicable].contains($0)
    }
  )
  func `a device that does not answer falls silent with its reason`(fault: Fault) {
    var bench = Bench()
    bench.heat(60, seconds: 5)
    bench.heat(0, seconds: 60, .bad(fault))
    #expect(bench.reports.map(\.finding.kind) == [.silent(fault)])
    #expect(bench.reports.first?.finding.since == Timestamp(seconds: 1_000_005))
    #expect(bench.reports.first?.finding.state == .alert)
    bench.heat(60)
    #expect(bench.changes == [.began, .ended])
  }

  @Test func `a value that there cannot be at present is no fault of its sensor`() {
    var bench = Bench()
    bench.heat(60, seconds: 5)
    bench.heat(0, seconds: 500, .bad(.notApplicable))
    #expect(bench.reports.isEmpty)
    bench.heat(0, seconds: 20, .bad(.invalidCode))
    bench.heat(0, .bad(.notApplicable))
    bench.heat(0, seconds: 20, .bad(.invalidCode))
    #expect(bench.reports.isEmpty)
    // An answer it is all the same.
    bench.heat(0, seconds: 40, .bad(.noAnswer))
    bench.heat(0, .bad(.notApplicable))
    #expect(bench.changes == [.began, .ended])
  }

  @Test func `silence is noticed without any frame, from the first tick on`() {
    var bench = Bench()
    bench.wait(seconds: 31)
    #expect(bench.reports.isEmpty)
    bench.wait(seconds: 100)
    #expect(bench.reports.map(\.finding.kind) == Array(repeating: .silent(.noAnswer), count: 3))
    #expect(bench.reports.allSatisfy { $0.timestamp == Timestamp(seconds: 1_000_032) })
  }

  @Test func `a fault of the sensor freezes what was found on the machine`() {
    var bench = Bench()
    bench.heat(85, seconds: 11)
    bench.heat(0, seconds: 500, .bad(.noAnswer))
    bench.heat(85, seconds: 5)
    let machine = bench.reports.filter { $0.finding.kind.findingClass == .machine }
    #expect(machine.map(\.change) == [.began])
    bench.heat(60, seconds: 21)
    #expect(bench.reports.last?.change == .ended)
    #expect(bench.reports.last?.finding.kind.findingClass == .machine)
  }

  @Test func `a step of the clock neither ends nor begins silence`() {
    for step in [Duration.seconds(-5_000), .seconds(5_000)] {
      var bench = Bench()
      bench.heat(60, seconds: 5)
      bench.detector.shift(by: step)
      bench.now += step
      bench.heat(60, seconds: 20)
      #expect(bench.reports.isEmpty)
      #expect(bench.detector.lateSampleCount == 0)
    }
  }
}
