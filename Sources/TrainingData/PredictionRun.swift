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

  /// Reads a model file.
  package static func model(at path: String) throws -> LifeModel {
    try LifeModel(decoding: try readFile(path))
  }

  /// Predicts and writes `dataset,unit,rul,lo80,hi80,lo90,hi90`, a row per unit.
  ///
  /// - Parameters:
  ///   - model: The path of the model file.
  ///   - output: The path of the CSV file.
  /// - Returns: The rows, with the reservations that a CSV has no place for.
  /// - Throws: `TrainingDataError` for files, `ModelError` for a model that does not fit.
  package func run(model: String, output: String) throws -> [Row] {
    let model = try Self.model(at: model)
    try model.check(settings: dataset.fleet.settings.map(\.name), sensors: dataset.fleet.sensors)
    let records = try dataset.records(subset: subset, split: split, folder: folder)
    let rows = records.compactMap { Self.predict($0, by: model) }
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
    return rows
  }

  private static func predict(_ record: LifeRecord, by model: LifeModel) -> Row? {
    var predictor = LifePredictor(model)
    var skipped = 0
    for row in 0..<record.rowCount {
      let reason = predictor.observe(
        age: record.ages[row],
        settings: record.settings(at: row),
        sensors: record.sensors(at: row)
      )
      if reason != nil { skipped += 1 }
    }
    guard let estimate = predictor.estimate() else { return nil }
    return Row(unit: record.unit, estimate: estimate, skippedRowCount: skipped)
  }
}
