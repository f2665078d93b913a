import ConditionModel
import DataAcquisition
import Testing

struct PollPlannerTests {
  private let line = LineRate(.serial(testLine))

  private func plan(
    _ points: [PointDefinition],
    limits: RequestLimits = RequestLimits(),
    excluding excluded: [Int] = []
  ) -> (blocks: [PollBlock], problems: [PlanProblem]) {
    let device = makeBus(units: 1, points: points, limits: limits).devices[0]
    return PollPlanner(line: line).plan(device, excluding: excluded)
  }

  private func ranges(_ blocks: [PollBlock]) -> [ClosedRange<Int>] {
    blocks.map { Int($0.request.address)...Int($0.request.address) + $0.request.count - 1 }
  }

  @Test func `ten devices of fifty registers take ten requests`() {
    for line in [BusDefinition.Line.serial(testLine), .tcp(TCPEndpoint(host: "10.0.0.1"))] {
      let plan = BusPlan(makeBus(units: 10, points: registers(0..<50), line: line))
      #expect(plan.devices.map(\.requests.count) == [Int](repeating: 1, count: 10))
      #expect(plan.load > 0 && plan.load < 1)
    }
  }

  @Test func `a small hole is read along, a wide one is not`() {
    // One request costs 13 characters, 10 ms and t3.5; a register two characters of 0.57 ms.
    #expect(ranges(plan(registers([0, 10])).blocks) == [0...10])
    #expect(ranges(plan(registers([0, 60])).blocks) == [0...0, 60...60])
  }

  @Test func `a device limit, a hole that is not allowed and a forbidden range all cut`() {
    #expect(
      ranges(plan(registers(0..<10), limits: RequestLimits(registers: 4)).blocks).map(\.count)
        .max() == 4
    )
    #expect(
      ranges(plan(registers([0, 1, 3]), limits: RequestLimits(allowsHoles: false)).blocks)
        == [0...1, 3...3]
    )
    let forbidden = RequestLimits(forbidden: [.init(table: .holding, addresses: 2...2)])
    #expect(ranges(plan(registers([0, 1, 3]), limits: forbidden).blocks) == [0...1, 3...3])
    let elsewhere = RequestLimits(forbidden: [.init(table: .input, addresses: 2...2)])
    #expect(ranges(plan(registers([0, 1, 3]), limits: elsewhere).blocks) == [0...3])
  }

  @Test func `no request passes what the standard allows, whatever the profile says`() {
    let loose = RequestLimits(registers: 1_000, bits: 10_000)
    let words = plan(registers(0..<300), limits: loose).blocks
    #expect(words.count == 3 && words.allSatisfy { $0.request.count <= 125 })
    let bits = plan(registers(0..<4_100, table: .coil), limits: loose).blocks
    #expect(bits.count == 3 && bits.allSatisfy { $0.request.count <= 2_000 })
  }

  @Test func `the four tables are read apart, in one order`() {
    let points = RegisterTable.allCases.reversed().flatMap { registers(0..<2, table: $0) }
    #expect(plan(points).blocks.map(\.request.table) == RegisterTable.allCases)
  }

  @Test func `the order of points in the profile changes nothing`() {
    let points = registers([5, 3, 40, 41, 90, 2])
    let sorted = plan(points.sorted { $0.address < $1.address })
    #expect(plan(points).blocks.map(\.request) == sorted.blocks.map(\.request))
    #expect(plan(points).blocks == plan(points).blocks)
  }

  @Test func `an exponent register is read in the block of its point`() {
    var points = registers([10, 11])
    points[0].scaling = .exponentRegister(address: 40)
    let blocks = plan(points).blocks
    #expect(ranges(blocks) == [10...40])
    #expect(blocks[0].points == [1, 0] || blocks[0].points == [0, 1])
    points[0].scaling = .exponentRegister(address: 300)
    let tooWide = plan(points)
    #expect(tooWide.problems == [PlanProblem(point: 0, reason: .overLimit)])
    #expect(ranges(tooWide.blocks) == [11...11])
  }

  @Test func `a point that cannot be read is named with its reason`() {
    var wide = registers([65_535])
    wide[0].type = .u32
    #expect(plan(wide).problems.map(\.reason) == [.pastLastAddress])
    let forbidden = RequestLimits(forbidden: [.init(table: .holding, addresses: 0...9)])
    #expect(plan(registers([5]), limits: forbidden).problems.map(\.reason) == [.forbidden])
    var split = registers([0, 1])
    split[0].scaling = .exponentRegister(address: 5)
    #expect(
      plan(split, limits: RequestLimits(allowsHoles: false)).problems.map(\.reason) == [.hole]
    )
  }

  @Test func `excluded points are not read, not even along with others`() {
    let blocks = plan(registers(0..<10), excluding: [4]).blocks
    #expect(ranges(blocks) == [0...3, 5...9])
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `every point is read once, within the limits, at the least cost there is`(seed: UInt64) {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<40 {
      let addresses = Set((0..<9).map { _ in random(160) }).sorted()
      let points = registers(addresses)
      let limit = 20 + random(60)
      let blocks = plan(points, limits: RequestLimits(registers: limit)).blocks
      #expect(blocks.flatMap(\.points) == Array(points.indices))
      #expect(blocks.allSatisfy { $0.request.count <= limit })
      // Every way to cut, counted out: a bit per gap between neighbours.
      var cheapest = Double.infinity
      for cuts in 0..<(1 << (addresses.count - 1)) {
        var cost = 0.0
        var first = addresses[0]
        for place in addresses.indices {
          let isLast = place == addresses.count - 1 || cuts & (1 << place) != 0
          guard isLast else { continue }
          let count = addresses[place] - first + 1
          cost += count > limit ? .infinity : self.cost(count)
          if place + 1 < addresses.count { first = addresses[place + 1] }
        }
        cheapest = min(cheapest, cost)
      }
      let planned = blocks.reduce(0.0) { $0 + cost($1.request.count) }
      #expect(abs(planned - cheapest) < 1e-9)
    }
  }

  /// Seconds on a line of 19200 baud, even parity, with a device that takes 10 ms.
  private func cost(_ count: Int) -> Double {
    let character = Double(11 * 1_000_000_000 / 19_200) / 1e9
    return Double(13 + 2 * count) * character + 0.010 + Double(38_500_000_000 / 19_200) / 1e9
  }

  @Test func `planning many points takes time in proportion`() {
    // Back-tracking planners hang at a few dozen points; two thousand are nothing here.
    let blocks = plan(registers(stride(from: 0, to: 60_000, by: 30))).blocks
    #expect(blocks.flatMap(\.points).count == 2_000)
  }

  // From the serial-line guide: polls per second at most 1 ∕ ((13 + 2N) Tc + 2 t3.5).
  @Test(arguments: [
    (9_600, SerialLine.Parity.none, 1, 42.3), (9_600, .none, 125, 3.5), (9_600, .even, 10, 21.8),
    (19_200, .none, 10, 47.2), (19_200, .even, 50, 14.5), (115_200, .none, 125, 38.0),
    (115_200, .even, 1, 202.7), (115_200, .even, 100, 41.9),
  ])
  func `the line rate is that of the formula`(
    baud: Int,
    parity: SerialLine.Parity,
    count: Int,
    pollsPerSecond: Double
  ) {
    let serial = SerialLine(port: "", baud: baud, parity: parity, stopBits: 1)
    let block = plan(registers(0..<count)).blocks[0]
    let duration = LineRate(.serial(serial)).duration(of: block.request)
    #expect(abs(1 / duration.inSeconds - pollsPerSecond) < 0.06)
  }

  @Test func `an overloaded bus says so, and which period to expect`() {
    let plan = BusPlan(makeBus(units: 30, points: registers(0..<50), period: .seconds(1)))
    #expect(plan.isOverloaded)
    #expect(abs(plan.load - 30 / 14.5) < 0.02)
    #expect(abs(plan.devices[0].expectedPeriod.inSeconds - plan.load) < 0.001)
    let calm = BusPlan(makeBus(units: 3, points: registers(0..<50)))
    #expect(!calm.isOverloaded && calm.devices[0].expectedPeriod == .seconds(1))
    #expect(calm.devices[0].requests[0].bytes == 113)
  }

  @Test func `a device is not read more often than its profile calls sensible`() {
    let timing = DeviceTiming(minimumPeriod: .seconds(3))
    let plan = BusPlan(makeBus(units: 1, points: registers(0..<1), timing: timing))
    #expect(plan.devices[0].period == .seconds(3))
  }
}
