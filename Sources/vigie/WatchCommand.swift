import AdvisoryGeneration
import AgentRuntime
import ArgumentParser
import ConditionModel
import EdgeRuntime
import Glibc
import HistoryStore
import SiteConfiguration

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Shows what a running agent sees, live, in this terminal.",
    discussion: "Example: vigie watch --config site.yaml. Ctrl-C ends the view, not the agent."
  )

  @OptionGroup var siteOptions: SiteOptions
  @OptionGroup var storeOptions: StoreOptions
  @Option(name: .customLong("for"), help: "End after so many seconds.")
  var seconds: Int?
  @Flag(help: "Print one picture as plain text and end.")
  var once = false
  @Option(help: ArgumentHelp("A line to show at the bottom.", visibility: .hidden))
  var hint: String?

  func run() async throws {
    let site = try siteOptions.site()
    let path = storeOptions.path(for: site)
    let reader = try await openReader(path, waiting: !once)
    let observer = try LiveObserver(reader: reader, site: site, clock: site.localTime(), hint: hint)
    guard Terminal.isPresent, !once else {
      let board = try await observer.board(at: Timestamp.wallClock)
      let view = LiveView(width: 120, height: 200, usesColour: false)
      print(view.lines(of: board).joined(separator: "\n"))
      return
    }
    Terminal.enter()
    defer { Terminal.leave() }
    let usesColour = getenv("NO_COLOR") == nil
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await untilAskedToStop() }
      if let seconds { group.addTask { try await Task.sleep(for: .seconds(seconds)) } }
      group.addTask {
        while true {
          let board = try await observer.board(at: Timestamp.wallClock)
          let (width, height) = Terminal.size
          Terminal.draw(
            LiveView(width: width, height: height, usesColour: usesColour).lines(of: board)
          )
          try await Task.sleep(for: .seconds(1))
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  /// Opens the store; an agent that has just been started may not have made it yet.
  private func openReader(_ path: String, waiting: Bool) async throws -> HistoryReader {
    for attempt in 0... {
      do throws(StoreError) {
        return try HistoryReader(path: path)
      } catch {
        guard waiting, attempt < 50 else {
          throw Failure(.environment, "\(error)")
        }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Failure(.environment)
  }
}

/// Reads the store of an agent and makes a board of it.
struct LiveObserver {
  let reader: HistoryReader
  let site: Site
  let words: LiveWords
  let clock: LocalTimeTable
  let hint: String?

  /// How far back trends go, and into how many columns.
  private static let trendSpan = Duration.seconds(60)
  private static let trendColumns = 12

  init(reader: HistoryReader, site: Site, clock: LocalTimeTable, hint: String?) throws {
    self.reader = reader
    self.site = site
    self.clock = clock
    self.hint = hint
    words = LiveWords(site.language)
  }

  func board(at now: Timestamp) async throws -> LiveBoard {
    let report = try await reader.status()
    let silence = report?.silence(at: now)
    // Of an agent that is silent nobody knows how its machines are.
    let status = silence == nil ? report.flatMap { AgentStatus(json: $0.json) } : nil
    // The agent numbers its machines by the site file that it was started with.
    let plant = try await reader.plant() ?? site.plant
    let frames = try await reader.frames(after: now - Self.trendSpan, limit: 5_000)
    let alerts = try await reader.openAlerts()
    let civil = CivilTime(now, offset: clock.offset(at: now))
    return LiveBoard(
      title: "Vigie · \(plant.site)/\(plant.gateway)",
      clock: "\(civil.hour.padded(2)):\(civil.minute.padded(2)):\(civil.second.padded(2))",
      machines: plant.assets.map { asset in
        machine(asset, of: plant, status: status, alerts: alerts, frames: frames, now: now)
      },
      alertsHeading: words.text("alerts"),
      noAlerts: words.text("no-alerts"),
      alerts: alerts.compactMap(alert),
      health: silence.map { [words.silence($0)] } ?? words.health(status),
      hint: hint.map { words.text("hint") + " " + $0 }
    )
  }

  private func alert(_ worded: WordedOutput) -> LiveBoard.Alert? {
    guard case .advisory(let advisory) = worded.output.content, let text = worded.text else {
      return nil
    }
    return LiveBoard.Alert(
      priority: advisory.priority,
      title: text.title,
      sentences: [text.text]
    )
  }

  private func machine(
    _ asset: Asset,
    of plant: Plant,
    status: AgentStatus?,
    alerts: [WordedOutput],
    frames: [Frame],
    now: Timestamp
  ) -> LiveBoard.Machine {
    let known = status?.machines.first { $0.name == asset.name }
    let told = ConditionState.allCases.first { $0.word == known?.state }
    // The status is some seconds old; alerts are stored at once.
    let open = alerts.compactMap { worded -> ConditionState? in
      guard case .advisory(let advisory) = worded.output.content, advisory.asset == asset.id,
        advisory.findingClass == .machine
      else { return nil }
      // Where nothing is found, an end that a model foresees asks for attention.
      return advisory.findings.map(\.state).max() ?? .alert
    }
    let state = open.max() ?? told.map { _ in .normal }
    return LiveBoard.Machine(
      name: asset.name,
      state: state,
      stateWord: state.map(words.wording.word(for:)) ?? words.text("no-data"),
      activity: known?.isRunning.map { words.text($0 ? "running" : "stopped") } ?? "",
      values: values(of: asset, in: plant, frames: frames, now: now)
    )
  }

  /// The most telling values of a machine: one per quantity, the largest axis of a vibration.
  private func values(
    of asset: Asset,
    in plant: Plant,
    frames: [Frame],
    now: Timestamp
  ) -> [LiveBoard.Value] {
    let own = plant.channels.filter { $0.asset == asset.id }
    let telling: [Quantity] = [
      .velocityRMS, .temperature, .differentialPressure, .pressure, .activePower, .current,
      .rotationSpeed, .highFrequencyAccelerationRMS, .frequency, .flow, .level,
    ]
    var values: [LiveBoard.Value] = []
    for quantity in telling where values.count < 3 {
      let candidates = own.filter { $0.quantity == quantity }.map { channel in
        (channel, trend(of: channel.id, frames: frames, now: now))
      }
      let best = candidates.max { ($0.1.latest ?? -.infinity) < ($1.1.latest ?? -.infinity) }
      guard let (channel, trend) = best else { continue }
      values.append(
        LiveBoard.Value(
          label: words.wording.word(for: quantity),
          text: trend.latest.map {
            words.wording.notation.quantity($0, ucum: channel.unit)
          } ?? "–",
          trend: trend.columns
        )
      )
    }
    return values
  }

  private func trend(
    of channel: ChannelID,
    frames: [Frame],
    now: Timestamp
  ) -> (latest: Double?, columns: [Double?]) {
    var sums = [Double](repeating: 0, count: Self.trendColumns)
    var counts = [Int](repeating: 0, count: Self.trendColumns)
    var latest: Double?
    for frame in frames {
      guard let place = frame.channels.firstIndex(of: channel) else { continue }
      latest = nil
      guard frame.qualities[place].isUsable else { continue }
      latest = frame.values[place]
      let age = (now - frame.timestamp).inSeconds / Self.trendSpan.inSeconds
      let column = Self.trendColumns - 1 - Int(age * Double(Self.trendColumns))
      guard sums.indices.contains(column) else { continue }
      sums[column] += frame.values[place]
      counts[column] += 1
    }
    let columns = zip(sums, counts).map { $1 == 0 ? nil : $0 / Double($1) }
    return (latest, columns)
  }
}
