import AdvisoryGeneration
import ConditionModel
import DataAcquisition
import Foundation
import SiteConfiguration
import Testing

@testable import DatasetReplay

struct ReportTests {
  private func page(_ language: Language) async throws -> (html: String, plant: RecordedPlant) {
    let plant = try RecordedPlant()
    var replay = PlantReplay(plant.replayed, folder: plant.folder.path)
    replay.drawsReport = true
    let report = PlantReport(
      await replay.run(),
      site: "works & <co>",
      language: language,
      clock: .utc
    )
    return (report.html(), plant)
  }

  @Test(arguments: Language.allCases)
  func `a page is one file that stands alone, in the language of the site`(
    language: Language
  )
    async throws
  {
    let (html, _) = try await page(language)
    // Of a page this long only what is missing is worth showing.
    let wanted = [
      "<html lang=\"\(language.rawValue)\">", "works &amp; &lt;co&gt;",
      language == .french ? "alertes rejouées" : "alerts replayed",
      language == .french ? "limite d’alarme" : "above its alarm limit",
      language == .french ? "encore 9,8 jours" : "for 9.8 days more",
    ]
    #expect(wanted.filter { !html.contains($0) } == [])
    let loading = ["http:", "https:", "<script", "<link", "src=", "@import", "url("]
    #expect(loading.filter { html.contains($0) } == [])
  }

  @Test func `all that is opened is closed, and every number is one`() async throws {
    let (html, _) = try await page(.english)
    let body = try #require(html.range(of: "<body>")?.lowerBound)
    let text = html[body...].replacing("&", with: " ").replacing("</html>", with: "")
    let parser = XMLCheck()
    #expect(parser.complaint(of: String(text)) == nil)
    #expect(["nan ", "inf\"", "inf "].filter { html.contains($0) } == [])
    // One chart for each channel of both machines, alerts marked on the curve.
    let charts = html.ranges(of: "<svg").count
    #expect(charts == 3)
    let windows = html.ranges(of: "var(--limit)\" opacity").count
    #expect(windows == 2)
    let size = html.utf8.count
    #expect(size < 400_000)
  }

  @Test func `two alerts of one moment have each its own colour`() throws {
    let plant = try RecordedPlant().replayed.whole.plant
    var outcome = MachineOutcome(machine: "tank", plant: plant, path: "tank.csv")
    outcome.account.first = Timestamp(seconds: 0)
    outcome.account.last = Timestamp(seconds: 900)
    let kinds: [(FindingClass, Finding.Kind)] = [
      (.machine, .limit(.above, threshold: 80)), (.sensor, .clipped(.above)),
    ]
    outcome.advisories = kinds.enumerated().map { number, kind in
      Advisory(
        id: UInt64(number),
        asset: AssetID(index: 0),
        findingClass: kind.0,
        location: "oil temperature",
        phase: .raised,
        priority: .medium,
        since: Timestamp(seconds: 1),
        timestamp: Timestamp(seconds: 10),
        isAcknowledged: false,
        findings: [
          Finding(
            channel: ChannelID(index: UInt16(number)),
            kind: kind.1,
            state: .alert,
            since: Timestamp(seconds: 1),
            observed: 95,
            extreme: 95
          )
        ],
        suspects: [],
        unmoved: []
      )
    }
    let html = PlantReport([outcome], site: "s", language: .english, clock: .utc).html()
    #expect(html.ranges(of: "class=\"alert limit\"").count == 1)
    #expect(html.ranges(of: "class=\"alert sensor\"").count == 1)
  }

  @Test(arguments: [
    (0.0...1.0, 4), (1_470...1_490, 4), (-3...250_000, 4), (5...5, 4), (0.001...0.002, 3),
  ])
  func `an axis has a few round numbers around its values`(values: ClosedRange<Double>, wanted: Int)
  {
    let scale = NumberScale(values, wanted: wanted)
    #expect(scale.range.lowerBound <= values.lowerBound)
    #expect(scale.range.upperBound >= values.upperBound)
    #expect((2...9).contains(scale.ticks.count))
    let texts = scale.ticks.map { $0.fixed(scale.decimals) }
    #expect(Set(texts).count == texts.count)
  }

  @Test func `a trace keeps every extreme in a length that does not grow`() {
    var trace = Trace(period: .seconds(10))
    for row in 0..<100_000 {
      let value = row == 77_777 ? 900.0 : Double(row % 10)
      trace.add(value, at: Timestamp(seconds: Int64(row) * 10)) { 0...9 }
    }
    #expect(trace.stretches.count <= Trace.mostStretches)
    #expect(trace.stretches.count > Trace.mostStretches / 2 - 1)
    #expect(trace.stretches.map(\.high).max() == 900)
    #expect(trace.stretches.map(\.low).min() == 0)
    #expect(trace.stretches.allSatisfy { $0.usual == 0...9 })
    let place = Int(Double(77_777 * 10) / trace.width.inSeconds)
    #expect(trace.stretches[place].high == 900)
  }

  @Test(arguments: [Double(Float.greatestFiniteMagnitude), 1e39, -1e300])
  func `what a device writes for no value is not drawn, however long it does`(value: Double) {
    var trace = Trace(period: .seconds(10))
    for row in 0..<100 {
      trace.add(row < 50 ? 20 : value, at: Timestamp(seconds: Int64(row) * 10))
    }
    #expect(trace.stretches.count == 50)
    let chart = Chart(trace: trace, span: 0...1_000, offset: { _ in .zero })
    #expect(chart.svg().contains(">20.0000<"))
  }
}

/// Whether each tag of a page is closed in its order.
private struct XMLCheck {
  func complaint(of text: String) -> String? {
    var open: [Substring] = []
    for match in text.matches(of: /<(\/?)([a-z0-9]+)[^>]*?(\/?)>/) {
      if !match.3.isEmpty { continue }
      if match.1.isEmpty {
        open.append(match.2)
      } else if open.popLast() != match.2 {
        return "</\(match.2)> closes nothing"
      }
    }
    return open.isEmpty ? nil : "\(open) stay open"
  }
}
