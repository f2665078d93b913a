import ArgumentParser

@main
struct Vigie: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vigie",
    abstract: "Watches the machines of a workshop and explains what it sees."
  )
}
