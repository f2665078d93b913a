import ConditionModel
package import PrognosticAssessment

/// What `vigie predict` does: reads a model and lives, writes an estimate for each after its last
/// row.
package struct PredictionRun: Sendable {
  package var dataset: LifeDataset
  package var folder: String
  package var subset: String
  package var split: String

  package init(dataset: LifeDataset, folder: String, subset: String, split: String) {
    self.dataset = dataset
    self.folder = folder
    self.subset = subset
    self.split = split
  }

  /// One unit's estimate.
  package struct Row: Sendable {
    package var unit: Int
    package var estimate: LifeEstimate
    package var skippedRowCount: Int
  }

  /// A unit none of whose rows the model could take.
  package struct Mute: Hashable, Sendable {
    package var unit: Int
    /// Why the last of them was left out.
    package var reason: String
  }

  /// What a prediction gave.
  package struct Report: Sendable {
    /// The rows of the CSV.
    package var rows: [Row]
    /// Units that have no row there.
    package var mute: [Mute]
    /// Why the model may not fit at all: it was learned from other machines.
    package var remark: String?

    /// What a CSV has no place for, a sentence each, in order of the units.
    package var remarks: [String] {
      var remarks = mute.map { (unit: $0.unit, text: "no estimate, as \($0.reason)") }
      for row in rows {
        if row.skippedRowCount > 0 {
          remarks.append((row.unit, "\(row.skippedRowCount) rows could not be used"))
        }
        remarks += row.estimate.doubts.map { (row.unit, "in doubt, as \($0)") }
      }
      return [remark].compactMap(\.self)
        + remarks.sorted { $0.unit < $1.unit }.map { "unit \($0.unit): \($0.text)" }
    }
  }

  /// Reads a model file.
  package static func model(at path: String) throws -> LifeModel {
    try LifeModel(decoding: try readFile(path))
  }

  /// Predicts and writes `dataset,unit,rul,lo80,hi80,lo90,hi90`, a row per unit that has an estimate.
  ///
  /// - Parameters:
  ///   - model: The path of the model file.
  ///   - output: The path of the CSV file.
  /// - Returns: The rows, with the reservations that a CSV has no place for, and who has none.
  /// - Throws: `TrainingDataError` for files, `ModelError` for a model that does not fit.
  package func run(model: String, output: String) throws -> Report {
    let model = try Self.model(at: model)
    try model.check(settings: dataset.fleet.settings.map(\.name), sensors: dataset.fleet.sensors)
    let records = try dataset.records(subset: subset, split: split, folder: folder)
    var rows: [Row] = []
    var mute: [Mute] = []
    for record in records {
      let (row, reason) = Self.predict(record, by: model)
      if let row {
        rows.append(row)
      } else {
        mute.append(Mute(unit: record.unit, reason: reason?.description ?? "it has no row"))
      }
    }
    var csv = "dataset,unit,rul,lo80,hi80,lo90,hi90\n"
    for row in rows {
      let estimate = row.estimate
      let values = [
        estimate.remaining, estimate.range80.lowerBound, estimate.range80.upperBound,
        estimate.range90.lowerBound, estimate.range90.upperBound,
      ]
      csv += "\(subset),\(row.unit)"
      for value in values { csv += ",\(decimal(value, 2))" }
      csv += "\n"
    }
    try writeFile(output, Array(csv.utf8))
    return Report(rows: rows, mute: mute, remark: otherMachines(model))
  }

  /// Says so if the model was learned from other machines than these.
  private func otherMachines(_ model: LifeModel) -> String? {
    let learned = "\(model.fleet.name) \(model.card.subset)"
    let these = "\(dataset.fleet.name) \(subset)"
    guard learned != these else { return nil }
    return "the model was learned from \(learned) and these are \(these): its error and intervals "
      + "hold for machines like those that it was learned from"
  }

  /// The estimate after the last row, or why each was left out.
  private static func predict(_ record: LifeRecord, by model: LifeModel) -> (Row?, ModelDoubt?) {
    var predictor = LifePredictor(model)
    var skipped = 0
    var reason: ModelDoubt?
    for row in 0..<record.rowCount {
      let doubt = predictor.observe(
        age: record.ages[row],
        settings: record.settings(at: row),
        sensors: record.sensors(at: row)
      )
      guard let doubt else { continue }
      skipped += 1
      reason = doubt
    }
    guard let estimate = predictor.estimate() else { return (nil, reason) }
    return (Row(unit: record.unit, estimate: estimate, skippedRowCount: skipped), nil)
  }
}
