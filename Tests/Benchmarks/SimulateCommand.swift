import ArgumentParser
import SimulatedWorld

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Lives gateways' lives in which everything goes wrong, and checks every promise.",
    discussion: """
      Each life has a seed of its own, rising from the first. A broken promise is told with seed and
      step, and ends the run with exit code 1.
        vigie-bench simulate --years 10
        vigie-bench simulate --seed 17 --until-step 90210
      """
  )

  @Option(help: "How many gateway-years.")
  var years = 1.0
  @Option(help: "The seed of the first life.")
  var seed: UInt64 = 1
  @Option(help: "The days of one life.")
  var daysPerLife = 100.0
  @Option(help: "End at this event of the first life.")
  var untilStep: Int?
  @Option(help: "A folder in memory for the databases.")
  var folder = "/dev/shm"

  func run() async throws {
    let clock = ContinuousClock()
    let start = clock.now
    var days = 0.0
    var brokenCount = 0
    var next = seed
    var total = World.Outcome()
    while days < years * 365 {
      do {
        let outcome = try await simulatedLife(
          seed: next,
          days: daysPerLife,
          steps: untilStep ?? .max,
          folder: folder
        )
        days += outcome.days
        total.add(outcome)
      } catch let broken as BrokenInvariant {
        print(broken)
        brokenCount += 1
        days += daysPerLife
      }
      next += 1
      let minutes = (clock.now - start) / .seconds(60)
      tell("seed \(next - 1): \(Int(days)) days, \(Int(days / minutes)) a minute")
      if untilStep != nil { break }
    }
    let minutes = (clock.now - start) / .seconds(60)
    print(
      """
      \(tenths(days / 365)) gateway-years, \(Int(days / minutes)) gateway-days a minute
      \(total)
      broken promises: \(brokenCount)
      """
    )
    if brokenCount > 0 { throw ExitCode(1) }
  }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
