import ArgumentParser

@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vigie-bench",
    abstract: "Shows what Vigie costs.",
    subcommands: []
  )
}
