import Glibc
package import PrognosticAssessment

/// What `vigie train` does: reads lives, learns, writes the model and tells how good it is.
package struct TrainingRun: Sendable {
  package var dataset: LifeDataset
  package var folder: String
  package var subset: String
  package var training: LifeTraining
  /// A model must fit beside others on a small gateway.
  var mostBytes = 300_000

  package init(
    dataset: LifeDataset,
    folder: String,
    subset: String,
    training: LifeTraining = LifeTraining()
  ) {
    self.dataset = dataset
    self.folder = folder
    self.subset = subset
    self.training = training
  }

  /// Trains and writes the model file.
  ///
  /// - Parameters:
  ///   - output: The path of the model file.
  ///   - progress: Called after each of the steps, for a display.
  /// - Returns: What was learned, as `text` or as numbers.
  /// - Throws: `TrainingDataError` for files, `TrainingRefusal` for lives that make no model.
  package func run(
    output: String,
    progress: (LifeTraining.Progress) -> Void = { _ in }
  ) throws -> TrainingReport {
    let start = processorSeconds()
    let records = try dataset.records(subset: subset, split: "train", folder: folder)
    let (model, validation) = try training.run(
      records,
      fleet: dataset.fleet,
      subset: subset,
      progress: progress
    )
    let bytes = model.encoded()
    guard bytes.count <= mostBytes else {
      throw TrainingRefusal.tooLarge(byteCount: bytes.count, limit: mostBytes)
    }
    do throws(ModelError) {
      _ = try LifeModel(decoding: bytes)
    } catch {
      // Better no file than one that nobody can load.
      throw TrainingRefusal.noSoundModel(reason: error.problem)
    }
    try writeFile(output, bytes)
    return TrainingReport(
      model: model,
      unread: TrainingReport.Unread(records, by: model),
      asymmetricScore: validation.asymmetricScore,
      byteCount: bytes.count,
      processorSeconds: processorSeconds() - start
    )
  }
}

extension CrossValidation {
  /// The mean of the PHM 2008 score per cut: late predictions cost more than early ones.
  ///
  /// - SeeAlso: Saxena, Goebel, Simon, Eklund, "Damage propagation modeling for aircraft engine
  ///   run-to-failure simulation", PHM 2008. doi:10.1109/PHM.2008.4711414
  package var asymmetricScore: Double {
    let sum = outcomes.reduce(0.0) { sum, outcome in
      let late = Double(outcome.predicted - outcome.actual)
      return sum + exp(late >= 0 ? late / 10 : -late / 13) - 1
    }
    return sum / Double(max(outcomes.count, 1))
  }
}

/// What a training gave.
package struct TrainingReport: Sendable {
  /// What of the lives could not be used: something that the model looks at gave no number.
  package struct Unread: Hashable, Sendable {
    /// Of all machines together.
    package var rowCount = 0
    /// The machines none of whose rows could be used.
    package var units: [Int] = []

    init(_ records: [LifeRecord], by model: LifeModel) {
      for record in records {
        let count = model.readableRowCount(of: record)
        rowCount += record.rowCount - count
        if count == 0 { units.append(record.unit) }
      }
    }

    /// A sentence; `nil` where all was used.
    var text: String? {
      guard rowCount > 0 else { return nil }
      let list = units.map { "\($0)" }.joined(separator: " ")
      return "\(rowCount) rows lack a value and were left out"
        + (units.isEmpty ? "" : ", all those of units \(list)")
    }
  }

  package var model: LifeModel
  package var unread: Unread
  /// The mean of the PHM 2008 score per cut.
  package var asymmetricScore: Double
  package var byteCount: Int
  package var processorSeconds: Double

  /// The report for a terminal.
  package var text: String {
    """
    \(([model.cardText] + [unread.text].compactMap(\.self)).joined(separator: "\n"))
    PHM 2008 score per cut: \(decimal(Float(asymmetricScore), 2))
    Model of \(byteCount) bytes, made in \(decimal(Float(processorSeconds), 1)) s of processor time
    """
  }
}

extension LifeModel {
  /// The settings and sensors that it reads, with their units as far as they are known.
  private var readColumns: [String] {
    let units = zip(fleet.sensors, fleet.sensorUnits).filter { usedSensors.contains($0.0) }
    return (fleet.settings.map { ($0.name, $0.unit) } + units).map { name, unit in
      unit.isEmpty ? name : "\(name) (\(unit))"
    }
  }

  /// The model's card for a terminal: what it comes from, where it holds, how well it did.
  package var cardText: String {
    let unit = fleet.ageUnit
    var lines = [
      "\(fleet.name) \(card.subset): \(card.failureCount) failures, "
        + "\(card.runningCount) still running, \(card.rowCount) rows, seed \(card.seed)",
      "Valid for lives of \(decimal(card.shortestLife, 0)) to \(decimal(card.longestLife, 0)) "
        + "\(unit) in \(regimeCount) operating regime\(regimeCount == 1 ? "" : "s")",
      "Reads \(readColumns.joined(separator: ", ")); age \(usesAge ? "is" : "is not") used; "
        + "truth is capped at \(decimal(fleet.horizon, 0)) \(unit)",
      "On hidden machines (\(CrossValidation.foldCount) folds by unit): "
        + "root mean square error \(decimal(card.error, 2)) \(unit), "
        + "of a constant \(decimal(card.constantError, 2))",
    ]
    for coverage in card.coverage {
      lines.append(
        "The \(decimal(coverage.share * 100, 0)) % interval covers "
          + "\(decimal(coverage.covered * 100, 1)) %, "
          + "mean width \(decimal(coverage.width, 1)) \(unit)"
      )
    }
    return lines.joined(separator: "\n")
  }
}

/// A number with a fixed count of decimals, the same in every language.
func decimal(_ value: Float, _ places: Int) -> String {
  let factor = (0..<places).reduce(1) { factor, _ in factor * 10 }
  let size = abs(Double(value)) * Double(factor)
  // Beyond what can be counted, or no number.
  guard size < 9e18 else { return "\(value)" }
  let scaled = Int(size.rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard places > 0 else { return "\(sign)\(scaled)" }
  let rest = String(scaled % factor)
  return sign + "\(scaled / factor)." + String(repeating: "0", count: places - rest.count) + rest
}

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
