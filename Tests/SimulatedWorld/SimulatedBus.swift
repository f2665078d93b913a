import ConditionModel
import DataAcquisition
import SignalProcessing

/// One machine's device on a bus: what it measures, and what goes wrong on its way.
struct SimulatedUnit {
  /// What the unit does instead of answering well, until a moment.
  struct Trouble {
    enum Kind: CaseIterable {
      /// Says nothing.
      case silent
      /// A third of the answers are lost, late, torn, doubled or wrong.
      case flaky
      /// Answers "busy" and other refusals.
      case refusing
    }
    var kind: Kind
    var end: Duration
  }

  /// How a unit differs that was replaced by another make.
  struct Make {
    /// Addresses from here on do not exist.
    var addressEnd = UInt16.max
    var longestRequest = 125
    var allowsHoles = true
    var scale = 1.0
  }

  var trouble: Trouble?
  var make = Make()
  /// Until when the machine is truly too hot.
  var hotUntil = Duration.zero
  /// Its slow wear: what is added to its vibration each day, in mm/s.
  var wearPerDay = 0.0
  private var generator: SeededGenerator
  private var last: [UInt16] = []

  init(_ generator: SeededGenerator) { self.generator = generator }

  /// What the registers hold at `now`.
  private mutating func register(_ address: UInt16, at now: Duration) -> UInt16 {
    let day = now.inSeconds / 86_400
    let hour = (day - day.rounded(.down)) * 24
    let isRunning = hour > 5 && hour < 22
    let noise = generator.normal()
    let value: Double
    switch address {
    case 0: value = 10 * ((isRunning ? 55 : 40) + noise + (now < hotUntil ? 40 : 0))
    case 1: value = 100 * ((isRunning ? 2 : 0.2) + wearPerDay * day + abs(noise) * 0.1)
    case 2: value = 10 * (isRunning ? 30 + noise : 0.1 + abs(noise) * 0.1)
    default: value = 100 * (3 + noise * 0.1)
    }
    return UInt16(clamping: Int(max(0, value * make.scale)))
  }

  /// Answers a request, well or badly.
  ///
  /// - Returns: What the reader of the bus makes of it, and after how long.
  mutating func answer(
    _ request: PollRequest,
    at now: Duration
  ) -> (result: Result<[UInt16], ModbusError>, after: Duration) {
    if let trouble, trouble.end <= now { self.trouble = nil }
    let lost = ModbusError.noAnswer(request, after: request.responseTimeout)
    let pause = Duration.milliseconds(5 + Int64(generator.uniform() * 30))
    let chance = generator.uniform()
    switch trouble?.kind {
    case .silent: return (.failure(lost), request.responseTimeout)
    case .refusing where chance < 0.7:
      let codes: [UInt8] = [1, 4, 5, 6, 10, 11]
      let code = codes[Int(generator.uniform() * 6)]
      return (.failure(.refused(request, exception: code)), pause)
    case .flaky where chance < 0.35, nil where chance < 0.002:
      return spoilt(request, at: now, pause)
    default: break
    }
    guard request.count <= make.longestRequest else {
      return (.failure(.refused(request, exception: 3)), pause)
    }
    let end = Int(request.address) + request.count
    guard end <= make.addressEnd, make.allowsHoles || request.count <= 3 else {
      return (.failure(.refused(request, exception: 2)), pause)
    }
    last = (0..<request.count).map { register(request.address + UInt16($0), at: now) }
    return (.success(last), pause)
  }

  private mutating func spoilt(
    _ request: PollRequest,
    at now: Duration,
    _ pause: Duration
  ) -> (Result<[UInt16], ModbusError>, Duration) {
    let lost = ModbusError.noAnswer(request, after: request.responseTimeout)
    switch Int(generator.uniform() * 6) {
    case 0: return (.failure(lost), request.responseTimeout)
    case 1:
      // It comes after all, and meets the next request; the connection below the poller, which is
      // not part of this world, has thrown it away by then (`LibmodbusConnection`).
      return (.failure(lost), request.responseTimeout + pause)
    case 2: return (.failure(.damagedAnswer(request, detail: "torn")), pause)
    case 3: return (.success(Array(last.prefix(max(0, request.count - 1)))), pause)
    case 4 where last.count == request.count:
      // The last answer once more.
      return (.success(last), pause)
    default:
      // Wrong, and the checksum fits all the same.
      var registers = (0..<request.count).map { register(request.address + UInt16($0), at: now) }
      let place = Int(generator.uniform() * Double(registers.count))
      registers[place] ^= 1 << UInt16(generator.uniform() * 16)
      return (.success(registers), pause)
    }
  }
}

/// A bus with its poller: what the bus loop does, without waiting.
struct SimulatedBus {
  private var poller: BusPoller
  private let name: String
  private let places: [UInt8: Int]
  private var output = BusPoller.Output()
  /// When it wants to be heard again.
  private(set) var due: Duration
  private var request: PollRequest?
  private var result: Result<[UInt16], ModbusError>?
  private let start: Duration

  /// - Parameters:
  ///   - definition: What is read.
  ///   - places: Where the units of the bus are among all units.
  ///   - now: The clock of the simulation.
  init(_ definition: BusDefinition, places: [UInt8: Int], at now: Duration) {
    poller = BusPoller(definition, start: .zero)
    name = definition.name
    self.places = places
    due = now
    start = now
  }

  /// Does what is due.
  ///
  /// - Returns: What the poller brought forth.
  mutating func turn(
    at now: Duration,
    stamp: Stamp,
    isLineCut: Bool,
    units: inout [SimulatedUnit]
  ) -> BusPoller.Output {
    if let result {
      self.result = nil
      poller.finish(result, at: now - start, stamp: stamp, into: &output)
    }
    switch poller.next(at: now - start, stamp: stamp, into: &output) {
    case .read(let request):
      if isLineCut {
        result = .failure(.notConnected(line: name, detail: "simulated"))
        due = now + .milliseconds(1)
      } else if let place = places[request.unit] {
        let answer = units[place].answer(request, at: now)
        result = answer.result
        due = now + answer.after
      } else {
        result = .failure(.noAnswer(request, after: request.responseTimeout))
        due = now + request.responseTimeout
      }
    case .wait(let moment): due = max(start + moment, now + .milliseconds(1))
    }
    defer { output.removeAll() }
    return output
  }

  var statistics: BusStatistics { poller.statistics }
}
