import ConditionModel
import SignalProcessing
package import SiteConfiguration

/// Settings of the site file that can be tried on recordings.
package struct TunedSettings: Hashable, Sendable, Comparable {
  /// `alerts: false alerts`.
  package var budget: AlertBudget
  /// `alerts: on delay`; `nil` for that of each quantity.
  package var onDelay: Duration?

  /// All that are tried: from hardly ever to at once.
  static let all: [TunedSettings] = {
    let budgets = [
      AlertBudget(count: 1, span: .year), AlertBudget(count: 1, span: .month),
      AlertBudget(count: 3, span: .month), AlertBudget(count: 2, span: .week),
      AlertBudget(count: 1, span: .day),
    ]
    let delays: [Duration?] = [nil, .seconds(10), .seconds(300), .seconds(1_800)]
    return budgets.flatMap { budget in
      delays.map { TunedSettings(budget: budget, onDelay: $0) }
    }
  }()

  /// The less sensitive first.
  package static func < (one: TunedSettings, other: TunedSettings) -> Bool {
    let delays = (one.onDelay ?? .seconds(60), other.onDelay ?? .seconds(60))
    return (one.budget.perMachineWeek, delays.1) < (other.budget.perMachineWeek, delays.0)
  }

  /// As in a site file: `false alerts: 1 per machine and month, on delay: 60 s`.
  package var words: String {
    "false alerts: \(budget)" + (onDelay.map { ", on delay: \($0.components.seconds) s" } ?? "")
  }
}

/// Searches the settings that suit recordings best and stay within a budget of false alerts.
///
/// Every setting is tried on every recording. How well the choice holds is told by machines that it
/// did not see: it is made again without each fold of them, and judged on that fold.
package struct Tuning: Sendable {
  private let replay: PlantReplay
  private let faults: [KnownFault]
  private let wanted: AlertBudget
  private let seed: UInt64

  /// - Parameters:
  ///   - replay: The recordings.
  ///   - faults: What is known to have been wrong; without any, every notification counts as false.
  ///   - wanted: How many false alerts are accepted.
  ///   - seed: The same seed gives the same folds and the same result.
  package init(_ replay: PlantReplay, faults: [KnownFault], wanted: AlertBudget, seed: UInt64) {
    self.replay = replay
    self.faults = faults
    self.wanted = wanted
    self.seed = seed
  }

  /// A setting and what came of it, machine by machine.
  struct Trial: Sendable {
    var settings: TunedSettings
    var outcomes: [MachineOutcome]

    func figures(
      _ faults: [KnownFault],
      without fold: Set<Int> = []
    ) -> AlertComparison.Figures {
      let rest = outcomes.indices.filter { !fold.contains($0) }.map { outcomes[$0] }
      let names = Set(rest.map(\.machine))
      return AlertComparison.Figures(rest, faults: faults.filter { names.contains($0.machine) })
    }
  }

  /// Tries all settings, or as many as there is patience for.
  ///
  /// - Parameters:
  ///   - isInterrupted: Asked before each setting; what was tried so far is then the result.
  ///   - progress: Told after each setting how many are done, of how many, with the best so far.
  /// - Returns: The result; `nil` when nothing was tried to its end.
  /// - Throws: If a recording cannot be played.
  package func run(
    isInterrupted: () -> Bool,
    progress: (_ done: Int, _ total: Int, _ best: TunedSettings) -> Void
  ) async throws(ReplayError) -> TuningResult? {
    var order = TunedSettings.all
    var generator = SeededGenerator(seed: seed)
    // In random order, so that an early end leaves no side of the range unseen.
    for place in order.indices.reversed() {
      order.swapAt(place, Int(generator.uniform() * Double(place + 1)))
    }
    var trials: [Trial] = []
    for settings in order {
      if isInterrupted() { break }
      let outcomes = await replay.run(by: settings, progress: { _, _ in })
      if let failed = outcomes.first(where: { $0.failure != nil }) {
        throw ReplayError(path: failed.machine, problem: failed.failure ?? "")
      }
      trials.append(Trial(settings: settings, outcomes: outcomes))
      guard let best = best(trials) else {
        throw ReplayError(
          path: "these recordings",
          problem: "all their time lies in known faults: nothing tells how often alerts are false"
        )
      }
      progress(trials.count, order.count, best.settings)
    }
    return result(trials, generator)
  }

  private func result(_ trials: [Trial], _ generator: SeededGenerator) -> TuningResult? {
    guard let chosen = best(trials) else { return nil }
    let machines = chosen.outcomes.count
    var generator = generator
    var shuffled = Array(0..<machines)
    for place in shuffled.indices.reversed() {
      shuffled.swapAt(place, Int(generator.uniform() * Double(place + 1)))
    }
    var unseen: [MachineOutcome] = []
    let foldCount = min(5, machines)
    if foldCount > 1 {
      for fold in 0..<foldCount {
        let held = Set(shuffled.indices.filter { $0 % foldCount == fold }.map { shuffled[$0] })
        guard let choice = best(trials, without: held) else { continue }
        unseen += held.sorted().map { choice.outcomes[$0] }
      }
    }
    return TuningResult(
      wanted: wanted,
      seed: seed,
      machines: machines,
      chosen: chosen.settings,
      figures: chosen.figures(faults),
      unseen: unseen.isEmpty ? nil : AlertComparison.Figures(unseen, faults: faults),
      folds: foldCount,
      curve: trials.sorted { $0.settings < $1.settings }.map {
        TuningResult.Point(settings: $0.settings, figures: $0.figures(faults))
      }
    )
  }

  /// The best setting within the budget; if none is, the one nearest to it; `nil` where no time shows
  /// how many alerts are false.
  private func best(_ trials: [Trial], without fold: Set<Int> = []) -> Trial? {
    let judged = trials.compactMap { trial in
      let figures = trial.figures(faults, without: fold)
      return figures.falsePerMachineWeek.map { (trial: trial, figures: figures, rate: $0) }
    }
    let within = judged.filter { $0.rate <= wanted.perMachineWeek }
    guard !within.isEmpty else {
      return judged.min {
        $0.rate != $1.rate ? $0.rate < $1.rate : $1.trial.settings < $0.trial.settings
      }?.trial
    }
    // Found faults first, then how early; where no fault is known the more sensitive one.
    return within.max {
      let (one, other) = ($0.figures, $1.figures)
      if one.faultsFound != other.faultsFound { return one.faultsFound < other.faultsFound }
      let leads = (one.medianLeadHours ?? 0, other.medianLeadHours ?? 0)
      if leads.0 != leads.1 { return leads.0 < leads.1 }
      if !faults.isEmpty, one.falseNotifications != other.falseNotifications {
        return one.falseNotifications > other.falseNotifications
      }
      return $0.trial.settings < $1.trial.settings
    }?.trial
  }
}

/// What tuning found.
package struct TuningResult: Hashable, Sendable {
  package var wanted: AlertBudget
  package var seed: UInt64
  package var machines: Int
  package var chosen: TunedSettings
  /// On all recordings.
  package var figures: AlertComparison.Figures
  /// On machines that the choice did not see; `nil` for a single machine.
  package var unseen: AlertComparison.Figures?
  package var folds: Int
  /// All settings that were tried, the least sensitive first.
  package var curve: [Point]

  package struct Point: Hashable, Sendable {
    package var settings: TunedSettings
    package var figures: AlertComparison.Figures
  }

  /// The trade-off for a terminal: what each setting costs and brings.
  package var curveText: String {
    curve.map { point in
      (point.settings == chosen ? "> " : "  ") + point.settings.words + "\n      "
        + point.figures.text
    }.joined(separator: "\n")
  }

  /// A part of a site file with the chosen settings and what is known of them.
  package var fragment: String {
    let rate = wanted.perMachineWeek.fixed(2)
    let isWithin = (figures.falsePerMachineWeek ?? 0) <= wanted.perMachineWeek
    var lines = [
      "# vigie tune: \(machines) recordings, \(curve.count) settings, seed \(seed)",
      "# wanted: at most \(wanted) (\(rate) per machine-week)"
        + (isWithin ? "" : "; no setting stays within it, this one is nearest"),
      "# on all recordings: \(figures.text)",
    ]
    if let unseen {
      lines.append("# on machines that the choice did not see (\(folds) folds): \(unseen.text)")
    } else {
      lines.append("# one machine only: nothing tells whether this holds for others")
    }
    if figures.faults == 0 {
      lines.append("# no faults were named: every notification counts as false")
    }
    lines.append("alerts:")
    lines.append("  false alerts: \(chosen.budget)  # what learned limits are set for")
    if let delay = chosen.onDelay {
      lines.append(
        "  on delay: \(delay.components.seconds) s  # how long a limit or zone must be passed"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
