import ArgumentParser
import BenchmarkHarness
import ConditionModel
import HealthAssessment
import PlantSimulation

struct DiagnosisCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "The diagnosis of vibration: false alarms, what it finds, and what it costs.",
    discussion: """
      Example: vigie-bench diagnose --healthy 20000

      All records are simulated and numbered, so that every run examines the same ones. Sound machines \
      come with coloured noise, lines of shaft, gear set, blades, belt and mains, an inverter, a press \
      next door and a speed that wanders by up to 2 %. The diagnosis is told of bearing, teeth, \
      blades, belt and mains, and of a speed up to 2 % off; each suspect that it is sure of counts.
      """
  )

  @OptionGroup var options: ReportOptions
  @Option(help: "Records of sound machines.")
  var healthy = 2_000
  @Option(help: "Records for each kind and size of defect.")
  var worn = 100

  func validate() throws {
    if healthy < 1 || worn < 1 { throw ValidationError("--healthy and --worn are at least 1") }
  }

  func run() async throws {
    try await options.report([
      Benchmark(name: "sound machines") { falseAlarms() },
      Benchmark(name: "watch") { watchFigures() },
      Benchmark(name: "defects") { detection() },
      Benchmark(name: "cost") { cost() },
    ])
  }

  private func falseAlarms() -> [Figure] {
    let targets = (0..<healthy).map { VibrationTrial.sound($0).target }
    func records(_ name: String, _ isSuch: (VibrationTarget) -> Bool) -> Figure {
      Figure(name: name, value: Double(targets.count(where: isSuch)), unit: "records")
    }
    return [
      records("sound records") { _ in true },
      records("of them with a gear set") { $0.teeth != nil },
      records("of them with blades") { $0.blades != nil },
      records("of them with a belt") { $0.beltOrder != nil },
      falseAlarms("false alarms, of any fault", isCrowded: false),
      falseAlarms("the same, with gear set, press and 2 % at once", isCrowded: true),
    ]
  }

  private func falseAlarms(_ name: String, isCrowded: Bool) -> Figure {
    var diagnoser = VibrationDiagnoser()
    var alarms = 0
    for number in 0..<healthy {
      let trial = VibrationTrial.sound(number, isCrowded: isCrowded)
      for suspect in diagnose(trial, with: &diagnoser).confident {
        alarms += 1
        tell("\(name): record \(number), \(suspect.fault.rawValue), \(suspect.z)")
      }
    }
    return Figure(
      name: name,
      value: 1_000 * Double(alarms) / Double(healthy),
      unit: "per 1,000 records",
      budget: .atMost(1)
    )
  }

  /// What the agent tells of sound machines, each of which it hears four blocks of.
  private func watchFigures() -> [Figure] {
    let machines = max(1, healthy / 4)
    let watched = WatchedMachine()
    let told = (0..<machines).map { watched.patternsTold(of: VibrationTrial.sound($0), blocks: 4) }
    return [
      Figure(name: "sound machines, four blocks each", value: Double(machines), unit: "machines"),
      Figure(
        name: "patterns told of them",
        value: Double(told.reduce(0, +)),
        unit: "patterns",
        budget: .atMost(Double(machines) / 1_000)
      ),
    ]
  }

  private func detection() -> [Figure] {
    var diagnoser = VibrationDiagnoser()
    var figures: [Figure] = []
    var wrong = 0
    var total = 0
    for fault in [VibrationFault.outer, .inner, .ball] {
      for peak in [2.0, 3, 5, 8, 15] {
        var right = 0
        for number in 0..<worn {
          let trial = VibrationTrial.worn(fault, peak: peak, number)
          let named = diagnose(trial, with: &diagnoser).confident.map(\.fault)
          if named.contains(fault) { right += 1 }
          if named.contains(where: { $0 != fault }) { wrong += 1 }
          total += 1
        }
        figures.append(
          Figure(
            name: "\(fault.rawValue), impacts \(Int(peak)) x noise",
            value: 100 * Double(right) / Double(worn),
            unit: "% named"
          )
        )
      }
    }
    figures.append(
      Figure(
        name: "named wrong",
        value: 100 * Double(wrong) / Double(total),
        unit: "% of records",
        budget: .atMost(4)
      )
    )
    return figures
  }

  private func diagnose(
    _ trial: VibrationTrial,
    with diagnoser: inout VibrationDiagnoser
  ) -> VibrationDiagnosis {
    diagnoser.diagnose(
      trial.samples,
      sampleRateHertz: trial.sampleRateHertz,
      target: trial.target
    )
  }

  private func cost() -> [Figure] {
    // Bearings of 8 to 14 balls, with and without gear set, blades and belt: each told in full.
    let costs = (0..<8).map { number in
      let trial = VibrationTrial.worn(.outer, peak: 8, number)
      let second = Array(trial.samples.prefix(12_000))
      var diagnoser = VibrationDiagnoser()
      // Long enough for one round that nothing else disturbs.
      return measure(items: 1, rounds: 500) {
        _ = diagnoser.diagnose(second, sampleRateHertz: 12_000, target: trial.target)
      }
    }
    return [
      Figure(
        name: "one second at 12 kHz, the slowest of 8 machines",
        value: (costs.map(\.nanosecondsPerItem).max() ?? 0) / 1e6,
        unit: "ms",
        budget: .atMost(0.5),
        isBinding: false
      ),
      Figure(
        name: "allocations per record",
        value: costs.map(\.allocationsPerItem).max() ?? 0,
        unit: "allocations"
      ),
      Figure(
        name: "32 sensors of 8,192 samples",
        value: memory(of: 32, samples: 8_192) / 1_048_576,
        unit: "MB",
        budget: .atMost(4)
      ),
    ]
  }

  /// What one diagnoser and the blocks of so many sensors hold, in bytes.
  private func memory(of sensors: Int, samples: Int) -> Double {
    let before = heldBytes()
    var diagnoser = VibrationDiagnoser()
    var blocks: [[Float]] = []
    for sensor in 0..<sensors {
      let trial = VibrationTrial.worn(.inner, peak: 8, sensor)
      blocks.append(Array(trial.samples.prefix(samples)))
      _ = diagnoser.diagnose(blocks[sensor], sampleRateHertz: 12_000, target: trial.target)
    }
    let after = heldBytes()
    // Both are still in use here.
    return withExtendedLifetime((diagnoser, blocks)) { after - before }
  }
}

/// A machine with one sensor, as the core watches it.
private struct WatchedMachine {
  private let plant: Plant

  init() {
    let asset = Asset(id: AssetID(index: 0), name: "pump", kind: .centrifugalPump)
    let channel = Channel(
      id: ChannelID(index: 0),
      asset: asset.id,
      location: "drive end",
      point: "velocity rms",
      unit: "mm/s",
      quantity: .velocityRMS,
      device: 0
    )
    let source = WaveformSource(
      id: WaveformID(index: 0),
      asset: asset.id,
      location: "drive end",
      name: "vibration",
      unit: "m/s²",
      axis: .z,
      device: 0
    )
    plant = Plant(
      site: "bench",
      gateway: "bench",
      assets: [asset],
      channels: [channel],
      waveforms: [source]
    )
  }

  /// How many patterns begin in blocks of a machine that follow each other.
  func patternsTold(of trial: VibrationTrial, blocks: Int) -> Int {
    let (source, channel) = (plant.waveforms[0], plant.channels[0])
    var watch = VibrationWatch(plant, features: [[channel.id]])
    var model = VibrationModel(trial.scenario, sampleRateHertz: trial.sampleRateHertz, seed: 1)
    var samples = trial.samples
    var reports: [StateReport] = []
    for block in 0..<blocks {
      model.fill(&samples)
      let waveform = Waveform(
        source: source.id,
        asset: source.asset,
        start: Timestamp(seconds: 1_790_000_000 + Int64(60 * block)),
        sampleRateHertz: trial.sampleRateHertz,
        samples: samples,
        quality: .good
      )
      let judgement = watch.diagnose(
        waveform,
        acceleration: samples,
        target: trial.target,
        isRunning: true
      )
      let frame = Frame(
        asset: source.asset,
        timestamp: waveform.start,
        channels: [channel.id],
        values: [1],
        qualities: [.good]
      )
      watch.take(judgement, of: waveform, zone: nil, frame: frame, into: &reports)
    }
    return reports.count { $0.change == .began }
  }
}
