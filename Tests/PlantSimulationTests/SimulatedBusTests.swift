import ConditionModel
import DataAcquisition
import PlantSimulation
import Testing

struct SimulatedBusTests {
  private let workshop = Workshop()

  private func request(
    unit: UInt8,
    _ address: UInt16,
    _ table: RegisterTable = .holding,
    count: Int
  ) -> PollRequest {
    PollRequest(
      deviceName: "d",
      unit: unit,
      table: table,
      address: address,
      count: count,
      responseTimeout: .milliseconds(400),
      guardTime: .zero
    )
  }

  @Test func `it reads what the plant's sensors show`() async throws {
    let plant = try workshop.simulated()
    let bus = SimulatedBus.all(of: plant) { Workshop.start }[0]
    let words = try await bus.read(request(unit: 5, 5_201, count: 20))
    let frame = try #require(
      {
        var plant = plant
        return plant.sample(at: Workshop.start).first
      }()
    )
    #expect(Double(words[0]) / 1_000 == frame.values[0])
    #expect(Double(words[19]) / 1_000 == frame.values[5])
    #expect(words.count == 20)
  }

  @Test func `every trouble of a bus is the error that the agent knows`() async throws {
    let plant = try workshop.simulated(
      "pompe-3/drive end: silent unit",
      "pompe-3/motor supply: slow answers over 0 s",
      "ventilateur-1/bearing: unreadable address",
      "convoyeur-2/drive: corrupted frames"
    )
    let bus = SimulatedBus.all(of: plant) { Workshop.start }[0]
    let silent = request(unit: 5, 5_201, count: 1)
    await #expect(throws: ModbusError.noAnswer(silent, after: .milliseconds(400))) {
      try await bus.read(silent)
    }
    let slow = request(unit: 9, 0, .input, count: 2)
    await #expect(throws: ModbusError.noAnswer(slow, after: .milliseconds(400))) {
      try await bus.read(slow)
    }
    let hole = request(unit: 10, 0, count: 1)
    await #expect(throws: ModbusError.refused(hole, exception: 2)) { try await bus.read(hole) }
    let noisy = request(unit: 14, 16_129, count: 1)
    await #expect(throws: ModbusError.damagedAnswer(noisy, detail: "checksum")) {
      try await bus.read(noisy)
    }
    let second = try await bus.read(noisy)
    #expect(second == [500])
  }

  @Test func `bits, shared registers and exponents come as their profile says`() async throws {
    var small = Workshop.empty
    small.addBus("b", .tcp(TCPEndpoint(host: "127.0.0.1", port: 0)))
    small.addMachine("m", .electricMotor, power: 8)
    func point(
      _ name: String,
      _ table: RegisterTable,
      _ address: UInt16,
      _ type: RegisterType,
      _ unit: String,
      _ quantity: Quantity,
      _ field: BitField? = nil,
      _ scaling: Scaling = .linear(scale: 1, offset: 0)
    ) -> PointDefinition {
      PointDefinition(
        name: name,
        table: table,
        address: address,
        type: type,
        bitField: field,
        scaling: scaling,
        unit: unit,
        quantity: quantity
      )
    }
    small.addDevice(
      "drive",
      unit: 1,
      [
        point("running", .discrete, 3, .bit, "1", .statusWord),
        point("fault", .discrete, 4, .bit, "1", .statusWord),
        point("state", .holding, 0, .u16, "1", .statusWord, BitField(lowest: 9, count: 1)),
        point("load", .holding, 0, .u8Low, "%", .load),
        point("power", .holding, 1, .s16, "W", .activePower, nil, .exponentRegister(address: 2)),
        point("losses", .holding, 3, .s16, "kW", .activePower, nil, .exponentRegister(address: 2)),
      ]
    )
    let plant = try small.simulated()
    let bus = SimulatedBus.all(of: plant) { Workshop.start }[0]
    #expect(try await bus.read(request(unit: 1, 3, .discrete, count: 2)) == [1, 0])
    let words = try await bus.read(request(unit: 1, 0, count: 4))
    #expect(words[0] >> 8 == 2)
    #expect((20...100).contains(words[0] & 0xFF))
    let exponent = Int16(bitPattern: words[2])
    #expect(exponent == 0, "the exponent fits the larger of the two values that share it")
    let watts = try #require(plant.value(of: small.channel("m", "drive", "power")))
    #expect(Double(words[1]) == watts.rounded())
    #expect((4...9).contains(words[3]))
  }
}
