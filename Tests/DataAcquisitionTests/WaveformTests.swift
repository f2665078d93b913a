import ConditionModel
import DataAcquisition
import Testing

/// A device that takes a block of samples again and again, and shows the latest.
private struct BlockDevice {
  var block: WaveformBlock
  /// How long each block stands.
  var holdTime = Duration.seconds(60)
  var isReady = true

  /// Which block is shown at a moment; the first is number 1.
  func number(at now: Duration) -> UInt16 {
    UInt16(truncatingIfNeeded: now.nanoseconds / holdTime.nanoseconds + 1)
  }

  /// The samples tell which block they belong to.
  static func sample(_ index: Int, of number: UInt16) -> UInt16 {
    UInt16(truncatingIfNeeded: index &* 7 &+ Int(number) &* 1_000)
  }

  static func samples(_ count: Int, of number: UInt16) -> [Float] {
    (0..<count).map { index in
      let raw = Int16(bitPattern: sample(index, of: number))
      return Float(Double(raw) * 0.001)
    }
  }

  /// What the registers hold, the page that is shown included.
  func registers(_ request: PollRequest, at now: Duration, page: Int = 0) -> [UInt16] {
    (0..<request.count).map { offset in
      let address = Int(request.address) + offset
      if block.sequence.contains(UInt16(address)) { return number(at: now) }
      if let ready = block.ready, address == Int(ready.address) { return isReady ? ready.value : 0 }
      if let paging = block.paging, address == Int(paging.address) { return UInt16(page) }
      guard block.window.contains(address) else { return 0xDEAD }
      let first = page * (block.paging?.registers ?? 0)
      return Self.sample(first + address - Int(block.address), of: number(at: now))
    }
  }
}

private func makeBlock(samples: Int = 8_192) -> WaveformBlock {
  WaveformBlock(
    name: "vibration z",
    table: .input,
    address: 1_000,
    type: .s16,
    scale: 0.001,
    unit: "[g]",
    axis: .z,
    sampleRateHertz: 12_800,
    sampleCount: samples,
    sequence: 100...100
  )
}

/// A bus of scalar devices, with a block on the first of them.
private func makeBlockBus(
  _ block: WaveformBlock,
  units: Int = 4,
  period: Duration = .milliseconds(250),
  blockPeriod: Duration = .seconds(60),
  baud: Int = 115_200
) -> BusDefinition {
  var bus = makeBus(
    units: units,
    points: registers(0..<10),
    period: period,
    line: .serial(SerialLine(port: "/dev/null", baud: baud, parity: .none, stopBits: 1))
  )
  bus.devices[0].waveforms = [
    WaveformPoll(source: WaveformID(index: 0), block: block, period: blockPeriod)
  ]
  return bus
}

private func makeLine(
  _ bus: BusDefinition,
  _ device: BlockDevice,
  latency: Duration = .zero
) -> SimulatedLine {
  let rate = LineRate(bus.line)
  return SimulatedLine(bus) { request, now in
    let duration = rate.duration(of: request) + latency
    guard request.table == .input else { return (answer(request), duration) }
    return (.success(device.registers(request, at: now + duration)), duration)
  }
}

struct WaveformTests {
  @Test(arguments: [Duration.zero, .milliseconds(4)])
  func `every poll is on time while a block is read, and the block costs what the formula says`(
    latency: Duration
  ) throws {
    let block = makeBlock()
    let bus = makeBlockBus(block)
    var line = makeLine(bus, BlockDevice(block: block), latency: latency)
    line.run(until: .seconds(30))
    let polls = line.requests.filter { $0.request.table == .holding }
    // Four devices, one after the other, each 250 ms: nothing is left out and nothing is late.
    #expect(polls.count == 30 * 4 * 4)
    for (place, poll) in polls.enumerated() {
      #expect(poll.at == .milliseconds(62.5) * place, "poll \(place)")
    }
    let pieces = line.requests.filter { $0.request.table == .input }
    let rate = LineRate(bus.line)
    let spent = pieces.reduce(0.0) { $0 + rate.duration(of: $1.request).inSeconds }
    let registers = pieces.reduce(0) { $0 + $1.request.count } - 2
    #expect(registers == 8_192)
    // 65 whole requests of 125 registers and one of 67.
    let bytes = Double(65 * 263 + 147)
    let formula = bytes * 10 / 115_200 + 66 * 0.0035
    #expect(spent <= formula * 1.05, "\(spent) s for \(formula) s")
    let waveform = try #require(line.waveforms.first)
    #expect(line.waveforms.count == 1 && waveform.quality == .good)
    #expect(waveform.samples == BlockDevice.samples(8_192, of: 1))
    // It had been recorded when its number was first seen, shortly after the first second.
    let seen = waveform.end - SimulatedLine.epoch
    #expect(seen > .seconds(1) && seen < .milliseconds(1_100))
    #expect(line.poller.statistics.devices[0].waveforms?.read == 1)
    #expect(line.poller.statistics.devices.allSatisfy { $0.skippedPolls == 0 })
  }

  @Test func `a block that is replaced while it is read is never used, not even in part`() {
    let block = makeBlock()
    var device = BlockDevice(block: block)
    // It takes some 2.2 s to read what stands for 1.5 s.
    device.holdTime = .milliseconds(1_500)
    var line = makeLine(makeBlockBus(block), device)
    line.run(until: .seconds(121))
    #expect(line.waveforms.map(\.quality) == [.bad(.tornBlock), .bad(.tornBlock)])
    #expect(line.waveforms.allSatisfy { $0.samples.isEmpty })
    #expect(line.poller.statistics.devices[0].waveforms?.torn == 6)
    #expect(line.poller.statistics.devices[0].waveforms?.read == 0)
    #expect(line.events.count == 1)
    #expect(line.events.first?.description.contains("vibration z was replaced") == true)
  }

  @Test func `a torn block is begun anew at once, and the next one is whole`() throws {
    let block = makeBlock()
    var device = BlockDevice(block: block)
    device.holdTime = .seconds(3)
    var line = makeLine(makeBlockBus(block), device)
    line.run(until: .seconds(59))
    #expect(line.waveforms.map(\.quality) == [.good])
    #expect(line.poller.statistics.devices[0].waveforms?.torn == 1)
    let samples = try #require(line.waveforms.first?.samples)
    let possible = [2, 3].map { BlockDevice.samples(8_192, of: $0) }
    #expect(possible.contains(samples))
  }

  @Test func `a time-out in the middle is asked again, a device that stays away leaves a gap`() {
    let block = makeBlock()
    let bus = makeBlockBus(block)
    let device = BlockDevice(block: block)
    let rate = LineRate(bus.line)
    var misses = 0
    var line = SimulatedLine(bus) { request, now in
      let isLost =
        request.table == .input && request.address > 3_000
        && (misses < 1 || now > .seconds(60))
      guard !isLost else {
        misses += 1
        return (silence(request), .milliseconds(520))
      }
      let registers = device.registers(request, at: now)
      let result = request.table == .input ? .success(registers) : answer(request)
      return (result, rate.duration(of: request))
    }
    line.run(until: .seconds(100))
    #expect(line.waveforms.map(\.quality) == [.good, .bad(.noAnswer)])
    #expect(line.poller.statistics.devices[0].waveforms?.failed == 1)
    #expect(misses == 4)
    // The scalar values of the device go on.
    #expect(line.count(of: 0) { $0 == .good } > 380 * 10)
  }

  @Test func `the same block is never taken twice, and one that is not ready not at all`() {
    var block = makeBlock(samples: 512)
    block.ready = WaveformBlock.ReadyFlag(address: 102, value: 1)
    var device = BlockDevice(block: block)
    device.holdTime = .seconds(40)
    var line = makeLine(makeBlockBus(block, blockPeriod: .seconds(10)), device)
    line.run(until: .seconds(121))
    #expect(line.waveforms.map(\.quality) == [.good, .good, .good, .good])
    #expect(line.poller.statistics.devices[0].waveforms?.read == 4)

    device.isReady = false
    line = makeLine(makeBlockBus(block, blockPeriod: .seconds(10)), device)
    line.run(until: .seconds(35))
    #expect(line.waveforms.map(\.quality) == [.bad(.busy), .bad(.busy), .bad(.busy)])
  }

  @Test func `a window that shows one page after the other is put together in order`() throws {
    var block = makeBlock(samples: 1_000)
    block.paging = WaveformBlock.Paging(address: 999, registers: 120)
    #expect(block.pageCount == 9)
    let device = BlockDevice(block: block)
    let bus = makeBlockBus(block)
    var page = 4
    var line = SimulatedLine(bus) { request, now in
      guard request.table == .input else { return (answer(request), .milliseconds(5)) }
      // The device turns a page after every second look.
      if request.address == 999 { page += 1 }
      return (.success(device.registers(request, at: now, page: page / 2 % 9)), .milliseconds(20))
    }
    line.run(until: .seconds(20))
    let samples = try #require(line.waveforms.first?.samples)
    #expect(samples == BlockDevice.samples(1_000, of: 1))
    #expect(
      line.requests.allSatisfy { $0.request.table == .holding || $0.request.count <= 121 }
    )
  }

  @Test func `a refused window is left out for an hour, and told once`() {
    let block = makeBlock()
    var line = SimulatedLine(makeBlockBus(block)) { request, _ in
      (request.table == .input ? refusal(request, 2) : answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(3_500))
    #expect(line.waveforms.map(\.quality) == [.bad(.noSuchAddress)])
    #expect(line.events.count == 1)
    #expect(line.count(of: 0) { $0 == .good } == 3_500 * 4 * 10)
  }

  @Test func `on a bus with hardly any room blocks still come, and no poll is left out`() {
    let block = makeBlock(samples: 1_024)
    // Polls take 10 ms of every 15 ms, so that a whole request never fits.
    let bus = makeBlockBus(block, units: 2, period: .milliseconds(30))
    let device = BlockDevice(block: block)
    let rate = LineRate(bus.line)
    var line = SimulatedLine(bus) { request, now in
      guard request.table == .input else { return (answer(request), .milliseconds(8)) }
      return (.success(device.registers(request, at: now)), rate.duration(of: request))
    }
    line.run(until: .seconds(59))
    #expect(line.waveforms.map(\.quality) == [.good])
    #expect(line.poller.statistics.devices.map(\.skippedPolls) == [0, 0])
  }

  @Test func `a silent unit has no blocks, and each period says why`() {
    let block = makeBlock()
    let bus = makeBlockBus(block, blockPeriod: .seconds(30))
    var line = SimulatedLine(bus) { request, _ in
      request.unit == 1
        ? (silence(request), .milliseconds(520)) : (answer(request), .milliseconds(5))
    }
    line.run(until: .seconds(121))
    #expect(line.waveforms.count >= 4)
    #expect(line.waveforms.allSatisfy { $0.quality == .bad(.noAnswer) })
  }

  @Test func `samples are decoded by type and order, and what is no signal is no reading`() {
    func decode(_ type: RegisterType, _ order: WordOrder, _ words: [UInt16]) -> [Float] {
      var block = makeBlock(samples: words.count / type.registerCount)
      block.type = type
      block.wordOrder = order
      return block.decode(words).samples
    }
    #expect(decode(.s16, .abcd, [0xFFFF, 2]) == [-0.001, 0.002])
    #expect(decode(.s16, .badc, [0x0100, 0xFFFF]) == [0.001, -0.001])
    #expect(decode(.u16, .abcd, [0xFFFF, 0]) == [65.535, 0])
    #expect(decode(.s32, .cdab, [0xFFFE, 0xFFFF, 3, 0]) == [-0.002, 0.003])
    let one = Float(1_000).bitPattern
    #expect(decode(.f32, .abcd, [UInt16(one >> 16), UInt16(one & 0xFFFF), 0, 0]) == [1, 0])

    var block = makeBlock(samples: 4)
    #expect(block.decode([5, 5, 5, 5]).quality == .bad(.invalidCode))
    #expect(block.decode([5, 5, 5, 6]).quality == .good)
    block.measuringRange = -16...16
    #expect(block.decode([16_000, 5, 6, 7]).quality == .uncertain(.outsideValidRange))
    block.type = .f32
    #expect(block.decode([0x7FC0, 0, 0, 0, 0, 0, 0, 1]).quality == .bad(.notANumber))
  }

  @Test func `the plan of a bus names what a block costs, and whether it can be read in time`() {
    var block = makeBlock()
    block.holdTime = .seconds(60)
    let fast = BusPlan(makeBlockBus(block))
    #expect(fast.devices[0].waveforms.count == 1)
    let plan = fast.devices[0].waveforms[0]
    #expect(plan.requestCount == 68)
    #expect(plan.bytes == 66 * 13 + 2 * 8_192 + 2 * 15)
    let formula = Double(plan.bytes) * 10 / 115_200 + 68 * 0.0035
    #expect(abs(plan.lineTime.inSeconds - formula) < 0.001)
    #expect(!plan.isTooSlow && fast.load < 0.3)
    let without = BusPlan(makeBlockBus(block, blockPeriod: .seconds(3_600)))
    #expect(abs(fast.load - without.load - formula / 60 * 59 / 60) < 1e-3)

    let slow = BusPlan(
      makeBlockBus(block, period: .seconds(1), blockPeriod: .seconds(20), baud: 4_800)
    )
    #expect(slow.isOverloaded)
    block.holdTime = .seconds(1.5)
    #expect(BusPlan(makeBlockBus(block)).devices[0].waveforms[0].isTooSlow)
  }
}
