import AgentRuntime
import ArgumentParser
import ConditionModel
import EdgeRuntime
import Glibc
import HistoryStore
import SiteConfiguration

struct MarkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark",
    abstract: "Tells the running agent that something was done to a machine, or that it failed.",
    discussion: """
      Example: vigie mark pump-1 greasing --text 'both bearings, 20 g' --config site.yaml

      'failure' says that the machine failed: what was estimated about it is held against that, and \
      'vigie status' shows the record. After 'part', 'setting' or 'sensor' the machine may well run differently than before; after \
      'greasing' hardly. Nothing is sent to the machine: only what is learned of it is concerned.
      """
  )

  @Argument(help: "The machine, as the site file names it.")
  var machine: String
  @Argument(help: "What was done: greasing, part, setting, sensor or note; or failure.")
  var kind: MaintenanceMark.Kind
  @Option(help: "More about it, in your own words; it is kept.")
  var text = ""
  @OptionGroup var siteOptions: SiteOptions
  @OptionGroup var storeOptions: StoreOptions

  func run() async throws {
    let site = try siteOptions.site()
    guard site.plant.assets.contains(where: { $0.name == machine }) else {
      let known = site.plant.assets.map(\.name).joined(separator: ", ")
      throw Failure(.usage, "there is no machine '\(machine)'; known are: \(known)")
    }
    try await ask(.mark(machine: machine, kind: kind, text: text), storeOptions.path(for: site))
  }
}

extension MaintenanceMark.Kind: ExpressibleByArgument {}

/// Asks the agent for something and waits a few seconds for its answer.
func ask(_ content: PersonalRequest.Content, _ store: String) async throws {
  do {
    let desk = try RequestDesk(path: store)
    let user = getlogin().map { String(cString: $0) } ?? "uid \(getuid())"
    let id = try desk.ask(content, at: Timestamp.wallClock, by: user)
    for _ in 0..<50 {
      if let answer = try desk.answer(to: id) {
        guard let refusal = answer.refusal else {
          print("done")
          return
        }
        throw Failure(.findings, refusal)
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    print("noted; the agent takes it up when it runs")
  } catch let error as StoreError {
    throw Failure(.environment, "\(error)")
  }
}
