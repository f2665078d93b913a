package import ConditionModel

/// The estimates of remaining life of one machine, as rows of a table, one for each hour of the
/// recording, and for every six of a pause.
///
/// Hours are those of the calendar, from the row's time to the failure; they are empty where there is
/// no estimate.
package struct LifeRows: Hashable, Sendable {
  package private(set) var rows: [Row] = []
  /// Rows for which the machine's model told, rows for which it was set aside, and why it was last.
  package private(set) var modelRowCount = 0
  package private(set) var setAsideRowCount = 0
  package private(set) var latestDoubt: ModelDoubt?
  private var latest: Prognosis?
  private var next: Timestamp?

  package struct Row: Hashable, Sendable {
    package var timestamp: Timestamp
    package var hours: RemainingLife.Quantiles<Double>?
  }

  static let header = "machine,timestamp,p10,p50,p90\n"
  private static let step = Duration.seconds(3_600)

  /// The longest time without a row: what was told last holds while nothing is recorded.
  private static let longestStep = Duration.seconds(6 * 3_600)

  mutating func take(_ prognosis: Prognosis) {
    bridge(to: prognosis.timestamp)
    latest = prognosis
  }

  /// Adds the rows that are due, by what is known at the time of each.
  mutating func advance(to now: Timestamp) {
    guard let due = next else {
      next = now
      return advance(to: now)
    }
    guard due <= now else { return }
    bridge(to: now)
    add(at: now)
    // After a pause there is one row, not one for each hour of it.
    next = max(due + Self.step, now + Self.step - .seconds((now - due).components.seconds % 3_600))
  }

  /// Adds what held during a pause that ends now.
  private mutating func bridge(to now: Timestamp) {
    while let last = rows.last?.timestamp, now - last > Self.longestStep {
      add(at: last + Self.longestStep)
    }
  }

  private mutating func add(at moment: Timestamp) {
    rows.append(Row(timestamp: moment, hours: latest?.hours(from: moment)))
    if let latest { countModel(latest) }
  }

  private mutating func countModel(_ prognosis: Prognosis) {
    if let doubt = prognosis.modelDoubt {
      setAsideRowCount += 1
      latestDoubt = doubt
    } else if case .remainingLife(let life) = prognosis.outlook, life.basis == .model {
      modelRowCount += 1
    }
  }

  /// The rows of all machines as a table with a header.
  package static func table(of outcomes: [MachineOutcome]) -> String {
    var text = header
    for outcome in outcomes {
      for row in outcome.life.rows {
        let hours = row.hours.map { [$0.p10, $0.p50, $0.p90].map { $0.fixed(1) } }
        let cells = [outcome.machine.asCell, row.timestamp.description] + (hours ?? ["", "", ""])
        text += cells.joined(separator: ",") + "\n"
      }
    }
    return text
  }
}

extension Prognosis {
  fileprivate func hours(from now: Timestamp) -> RemainingLife.Quantiles<Double>? {
    guard case .remainingLife(let life) = outlook else { return nil }
    func hours(_ due: Timestamp) -> Double { max(0, (due - now).inSeconds / 3_600) }
    return RemainingLife.Quantiles(
      p10: hours(life.due.p10),
      p50: hours(life.due.p50),
      p90: hours(life.due.p90)
    )
  }
}
