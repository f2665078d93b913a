import ArgumentParser

struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent",
    abstract: "The real program with store, detection and MQTT on, against a simulated plant.",
    discussion: "Example: vigie-bench agent --seconds 60 --only 'values/s'"
  )

  @OptionGroup var options: ReportOptions
  @Option(help: "How long each of the benchmarks measures, from 5.")
  var seconds = 30

  func validate() throws {
    guard (5...3_600).contains(seconds) else {
      throw ValidationError("--seconds takes a whole number from 5 to 3600, such as 30.")
    }
  }

  func run() async throws {
    let seconds = Double(seconds)
    try await options.report([
      Benchmark(name: "500 values/s, one gateway") {
        try loadFigures(.usual, line: oneGateway(), seconds: seconds)
      },
      Benchmark(name: "500 values/s in JSON and Sparkplug, one gateway") {
        try loadFigures(.usualTwice, line: oneGateway(), seconds: seconds)
      },
      Benchmark(name: "500 values/s, ten addresses") {
        try loadFigures(.usual, line: tenAddresses(), seconds: seconds)
      },
      Benchmark(name: "5,000 values/s, one gateway") {
        try loadFigures(.heavy, line: oneGateway(), seconds: seconds)
      },
      Benchmark(name: "5,000 values/s, ten addresses") {
        try loadFigures(.heavy, line: tenAddresses(), seconds: seconds)
      },
      Benchmark(name: "silent unit, TCP") {
        try silentUnitFigures("silent unit, TCP", { _ in oneGateway() }, seconds: seconds)
      },
      Benchmark(name: "silent unit, RTU") {
        try silentUnitFigures("silent unit, RTU", { serial(in: $0) }, seconds: seconds)
      },
      Benchmark(name: "unreadable address") { try unreadableAddressFigures(seconds: seconds) },
      Benchmark(name: "slow bridge") { try slowBridgeFigures(seconds: seconds) },
      Benchmark(name: "broker outage") { try await outageFigures() },
      Benchmark(name: "line rate, 9600 baud") {
        try lineRateFigures(baud: 9_600, seconds: seconds)
      },
      Benchmark(name: "line rate, 19200 baud") {
        try lineRateFigures(baud: 19_200, seconds: seconds)
      },
    ])
  }
}
