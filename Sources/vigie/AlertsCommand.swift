import AgentRuntime
import ArgumentParser
import ConditionModel
import HistoryStore
import SiteConfiguration

struct AlertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts",
    abstract: "Shows the alerts that the agent raised, and tells it what people decided.",
    subcommands: [List.self, Show.self, Acknowledge.self, Shelve.self, Accept.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The open alerts, oldest first.",
      discussion: "Example: vigie alerts list --config site.yaml --all"
    )

    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions
    @Flag(help: "Also the cleared ones, newest first, at most 100.")
    var all = false
    @Flag(help: "One JSON array on standard output.")
    var json = false

    func run() async throws {
      let site = try siteOptions.site()
      let reader = try openStore(storeOptions.path(for: site))
      let found = try await all ? reader.alerts(limit: 100) : reader.openAlerts()
      let plant = try await reader.plant() ?? site.plant
      let lines = found.compactMap { AlertLine($0, in: plant) }
      if json {
        print(jsonText(lines))
      } else if lines.isEmpty {
        print(LiveWords(site.language).text("no-alerts"))
      } else {
        for line in lines {
          print("\(line.id)  \(line.since)  \(line.severity)  \(line.phase)  \(line.title)")
        }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One alert with its explanation.",
      discussion: "Example: vigie alerts show 12 --config site.yaml"
    )

    @Argument(help: "The number of the alert, as 'vigie alerts list' shows it.")
    var id: UInt64
    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
      let site = try siteOptions.site()
      let reader = try openStore(storeOptions.path(for: site))
      let found = try await reader.openAlerts() + reader.alerts(limit: 10_000)
      let plant = try await reader.plant() ?? site.plant
      let lines = found.compactMap { AlertLine($0, in: plant) }
      guard let line = lines.first(where: { $0.id == id }) else {
        throw Failure(.findings, "there is no alert \(id); 'vigie alerts list --all' shows them")
      }
      print("\(line.title)\n\(line.text)")
      // What the latest blocks of samples say now, also if it is nothing.
      guard let report = try await reader.status(), let status = AgentStatus(json: report.json),
        let machine = status.machines.first(where: { $0.name == line.machine })
      else { return }
      for sentence in LiveWords(site.language).diagnoses(of: machine) { print(sentence) }
    }
  }

  struct Acknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ack",
      abstract: "Tells the agent that an alert was seen.",
      discussion: "Example: vigie alerts ack 12 --config site.yaml"
    )

    @Argument(help: "The number of the alert, as 'vigie alerts list' shows it.")
    var id: UInt64
    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
      try await ask(.acknowledge(alert: id), storeOptions.path(for: try siteOptions.site()))
    }
  }

  struct Shelve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tells the agent to be quiet about an alert for a while.",
      discussion: """
        Example: vigie alerts shelve 12 --hours 8 --reason 'belt ordered' --config site.yaml

        Its end is told all the same. After the hours it is there again, to be seen anew.
        """
    )

    @Argument(help: "The number of the alert, as 'vigie alerts list' shows it.")
    var id: UInt64
    @Option(help: "For how long, up to 720.")
    var hours: Double
    @Option(help: "Why; it is kept.")
    var reason: String
    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
      guard hours > 0, hours <= 720 else {
        throw ValidationError("an alert is shelved for some minutes up to 720 hours, not \(hours)")
      }
      guard !reason.allSatisfy(\.isWhitespace) else { throw ValidationError("say why") }
    }

    func run() async throws {
      try await ask(
        .shelve(alert: id, for: .seconds((hours * 3_600).rounded()), reason: reason),
        storeOptions.path(for: try siteOptions.site())
      )
    }
  }

  struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "accept",
      abstract: "Tells the agent that what an alert shows is normal from now on.",
      discussion: "Example: vigie alerts accept 12 --config site.yaml"
    )

    @Argument(help: "The number of the alert, as 'vigie alerts list' shows it.")
    var id: UInt64
    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
      try await ask(.accept(alert: id), storeOptions.path(for: try siteOptions.site()))
    }
  }
}

/// An alert as a program or a person reads it in one line.
private struct AlertLine: Encodable {
  var id: UInt64
  var machine: String
  var location: String
  var severity: String
  var phase: String
  var since: String
  var title: String
  var text: String

  /// - Parameters:
  ///   - worded: What the agent said.
  ///   - plant: What its numbers mean: that of the agent, which may have read another site file.
  init?(_ worded: WordedOutput, in plant: Plant) {
    guard case .advisory(let advisory) = worded.output.content,
      plant.assets.indices.contains(Int(advisory.asset.index))
    else { return nil }
    id = advisory.id
    machine = plant[advisory.asset].name
    location = advisory.location
    severity = advisory.priority.word
    phase = advisory.phase.rawValue
    since = advisory.since.description
    title = worded.text?.title ?? ""
    text = worded.text?.text ?? ""
  }
}
