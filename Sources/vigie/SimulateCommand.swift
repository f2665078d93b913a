import AgentRuntime
import ArgumentParser
import ConditionModel
import DataAcquisition
import DataManipulation
import EdgeRuntime
import Glibc
import MonitoringPipeline
import PlantSimulation
import SiteConfiguration

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Plays the machines of a site file behind real Modbus servers, faults included.",
    discussion: """
      Example: vigie simulate --config site.yaml \\
        --scenario 'pump-1: bearing wear from 10 s over 60 s'

      TCP buses listen where the site file says, so use loopback addresses; a serial bus becomes a \
      pseudo-terminal with a link at its port. Kinds of scenario: \
      \(Scenario.Kind.allCases.map(\.rawValue).joined(separator: ", ")).

      Example: vigie simulate --record workshop --machines pump,fan --weeks 6 --seed 3

      Writes recordings instead, with faults, broken sensors, work orders and a site file for 'vigie \
      replay'; what is really wrong stands in 'truth/'. Kinds of machines: \
      \(ExaminedMachine.Kind.allCases.map(\.rawValue).joined(separator: ", ")).
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Option(help: "Something that goes wrong; may be given more than once.")
  var scenario: [String] = []
  @Option(help: "The same seed plays the same day.")
  var seed: UInt64 = 1
  @Option(help: "How much faster than the world the machines live.")
  var speed = 1.0
  @Flag(help: "Answer on serial buses as fast as memory, not as the baud rate says.")
  var unpaced = false
  @Option(help: "Write recordings into this folder instead of playing.", completion: .directory)
  var record: String?
  @Option(help: "With --record: the kinds, one machine for each; without it a plant of twelve.")
  var machines: String?
  @Option(help: "With --record: how many weeks, at least 3.")
  var weeks = 8
  @Option(help: "With --record: seconds between two rows, a multiple of 10.")
  var every = 10

  func validate() throws {
    try validateRecording()
    guard speed > 0, speed <= 100_000 else {
      throw ValidationError("--speed takes a number above 0, such as 10.")
    }
  }

  func run() async throws {
    if let record { return try self.record(to: record) }
    let site = try siteOptions.liveSite()
    do {
      let scenarios = try scenario.map { try Scenario(parsing: $0) }
      let start = Timestamp.wallClock
      let plant = try SimulatedPlant(
        site.plant,
        buses: site.buses,
        targets: site.vibrationTargets,
        seed: seed,
        scenarios: scenarios,
        start: start
      )
      let server = PlantServer(
        plant,
        options: PlantServer.Options(isPaced: !unpaced),
        clock: PlantServer.clock(from: start, speed: speed)
      )
      try server.start()
      for (bus, address) in zip(site.buses, server.addresses) {
        tell("\(bus.name) answers at \(address)")
      }
      await untilAskedToStop()
      server.stop()
      for (bus, seen) in zip(site.buses, server.statistics) {
        tell(
          "\(bus.name): \(seen.requests) requests, \(seen.answers) answers, "
            + "\(seen.refusedWrites) writes refused"
        )
      }
    } catch let error as ScenarioError {
      throw Failure(.usage, "\(error)")
    } catch let error as PlantServerError {
      throw Failure(.environment, "\(error)")
    }
  }
}

extension Site {
  /// For each source of waveforms, what turns beside its sensor.
  var vibrationTargets: [VibrationTarget] {
    plant.waveforms.map { source in
      let rule = pipeline.manipulation.waveforms.first { $0.source == source.id }
      let asset = plant[source.asset]
      var hertz = asset.ratedSpeedRPM.map { $0 / 60 }
      if case .fixed(let own) = rule?.shaft { hertz = own }
      return VibrationTarget(
        shaftHertz: hertz,
        bearing: rule?.bearing,
        teeth: rule?.teeth,
        blades: rule?.blades
      )
    }
  }
}
