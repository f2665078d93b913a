import ArgumentParser
import BenchmarkHarness
import Foundation
import ProcessSupport
import PrognosticAssessment
import TrainingData

struct PrognosisCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prognosis",
    abstract: "Learned remaining life: time, error, intervals and size, beside LightGBM.",
    discussion: """
      Example: VIGIE_TEST_PYTHON=venv/bin/python vigie-bench prognosis --data CMAPSS --subset FD004

      Errors are those of cross-validation by unit, truth capped at the dataset's horizon. LightGBM gets \
      the same features, rows, weights and folds in the same run, with one thread, when that Python has \
      it and numpy.
      """
  )

  @OptionGroup var options: ReportOptions
  @Option(help: "The descriptor of the dataset.")
  var dataset = "datasets/cmapss/dataset.yaml"
  @Option(help: "The folder with the dataset's files.")
  var data: String
  @Option(help: "The part of the dataset.")
  var subset = "FD004"
  @Flag(help: "Leave age out.")
  var noAge = false

  func run() async throws {
    let dataset = try LifeDataset(at: dataset)
    let records = try dataset.records(subset: subset, split: "train", folder: data)
    let bench = PrognosisBench(records: records, dataset: dataset, subset: subset, usesAge: !noAge)
    try await options.report([
      Benchmark(name: "training") { try bench.trainingFigures() },
      Benchmark(name: "inference") { try bench.inferenceFigures() },
      Benchmark(name: "LightGBM") { try bench.peerFigures() },
    ])
  }
}

struct PrognosisBench {
  let records: [LifeRecord]
  let dataset: LifeDataset
  let subset: String
  let usesAge: Bool

  private func train(
    witness: ((ExampleTable) -> Void)? = nil
  ) throws -> (model: LifeModel, validation: CrossValidation, seconds: Double) {
    let start = processorSeconds()
    let (model, validation) = try LifeTraining(usesAge: usesAge).run(
      records,
      fleet: dataset.fleet,
      subset: subset,
      witness: witness
    )
    return (model, validation, processorSeconds() - start)
  }

  func trainingFigures() throws -> [Figure] {
    let (model, validation, seconds) = try train()
    var figures = [
      Figure(
        name: "training with intervals",
        value: seconds,
        unit: "s of processor time",
        budget: .atMost(60),
        aim: 15,
        isBinding: false
      ),
      Figure(name: "error on hidden machines", value: Double(validation.error), unit: "RMSE"),
      Figure(name: "error of a constant", value: Double(validation.constantError), unit: "RMSE"),
      Figure(
        name: "model file",
        value: Double(model.encoded().count),
        unit: "bytes",
        budget: .atMost(300_000)
      ),
    ]
    for coverage in validation.coverage {
      let share = Int((coverage.share * 100).rounded())
      figures.append(
        Figure(
          name: "\(share) % interval covers",
          value: Double(coverage.covered) * 100,
          unit: "%",
          budget: .within(share == 80 ? 75...92 : 85...97)
        )
      )
      figures.append(
        Figure(name: "its mean width", value: Double(coverage.width), unit: dataset.fleet.ageUnit)
      )
    }
    return figures
  }

  func inferenceFigures() throws -> [Figure] {
    let model = try train().model
    var predictor = LifePredictor(model)
    let life = records[0]
    let cost = measure(items: life.rowCount, rounds: 20) {
      predictor = LifePredictor(model)
      for row in 0..<life.rowCount {
        _ = predictor.observe(
          age: life.ages[row],
          settings: life.settings(at: row),
          sensors: life.sensors(at: row)
        )
        _ = predictor.estimate()
      }
    }
    return [
      Figure(
        name: "a row and its estimate",
        value: cost.nanosecondsPerItem / 1_000,
        unit: "µs",
        budget: .atMost(50),
        isBinding: false
      )
    ]
  }

  /// Trains LightGBM on the very tables that our training saw.
  func peerFigures() throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var count = 0
    let own = try train { table in
      for (name, values) in [
        ("x", table.features), ("y", table.targets), ("w", table.weights),
      ] {
        let bytes = values.withUnsafeBytes { Data($0) }
        // A table that is not written is missed below.
        try? bytes.write(to: folder.appending(path: "\(count).\(name)"))
      }
      count += 1
    }
    let seconds = try train().seconds
    let python = ProcessInfo.processInfo.environment["VIGIE_TEST_PYTHON"] ?? "python3"
    let (code, text) = try RunningProgram.run(
      python,
      ["-c", Self.program, folder.path, "\(count)"],
      limit: .seconds(600)
    )
    let numbers = text.split(separator: " ").compactMap { Double($0.filter { $0 != "\n" }) }
    guard code == 0, numbers.count == 2 else {
      tell("LightGBM is left out: \(python) has none, or it failed: \(text.suffix(300))")
      return []
    }
    return [
      Figure(name: "LightGBM, training", value: numbers[0], unit: "s of processor time"),
      Figure(name: "LightGBM, error", value: numbers[1], unit: "RMSE"),
      Figure(
        name: "training time against it",
        value: seconds / numbers[0],
        unit: "times",
        budget: .atMost(1.5),
        isBinding: false
      ),
      Figure(
        name: "error against it",
        value: Double(own.validation.error) / numbers[1],
        unit: "times"
      ),
    ]
  }

  /// Tables come in pairs, learned then hidden, and at last the one of the final model.
  private static let program = """
    import sys, time, numpy as np, lightgbm as lgb
    folder, count = sys.argv[1], int(sys.argv[2])
    def table(k):
        y, w = (np.fromfile(f"{folder}/{k}.{n}", np.float32) for n in "yw")
        return np.fromfile(f"{folder}/{k}.x", np.float32).reshape(len(y), -1), y, w
    settings = dict(objective="regression", learning_rate=0.03, num_leaves=15, max_bin=64,
        bagging_fraction=0.3, bagging_freq=1, feature_fraction=0.3, lambda_l2=5,
        min_sum_hessian_in_leaf=60, min_data_in_leaf=1, num_threads=1, verbosity=-1, seed=1)
    seconds, squares, weight = 0.0, 0.0, 0.0
    for k in range(0, count, 2):
        x, y, w = table(k)
        start = time.process_time()
        model = lgb.train(settings, lgb.Dataset(x, y, weight=w), 400)
        seconds += time.process_time() - start
        if k + 1 < count:
            x, y, w = table(k + 1)
            p = np.clip(model.predict(x, num_threads=1), 0, y.max())
            squares += float((w * (p - y) ** 2).sum()); weight += float(w.sum())
    print(seconds, (squares / weight) ** 0.5)
    """
}

private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
