import ArgumentParser

struct StoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "The history: bytes per value, rates of its code, a day read, bytes written a day.",
    discussion: """
      Example: vigie-bench store --folder /var/tmp --skab SKAB/data

      The folder decides what is measured: in memory nothing is written to a device.
      """
  )

  @OptionGroup var options: ReportOptions
  @Option(help: "A folder on the disk to measure.")
  var folder = "/var/tmp"
  @Option(help: "The folder with the CSV files of the dataset SKAB.")
  var skab: String?

  func run() async throws {
    var benchmarks = [
      Benchmark(name: "code, simulated plant") { try simulatedCodeFigures() },
      Benchmark(name: "day of one channel") { try await dayFigures(in: folder) },
      Benchmark(name: "written") { try await writtenFigures(in: folder) },
    ]
    if let skab {
      benchmarks.append(Benchmark(name: "code, SKAB") { try skabCodeFigures(in: skab) })
    }
    try await options.report(benchmarks)
  }
}
