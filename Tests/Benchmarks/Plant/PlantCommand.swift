import ArgumentParser
import Foundation
import PlantSimulation

struct PlantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plant",
    abstract: "Examines the detection on simulated plants of which everything is known.",
    discussion: """
      Example: vigie-bench plant --seeds 1-4

      Each seed is another plant: 12 machines, 8 weeks at 10 s. The pipeline of the agent is \
      configured by the text of a site file and reads no work orders. The detectors 'reference' (a \
      residual on the operating state), 'limits' and 'z-scores' are plain ones to compare with.

      Example: vigie-bench plant --seeds 7 --write plant-7
               vigie replay --config plant-7/site.yaml plant-7 --alerts a.csv --rul r.csv
               vigie-bench plant --truth plant-7 --alerts a.csv --rul r.csv

      What a budget says is what Vigie must reach; ExaminationScore and LifeScore say how each row is \
      counted.
      """
  )

  @Option(help: "Which plants: 7, 1-4 or 1,5,9.")
  var seeds = "1-4"
  @Option(help: "How long each is recorded.")
  var weeks = 8
  @Option(help: "Only machines of these kinds, such as 'pump,fan'.")
  var kinds = ""
  @Option(
    help: "Who is examined: \(PlantDetector.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var detector = PlantDetector.vigie
  @Option(help: "Write the recordings into this folder instead.", completion: .directory)
  var write: String?
  @Option(help: "A folder that was written so: score files instead.", completion: .directory)
  var truth: String?
  @Option(help: "The alerts of 'vigie replay --alerts' to score.", completion: .file())
  var alerts: String?
  @Option(help: "The estimates of 'vigie replay --rul' to score.", completion: .file())
  var rul: String?
  @Flag(help: "What became of each fault, and each false notification, on standard error.")
  var details = false
  @Flag(help: "One JSON object on standard output.")
  var json = false

  func validate() throws {
    guard (3...52).contains(weeks) else { throw ValidationError("--weeks takes 3 to 52.") }
    guard (truth != nil) == (alerts != nil || rul != nil) else {
      throw ValidationError("--truth belongs to --alerts, --rul or both.")
    }
  }

  func run() async throws {
    if let truth { return try report(scored(by: truth)) }
    let plants = try examinedPlants()
    if let write {
      for (seed, machines) in plants {
        let folder = plants.count == 1 ? write : "\(write)/\(seed)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try ExaminationFiles(machines).write(to: folder) { tell("\(folder): \($0)") }
      }
      return
    }
    try report(try await scores(of: plants.flatMap(\.machines)))
  }

  private func report(_ scores: (notices: ExaminationScore?, life: LifeScore?)) throws {
    if details, let notices = scores.notices { tell(outcomeTable(notices.outcomes)) }
    let figures = (scores.notices?.figures ?? []) + (scores.life?.figures ?? [])
    print(try json ? jsonText(figures) : table(figures))
  }

  private func examinedPlants() throws -> [(seed: UInt64, machines: [ExaminedMachine])] {
    let names = kinds.split(separator: ",").map(String.init)
    let chosen = try names.map { name in
      guard let kind = ExaminedMachine.Kind(rawValue: name) else {
        let known = ExaminedMachine.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no kind “\(name)”; there are \(known)")
      }
      return kind
    }
    return try numbers(in: seeds).map { seed in
      let kinds = chosen.isEmpty ? nil : chosen
      return (seed, PlantExamination(seed: seed, weeks: weeks, kinds: kinds).machines)
    }
  }

  private func scored(by folder: String) throws -> (ExaminationScore?, LifeScore?) {
    let records = try ExaminationRecord.records(in: folder)
    var score: ExaminationScore?
    if let alerts {
      let notices = try ExaminationNotice.notices(at: alerts)
      var sum = ExaminationScore()
      for record in records {
        sum.add(record, notices: notices.filter { $0.machine == record.name })
      }
      score = sum
    }
    var life: LifeScore?
    if let rul {
      let estimates = try LifeEstimate.estimates(at: rul)
      var sum = LifeScore()
      for record in records {
        sum.add(record, estimates: estimates.filter { $0.machine == record.name })
      }
      life = sum
    }
    return (score, life)
  }

  /// The scores of the machines together, added in their order whoever is done first.
  private func scores(
    of machines: [ExaminedMachine]
  ) async throws -> (ExaminationScore?, LifeScore?) {
    let detector = detector
    typealias Part = (index: Int, notices: ExaminationScore, life: LifeScore)
    let parts = try await withThrowingTaskGroup(of: Part.self) { group in
      for (index, machine) in machines.enumerated() {
        group.addTask {
          let verdict = try detector.verdict(on: machine)
          var score = ExaminationScore()
          score.add(machine.record, notices: verdict.notices)
          var life = LifeScore()
          life.add(machine.record, estimates: verdict.estimates)
          return (index, score, life)
        }
      }
      var parts: [Part] = []
      for try await part in group { parts.append(part) }
      return parts.sorted { $0.index < $1.index }
    }
    var score = ExaminationScore()
    var life = LifeScore()
    for part in parts {
      score.add(part.notices)
      life.add(part.life)
    }
    return (score, detector == .vigie ? life : nil)
  }
}

/// The numbers that a text such as `1-4,9` names.
private func numbers(in text: String) throws -> [UInt64] {
  try text.split(separator: ",").flatMap { part -> [UInt64] in
    let ends = part.split(separator: "-").map { UInt64($0) }
    guard let first = ends.first, let low = first, let last = ends.last, let high = last,
      ends.count <= 2, low <= high, high - low < 1_000
    else { throw ValidationError("“\(part)” names no seeds; write 7, 1-4 or 1,5,9") }
    return Array(low...high)
  }
}

enum PlantDetector: String, CaseIterable, ExpressibleByArgument {
  case vigie, reference, limits
  case zScores = "z-scores"

  func verdict(on machine: ExaminedMachine) throws -> PlantVerdict {
    switch self {
    case .vigie: try PlantWatch.verdict(on: machine)
    case .reference: PlantVerdict(notices: PlantReference.notices(of: machine))
    case .limits: PlantVerdict(notices: PlantSimple.limits.notices(of: machine))
    case .zScores: PlantVerdict(notices: PlantSimple.zScores.notices(of: machine))
    }
  }
}

/// The outcomes in lines for people.
private func outcomeTable(_ outcomes: [ExaminationScore.Outcome]) -> String {
  outcomes.map { outcome in
    let clarity = outcome.clarity.map { " [\((10 * $0).rounded() / 10)]" } ?? ""
    return [outcome.machine, outcome.subject + clarity, outcome.result, outcome.detail]
      .joined(separator: " | ")
  }
  .joined(separator: "\n")
}
