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

  @Test func `beside a rival it keeps away for two minutes`() {
    var delay = ReconnectDelay()
    var generator = SystemRandomNumberGenerator()
    let waits = (0..<4).map { _ in delay.next(after: .rival, using: &generator) }
    #expect(waits.allSatisfy { $0 >= .seconds(96) && $0 <= .seconds(144) })
  }

  @Test func `five connections in a row that are lost at once mean a rival`() {
    func isRivalled(
      _ ends: [(cause: ReconnectDelay.Cause, wasAccepted: Bool, seconds: Int)]
    ) -> [Bool] {
      var watch = RivalWatch()
      return ends.map {
        watch.isRivalled(
          by: $0.cause,
          wasAccepted: $0.wasAccepted,
          isOwedAnswer: false,
          after: .seconds($0.seconds)
        )
      }
    }
    func lost(_ count: Int) -> [(cause: ReconnectDelay.Cause, wasAccepted: Bool, seconds: Int)] {
      Array(repeating: (.away, true, 1), count: count)
    }
    #expect(isRivalled(lost(6)) == [false, false, false, false, true, true])
    // One that stood for a while was wanted; a broker that is not there in between fails by itself; and
    // we may go ourselves as often as we like.
    #expect(!isRivalled(lost(4) + [(.away, true, 6)] + lost(4)).contains(true))
    #expect(!isRivalled(lost(4) + [(.away, false, 0)] + lost(4)).contains(true))
    #expect(!isRivalled(lost(4) + [(.elsewhere, true, 1)] + lost(4)).contains(true))
  }

  /// A broker may hang up over a message before its reason is heard.
  @Test func `a broker that owes an answer as it hangs up is no rival`() {
    var watch = RivalWatch()
    func isRivalled(isOwedAnswer: Bool) -> Bool {
      watch.isRivalled(
        by: .away,
        wasAccepted: true,
        isOwedAnswer: isOwedAnswer,
        after: .seconds(1)
      )
    }
    for _ in 1...20 { #expect(!isRivalled(isOwedAnswer: true)) }
    // What a rival did before counts all the same.
    for _ in 1...4 { #expect(!isRivalled(isOwedAnswer: false)) }
    #expect(!isRivalled(isOwedAnswer: true))
    #expect(isRivalled(isOwedAnswer: false))
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
