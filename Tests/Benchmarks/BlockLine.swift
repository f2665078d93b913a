import ConditionModel
import DataAcquisition
import Foundation
import ModbusTransport
import PlantSimulation
import ProcessSupport

/// One sensor with blocks on a serial line of 115,200 baud, 8E1: a pseudo-terminal behind which the
/// simulated sensor answers no sooner than the bits of request and answer would have passed.
struct BlockLine {
  private static let start = Timestamp(seconds: 1_790_000_000)
  private let folder = TemporaryFolder()
  private let plant: Plant
  private let bus: BusDefinition

  init(_ block: WaveformBlock) {
    let asset = Asset(id: AssetID(index: 0), name: "pump", kind: .centrifugalPump)
    let source = WaveformSource(
      id: WaveformID(index: 0),
      asset: asset.id,
      location: "drive end",
      name: block.name,
      unit: block.unit,
      axis: block.axis,
      device: 0
    )
    plant = Plant(
      site: "bench",
      gateway: "bench",
      assets: [asset],
      channels: [],
      waveforms: [source]
    )
    let device = DeviceDefinition(
      index: 0,
      asset: asset.id,
      name: "pump, drive end",
      unit: 1,
      period: .seconds(60),
      profile: "vigie/vibration-block",
      timing: DeviceTiming(),
      requestLimits: RequestLimits(),
      points: [],
      channels: [],
      waveforms: [WaveformPoll(source: source.id, block: block, period: .seconds(60))]
    )
    let line = SerialLine(
      port: folder.file("line"),
      baud: 115_200,
      parity: .even,
      stopBits: 1
    )
    bus = BusDefinition(name: "line", line: .serial(line), devices: [device])
  }

  /// What the line-rate formula says of the samples alone, in as few requests as carry them.
  ///
  /// - SeeAlso: MODBUS over Serial Line, Specification and Implementation Guide V1.02, sections 2.5.1
  ///   and 2.5.2.1.
  static func secondsByFormula(registers: Int) -> Double {
    let requests = (registers + 124) / 125
    // 8 + 5 bytes around the data of each, 11 bits a byte, and the silence of 1.75 ms twice.
    let bytes = 13 * requests + 2 * registers
    return Double(11 * bytes) / 115_200 + 0.003_5 * Double(requests)
  }

  /// The time that all requests for a block take by the agent's own plan.
  var secondsByPlan: Double {
    BusPlan(bus).devices[0].waveforms[0].lineTime.inSeconds
  }

  var requestCount: Int { BusPlan(bus).devices[0].waveforms[0].requestCount }

  /// Reads a block as the agent does, through libmodbus, and returns how long it was on its way.
  ///
  /// - Throws: Where no whole block comes.
  func secondsToRead() async throws -> Double {
    let simulated = try SimulatedPlant(plant, buses: [bus], seed: 1, start: Self.start)
    let server = PlantServer(simulated) { Self.start }
    try server.start()
    defer { server.stop() }
    let loop = BusLoop(bus, reader: LibmodbusConnection(bus)) { Stamp(timestamp: Self.start) }
    let (waveforms, continuation) = AsyncStream.makeStream(of: Waveform.self)
    let running = Task {
      await loop.run { output in
        for waveform in output.waveforms { continuation.yield(waveform) }
      }
    }
    let first = await waveforms.first { _ in true }
    running.cancel()
    await running.value
    let statistics = await loop.statistics.devices[0].waveforms
    guard first?.quality == .good, let taken = statistics?.lastTransfer else {
      throw Timeout(what: "a whole block over the line")
    }
    return taken.inSeconds
  }
}
