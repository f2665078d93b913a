import ArgumentParser

struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Detection and replay: rows of eight channels per second and core.",
    discussion: """
      Example: VIGIE_TEST_PYTHON=venv/bin/python vigie-bench detect

      Half-space trees of river and random cut forests of krcf are measured in the same run when that \
      Python has them.
      """
  )

  @OptionGroup var options: ReportOptions

  func run() async throws {
    let bench = try DetectBench()
    try await options.report([
      Benchmark(name: "read") { try bench.readFigures() },
      Benchmark(name: "gates") { bench.gateFigures() },
      Benchmark(name: "core") { try bench.coreFigures() },
      Benchmark(name: "replay") { try await bench.replayFigures() },
      Benchmark(name: "peers") { try bench.peerFigures() },
    ])
  }
}
