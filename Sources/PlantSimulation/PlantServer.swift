package import ConditionModel
import DataAcquisition
import Synchronization

/// A simulated plant behind Modbus servers, one per bus, each with a thread of its own.
///
/// A TCP bus listens where the site file says that the device or gateway is; a serial bus becomes
/// a pseudo-terminal with a symbolic link at the port's path. The agent cannot tell the difference.
package final class PlantServer: Sendable {
  private let shared: SharedPlant
  private let servers: Mutex<[BusServer]>
  private let options: Options

  package struct Options: Hashable, Sendable {
    /// Whether a serial bus takes the time that its baud rate asks for; a pseudo-terminal alone
    /// is as fast as memory.
    package var isPaced: Bool
    /// Whether a TCP bus answers exception 11 for a unit that is not there, as gateways do, or is
    /// silent, as a serial bus is.
    package var reportsUnknownUnits: Bool

    package init(isPaced: Bool = true, reportsUnknownUnits: Bool = true) {
      self.isPaced = isPaced
      self.reportsUnknownUnits = reportsUnknownUnits
    }
  }

  /// Creates the servers; nothing listens before `start()`.
  ///
  /// - Parameters:
  ///   - plant: The plant at the moment from which `clock` counts.
  ///   - options: How the buses behave.
  ///   - clock: The plant's present time; it may stand, crawl or run, but not go back.
  package init(
    _ plant: SimulatedPlant,
    options: Options = Options(),
    clock: @escaping @Sendable () -> Timestamp
  ) {
    shared = SharedPlant(plant, clock: clock)
    servers = Mutex([])
    self.options = options
  }

  /// Opens every bus and begins to answer.
  ///
  /// - Throws: The first bus that cannot be opened; then none stays open.
  package func start() throws(PlantServerError) {
    let buses = shared.buses
    var started: [BusServer] = []
    do {
      for index in buses.indices {
        started.append(try BusServer(bus: buses[index], at: index, shared, options))
      }
    } catch {
      for server in started { server.stop() }
      throw error
    }
    for server in started { server.run() }
    servers.withLock { $0 = started }
  }

  /// Closes every bus, takes the links away and returns when that is done.
  package func stop() {
    let running = servers.withLock { servers in
      defer { servers = [] }
      return servers
    }
    for server in running { server.stop() }
  }

  deinit {
    stop()
  }

  /// Where each bus can be reached, in the order of the buses: `127.0.0.1:1502`, `/tmp/ligne-1`.
  package var addresses: [String] {
    servers.withLock { servers in servers.map(\.address) }
  }

  /// What each bus has seen so far, in the order of the buses.
  package var statistics: [BusStatistics] {
    shared.statistics
  }

  /// A clock that shows `start` now and runs `speed` times as fast as the world's.
  package static func clock(
    from start: Timestamp,
    speed: Double = 1
  ) -> @Sendable () -> Timestamp {
    let begin = monotonicNanoseconds()
    return {
      start + Duration(inSeconds: Double(monotonicNanoseconds() - begin) / 1e9 * speed)
    }
  }
}

/// What happened on one bus.
package struct BusStatistics: Hashable, Sendable {
  package var requests = 0
  package var answers = 0
  /// Of the answers, those that refuse.
  package var exceptions = 0
  /// Of the requests, those that would have written; each was refused with exception 1.
  package var refusedWrites = 0
  /// Requests that no unit answered.
  package var unanswered = 0
  /// Bytes that form no request.
  package var damagedRequests = 0

  package init() {}
}

/// Why a bus of the simulation cannot be opened.
package enum PlantServerError: Error, Hashable, Sendable {
  case cannotListen(bus: String, address: String, reason: String)
  case cannotLink(bus: String, path: String, reason: String)
}

extension PlantServerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cannotListen(let bus, let address, let reason):
      "bus \(bus): cannot listen on \(address): \(reason)"
    case .cannotLink(let bus, let path, let reason):
      "bus \(bus): cannot put a pseudo-terminal at \(path): \(reason)"
    }
  }
}

/// The plant and its clock, for the threads of all buses.
final class SharedPlant: Sendable {
  let buses: [BusDefinition]
  private let plant: Mutex<SimulatedPlant>
  private let counts: Mutex<[BusStatistics]>
  private let clock: @Sendable () -> Timestamp

  init(_ plant: SimulatedPlant, clock: @escaping @Sendable () -> Timestamp) {
    buses = plant.buses
    counts = Mutex(Array(repeating: BusStatistics(), count: plant.buses.count))
    self.plant = Mutex(plant)
    self.clock = clock
  }

  var statistics: [BusStatistics] { counts.withLock(\.self) }

  func count(on bus: Int, _ update: (inout BusStatistics) -> Void) {
    counts.withLock { update(&$0[bus]) }
  }

  func answer(_ request: ModbusRequest, on bus: Int) -> UnitAnswer {
    let now = clock()
    return plant.withLock { plant in
      plant.advance(to: now)
      return plant.answer(request.pdu, unit: request.unit, bus: bus)
    }
  }
}

/// Time that only runs forwards, in nanoseconds since some moment of this process.
func monotonicNanoseconds() -> Int64 {
  (ContinuousClock.now - processOrigin).nanoseconds
}

private let processOrigin = ContinuousClock.now
