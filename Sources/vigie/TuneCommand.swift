import AgentRuntime
import ArgumentParser
import ConditionModel
import DatasetReplay
import MonitoringPipeline
import SiteConfiguration
import StateDetection
import Synchronization

struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Searches settings that keep recordings within a budget of false alerts.",
    discussion: """
      Example: vigie tune --config site.yaml DIR --budget '1 per machine and month' --output tuned.yaml

      Every setting is tried on the recording of every machine. With known faults (--faults), those \
      found earliest within the budget win; without, the most sensitive within it. The choice is \
      made again without some machines and judged on these, to show how well it holds. Ctrl-C ends \
      the search and keeps the best so far. The result is a part of a site file, with comments.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Argument(help: "The folder with the recordings that the site file names.")
  var folder: String
  @Option(help: "How many false alerts are accepted; that of the site file when left out.")
  var budget: String?
  @Option(
    help: "A table machine,start,end of known faults.",
    completion: .file(extensions: ["csv"])
  )
  var faults: String?
  @Option(help: "The file to write; standard output when left out.", completion: .file())
  var output: String?
  @Option(help: "The same seed gives the same result.")
  var seed: UInt64 = 1

  func run() async throws {
    let site = try siteOptions.site()
    guard !site.recordings.isEmpty else {
      throw Failure(.configuration, "no machine of \(siteOptions.config) names a 'recording'")
    }
    let ofSite = site.pipeline.detection.learning.map {
      AlertBudget(perMachineWeek: $0.falseAlertsPerWeek)
    }
    let wanted = try budget.map { try Self.budget($0) } ?? ofSite
    guard let wanted else {
      throw Failure(
        .usage,
        "\(siteOptions.config) states no 'false alerts'; write --budget '1 per machine and month'"
      )
    }
    guard isDirectory(folder) else {
      throw Failure(
        .environment,
        "\(folder): there is no such folder; name the one with the recordings of the site file"
      )
    }
    let inputs =
      site.recordings.map { $0.path(in: folder) } + [siteOptions.config, faults].compactMap(\.self)
    let fragment = try output.map { try ResultFile($0, besides: inputs) }
    let options = siteOptions
    let replay = PlantReplay(
      ReplayedSite(site) { one in try options.load(one: one) },
      folder: folder
    )
    let interruption = Mutex(false)
    let waiting = Task {
      await untilAskedToStop()
      interruption.withLock { $0 = true }
    }
    defer { waiting.cancel() }
    let clock = ContinuousClock()
    let start = clock.now
    do {
      let known = try faults.map { path throws(ReplayError) in
        try FaultFile.read(path, plant: site.plant)
      }
      let tuning = Tuning(replay, faults: known ?? [], wanted: wanted, seed: seed)
      let result = try await tuning.run(
        isInterrupted: { interruption.withLock { $0 } },
        progress: { done, total, best in
          let left = (clock.now - start) / done * (total - done)
          tell("\(done) of \(total), \(Int(left.inSeconds.rounded())) s left; best: \(best.words)")
        }
      )
      guard let result else {
        tell("stopped before the first setting was tried to its end")
        return
      }
      tell(result.curveText)
      if let fragment {
        try fragment.write(result.fragment)
      } else {
        print(result.fragment, terminator: "")
      }
    } catch let error as ReplayError {
      throw Failure(.findings, "\(error)")
    }
  }

  private static func budget(_ text: String) throws -> AlertBudget {
    guard let budget = AlertBudget(text) else {
      throw Failure(
        .usage,
        "--budget '\(text)' is not so many a time; write such as '1 per machine and month'"
          + " (day, week, month or year)"
      )
    }
    return budget
  }
}
