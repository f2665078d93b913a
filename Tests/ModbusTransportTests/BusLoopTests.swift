import ConditionModel
import DataAcquisition
import ModbusTransport
import Synchronization
import Testing

/// A clock that jumps to whatever is waited for.
final class JumpingClock: Clock {
  struct Instant: InstantProtocol {
    var offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let time = Mutex(Duration.zero)
  let sleepCount = Mutex(0)

  var now: Instant { Instant(offset: time.withLock { $0 }) }
  var minimumResolution: Duration { .nanoseconds(1) }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    sleepCount.withLock { $0 += 1 }
    time.withLock { $0 = max($0, deadline.offset) }
    await Task.yield()
  }

  func advance(by duration: Duration) {
    time.withLock { $0 += duration }
  }
}

/// A line on which each answer takes the time that the test says, on the test's clock.
struct TimedReader: RegisterReader {
  let clock: JumpingClock
  let answer: @Sendable (PollRequest) -> (Result<[UInt16], ModbusError>, Duration)

  func read(_ request: PollRequest) async throws(ModbusError) -> [UInt16] {
    let (result, duration) = answer(request)
    clock.advance(by: duration)
    return try result.get()
  }

  func close() async {}
}

extension BusLoop {
  /// Runs in a task of its own, which `deliver` may cancel without cancelling the test.
  func runApart(deliver: @escaping @Sendable (BusPoller.Output) async -> Void) async {
    await Task { await run(deliver: deliver) }.value
  }
}

/// A count that closures share.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    storage.withLock { body(&$0) }
  }
}

struct BusLoopTests {
  private let epoch = Timestamp(seconds: 1_790_000_000)

  private func device(_ place: Int, unit: UInt8, period: Duration) -> DeviceDefinition {
    let addresses = UInt16(0)..<50
    return DeviceDefinition(
      index: UInt16(place),
      asset: AssetID(index: UInt16(place)),
      name: "machine-\(place + 1), drive end",
      unit: unit,
      period: period,
      profile: "test/test",
      timing: DeviceTiming(responseTimeout: .milliseconds(200)),
      requestLimits: RequestLimits(),
      points: addresses.map { address in
        PointDefinition(
          name: "r\(address)",
          table: .holding,
          address: address,
          type: .u16,
          unit: "1",
          quantity: .other
        )
      },
      channels: addresses.map { ChannelID(index: UInt16(place) * 50 + $0) }
    )
  }

  private func bus(
    _ line: BusDefinition.Line,
    units: [UInt8],
    period: Duration = .seconds(1)
  ) -> BusDefinition {
    BusDefinition(
      name: "test",
      line: line,
      devices: units.enumerated().map { device($0, unit: $1, period: period) }
    )
  }

  /// Good values per device over the given time of the test's clock.
  private func goodValues(
    of bus: BusDefinition,
    for length: Duration,
    answer: @escaping @Sendable (PollRequest) -> (Result<[UInt16], ModbusError>, Duration)
  ) async -> [Int] {
    let clock = JumpingClock()
    let start = clock.now
    let loop = BusLoop(
      bus,
      reader: TimedReader(clock: clock, answer: answer),
      clock: clock,
      stamp: { [epoch] in Stamp(timestamp: epoch + start.duration(to: clock.now)) }
    )
    let counts = Shared([Int](repeating: 0, count: bus.devices.count))
    let end = epoch + length
    await loop.runApart { output in
      for frame in output.frames {
        if frame.timestamp >= end { return withUnsafeCurrentTask { $0?.cancel() } }
        counts.withLock { counts in
          counts[Int(frame.asset.index)] += frame.qualities.count { $0 == .good }
        }
      }
    }
    return counts.withLock { $0 }
  }

  @Test func `behind a bridge that answers in 20 ms every poll is kept`() async {
    let line = BusDefinition.Line.tcp(TCPEndpoint(host: "10.0.0.1"))
    let plan = bus(line, units: Array(1...10))
    let good = await goodValues(of: plan, for: .seconds(60)) { request in
      (.success([UInt16](repeating: 7, count: request.count)), .milliseconds(20))
    }
    #expect(good == [Int](repeating: 60 * 50, count: 10))
  }

  @Test func `with one silent unit the others keep at least 95 % of their rate`() async {
    let line = BusDefinition.Line.tcp(TCPEndpoint(host: "10.0.0.1"))
    let plan = bus(line, units: Array(1...10))
    let good = await goodValues(of: plan, for: .seconds(120)) { request in
      request.unit == 3
        ? (.failure(.noAnswer(request, after: request.responseTimeout)), .milliseconds(700))
        : (.success([UInt16](repeating: 7, count: request.count)), .milliseconds(50))
    }
    #expect(good[2] == 0)
    for (place, count) in good.enumerated() where place != 2 {
      #expect(Double(count) >= 0.95 * 120 * 50, "machine \(place + 1) has \(count)")
    }
  }

  @Test(arguments: Wire.allCases)
  func `a real bus with a silent unit and a hole delivers the rest, and stops when told`(
    wire: Wire
  ) async throws {
    let (server, line) = try wire.misbehavingServer()
    defer { server.stop() }
    // Baud decides the gaps between frames.
    let plan = bus(line, units: [1, 2, 3], period: .milliseconds(400))
    let connection = LibmodbusConnection(plan)
    let loop = BusLoop(plan, reader: connection, stamp: { [epoch] in Stamp(timestamp: epoch) })
    struct Seen: Sendable {
      var good = [0, 0, 0]
      var bad = [0, 0, 0]
      var events: [BusEvent] = []
      var isComplete: Bool { good[0] >= 500 && good[2] >= 490 && events.count >= 2 }
    }
    let seen = Shared(Seen())
    await loop.runApart { output in
      let isComplete = seen.withLock { seen in
        seen.events += output.events
        for frame in output.frames {
          for (place, quality) in frame.qualities.enumerated() {
            let asset = Int(frame.asset.index)
            if quality == .good {
              seen.good[asset] += 1
              #expect(frame.values[place] == Double(frame.channels[place].index % 50))
            } else {
              seen.bad[asset] += 1
            }
          }
        }
        return seen.isComplete
      }
      if isComplete { withUnsafeCurrentTask { $0?.cancel() } }
    }
    let result = seen.withLock { $0 }
    #expect(result.good[1] == 0 && result.bad[1] > 0)
    #expect(result.bad[0] == 0)
    #expect(loop.isAlive)
    let statistics = await loop.statistics
    #expect(statistics.devices[1].isSilent)
    #expect(statistics.devices[2].unreadablePoints == ["r23"])
    #expect(statistics.devices[0].answers >= 10)
  }

  @Test func `it comes round while there is nothing to do`() async {
    let clock = JumpingClock()
    let plan = bus(.tcp(TCPEndpoint(host: "h")), units: [1], period: .seconds(3_600))
    let reader = TimedReader(clock: clock) { request in
      (.success([UInt16](repeating: 1, count: request.count)), .milliseconds(20))
    }
    let loop = BusLoop(
      plan,
      reader: reader,
      clock: clock,
      stamp: { [epoch] in Stamp(timestamp: epoch) }
    )
    let polls = Shared(0)
    await loop.runApart { _ in
      if polls.withLock({
        $0 += 1
        return $0
      }) == 2 {
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    #expect((3_590...3_620).contains(clock.sleepCount.withLock { $0 }))
  }

  @Test(arguments: [true, false])
  func `a bus that only waits as it was told is alive, one that never comes back is not`(
    isInRead: Bool
  ) async throws {
    let clock = JumpingClock()
    var plan = bus(.tcp(TCPEndpoint(host: "h")), units: [1])
    plan.devices[0].timing = DeviceTiming(responseTimeout: .seconds(60), settleTime: .seconds(60))
    let isAlive = Shared<@Sendable () -> Bool>({ true })
    let seen = Shared<[Bool]>([])
    let look: @Sendable (Duration) -> Void = { time in
      clock.advance(by: time)
      let alive = isAlive.withLock { $0 }()
      seen.withLock { $0.append(alive) }
    }
    let reader = TimedReader(clock: clock) { request in
      // The settle time, a late answer and the one that is waited for, and a slow resolver.
      if isInRead { for time in [180, 60, 600] { look(.seconds(time)) } }
      return (.success([UInt16](repeating: 1, count: request.count)), .zero)
    }
    let loop = BusLoop(
      plan,
      reader: reader,
      clock: clock,
      stamp: { [epoch] in Stamp(timestamp: epoch) }
    )
    isAlive.withLock { $0 = { loop.isAlive } }
    await loop.runApart { _ in
      // Whoever takes the frames has no such time.
      if !isInRead { for time in [10, 10] { look(.seconds(time)) } }
      withUnsafeCurrentTask { $0?.cancel() }
    }
    let expected = isInRead ? [true, true, false] : [true, false]
    #expect(seen.withLock { $0.prefix(expected.count) } == expected[...])
    #expect(loop.isAlive)
  }
}
