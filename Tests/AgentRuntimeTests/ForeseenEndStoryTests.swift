import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import DataAcquisition
import DatasetReplay
import Foundation
import HistoryStore
import Logging
import MQTTPublishing
import MonitoringPipeline
import ProcessSupport
import SiteConfiguration
import Testing

/// A press that wears until it fails in its 80th hour, watched by a model of such presses alone.
///
/// The model is `format-1.vigielife`: machines that wear with the cube of their age under two loads
/// and last 50 to 110 hours.
private struct WornPress {
  static let model = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "PrognosticAssessmentTests/Fixtures/format-1.vigielife").path
  static let life = 80

  let language: Language
  let site: Site
  let clocks = HeldClocks()
  let wording: Wording
  private(set) var time: StationTime
  private(set) var monitor: Monitor
  private var hour = 0

  /// A press whose alerts are written in a language; `limits` is more of its entry in the site file.
  init(_ language: Language, limits: String = "") throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      """
      site: works
      gateway: gw
      language: \(language.rawValue)
      buses: { line: { host: 127.0.0.1 } }
      machines:
        press:
          kind: machine
          points:
            drive:
              device: generic
              bus: line
              unit: 1
              every: 10 min
              points:
                temperature: { address: 0, scale: 0.01, unit: °C, quantity: temperature }
                vibration: { address: 1, scale: 0.01, unit: mm/s, quantity: velocity rms }
                pressure: { address: 2, scale: 0.01, unit: bar, quantity: pressure }
                load: { address: 3, scale: 0.01, unit: "%", quantity: other }
          remaining life:
            model: \(Self.model)
            sensors:
              temperature: drive/temperature
              vibration: drive/vibration
              pressure: drive/pressure
            settings: { load: drive/load }
          \(limits)
      alerts: { silent after: 1 h, stops: [saturday 6:00] }
      """,
      to: "site.yaml"
    )
    self.language = language
    site = try SiteFile.load(path: file, profileDirectories: [])
    wording = Wording(language)
    (time, monitor) = Self.watch(site, try Pipeline(site.pipeline), clocks, wording)
  }

  private static func watch(
    _ site: Site,
    _ pipeline: Pipeline,
    _ clocks: HeldClocks,
    _ wording: Wording
  ) -> (StationTime, Monitor) {
    let time = StationTime(after: pipeline.latestMoment) { clocks.read() }
    let (plant, language) = (site.plant, site.language)
    let monitor = Monitor(pipeline: pipeline, assetCount: 1, time: time) {
      let text = wording.text(for: $0, in: plant, clock: .utc)
      return AdvisoryText(language: language, title: text.title, text: text.text)
    }
    return (time, monitor)
  }

  /// Stops the agent and starts it again from what it stored.
  mutating func restart(from snapshot: Snapshot) throws {
    restart(with: try restored(site.pipeline, from: snapshot))
  }

  mutating func restart(with pipeline: Pipeline) {
    (time, monitor) = Self.watch(site, pipeline, clocks, wording)
  }

  /// The same machine, watched by the core of another site file.
  func continued(by other: WornPress, with pipeline: Pipeline) -> WornPress {
    var press = other
    press.hour = hour
    press.clocks.advance(by: clocks.read().monotonic - press.clocks.read().monotonic)
    press.restart(with: pipeline)
    return press
  }

  /// Runs until an hour of its life, read every ten minutes.
  mutating func run(until end: Int) async {
    while hour < end {
      let load = hour * 7 % 13 < 6 ? 20.5 : 80.5
      let share = Double(hour + 1) / Double(Self.life)
      let damage = share * share * share
      let noise = Double(hour * 7_919 % 101) / 101 - 0.5
      let values = [
        40 + load / 4 + 8 * damage + 2 * noise, 1 + load / 80 + 2 * damage + 0.4 * noise,
        6 - load / 100 - 0.5 * damage + 0.2 * noise, load,
      ]
      for _ in 0..<6 {
        clocks.advance(by: .seconds(600))
        await monitor.tick()
        let frame = Frame(
          asset: AssetID(index: 0),
          timestamp: time.stamp().timestamp,
          channels: site.plant.channels.map(\.id),
          values: values,
          qualities: values.map { _ in .good }
        )
        await monitor.consume([frame])
      }
      hour += 1
    }
  }
}

struct ForeseenEndStoryTests {
  @Test(arguments: [Language.english, .french])
  func `a failure that only a model foresees is told in time, stored and published`(
    language: Language
  ) async throws {
    var press = try WornPress(language)
    await press.run(until: WornPress.life - 2)
    let batch = await press.monitor.takeBatch(withSnapshot: false)
    let told = batch.outputs.filter { $0.output.advisory != nil }
    let first = try #require(told.first)
    let advisory = try #require(first.output.advisory)
    #expect(advisory.isForeseen && advisory.phase == .raised)
    #expect(Set(told.compactMap(\.output.advisory?.id)) == [1])
    #expect(told.count <= 4, "\(told.map { $0.text?.text ?? "" })")
    let failure = Timestamp(seconds: 1_791_950_400 + Int64(WornPress.life) * 3_600)
    let notice = failure - advisory.timestamp
    #expect(notice > .seconds(12 * 3_600), "there is time to act")

    let folder = TemporaryFolder()
    let store = try await HistoryStore(path: folder.file("history.sqlite"), plant: press.site.plant)
    try await store.commit(batch)
    let open = try #require(try await store.openAlerts().first)
    let text = try #require(open.text)
    let words: [String] =
      switch language {
      case .english:
        [
          "press: failure foreseen by its model", "Act now: it may fail within two days",
          "failures fell between its P10 and P90",
          "Next suitable stop: ", "mark the new part with vigie mark",
        ]
      case .french:
        [
          "press\u{A0}: défaillance prévue par son modèle", "À traiter sans attendre",
          "des défaillances sont tombées entre ses P10 et P90",
          "arrêt p",
          "noter la pièce neuve par vigie mark",
        ]
      }
    for word in words { #expect("\(text.title). \(text.text)".contains(word), "\(text)") }

    let renderer = MessageRenderer(plant: press.site.plant) { _ in text }
    let message = try #require(renderer.messages(for: open.output).first)
    #expect(message.topic == "vigie/works/gw/press/alert/1" && message.isRetained)
    let json = String(decoding: message.payload, as: UTF8.self)
    #expect(json.contains("\"basis\":\"model\"") && json.contains("\"failures\":"))
    #expect(json.contains("\"moved\":[") && json.contains(text.title))
  }

  @Test func `replayed, and after a restart in the middle, it is told to the bit the same`()
    async throws
  {
    var press = try WornPress(.english)
    await press.run(until: WornPress.life - 2)
    let batch = await press.monitor.takeBatch(withSnapshot: false)
    var writer = RecordingWriter(plant: press.site.plant)
    var text = writer.header
    for case .frame(let frame) in batch.inputs { writer.append(frame, to: &text) }
    writer.finish(to: &text)
    let folder = TemporaryFolder()
    let recording = try folder.write(text, to: "live.csv")
    var replay = try RecordingReplay(press.site.pipeline, recordings: [recording])
    var replayed: [PipelineOutput] = []
    try replay.play(recording) { replayed.append($0) }
    #expect(replayed.compactMap(\.advisory) == batch.outputs.compactMap(\.output.advisory))

    var stopped = try WornPress(.english)
    var said: [PipelineOutput] = []
    for hour in [40, 60, 65, 70, 75, WornPress.life - 2] {
      await stopped.run(until: hour)
      let batch = await stopped.monitor.takeBatch(withSnapshot: true)
      said += batch.outputs.map(\.output)
      try stopped.restart(from: #require(batch.snapshot))
    }
    #expect(said == batch.outputs.map(\.output))
  }

  @Test func `a change of the site file makes no old machine new`() async throws {
    var press = try WornPress(.english)
    await press.run(until: 60)
    let folder = TemporaryFolder()
    let store = try await HistoryStore(path: folder.file("history.sqlite"), plant: press.site.plant)
    try await store.commit(await press.monitor.takeBatch(withSnapshot: true))

    let limits = "limits: { drive/temperature: { alert above: 95 °C } }"
    let changed = try WornPress(.english, limits: limits)
    let pipeline = try await startingPipeline(
      changed.site.pipeline,
      from: store,
      at: press.clocks.read().wall,
      wording: changed.wording,
      describe: { AdvisoryText(language: .english, title: "\($0.id)", text: "") },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    press = press.continued(by: changed, with: pipeline)
    await press.run(until: WornPress.life - 2)
    let prognosis = try #require(await press.monitor.prognoses[0])
    guard case .remainingLife(let life) = prognosis.outlook else {
      Issue.record("\(prognosis)")
      return
    }
    #expect(life.basis == .model)
    #expect((70...80).contains(life.model?.age ?? 0), "it was not born with the site file")
    let batch = await press.monitor.takeBatch(withSnapshot: false)
    #expect(batch.outputs.contains { $0.output.advisory?.isForeseen == true })
  }

  @Test func `a person takes note of it, shelves it, and ends it with a new part`() async throws {
    var press = try WornPress(.english)
    await press.run(until: WornPress.life - 2)
    _ = await press.monitor.takeBatch(withSnapshot: false)
    func ask(_ content: PersonalRequest.Content) async -> RequestAnswer? {
      let now = press.clocks.read().wall
      let request = PersonalRequest(id: 1, timestamp: now, content: content)
      return await press.monitor.take([request]).first
    }
    #expect(await ask(.acknowledge(alert: 1))?.refusal == nil)
    let shelving = PersonalRequest.Content.shelve(alert: 1, for: .seconds(3_600), reason: "Friday")
    #expect(await ask(shelving)?.refusal == nil)
    #expect(await ask(.accept(alert: 1))?.refusal?.contains("is no deviation") == true)
    #expect(await ask(.mark(machine: "press", kind: .part, text: "bearing"))?.refusal == nil)
    let batch = await press.monitor.takeBatch(withSnapshot: false)
    let said = batch.outputs.compactMap(\.output.advisory)
    #expect(said.map(\.phase) == [.updated, .updated, .cleared])
    #expect(said.map(\.isAcknowledged) == [true, true, true])
    let moved = try #require(said.first?.life?.model?.moved.first)
    #expect(["drive/temperature", "drive/vibration"].contains(press.site.plant[moved].name))
  }
}
