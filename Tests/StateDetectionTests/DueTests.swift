import ConditionModel
import SignalProcessing
import StateDetection
import Testing

/// Ticks come each second and mostly change nothing: which of them may be left out.
struct DueTests {
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `a detector that is asked only when it is due says and remembers the same`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var always = Bench(
      temperature: ChannelRules(limits: [Bench.limit()], silentAfter: .seconds(40)),
      velocity: ChannelRules(silentAfter: .seconds(7))
    )
    var whenDue = always
    var sparedCount = 0
    for _ in 0..<5_000 {
      let event = Event(by: &generator)
      always.take(event)
      always.detector.advance(to: always.now, operation: { _ in .untold }, into: &always.reports)
      whenDue.take(event)
      if whenDue.detector.isDue(at: whenDue.now) {
        whenDue.detector.advance(
          to: whenDue.now,
          operation: { _ in .untold },
          into: &whenDue.reports
        )
      } else {
        sparedCount += 1
      }
      guard always.detector.memory == whenDue.detector.memory else {
        Issue.record("they differ at \(always.now)")
        return
      }
    }
    #expect(always.reports == whenDue.reports)
    #expect(always.reports.count > 50)
    #expect(sparedCount > 1_000)
  }
}

/// What may happen from one tick to the next.
private struct Event {
  /// Mostly a second; at times a pause, or a reading that comes late.
  var seconds = 1
  var isResumed = false
  var isClockSet = false
  var quality: Quality?
  var value = 60.0

  init(by generator: inout SeededGenerator) {
    switch generator.uniform() {
    case ..<0.01: seconds = 90
    case ..<0.03: seconds = -5
    case ..<0.032: isResumed = true
    case ..<0.034: isClockSet = true
    default: break
    }
    if generator.uniform() < 0.5 {
      quality = generator.uniform() < 0.2 ? .bad(.noAnswer) : .good
    }
    value += 25 * generator.uniform()
  }
}

extension Bench {
  fileprivate mutating func take(_ event: Event) {
    now += .seconds(event.seconds)
    if event.isResumed { detector.resume(at: now) }
    if event.isClockSet { detector.shift(by: .seconds(-3)) }
    guard let quality = event.quality else { return }
    send([(Bench.temperature, event.value, quality), (Bench.x, 1, .good)])
  }
}
