import ConditionModel
import Foundation
import PrognosisTrials
import Testing

@testable import PrognosticAssessment

struct PrognosticatorTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `an even rise towards a limit is timed, with the truth inside P10 to P90`(
    seed: UInt64
  ) throws {
    var lathe = Lathe(seed: seed)
    lathe.run(until: 480) { _ in 2 }
    lathe.run(until: 780) { 2 + 5 * ($0 - 480) / 400 }
    let life = try #require(lathe.life)
    let hours = life.operatingHours
    // 100 hours are left.
    #expect(hours.p10 <= 100 && 100 <= hours.p90, "\(hours)")
    #expect((60...170).contains(hours.p50), "\(hours)")
    #expect(life.indicator?.measure == .limit && life.indicator?.limit == 7)
    #expect(life.indicator?.side == .above)
    #expect((5...6.5).contains(life.indicator?.level ?? 0))
  }

  @Test func `nothing is estimated while too little is known, nor when nothing moves`() {
    var lathe = Lathe(seed: 7)
    lathe.run(until: 72) { _ in 2 }
    #expect(lathe.outlook == .noTrend(.learning))
    var estimates = 0
    for day in 4...56 {
      lathe.run(until: Double(day) * 24) { 2 + 0.02 * sin($0 / 24 * 6.283) }
      if lathe.life != nil { estimates += 1 }
    }
    #expect(estimates == 0)
    #expect(lathe.outlook == .noTrend(.steady))
  }

  @Test func `moving away from a limit is no wear`() {
    var lathe = Lathe(seed: 8)
    lathe.run(until: 480) { _ in 5 }
    lathe.run(until: 780) { 5 - 3 * ($0 - 480) / 300 }
    #expect(lathe.outlook == .noTrend(.steady))
  }

  @Test func `where nobody named a limit, an alert tells how long such faults usually last`() throws
  {
    var lathe = Lathe(.unknown, seed: 9)
    lathe.run(until: 480) { _ in 2 }
    #expect(lathe.outlook == .noTrend(.steady))
    lathe.run(until: 481) { _ in 4 }
    // It is told at once, not at the next time of telling.
    let life = try #require(lathe.life)
    #expect(life.basis == .usual)
    #expect(life.indicator == nil)
    #expect(life.operatingHours.p10 < life.operatingHours.p50)
    #expect(life.due.p50 > lathe.now)
    lathe.run(until: 500) { _ in 2 }
    #expect(lathe.life == nil)
    lathe.run(until: 520) { _ in 4 }
    #expect(lathe.life != nil)
    lathe.mark(.part)
    lathe.run(until: 526) { _ in 2 }
    #expect(lathe.life == nil)
  }

  @Test func `work on the machine begins anew`() {
    var lathe = Lathe(seed: 10)
    lathe.run(until: 480) { _ in 2 }
    lathe.run(until: 700) { 2 + 5 * ($0 - 480) / 400 }
    #expect(lathe.life != nil)
    lathe.mark(.greasing)
    lathe.run(until: 706) { 2 + 5 * ($0 - 480) / 400 }
    #expect(lathe.life != nil)
    lathe.mark(.part)
    lathe.run(until: 714) { _ in 2.1 }
    #expect(lathe.life == nil)
    lathe.run(until: 1_000) { _ in 2.1 }
    #expect(lathe.outlook == .noTrend(.steady))
  }

  @Test func `without usable values there is no estimate, and that is said`() {
    var lathe = Lathe(seed: 11)
    lathe.run(until: 480) { _ in 2 }
    lathe.run(until: 700) { 2 + 5 * ($0 - 480) / 400 }
    #expect(lathe.life != nil)
    lathe.run(until: 710, isUsable: false) { _ in 0 }
    #expect(lathe.outlook == .noTrend(.noData))
  }

  @Test func `dates follow the hours at which the machine runs`() throws {
    var lathe = Lathe(seed: 12)
    // Eight hours a day from Monday to Friday; the epoch began on a Thursday.
    lathe.isRunning = { hour in
      let day = (Int(hour / 24) + 3) % 7
      return day < 5 && (6..<14).contains(hour.truncatingRemainder(dividingBy: 24))
    }
    // Hours of operation in 12 weeks: 480.
    lathe.run(until: 8 * 168) { _ in 2 }
    lathe.run(until: 12 * 168) { 2 + 5 * ($0 - 8 * 168) / (6 * 168) }
    let life = try #require(lathe.life)
    let weeks = (life.due.p50 - lathe.now).inSeconds / 604_800
    #expect(abs(weeks - life.operatingHours.p50 / 40) < 1, "\(weeks) \(life.operatingHours)")
    // It never runs on a weekend, so it does not fail there.
    let weekday = CivilTime(life.due.p50).weekday
    #expect(weekday < 5)
  }

  @Test func `a snapshot anywhere goes on to the bit`() throws {
    var lathe = Lathe(seed: 13)
    lathe.run(until: 480) { _ in 2 }
    for hour in [500.5, 560, 640] {
      lathe.run(until: hour) { 2 + 5 * ($0 - 480) / 400 }
      let data = try JSONEncoder().encode(lathe.prognosticator.memory)
      let memory = try JSONDecoder().decode(Prognosticator.Memory.self, from: data)
      #expect(memory == lathe.prognosticator.memory)
      var other = lathe
      other.prognosticator = Prognosticator(
        Lathe.configuration(.limit(.above, 7)),
        memory: memory
      )
      lathe.run(until: hour + 30) { 2 + 5 * ($0 - 480) / 400 }
      other.run(until: hour + 30) { 2 + 5 * ($0 - 480) / 400 }
      #expect(other.outlook == lathe.outlook)
      #expect(other.prognosticator.memory == lathe.prognosticator.memory)
    }
  }

  @Test func `estimates are scored against what happened`() throws {
    var lathe = Lathe(seed: 14)
    lathe.run(until: 480) { _ in 2 }
    lathe.run(until: 880) { 2 + 5 * ($0 - 480) / 400 }
    #expect(lathe.prognosticator.tally(of: Lathe.asset) == nil)
    lathe.mark(.failure)
    let tally = try #require(lathe.prognosticator.tally(of: Lathe.asset))
    #expect(tally.count >= 10)
    #expect(tally.within + tally.tooLong + tally.tooShort == tally.count)
    #expect(Double(tally.within) >= 0.7 * Double(tally.count))
    // The repair that follows is nothing new, and the next estimate shows the record.
    lathe.mark(.part)
    #expect(lathe.prognosticator.tally(of: Lathe.asset) == tally)
    let start = lathe.hour
    lathe.run(until: start + 480) { _ in 2 }
    lathe.run(until: start + 780) { 2 + 5 * ($0 - start - 480) / 400 }
    #expect(lathe.life?.earlier == tally)
  }

  @Test func `a repair scores only the estimates that it shows to be too short`() throws {
    var lathe = Lathe(seed: 15)
    lathe.run(until: 480) { _ in 2 }
    lathe.run(until: 700) { 2 + 5 * ($0 - 480) / 400 }
    // It was on its way to fail in a week, and somebody mended it now.
    #expect(lathe.life != nil)
    lathe.mark(.part)
    #expect(lathe.prognosticator.tally(of: Lathe.asset)?.within ?? 0 == 0)
    #expect(lathe.prognosticator.tally(of: Lathe.asset)?.tooLong ?? 0 == 0)
  }

  /// The whole trial, 360 degradations, is `vigie-bench trend`.
  @Test func `one simulated degradation of each kind is estimated as promised`() {
    let all = TrendTrial(count: 6, seed: 5).figures[0]
    #expect(all.count >= 4)
    #expect(all.covered > 0.5, "\(all.covered)")
    #expect(all.intervalScore < 1.3, "\(all.intervalScore)")
    #expect(all.withoutEstimate < 0.85, "\(all.withoutEstimate)")
    #expect(all.claimed < 0.08, "\(all.claimed)")
  }
}

struct TrendPartTests {
  @Test func `a history keeps every hour and every mean, in bounded memory`() {
    var history = IndicatorHistory()
    var sum: Float = 0
    for number in 0..<500 {
      let value = Float(number % 7)
      sum += value
      history.append(.init(centre: Float(number) * 3 + 1.5, hours: 3, mean: value))
    }
    var spans: [IndicatorHistory.Span] = []
    history.copy(into: &spans)
    #expect(spans.count <= IndicatorHistory.capacity)
    #expect(spans.map(\.hours).reduce(0, +) == 1_500)
    let kept = spans.reduce(0) { $0 + $1.mean * $1.hours }
    #expect(abs(kept - 3 * sum) < 1)
    #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.centre < $1.centre })
    for number in 500..<5_000 {
      history.append(.init(centre: Float(number) * 3 + 1.5, hours: 3, mean: 0))
    }
    #expect(history.count <= IndicatorHistory.capacity)
  }

  @Test func `every course of wear goes from nothing to failure and never back`() {
    for shape in WearShape.allCases {
      var last: Float = -1
      for step in 0...100 {
        let wear = shape.wear(at: SIMD8(repeating: Float(step) / 100))[0]
        #expect(wear >= last)
        last = wear
      }
      #expect(shape.wear(at: .zero)[0] == 0)
      #expect(abs(last - 1) < 1e-6)
      #expect(shape.wear(at: SIMD8(repeating: 3))[0] == last)
    }
    #expect(abs(WearShape.allCases.map(\.share).reduce(0, +) - 1) < 1e-6)
  }
}
