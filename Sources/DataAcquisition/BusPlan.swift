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
    let load = planned.reduce(0.0) { sum, entry in
      entry.1.blocks.reduce(sum) { sum, block in
        sum + line.duration(of: block.request) / entry.0.pollPeriod
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
