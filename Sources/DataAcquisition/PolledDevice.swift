import ConditionModel

/// A device as the poller knows it: what is asked when, and what was learned about its map.
struct PolledDevice: Sendable {
  /// Its limits become stricter when the device refuses what its profile allows.
  var definition: DeviceDefinition
  let unitPlace: Int
  /// The first poll; all others follow at whole periods.
  let phase: Duration
  var tasks: [PollTask] = []
  var search: HoleSearch?
  var waveforms: [WaveformTask]
  var statistics: DeviceStatistics
  /// What requests lately cost beyond the line-rate formula.
  private(set) var overhead = Duration.zero
  private var unreadable: [UnreadablePoint] = []

  /// How often a point that the device refuses is tried again.
  static let unreadableRetry = Duration.seconds(3_600)

  private struct UnreadablePoint {
    var point: Int
    var retryAt: Duration
    var fault: Fault
  }

  init(
    _ definition: DeviceDefinition,
    unitPlace: Int,
    phase: Duration,
    planner: PollPlanner
  ) {
    self.definition = definition
    self.unitPlace = unitPlace
    self.phase = phase
    statistics = DeviceStatistics(
      device: definition.index,
      name: definition.name,
      unit: definition.unit
    )
    // The first blocks come after the first polls, one device after the other.
    waveforms = definition.waveforms.map { WaveformTask($0, due: phase + .seconds(1)) }
    if !waveforms.isEmpty { statistics.waveforms = WaveformStatistics() }
    replan(planner, after: phase - .nanoseconds(1))
  }

  /// Cuts the points anew, without those that the device refuses.
  mutating func replan(_ planner: PollPlanner, after now: Duration) {
    unreadable.sort { $0.point < $1.point }
    let plan = planner.plan(definition, excluding: unreadable.map(\.point))
    let due = nextDue(after: now)
    tasks = plan.blocks.map { PollTask($0, of: definition, due: due) }
    for entry in unreadable {
      tasks.append(task(for: entry.point, due: due, restsUntil: entry.retryAt, entry.fault))
    }
    for problem in plan.problems {
      // No request can serve these: their channels say so for as long as the plan holds.
      tasks.append(
        task(for: problem.point, due: due, restsUntil: .seconds(Int64.max / 2), .noSuchAddress)
      )
    }
    statistics.unreadablePoints = unreadable.map { definition.points[$0.point].name }
  }

  private func task(
    for point: Int,
    due: Duration,
    restsUntil: Duration,
    _ fault: Fault
  ) -> PollTask {
    var task = PollTask(PollPlanner.block(definition, points: [point]), of: definition, due: due)
    task.rest = PollTask.Rest(until: restsUntil, fault: fault)
    return task
  }

  private func nextDue(after now: Duration) -> Duration {
    let period = definition.pollPeriod.nanoseconds
    let passed = (now - phase).nanoseconds
    return passed < 0 ? phase : phase + .nanoseconds((passed / period + 1) * period)
  }

  /// Follows what requests cost beyond the formula: up at once, down slowly.
  mutating func noteCost(_ time: Duration, beyond formula: Duration) {
    let excess = max(.zero, time - formula)
    overhead = excess > overhead ? excess : overhead - (overhead - excess) / 16
  }

  func isUnreadable(_ point: Int) -> Bool {
    unreadable.contains { $0.point == point }
  }

  mutating func markUnreadable(_ point: Int, fault: Fault, at now: Duration) {
    unreadable.removeAll { $0.point == point }
    unreadable.append(
      UnreadablePoint(point: point, retryAt: now + Self.unreadableRetry, fault: fault)
    )
  }

  mutating func markReadable(_ point: Int) {
    unreadable.removeAll { $0.point == point }
  }

  /// Whether a request covers addresses that none of its points uses.
  func hasHoles(_ block: PollBlock) -> Bool {
    var used: Set<Int> = []
    for place in block.points {
      let point = definition.points[place]
      used.formUnion(point.ownAddresses)
      if case .exponentRegister(let address) = point.scaling { used.insert(Int(address)) }
    }
    return used.count < block.request.count
  }

  /// What an answer says, as a frame.
  func frame(of registers: [UInt16], _ block: PollBlock, _ stamp: Stamp) -> Frame {
    var channels: [ChannelID] = []
    var values: [Double] = []
    var qualities: [Quality] = []
    channels.reserveCapacity(block.points.count)
    values.reserveCapacity(block.points.count)
    qualities.reserveCapacity(block.points.count)
    for place in block.points {
      let reading = RegisterDecoder.decode(
        definition.points[place],
        in: registers,
        from: block.request.address
      )
      let isDoubtful = reading.quality == .good && !stamp.isClockSet
      channels.append(definition.channels[place])
      values.append(reading.value)
      qualities.append(isDoubtful ? .uncertain(.clockNotSet) : reading.quality)
    }
    return Frame(
      asset: definition.asset,
      timestamp: stamp.timestamp,
      channels: channels,
      values: values,
      qualities: qualities
    )
  }

  /// A frame that says why there are no values.
  func frame(of fault: Fault, _ channels: [ChannelID], _ stamp: Stamp) -> Frame {
    Frame(
      asset: definition.asset,
      timestamp: stamp.timestamp,
      channels: channels,
      values: [Double](repeating: 0, count: channels.count),
      qualities: [Quality](repeating: .bad(fault), count: channels.count)
    )
  }

  /// For messages: `holding 40`, with the number that the maker prints where it is known.
  func register(of point: Int) -> String {
    let point = definition.points[point]
    let printed = point.printedAddress.map { ", printed \($0)" } ?? ""
    return "\(point.table.rawValue) \(point.address)\(printed)"
  }
}

/// A request that comes back every period.
struct PollTask: Sendable {
  let block: PollBlock
  let channels: [ChannelID]
  let period: Duration
  var due: Duration
  /// When it last had the bus; decides between requests that are due at the same moment.
  var lastServed = Duration.zero
  /// Set while the device is not asked because it refused.
  var rest: Rest?
  /// Whether a search for unreadable addresses stands in for it.
  var isSearched = false

  struct Rest: Sendable {
    var until: Duration
    var fault: Fault
  }

  init(_ block: PollBlock, of device: DeviceDefinition, due: Duration) {
    self.block = block
    channels = block.points.map { device.channels[$0] }
    period = device.pollPeriod
    self.due = due
  }

  /// Sets the next due moment after `now`.
  ///
  /// - Returns: How many due moments have passed unused: they are left out, not made up for.
  mutating func advance(past now: Duration) -> Int {
    let missed = max(0, (now - due).nanoseconds / period.nanoseconds)
    due += .nanoseconds((missed + 1) * period.nanoseconds)
    return Int(missed)
  }
}

/// The hunt for what a device refuses in one block: halves are read until single points are left.
struct HoleSearch: Sendable {
  let block: PollBlock
  let cause: ModbusError
  var due: Duration
  /// Groups of points still to be read; the last is next.
  private(set) var pending: [ArraySlice<Int>]
  private(set) var unreadable: [Int] = []
  /// The most registers that were delivered at once.
  private var longestAnswer = 0

  init(in block: PollBlock, cause: ModbusError, at now: Duration) {
    self.block = block
    self.cause = cause
    due = now
    pending = [block.points[...]]
    refuse(at: now)
  }

  mutating func answer(_ request: PollRequest, at now: Duration) {
    pending.removeLast()
    longestAnswer = max(longestAnswer, request.count)
    due = now
  }

  /// The group is halved; a single point that is refused is found out.
  mutating func refuse(at now: Duration) {
    let group = pending.removeLast()
    due = now
    if group.count == 1 {
      unreadable.append(group[group.startIndex])
    } else {
      let middle = group.startIndex + group.count / 2
      pending.append(group[middle...])
      pending.append(group[..<middle])
    }
  }

  /// What the search found out, once nothing is pending.
  func finding(holes: Bool) -> Finding {
    if !unreadable.isEmpty { return .unreadable(unreadable) }
    return holes ? .refusesHoles : .refusesLength(longest: longestAnswer)
  }

  enum Finding {
    case unreadable([Int])
    /// All points can be read, but not the unused addresses between them.
    case refusesHoles
    /// All addresses can be read, but not so many at once.
    case refusesLength(longest: Int)
  }
}
