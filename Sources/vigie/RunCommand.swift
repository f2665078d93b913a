import AgentRuntime
import ArgumentParser
import ConditionModel
import FoundationEssentials
import Glibc
import HistoryStore
import Logging
import MonitoringPipeline
import SiteConfiguration

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "The agent: reads, watches, stores, publishes, until it is asked to stop.",
    discussion: """
      Example: vigie run --config site.yaml --store history.sqlite

      Ctrl-C or SIGTERM stops it within seconds, with everything that was read stored. 'vigie watch' \
      in another terminal shows what it sees.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @OptionGroup var storeOptions: StoreOptions
  @Flag(help: "Also log what is only of interest when looking for a fault.")
  var verbose = false

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    // Before threads start: it sets the time zone of the process.
    let site = try siteOptions.liveSite()
    let clock = try site.localTime()
    let store = storeOptions.path(for: site)
    let folder = store.lastIndex(of: "/").map { String(store[...$0]) } ?? "."
    guard access(folder, F_OK) == 0 else {
      throw Failure(
        .environment,
        "there is no folder \(folder) for the store; make it, or name another file with --store"
      )
    }
    LoggingSystem.bootstrap { [verbose] _ in
      var handler = makeLogHandler(environment: environment)
      handler.logLevel = verbose ? .debug : .info
      return handler
    }
    do {
      let agent = try await Agent(
        site: site,
        storePath: store,
        clock: clock,
        version: Vigie.version,
        environment: environment,
        logger: Logger(label: "vigie")
      )
      try await agent.run()
    } catch let error as StoreError {
      throw Failure(.environment, "\(error)")
    } catch let error as ConfigurationError {
      throw Failure(.configuration, "\(error)")
    }
  }
}
