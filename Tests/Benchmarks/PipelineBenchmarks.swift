import BenchmarkHarness
import ConditionModel
import DataAcquisition
import MonitoringPipeline
import SiteConfiguration

// What `vigie-bench pipeline` measures.

private let benchSite = BenchSite(period: "1 s", line: .gateway(port: 1_502))

/// Ten machines with fifty channels each, all of them within their limits.
func consumeFigures(channelsPerFrame: Int) throws -> [Figure] {
  let site = try benchSite.parsed()
  var pipeline = try Pipeline(site.pipeline)
  var frames: [Frame] = []
  for machine in site.plant.assets {
    let channels = site.plant.channels.filter { $0.asset == machine.id }.map(\.id)
    for start in stride(from: 0, to: channels.count, by: channelsPerFrame) {
      let count = min(channelsPerFrame, channels.count - start)
      frames.append(
        Frame(
          asset: machine.id,
          timestamp: Timestamp(seconds: 0),
          channels: Array(channels[start..<start + count]),
          values: (0..<count).map { 40 + Double($0) },
          qualities: [Quality](repeating: .good, count: count)
        )
      )
    }
  }
  let steps = 60
  var second: Int64 = 1_790_000_000
  var outputs: [PipelineOutput] = []
  let cost = measure(items: steps * site.plant.channels.count) {
    for _ in 0..<steps {
      second += 1
      let moment = Timestamp(seconds: second)
      pipeline.consume(.tick(moment), into: &outputs)
      for index in frames.indices {
        frames[index].timestamp = moment
        // A value that never moves is a sensor fault.
        frames[index].values[0] = Double(40 + second % 7)
        pipeline.consume(.frame(frames[index]), into: &outputs)
      }
      outputs.removeAll(keepingCapacity: true)
    }
  }
  let name = "consume, frames of \(channelsPerFrame)"
  return cost.figures(
    name,
    per: "value",
    allocations: channelsPerFrame > 1 ? .atMost(0) : nil
  )
}

/// A block of fifty registers.
func decodeFigures() throws -> [Figure] {
  let device = try benchSite.parsed().buses[0].devices[0]
  let registers = (0..<BenchSite.pointCount).map { UInt16(400 + $0) }
  let rounds = 100
  var sum = 0.0
  let cost = measure(items: rounds * device.points.count) {
    for _ in 0..<rounds {
      for point in device.points {
        sum += RegisterDecoder.decode(point, in: registers, from: 0).value
      }
    }
  }
  precondition(sum > 0, "what nobody uses might not be computed")
  return cost.figures("decode a register", per: "value", allocations: .atMost(0))
}

/// The time per point must not depend on how many there are.
func planFigures() -> [Figure] {
  let costs = [1_000, 10_000].map { count in
    let planner = PollPlanner(line: LineRate(.tcp(TCPEndpoint(host: "127.0.0.1"))))
    let device = device(pointCount: count)
    var blockCount = 0
    let cost = measure(items: count) { blockCount = planner.plan(device).blocks.count }
    precondition(blockCount > 0, "what nobody uses might not be computed")
    return cost
  }
  return [
    Figure(name: "plan 1,000 points", value: costs[0].nanosecondsPerItem, unit: "ns/point"),
    Figure(name: "plan 10,000 points", value: costs[1].nanosecondsPerItem, unit: "ns/point"),
    Figure(
      name: "plan: time per point, 10,000 to 1,000",
      value: costs[1].nanosecondsPerItem / costs[0].nanosecondsPerItem,
      unit: "",
      budget: .atMost(2)
    ),
  ]
}

/// Registers with a hole after every third.
private func device(pointCount: Int) -> DeviceDefinition {
  let places = 0..<pointCount
  return DeviceDefinition(
    index: 0,
    asset: AssetID(index: 0),
    name: "bench",
    unit: 1,
    period: .seconds(1),
    profile: "bench",
    timing: DeviceTiming(),
    requestLimits: RequestLimits(),
    points: places.map { place in
      PointDefinition(
        name: "p\(place)",
        table: .holding,
        address: UInt16(place + place / 3),
        type: .u16,
        unit: "1",
        quantity: .other
      )
    },
    channels: places.map { ChannelID(index: UInt16($0)) }
  )
}

/// Rows of eight numbers of one machine.
func recordingFigures() throws -> [Figure] {
  let plant = try benchSite.parsed().plant
  let channels = plant.channels.prefix(8)
  let rowCount = 10_000
  var text = (["time"] + channels.map { plant.columnName(of: $0.id) }).joined(separator: ",")
  for row in 0..<rowCount {
    text += "\n\(1_790_000_000 + row)"
    for column in channels.indices { text += ",\(40 + column).\(row % 1_000)" }
  }
  let bytes = Array(text.utf8)
  var inputs: [PipelineInput] = []
  var isRead = false
  let cost = measure(items: rowCount) {
    inputs.removeAll(keepingCapacity: true)
    var parser = RecordingParser(plant: plant)
    do throws(RecordingError) {
      try parser.parse(bytes, into: &inputs)
      try parser.finish(into: &inputs)
      isRead = true
    } catch {
      isRead = false
    }
  }
  precondition(isRead && inputs.count == 2 * rowCount, "the recording must be understood")
  return [
    Figure(name: "recording: rows of 8", value: 1e9 / cost.nanosecondsPerItem, unit: "rows/s"),
    Figure(name: "recording: allocations", value: cost.allocationsPerItem, unit: "/row"),
  ]
}

extension Cost {
  fileprivate func figures(
    _ name: String,
    per item: String,
    allocations budget: Figure.Budget?
  ) -> [Figure] {
    [
      Figure(name: "\(name): time", value: nanosecondsPerItem, unit: "ns/\(item)"),
      Figure(
        name: "\(name): allocations",
        value: allocationsPerItem,
        unit: "/\(item)",
        budget: budget
      ),
    ]
  }
}
