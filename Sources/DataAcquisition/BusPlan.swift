import ConditionModel

/// What a bus will carry: every request, its time on the line, and how full the line is.
package struct BusPlan: Hashable, Sendable {
  package let bus: String
  package let devices: [DevicePlan]
  /// The share of the line's time that the requests need by the line-rate formula; above 1 not all
  /// of them can be kept.
  ///
  /// Over TCP an estimate: each request is taken as `LineRate.tcpLatency`.
  package let load: Double

  /// Above this share a plan deserves a warning: retries and slow answers need room too.
  package static let busyLoad = 0.8

  /// Plans the requests of each device on `bus`.
  package init(_ bus: BusDefinition) {
    let line = LineRate(bus.line)
    let planner = PollPlanner(line: line)
    let planned = bus.devices.map { device in (device, planner.plan(device)) }
    let pollLoad = planned.reduce(0.0) { sum, entry in
      entry.1.blocks.reduce(sum) { sum, block in
        sum + line.duration(of: block.request) / entry.0.pollPeriod
      }
    }
    let load = bus.devices.reduce(pollLoad) { sum, device in
      device.waveforms.reduce(sum) { sum, poll in
        sum + line.duration(of: poll.block, on: device) / poll.period
      }
    }
    self.bus = bus.name
    self.load = load
    devices = planned.map { device, plan in
      DevicePlan(
        index: device.index,
        name: device.name,
        unit: device.unit,
        requests: plan.blocks.map { block in
          DevicePlan.Request(
            block: block,
            bytes: block.request.frameBytes,
            lineTime: line.duration(of: block.request)
          )
        },
        waveforms: device.waveforms.map { WaveformPlan($0, on: device, line, pollLoad: pollLoad) },
        problems: plan.problems,
        period: device.pollPeriod,
        expectedPeriod: load > 1
          ? Duration(inSeconds: device.pollPeriod.inSeconds * load) : device.pollPeriod
      )
    }
  }

  /// Whether the line cannot carry the plan.
  package var isOverloaded: Bool { load > 1 }
}

/// The requests to one device.
package struct DevicePlan: Hashable, Sendable {
  package let index: UInt16
  package let name: String
  package let unit: UInt8
  package let requests: [Request]
  /// The blocks of samples, read between the polls.
  package let waveforms: [WaveformPlan]
  /// Points that no request can serve.
  package let problems: [PlanProblem]
  /// The time between two reads of a point that was asked for.
  package let period: Duration
  /// The time to expect, which is longer on an overloaded bus.
  package let expectedPeriod: Duration

  package struct Request: Hashable, Sendable {
    package let block: PollBlock
    /// Request and answer on a serial line.
    package let bytes: Int
    /// By the line-rate formula.
    package let lineTime: Duration
  }
}

extension DeviceDefinition {
  /// How often the device is really asked: never more often than its profile calls sensible.
  package var pollPeriod: Duration { max(period, timing.minimumPeriod, .milliseconds(1)) }
}

/// What one block of samples costs on the line.
package struct WaveformPlan: Hashable, Sendable {
  package let block: WaveformBlock
  package let period: Duration
  /// How many requests a block takes, those for its header before and after it too.
  package let requestCount: Int
  /// The bytes of requests and answers on a serial line.
  package let bytes: Int
  /// By the line-rate formula.
  package let lineTime: Duration
  /// From the first request to the last, with the polls in between; a little more in practice,
  /// because a piece waits where it would delay a poll.
  package let transferTime: Duration

  init(_ poll: WaveformPoll, on device: DeviceDefinition, _ line: LineRate, pollLoad: Double) {
    let requests = poll.block.requests(to: device)
    block = poll.block
    period = poll.period
    requestCount = requests.count
    bytes = requests.reduce(0) { $0 + $1.frameBytes }
    lineTime = requests.reduce(.zero) { $0 + line.duration(of: $1) }
    transferTime = Duration(inSeconds: lineTime.inSeconds / max(0.01, 1 - pollLoad))
  }

  /// Whether the device replaces the block before it can be read.
  package var isTooSlow: Bool { block.holdTime.map { transferTime > $0 } ?? false }
}

extension LineRate {
  /// The time that a whole block occupies the line.
  func duration(of block: WaveformBlock, on device: DeviceDefinition) -> Duration {
    block.requests(to: device).reduce(.zero) { $0 + duration(of: $1) }
  }
}

extension WaveformBlock {
  /// The requests of one block: header, window, header.
  func requests(to device: DeviceDefinition) -> [PollRequest] {
    func request(_ address: Int, _ count: Int) -> PollRequest {
      PollRequest(
        deviceName: device.name,
        unit: device.unit,
        table: table,
        address: UInt16(address),
        count: count,
        responseTimeout: device.timing.responseTimeout,
        guardTime: device.timing.guardTime
      )
    }
    let ends = request(Int(header.lowerBound), header.count)
    if let paging {
      let first = min(Int(paging.address), Int(address))
      let last = max(Int(paging.address), Int(address) + paging.registers - 1)
      return [ends] + (0..<pageCount).map { _ in request(first, last - first + 1) } + [ends]
    }
    let width = type.registerCount
    let most = min(device.requestLimits.registers, 125) / width * width
    let pieces = stride(from: 0, to: registerCount, by: max(1, most)).map { start in
      request(Int(address) + start, min(most, registerCount - start))
    }
    return [ends] + pieces + [ends]
  }
}
