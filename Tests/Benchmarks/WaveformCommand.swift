import ArgumentParser
import BenchmarkHarness
import ConditionModel
import DataAcquisition
import DataManipulation
import HealthAssessment
import PlantSimulation
import SignalProcessing

struct WaveformCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "waveforms",
    abstract:
      "Blocks of 8,192 samples: line time, values, diagnosis, memory, and the choice of a band.",
    discussion: """
      Example: vigie-bench waveforms

      The line time is that of every request that the poller sends for a block, by the rate of the \
      line, and as the agent reads one through libmodbus from a simulated sensor that answers no \
      sooner than the bits would have passed; a real one may add what it waits before each answer.
      """
  )

  @OptionGroup var options: ReportOptions
  @Option(help: "Records for each defect in the comparison of bands.")
  var records = 40

  func run() async throws {
    try await options.report([
      Benchmark(name: "line") { try await lineFigures() },
      Benchmark(name: "cost") { costFigures() },
      Benchmark(name: "memory") { memoryFigures() },
      Benchmark(name: "bands") { bandFigures(records: records) },
    ])
  }
}

/// A block as the simulated sensor offers it, for `sensors` of them on one machine.
private enum BlockBench {
  static let rate = 12_800.0
  static let count = 8_192
  static let orders = BearingOrders(outer: 3.06, inner: 4.94, spin: 1.99, cage: 0.3825)

  static let block = WaveformBlock(
    name: "vibration z",
    table: .input,
    address: 1_000,
    type: .s16,
    scale: 0.000_5,
    unit: "[g]",
    axis: .z,
    sampleRateHertz: rate,
    sampleCount: count,
    sequence: 100...100,
    ready: .init(address: 101, value: 1)
  )

  static let quantities = WaveformRule.quantities(
    sampleRateHertz: rate,
    hasShaft: true,
    hasBearing: true,
    hasTeeth: true,
    hasBlades: true
  )

  /// The values of so many sensors, and what they are made of.
  static func features(sensors: Int) -> WaveformFeatures {
    let asset = AssetID(index: 0)
    var channels: [Channel] = []
    var rules: [WaveformRule] = []
    var sources: [WaveformSource] = []
    for sensor in 0..<sensors {
      let source = WaveformID(index: UInt16(sensor))
      let first = channels.count
      for quantity in quantities {
        channels.append(
          Channel(
            id: ChannelID(index: UInt16(channels.count)),
            asset: asset,
            location: "place \(sensor)",
            point: quantity.rawValue,
            unit: "1",
            quantity: quantity,
            axis: .z,
            device: UInt16(sensor)
          )
        )
      }
      sources.append(
        WaveformSource(
          id: source,
          asset: asset,
          location: "place \(sensor)",
          name: block.name,
          unit: "[g]",
          axis: .z,
          device: UInt16(sensor)
        )
      )
      rules.append(
        WaveformRule(
          source: source,
          asset: asset,
          sampleRateHertz: rate,
          sampleCount: count,
          unitSize: 9.806_65,
          shaft: .fixed(hertz: 24.5),
          bearing: orders,
          teeth: 23,
          blades: 7,
          features: channels[first...].map(\.id)
        )
      )
    }
    let plant = Plant(
      site: "bench",
      gateway: "bench",
      assets: [Asset(id: asset, name: "pump", kind: .centrifugalPump)],
      channels: channels,
      waveforms: sources
    )
    return WaveformFeatures(rules, plant: plant)
  }

  static func waveform(sensor: Int) -> Waveform {
    var scenario = VibrationScenario(shaftHertz: 24.4)
    scenario.defect = .init(fault: .inner, orders: orders, peak: 8)
    var model = VibrationModel(scenario, sampleRateHertz: rate, seed: UInt64(sensor + 1))
    var samples = [Float](repeating: 0, count: count)
    model.fill(&samples)
    return Waveform(
      source: WaveformID(index: UInt16(sensor)),
      asset: AssetID(index: 0),
      start: Timestamp(seconds: 1_790_000_000),
      sampleRateHertz: rate,
      samples: samples,
      quality: .good
    )
  }

  /// What the agent does with a block.
  static func look(
    at waveform: Waveform,
    _ features: inout WaveformFeatures,
    _ diagnoser: inout VibrationDiagnoser
  ) {
    guard let target = features.target(of: waveform) else { return }
    let diagnosis = diagnoser.diagnose(
      features.acceleration(of: waveform),
      sampleRateHertz: waveform.sampleRateHertz,
      target: target
    )
    let frame = features.process(waveform, shaftHertz: diagnosis.shaft.hertz)
    precondition(frame?.qualities.allSatisfy { $0 == .good } == true, "every value is made")
  }
}

/// A block against the samples' bytes in whole requests: by the requests that the poller sends, and as
/// it comes over a line.
private func lineFigures() async throws -> [Figure] {
  let line = BlockLine(BlockBench.block)
  let formula = BlockLine.secondsByFormula(registers: BlockBench.count)
  var taken = Double.infinity
  // Whatever else the computer does only makes a block slower.
  for _ in 0..<3 { taken = min(taken, try await line.secondsToRead()) }
  func over(_ seconds: Double) -> Double { 100 * (seconds / formula - 1) }
  return [
    Figure(name: "8,192 samples at 115,200 baud, by the formula", value: formula, unit: "s"),
    Figure(name: "requests", value: Double(line.requestCount), unit: "requests"),
    Figure(
      name: "all requests, over the formula",
      value: over(line.secondsByPlan),
      unit: "%",
      budget: .atMost(5)
    ),
    Figure(name: "read over a pseudo-terminal", value: taken, unit: "s"),
    Figure(
      name: "read over a pseudo-terminal, over the formula",
      value: over(taken),
      unit: "%",
      budget: .atMost(5),
      isBinding: false
    ),
  ]
}

private func costFigures() -> [Figure] {
  var features = BlockBench.features(sensors: 1)
  var diagnoser = VibrationDiagnoser()
  let waveform = BlockBench.waveform(sensor: 0)
  let values = measure(items: 1, rounds: 50) {
    _ = features.process(waveform, shaftHertz: 24.4)
  }
  let whole = measure(items: 1, rounds: 50) {
    BlockBench.look(at: waveform, &features, &diagnoser)
  }
  return [
    Figure(
      name: "\(BlockBench.quantities.count) values of a block",
      value: values.nanosecondsPerItem / 1e6,
      unit: "ms"
    ),
    Figure(
      name: "values: allocations",
      value: values.allocationsPerItem,
      unit: "allocations"
    ),
    Figure(
      name: "values and diagnosis of a block",
      value: whole.nanosecondsPerItem / 1e6,
      unit: "ms"
    ),
    Figure(
      name: "values and diagnosis: allocations",
      value: whole.allocationsPerItem,
      unit: "allocations"
    ),
  ]
}

/// What all the parts hold for 32 sensors, their blocks among it.
private func memoryFigures() -> [Figure] {
  let before = heldBytes()
  var features = BlockBench.features(sensors: 32)
  var diagnoser = VibrationDiagnoser()
  var blocks: [Waveform] = []
  for sensor in 0..<32 {
    blocks.append(BlockBench.waveform(sensor: sensor))
    BlockBench.look(at: blocks[sensor], &features, &diagnoser)
  }
  let after = heldBytes()
  let bytes = withExtendedLifetime((features, diagnoser, blocks)) {
    after - before
  }
  return [
    Figure(
      name: "32 sensors of 8,192 samples, values and diagnosis",
      value: bytes / 1_048_576,
      unit: "MB",
      budget: .atMost(4)
    )
  ]
}

/// How often the strongest of a bearing's rates is the right one: in the band that a kurtogram
/// chooses, in the whole spectrum, and as the diagnoser does it, over many bands at once.
private func bandFigures(records: Int) -> [Figure] {
  let faults = [VibrationFault.outer, .inner, .ball]
  var right = [0, 0, 0]
  var diagnoser = VibrationDiagnoser()
  let length = 36_000
  var kurtogram = Kurtogram(length: length, sampleRateHertz: 12_000)
  var envelope = EnvelopeAnalysis(length: length, sampleRateHertz: 12_000)
  for fault in faults {
    for number in 0..<records {
      let trial = VibrationTrial.worn(fault, peak: 8, number)
      let chosen = kurtogram.process(trial.samples.span)
      let band = chosen.map { $0.lowHertz...$0.highHertz } ?? 0...6_000
      for (place, band) in [band, 0...6_000].enumerated() {
        if strongest(trial, in: band, &envelope) == fault { right[place] += 1 }
      }
      let diagnosis = diagnoser.diagnose(
        trial.samples,
        sampleRateHertz: trial.sampleRateHertz,
        target: trial.target
      )
      let best = diagnosis.suspects.filter { faults.contains($0.fault) }.max { $0.z < $1.z }
      if best?.fault == fault { right[2] += 1 }
    }
  }
  let names = ["a kurtogram's band", "the whole spectrum", "many bands, as the diagnoser does"]
  return zip(names, right)
    .map { name, count in
      Figure(
        name: "right rate strongest, \(name)",
        value: 100 * Double(count) / Double(faults.count * records),
        unit: "%"
      )
    }
}

/// The defect whose three multiples rise most above the envelope's level beside them.
private func strongest(
  _ trial: VibrationTrial,
  in band: ClosedRange<Double>,
  _ analysis: inout EnvelopeAnalysis
) -> VibrationFault? {
  var amplitudes = [Float](repeating: 0, count: trial.samples.count / 2 + 1)
  var target = amplitudes.mutableSpan
  analysis.squaredEnvelopeSpectrum(
    of: trial.samples.span,
    band: band,
    whitened: true,
    into: &target
  )
  let binHertz = trial.sampleRateHertz / Double(trial.samples.count)
  func rise(_ order: Double) -> Float {
    (1...3)
      .reduce(0) { sum, multiple in
        // Slip, and the speed that is told up to 2 % wrong.
        let centre = Double(multiple) * order * trial.toldHertz / binHertz
        let near = amplitudes[Int(centre * 0.96)...Int(centre * 1.03)]
        let around = amplitudes[Int(centre * 0.8)...Int(centre * 1.2)].sorted()
        let level = max(around[around.count / 2], .leastNormalMagnitude)
        return sum + steadyLogarithm(max((near.max() ?? 0) / level, 1e-6))
      }
  }
  let orders = trial.bearing
  return [
    (VibrationFault.outer, orders.outer), (.inner, orders.inner), (.ball, orders.ball),
  ]
  .max { rise($0.1) < rise($1.1) }?.0
}
