import ArgumentParser
import PrognosisTrials

struct TrendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trend",
    abstract: "Remaining life without history, over simulated degradations of six kinds.",
    discussion: """
      Example: vigie-bench trend --count 360

      Each is one indicator over eight weeks that wanders, swings and, from some day on, wears to a \
      height that nobody told. The first rows are all kinds together, then each kind alone.
      """
  )

  @Option(help: "How many degradations, dealt out evenly to the kinds.")
  var count = 360
  @Option(help: "The same gives the same figures.")
  var seed: UInt64 = 1
  @Flag(help: "One JSON object on standard output.")
  var json = false

  func validate() throws {
    guard (6...100_000).contains(count) else { throw ValidationError("--count takes 6 to 100000.") }
  }

  func run() throws {
    let figures = TrendTrial(count: count, seed: seed).figures.flatMap(\.rows)
    print(try json ? jsonText(figures) : table(figures))
  }
}

extension TrendTrial.Figures {
  fileprivate var rows: [Figure] {
    [
      row("P10 to P90 covers", covered * 100, "%", .within(70...92), aim: nil),
      row("interval score by length", intervalScore, "", .atMost(0.90), aim: 0.55),
      row("median relative error of P50", relativeError, "", .atMost(0.45), aim: 0.30),
      row("without estimate", withoutEstimate * 100, "%", .atMost(45), aim: 20),
      row("claims within 3 weeks, normal", claimed * 100, "%", .atMost(4), aim: 1),
      Figure(name: "\(name): degradations that fail", value: Double(count), unit: ""),
    ]
  }

  private func row(
    _ text: String,
    _ value: Double,
    _ unit: String,
    _ budget: Figure.Budget,
    aim: Double?
  ) -> Figure {
    Figure(name: "\(name): \(text)", value: value, unit: unit, budget: budget, aim: aim)
  }
}
