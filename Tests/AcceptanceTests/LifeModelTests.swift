import ConditionModel
import Foundation
import ProcessSupport
import Testing

/// A press whose remaining life a trained model tells, from recordings alone.
///
/// The model is `format-1.vigielife`: machines that wear with the cube of their age under two loads and
/// last 50 to 110 hours, watched by temperature, vibration and pressure.
private struct RecordedPress {
  static let model = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appending(path: "PrognosticAssessmentTests/Fixtures/format-1.vigielife").path
  static let site = """
    site: works
    gateway: gw
    machines:
      press:
        kind: machine
        recording: press.csv
        points:
          drive/temperature: { column: t, unit: °C }
          drive/vibration: { column: v, unit: mm/s, quantity: velocity rms }
          oil pressure: { column: p, unit: bar }
          load: { column: load, unit: "%" }
        remaining life:
          model: \(model)
          sensors: { temperature: drive/temperature, vibration: drive/vibration, pressure: oil pressure }
          settings: { load: load }
    """
  static let life = 80

  let folder = TemporaryFolder()

  /// Writes the recording, so many rows an hour; from hour `odd` on the thermometer reads as none that
  /// was learned from.
  init(odd: Int = .max, rowsPerHour: Int = 6) throws {
    var text = "timestamp,t,v,p,load\n"
    for row in 0..<rowsPerHour * (Self.life - 2) {
      let hour = row / rowsPerHour
      let load = hour * 7 % 13 < 6 ? 20.5 : 80.5
      let share = Double(hour + 1) / Double(Self.life)
      let damage = share * share * share
      let noise = Double(hour * 7_919 % 101) / 101 - 0.5
      let temperature = 40 + load / 4 + 8 * damage + 2 * noise + (hour >= odd ? 400 : 0)
      let vibration = 1 + load / 80 + 2 * damage + 0.4 * noise
      let pressure = 6 - load / 100 - 0.5 * damage + 0.2 * noise
      text += "\(Timestamp(seconds: 1_767_571_200 + Int64(row * 3_600 / rowsPerHour))),"
      text += "\(temperature),\(vibration),\(pressure),\(load)\n"
    }
    _ = try folder.write(text, to: "press.csv")
    _ = try folder.write(Self.site, to: "site.yaml")
  }

  /// What `vigie replay` says, and the estimates by hour, P10, P50, P90, empty for none.
  func replay() throws -> (text: String, estimates: [[Double]]) {
    let rul = folder.file("rul.csv")
    let (code, text) = try RunningProgram.run(
      vigieProgram(),
      ["replay", "--config", folder.file("site.yaml"), folder.path, "--rul", rul]
    )
    #expect(code == 0, "\(text)")
    let table = try String(contentsOfFile: rul, encoding: .utf8)
    let estimates = table.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2)
        .compactMap { Double($0) }
    }
    return (text, estimates)
  }
}

/// Presses that ran until they failed, as files of a dataset.
private struct PressFiles {
  let folder = TemporaryFolder()
  let descriptor: String

  init() throws {
    descriptor = try folder.write(
      """
      name: presses
      age unit: h
      horizon: 60
      subsets: [A, B]
      splits:
        - { name: train, file: "train_{subset}.txt", ends: failed }
        - { name: test, file: "test_{subset}.txt", ends: running }
      columns: [{ role: unit }, { role: age }, { role: sensor, name: vibration }]
      """,
      to: "dataset.yaml"
    )
    func rows(of unit: Int, seen: Int = .max) -> String {
      let life = 50 + unit * 37 % 60
      return (1...life).prefix(seen).map { hour in
        let share = Double(hour) / Double(life)
        let noise = Double((unit * 101 + hour) * 7_919 % 101) / 101 - 0.5
        return "\(unit) \(hour) \(1 + 2 * share * share * share + 0.2 * noise)\n"
      }.joined()
    }
    _ = try folder.write((1...22).map { rows(of: $0) }.joined(), to: "train_A.txt")
    _ = try folder.write(rows(of: 30, seen: 40) + "31 1 nan\n31 2 nan\n", to: "test_B.txt")
  }

  func vigie(_ command: String, _ more: String...) throws -> (exitCode: Int32, text: String) {
    try RunningProgram.run(
      vigieProgram(),
      [command, "--dataset", descriptor, "--data", folder.path] + more
    )
  }
}

extension ProcessTests {
  struct LifeModelTests {
    @Test func `training and prediction overwrite nothing that they read, and look first`() throws {
      let files = try PressFiles()
      let lives = files.folder.file("train_A.txt")
      let before = try Data(contentsOf: URL(filePath: lives))
      for path in [lives, files.descriptor] {
        let (code, text) = try files.vigie("train", "--subset", "A", "--model", path)
        #expect(code == 2)
        #expect(text.contains("is read here and would be lost; name another file"))
      }
      #expect(try Data(contentsOf: URL(filePath: lives)) == before)
      let nowhere = try files.vigie("train", "--subset", "A", "--model", "/nowhere/model")
      #expect(nowhere.exitCode == 4)
      #expect(nowhere.text.contains("/nowhere/model cannot be written"))
      let model = files.folder.file("model")
      #expect(try files.vigie("train", "--subset", "A", "--model", model).exitCode == 0)
      let (code, text) = try files.vigie(
        "predict",
        "--subset",
        "B",
        "--model",
        model,
        "--out",
        model
      )
      #expect(code == 2)
      #expect(text.contains("is read here and would be lost"))
    }

    @Test func `a unit without an estimate is named, and the others are written`() throws {
      let files = try PressFiles()
      let model = files.folder.file("model")
      let csv = files.folder.file("out.csv")
      #expect(try files.vigie("train", "--subset", "A", "--model", model).exitCode == 0)
      let (code, text) = try files.vigie("predict", "--subset", "B", "--model", model, "--out", csv)
      #expect(code == 1)
      #expect(text.contains("the model was learned from presses A and these are presses B"))
      #expect(text.contains("unit 31: no estimate, as vibration gives no number"))
      let rows = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\n")
      #expect(rows.count == 2 && rows[1].hasPrefix("B,30,"))
    }

    @Test(arguments: [6, 1])
    func `a site file's model tells how long a recorded machine will last`(
      rowsPerHour: Int
    ) throws {
      let (text, estimates) = try RecordedPress(rowsPerHour: rowsPerHour).replay()
      let last = try #require(estimates.last)
      try #require(last.count == 3, "\(text)")
      #expect(last[0] <= last[1] && last[1] <= last[2])
      #expect(last[1] < 20, "it fails in two hours")
      #expect(estimates[..<12].joined().isEmpty, "nothing is told of a machine just met")
      #expect(text.contains("press: its model told what remains in "))
      #expect(text.contains("press: failure foreseen by its model"))
    }

    @Test func `where the model does not hold it is set aside, and the reason is said`() throws {
      let (text, estimates) = try RecordedPress(odd: 50).replay()
      let told = estimates[..<50].contains { !$0.isEmpty }
      #expect(told, "before, it held")
      // The press has no trend of its own that was learned in two days.
      #expect(estimates.last == [])
      #expect(text.contains("set aside"))
      #expect(text.contains("temperature reads as on no machine learned from"))
    }
  }
}
