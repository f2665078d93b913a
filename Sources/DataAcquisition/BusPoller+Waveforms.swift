import ConditionModel

// Blocks of samples are read in pieces, in the time that polls leave.
//
// A piece is sent only if its answer is there before the next poll is due, so polls keep their
// moments. A bus so busy that nothing fits still gets blocks through, slowly: after half a second
// without a turn a shorter piece goes out, after two seconds a whole one, for which a poll waits.
extension BusPoller {
  /// The block that is on its way.
  struct Transfer: Sendable {
    var device: Int
    var task: Int
    var began: Duration
    /// When a piece was last sent.
    var served: Duration
    var state: WaveformTransfer
  }

  private static let shortAfter = Duration.milliseconds(500)
  private static let wholeAfter = Duration.seconds(2)
  /// A piece that is asked for in vain so many times ends the block.
  private static let mostMisses = 3

  /// What to do while no poll is due.
  ///
  /// - Parameters:
  ///   - now: The monotonic clock.
  ///   - earliest: When the next poll falls due.
  ///   - stamp: The time that goes on what cannot be read.
  ///   - output: Takes blocks that are due but cannot be asked for.
  /// - Returns: A request for a piece of a block, or how long to wait.
  mutating func waveformAction(
    at now: Duration,
    before earliest: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) -> Action {
    if transfer == nil { beginTransfer(at: now, stamp, into: &output) }
    guard let transfer else { return .wait(until: min(earliest, nextBlockDue ?? earliest)) }
    if let fault = obstacle(to: devices[transfer.device], at: now) {
      giveUp(fault, at: now, stamp, into: &output)
      return .wait(until: min(earliest, nextBlockDue ?? earliest))
    }
    let whole = piece(of: transfer, most: .max)
    let starved = now - transfer.served
    if cost(of: whole, transfer.device) <= earliest - now || starved >= Self.wholeAfter {
      return .read(send(whole, at: now))
    }
    if starved >= Self.shortAfter, transfer.state.isInWindow,
      let short = shorterPiece(of: transfer, than: whole, fitting: earliest - now)
    {
      return .read(send(short, at: now))
    }
    let patience = starved >= Self.shortAfter ? Self.wholeAfter : Self.shortAfter
    return .wait(until: min(earliest, transfer.served + patience))
  }

  private var nextBlockDue: Duration? {
    devices.flatMap(\.waveforms).map(\.due).min()
  }

  /// Why a device cannot be asked now; `nil` when it can.
  func obstacle(to device: PolledDevice, at now: Duration) -> Fault? {
    if let outage = lineOutage, now < outage.retryAt { return .notConnected }
    return units[device.unitPlace].obstacle(at: now)
  }

  /// Takes up the block that has been due the longest.
  private mutating func beginTransfer(
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    var best: (due: Duration, device: Int, task: Int)?
    for place in devices.indices {
      for index in devices[place].waveforms.indices {
        let task = devices[place].waveforms[index]
        guard task.due <= now else { continue }
        if let fault = obstacle(to: devices[place], at: now) {
          output.waveforms.append(gap(of: devices[place], task, fault, stamp))
          devices[place].waveforms[index].finish(at: now)
          continue
        }
        if let found = best, found.due <= task.due { continue }
        best = (task.due, place, index)
      }
    }
    guard let best else { return }
    begin(best.device, best.task, at: now)
  }

  private mutating func begin(_ device: Int, _ task: Int, at now: Duration) {
    let wanted = devices[device].waveforms[task]
    transfer = Transfer(
      device: device,
      task: task,
      began: now,
      served: now,
      state: WaveformTransfer(
        wanted.poll.block,
        limit: devices[device].definition.requestLimits.registers,
        lastHeader: wanted.lastHeader
      )
    )
  }

  // MARK: - Pieces

  private func piece(of transfer: Transfer, most: Int) -> PollRequest {
    let device = devices[transfer.device].definition
    let addresses = transfer.state.next(most: most)
    return PollRequest(
      deviceName: device.name,
      unit: device.unit,
      table: device.waveforms[transfer.task].block.table,
      address: addresses.lowerBound,
      count: addresses.count,
      responseTimeout: device.timing.responseTimeout,
      guardTime: device.timing.guardTime
    )
  }

  /// A piece that fits into `time`; none below an eighth of a whole one, which would be mostly
  /// overhead.
  private func shorterPiece(
    of transfer: Transfer,
    than whole: PollRequest,
    fitting time: Duration
  ) -> PollRequest? {
    var count = whole.count / 2
    while count >= max(1, whole.count / 8) {
      let short = piece(of: transfer, most: count)
      if short.count < whole.count, cost(of: short, transfer.device) <= time { return short }
      count /= 2
    }
    return nil
  }

  private mutating func send(_ request: PollRequest, at now: Duration) -> PollRequest {
    guard let transfer else { preconditionFailure("no block is on its way") }
    self.transfer?.served = now
    devices[transfer.device].statistics.requests += 1
    flight = Flight(
      device: transfer.device,
      task: nil,
      isTransfer: true,
      block: PollBlock(request: request, points: []),
      since: now
    )
    return request
  }

  /// What a request is expected to cost on this line.
  private func cost(of request: PollRequest, _ device: Int) -> Duration {
    line.duration(of: request) + devices[device].overhead
  }

  mutating func takePiece(
    _ registers: [UInt16],
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    // In place: a copy of the transfer would copy the whole block.
    guard let addresses = transfer?.state.next(most: registers.count),
      let outcome = transfer?.state.take(registers, of: addresses, at: now)
    else { preconditionFailure("no block is on its way") }
    switch outcome {
    case .goesOn: break
    case .nothingNew(let fault): lookAgain(fault, at: now, stamp, into: &output)
    case .torn: tear(at: now, stamp, into: &output)
    case .complete(let words): deliver(words, at: now, stamp, into: &output)
    }
  }

  mutating func missPiece(
    _ error: ModbusError,
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    guard let transfer else { preconditionFailure("no block is on its way") }
    switch error {
    case .noAnswer, .damagedAnswer:
      self.transfer?.state.misses += 1
      if transfer.state.misses + 1 < Self.mostMisses { return }
    case .refused(_, exception: 5), .refused(_, exception: 6):
      return lookAgain(.busy, at: now, stamp, into: &output)
    case .refused(_, let code) where code < 10:
      let name = devices[transfer.device].waveforms[transfer.task].poll.block.name
      output.events.append(.blockRefused(block: name, cause: error))
      giveUp(error.fault, at: now, stamp, into: &output)
      devices[transfer.device].waveforms[transfer.task].due = now + WaveformTask.refusedRest
      return
    case .refused, .notConnected: break
    }
    giveUp(error.fault, at: now, stamp, into: &output)
  }

  // MARK: - Ends

  private mutating func deliver(
    _ words: [UInt16],
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    guard let transfer else { return }
    let device = devices[transfer.device]
    let block = device.waveforms[transfer.task].poll.block
    let (samples, found) = block.decode(words)
    let quality = found == .good && !stamp.isClockSet ? .uncertain(.clockNotSet) : found
    // The block had been recorded when its header was seen; how long before, nobody tells.
    let age = now - transfer.state.seenAt + block.duration
    output.waveforms.append(
      Waveform(
        source: device.waveforms[transfer.task].poll.source,
        asset: device.definition.asset,
        start: stamp.timestamp - age,
        sampleRateHertz: block.sampleRateHertz,
        samples: quality.isUsable ? samples : [],
        quality: quality
      )
    )
    devices[transfer.device].waveforms[transfer.task].lastHeader = transfer.state.header
    devices[transfer.device].waveforms[transfer.task].finish(at: now)
    devices[transfer.device].statistics.waveforms?.read += 1
    devices[transfer.device].statistics.waveforms?.lastTransfer = now - transfer.began
    self.transfer = nil
  }

  private mutating func tear(at now: Duration, _ stamp: Stamp, into output: inout Output) {
    guard let transfer else { return }
    let (place, index) = (transfer.device, transfer.task)
    if devices[place].statistics.waveforms?.torn == 0 {
      let block = devices[place].waveforms[index].poll.block.name
      output.events.append(.blockTorn(device: devices[place].definition.name, block: block))
    }
    devices[place].statistics.waveforms?.torn += 1
    devices[place].waveforms[index].tornCount += 1
    if devices[place].waveforms[index].tornCount < WaveformTask.mostTorn {
      // The new block has just come: now is the best moment to begin.
      begin(place, index, at: now)
    } else {
      end(with: .tornBlock, at: now, stamp, into: &output)
    }
  }

  private mutating func lookAgain(
    _ fault: Fault?,
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    guard let transfer else { return }
    self.transfer = nil
    let device = devices[transfer.device]
    if devices[transfer.device].waveforms[transfer.task].lookAgain(after: now), let fault {
      output.waveforms.append(gap(of: device, device.waveforms[transfer.task], fault, stamp))
    }
  }

  private mutating func giveUp(
    _ fault: Fault,
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    guard let transfer else { return }
    devices[transfer.device].statistics.waveforms?.failed += 1
    end(with: fault, at: now, stamp, into: &output)
  }

  /// Ends the period without a block: a gap that says why.
  private mutating func end(
    with fault: Fault,
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    guard let transfer else { return }
    let device = devices[transfer.device]
    output.waveforms.append(gap(of: device, device.waveforms[transfer.task], fault, stamp))
    devices[transfer.device].waveforms[transfer.task].finish(at: now)
    self.transfer = nil
  }

  private func gap(
    of device: PolledDevice,
    _ task: WaveformTask,
    _ fault: Fault,
    _ stamp: Stamp
  ) -> Waveform {
    Waveform(
      source: task.poll.source,
      asset: device.definition.asset,
      start: stamp.timestamp,
      sampleRateHertz: task.poll.block.sampleRateHertz,
      samples: [],
      quality: .bad(fault)
    )
  }
}
