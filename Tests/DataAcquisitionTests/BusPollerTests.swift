import ConditionModel
import DataAcquisition
import Testing

struct BusPollerTests {
  @Test func `each device is read at its rate, and frames hold what was read`() {
    var line = SimulatedLine(makeBus(units: 10, points: registers(0..<50))) { request, _ in
      (answer(request), .milliseconds(20))
    }
    line.run(until: .seconds(100))
    #expect(line.requests.count == 1_000)
    #expect(line.frames.count == 1_000)
    for frame in line.frames {
      #expect(frame.values == (0..<50).map(Double.init))
      #expect(frame.qualities.allSatisfy { $0 == .good })
    }
    #expect(line.events.isEmpty)
  }

  @Test func `on a serial line first polls are spread, so that nothing falls due together`() {
    var line = SimulatedLine(makeBus(units: 10, points: registers(0..<5))) { request, _ in
      (answer(request), .milliseconds(20))
    }
    line.run(until: .seconds(1))
    #expect(line.requests.map(\.at) == (0..<10).map { .milliseconds(100 * $0) })
  }

  @Test func `over TCP devices of one rate are read one right after the other`() {
    let endpoint = BusDefinition.Line.tcp(TCPEndpoint(host: "192.0.2.1"))
    let bus = makeBus(units: 10, points: registers(0..<5), line: endpoint)
    var line = SimulatedLine(bus) { request, _ in (answer(request), .milliseconds(20)) }
    line.run(until: .seconds(2))
    #expect(
      line.requests.map(\.at)
        == (0..<20).map { .milliseconds($0 < 10 ? 20 * $0 : 1_000 + 20 * ($0 - 10)) }
    )
    #expect(line.requests.map(\.request.unit) == Array(1...10) + Array(1...10))
  }

  @Test func `healthy units keep at least 95 % of their rate while one is silent`() {
    var line = SimulatedLine(makeBus(units: 10, points: registers(0..<50))) { request, _ in
      request.unit == 4
        ? (silence(request), .milliseconds(520)) : (answer(request), .milliseconds(60))
    }
    line.run(until: .seconds(600))
    for unit in 0..<10 where unit != 3 {
      let share = Double(line.count(of: unit) { $0 == .good }) / (600 * 50)
      #expect(share >= 0.98, "unit \(unit + 1) kept \(share)")
    }
    // Three misses, then probes after 5, 10, 20, 40 and every 60 s.
    #expect((10...18).contains(line.requestCount(unit: 4)))
    // Its silence is visible all the time.
    let silent = line.count(of: 3) { $0 == .bad(.noAnswer) }
    #expect(silent >= 590 * 50 && silent == line.count(of: 3) { _ in true })
    #expect(line.poller.statistics.devices[3].isSilent)
    #expect(line.events.count == 1)
    guard case .unitSilent(_, 4, .noAnswer)? = line.events.first else {
      Issue.record("expected one event about unit 4, got \(line.events)")
      return
    }
  }

  @Test func `a silent unit that answers again is back at its rate after one probe`() {
    var line = SimulatedLine(makeBus(units: 2, points: registers(0..<5))) { request, now in
      request.unit == 1 && now < .seconds(30)
        ? (silence(request), .milliseconds(520)) : (answer(request), .milliseconds(20))
    }
    line.run(until: .seconds(100))
    let back = line.frames.first { $0.asset.index == 0 && $0.qualities[0] == .good }
    let backAt = (back?.timestamp).map { $0 - SimulatedLine.epoch } ?? .zero
    #expect(backAt > .seconds(30) && backAt < .seconds(50))
    let later = line.frames.filter {
      $0.asset.index == 0 && $0.timestamp > back?.timestamp ?? $0.timestamp
    }
    #expect(later.allSatisfy { $0.qualities.allSatisfy { $0 == .good } })
    #expect(Double(later.count) >= (.seconds(100) - backAt) / .seconds(1) - 1)
    #expect(line.events.map(\.isProblem) == [true, false])
    #expect(!line.poller.statistics.devices[0].isSilent)
  }

  @Test func `one unreadable address costs only itself: at least 98 % of the values stay`() {
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<50))) { request, _ in
      let covers = (request.address..<request.address + UInt16(request.count)).contains(23)
      return (covers ? refusal(request, 2) : answer(request), .milliseconds(40))
    }
    line.run(until: .seconds(300))
    let good = line.count(of: 0) { $0 == .good }
    let bad = line.count(of: 0) { $0 == .bad(.noSuchAddress) }
    #expect(good == 300 * 49)
    #expect(Double(good) / (300 * 50) >= 0.98)
    #expect((298...301).contains(bad))
    // Found by halving, then two blocks per second.
    #expect(line.requests.count <= 300 * 2 + 14)
    #expect(line.events.count == 1)
    #expect(line.events[0].description.contains("r23 (holding 23)"))
    #expect(line.poller.statistics.devices[0].unreadablePoints == ["r23"])
    for frame in line.frames {
      for (channel, (value, quality)) in zip(frame.channels, zip(frame.values, frame.qualities))
      where quality == .good {
        #expect(value == Double(channel.index))
      }
    }
  }

  @Test func `an unreadable point is tried again each hour and comes back by itself`() {
    var line = SimulatedLine(
      makeBus(units: 1, points: registers(0..<10), period: .seconds(10))
    ) { request, now in
      let covers = (request.address..<request.address + UInt16(request.count)).contains(3)
      return (
        covers && now < .seconds(5_000) ? refusal(request, 2) : answer(request), .milliseconds(40)
      )
    }
    line.run(until: .seconds(9_000))
    let tries = line.requests.filter { $0.request.address == 3 && $0.request.count == 1 }
    #expect(tries.count == 3)
    #expect(line.events.map(\.isProblem) == [true, false])
    #expect(line.poller.statistics.devices[0].unreadablePoints.isEmpty)
    #expect(line.requests.last?.request.count == 10)
  }

  @Test func `several holes, and a device that refuses everything, end the search`() {
    for holes: Set<UInt16> in [[0], [49], [0, 49], [10, 11, 12], Set(0..<50)] {
      var line = SimulatedLine(makeBus(units: 1, points: registers(0..<50))) { request, _ in
        let covers = (request.address..<request.address + UInt16(request.count))
          .contains { holes.contains($0) }
        return (covers ? refusal(request, 2) : answer(request), .milliseconds(5))
      }
      line.run(until: .seconds(60))
      let unreadable = Set(line.poller.statistics.devices[0].unreadablePoints)
      #expect(unreadable == Set(holes.map { "r\($0)" }))
      #expect(line.count(of: 0) { $0 == .good } >= 59 * (50 - holes.count))
      #expect(line.requests.count <= 110 + 60 * 3)
    }
  }

  @Test func `bits of one refused register are all left out, and the others stay`() {
    var points = registers([0, 1, 1, 1, 2])
    for place in 1...3 { points[place].bitField = BitField(lowest: place, count: 1) }
    var line = SimulatedLine(makeBus(units: 1, points: points)) { request, _ in
      let covers = (request.address..<request.address + UInt16(request.count)).contains(1)
      return (covers ? refusal(request, 2) : answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(10))
    let last = line.frames.suffix(5)
    #expect(line.count(of: 0) { $0 == .good } >= 9 * 2)
    #expect(last.flatMap(\.qualities).count { $0 == .bad(.noSuchAddress) } >= 3)
  }

  @Test func `a device that refuses unused addresses is read without them`() {
    var line = SimulatedLine(makeBus(units: 1, points: registers([0, 1, 5, 6]))) { request, _ in
      let covers = (request.address..<request.address + UInt16(request.count)).contains(3)
      return (covers ? refusal(request, 2) : answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(20))
    #expect(line.count(of: 0) { $0 == .good } == 20 * 4)
    #expect(line.events == [.holesAvoided(device: "machine-1, drive end")])
    #expect(line.requests.suffix(2).map(\.request.count) == [2, 2])
  }

  @Test(arguments: [2, 3] as [UInt8])
  func `a device with a lower limit than its profile says is read in shorter requests`(
    code: UInt8
  ) {
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<50))) { request, _ in
      (request.count > 20 ? refusal(request, code) : answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(20))
    #expect(line.count(of: 0) { $0 == .good } == 20 * 50)
    #expect(line.requests.suffix(5).allSatisfy { $0.request.count <= 20 })
  }

  @Test func `a busy device is asked again next time, its values say why they are missing`() {
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<5))) { request, now in
      (now < .seconds(10) ? refusal(request, 6) : answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(20))
    #expect(line.count(of: 0) { $0 == .bad(.busy) } == 50)
    #expect(line.count(of: 0) { $0 == .good } == 50)
    #expect(!line.poller.statistics.devices[0].isSilent)
  }

  @Test(arguments: [1, 4] as [UInt8])
  func `a refusal for another reason is told once and asked again each minute`(code: UInt8) {
    var line = SimulatedLine(makeBus(units: 2, points: registers(0..<5))) { request, _ in
      (request.unit == 1 ? refusal(request, code) : answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(300))
    #expect(line.requestCount(unit: 1) == 5)
    #expect(line.events.count == 1)
    #expect(line.count(of: 0) { $0 == .bad(.refused) } == 300 * 5)
    #expect(line.count(of: 1) { $0 == .good } == 300 * 5)
  }

  @Test(arguments: [10, 11] as [UInt8])
  func `a unit behind a gateway that does not answer is taken as silent`(code: UInt8) {
    var line = SimulatedLine(makeBus(units: 2, points: registers(0..<5))) { request, _ in
      (request.unit == 1 ? refusal(request, code) : answer(request), .milliseconds(200))
    }
    line.run(until: .seconds(60))
    #expect(line.requestCount(unit: 1) < 10)
    #expect(line.count(of: 0) { $0 == .bad(.notReachable) } >= 58 * 5)
    #expect(line.poller.statistics.devices[0].isSilent)
  }

  @Test func `any exception but 10 and 11 proves the unit alive`() {
    var turn = 0
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<5))) { request, _ in
      turn += 1
      return (turn % 3 == 0 ? refusal(request, 6) : silence(request), .milliseconds(100))
    }
    line.run(until: .seconds(60))
    #expect(line.requests.count == 60)
    #expect(line.events.isEmpty)
  }

  @Test func `a bus that cannot keep up leaves polls out, counts them and stays fair`() {
    var line = SimulatedLine(makeBus(units: 3, points: registers(0..<5))) { request, _ in
      (answer(request), .milliseconds(500))
    }
    line.run(until: .seconds(300))
    let counts = (1...3).map { line.requestCount(unit: $0) }
    #expect(counts.reduce(0, +) == 600)
    #expect(counts.allSatisfy { (190...210).contains($0) })
    let skipped = line.poller.statistics.devices.reduce(0) { $0 + $1.skippedPolls }
    #expect((290...310).contains(skipped))
    #expect(line.events.count == 3)
  }

  @Test func `after a standstill nothing is made up for`() {
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<5))) { request, now in
      (answer(request), now == .seconds(10) ? .seconds(100) : .milliseconds(5))
    }
    line.run(until: .seconds(120))
    #expect(line.requests.count == 11 + 10)
    #expect(line.poller.statistics.devices[0].skippedPolls == 99)
  }

  @Test func `a lost line is told once, tried less and less often, and comes back`() {
    var line = SimulatedLine(makeBus(units: 3, points: registers(0..<5))) { request, now in
      now >= .seconds(10) && now < .seconds(100)
        ? (.failure(.notConnected(line: "ligne-1", detail: "gone")), .zero)
        : (answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(200))
    let tries = line.requests.filter { $0.at >= .seconds(10) && $0.at < .seconds(100) }
    #expect((5...9).contains(tries.count))
    #expect(line.count(of: 1) { $0 == .bad(.notConnected) } >= 89 * 5)
    #expect(line.events.map(\.isProblem) == [true, false])
    #expect(line.poller.statistics.isConnected)
    // The units themselves were not blamed.
    #expect(line.count(of: 1) { $0 == .good } >= 65 * 5)
  }

  @Test func `a wrong number of registers is a damaged answer, never a value`() {
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<5))) { _, _ in
      (.success([1, 2, 3]), .milliseconds(5))
    }
    line.run(until: .seconds(2))
    #expect(line.count(of: 0) { $0 == .bad(.damagedAnswer) } == 10)
    #expect(line.poller.statistics.devices[0].damagedAnswers == 2)
  }

  @Test func `while the clock is not set values say so`() {
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<5))) { request, _ in
      (answer(request), .milliseconds(5))
    }
    line.isClockSet = false
    line.run(until: .seconds(2))
    #expect(line.count(of: 0) { $0 == .uncertain(.clockNotSet) } == 10)
  }

  @Test func `devices that share a unit share its breaker`() {
    var bus = makeBus(units: 2, points: registers(0..<5))
    bus.devices[1].unit = 1
    var line = SimulatedLine(bus) { request, _ in (silence(request), .milliseconds(520)) }
    line.run(until: .seconds(60))
    #expect(line.requests.count < 10)
    #expect(line.events.count == 1)
  }

  @Test func `statistics tell counts, exceptions and round trips`() {
    var turn = 0
    var line = SimulatedLine(makeBus(units: 1, points: registers(0..<5))) { request, _ in
      turn += 1
      return turn == 5
        ? (refusal(request, 6), .milliseconds(5)) : (answer(request), .milliseconds(40))
    }
    line.run(until: .seconds(100))
    let device = line.poller.statistics.devices[0]
    #expect(device.requests == 100 && device.answers == 99)
    #expect(device.exceptions.map(\.code) == [6] && device.exceptions.map(\.count) == [1])
    #expect(device.lastError?.contains("busy") == true)
    let median = device.roundTrip.quantile(0.5)?.inSeconds ?? 0
    #expect(abs(median - 0.040) <= 0.040 / 8)
    let suggested = device.suggestedTimeout?.inSeconds ?? 0
    #expect(suggested > 0.1 && suggested < 0.14)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `whatever the bus does, no value is invented and every device stays in sight`(seed: UInt64) {
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var line = SimulatedLine(makeBus(units: 4, points: registers(0..<30))) { request, _ in
      switch random(12) {
      case 0: (silence(request), .milliseconds(520))
      case 1: (refusal(request, UInt8([1, 2, 3, 4, 5, 6, 8, 10, 11][random(9)])), .milliseconds(9))
      case 2: (.failure(.damagedAnswer(request, detail: "CRC")), .milliseconds(300))
      case 3: (.failure(.notConnected(line: "l", detail: "gone")), .milliseconds(1))
      case 4: (.success([]), .milliseconds(9))
      default: (answer(request), .milliseconds(30))
      }
    }
    line.run(until: .seconds(900))
    var lastSeen = [Timestamp](repeating: SimulatedLine.epoch, count: 4 * 30)
    for frame in line.frames {
      for (place, channel) in frame.channels.enumerated() {
        let index = Int(channel.index)
        if frame.qualities[place] == .good {
          #expect(frame.values[place] == Double(index % 30))
        } else {
          #expect(frame.values[place] == 0)
        }
        #expect(frame.timestamp >= lastSeen[index])
        // One period, one more poll lost to a search, and the slowest of answers.
        #expect(frame.timestamp - lastSeen[index] < .seconds(20), "seed \(seed)")
        lastSeen[index] = frame.timestamp
      }
    }
    let end = SimulatedLine.epoch + .seconds(900)
    #expect(lastSeen.allSatisfy { end - $0 < .seconds(20) })
  }
}
