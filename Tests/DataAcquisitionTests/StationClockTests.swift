import ConditionModel
import DataAcquisition
import Testing

struct StationClockTests {
  private let morning = Timestamp(seconds: 1_790_000_000)

  @Test func `with two steady clocks stamps are the wall clock`() {
    var clock = StationClock()
    for second in 0..<100 {
      let look = clock.read(monotonic: .seconds(7 + second), wall: morning + .seconds(second))
      #expect(look.stamp == Stamp(timestamp: morning + .seconds(second)))
      #expect(look.step == nil)
    }
  }

  @Test(arguments: [-400, -20, 20, 400])
  func `a small difference is made up smoothly, forwards only`(milliseconds: Int) {
    var clock = StationClock()
    _ = clock.read(monotonic: .zero, wall: morning)
    var last = morning
    for tenth in 1...100 {
      let elapsed = Duration.milliseconds(100 * tenth)
      let look = clock.read(
        monotonic: elapsed,
        wall: morning + elapsed + .milliseconds(milliseconds)
      )
      #expect(look.step == nil)
      #expect(look.stamp.timestamp > last)
      last = look.stamp.timestamp
    }
    #expect(last == morning + .seconds(10) + .milliseconds(milliseconds))
  }

  @Test(arguments: [-3_600, -1, 1, 86_400])
  func `a step is told once, and stamps follow it`(seconds: Int) {
    var clock = StationClock()
    _ = clock.read(monotonic: .zero, wall: morning)
    let stepped = clock.read(
      monotonic: .seconds(1),
      wall: morning + .seconds(1) + .seconds(seconds)
    )
    #expect(stepped.step == .seconds(seconds))
    #expect(stepped.stamp.timestamp == morning + .seconds(1 + seconds))
    let after = clock.read(monotonic: .seconds(2), wall: morning + .seconds(2 + seconds))
    #expect(after.step == nil)
    #expect(after.stamp.timestamp == morning + .seconds(2 + seconds))
  }

  @Test func `a gateway that starts in 1970 doubts its stamps until NTP steps the clock`() {
    var clock = StationClock()
    let start = clock.read(monotonic: .seconds(3), wall: Timestamp(seconds: 12))
    #expect(!start.stamp.isClockSet)
    let set = clock.read(monotonic: .seconds(4), wall: morning)
    #expect(set.stamp == Stamp(timestamp: morning, isClockSet: true))
    #expect(set.step == morning - Timestamp(seconds: 13))
  }

  @Test func `after a restart in 1970 stamps go on from the latest known moment`() {
    var clock = StationClock(after: morning)
    let start = clock.read(monotonic: .seconds(3), wall: Timestamp(seconds: 12))
    #expect(start.stamp == Stamp(timestamp: morning, isClockSet: false) && start.step == nil)
    let later = clock.read(monotonic: .seconds(63), wall: Timestamp(seconds: 72))
    #expect(later.stamp == Stamp(timestamp: morning + .seconds(60), isClockSet: false))
    let set = clock.read(monotonic: .seconds(64), wall: morning + .seconds(600))
    #expect(set.stamp == Stamp(timestamp: morning + .seconds(600)))
    #expect(set.step == .seconds(539))
  }

  @Test func `a clock that was set back between two runs is a step`() {
    var clock = StationClock(after: morning + .seconds(86_400))
    let start = clock.read(monotonic: .seconds(3), wall: morning)
    #expect(start.stamp == Stamp(timestamp: morning) && start.step == .seconds(-86_400))
    #expect(clock.read(monotonic: .seconds(4), wall: morning + .seconds(1)).step == nil)
    // Time that passed while nothing ran is none.
    var forward = StationClock(after: morning)
    #expect(forward.read(monotonic: .zero, wall: morning + .seconds(900)).step == nil)
  }
}
