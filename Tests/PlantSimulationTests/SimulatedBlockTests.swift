import ConditionModel
import DataAcquisition
import PlantSimulation
import SignalProcessing
import Synchronization
import Testing

struct SimulatedBlockTests {
  private static let start = Timestamp(seconds: 1_790_000_000)

  private static let orders = BearingOrders(outer: 3.05, inner: 4.95, spin: 1.99, cage: 0.38)

  private static func block(_ paging: WaveformBlock.Paging? = nil) -> WaveformBlock {
    WaveformBlock(
      name: "vibration z",
      table: .input,
      address: 1_000,
      type: .s16,
      scale: 0.0005,
      unit: "[g]",
      axis: .z,
      sampleRateHertz: 12_800,
      sampleCount: 8_192,
      sequence: 100...101,
      ready: .init(address: 102, value: 1),
      paging: paging,
      holdTime: .seconds(30),
      measuringRange: -16...16
    )
  }

  private static func plant(
    _ block: WaveformBlock = block(),
    seed: UInt64 = 1,
    scenario: String? = nil
  ) throws -> SimulatedPlant {
    let asset = Asset(
      id: AssetID(index: 0),
      name: "pump-1",
      kind: .centrifugalPump,
      ratedPowerKilowatts: 11,
      ratedSpeedRPM: 1_480
    )
    let source = WaveformSource(
      id: WaveformID(index: 0),
      asset: asset.id,
      location: "drive end",
      name: block.name,
      unit: block.unit,
      axis: block.axis,
      device: 0
    )
    let speed = PointDefinition(
      name: "shaft speed",
      table: .input,
      address: 0,
      type: .u16,
      scaling: .linear(scale: 0.1, offset: 0),
      unit: "{rpm}",
      quantity: .rotationSpeed
    )
    let device = DeviceDefinition(
      index: 0,
      asset: asset.id,
      name: "pump-1, drive end",
      unit: 5,
      period: .seconds(1),
      profile: "vigie/vibration-block",
      timing: DeviceTiming(),
      requestLimits: RequestLimits(),
      points: [speed],
      channels: [ChannelID(index: 0)],
      waveforms: [WaveformPoll(source: source.id, block: block, period: .seconds(60))]
    )
    let channel = Channel(
      id: ChannelID(index: 0),
      asset: asset.id,
      location: "drive end",
      point: "shaft speed",
      unit: "{rpm}",
      quantity: .rotationSpeed,
      device: 0
    )
    return try SimulatedPlant(
      Plant(
        site: "s",
        gateway: "g",
        assets: [asset],
        channels: [channel],
        waveforms: [source]
      ),
      buses: [
        BusDefinition(name: "line", line: .tcp(TCPEndpoint(host: "127.0.0.1")), devices: [device])
      ],
      targets: [VibrationTarget(shaftHertz: 1_480.0 / 60, bearing: orders)],
      seed: seed,
      scenarios: scenario.map { try [Scenario(parsing: $0)] } ?? [],
      start: start
    )
  }

  /// What the agent's own poller makes of the simulated bus until `end`, on a clock that it holds.
  private static func waveforms(
    of plant: SimulatedPlant,
    until end: Duration
  ) async throws -> [Waveform] {
    let shared = SharedClock()
    let bus = SimulatedBus.all(of: plant) { start + shared.now }[0]
    var poller = BusPoller(plant.buses[0], start: .zero)
    var output = BusPoller.Output()
    while shared.now < end {
      let stamp = Stamp(timestamp: start + shared.now)
      switch poller.next(at: shared.now, stamp: stamp, into: &output) {
      case .wait(let moment): shared.now = max(min(moment, end), shared.now)
      case .read(let request):
        let result: Result<[UInt16], ModbusError>
        do throws(ModbusError) {
          result = .success(try await bus.read(request))
        } catch {
          result = .failure(error)
        }
        shared.now += .milliseconds(5)
        poller.finish(
          result,
          at: shared.now,
          stamp: Stamp(timestamp: start + shared.now),
          into: &output
        )
      }
    }
    return output.waveforms
  }

  @Test func `the agent reads whole blocks from the simulated device, each once`() async throws {
    let waveforms = try await Self.waveforms(of: Self.plant(), until: .seconds(200))
    #expect(waveforms.count == 4)
    #expect(waveforms.allSatisfy { $0.quality == .good && $0.samples.count == 8_192 })
    #expect(Set(waveforms.map { $0.samples[17] }).count > 1)
    let again = try await Self.waveforms(of: Self.plant(), until: .seconds(200))
    #expect(waveforms == again)
    let other = try await Self.waveforms(of: Self.plant(seed: 2), until: .seconds(200))
    #expect(waveforms != other)
    // A running pump: some hundredths of g, and nothing that clips.
    let samples = waveforms[0].samples
    let statistics = BlockStatistics(samples.span)
    #expect((0.01...0.2).contains(statistics.rootMeanSquare))
    #expect(statistics.kurtosis.map { (2.5...3.6).contains($0) } == true)
  }

  @Test(arguments: [
    "outer race defect", "inner race defect", "rolling element defect", "bearing wear",
  ])
  func `a bearing that fails in one part is heard as impacts`(fault: String) async throws {
    let plant = try Self.plant(scenario: "pump-1: \(fault) from 0 s over 1 s")
    let waveforms = try await Self.waveforms(of: plant, until: .seconds(70))
    let samples = try #require(waveforms.last?.samples)
    let kurtosis = BlockStatistics(samples.span).kurtosis ?? 0
    #expect(kurtosis > 6)
  }

  @Test(arguments: ["imbalance", "misalignment", "looseness"])
  func `what the shaft does wrong is heard at its speed, not as impacts`(
    fault: String
  ) async throws {
    let healthy = try await Self.waveforms(of: Self.plant(), until: .seconds(70))
    let plant = try Self.plant(scenario: "pump-1: \(fault) from 0 s over 1 s")
    let waveforms = try await Self.waveforms(of: plant, until: .seconds(70))
    func velocity(_ waveform: Waveform?) throws -> Float {
      let samples = try #require(waveform?.samples)
      var plan = VelocityIntegration(length: samples.count, sampleRateHertz: 12_800)
      return plan.rootMeanSquareVelocity(of: samples.span)
    }
    let (bad, good) = (try velocity(waveforms.last), try velocity(healthy.last))
    #expect(bad > 2 * good)
  }

  @Test func `a window that turns its pages by itself is put together`() async throws {
    let paged = Self.block(WaveformBlock.Paging(address: 999, registers: 120))
    let waveforms = try await Self.waveforms(of: Self.plant(paged), until: .seconds(25))
    let plain = try await Self.waveforms(of: Self.plant(), until: .seconds(25))
    #expect(waveforms.first?.quality == .good)
    #expect(waveforms.first?.samples == plain.first?.samples)
  }
}

/// A moment that the test sets and the simulated plant reads.
private final class SharedClock: Sendable {
  private let moment: Mutex<Duration>

  init() {
    moment = Mutex(.zero)
  }

  var now: Duration {
    get { moment.withLock { $0 } }
    set { moment.withLock { $0 = newValue } }
  }
}
