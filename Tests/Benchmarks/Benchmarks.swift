import ArgumentParser

@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vigie-bench",
    abstract: "Shows what Vigie costs and what it keeps, beside the budgets.",
    discussion: """
      Build with the flags of the shipped program, or the figures are those of another program:
        swift build -c release --static-swift-stdlib --product vigie
        swift build -c release --static-swift-stdlib --product vigie-bench

      The exit code is 1 when a budget is broken that holds on every computer: memory, shares, counts.
      """,
    subcommands: [
      AgentCommand.self, PipelineCommand.self, KernelsCommand.self, DetectCommand.self,
      PlantCommand.self, TrendCommand.self, DiagnosisCommand.self, WaveformCommand.self,
      StoreCommand.self,
      PrognosisCommand.self, FuzzCommand.self, SimulateCommand.self,
    ]
  )
}

struct ReportOptions: ParsableArguments {
  @Flag(help: "One JSON object on standard output.")
  var json = false

  @Option(help: "Only the benchmarks whose name holds this text.")
  var only = ""

  /// Runs those benchmarks that are asked for, and prints what they say.
  func report(_ benchmarks: [Benchmark]) async throws {
    let chosen = benchmarks.filter { only.isEmpty || $0.name.contains(only) }
    guard !chosen.isEmpty else {
      let names = benchmarks.map(\.name).joined(separator: ", ")
      throw ValidationError("no benchmark has “\(only)” in its name; there are \(names)")
    }
    var figures: [Figure] = []
    var hasFailed = false
    for benchmark in chosen {
      tell(benchmark.name)
      do {
        figures += try await benchmark.run()
      } catch {
        // The others are worth knowing all the same.
        tell("\(benchmark.name): \(error)")
        hasFailed = true
      }
    }
    print(try json ? jsonText(figures) : table(figures))
    if hasFailed || figures.contains(where: \.breaksBudget) { throw ExitCode(1) }
  }
}

struct Benchmark {
  var name: String
  var run: () async throws -> [Figure]
}
