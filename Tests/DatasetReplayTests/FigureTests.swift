import Foundation
import Testing

@testable import DatasetReplay

/// A file of one row per second whose first `learning` rows are not judged.
func file(
  rows: Int,
  learning: Int = 0,
  faults: [ClosedRange<Int>] = [],
  alarms: [ClosedRange<Int>] = [],
  changes: [Int] = [],
  notices: [Int] = [],
  windows: [ClosedRange<Int>] = []
) -> ReplayedFile {
  var file = ReplayedFile(
    name: "a/0.csv",
    group: DatasetDescriptor.Group(name: "a", hasFaults: true, tellingChannel: nil)
  )
  file.learningRows = learning
  file.seconds = (0..<rows).map(Double.init)
  file.alarms = (0..<rows).map { row in alarms.contains { $0.contains(row) } }
  file.scores = file.alarms.map { $0 ? 0.9 : 0.1 }
  file.notices = (0..<rows).map(notices.contains)
  file.channels = Array(repeating: 0, count: rows)
  file.faults = (0..<rows).map { row in faults.contains { $0.contains(row) } }
  file.changes = (0..<rows).map(changes.contains)
  file.windows = windows
  return file
}

struct RowFiguresTests {
  @Test func `rows are counted after learning, all files together`() {
    let files = [
      file(rows: 100, learning: 20, faults: [10...29, 60...79], alarms: [0...24, 65...84]),
      file(rows: 50, learning: 20, faults: [30...39]),
    ]
    // Judged: 40 fault rows, 20 of them in alarm; 70 normal rows, 5 of them in alarm.
    let figures = RowFigures(files)
    #expect(figures.falseAlarmPercent == 500.0 / 70)
    #expect(figures.missedAlarmPercent == 50)
    #expect(figures.f1 == 20 / 32.5)
  }

  @Test func `silence has no F1, and no fault no missed alarm`() {
    #expect(RowFigures([file(rows: 10, faults: [2...3])]).f1 == 0)
    #expect(RowFigures([file(rows: 10)]).missedAlarmPercent == 0)
    #expect(RowFigures([]).falseAlarmPercent == 0)
  }
}

struct ChangeFiguresTests {
  @Test func `a notice at each change is worth 100, silence 0`() {
    let perfect = file(rows: 1_000, changes: [200, 600], notices: [200, 600])
    let scores = ChangeFigures([perfect], windowSeconds: 60).scores
    #expect(abs(scores.standard - 100) < 1e-9)
    #expect(abs(scores.fewMisses - 100) < 1e-9)
    let silent = ChangeFigures([file(rows: 1_000, changes: [200, 600])], windowSeconds: 60)
    #expect(abs(silent.scores.standard) < 1e-9)
    #expect(silent.missed == 2)
    #expect(silent.meanDelaySeconds == nil)
  }

  @Test func `a false notice costs 0.11 of a hit, twice that where false calls weigh more`() {
    let noisy = file(rows: 1_000, changes: [200], notices: [100, 200, 210, 270])
    let figures = ChangeFigures([noisy], windowSeconds: 60)
    #expect(figures.falseNotices == 2)
    #expect(abs(figures.scores.standard - 89) < 1e-9)
    #expect(abs(figures.scores.fewFalseCalls - 78) < 1e-9)
    #expect(abs(figures.scores.fewMisses - 278 / 3.0) < 1e-9)
  }

  @Test func `a later notice is worth less, and half-way half`() {
    func score(delay: Int) -> Double {
      let late = file(rows: 1_000, changes: [200], notices: [200 + delay])
      return ChangeFigures([late], windowSeconds: 60).scores.standard
    }
    #expect(score(delay: 0) > score(delay: 10))
    #expect(score(delay: 10) > score(delay: 50))
    // Half-way the value is the mean of 1 and −0.11.
    #expect(abs(score(delay: 30) - 72.25) < 0.1)
  }

  @Test func `two changes at one moment share a window, up to a notice at its very end`() {
    var twice = file(rows: 1_000, changes: [200, 201], notices: [260])
    twice.seconds[201] = 200
    let figures = ChangeFigures([twice], windowSeconds: 60)
    #expect(figures.missed == 0)
    #expect(figures.falseNotices == 0)
    #expect(figures.scores.standard.isFinite)
  }

  @Test func `where windows meet, the second starts where the first ends`() {
    let close = file(rows: 1_000, changes: [200, 230], notices: [240, 270])
    let figures = ChangeFigures([close], windowSeconds: 60)
    #expect(figures.missed == 0)
    #expect(figures.falseNotices == 0)
    #expect(figures.meanDelaySeconds == 25)
  }
}

struct WindowFiguresTests {
  @Test func `a call on the first row of each window and none besides is worth 100`() {
    let perfect = file(
      rows: 1_000,
      learning: 100,
      alarms: [200...200, 600...600],
      windows: [200...250, 600...640]
    )
    let figures = WindowFigures([perfect])
    #expect(abs(figures.ownAlarms.standard - 100) < 1e-9)
    #expect(abs(figures.best.fewMisses - 100) < 1e-9)
    #expect(figures.bestThresholds.standard == 0.9)
    #expect(figures.windows == 2)
  }

  @Test func `silence is worth 0, a false call less`() {
    let silent = WindowFigures([file(rows: 1_000, windows: [200...250])])
    #expect(silent.ownAlarms.standard == 0)
    let mistaken = WindowFigures([file(rows: 1_000, alarms: [50...50], windows: [200...250])])
    #expect(abs(mistaken.ownAlarms.standard + 5.5) < 1e-9)
    // The search finds that saying nothing is better.
    #expect(mistaken.best.standard == 0)
  }

  @Test func `calls while learning are not judged, and of a window the best call counts`() {
    let early = file(rows: 1_000, learning: 100, alarms: [0...99, 230...250], windows: [200...250])
    let once = file(rows: 1_000, learning: 100, alarms: [230...230], windows: [200...250])
    #expect(WindowFigures([early]).ownAlarms == WindowFigures([once]).ownAlarms)
  }

  @Test func `without windows there is nothing to win`() {
    #expect(WindowFigures([file(rows: 100, alarms: [50...60])]).ownAlarms.standard == 0)
  }

  @Test func `a false call right after a window costs less than one far from it`() {
    func score(_ row: Int) -> Double {
      WindowFigures([file(rows: 1_000, alarms: [row...row], windows: [200...250])]).ownAlarms
        .standard
    }
    #expect(score(251) > score(270))
    #expect(score(270) > score(500))
  }
}

struct EventFiguresTests {
  @Test func `only an alarm that is raised in an event finds it`() {
    let lived = file(
      rows: 2_000,
      learning: 100,
      faults: [300...400, 600...700, 1_000...1_100],
      alarms: [320...410, 590...650, 1_500...1_520, 1_530...1_540, 1_110...1_115]
    )
    let figures = EventFigures([lived], graceSeconds: 60)
    #expect(figures.events == 3)
    #expect(figures.detected == 1)
    #expect(figures.detectedOrStanding == 2)
    #expect(figures.medianDelaySeconds == 20)
    // 590 comes before its event, 1110 within the grace, 1500 and 1530 out of the blue.
    #expect(figures.falseAlarms == 3)
    #expect(figures.chatter == 1)
    // 10 + 10 + 21 + 11 + 6 of 1597 rows; the first has no row before it.
    #expect(figures.burdenPercent == 5_800.0 / 1_597)
    #expect(abs(figures.normalHours - 1_596.0 / 3_600) < 1e-9)
  }

  @Test func `a long gap counts as three periods of normal time`() {
    var gap = file(rows: 10)
    for row in 5..<10 { gap.seconds[row] += 100_000 }
    #expect(abs(EventFigures([gap], graceSeconds: 0).normalHours * 3_600 - 11) < 1e-9)
  }

  @Test func `no rows, no rate`() {
    let figures = EventFigures([file(rows: 5, learning: 5)], graceSeconds: 0)
    #expect(figures.falseAlarmsPerHour == nil)
    #expect(figures.normalHours == 0)
  }

  @Test(arguments: [(0, 0, 3.688_879), (1, 0.025_318, 5.571_643), (10, 4.795_389, 18.390_356)])
  func `the interval of a count is that of the tables`(count: Int, low: Double, high: Double) {
    let interval = poissonInterval(count: count)
    #expect(abs(interval.lowerBound - low) < 1e-5)
    #expect(abs(interval.upperBound - high) < 1e-5)
  }

  @Test func `the interval of a large count is near its root`() {
    let interval = poissonInterval(count: 10_000)
    #expect(abs(interval.lowerBound - (10_000 - 196)) < 5)
    #expect(abs(interval.upperBound - (10_000 + 196)) < 5)
  }
}

struct SurfaceVolumeTests {
  @Test func `a perfect score has the volume 1 without tolerance, the reverse the least`() throws {
    let scores = (0..<100).map { (40...59).contains($0) ? 1.0 : 0 }
    let perfect = try #require(surfaceVolume(scores: scores, events: [40...59], tolerance: 0))
    #expect(abs(perfect - 1) < 1e-12)
    let reverse = scores.map { 1 - $0 }
    let worst = try #require(surfaceVolume(scores: reverse, events: [40...59], tolerance: 0))
    #expect(abs(worst - 0.2) < 1e-12)
  }

  @Test func `a constant score has the share of softened labels`() throws {
    let scores = [Double](repeating: 0.5, count: 100)
    let volume = try #require(surfaceVolume(scores: scores, events: [40...59], tolerance: 4))
    // Widths 0 and 1 add nothing, 2 and 3 one row on each side, 4 two.
    let added: [Double] = [
      0, 0, 2 * 0.5.squareRoot(), 2 * (2.0 / 3).squareRoot(),
      2 * 0.75.squareRoot() + 2 * 0.5.squareRoot(),
    ]
    let expected = added.map { ($0 + 20) / 100 }.reduce(0, +) / 5
    #expect(abs(volume - expected) < 1e-12)
  }

  @Test func `an event that is never found keeps recall down`() throws {
    let scores = (0..<100).map { (10...19).contains($0) ? 1.0 : 0 }
    let volume = try #require(
      surfaceVolume(scores: scores, events: [10...19, 70...79], tolerance: 0)
    )
    // Half the rows at full precision, half the events: a quarter; the rest at 0.2 precision.
    #expect(abs(volume - 0.4) < 1e-12)
  }

  @Test func `no events, no volume`() {
    #expect(surfaceVolume(scores: [1, 2], events: [], tolerance: 10) == nil)
  }
}
