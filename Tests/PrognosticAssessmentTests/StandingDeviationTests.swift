import ConditionModel
import Foundation
import Testing

@testable import PrognosticAssessment

/// A channel of a machine on which an alert stands, or none.
private struct Watched {
  var deviation = StandingDeviation()
  var quantity = Quantity.temperature
  private(set) var hour = 0

  var now: Timestamp { Timestamp(seconds: Int64(hour) * 3_600) }

  mutating func run(hours: Int, isAlerted: Bool = true, _ ofLimit: (Int) -> Double) {
    for _ in 0..<hours {
      hour += 1
      deviation.take(
        StandingDeviation.Reading(ofLimit: ofLimit(hour), isAlerted: isAlerted),
        of: quantity,
        at: now
      )
    }
  }

  var standing: StandingDeviation.Standing? { deviation.standing(quantity) }
}

struct StandingDeviationTests {
  @Test func `it takes an alert to begin, and goes on when the alert was accepted as a level`() {
    var watched = Watched()
    watched.run(hours: 60, isAlerted: false) { _ in 1.4 }
    #expect(watched.standing == nil)
    watched.run(hours: 2) { _ in 1.4 }
    #expect(watched.standing?.since == Timestamp(seconds: 61 * 3_600))
    watched.run(hours: 100, isAlerted: false) { _ in 1.4 }
    #expect(watched.standing?.size == 1.4)
  }

  @Test func `beside an alert on another channel it begins beyond its limit, not below`() {
    var watched = Watched()
    watched.run(hours: 60) { _ in 0.9 }
    #expect(watched.standing == nil)
    watched.run(hours: 1) { _ in 1.1 }
    #expect(watched.standing?.size == 1.1)
  }

  @Test func `what came back halfway is over, what dips goes on`() {
    var watched = Watched()
    watched.run(hours: 50) { _ in 4 }
    watched.run(hours: 6, isAlerted: false) { _ in 2.5 }
    #expect(watched.standing?.since == Timestamp(seconds: 3_600))
    watched.run(hours: 1, isAlerted: false) { _ in 1.9 }
    watched.run(hours: 1, isAlerted: false) { _ in 4 }
    #expect(watched.standing == nil, "mended, until an alert says otherwise")
  }

  @Test func `the side on which wear does not show tells nothing, demand a quarter`() {
    var cold = Watched()
    cold.run(hours: 50) { _ in -3 }
    #expect(cold.standing == nil)
    var weak = Watched(quantity: .pressure)
    weak.run(hours: 50) { _ in -3 }
    #expect(weak.standing?.size == 3)
    var loaded = Watched(quantity: .current)
    loaded.run(hours: 50) { _ in 2.9 }
    #expect(loaded.standing == nil)
    loaded.run(hours: 50) { _ in 6 }
    #expect(loaded.standing?.size == 1.5)
  }

  @Test func `faults have days, what has stood for long has longer`() {
    let young = UsualLife.remaining(standing: .zero)
    #expect(young == UsualLife.remaining(standing: .seconds(14 * 86_400)))
    #expect(young.p10 > 0 && young.p10 < young.p50 && young.p50 < young.p90)
    let old = UsualLife.remaining(standing: .seconds(60 * 86_400))
    #expect(old.p50 == 15 * 24)
    #expect(old.p90 / old.p10 == young.p90 / young.p10)
  }

  @Test func `channels that agree say more than one`() throws {
    let lathe = Lathe.plant
    var plant = lathe
    plant.channels.append(lathe.channels[0])
    plant.channels[1].id = ChannelID(index: 1)
    plant.channels[1].quantity = .temperature
    var prognosticator = Prognosticator(
      PrognosisConfiguration(
        plant: plant,
        indicators: plant.channels.map { IndicatorRule(channel: $0.id, failure: .unknown) }
      )
    )
    var hour = 0
    func outlook(_ sizes: [Double], hours: Int) -> Prognosis.Outlook? {
      for _ in 0..<6 * hours {
        hour += 1
        let now = Timestamp(seconds: Int64(hour) * 600)
        prognosticator.observe(Lathe.asset, at: now, isRunning: true) { channel in
          Prognosticator.Reading(
            level: 0,
            deviation: .init(ofLimit: sizes[Int(channel.index)], isAlerted: sizes.max() ?? 0 > 1)
          )
        }
        _ = prognosticator.assess(Lathe.asset, at: now) { _ in true }
      }
      return prognosticator.latest(Lathe.asset)
    }
    #expect(outlook([0.1, 0.1], hours: 300) == .noTrend(.steady))
    #expect(outlook([1.3, 0.1], hours: 12) == .noTrend(.steady))
    guard case .remainingLife(let life) = outlook([1.3, 1.2], hours: 12) else {
      Issue.record("two that agree tell nothing")
      return
    }
    #expect(life.basis == .usual)
    #expect(life.operatingHours.p50 == 90, "\(life.operatingHours)")
  }

  @Test func `saved anywhere it goes on, and moves with the clock`() throws {
    var watched = Watched()
    watched.run(hours: 75) { 1 + Double($0) / 30 }
    let bytes = try JSONEncoder().encode(watched.deviation)
    #expect(try JSONDecoder().decode(StandingDeviation.self, from: bytes) == watched.deviation)
    var moved = watched.deviation
    moved.shift(by: .seconds(3_600))
    let before = try #require(watched.standing?.since)
    let after = try #require(moved.standing(.temperature)?.since)
    #expect(after - before == .seconds(3_600))
  }
}
