import ConditionModel
import Foundation
import LearnedDetection
import SignalProcessing
import Testing

@testable import DatasetReplay

struct EvaluationTests {
  /// A rig's data folder: four runs with a fault each, two calm ones.
  private func writeRig(
    _ folder: borrowing TemporaryFolder,
    labels: Bool = true,
    rows: Int = 900
  ) throws {
    try folder.write(DescriptorTests.valid, to: "dataset.yaml")
    for (number, group) in ["a", "a", "b", "b", "calm", "calm"].enumerated() {
      var generator = SeededGenerator(seed: UInt64(number))
      let isCalm = group == "calm"
      var text = isCalm ? "time;flow;heat\r\n" : "time;flow;heat;fault;change\r\n"
      for row in 0..<rows {
        let isFault = !isCalm && (600..<750).contains(row)
        let flow = 30 + generator.normal() - (isFault ? 8 : 0)
        let heat = 60 + 0.5 * generator.normal()
        text += "\(time(row));\(flow);\(heat)"
        if !isCalm {
          text += labels ? ";\(isFault ? 1 : 0).0;\(row == 600 || row == 750 ? 1 : 0).0" : ";0;0"
        }
        text += "\r\n"
      }
      try folder.write(text, to: "rig/data/\(group)/\(number).csv")
    }
  }

  private func time(_ second: Int) -> String {
    String(format: "2026-03-01 %02d:%02d:%02d", 8 + second / 3_600, second / 60 % 60, second % 60)
  }

  private func evaluate(
    _ folder: borrowing TemporaryFolder,
    scores: String = "scores"
  ) async throws -> DatasetReport {
    try await DatasetEvaluation(
      descriptorPath: "\(folder.path)/dataset.yaml",
      dataFolder: "\(folder.path)/rig",
      scoreFolder: "\(folder.path)/\(scores)"
    ).run()
  }

  @Test func `faults are found, calm runs are not disturbed, and the report says so`() async throws
  {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let report = try await evaluate(folder)
    #expect(report.rows == 5_400)
    #expect(report.parts.map(\.name) == ["all", "a", "rest"])
    let all = try #require(report.parts.first)
    #expect(all.files == 4)
    #expect(all.events.detected == 4)
    #expect(try #require(all.rows).f1 > 0.85)
    #expect(try #require(all.changes).missed == 0)
    #expect(try #require(all.lift) > 20)
    #expect(all.namedRight == DatasetReport.NamedRight(files: 2, right: 2))
    let always = try #require(all.baselines.first { $0.name == "always alarm" })
    // 150 of 500 judged rows lie in a fault.
    #expect(try abs(#require(always.rows).f1 - 2 * 0.3 / 1.3) < 1e-12)
    #expect(all.baselines.map(\.name) == ["always alarm", "metronome", "clock"])
    let normal = try #require(report.normal)
    #expect(normal.files == 2)
    #expect(normal.events.falseAlarms == 0)
    for words in [
      "a rig", "all (4 files)", "F1 0.", "named right in 2 of 2", "nothing wrong (2 files)",
    ] {
      #expect(report.text.contains(words), "\(words)")
    }
    let back = try JSONDecoder().decode(DatasetReport.self, from: report.json())
    #expect(back == report)
  }

  @Test func `each row of data has a row of scores, as the detector judged it`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    _ = try await evaluate(folder)
    var detector = LevelDetector(channelCount: 2, settings: LevelSettings(learningSamples: 400))
    let data = try folder.read("rig/data/b/3.csv").split(whereSeparator: \.isNewline)
    let scores = try folder.read("scores/b_3.csv").split(separator: "\n")
    #expect(scores[0] == "file,timestamp,score,alarm,changepoint")
    #expect(scores.count == data.count)
    for (row, score) in zip(data, scores).dropFirst() {
      let fields = row.split(separator: ";")
      let values = try fields[1...2].map { try #require(Double($0)) }
      let verdict = detector.judge(values.span)
      let expected = String(
        format: "b/3.csv,%@,%.9f,%d,%d",
        String(fields[0]),
        verdict.score,
        verdict.isAlarm ? 1 : 0,
        verdict.isChange ? 1 : 0
      )
      try #require(String(score) == expected)
    }
  }

  @Test func `progress counts up to the number of files`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder, rows: 420)
    var seen: [Int] = []
    _ = try await DatasetEvaluation(
      descriptorPath: "\(folder.path)/dataset.yaml",
      dataFolder: "\(folder.path)/rig",
      scoreFolder: "\(folder.path)/scores"
    ).run { done, total in
      #expect(total == 6)
      seen.append(done)
    }
    #expect(seen == Array(1...6))
  }

  @Test func `labels change the figures but not one score`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let labelled = try await evaluate(folder, scores: "with")
    try writeRig(folder, labels: false)
    let unlabelled = try await evaluate(folder, scores: "without")
    #expect(labelled != unlabelled)
    for name in ["a_0.csv", "a_1.csv", "b_2.csv", "b_3.csv", "calm_4.csv"] {
      #expect(try folder.read("with/\(name)") == folder.read("without/\(name)"))
    }
  }

  @Test func `what was judged does not depend on what comes later`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    _ = try await evaluate(folder, scores: "long")
    try writeRig(folder, rows: 700)
    _ = try await evaluate(folder, scores: "short")
    #expect(try folder.read("long/b_2.csv").hasPrefix(folder.read("short/b_2.csv")))
  }

  @Test func `doubtful input is counted and reported`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    var lines = try folder.read("rig/data/a/0.csv").split(whereSeparator: \.isNewline).map(
      String.init
    )
    lines[500] = "\(time(499));none;60;0;0"
    lines[501] = "yesterday;30;60;0;0"
    lines[502] = "\(time(400));30;60;0;0"
    lines[503] = "\(time(502));30"
    try folder.write(lines.joined(separator: "\n"), to: "rig/data/a/0.csv")
    let report = try await evaluate(folder)
    let expected = FileProblems(
      missingValues: 2,
      unreadableTimes: 1,
      disorderedTimes: 1,
      shortRows: 1
    )
    #expect(report.problems == expected)
    #expect(report.text.contains("caution: 2 fields hold no number"))
    #expect(try folder.read("scores/a_0.csv").split(separator: "\n").count == lines.count)
  }

  @Test func `a clock that goes back inside a fault or an alarm ends no report`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    var lines = try folder.read("rig/data/a/0.csv").split(whereSeparator: \.isNewline).map(
      String.init
    )
    // The rows of the fault are 600 to 749.
    for row in 700..<900 {
      lines[row + 1] = lines[row + 1].replacing(time(row), with: time(row - 300))
    }
    try folder.write(lines.joined(separator: "\n"), to: "rig/data/a/0.csv")
    let page = try await DatasetEvaluation(
      descriptorPath: "\(folder.path)/dataset.yaml",
      dataFolder: "\(folder.path)/rig",
      scoreFolder: "\(folder.path)/scores"
    ).runWithPage(in: .english).page
    #expect(page.contains("<h3>a/0.csv</h3>"))
  }

  @Test func `without labels every file counts as normal running`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let unlabelled = DescriptorTests.valid.split(separator: "\n")
      .filter { !$0.hasPrefix("labels") }.joined(separator: "\n")
    try folder.write(unlabelled, to: "dataset.yaml")
    let report = try await evaluate(folder)
    #expect(report.parts.isEmpty)
    let normal = try #require(report.normal)
    #expect(normal.files == 6)
    #expect(normal.events.falseAlarms >= 4)
  }

  @Test func `too short a learning part is an error that says what is needed`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let short = DescriptorTests.valid.replacing("rows: 400", with: "rows: 50")
    try folder.write(short, to: "dataset.yaml")
    let error = await #expect(throws: DatasetError.self) { try await evaluate(folder) }
    #expect(error?.problem.contains("at least 160") == true)
  }

  @Test func `a comma in a name or a time makes no column more in the scores`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let text = try folder.read("rig/data/a/1.csv").replacing("2026-03-01 ", with: "2026-03-01, ")
    try FileManager.default.removeItem(atPath: "\(folder.path)/rig/data")
    try folder.write(text, to: "rig/data/a/one, two.csv")
    let descriptor = DescriptorTests.valid.replacing("YYYY-MM-DD hh", with: "YYYY-MM-DD, hh")
    try folder.write(descriptor, to: "dataset.yaml")
    _ = try await evaluate(folder)
    let lines = try folder.read("scores/a_one, two.csv").split(separator: "\n")
    #expect(lines[1].hasPrefix("\"a/one, two.csv\",\"2026-03-01, 08:00:00\",0."))
  }

  @Test func `scores never take the place of what is read, by whatever name`() async throws {
    let folder = try TemporaryFolder()
    let groups = "  a: { telling channel: flow }\n  b: {}\n  calm: { faults: none }"
    let plain = DescriptorTests.valid.replacing(groups, with: "  .: {}")
      .replacing("tuned on: [a]\n", with: "")
    try writeRig(folder)
    let text = try folder.read("rig/data/a/0.csv")
    try folder.write(plain, to: "dataset.yaml")
    try folder.write(text, to: "rig/data/0.csv")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link",
      withDestinationPath: "rig/data"
    )
    for scores in ["rig/data", "link"] {
      let error = await #expect(throws: DatasetError.self) {
        try await evaluate(folder, scores: scores)
      }
      #expect(error?.problem.contains("would be lost") == true)
      #expect(try folder.read("rig/data/0.csv") == text)
    }
    #expect(try await evaluate(folder, scores: "other").rows == 900)
  }

  @Test func `two files whose scores would share a file are named before anything is written`()
    async throws
  {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let text = try folder.read("rig/data/a/0.csv")
    try folder.write(text, to: "rig/data/a/b_c.csv")
    try folder.write(text, to: "rig/data/a_b/c.csv")
    try folder.write(
      DescriptorTests.valid.replacing("  b: {}", with: "  a_b: {}"),
      to: "dataset.yaml"
    )
    let error = await #expect(throws: DatasetError.self) { try await evaluate(folder) }
    #expect(error?.problem.contains("a/b_c.csv and of a_b/c.csv") == true)
    #expect(throws: (any Error).self) { try folder.read("scores/a_0.csv") }
  }

  @Test(arguments: [0, 10, 399])
  func `a file that ends before it is learned is judged nowhere`(rows: Int) async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    let lines = try folder.read("rig/data/a/1.csv").components(separatedBy: "\r\n")
    try folder.write(lines[...rows].joined(separator: "\r\n") + "\r\n", to: "rig/data/a/1.csv")
    let report = try await evaluate(folder)
    #expect(report.rows == 4_500 + rows)
    #expect(report.parts.first?.files == 4)
  }

  @Test func `a group that is not there is named, and nothing at all is an error`() async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    try FileManager.default.removeItem(atPath: "\(folder.path)/rig/data/b")
    #expect(try await evaluate(folder).missingGroups == ["b"])
    try FileManager.default.removeItem(atPath: "\(folder.path)/rig")
    let error = await #expect(throws: DatasetError.self) { try await evaluate(folder) }
    #expect(error?.description.contains("https://example.org/rig") == true)
  }

  @Test(arguments: [
    ("time;heat;fault;change\n", "there is no column 'flow'"), ("", "is empty"),
    ("\u{0}\u{1}\u{2}", "there is no column"),
    ("time;flow;heat;fault;change\n2026-03-01 08:00:00;1;\"2;0;0\n", "cell is not closed"),
  ])
  func `a file that cannot be understood stops with its name`(
    text: String,
    words: String
  ) async throws {
    let folder = try TemporaryFolder()
    try writeRig(folder)
    try folder.write(text, to: "rig/data/a/1.csv")
    let error = await #expect(throws: DatasetError.self) { try await evaluate(folder) }
    #expect(error?.description.contains(words) == true)
    #expect(error?.path.hasSuffix("data/a/1.csv") == true)
  }
}

struct WindowedEvaluationTests {
  private func write(_ folder: borrowing TemporaryFolder, windows: String) throws {
    let descriptor = """
      dataset: slow
      title: a slow series
      licence: CC0-1.0
      source: https://example.org/slow
      folder: data
      groups: { oven: {} }
      separator: ","
      time: { column: timestamp, format: "YYYY-MM-DD hh:mm:ss" }
      channels: { value: { unit: Cel } }
      labels: { windows file: labels.json }
      learning: { share: 15 %, at most: 750 }
      """
    try folder.write(descriptor, to: "dataset.yaml")
    var generator = SeededGenerator(seed: 1)
    var text = "timestamp,value\n"
    for row in 0..<1_000 {
      let value = 50 + generator.normal() + ((700..<720).contains(row) ? 40 : 0)
      text += "\(time(row)),\(value)\n"
    }
    try folder.write(text, to: "slow/data/oven/one.csv")
    try folder.write(text, to: "slow/data/oven/two.csv")
    try folder.write(windows, to: "slow/labels.json")
  }

  private func time(_ row: Int) -> String {
    String(format: "2026-03-%02d %02d:%02d:00", 1 + row / 288, row / 12 % 24, row % 12 * 5)
  }

  private func evaluate(_ folder: borrowing TemporaryFolder) async throws -> DatasetReport {
    try await DatasetEvaluation(
      descriptorPath: "\(folder.path)/dataset.yaml",
      dataFolder: "\(folder.path)/slow",
      scoreFolder: "\(folder.path)/scores"
    ).run()
  }

  @Test func `slow series are judged by their records, against windows`() async throws {
    let folder = try TemporaryFolder()
    let windows = "{\"oven/one.csv\": [[\"\(time(690)).000000\", \"\(time(730)).000000\"]]}"
    try write(folder, windows: windows)
    let report = try await evaluate(folder)
    #expect(report.unlabelledFiles == ["oven/two.csv"])
    let all = try #require(report.parts.first)
    #expect(all.files == 1)
    #expect(all.events.detected == 1)
    #expect(all.events.medianDelaySeconds == nil)
    #expect(try #require(all.windows).best.standard > 80)
    #expect(all.rows == nil)
    #expect(report.text.contains("without labels, so without figures: oven/two.csv"))
  }

  @Test func `a window over rows in falling order is an error`() async throws {
    let folder = try TemporaryFolder()
    try write(
      folder,
      windows: "{\"oven/one.csv\": [[\"\(time(690))\", \"\(time(730))\"]]}"
    )
    var lines = try folder.read("slow/data/oven/one.csv").split(separator: "\n")
    // The sampling period is read at the start.
    lines[400...].reverse()
    try folder.write(lines.joined(separator: "\n"), to: "slow/data/oven/one.csv")
    let error = await #expect(throws: DatasetError.self) { try await evaluate(folder) }
    #expect(error?.problem.contains("not in order of time") == true)
  }

  @Test(arguments: [
    "{\"oven/one.csv\": [[\"2026-03-01 00:00:01\", \"2026-03-01 10:00:00\"]]}", "[]",
  ])
  func `labels that do not fit are an error`(windows: String) async throws {
    let folder = try TemporaryFolder()
    try write(folder, windows: windows)
    let error = await #expect(throws: DatasetError.self) { try await evaluate(folder) }
    #expect(error?.path.hasSuffix("labels.json") == true)
  }
}
