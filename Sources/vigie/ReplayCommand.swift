import AdvisoryGeneration
import AgentRuntime
import ArgumentParser
import ConditionModel
import DatasetReplay
import SiteConfiguration

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs recordings through the pipeline of the live agent: would it have fired?",
    discussion: """
      Example: vigie replay --config site.yaml last-week.csv

      A recording is a CSV file: 'time' and one column per value, named machine/place/point; a \
      cell is a number, empty where nothing was read, or !reason where a read failed.
      """
  )

  @OptionGroup var siteOptions: SiteOptions
  @Argument(help: "Recordings, played one after the other.", completion: .file(extensions: ["csv"]))
  var recordings: [String]
  @Flag(help: "One JSON object per line for each step in an alert's life.")
  var json = false
  @Flag(help: "End with exit code 1 when an alert was raised.")
  var failOnAlert = false

  func run() async throws {
    let site = try siteOptions.site()
    let clock = try site.localTime()
    let wording = Wording(site.language)
    var replay = try RecordingReplay(site.pipeline)
    var raised = 0
    for recording in recordings {
      do throws(ReplayError) {
        try replay.play(recording) { output in
          guard case .advisory(let advisory) = output.content else { return }
          if advisory.phase == .raised { raised += 1 }
          let text = wording.text(for: advisory, in: site.plant, clock: clock)
          print(json ? step(output, text, in: site.plant) : words(advisory, text, clock))
        }
      } catch {
        throw Failure(.findings, "\(error)")
      }
    }
    if !json { print("\(replay.valueCount) values, \(raised) alerts raised") }
    if failOnAlert && raised > 0 { throw Failure(.findings) }
  }

  private func words(
    _ advisory: Advisory,
    _ text: AlertText,
    _ clock: LocalTimeTable
  ) -> String {
    let local = CivilTime(advisory.timestamp, offset: clock.offset(at: advisory.timestamp))
    let date = "\(local.year.padded(4))-\(local.month.padded(2))-\(local.day.padded(2))"
    let time = "\(local.hour.padded(2)):\(local.minute.padded(2)):\(local.second.padded(2))"
    return "\(date) \(time)  \(advisory.phase.rawValue)  \(text.title)\n    \(text.text)\n"
  }

  private func step(_ output: PipelineOutput, _ text: AlertText, in plant: Plant) -> String {
    guard case .advisory(let advisory) = output.content else { return "" }
    return jsonText(
      AlertStep(
        sequence: output.sequence,
        id: advisory.id,
        machine: plant[advisory.asset].name,
        location: advisory.location,
        class: advisory.findingClass.rawValue,
        phase: advisory.phase.rawValue,
        priority: advisory.priority.word,
        since: advisory.since.description,
        time: advisory.timestamp.description,
        title: text.title,
        text: text.text
      )
    )
  }
}

/// What `vigie replay --json` prints for each step in an alert's life.
private struct AlertStep: Encodable {
  var sequence: UInt64
  var id: UInt64
  var machine: String
  var location: String
  var `class`: String
  var phase: String
  var priority: String
  var since: String
  var time: String
  var title: String
  var text: String
}
