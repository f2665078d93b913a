import ConditionModel
import DataAcquisition
import DataManipulation
import HealthAssessment
import ModbusTransport
import MonitoringPipeline
import SiteConfiguration

/// Reads a block of samples once, without the pauses in which the agent polls, and makes of it what
/// the agent would.
struct BlockReader {
  private let plant: Plant
  private var features: WaveformFeatures
  private var diagnoser = VibrationDiagnoser()

  /// A moment for what has no history: speeds and blocks of one look belong together.
  private static let moment = Timestamp(seconds: 1)
  /// A device that shows no block that can be read is asked again so often.
  private static let retry = Duration.milliseconds(500)
  private static let mostTorn = 3

  init(_ site: Site) {
    plant = site.plant
    features = WaveformFeatures(site.pipeline.manipulation.waveforms, plant: site.plant)
  }

  /// What reading one block gave.
  struct Reading {
    var block: WaveformBlock
    var quality: Quality
    /// How long it took to fetch; `nil` where nothing came.
    var transfer: Duration?
    var error: ModbusError?
    /// The values made of it.
    var frame: Frame?
    var diagnosis: VibrationDiagnosis?
  }

  /// Takes what was read of a device's points: the speed of the shaft may be among it.
  mutating func take(_ readings: [PointReading], of device: DeviceDefinition) {
    for reading in readings where reading.quality.isUsable {
      guard let place = device.points.firstIndex(where: { $0.name == reading.point.name }) else {
        continue
      }
      features.process(
        Frame(
          asset: device.asset,
          timestamp: Self.moment,
          channels: [device.channels[place]],
          values: [reading.value],
          qualities: [reading.quality]
        )
      )
    }
  }

  /// Reads a block and looks at it.
  mutating func reading(
    _ poll: WaveformPoll,
    of device: DeviceDefinition,
    over connection: LibmodbusConnection
  ) async -> Reading {
    var reading = Reading(block: poll.block, quality: .good)
    let start = ContinuousClock.now
    do throws(ModbusError) {
      switch try await words(poll.block, of: device, over: connection) {
      case .failure(let fault): reading.quality = .bad(fault)
      case .success(let words):
        reading.transfer = ContinuousClock.now - start
        let (samples, quality) = poll.block.decode(words)
        reading.quality = quality
        if quality.isUsable { look(at: samples, poll, of: device, into: &reading) }
      }
    } catch {
      reading.error = error
      reading.quality = .bad(error.fault)
    }
    return reading
  }

  private enum Words {
    case success([UInt16])
    case failure(Fault)
  }

  /// The registers of one whole block, or why there is none.
  private func words(
    _ block: WaveformBlock,
    of device: DeviceDefinition,
    over connection: LibmodbusConnection
  ) async throws(ModbusError) -> Words {
    let start = ContinuousClock.now
    let patience = block.duration + .seconds(5)
    func begun() -> WaveformTransfer {
      WaveformTransfer(block, limit: device.requestLimits.registers, lastHeader: nil)
    }
    var transfer = begun()
    var tornCount = 0
    while true {
      let addresses = transfer.next()
      let registers = try await connection.read(request(addresses, of: block, device))
      let now = ContinuousClock.now - start
      switch transfer.take(registers, of: addresses, at: now) {
      case .goesOn: continue
      case .complete(let words): return .success(words)
      case .torn:
        tornCount += 1
        if tornCount == Self.mostTorn { return .failure(.tornBlock) }
      case .nothingNew:
        if now > patience { return .failure(.busy) }
        try? await Task.sleep(for: Self.retry)
      }
      transfer = begun()
    }
  }

  private func request(
    _ addresses: ClosedRange<UInt16>,
    of block: WaveformBlock,
    _ device: DeviceDefinition
  ) -> PollRequest {
    PollRequest(
      deviceName: device.name,
      unit: device.unit,
      table: block.table,
      address: addresses.lowerBound,
      count: addresses.count,
      responseTimeout: device.timing.responseTimeout,
      guardTime: device.timing.guardTime
    )
  }

  private mutating func look(
    at samples: [Float],
    _ poll: WaveformPoll,
    of device: DeviceDefinition,
    into reading: inout Reading
  ) {
    let waveform = Waveform(
      source: poll.source,
      asset: device.asset,
      start: Self.moment,
      sampleRateHertz: poll.block.sampleRateHertz,
      samples: samples,
      quality: reading.quality
    )
    let target = features.target(of: waveform)
    if let target, samples.count >= VibrationDiagnoser.shortestRecord {
      reading.diagnosis = diagnoser.diagnose(
        features.acceleration(of: waveform),
        sampleRateHertz: waveform.sampleRateHertz,
        target: target
      )
    }
    let found = reading.diagnosis.flatMap { $0.shaft.origin == .unknown ? nil : $0.shaft.hertz }
    reading.frame = features.process(waveform, shaftHertz: found ?? target?.shaftHertz)
  }
}
