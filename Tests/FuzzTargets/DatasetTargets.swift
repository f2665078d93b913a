import CZlib
import DatasetReplay
import Foundation
import PrognosticAssessment
import SimulatedWorld
import TrainingData

extension FuzzTarget {
  /// Lives of machines to learn from: descriptors, tables in text, and archives of them.
  static let lives = FuzzTarget(
    name: "lives",
    seeds: {
      let text = "1 1 20.5 nan 3 x\n1 2 20 1e3 4 5\n\n2 1\t-0 -2.5 NA ?\r\n2 4 0 0 0 0\n"
        .replacing("x", with: "7")
      return [
        [0] + (try repositoryBytes("datasets/cmapss/dataset.yaml")), [0] + Array(small.utf8),
        [1] + Array(text.utf8), [2] + (try archive(Array(text.utf8))),
      ]
    },
    words: [
      "role: ", "unit", "age", "setting", "sensor", "ignored", "tolerance: ", "horizon: ",
      "{subset}", "ends: failed", "columns:", "splits:", "{ ", " }", "[", "]", "&a ", "*a", "nan",
      "inf", "1e38", "1e39", "0x1p3", "-", "?", "\n", " ", "\t", "\r\n", "16777217", "1e19",
    ],
    attempt: { bytes in
      let rest = Array(bytes.dropFirst())
      switch (bytes.first ?? 0) % 3 {
      case 0: try examineDescriptor(String(decoding: rest, as: UTF8.self))
      case 1: try examineLives(rest)
      default:
        try withFiles(["train_A.txt.gz": rest]) { folder in _ = try readLives(in: folder) }
      }
    }
  )

  /// Windows that somebody labelled in the files of a dataset, up to the report.
  static let windows = FuzzTarget(
    name: "windows",
    seeds: {
      [
        #"{"data/a.csv": [["2026-10-14 00:02:00", "2026-10-14 00:05:00"]]}"#,
        #"{"data/a.csv": [], "data/b.csv": [["2026-10-14 00:00:00.0", "2026-10-14 00:19:00"]]}"#,
        "{a.csv: [[2026-10-14 00:02:00, 2026-10-14 00:02:00], [2026-10-14 00:04:00, "
          + "2026-10-14 00:09:00]]}\n",
      ].map { Array($0.utf8) }
    },
    words: [
      "{", "}", "[", "]", ",", ":", "\"", "data/a.csv", "a.csv", "2026-10-14 00:03:00",
      "2026-10-14 00:19:00", "9999-12-31 23:59:59", "null", "&a ", "*a", "<<", "? ", "- ", "\n",
    ],
    attempt: { bytes in
      let rows = (0..<20).map { "2026-10-14 00:\($0 < 10 ? "0" : "")\($0):00,\($0 * $0 % 7)\n" }
      let files = [
        "dataset.yaml": Array(series.utf8), "labels.json": bytes,
        "a.csv": Array(("timestamp,value\n" + rows.joined()).utf8),
      ]
      try withFiles(files) { folder in
        try thread.run {
          let evaluation = try DatasetEvaluation(
            descriptorPath: "\(folder)/dataset.yaml",
            dataFolder: folder,
            scoreFolder: "\(folder)/scores"
          )
          do {
            let report = try await evaluation.run()
            try expect(report.rows == 20, "\(report.rows) rows")
          } catch let error as DatasetError {
            try expect(error.path == "\(folder)/labels.json", "an error of another file: \(error)")
          }
        }
      }
    }
  )
}

private let thread = SimulationThread()

/// A dataset of lives with a column of each kind.
private let small = """
  name: small
  age unit: h
  horizon: 100
  subsets: [A]
  splits:
    - { name: train, file: "train_{subset}.txt", ends: failed }
  columns:
    - { role: unit }
    - { role: age }
    - { role: setting, name: load, unit: kW, tolerance: 2 }
    - { role: sensor, name: p, unit: bar }
    - { role: sensor, name: T, unit: K }
    - { role: ignored }

  """

private let series = """
  dataset: small
  title: a small series
  licence: none
  source: nowhere
  groups: { ".": {} }
  tuned on: ["."]
  separator: ","
  time: { column: timestamp, format: "YYYY-MM-DD hh:mm:ss" }
  channels: { value: { unit: "1" } }
  labels: { windows file: labels.json }
  learning: { share: 15 %, at most: 750 }

  """

private func examineDescriptor(_ text: String) throws {
  let dataset: LifeDataset
  do throws(TrainingDataError) {
    dataset = try LifeDataset(parsing: text, file: "d.yaml")
  } catch {
    try expect("\(error)".contains("d.yaml"), "an error without place: \(error)")
    return
  }
  try expect(!dataset.fleet.sensors.isEmpty, "a dataset without sensors")
  let places = dataset.columns.compactMap { if case .sensor(let place) = $0 { place } else { nil } }
  try expect(places == Array(dataset.fleet.sensors.indices), "sensors at \(places)")
}

/// Lives are the same from an archive, and once written and read again.
private func examineLives(_ text: [UInt8]) throws {
  let found = try withFiles(["train_A.txt": text]) { try readLives(in: $0) }
  // What is an archive already is expanded once, packed or not.
  guard !text.starts(with: [0x1F, 0x8B]) else { return }
  let packed = try withFiles(["train_A.txt.gz": archive(text)]) { try readLives(in: $0) }
  try expect("\(packed ?? [])" == "\(found ?? [])", "\(found ?? []), and packed \(packed ?? [])")
  guard let found else { return }
  var copy = ""
  for life in found {
    try expect(zip(life.ages, life.ages.dropFirst()).allSatisfy(<), "ages do not rise: \(life)")
    for row in 0..<life.rowCount {
      let numbers = life.settings(at: row) + life.sensors(at: row)
      copy += "\(life.unit) \(life.ages[row]) " + numbers.map { "\($0) " }.joined() + "0\n"
    }
  }
  // As text: what is missing is not equal to itself.
  let again = try withFiles(["train_A.txt": Array(copy.utf8)]) { try readLives(in: $0) } ?? []
  try expect("\(again)" == "\(found)", "\(found) came back as \(again)")
}

/// - Returns: `nil` for files that are refused.
private func readLives(in folder: String) throws -> [LifeRecord]? {
  let dataset = try LifeDataset(parsing: small, file: "d.yaml")
  do {
    let lives = try dataset.records(subset: "A", split: "train", folder: folder)
    try expect(!lives.isEmpty && lives.allSatisfy { $0.rowCount > 0 }, "a life without a row")
    return lives
  } catch let error as TrainingDataError {
    try expect("\(error)".contains(folder), "an error without place: \(error)")
    return nil
  }
}

private func withFiles<Value>(
  _ files: [String: [UInt8]],
  _ work: (String) throws -> Value
) throws -> Value {
  let folder = "\(FileManager.default.temporaryDirectory.path)/vigie-fuzz-\(getpid()).files"
  try? FileManager.default.removeItem(atPath: folder)
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for (name, bytes) in files {
    try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
  }
  return try work(folder)
}

/// The same compressed with gzip.
private func archive(_ bytes: [UInt8]) throws -> [UInt8] {
  try withFiles([:]) { folder in
    let path = "\(folder)/archive.gz"
    guard let file = gzopen(path, "wb") else { throw BrokenLaw("\(path) cannot be written") }
    _ = bytes.withUnsafeBytes { gzwrite(file, $0.baseAddress, UInt32($0.count)) }
    gzclose(file)
    return [UInt8](try Data(contentsOf: URL(filePath: path)))
  }
}
