import PrognosticAssessment

/// Reads lives from text: a row per line, columns between white space, rows of a unit together.
struct LifeTextParser {
  let dataset: LifeDataset
  let ending: LifeRecord.Ending
  let file: String

  func parse(_ bytes: [UInt8]) throws(TrainingDataError) -> [LifeRecord] {
    let fleet = dataset.fleet
    var records: [LifeRecord] = []
    var finished: Set<Int> = []
    var current: LifeRecord?
    var exactAge = 0.0
    var line = 0
    for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      line += 1
      let values = try numbers(in: text, line: line)
      if values.isEmpty { continue }
      var row = Row(settings: fleet.settings.count, sensors: fleet.sensors.count)
      for (column, value) in zip(dataset.columns, values) { row.set(column, value) }
      guard let unit = row.unit else {
        throw problem(line, "the unit \(row.unitText) is no whole number; number the machines")
      }
      guard row.age.isFinite else {
        throw problem(line, "the age is no number; each row needs one")
      }
      if current?.unit != unit {
        if let current {
          records.append(current)
          finished.insert(current.unit)
        }
        guard !finished.contains(unit) else {
          throw problem(line, "unit \(unit) was already complete; keep its rows together")
        }
        current = LifeRecord(
          unit: unit,
          ending: ending,
          settingCount: fleet.settings.count,
          sensorCount: fleet.sensors.count
        )
      }
      if let last = current?.ages.last, row.age <= last {
        // A life holds its ages with seven digits.
        guard row.exactAge <= exactAge else {
          throw problem(
            line,
            "the ages \(exactAge) and \(row.exactAge) of unit \(unit) are too large to be told apart; "
              + "count them from the start of its life, or in a larger unit"
          )
        }
        throw problem(line, "the age of unit \(unit) goes from \(last) to \(row.age); it must rise")
      }
      exactAge = row.exactAge
      current?.append(age: row.age, settings: row.settings, sensors: row.sensors)
    }
    guard let current else { throw .empty(file: file) }
    return records + [current]
  }

  private func problem(_ line: Int, _ problem: String) -> TrainingDataError {
    .line(file: file, line: line, problem: problem)
  }

  /// How a missing value may be written, in small letters.
  private static let missing: Set<String> = ["nan", "na", "null", "-", "?"]

  /// The values of a line; one that is missing is no number.
  private func numbers(
    in text: ArraySlice<UInt8>,
    line: Int
  ) throws(TrainingDataError) -> [Value] {
    let words = text.split { $0 == UInt8(ascii: " ") || $0 == 9 || $0 == 13 }
    guard words.isEmpty || words.count == dataset.columns.count else {
      throw problem(
        line,
        "\(words.count) columns where the descriptor names \(dataset.columns.count); "
          + "name each column in `columns`, or mend the row"
      )
    }
    var values: [Value] = []
    for (column, word) in words.enumerated() {
      let text = String(decoding: word, as: UTF8.self)
      let value = Float(text)
      guard value != nil || Self.missing.contains(text.lowercased()) else {
        throw problem(
          line,
          "column \(column + 1) holds '\(text)', which is no number; "
            + "mend it, or write nan for a missing value"
        )
      }
      values.append(Value(text: text, number: value ?? .nan))
    }
    return values
  }
}

/// A value as it is written, and as a number.
private struct Value {
  var text: String
  var number: Float
}

private struct Row {
  /// Exact, since a number of few digits would make two machines one.
  var unit: Int?
  var unitText = ""
  var age = Float.nan
  var exactAge = Double.nan
  var settings: [Float]
  var sensors: [Float]

  init(settings: Int, sensors: Int) {
    self.settings = Array(repeating: .nan, count: settings)
    self.sensors = Array(repeating: .nan, count: sensors)
  }

  mutating func set(_ column: LifeDataset.Column, _ value: Value) {
    switch column {
    case .unit:
      unitText = value.text
      unit = Int(value.text) ?? Double(value.text).flatMap { Int(exactly: $0) }
    case .age:
      age = value.number
      exactAge = Double(value.text) ?? .nan
    case .setting(let place): settings[place] = value.number
    case .sensor(let place): sensors[place] = value.number
    case .ignored: break
    }
  }
}
