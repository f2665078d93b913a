import ConditionModel
import DataAcquisition

/// Plays a bus for a `BusPoller` on a clock that the test holds: no time passes but what it says.
struct SimulatedLine {
  var poller: BusPoller
  /// The monotonic clock.
  var now = Duration.zero
  /// How each request turns out and how long it takes.
  var device: (PollRequest, Duration) -> (Result<[UInt16], ModbusError>, Duration)
  var frames: [Frame] = []
  var waveforms: [Waveform] = []
  var events: [BusEvent] = []
  var requests: [(at: Duration, request: PollRequest)] = []
  var isClockSet = true

  init(
    _ bus: BusDefinition,
    device: @escaping (PollRequest, Duration) -> (Result<[UInt16], ModbusError>, Duration)
  ) {
    poller = BusPoller(bus, start: .zero)
    self.device = device
  }

  static let epoch = Timestamp(seconds: 1_790_000_000)

  private var stamp: Stamp { Stamp(timestamp: Self.epoch + now, isClockSet: isClockSet) }

  mutating func run(until end: Duration) {
    var output = BusPoller.Output()
    while now < end {
      switch poller.next(at: now, stamp: stamp, into: &output) {
      case .wait(let moment):
        now = min(moment, end)
      case .read(let request):
        requests.append((now, request))
        let (result, duration) = device(request, now)
        now += duration
        poller.finish(result, at: now, stamp: stamp, into: &output)
      }
      frames += output.frames
      waveforms += output.waveforms
      events += output.events
      output.frames.removeAll()
      output.waveforms.removeAll()
      output.events.removeAll()
    }
  }

  /// How many values of a machine came with a quality that `matches`.
  func count(of asset: Int, where matches: (Quality) -> Bool) -> Int {
    frames.filter { Int($0.asset.index) == asset }
      .reduce(0) { $0 + $1.qualities.count(where: matches) }
  }

  func requestCount(unit: UInt8) -> Int {
    requests.count { $0.request.unit == unit }
  }
}

/// Each register holds its own address.
func answer(_ request: PollRequest) -> Result<[UInt16], ModbusError> {
  .success((0..<request.count).map { request.address + UInt16($0) })
}

func silence(_ request: PollRequest) -> Result<[UInt16], ModbusError> {
  .failure(.noAnswer(request, after: request.responseTimeout))
}

func refusal(_ request: PollRequest, _ code: UInt8) -> Result<[UInt16], ModbusError> {
  .failure(.refused(request, exception: code))
}
