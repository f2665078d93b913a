import ConditionModel
import Foundation
import Testing

@testable import PrognosticAssessment

/// A channel on which an alert stands from twice its usual deviation on.
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

  var remaining: (p10: Double, p50: Double, p90: Double)? {
    standing.map {
      UsualLife.remaining(
        size: $0.size,
        growth: $0.growth,
        standing: (now - $0.since).inSeconds / 3_600
      )
    }
  }
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
    #expect(abs(watched.standing?.growth ?? 1) < 1e-6)
  }

  @Test func `what came back halfway is over, what dips only says nothing meanwhile`() {
    var watched = Watched()
    watched.run(hours: 50) { _ in 4 }
    watched.run(hours: 6, isAlerted: false) { _ in 2.5 }
    #expect(watched.standing == nil)
    watched.run(hours: 1, isAlerted: false) { _ in 3.5 }
    #expect(watched.standing != nil)
    watched.run(hours: 1, isAlerted: false) { _ in 1.9 }
    watched.run(hours: 1, isAlerted: false) { _ in 4 }
    #expect(watched.standing == nil, "mended, until an alert says otherwise")
  }

  @Test func `growth is that of two days, pauses counted as what was before`() throws {
    var watched = Watched()
    watched.run(hours: 200) { _ in 1.5 }
    watched.run(hours: 24) { 1.5 * exp(Double($0 - 200) / 48) }
    let growth = try #require(watched.standing?.growth)
    #expect(abs(growth - 0.5) < 0.02)
    var paused = Watched()
    paused.run(hours: 200) { _ in 1.5 }
    let last = paused.now
    paused.deviation.take(
      StandingDeviation.Reading(ofLimit: 3, isAlerted: true),
      of: .temperature,
      at: last + .seconds(400_000)
    )
    #expect(abs((paused.deviation.standing(.temperature)?.growth ?? 0) - log(2)) < 1e-6)
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

  @Test func `what is farther off or grows has less time, what has lasted has more`() throws {
    func middle(_ size: Double, _ growth: Double, _ hours: Double) -> Double {
      UsualLife.remaining(size: size, growth: growth, standing: hours).p50
    }
    #expect(middle(3, 0, 60) == 85)
    #expect(middle(6, 0, 60) < 85)
    #expect(middle(3, 0.5, 60) < middle(6, 0, 60))
    #expect(middle(3, 0, 600) > 100)
    // A step or a value near nothing moves it no further.
    #expect(middle(3, 9, 60) == middle(3, 1.5, 60))
    let all = UsualLife.remaining(size: 3, growth: 0, standing: 60)
    #expect(all.p10 < all.p50 && all.p50 < all.p90)
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
