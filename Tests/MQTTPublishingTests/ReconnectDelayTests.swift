import Testing

@testable import MQTTPublishing

struct ReconnectDelayTests {
  @Test func `a broker that is away is asked at least every 2.4 seconds`() {
    var delay = ReconnectDelay()
    var generator = SystemRandomNumberGenerator()
    let delays = (0..<50).map { _ in delay.next(after: .away, using: &generator) }
    #expect(delays.allSatisfy { $0 >= .milliseconds(400) && $0 <= .milliseconds(2_400) })
    #expect(delays[0] <= .milliseconds(600))
    #expect(Set(delays).count > 10, "a fleet must not come back in step")
  }

  @Test func `a broker that refuses is left alone, up to half a minute`() {
    var delay = ReconnectDelay()
    var generator = SystemRandomNumberGenerator()
    let delays = (0..<50).map { _ in delay.next(after: .refused, using: &generator) }
    #expect(delays[0] <= .milliseconds(1_200))
    #expect(delays[4] >= .milliseconds(12_800))
    #expect(delays.allSatisfy { $0 <= .seconds(36) })
    delay.reset()
    #expect(delay.next(after: .refused, using: &generator) <= .milliseconds(1_200))
  }
}
