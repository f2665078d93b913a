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
      Benchmark(name: "defects") { detection() },
      Benchmark(name: "cost") { cost() },
    ])
  }

  private func falseAlarms() -> [Figure] {
    var diagnoser = VibrationDiagnoser()
    var alarms = 0
    var gears = 0
    var blades = 0
    var belts = 0
    for number in 0..<healthy {
      let trial = VibrationTrial.sound(number)
      let target = trial.target
      if target.teeth != nil { gears += 1 }
      if target.blades != nil { blades += 1 }
      if target.beltOrder != nil { belts += 1 }
      for suspect in diagnose(trial, with: &diagnoser).confident {
        alarms += 1
        tell("sound record \(number): \(suspect.fault.rawValue), \(suspect.z)")
      }
    }
    return [
      Figure(name: "sound records", value: Double(healthy), unit: "records"),
      Figure(name: "of them with a gear set", value: Double(gears), unit: "records"),
      Figure(name: "of them with blades", value: Double(blades), unit: "records"),
      Figure(name: "of them with a belt", value: Double(belts), unit: "records"),
      Figure(
        name: "false alarms, of any fault",
        value: 1_000 * Double(alarms) / Double(healthy),
        unit: "per 1,000 records",
        budget: .atMost(1)
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
