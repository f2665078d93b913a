import ConditionModel
import DataAcquisition

/// What changes when the same recordings are judged by other settings.
package struct AlertComparison: Hashable, Sendable {
  /// Alerts of both settings, in order of their start.
  package private(set) var changes: [Change] = []
  package private(set) var before: Figures
  package private(set) var after: Figures

  /// What became of one alert.
  package enum Change: Hashable, Sendable {
    case same(AlertRow)
    /// Told at another time or with another severity.
    case moved(from: AlertRow, to: AlertRow)
    case vanished(AlertRow)
    case appeared(AlertRow)

    package var row: AlertRow {
      switch self {
      case .same(let row), .vanished(let row), .appeared(let row), .moved(let row, _): row
      }
    }
  }

  /// How often people are told, and how early.
  package struct Figures: Hashable, Sendable, Codable {
    package var notifications = 0
    /// Machines whose recordings end before they are learned: only their limits and sensors speak.
    package var stillLearning = 0
    /// Time in which false alerts count: not that in which a machine was learned, nor known faults.
    package var machineWeeks = 0.0
    /// Notifications in that time, outside all known faults; all of them where none is known.
    package var falseNotifications = 0
    /// False notifications per machine-week, and between which rates the truth lies (95 %).
    package var falsePerMachineWeek: Double?
    package var falsePerMachineWeekLow: Double?
    package var falsePerMachineWeekHigh: Double?
    package var faults = 0
    package var faultsFound = 0
    /// From the first notification in a found fault to its end.
    package var medianLeadHours: Double?

    package init() {}
  }

  /// - Parameters:
  ///   - before: What the one setting said.
  ///   - after: What the other one said of the same recordings.
  ///   - faults: What is known to have been wrong.
  package init(
    _ before: [MachineOutcome],
    _ after: [MachineOutcome],
    faults: [KnownFault] = []
  ) {
    self.before = Figures(before, faults: faults)
    self.after = Figures(after, faults: faults)
    var rest = after.flatMap { AlertRow.rows(of: $0) }.filter(\.isNotification)
    for row in before.flatMap({ AlertRow.rows(of: $0) }).filter(\.isNotification) {
      let candidates = rest.indices.filter { rest[$0].isAbout(sameAs: row) }
      let match = candidates.min { rest[$0].distance(to: row) < rest[$1].distance(to: row) }
      guard let match else {
        changes.append(.vanished(row))
        continue
      }
      let other = rest.remove(at: match)
      let isSame = other.start == row.start && other.severity == row.severity
      changes.append(isSame ? .same(row) : .moved(from: row, to: other))
    }
    changes += rest.map { .appeared($0) }
    changes = changes.enumerated()
      .sorted { ($0.element.row.start, $0.offset) < ($1.element.row.start, $1.offset) }
      .map(\.element)
  }
}

extension AlertRow {
  /// Alerts that start within a day of each other, or while the other stands, are one.
  private static let reach = Duration.seconds(86_400)

  fileprivate func isAbout(sameAs other: AlertRow) -> Bool {
    machine == other.machine && channel == other.channel && `class` == other.class
      && start <= other.end + Self.reach && other.start <= end + Self.reach
  }

  fileprivate func distance(to other: AlertRow) -> Duration {
    start < other.start ? other.start - start : start - other.start
  }
}

extension AlertComparison.Figures {
  /// Counts what was said of machines.
  ///
  /// - Parameters:
  ///   - outcomes: What was said.
  ///   - faults: What is known to have been wrong; an alert within a fault is true.
  package init(_ outcomes: [MachineOutcome], faults: [KnownFault]) {
    var leads: [Double] = []
    for outcome in outcomes {
      let figures = OutcomeFigures(outcome)
      let own = faults.filter { $0.machine == outcome.machine }
      let told = figures.rows.filter(\.isNotification)
      notifications += told.count
      let watchedFrom = figures.watchedFrom
      falseNotifications += told.count { row in
        row.start >= watchedFrom ?? row.start
          && !own.contains { row.start >= $0.start && row.start <= $0.end }
      }
      // Time in a known fault is no time for false alerts.
      let faulty = own.recordedTime(of: outcome, from: watchedFrom).inSeconds / 86_400
      machineWeeks += max(0, figures.watchedDays - faulty) / 7
      if outcome.learningDaysLeft != nil { stillLearning += 1 }
      self.faults += own.count
      for fault in own {
        let first = told.first { $0.start >= fault.start && $0.start <= fault.end }
        if let first { leads.append((fault.end - first.start).inSeconds / 3_600) }
      }
    }
    faultsFound = leads.count
    leads.sort()
    medianLeadHours = leads.isEmpty ? nil : leads[leads.count / 2]
    guard machineWeeks > 0 else { return }
    let interval = poissonInterval(count: falseNotifications)
    falsePerMachineWeek = Double(falseNotifications) / machineWeeks
    falsePerMachineWeekLow = interval.lowerBound / machineWeeks
    falsePerMachineWeekHigh = interval.upperBound / machineWeeks
  }
}

extension [KnownFault] {
  /// How much of a machine's recording lies in any of its faults, from a moment on.
  fileprivate func recordedTime(of outcome: MachineOutcome, from start: Timestamp?) -> Duration {
    guard let first = start ?? outcome.account.first, let last = outcome.account.last else {
      return .zero
    }
    var total = Duration.zero
    var counted = first
    for fault in sorted(by: { $0.start < $1.start }) {
      let begin = Swift.max(fault.start, counted)
      let end = Swift.min(fault.end, last)
      guard end > begin else { continue }
      total += end - begin
      counted = end
    }
    return total
  }
}

extension AlertComparison {
  /// The comparison for a terminal: what changes, then the figures of both.
  package func text(before first: String, after second: String) -> String {
    var lines: [String] = []
    for change in changes {
      switch change {
      case .same: continue
      case .vanished(let row): lines.append("vanishes  \(row.words)")
      case .appeared(let row): lines.append("appears   \(row.words)")
      case .moved(let from, let to):
        let shift = to.start - from.start
        let words =
          shift == .zero
          ? "\(from.severity) becomes \(to.severity)"
          : "\((abs(shift.inSeconds) / 3_600).fixed(1)) h \(shift < .zero ? "earlier" : "later")"
        lines.append("moves     \(from.words): \(words)")
      }
    }
    let same = changes.count { if case .same = $0 { true } else { false } }
    lines.append("\(same) alerts are the same in both")
    lines.append("\(first): \(before.text)")
    lines.append("\(second): \(after.text)")
    return lines.joined(separator: "\n")
  }
}

extension AlertRow {
  fileprivate var words: String {
    "\(start)  \(machine), \(channel) (\(`class`.rawValue), \(severity))"
  }
}

extension AlertComparison.Figures {
  package var text: String {
    var text = "\(notifications) notifications"
    if let rate = falsePerMachineWeek, let low = falsePerMachineWeekLow,
      let high = falsePerMachineWeekHigh
    {
      let kind = faults > 0 ? "false " : ""
      text +=
        ", \(kind)\(rate.fixed(2)) per machine-week (95 %: \(low.fixed(2)) to \(high.fixed(2)))"
    }
    if faults > 0 {
      text += ", \(faultsFound) of \(faults) faults found"
      if let lead = medianLeadHours { text += ", median lead \(lead.fixed(1)) h" }
    }
    if stillLearning > 0 {
      text += "; \(stillLearning) \(stillLearning == 1 ? "machine" : "machines") not learned yet"
    }
    return text
  }
}
