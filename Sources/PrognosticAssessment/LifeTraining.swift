import SignalProcessing

/// Why no model is made.
package enum TrainingRefusal: Error, Equatable {
  /// Too few machines ran until they failed.
  case tooFewFailures(found: Int, needed: Int)
  /// Too few of those have rows that can be read; `lacking` is what some of them never show.
  case tooFewReadable(found: Int, needed: Int, lacking: [String])
  /// No life is long enough to hide its end and see whether it is foretold.
  case nothingToJudge(leastRows: Int)
  /// The settings fall into too many regimes to compare machines within each.
  case tooManyRegimes(limit: Int)
  /// No sensor tells an old machine from a young one.
  case noTellingSensor
  /// Learning was hardly better than saying the same for each machine.
  case noBetterThanConstant(error: Float, constantError: Float)
  case tooManyRows(found: Int, limit: Int)
  /// A life has other columns than the fleet.
  case otherColumns(unit: Int)
  case tooLarge(byteCount: Int, limit: Int)
  /// What was learned could not be read back.
  case noSoundModel(reason: String)
}

extension TrainingRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooFewFailures(let found, let needed):
      "only \(found) machines ran to failure and \(needed) are needed, \(needed - found) more; "
        + "until then follow each indicator towards its limit, which needs no history"
    case .tooFewReadable(let found, let needed, let lacking):
      "only \(found) machines that ran to failure have rows in which all that tells wear gives a "
        + "number, and \(needed) are needed; "
        + (lacking.isEmpty
          ? "mend the missing values"
          : "some lack \(lacking.joined(separator: ", ")): leave that out, or mend it")
    case .nothingToJudge(let leastRows):
      "no life has \(leastRows) rows that can be read well before its end, so nothing could be "
        + "judged; give rows closer together"
    case .tooManyRegimes(let limit):
      "the settings fall into more than \(limit) operating regimes; "
        + "give wider tolerances, or leave out the setting that varies freely"
    case .noTellingSensor:
      "no sensor reads differently at the end of a life than at its start; "
        + "check that the lives are complete and that the right columns are named"
    case .noBetterThanConstant(let error, let constantError):
      "on machines it had not seen the model errs by \(rounded(error)), "
        + "a constant by \(rounded(constantError)): there is nothing to learn here; "
        + "follow each indicator towards its limit, which needs no history"
    case .tooManyRows(let found, let limit):
      "\(found) rows are more than the \(limit) that training can count exactly; thin them out"
    case .otherColumns(let unit):
      "unit \(unit) has other columns than the fleet; train on machines with the same sensors"
    case .tooLarge(let byteCount, let limit):
      "the model has \(byteCount) bytes, more than the \(limit) that one may have; "
        + "leave out sensors, or give wider tolerances to have fewer operating regimes"
    case .noSoundModel(let reason):
      "what was learned makes no model (\(reason)); look for values that cannot be"
    }
  }

  private func rounded(_ value: Float) -> String { "\((value * 10).rounded() / 10)" }
}

/// Learns remaining life from machines that were watched until they failed.
package struct LifeTraining: Sendable {
  /// What a step has done, for a progress display.
  package struct Progress: Sendable {
    package var step: Int
    package var stepCount: Int
  }

  /// With fewer failures than this, what is learned is luck.
  ///
  /// On C-MAPSS, 20 failures of one kind gave an error of 11 cycles and of two kinds 14 to 23, where
  /// a constant errs 38 and 100 failures give 9 and 13. On 8 bearings learning was worse than a
  /// constant.
  package static let leastFailureCount = 20
  /// A model must err less than this share of what a constant errs.
  private static let mostErrorShare: Float = 0.75

  package var usesAge: Bool
  package var seed: UInt64
  var boosting = BoostingSettings()

  package init(usesAge: Bool = true, seed: UInt64 = 1) {
    self.usesAge = usesAge
    self.seed = seed
  }

  /// Cross-validates by unit, then learns from all machines.
  ///
  /// The same lives and the same seed give the same model, to the bit.
  ///
  /// - Parameters:
  ///   - records: Whole lives, and unfinished ones: of those, the rows whose remaining life is
  ///     certainly longer than the horizon are used.
  ///   - fleet: Their columns.
  ///   - subset: What the model card calls these lives.
  ///   - progress: Called after each step.
  ///   - witness: Shown each table that was learned from and each that was hidden, in turn, and at
  ///     last the one of the final model: for whoever compares other ways of learning.
  /// - Returns: The model, and how well it did on machines that were hidden from it.
  /// - Throws: Why these lives make no model.
  package func run(
    _ records: [LifeRecord],
    fleet: FleetDescription,
    subset: String,
    progress: (Progress) -> Void = { _ in },
    witness: ((ExampleTable) -> Void)? = nil
  ) throws(TrainingRefusal) -> (model: LifeModel, validation: CrossValidation) {
    let regimes = try regimes(of: records, fleet: fleet)
    try checkReadable(records, regimes: regimes, fleet: fleet)
    var generator = SeededGenerator(seed: seed)
    let folds = drawFolds(records, generator: &generator)
    var outcomes: [CrossValidation.Outcome] = []
    for fold in 0..<CrossValidation.foldCount {
      let known = records.indices.filter { folds[$0] != fold }.map { records[$0] }
      let hidden = records.indices.filter { folds[$0] == fold }.map { records[$0] }
      outcomes += CrossValidation.outcomes(
        hidden,
        fold: fold,
        by: try fit(known, regimes: regimes, fleet: fleet, witness: witness),
        constant: meanAtCuts(known, horizon: fleet.horizon),
        generator: &generator,
        witness: witness
      )
      progress(Progress(step: fold + 1, stepCount: CrossValidation.foldCount + 1))
    }
    guard !outcomes.isEmpty else {
      throw .nothingToJudge(leastRows: CrossValidation.leastRowsSeen)
    }
    let validation = CrossValidation(outcomes: outcomes, horizon: fleet.horizon)
    guard validation.error < Self.mostErrorShare * validation.constantError else {
      throw .noBetterThanConstant(
        error: validation.error,
        constantError: validation.constantError
      )
    }
    let regressor = try fit(records, regimes: regimes, fleet: fleet, witness: witness)
    progress(
      Progress(step: CrossValidation.foldCount + 1, stepCount: CrossValidation.foldCount + 1)
    )
    let model = LifeModel(
      card: ModelCard(
        records,
        subset: subset,
        seed: seed,
        scale: regressor.scale,
        validation: validation
      ),
      fleet: fleet.paced(by: records),
      regressor: regressor,
      residuals: ResidualTable(outcomes),
      records: records
    )
    return (model, validation)
  }

  /// Refuses lives that cannot be learned from, before any work.
  private func regimes(
    of records: [LifeRecord],
    fleet: FleetDescription
  ) throws(TrainingRefusal) -> OperatingRegimes {
    for record in records
    where record.settingCount != fleet.settings.count || record.sensorCount != fleet.sensors.count {
      throw .otherColumns(unit: record.unit)
    }
    let failureCount = records.count { $0.ending == .failed }
    guard failureCount >= Self.leastFailureCount else {
      throw .tooFewFailures(found: failureCount, needed: Self.leastFailureCount)
    }
    let isJudged = records.contains { record in
      record.ending == .failed
        && (0..<record.rowCount).contains {
          CrossValidation.isCut(record, $0, horizon: fleet.horizon)
        }
    }
    guard isJudged else { throw .nothingToJudge(leastRows: CrossValidation.leastRowsSeen) }
    let rowCount = records.reduce(0) { $0 + $1.rowCount }
    guard rowCount <= TreeBoosting.rowLimit else {
      throw .tooManyRows(found: rowCount, limit: TreeBoosting.rowLimit)
    }
    let tolerances = fleet.settings.map(\.tolerance)
    guard let regimes = OperatingRegimes(of: records, tolerances: tolerances) else {
      throw .tooManyRegimes(limit: OperatingRegimes.limit)
    }
    return regimes
  }

  /// Refuses lives of which too few have a row that shows all that tells wear: the others teach
  /// nothing.
  private func checkReadable(
    _ records: [LifeRecord],
    regimes: OperatingRegimes,
    fleet: FleetDescription
  ) throws(TrainingRefusal) {
    let scale = ConditionScale(of: records, regimes: regimes, horizon: fleet.horizon)
    guard let scale else { throw .noTellingSensor }
    let failures = records.filter { $0.ending == .failed }
    let mute = failures.filter { scale.readableRowCount(of: $0) == 0 }
    guard failures.count - mute.count < Self.leastFailureCount else { return }
    func isLacking(_ column: Int) -> Bool {
      mute.contains { life in
        (0..<life.rowCount).allSatisfy { !life.sensors[$0 * life.sensorCount + column].isFinite }
      }
    }
    throw .tooFewReadable(
      found: failures.count - mute.count,
      needed: Self.leastFailureCount,
      lacking: scale.sensors.filter(isLacking).map { fleet.sensors[$0] }
    )
  }

  private func fit(
    _ records: [LifeRecord],
    regimes: OperatingRegimes,
    fleet: FleetDescription,
    witness: ((ExampleTable) -> Void)?
  ) throws(TrainingRefusal) -> LifeRegressor {
    let regressor = LifeRegressor.fit(
      records,
      regimes: regimes,
      usesAge: usesAge,
      horizon: fleet.horizon,
      boosting: boosting,
      seed: seed,
      witness: witness
    )
    guard let regressor else { throw .noTellingSensor }
    return regressor
  }

  /// Deals the machines out to folds of equal size.
  private func drawFolds(_ records: [LifeRecord], generator: inout SeededGenerator) -> [Int] {
    var order = Array(records.indices)
    for place in order.indices {
      let rest = Double(order.count - place)
      order.swapAt(place, place + Int(generator.uniform() * rest))
    }
    var folds = Array(repeating: 0, count: records.count)
    for (place, record) in order.enumerated() { folds[record] = place % CrossValidation.foldCount }
    return folds
  }

  /// The best constant guess: the mean over the rows at which hidden machines could be cut off.
  private func meanAtCuts(_ records: [LifeRecord], horizon: Float) -> Float {
    var sum = 0.0
    var count = 0.0
    for record in records {
      for row in 0..<record.rowCount {
        guard record.ending == .failed, CrossValidation.isCut(record, row, horizon: horizon)
        else { continue }
        sum += Double(min(record.remaining(at: row), horizon))
        count += 1
      }
    }
    return Float(sum / max(count, 1))
  }
}
