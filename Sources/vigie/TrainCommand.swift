import ArgumentParser
import PrognosticAssessment
import TrainingData

/// Which lives of which dataset.
struct LifeDataOptions: ParsableArguments {
  @Option(help: "The descriptor of the dataset.", completion: .file(extensions: ["yaml"]))
  var dataset: String
  @Option(help: "The folder with the dataset's files, as its makers lay them out.")
  var data: String
  @Option(help: "The part of the dataset, as the descriptor names it.")
  var subset: String

  /// What is read for them.
  func files(of dataset: LifeDataset, split: String) throws -> [String] {
    [dataset.descriptor] + (try dataset.files(subset: subset, split: split, folder: data))
  }
}

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learns remaining life from machines that were watched until they failed.",
    discussion: """
      Example: vigie train --dataset datasets/cmapss/dataset.yaml --data CMAPSS --subset FD001 \
        --model fd001.vigielife

      Prints the cross-validated error and how often its intervals hold. With too few failures it \
      refuses and says how many are missing. The same data and seed give the same file.

      Machines that still run teach too: give the descriptor a second split 'train' with 'ends: \
      running' and a file of their own.
      """
  )

  @OptionGroup var lives: LifeDataOptions
  @Option(help: "The model file to write.", completion: .file())
  var model: String
  @Flag(help: "Leave the age of a machine out of what the model may look at.")
  var noAge = false
  @Option(help: "The same seed gives the same model.")
  var seed: UInt64 = 1

  func run() async throws {
    try explainingFailures(about: lives, model: model) {
      let dataset = try LifeDataset(at: lives.dataset)
      // Better before the training than after it.
      _ = try ResultFile(model, besides: try lives.files(of: dataset, split: "train"))
      let training = TrainingRun(
        dataset: dataset,
        folder: lives.data,
        subset: lives.subset,
        training: LifeTraining(usesAge: !noAge, seed: seed)
      )
      let report = try training.run(output: model) { progress in
        if Terminal.isPresent { tell("step \(progress.step) of \(progress.stepCount)") }
      }
      print(report.text)
    }
  }
}

struct PredictCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Estimates the remaining life of each machine of a dataset by a trained model.",
    discussion: """
      Example: vigie predict --dataset datasets/cmapss/dataset.yaml --data CMAPSS --subset FD001 \
        --model fd001.vigielife --csv estimates.csv

      Writes dataset,unit,rul,lo80,hi80,lo90,hi90: one row per unit, after its last row. Standard \
      error says where an estimate is in doubt; if a unit has none the code is 1.
      """
  )

  @OptionGroup var lives: LifeDataOptions
  @Option(help: "Which split of the subset.")
  var split = "test"
  @Option(help: "A model file that 'vigie train' wrote.", completion: .file())
  var model: String
  @Option(name: [.customLong("csv"), .customLong("out")], help: "The CSV file to write.")
  var output: String

  func run() async throws {
    try explainingFailures(about: lives, model: model) {
      let dataset = try LifeDataset(at: lives.dataset)
      _ = try ResultFile(output, besides: try lives.files(of: dataset, split: split) + [model])
      let prediction = PredictionRun(
        dataset: dataset,
        folder: lives.data,
        subset: lives.subset,
        split: split
      )
      let report = try prediction.run(model: model, output: output)
      print("\(report.rows.count) machines estimated")
      for remark in report.remarks { tell(remark) }
      guard report.mute.isEmpty else {
        throw Failure(
          .findings,
          "\(output): \(report.mute.count) machines have no row; mend what their rows lack"
        )
      }
    }
  }
}

/// Turns what training and prediction throw into our exit codes, with the sentence they carry.
///
/// - Parameters:
///   - options: Which lives were asked for: a refusal is about them.
///   - model: The path of the model file.
///   - work: What may fail.
/// - Throws: `Failure`, and whatever else `work` throws.
private func explainingFailures(
  about options: LifeDataOptions,
  model: String,
  _ work: () throws -> Void
) throws {
  do {
    try work()
  } catch let error as TrainingDataError {
    throw Failure(.environment, "\(error)")
  } catch let error as TrainingRefusal {
    throw Failure(.findings, "\(options.data), subset \(options.subset): \(error)")
  } catch let error as ModelError {
    throw Failure(.configuration, "\(model): \(error)")
  }
}
