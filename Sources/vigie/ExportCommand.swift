import AgentRuntime
import ArgumentParser
import ConditionModel
import DataAcquisition
import FoundationEssentials
import HistoryStore
import SiteConfiguration

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Takes out what the store holds, also while the agent runs.",
    discussion: """
      Example: vigie export history --config site.yaml --from 2026-10-14T00:00:00Z > day.csv

      A journal replays on another machine to the same alerts: \
      vigie export journal --config site.yaml > incident.jsonl, then \
      vigie replay --config site.yaml incident.jsonl
      """,
    subcommands: [History.self, Alerts.self, Journal.self, Audit.self, Copy.self]
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case csv
    case jsonl
  }

  /// What to take out, by time.
  struct Span: ParsableArguments {
    @Option(help: "From this time on, such as 2026-10-14T06:20:00Z; the beginning if left out.")
    var from: String?
    @Option(help: "Up to this time; the end if left out.")
    var to: String?

    func range() throws -> Range<Timestamp> {
      let first = try from.map(moment) ?? Timestamp(nanoseconds: 0)
      let end = try to.map(moment) ?? Timestamp(nanoseconds: .max)
      guard first < end else { throw Failure(.usage, "--from is not before --to") }
      return first..<end
    }

    private func moment(_ text: String) throws -> Timestamp {
      var clock = RecordedClock()
      let bytes = Array(text.utf8)
      guard let moment = clock.moment(bytes.span) else {
        throw Failure(.usage, "'\(text)' is no time; write it as 2026-10-14T06:20:00Z")
      }
      return moment
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Values as a recording that 'vigie replay' reads, or their minutes or hours.",
      discussion: "Example: vigie export history --config site.yaml --tier hour --format jsonl"
    )

    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var span: Span
    @Option(help: "Only this machine.")
    var machine: String?
    @Option(help: "raw, minute or hour.")
    var tier: Tier = .raw
    @Option(help: "csv or jsonl.")
    var format: Format = .csv

    func run() async throws {
      let reader = try openStore(storeOptions.path(for: siteOptions.site()))
      guard let plant = try await reader.plant() else { return }
      let channels = plant.channels.filter { machine == nil || plant[$0.asset].name == machine }
      guard !channels.isEmpty else {
        let known = plant.assets.map(\.name).joined(separator: ", ")
        throw Failure(.usage, "there is no machine '\(machine ?? "")'; known are: \(known)")
      }
      if tier == .raw {
        try await exportValues(channels, plant, reader)
      } else {
        try await exportSummaries(channels, plant, reader)
      }
    }

    private func exportValues(
      _ channels: [Channel],
      _ plant: Plant,
      _ reader: HistoryReader
    ) async throws {
      var writer = RecordingWriter(plant: plant, channels: channels.map(\.id))
      if format == .csv { print(writer.header) }
      let assets = Set(channels.map(\.asset))
      let asked = try span.range()
      let stored = try await reader.extent()
      let hour = Duration.seconds(3_600)
      var start = max(asked.lowerBound, stored?.lowerBound ?? asked.upperBound)
      let end = min(asked.upperBound, (stored?.upperBound ?? start) + .nanoseconds(1))
      while start < end {
        let next = min(start + hour, end)
        var text = ""
        for frame in try await reader.frames(in: start..<next) where assets.contains(frame.asset) {
          if format == .csv {
            writer.append(frame, to: &text)
          } else {
            for place in frame.channels.indices {
              text += jsonText(ValueLine(frame, place, plant)) + "\n"
            }
          }
        }
        print(text, terminator: "")
        start = next
      }
      var rest = ""
      if format == .csv { writer.finish(to: &rest) }
      print(rest, terminator: "")
    }

    private func exportSummaries(
      _ channels: [Channel],
      _ plant: Plant,
      _ reader: HistoryReader
    ) async throws {
      if format == .csv { print("time,channel,unit,min,mean,max,count,quality") }
      let asked = try span.range()
      for channel in channels {
        let name = "\(plant[channel.asset].name)/\(channel.name)"
        for summary in try await reader.summaries(of: channel.id, tier, in: asked) {
          let line = SummaryLine(summary, name, channel.unit)
          print(format == .csv ? line.csv : jsonText(line))
        }
      }
    }
  }

  struct Alerts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every step in the life of every alert.",
      discussion: "Example: vigie export alerts --config site.yaml --format jsonl"
    )

    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var span: Span
    @Option(help: "csv or jsonl.")
    var format: Format = .csv

    func run() async throws {
      let reader = try openStore(storeOptions.path(for: siteOptions.site()))
      let asked = try span.range()
      let steps = try await reader.alertSteps().filter { asked.contains($0.timestamp) }
      let head = ["alert", "machine", "location", "class", "since", "time", "phase", "priority"]
      table(head + ["title", "text"], format, steps) { step in
        [
          "\(step.alert)", step.machine, step.location, step.findingClass,
          step.since.description, step.timestamp.description, step.phase, step.priority,
          step.title, step.text,
        ]
      }
    }
  }

  struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What people asked of the agent: who, when, and what became of it.",
      discussion: "Example: vigie export audit --config site.yaml"
    )

    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var span: Span
    @Option(help: "csv or jsonl.")
    var format: Format = .csv

    func run() async throws {
      let reader = try openStore(storeOptions.path(for: siteOptions.site()))
      let asked = try span.range()
      let entries = try await reader.audit().filter { asked.contains($0.timestamp) }
      let head = ["id", "time", "user", "kind", "machine", "alert", "text", "answered", "refusal"]
      table(head, format, entries) { entry in
        [
          "\(entry.id)", entry.timestamp.description, entry.user, entry.kind,
          entry.machine ?? "", entry.alert.map { "\($0)" } ?? "", entry.text,
          entry.answered?.description ?? "", entry.refusal ?? "",
        ]
      }
    }
  }

  struct Journal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What entered the core, from the state that it had then: JSON lines.",
      discussion: """
        Example: vigie export journal --config site.yaml --from 2026-10-14T06:00:00Z > incident.jsonl

        It begins with the newest state of the core before --from, without it with the newest of all.
        """
    )

    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var span: Span

    func run() async throws {
      let reader = try openStore(storeOptions.path(for: siteOptions.site()))
      let asked = try span.range()
      let begin = span.from == nil ? Timestamp(nanoseconds: .max) : asked.lowerBound
      guard let (stored, plant) = try await reader.snapshot(before: begin) else {
        throw Failure(
          .findings,
          "the journal holds no state of the core from before that; take a later --from"
        )
      }
      print(try JournalText.Header(plant: plant, snapshot: stored.snapshot).line)
      var place: JournalPlace? = stored.place
      while let here = place {
        let (inputs, next) = try await reader.inputs(from: here, of: plant)
        for input in inputs {
          if case .tick(let moment) = input, moment >= asked.upperBound { return }
          print(try JournalText.line(input))
        }
        place = next
      }
    }
  }

  struct Copy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "copy",
      abstract: "A copy of the database as it is now, for any SQLite tool.",
      discussion: "Example: vigie export copy backup.sqlite --config site.yaml"
    )

    @Argument(help: "The new file.", completion: .file())
    var target: String
    @OptionGroup var siteOptions: SiteOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
      let reader = try openStore(storeOptions.path(for: siteOptions.site()))
      do {
        try await reader.copy(to: target)
      } catch {
        throw Failure(.environment, "\(error)")
      }
    }
  }
}

extension Tier: ExpressibleByArgument {
  /// The tier of this name.
  public init?(argument: String) {
    switch argument {
    case "raw": self = .raw
    case "minute": self = .minute
    case "hour": self = .hour
    default: return nil
    }
  }
}

private struct ValueLine: Encodable {
  var time: String
  var channel: String
  var value: Double?
  var unit: String
  var quality: String
  var reason: String?

  init(_ frame: Frame, _ place: Int, _ plant: Plant) {
    let channel = plant[frame.channels[place]]
    let quality = frame.qualities[place]
    time = frame.timestamp.description
    self.channel = "\(plant[channel.asset].name)/\(channel.name)"
    value = quality.isUsable && frame.values[place].isFinite ? frame.values[place] : nil
    unit = channel.unit
    self.quality = quality.word
    reason = quality.reason
  }
}

private struct SummaryLine: Encodable {
  var time: String
  var channel: String
  var unit: String
  var min: Double?
  var mean: Double?
  var max: Double?
  var count: Int
  var quality: String

  init(_ summary: Summary, _ channel: String, _ unit: String) {
    time = summary.timestamp.description
    self.channel = channel
    self.unit = unit
    let isKnown = summary.count > 0
    min = isKnown ? summary.minimum : nil
    mean = isKnown ? summary.mean : nil
    max = isKnown ? summary.maximum : nil
    count = summary.count
    quality = summary.quality.reason ?? summary.quality.word
  }

  var csv: String {
    let numbers = [min, mean, max].map { $0.map { "\($0)" } ?? "" }
    return ([time, channel, unit] + numbers + ["\(count)", quality]).map(cell)
      .joined(separator: ",")
  }
}

/// Prints rows of text as CSV or as JSON lines.
private func table<Row>(
  _ head: [String],
  _ format: ExportCommand.Format,
  _ rows: [Row],
  cells: (Row) -> [String]
) {
  if format == .csv { print(head.joined(separator: ",")) }
  for row in rows {
    let texts = cells(row)
    switch format {
    case .csv: print(texts.map(cell).joined(separator: ","))
    case .jsonl:
      let filled = zip(head, texts).filter { !$1.isEmpty }
      print(jsonText(Dictionary(uniqueKeysWithValues: filled)))
    }
  }
}

/// A cell of CSV (RFC 4180).
private func cell(_ text: String) -> String {
  guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
  return "\""
    + text.split(separator: "\"", omittingEmptySubsequences: false)
    .joined(separator: "\"\"") + "\""
}
