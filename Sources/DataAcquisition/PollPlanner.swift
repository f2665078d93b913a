import ConditionModel

/// One request and the points that its answer serves.
package struct PollBlock: Hashable, Sendable, Codable {
  package var request: PollRequest
  /// Places in `DeviceDefinition.points`, by rising address.
  package var points: [Int]

  package init(request: PollRequest, points: [Int]) {
    self.request = request
    self.points = points
  }
}

/// A point that no request can serve.
package struct PlanProblem: Hashable, Sendable, Codable {
  /// The place in `DeviceDefinition.points`.
  package var point: Int
  package var reason: Reason

  package init(point: Int, reason: Reason) {
    self.point = point
    self.reason = reason
  }

  package enum Reason: String, Hashable, Sendable, Codable {
    case pastLastAddress = "it ends past address 65535"
    case overLimit =
      "with its exponent register it is wider than the device allows in one request"
    case forbidden = "it, or what lies between it and its exponent register, must not be read"
    case hole =
      "between it and its exponent register lie unused addresses, and holes are not allowed"
  }
}

/// Cuts the points of a device into the requests that read them in the least time.
///
/// A hole of unused registers is read along where that costs less than another request. The cut is
/// the cheapest there is (found in one pass, looking back at most as far as one request reaches), so
/// the same device always has the same plan.
package struct PollPlanner {
  private let line: LineRate

  package init(line: LineRate) {
    self.line = line
  }

  /// The requests for `device`, by table and rising address.
  ///
  /// - Parameters:
  ///   - device: The points to read and the limits to keep.
  ///   - excluded: Places of points that must be left out, their registers unread; in rising order.
  /// - Returns: The requests, and the points that none of them can serve.
  package func plan(
    _ device: DeviceDefinition,
    excluding excluded: [Int] = []
  ) -> (blocks: [PollBlock], problems: [PlanProblem]) {
    var blocks: [PollBlock] = []
    var problems: [PlanProblem] = []
    for table in RegisterTable.allCases {
      let reach = Reach(device, table, excluding: excluded)
      var items: [Item] = []
      for place in device.points.indices where device.points[place].table == table {
        guard !excluded.contains(place) else { continue }
        let item = Item(device.points[place], place: place)
        if let reason = reach.objection(first: item.first, last: item.last) {
          problems.append(PlanProblem(point: place, reason: reason))
        } else {
          items.append(item)
        }
      }
      items.sort { ($0.first, $0.last, $0.place) < ($1.first, $1.last, $1.place) }
      for cut in cheapestCut(of: items, reach) {
        blocks.append(Self.block(device, table, items[cut]))
      }
    }
    return (blocks, problems)
  }

  /// One request for exactly these points of one table.
  package static func block(_ device: DeviceDefinition, points: ArraySlice<Int>) -> PollBlock {
    let items = points.map { Item(device.points[$0], place: $0) }
    precondition(!items.isEmpty, "a request serves at least one point")
    return block(device, device.points[items[0].place].table, items[...])
  }

  private static func block(
    _ device: DeviceDefinition,
    _ table: RegisterTable,
    _ items: ArraySlice<Item>
  ) -> PollBlock {
    let first = items.reduce(Int.max) { min($0, $1.first) }
    let last = items.reduce(0) { max($0, $1.last) }
    return PollBlock(
      request: PollRequest(
        deviceName: device.name,
        unit: device.unit,
        table: table,
        address: UInt16(first),
        count: last - first + 1,
        responseTimeout: device.timing.responseTimeout,
        guardTime: device.timing.guardTime
      ),
      points: items.map(\.place)
    )
  }

  /// The ranges of `items` that are read together, at the least total cost.
  private func cheapestCut(of items: [Item], _ reach: Reach) -> [Range<Int>] {
    let requestCost = line.requestOverhead.nanoseconds
    let byteCost = line.byteCost.nanoseconds
    // Best way to read the first n items: its cost, and where its last request starts.
    var costs: [Int64] = [0]
    var starts = [0]
    for end in 1..<max(1, items.count + 1) {
      var best = (cost: Int64.max, start: end - 1)
      var last = 0
      for start in stride(from: end - 1, through: 0, by: -1) {
        let first = items[start].first
        last = max(last, items[start].last)
        guard reach.objection(first: first, last: last) == nil else { break }
        let count = last - first + 1
        let bytes = reach.table.holdsBits ? (count + 7) / 8 : count * 2
        let cost = costs[start] + requestCost + byteCost * Int64(bytes)
        // At equal cost the fewer requests: the earlier start.
        if cost <= best.cost { best = (cost, start) }
      }
      costs.append(best.cost)
      starts.append(best.start)
    }
    var cuts: [Range<Int>] = []
    var end = items.count
    while end > 0 {
      cuts.append(starts[end]..<end)
      end = starts[end]
    }
    return cuts.reversed()
  }
}

/// The addresses that one point needs in one request.
private struct Item {
  let first: Int
  let last: Int
  let place: Int

  init(_ point: PointDefinition, place: Int) {
    self.place = place
    let own = Int(point.address)
    let end = own + point.width - 1
    if case .exponentRegister(let address) = point.scaling {
      first = min(own, Int(address))
      last = max(end, Int(address))
    } else {
      first = own
      last = end
    }
  }
}

/// What one request to a table of a device may cover.
private struct Reach {
  let table: RegisterTable
  private let limit: Int
  private let forbidden: [ClosedRange<Int>]
  /// The runs of used addresses, rising; `nil` where holes may be read along.
  private let runs: [ClosedRange<Int>]?

  init(_ device: DeviceDefinition, _ table: RegisterTable, excluding excluded: [Int]) {
    self.table = table
    let limits = device.requestLimits
    limit = table.holdsBits ? min(limits.bits, 2000) : min(limits.registers, 125)
    var forbidden = limits.forbidden.filter { $0.table == table }.map { range in
      Int(range.addresses.lowerBound)...Int(range.addresses.upperBound)
    }
    for place in excluded where device.points[place].table == table {
      forbidden.append(device.points[place].ownAddresses)
    }
    self.forbidden = forbidden
    guard !limits.allowsHoles else {
      runs = nil
      return
    }
    var used: [ClosedRange<Int>] = []
    for place in device.points.indices where device.points[place].table == table {
      guard !excluded.contains(place) else { continue }
      let point = device.points[place]
      used.append(point.ownAddresses)
      if case .exponentRegister(let address) = point.scaling {
        used.append(Int(address)...Int(address))
      }
    }
    used.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    runs = used.reduce(into: []) { runs, range in
      guard let run = runs.last, range.lowerBound <= run.upperBound + 1 else {
        return runs.append(range)
      }
      runs[runs.count - 1] = run.lowerBound...max(run.upperBound, range.upperBound)
    }
  }

  /// Why one request may not cover these addresses; `nil` if it may.
  func objection(first: Int, last: Int) -> PlanProblem.Reason? {
    if last > 65_535 { return .pastLastAddress }
    if last - first + 1 > limit { return .overLimit }
    if forbidden.contains(where: { $0.overlaps(first...last) }) { return .forbidden }
    if let runs = runs, !isInOneRun(first, last, runs) { return .hole }
    return nil
  }

  private func isInOneRun(_ first: Int, _ last: Int, _ runs: [ClosedRange<Int>]) -> Bool {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upperBound < first { low = middle + 1 } else { high = middle }
    }
    return low < runs.count && runs[low].lowerBound <= first && last <= runs[low].upperBound
  }
}

extension PointDefinition {
  /// The addresses of the value itself, without an exponent register.
  var ownAddresses: ClosedRange<Int> { Int(address)...Int(address) + width - 1 }
}
