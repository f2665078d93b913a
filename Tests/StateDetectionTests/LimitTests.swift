import ConditionModel
import StateDetection
import Testing

struct LimitTests {
  @Test func `a value beyond its limit for the on-delay begins a finding, and only then`() throws {
    var bench = Bench()
    bench.heat(85, seconds: 10)
    #expect(bench.reports.isEmpty)
    bench.heat(86)
    let report = try #require(bench.reports.first)
    #expect(report.change == .began)
    #expect(report.finding.state == .alert)
    #expect(report.finding.kind == .limit(.above, threshold: 80))
    #expect(report.finding.since == Timestamp(seconds: 1_000_001))
    #expect(report.finding.observed == 86)
    #expect(report.finding.extreme == 86)
    bench.heat(86, seconds: 100)
    #expect(bench.reports.count == 1)
  }

  @Test func `a value on its limit is not beyond it`() {
    var bench = Bench()
    bench.heat(80, seconds: 100)
    #expect(bench.reports.isEmpty)
  }

  @Test func `a finding worsens, eases and ends with the deadband and the off-delay`() {
    var bench = Bench()
    bench.heat(85, seconds: 12)
    bench.heat(91, seconds: 12)
    bench.heat(88.5, seconds: 60)
    #expect(bench.changes == [.began, .worsened])
    bench.heat(88, seconds: 21)
    #expect(bench.changes == [.began, .worsened, .eased])
    bench.heat(78.5, seconds: 60)
    bench.heat(78, seconds: 20)
    #expect(bench.changes == [.began, .worsened, .eased])
    bench.heat(78, seconds: 1)
    #expect(bench.changes == [.began, .worsened, .eased, .ended])
    #expect(bench.reports.last?.finding.extreme == 91)
    #expect(bench.reports.last?.finding.since == bench.reports.first?.finding.since)
  }

  @Test func `a jump straight beyond the alarm limit begins as alarm`() {
    var bench = Bench()
    bench.heat(95, seconds: 11)
    #expect(bench.changes == [.began])
    #expect(bench.reports.first?.finding.state == .alarm)
    #expect(bench.reports.first?.finding.kind == .limit(.above, threshold: 90))
  }

  @Test func `a clearly more extreme value is told, a slightly more extreme one is not`() {
    var bench = Bench(temperature: ChannelRules(limits: [Bench.limit(alarm: nil)]))
    bench.heat(82, seconds: 11)
    bench.heat(90, seconds: 20)
    bench.heat(200)
    bench.heat(89, seconds: 20)
    #expect(bench.changes == [.began])
    bench.heat(90.1, seconds: 20)
    #expect(bench.changes == [.began, .worsened])
    #expect(bench.reports.last?.finding.observed == 90.1)
    #expect(bench.reports.last?.finding.extreme == 200)
  }

  @Test func `a limit below works the other way round`() {
    let rules = ChannelRules(limits: [Bench.limit(.below, alert: 10, alarm: 5)])
    var bench = Bench(temperature: rules)
    bench.heat(9, seconds: 11)
    bench.heat(4, seconds: 11)
    bench.heat(12.5, seconds: 21)
    #expect(bench.changes == [.began, .worsened, .ended])
    #expect(bench.reports.last?.finding.extreme == 4)
  }

  @Test func `spikes, single bad reads and doubtful values begin nothing`() {
    var bench = Bench(
      temperature: ChannelRules(
        limits: [
          LimitRule(
            side: .above,
            alert: 80,
            alarm: nil,
            deadband: 0,
            onDelay: .zero,
            offDelay: .zero,
            onlyWhileRunning: false
          )
        ]
      )
    )
    for _ in 0..<50 {
      bench.heat(60, seconds: 3)
      bench.heat(99, seconds: 2)
      bench.heat(60)
      bench.heat(99, .bad(.damagedAnswer))
      bench.heat(850, seconds: 5, .uncertain(.outsideValidRange))
    }
    #expect(bench.reports.isEmpty)
  }

  @Test func `a single bad read does not restart a delay, a long gap does`() {
    var bench = Bench()
    bench.heat(85, seconds: 5)
    bench.heat(0, .bad(.noAnswer))
    bench.heat(85, seconds: 5)
    #expect(bench.changes == [.began])

    var gapped = Bench()
    gapped.heat(85, seconds: 9)
    gapped.wait(seconds: 31, ticking: false)
    gapped.heat(85, seconds: 10)
    #expect(gapped.reports.isEmpty)
    gapped.heat(85)
    #expect(gapped.changes == [.began])
    #expect(gapped.reports[0].finding.since == gapped.now - .seconds(10))
  }

  @Test func `a limit for a running machine rests while it is stopped`() {
    let rules = ChannelRules(
      limits: [
        Bench.limit(onlyWhileRunning: true),
        Bench.limit(.below, alert: 20, alarm: nil, onlyWhileRunning: true),
      ]
    )
    var bench = Bench(temperature: rules)
    bench.operation = .stopped(since: bench.now)
    bench.heat(95, seconds: 60)
    bench.heat(0, seconds: 60)
    #expect(bench.reports.isEmpty)
    // When nobody knows whether it runs, too low may just be at rest; too high is too high.
    bench.operation = .unknown
    bench.heat(0, seconds: 60)
    #expect(bench.reports.isEmpty)
    bench.heat(85, seconds: 11)
    #expect(bench.changes == [.began])
    bench.operation = .stopped(since: bench.now)
    bench.heat(30, seconds: 60)
    #expect(bench.changes == [.began])
  }

  @Test func `delays begin anew when the machine starts`() {
    var bench = Bench(
      temperature: ChannelRules(limits: [Bench.limit(onlyWhileRunning: true)])
    )
    bench.operation = .running(since: bench.now)
    bench.heat(85, seconds: 8)
    bench.operation = .stopped(since: bench.now)
    bench.heat(85, seconds: 3)
    bench.operation = .running(since: bench.now)
    bench.heat(85, seconds: 10)
    #expect(bench.reports.isEmpty)
    bench.heat(85)
    #expect(bench.changes == [.began])
  }

  @Test func `late values are counted and left out`() {
    var bench = Bench()
    bench.heat(60, seconds: 20)
    bench.now = bench.now - .seconds(15)
    bench.send([(Bench.temperature, 99, .good)])
    #expect(bench.detector.lateSampleCount == 1)
    #expect(bench.reports.isEmpty)
  }
}
