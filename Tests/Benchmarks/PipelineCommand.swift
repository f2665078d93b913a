import ArgumentParser

struct PipelineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "The core alone: nanoseconds and allocations.",
    discussion: "Example: vigie-bench pipeline --json"
  )

  @OptionGroup var options: ReportOptions

  func run() async throws {
    try await options.report([
      Benchmark(name: "consume, frames of 50") { try consumeFigures(channelsPerFrame: 50) },
      Benchmark(name: "consume, frames of 1") { try consumeFigures(channelsPerFrame: 1) },
      Benchmark(name: "decode") { try decodeFigures() },
      Benchmark(name: "plan") { planFigures() },
      Benchmark(name: "recording") { try recordingFigures() },
    ])
  }
}
