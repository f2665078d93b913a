import ArgumentParser
import PlantSimulation

struct PlantCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plant",
    abstract: "Examines the detection on simulated plants of which everything is known.",
    discussion: """
      Example: vigie-bench plant --seeds 1-4

      Each seed is another plant: 12 machines, 8 weeks at 10 s. The detectors 'reference' (a \
      residual on the operating state), 'limits' and 'z-scores' are plain ones to compare with. The \
      figures are those of the table in Sources/PlantSimulation; a budget is what Vigie must reach.
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
  @Flag(help: "What became of each fault, and each false notification.")
  var details = false
  @Flag(help: "One JSON object on standard output.")
  var json = false

  func run() async throws {
    let machines = try examinedMachines()
    let results = try await results(of: machines)
    var score = ExaminationScore()
    for result in results { score.add(result) }
    if details { tell(outcomeTable(score.outcomes)) }
    let figures = score.figures
    print(try json ? jsonText(figures) : table(figures))
  }

  private func examinedMachines() throws -> [ExaminedMachine] {
    guard weeks >= 3, weeks <= 52 else { throw ValidationError("--weeks takes 3 to 52.") }
    let names = kinds.split(separator: ",").map(String.init)
    let chosen = try names.map { name in
      guard let kind = ExaminedMachine.Kind(rawValue: name) else {
        let known = ExaminedMachine.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no kind “\(name)”; there are \(known)")
      }
      return kind
    }
    return try numbers(in: seeds).flatMap { seed in
      PlantExamination(seed: seed, weeks: weeks, kinds: chosen.isEmpty ? nil : chosen).machines
    }
  }

  /// The scores of the machines, in their order whoever is done first.
  private func results(of machines: [ExaminedMachine]) async throws -> [ExaminationScore] {
    let detector = detector
    return try await withThrowingTaskGroup(of: (Int, ExaminationScore).self) { group in
      for (index, machine) in machines.enumerated() {
        group.addTask {
          var score = ExaminationScore()
          score.add(machine, notices: try detector.notices(of: machine))
          return (index, score)
        }
      }
      var results = [ExaminationScore?](repeating: nil, count: machines.count)
      for try await (index, score) in group { results[index] = score }
      return results.compactMap(\.self)
    }
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

  func notices(of machine: ExaminedMachine) throws -> [ExaminationNotice] {
    switch self {
    case .vigie: try PlantWatch.notices(of: machine)
    case .reference: PlantReference.notices(of: machine)
    case .limits: PlantSimple.limits.notices(of: machine)
    case .zScores: PlantSimple.zScores.notices(of: machine)
    }
  }
}

extension ExaminationScore {
  /// The rows of the examination, each beside what must be reached and what is aimed at.
  var figures: [Figure] {
    [
      Figure(
        name: "false notifications",
        value: falseRate,
        unit: "/machine-week",
        budget: .atMost(0.25),
        aim: 0.10
      ),
      Figure(
        name: "  upper 95 % bound",
        value: falseRateBound,
        unit: "/machine-week",
        budget: .atMost(0.33),
        aim: 0.15
      ),
      Figure(
        name: "faults found, right channel",
        value: foundShare * 100,
        unit: "%",
        budget: .atLeast(78),
        aim: 90
      ),
      Figure(
        name: "  before half of the way",
        value: foundEarlyShare * 100,
        unit: "%",
        budget: .atLeast(45),
        aim: 65
      ),
      Figure(
        name: "  median lead",
        value: medianLead,
        unit: "of the way",
        budget: .atLeast(0.55),
        aim: 0.7
      ),
      Figure(
        name: "failures without warning, of 36",
        value: failureCount == 0 ? 0 : Double(unwarnedFailureCount) * 36 / Double(failureCount),
        unit: "",
        budget: .atMost(4),
        aim: 0
      ),
      Figure(
        name: "first named channel right",
        value: firstRightShare * 100,
        unit: "%",
        budget: .atLeast(85),
        aim: 95
      ),
      Figure(
        name: "sensor faults named",
        value: sensorNamedShare * 100,
        unit: "%",
        budget: .atLeast(70),
        aim: 88
      ),
      Figure(
        name: "  called machine faults",
        value: sensorCalledMachineShare * 100,
        unit: "%",
        budget: .atMost(30),
        aim: 10
      ),
      Figure(
        name: "machine faults called sensor only",
        value: machineCalledSensorShare * 100,
        unit: "%",
        budget: .atMost(3),
        aim: 0
      ),
      Figure(
        name: "notifications per found fault",
        value: noticesPerFound,
        unit: "",
        budget: .atMost(3),
        aim: 1.5
      ),
      Figure(
        name: "normal time in alarm",
        value: alarmedShare * 100,
        unit: "%",
        budget: .atMost(4),
        aim: 1
      ),
      Figure(name: "machine faults", value: Double(faultCount), unit: "\(failureCount) fail"),
      Figure(name: "sensor faults", value: Double(sensorFaultCount), unit: ""),
      Figure(name: "normal time", value: normalWeeks, unit: "weeks"),
    ]
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
