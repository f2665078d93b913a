import CZlib
import Foundation
import Testing

@testable import PrognosticAssessment
@testable import TrainingData

struct TrainingDataTests {
  private static let descriptor = """
    name: synthetic
    age unit: h
    horizon: 60
    subsets: [A, B]
    splits:
      - { name: train, file: "train_{subset}.txt", ends: failed }
      - { name: test, file: "test_{subset}.txt", ends: running }
    columns:
      - { role: unit }
      - { role: age }
      - { role: setting, name: load, tolerance: 5 }
      - { role: sensor, name: temperature, unit: Cel }
      - { role: ignored }
      - { role: sensor, name: vibration }
    """

  private func dataset() throws -> LifeDataset {
    try LifeDataset(parsing: Self.descriptor, file: "dataset.yaml")
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  private func text(_ lives: [LifeRecord]) -> String {
    var text = ""
    for life in lives {
      for row in 0..<life.rowCount {
        let sensors = Array(life.sensors(at: row))
        text += "\(life.unit) \(Int(life.ages[row])) \(life.settings[row]) "
        text += "\(sensors[0]) 0 \(sensors[1])  \n"
      }
    }
    return text
  }

  @Test func `the descriptor of C-MAPSS names 26 columns of 4 subsets`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let dataset = try LifeDataset(at: root.appending(path: "datasets/cmapss").path)
    #expect(dataset.columns.count == 26)
    #expect(dataset.fleet.sensors.count == 21)
    #expect(dataset.fleet.settings.map(\.tolerance) == [2, 0.05, 5])
    #expect(dataset.subsets == ["FD001", "FD002", "FD003", "FD004"])
  }

  @Test(arguments: [
    ("horizon: 60", "horizon: soon", "1: `horizon` must be a number above zero, not soon"),
    ("ends: running", "ends: maybe", "7: a split ends failed or running, not maybe"),
    ("role: ignored", "role: colour", "13: role colour is not known"),
    (", tolerance: 5", "", "11: `tolerance` is missing"),
    ("role: age", "role: ignored", " name one unit column and one age column"),
    ("age unit: h", "", "1: `age unit` is missing"),
  ])
  func `a wrong descriptor is refused with its line`(
    right: String,
    wrong: String,
    message: String
  ) throws {
    let text = Self.descriptor.replacing(right, with: wrong)
    let error = #expect(throws: TrainingDataError.self) {
      try LifeDataset(parsing: text, file: "dataset.yaml")
    }
    let description = try #require(error?.description)
    #expect(description.hasPrefix("dataset.yaml:\(message)"), "\(description)")
  }

  @Test(arguments: [
    ("1 1 20 50 0 1\n1 2 20 50 0\n", "2: 5 columns where the descriptor names 6"),
    ("1 1 20 50 0 1\n1 1 20 50 0 1\n", "2: the age of unit 1 goes from 1.0 to 1.0; it must rise"),
    ("1 1 20 50 0 1\n2 1 20 50 0 1\n1 2 20 50 0 1\n", "3: unit 1 was already complete"),
    ("nan 1 20 50 0 1\n", "1: the unit nan is no whole number; number the machines"),
    ("1.5 1 20 50 0 1\n", "1: the unit 1.5 is no whole number; number the machines"),
    (
      "1 16777216 20 50 0 1\n1 16777217 20 50 0 1\n",
      "2: the ages 16777216.0 and 16777217.0 of unit 1 are too large to be told apart"
    ),
    ("1 NA 20 50 0 1\n", "1: the age is no number; each row needs one"),
    (
      "1 1 20 warm 0 1\n",
      "1: column 4 holds 'warm', which is no number; mend it, or write nan for a missing value"
    ),
    ("\n\n", " holds no row"),
  ])
  func `a broken data file is refused with its line`(text: String, message: String) throws {
    try inFolder { folder in
      try write(text, to: "\(folder)/train_A.txt")
      let dataset = try dataset()
      let error = #expect(throws: TrainingDataError.self) {
        try dataset.records(subset: "A", split: "train", folder: folder)
      }
      let description = try #require(error?.description)
      #expect(description.hasPrefix("\(folder)/train_A.txt:\(message)"), "\(description)")
    }
  }

  @Test func `units keep all their digits`() throws {
    try inFolder { folder in
      let units = ["16777216", "16777217", "9007199254740993", "3.0000000e+00"]
      let rows = units.map { "\($0) 1 20 50 0 1\n" }
      try write(rows.joined(), to: "\(folder)/test_A.txt")
      let records = try dataset().records(subset: "A", split: "test", folder: folder)
      #expect(records.map(\.unit) == [16_777_216, 16_777_217, 9_007_199_254_740_993, 3])
    }
  }

  @Test func `a value that is no number is missing, not zero`() throws {
    try inFolder { folder in
      try write("1 1 20 nan 0 1\r\n1\t2 20 50 0 -\n", to: "\(folder)/test_A.txt")
      let records = try dataset().records(subset: "A", split: "test", folder: folder)
      #expect(records.count == 1)
      #expect(records[0].ending == .stillRunning)
      #expect(records[0].sensors[0].isNaN && records[0].sensors[1] == 1)
      #expect(records[0].sensors[2] == 50 && records[0].sensors[3].isNaN)
    }
  }

  @Test func `a compressed file reads as the plain one, and half of it is refused`() throws {
    try inFolder { folder in
      let text = text(SyntheticFleet.lives(3, seed: 1))
      try write(text, to: "\(folder)/train_A.txt")
      let archive = "\(folder)/train_B.txt.gz"
      let file = try #require(gzopen(archive, "wb"))
      _ = text.withCString { gzwrite(file, $0, UInt32(text.utf8.count)) }
      gzclose(file)
      let dataset = try dataset()
      let plain = try dataset.records(subset: "A", split: "train", folder: folder)
      #expect(try dataset.records(subset: "B", split: "train", folder: folder) == plain)

      let bytes = try Data(contentsOf: URL(filePath: archive))
      try bytes.prefix(bytes.count / 2).write(to: URL(filePath: archive))
      #expect(throws: TrainingDataError.self) {
        try dataset.records(subset: "B", split: "train", folder: folder)
      }
    }
  }

  @Test func `what is not there is named`() throws {
    let dataset = try dataset()
    #expect(throws: TrainingDataError.unknownSubset("C", known: ["A", "B"])) {
      try dataset.records(subset: "C", split: "train", folder: "/nowhere")
    }
    let error = #expect(throws: TrainingDataError.self) {
      try dataset.records(subset: "A", split: "train", folder: "/nowhere")
    }
    #expect(
      error?.description
        == "/nowhere/train_A.txt: cannot be read (No such file or directory); "
        + "check the folder and the name"
    )
  }

  @Test func `train writes a model and predict a row per unit`() throws {
    try inFolder { folder in
      let lives = SyntheticFleet.lives(20, seed: 1)
      let cut = SyntheticFleet.lives(4, seed: 2).map { SyntheticFleet.beginning(of: $0, rows: 40) }
      try write(text(lives), to: "\(folder)/train_A.txt")
      try write(text(cut), to: "\(folder)/test_A.txt")
      var training = TrainingRun(dataset: try dataset(), folder: folder, subset: "A")
      training.training.boosting.treeCount = 20
      var steps: [Int] = []
      let report = try training.run(output: "\(folder)/model") { steps.append($0.step) }
      #expect(steps == [1, 2, 3, 4, 5, 6])
      training.mostBytes = report.byteCount - 1
      let tooLarge = TrainingRefusal.tooLarge(
        byteCount: report.byteCount,
        limit: report.byteCount - 1
      )
      #expect(throws: tooLarge) { try training.run(output: "\(folder)/large") }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/large"))
      #expect(report.text.contains("synthetic A: 20 failures, 0 still running"))
      #expect(
        report.text.contains(
          "Reads load, temperature (Cel), vibration; age is used; truth is capped at 60 h"
        )
      )

      let run = PredictionRun(
        dataset: try dataset(),
        folder: folder,
        subset: "A",
        split: "test"
      )
      let told = try run.run(model: "\(folder)/model", output: "\(folder)/out.csv")
      let csv = try String(contentsOf: URL(filePath: "\(folder)/out.csv"), encoding: .utf8)
      let lines = csv.split(separator: "\n")
      #expect(lines.first == "dataset,unit,rul,lo80,hi80,lo90,hi90")
      #expect(lines.dropFirst().map { $0.split(separator: ",")[1] } == ["1", "2", "3", "4"])
      #expect(told.rows.allSatisfy { $0.skippedRowCount == 0 })
      #expect(told.mute.isEmpty && told.remarks.isEmpty)

      try Data("no model".utf8).write(to: URL(filePath: "\(folder)/model"))
      #expect(throws: ModelError.notAModel) {
        try run.run(model: "\(folder)/model", output: "\(folder)/out.csv")
      }
    }
  }

  @Test func `predict names each unit without an estimate, each doubt and the wrong subset`() throws
  {
    try inFolder { folder in
      try write(text(SyntheticFleet.lives(20, seed: 1)), to: "\(folder)/train_A.txt")
      let lives = SyntheticFleet.lives(3, seed: 2)
      let cut = [
        SyntheticFleet.beginning(of: lives[0], rows: 40),
        SyntheticFleet.beginning(of: lives[1], rows: 10),
        SyntheticFleet.changed(lives[2]) { $0[1] = .nan },
      ]
      try write(text(cut), to: "\(folder)/test_B.txt")
      var training = TrainingRun(dataset: try dataset(), folder: folder, subset: "A")
      training.training.boosting.treeCount = 20
      _ = try training.run(output: "\(folder)/model")
      let run = PredictionRun(dataset: try dataset(), folder: folder, subset: "B", split: "test")
      let report = try run.run(model: "\(folder)/model", output: "\(folder)/out.csv")
      let csv = try String(contentsOf: URL(filePath: "\(folder)/out.csv"), encoding: .utf8)
      #expect(csv.split(separator: "\n").count == 3, "the others are written")
      #expect(report.mute == [PredictionRun.Mute(unit: 3, reason: "vibration gives no number")])
      #expect(
        report.remarks == [
          "the model was learned from synthetic A and these are synthetic B: its error and "
            + "intervals hold for machines like those that it was learned from",
          "unit 2: in doubt, as only 10 of the 25 rows that show how the machine was when new",
          "unit 3: no estimate, as vibration gives no number",
        ]
      )
    }
  }

  @Test func `machines that still run are given in a file of their own`() throws {
    let split = "  - { name: train, file: \"running_{subset}.txt\", ends: running }\n"
    let both = Self.descriptor.replacing("columns:", with: split + "columns:")
    try inFolder { folder in
      let lives = SyntheticFleet.lives(26, seed: 1)
      try write(text(Array(lives[..<22])), to: "\(folder)/train_A.txt")
      let running = lives[22...].map { SyntheticFleet.beginning(of: $0, rows: 45) }
      try write(text(running), to: "\(folder)/running_A.txt")
      let dataset = try LifeDataset(parsing: both, file: "dataset.yaml")
      let files = try dataset.files(subset: "A", split: "train", folder: folder)
      #expect(files == ["\(folder)/train_A.txt", "\(folder)/running_A.txt"])
      let records = try dataset.records(subset: "A", split: "train", folder: folder)
      #expect(records.count { $0.ending == .failed } == 22)
      #expect(records.count { $0.ending == .stillRunning } == 4)
      try write(text([lives[3]]), to: "\(folder)/running_A.txt")
      let error = #expect(throws: TrainingDataError.self) {
        try dataset.records(subset: "A", split: "train", folder: folder)
      }
      #expect("\(try #require(error))".contains("unit 4 is in \(folder)/train_A.txt and in"))
    }
  }

  @Test func `two sensors of one name are refused`() {
    let text = Self.descriptor.replacing("name: vibration", with: "name: temperature")
    #expect(
      throws: TrainingDataError.descriptor(
        file: "dataset.yaml",
        problem: "two columns are named temperature; name them apart"
      )
    ) { try LifeDataset(parsing: text, file: "dataset.yaml") }
  }

  @Test func `what a training could not use is reported, and not on its card`() throws {
    try inFolder { folder in
      let lives = SyntheticFleet.lives(22, seed: 1).map { life in
        life.unit <= 20 ? life : SyntheticFleet.changed(life) { $0[1] = .nan }
      }
      try write(text(lives), to: "\(folder)/train_A.txt")
      var training = TrainingRun(dataset: try dataset(), folder: folder, subset: "A")
      training.training.boosting.treeCount = 20
      let report = try training.run(output: "\(folder)/model")
      let unread = lives[20].rowCount + lives[21].rowCount
      #expect(report.text.contains("synthetic A: 20 failures, 0 still running"))
      #expect(
        report.text.contains(
          "\(unread) rows lack a value and were left out, all those of units 21 22"
        )
      )
    }
  }

  @Test(arguments: [(Float(0), 2, "0.00"), (-1.005, 1, "-1.0"), (12.346, 2, "12.35"), (7, 0, "7")])
  func `numbers are written the same in every language`(
    value: Float,
    places: Int,
    expected: String
  ) {
    #expect(decimal(value, places) == expected)
  }
}
