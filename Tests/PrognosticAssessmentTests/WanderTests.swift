import Testing

@testable import PrognosticAssessment

struct WanderTests {
  @Test(arguments: [false, true])
  func `a coarse sensor that stood still at first is seen to wander later`(restarts: Bool) {
    var wander = WanderEstimate()
    for _ in 0..<8 { wander.append(day: 63) }
    if restarts { wander.restart() }
    for day in 0..<30 { wander.append(day: day % 2 == 0 ? 64 : 63) }
    #expect(wander.dayVariance(floor: 1e-12) > 0.1)
    #expect(wander.dayVariance(floor: 1e-12) < 2)
  }

  @Test func `one leap of an indicator that wandered before hardly widens its band`() {
    var wander = WanderEstimate()
    for day in 0..<20 { wander.append(day: day % 2 == 0 ? 1.1 : 1) }
    let before = wander.dayVariance(floor: 1e-12)
    wander.append(day: 50)
    #expect(wander.dayVariance(floor: 1e-12) < 2 * before)
  }
}
