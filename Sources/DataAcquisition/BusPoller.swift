package import ConditionModel

/// Decides what a bus does next; it neither waits nor reads, so tests and replay hold its clock.
///
/// Each request comes back at a fixed rate. When the bus is behind, polls are left out and counted,
/// never queued. A unit that stays silent is probed alone, less and less often, and the others keep
/// their rate. Whatever could not be read becomes a frame of bad values with the reason, at the
/// device's own period: silence is visible, and nothing that was not read is ever a number.
package struct BusPoller: Sendable {
  package enum Action: Hashable, Sendable {
    case read(PollRequest)
    /// Nothing to do before this moment.
    case wait(until: Duration)
  }

  /// What polling brings forth; the caller empties it and hands it in again.
  package struct Output: Sendable {
    package var frames: [Frame] = []
    package var waveforms: [Waveform] = []
    package var events: [BusEvent] = []

    package init() {}

    package var isEmpty: Bool { frames.isEmpty && waveforms.isEmpty && events.isEmpty }

    package mutating func removeAll() {
      frames.removeAll(keepingCapacity: true)
      waveforms.removeAll()
      events.removeAll(keepingCapacity: true)
    }
  }

  let bus: String
  let line: LineRate
  let planner: PollPlanner
  var devices: [PolledDevice] = []
  var units: [PolledUnit] = []
  var lineOutage: Outage?
  var flight: Flight?
  /// The block of samples that is on its way, piece by piece; one at a time.
  var transfer: Transfer?

  struct Outage {
    var retryAt: Duration
    var pause: Duration
  }

  /// The request that is out.
  struct Flight {
    var device: Int
    /// `nil` for a step of a search, or a piece of a waveform.
    var task: Int?
    var isTransfer = false
    var block: PollBlock
    var since: Duration
  }

  /// How long a request rests that the device refused for another reason than its address.
  private static let refusedRest = Duration.seconds(60)
  private static let firstLinePause = Duration.seconds(1)
  private static let longestLinePause = Duration.seconds(30)

  /// Plans the bus.
  ///
  /// On a serial line first polls are spread over the period (at most ten seconds), so that a slow
  /// device delays few others. Over TCP devices of one rate fall due together and are read one right
  /// after the other: a gateway that wakes up once per period uses half the processor time of one that
  /// wakes up for each device.
  ///
  /// - Parameters:
  ///   - bus: What to read.
  ///   - start: Now, on the monotonic clock that all later calls use.
  package init(_ bus: BusDefinition, start: Duration) {
    self.bus = bus.name
    line = LineRate(bus.line)
    planner = PollPlanner(line: line)
    for (place, device) in bus.devices.enumerated() {
      if !units.contains(where: { $0.number == device.unit }) {
        units.append(PolledUnit(number: device.unit))
      }
      let spread = line.isSerial ? min(device.pollPeriod, .seconds(10)) : .zero
      devices.append(
        PolledDevice(
          device,
          unitPlace: units.firstIndex { $0.number == device.unit } ?? 0,
          phase: start + spread * place / bus.devices.count,
          planner: planner
        )
      )
    }
  }

  /// How the bus does.
  package var statistics: BusStatistics {
    BusStatistics(
      bus: bus,
      isConnected: lineOutage == nil,
      devices: devices.map { device in
        var statistics = device.statistics
        statistics.isSilent = units[device.unitPlace].isSilent
        return statistics
      }
    )
  }

  /// The next thing to do.
  ///
  /// - Parameters:
  ///   - now: The monotonic clock.
  ///   - stamp: The time that goes on frames.
  ///   - output: Takes frames of bad values for devices that are due but cannot be asked.
  /// - Returns: A request, whose result `finish` wants before the next call; or how long to wait.
  package mutating func next(at now: Duration, stamp: Stamp, into output: inout Output) -> Action {
    precondition(flight == nil, "the result of the last request has not been handed in")
    var best: (due: Duration, served: Duration, device: Int, task: Int?)?
    var earliest = now + .seconds(3_600)

    func consider(_ due: Duration, _ served: Duration, _ device: Int, _ task: Int?) {
      guard due <= now else {
        earliest = min(earliest, due)
        return
      }
      if let found = best, (found.due, found.served) <= (due, served) { return }
      best = (due, served, device, task)
    }

    for place in devices.indices {
      if let search = devices[place].search { consider(search.due, search.due, place, nil) }
      for index in devices[place].tasks.indices where !devices[place].tasks[index].isSearched {
        if devices[place].tasks[index].due <= now,
          let fault = obstacle(to: devices[place].tasks[index], of: devices[place], at: now)
        {
          let task = devices[place].tasks[index]
          output.frames.append(devices[place].frame(of: fault, task.channels, stamp))
          _ = devices[place].tasks[index].advance(past: now)
        }
        let task = devices[place].tasks[index]
        consider(task.due, task.lastServed, place, index)
      }
    }
    if let choice = best {
      return .read(launch(choice.device, choice.task, at: now, into: &output))
    }
    return waveformAction(at: now, before: earliest, stamp, into: &output)
  }

  /// Takes the result of the last request.
  ///
  /// - Parameters:
  ///   - result: Registers (or bits) as they came, or why none came.
  ///   - now: The monotonic clock.
  ///   - stamp: The time that goes on the frame.
  ///   - output: Takes the frame, and events for the log.
  package mutating func finish(
    _ result: Result<[UInt16], ModbusError>,
    at now: Duration,
    stamp: Stamp,
    into output: inout Output
  ) {
    guard let flight = flight else { preconditionFailure("no request is out") }
    self.flight = nil
    switch result {
    case .success(let registers) where registers.count == flight.block.request.count:
      devices[flight.device].noteCost(
        now - flight.since,
        beyond: line.duration(of: flight.block.request)
      )
      devices[flight.device].statistics.answers += 1
      devices[flight.device].statistics.roundTrip.add(now - flight.since)
      noteLife(of: flight.device, at: now, into: &output)
      if flight.isTransfer {
        takePiece(registers, at: now, stamp, into: &output)
        return
      }
      output.frames.append(devices[flight.device].frame(of: registers, flight.block, stamp))
      succeed(flight, at: now, into: &output)
    case .success(let registers):
      let error = ModbusError.damagedAnswer(
        flight.block.request,
        detail: "\(registers.count) values in place of \(flight.block.request.count)"
      )
      fail(error, flight, at: now, stamp, into: &output)
    case .failure(let error):
      fail(error, flight, at: now, stamp, into: &output)
    }
  }

  // MARK: - Sending

  /// Why a task that is due cannot be sent now.
  private func obstacle(
    to task: PollTask,
    of device: PolledDevice,
    at now: Duration
  ) -> Fault? {
    if let fault = obstacle(to: device, at: now) { return fault }
    if let rest = task.rest, now < rest.until { return rest.fault }
    return nil
  }

  private mutating func launch(
    _ device: Int,
    _ task: Int?,
    at now: Duration,
    into output: inout Output
  ) -> PollRequest {
    let block: PollBlock
    if let task = task {
      block = devices[device].tasks[task].block
      let missed = devices[device].tasks[task].advance(past: now)
      devices[device].tasks[task].lastServed = now
      if missed > 0 && devices[device].statistics.skippedPolls == 0 {
        output.events.append(.behind(device: devices[device].definition.name))
      }
      devices[device].statistics.skippedPolls += missed
    } else {
      guard let group = devices[device].search?.pending.last else {
        preconditionFailure("a search without anything pending is over")
      }
      block = PollPlanner.block(devices[device].definition, points: group)
    }
    devices[device].statistics.requests += 1
    flight = Flight(device: device, task: task, block: block, since: now)
    return block.request
  }

  // MARK: - Results

  private mutating func succeed(_ flight: Flight, at now: Duration, into output: inout Output) {
    guard let task = flight.task else {
      devices[flight.device].search?.answer(flight.block.request, at: now)
      return concludeSearch(of: flight.device, at: now, into: &output)
    }
    guard devices[flight.device].tasks[task].rest != nil else { return }
    devices[flight.device].tasks[task].rest = nil
    let point = flight.block.points[0]
    guard devices[flight.device].isUnreadable(point) else { return }
    devices[flight.device].markReadable(point)
    output.events.append(
      .pointReadable(
        device: devices[flight.device].definition.name,
        point: devices[flight.device].definition.points[point].name,
        register: devices[flight.device].register(of: point)
      )
    )
    devices[flight.device].replan(planner, after: now)
  }

  private mutating func fail(
    _ error: ModbusError,
    _ flight: Flight,
    at now: Duration,
    _ stamp: Stamp,
    into output: inout Output
  ) {
    devices[flight.device].statistics.lastError = "\(error)"
    switch error {
    case .noAnswer: devices[flight.device].statistics.timeouts += 1
    case .damagedAnswer: devices[flight.device].statistics.damagedAnswers += 1
    case .refused(_, let code): devices[flight.device].statistics.countException(code)
    case .notConnected: break
    }
    if case .notConnected = error {
      noteOutage(error, at: now, into: &output)
    } else if error.isMiss {
      noteLine(into: &output)
      noteMiss(error, of: flight.device, at: now, into: &output)
    } else {
      noteLife(of: flight.device, at: now, into: &output)
      if !flight.isTransfer, refuse(error, flight, at: now, into: &output) { return }
    }
    if flight.isTransfer {
      missPiece(error, at: now, stamp, into: &output)
      return
    }
    guard flight.task != nil else { return }
    let channels = flight.block.points.map { devices[flight.device].definition.channels[$0] }
    output.frames.append(devices[flight.device].frame(of: error.fault, channels, stamp))
  }

  /// Draws the consequence of an exception.
  ///
  /// - Returns: Whether a search goes on and will deliver the values.
  private mutating func refuse(
    _ error: ModbusError,
    _ flight: Flight,
    at now: Duration,
    into output: inout Output
  ) -> Bool {
    let device = flight.device
    guard case .refused(_, let code) = error else { return false }
    switch (code, flight.task) {
    case (5, nil), (6, nil):
      let later = now + devices[device].definition.pollPeriod
      devices[device].search?.due = later
      return false
    case (5, _), (6, _):
      return false
    case (2, nil), (3, nil):
      devices[device].search?.refuse(at: now)
      concludeSearch(of: device, at: now, into: &output)
      return false
    case (_, nil):
      endSearch(of: device)
      return false
    case (2, let task?), (3, let task?):
      if devices[device].isUnreadable(flight.block.points[0]) {
        devices[device].markUnreadable(flight.block.points[0], fault: error.fault, at: now)
        devices[device].replan(planner, after: now)
        return false
      }
      // One search at a time: a second block that is refused waits for its next turn.
      guard devices[device].search == nil else { return false }
      devices[device].tasks[task].isSearched = true
      devices[device].search = HoleSearch(in: flight.block, cause: error, at: now)
      let goesOn = flight.block.points.count > 1
      concludeSearch(of: device, at: now, into: &output)
      return goesOn
    case (_, let task?):
      if devices[device].tasks[task].rest == nil { output.events.append(.requestRefused(error)) }
      devices[device].tasks[task].rest = PollTask.Rest(
        until: now + Self.refusedRest,
        fault: error.fault
      )
      return false
    }
  }

  private mutating func concludeSearch(
    of place: Int,
    at now: Duration,
    into output: inout Output
  ) {
    guard let search = devices[place].search, search.pending.isEmpty else { return }
    let device = devices[place].definition
    switch search.finding(holes: devices[place].hasHoles(search.block)) {
    case .unreadable(let points):
      for point in points {
        devices[place].markUnreadable(point, fault: search.cause.fault, at: now)
        output.events.append(
          .pointUnreadable(
            device: device.name,
            point: device.points[point].name,
            register: devices[place].register(of: point),
            cause: search.cause
          )
        )
      }
    case .refusesHoles:
      devices[place].definition.requestLimits.allowsHoles = false
      output.events.append(.holesAvoided(device: device.name))
    case .refusesLength(let longest):
      if search.block.request.table.holdsBits {
        devices[place].definition.requestLimits.bits = longest
      } else {
        devices[place].definition.requestLimits.registers = longest
      }
      output.events.append(.requestsShortened(device: device.name, count: longest))
    }
    devices[place].search = nil
    devices[place].replan(planner, after: now)
  }

  private mutating func endSearch(of place: Int) {
    devices[place].search = nil
    for task in devices[place].tasks.indices { devices[place].tasks[task].isSearched = false }
  }

  // MARK: - Line and units

  private mutating func noteLine(into output: inout Output) {
    guard lineOutage != nil else { return }
    lineOutage = nil
    output.events.append(.lineBack(bus: bus))
  }

  private mutating func noteOutage(
    _ error: ModbusError,
    at now: Duration,
    into output: inout Output
  ) {
    for place in devices.indices { endSearch(of: place) }
    if let outage = lineOutage {
      let pause = min(outage.pause * 2, Self.longestLinePause)
      lineOutage = Outage(retryAt: now + pause, pause: pause)
    } else {
      lineOutage = Outage(retryAt: now + Self.firstLinePause, pause: Self.firstLinePause)
      output.events.append(.lineLost(error))
    }
  }

  private mutating func noteLife(of place: Int, at now: Duration, into output: inout Output) {
    noteLine(into: &output)
    let device = devices[place].definition
    if let silence = units[devices[place].unitPlace].noteLife(at: now) {
      output.events.append(
        .unitAnswers(device: device.name, unit: device.unit, after: silence)
      )
    }
  }

  private mutating func noteMiss(
    _ error: ModbusError,
    of place: Int,
    at now: Duration,
    into output: inout Output
  ) {
    let unit = devices[place].unitPlace
    guard units[unit].noteMiss(error.fault, at: now) else { return }
    for place in devices.indices where devices[place].unitPlace == unit { endSearch(of: place) }
    let device = devices[place].definition
    output.events.append(.unitSilent(device: device.name, unit: device.unit, cause: error))
  }
}
