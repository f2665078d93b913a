import ConditionModel
import DataManipulation
import Testing

struct OperatingStateTrackerTests {
  private let machine = AssetID(index: 0)
  private let power = ChannelID(index: 0)

  private func tracker(_ rule: RunningRule?) -> OperatingStateTracker {
    OperatingStateTracker(ManipulationConfiguration(running: [rule], channelCount: 1))
  }

  private func frame(_ value: Double, at seconds: Int64, _ quality: Quality = .good) -> Frame {
    Frame(
      asset: machine,
      timestamp: Timestamp(seconds: seconds),
      channels: [power],
      values: [value],
      qualities: [quality]
    )
  }

  @Test func `a machine starts above its threshold and stops below nine tenths of it`() {
    var tracker = tracker(RunningRule(channel: power, threshold: 10))
    #expect(tracker.state(of: machine) == .unknown)
    tracker.process(frame(10, at: 1))
    #expect(tracker.state(of: machine) == .stopped(since: Timestamp(seconds: 1)))
    tracker.process(frame(10.1, at: 2))
    #expect(tracker.state(of: machine) == .running(since: Timestamp(seconds: 2)))
    tracker.process(frame(9, at: 3))
    #expect(tracker.state(of: machine) == .running(since: Timestamp(seconds: 2)))
    tracker.process(frame(8.99, at: 4))
    #expect(tracker.state(of: machine) == .stopped(since: Timestamp(seconds: 4)))
    tracker.process(frame(9.5, at: 5))
    #expect(tracker.state(of: machine).isRunning == false)
  }

  @Test func `a value that is missing or late changes nothing, a long silence ends the knowledge`()
  {
    var tracker = tracker(RunningRule(channel: power, threshold: 10))
    tracker.process(frame(20, at: 10))
    tracker.process(frame(0, at: 11, .bad(.noAnswer)))
    tracker.process(frame(.nan, at: 12))
    tracker.process(frame(0, at: 9))
    tracker.advance(to: Timestamp(seconds: 70))
    #expect(tracker.state(of: machine).isRunning == true)
    tracker.advance(to: Timestamp(seconds: 71))
    #expect(tracker.state(of: machine) == .unknown)
    tracker.process(frame(20, at: 72))
    #expect(tracker.state(of: machine) == .running(since: Timestamp(seconds: 72)))
  }

  @Test func `a signal that is read rarely is not forgotten between two readings`() {
    var tracker = tracker(RunningRule(channel: power, threshold: 10, forgetAfter: .seconds(360)))
    for second in stride(from: Int64(0), through: 1_200, by: 120) {
      tracker.advance(to: Timestamp(seconds: second))
      tracker.process(frame(20, at: second))
    }
    #expect(tracker.state(of: machine) == .running(since: Timestamp(seconds: 0)))
  }

  @Test func `where nothing tells, nobody pretends to know`() {
    var tracker = tracker(nil)
    tracker.process(frame(20, at: 10))
    tracker.advance(to: Timestamp(seconds: 1_000))
    #expect(tracker.state(of: machine) == .untold)
    #expect(tracker.state(of: machine).isRunning == nil)
  }

  @Test func `a step of the clock moves what is remembered`() {
    var tracker = tracker(RunningRule(channel: power, threshold: 10))
    tracker.process(frame(20, at: 1_000))
    tracker.shift(by: .seconds(-900))
    #expect(tracker.state(of: machine) == .running(since: Timestamp(seconds: 100)))
    tracker.process(frame(0, at: 101))
    #expect(tracker.state(of: machine) == .stopped(since: Timestamp(seconds: 101)))
  }
}
