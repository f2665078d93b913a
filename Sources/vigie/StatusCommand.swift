import AgentRuntime
import ArgumentParser
import ConditionModel
import EdgeRuntime
import HistoryStore
import SiteConfiguration

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Says whether the agent, its buses, its broker and its store are well.",
    discussion: """
      Example: vigie status --config site.yaml

      Exit code 0 when all is well, 1 when something needs attention.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @OptionGroup var storeOptions: StoreOptions
  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() async throws {
    let site = try siteOptions.site()
    let reader = try openStore(storeOptions.path(for: site))
    guard let report = try await reader.status(), let status = AgentStatus(json: report.json) else {
      throw Failure(.findings, "the agent has not reported yet; is 'vigie run' running?")
    }
    let lines = LiveWords(site.language).health(status)
    if json { print(jsonText(status)) } else { show(status, lines, site) }
    if let age = report.silence(at: Timestamp.wallClock) {
      throw Failure(
        .findings,
        json ? "" : "the last report is \(Int(age.inSeconds)) s old: the agent is not running"
      )
    }
    if lines.contains(where: { !$0.isGood }) { throw Failure(.findings) }
  }

  private func show(_ status: AgentStatus, _ lines: [LiveBoard.HealthLine], _ site: Site) {
    print("vigie \(status.version), started \(status.startedAt), last report \(status.time)")
    for line in lines { print("\(line.isGood ? "ok  " : "BAD ") \(line.label): \(line.text)") }
    let words = LiveWords(site.language)
    for machine in status.machines {
      for sentence in words.diagnoses(of: machine) { print("     \(machine.name), \(sentence)") }
      if let sentence = words.life(of: machine) { print("     \(machine.name): \(sentence)") }
      if let record = words.earlierEstimates(of: machine) {
        print("     \(machine.name): \(record)")
      }
      for sentence in words.learning(of: machine) { print("     \(machine.name): \(sentence)") }
    }
  }
}

extension StatusReport {
  /// How old the report is, if too old for an agent that runs: it reports every five seconds.
  func silence(at now: Timestamp) -> Duration? {
    let age = now - timestamp
    return age > .seconds(30) ? age : nil
  }
}

/// Opens the store of an agent for reading, or says why it cannot be.
func openStore(_ path: String) throws -> HistoryReader {
  do throws(StoreError) {
    return try HistoryReader(path: path)
  } catch {
    throw Failure(.environment, "\(error)")
  }
}
