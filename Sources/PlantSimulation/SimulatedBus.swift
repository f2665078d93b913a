package import ConditionModel
package import DataAcquisition

/// A bus of a simulated plant without wires: requests go straight to the units.
///
/// Nothing waits here. A unit that is silent or slower than the agent's patience is an error at
/// once, so that a test with a clock of its own plays hours in moments.
package struct SimulatedBus: RegisterReader {
  private let shared: SharedPlant
  private let place: Int
  private let noise = NoiseCounter()

  /// The buses of `plant`, in its order; they share its time.
  ///
  /// - Parameters:
  ///   - plant: The plant at the moment from which `clock` counts.
  ///   - clock: The plant's present time; it may not go back.
  /// - Returns: One reader per bus.
  package static func all(
    of plant: SimulatedPlant,
    clock: @escaping @Sendable () -> Timestamp
  ) -> [SimulatedBus] {
    let shared = SharedPlant(plant, clock: clock)
    return plant.buses.indices.map { SimulatedBus(shared: shared, place: $0) }
  }

  private init(shared: SharedPlant, place: Int) {
    self.shared = shared
    self.place = place
  }

  package func read(_ request: PollRequest) async throws(ModbusError) -> [UInt16] {
    let function = request.table.functionCode
    let pdu = [
      function, UInt8(request.address >> 8), UInt8(request.address & 0xFF),
      UInt8(request.count >> 8), UInt8(request.count & 0xFF),
    ]
    let question = ModbusRequest(unit: request.unit, pdu: pdu, characters: 0)
    guard
      case .answer(let answer, let delay, let isOnNoisyLine) = shared.answer(question, on: place),
      delay <= request.responseTimeout
    else { throw .noAnswer(request, after: request.responseTimeout) }
    if isOnNoisyLine, noise.damagesNext() {
      throw .damagedAnswer(request, detail: "checksum")
    }
    if answer[0] & 0x80 != 0 { throw .refused(request, exception: answer[1]) }

    let data = answer.dropFirst(2)
    if request.table.holdsBits {
      return (0..<request.count).map { UInt16(data[2 + $0 / 8] >> UInt8($0 % 8) & 1) }
    }
    return (0..<request.count).map { UInt16(data[2 + 2 * $0]) << 8 | UInt16(data[3 + 2 * $0]) }
  }

  package func close() async {}
}
