import ConditionModel
import Foundation
import Testing

@testable import DatasetReplay

struct DescriptorTests {
  static let valid = """
    dataset: rig
    title: a rig
    licence: CC0-1.0
    source: https://example.org/rig
    folder: data
    groups:
      a: { telling channel: flow }
      b: {}
      calm: { faults: none }
    tuned on: [a]
    separator: ";"
    time: { column: time, format: "YYYY-MM-DD hh:mm:ss" }
    period: 1 s
    channels:
      flow: { unit: L/min, quantity: flow }
      heat: { unit: Cel }
    labels: { fault: fault, change: change, change window: 60 s }
    learning: { rows: 400 }
    """

  @Test func `a descriptor says what the data is`() throws {
    let descriptor = try DatasetDescriptor(yaml: Self.valid, path: "dataset.yaml")
    #expect(descriptor.name == "rig")
    #expect(descriptor.groups.map(\.name) == ["a", "b", "calm"])
    #expect(descriptor.groups.map(\.hasFaults) == [true, true, false])
    #expect(descriptor.groups.map(\.tellingChannel) == ["flow", nil, nil])
    #expect(descriptor.channels.map(\.name) == ["flow", "heat"])
    #expect(descriptor.channels.map(\.unit) == ["L/min", "Cel"])
    #expect(descriptor.periodSeconds == 1)
    #expect(descriptor.learning == .rows(400))
    #expect(descriptor.labels == .columns(fault: "fault", change: "change", windowSeconds: 60))
  }

  @Test(arguments: ["skab", "nab", "folder"])
  func `the descriptors of the repository are valid`(name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.appending(path: "datasets/\(name)/dataset.yaml").path()
    let yaml = try String(contentsOfFile: path, encoding: .utf8)
    #expect(try DatasetDescriptor(yaml: yaml, path: path).name == name)
  }

  @Test func `a dataset of lives is sent to the command that reads it`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.appending(path: "datasets/cmapss/dataset.yaml").path()
    let yaml = try String(contentsOfFile: path, encoding: .utf8)
    let error = #expect(throws: DatasetError.self) {
      try DatasetDescriptor(yaml: yaml, path: path)
    }
    #expect(error?.problem.contains("vigie train") == true)
  }

  @Test func `a plain folder of files with ISO times is replayed file by file`() async throws {
    let folder = try TemporaryFolder()
    let yaml = """
      dataset: folder
      title: a folder
      licence: own
      source: own
      groups: { .: {} }
      separator: ","
      time: { column: timestamp, format: ISO 8601 }
      channels: { t: { unit: Cel } }
      learning: { share: 50 %, at most: 400 }
      """
    let descriptor = try folder.write(yaml, to: "dataset.yaml")
    for name in ["a.csv", "b.csv"] {
      try folder.write(RecordedPlant.table(rows: 900, columns: 1, hot: 700..<900), to: name)
    }
    let evaluation = try DatasetEvaluation(
      descriptorPath: descriptor,
      dataFolder: folder.path,
      scoreFolder: folder.path + "/scores"
    )
    let (report, page) = try await evaluation.runWithPage(in: .french)
    #expect(report.rows == 1_800)
    #expect(report.problems.isEmpty)
    #expect(report.parts.isEmpty)
    #expect(report.normal?.files == 2)
    // The heat of the last rows is an alarm in both.
    #expect(report.normal?.events.falseAlarms == 2)
    let charts = page.ranges(of: "<svg").count
    #expect(charts == 4)
    #expect(try folder.read("scores/a.csv").split(separator: "\n").count == 901)
  }

  @Test func `the learning part is a count, or a share with an end`() throws {
    let yaml = Self.valid.replacing("{ rows: 400 }", with: "{ share: 15 %, at most: 750 }")
    let learning = try DatasetDescriptor(yaml: yaml, path: "").learning
    #expect(learning.rows(of: 1_882) == 282)
    #expect(learning.rows(of: 22_695) == 750)
    #expect(DatasetDescriptor.Learning.rows(400).rows(of: 100) == 100)
  }

  @Test(
    arguments: [
      ("title: a rig\n", "", nil, "'title' is missing"),
      ("title: a rig", "tilte: a rig", 2, "'tilte' is not known here"),
      ("YYYY-MM-DD hh:mm:ss", "hh:mm:ss", 12, "time format"),
      ("period: 1 s", "period: 1", 1, "a time such as"),
      ("separator: \";\"", "separator: tab", 1, "one character"),
      ("rows: 400", "rows: some", 18, "above 0"),
      ("{ rows: 400 }", "{ share: 15, at most: 750 }", 18, "share"),
      ("faults: none", "faults: some", 9, "'none'"),
      ("change window: 60 s", "change: x", nil, "change"),
      ("groups:", "groups: [a]\nother:", nil, "'other'"),
      ("dataset: rig", "dataset: [rig", nil, "not YAML"),
    ] as [(String, String, Int?, String)]
  )
  func `a mistake is named with its line`(
    find: String,
    replacement: String,
    line: Int?,
    words: String
  ) throws {
    let yaml = Self.valid.replacing(find, with: replacement, maxReplacements: 1)
    let error = try #require(
      #expect(throws: DatasetError.self) { try DatasetDescriptor(yaml: yaml, path: "dataset.yaml") }
    )
    #expect(error.problem.contains(words), "\(error)")
    if let line { #expect(error.line == line, "\(error)") }
  }
}
