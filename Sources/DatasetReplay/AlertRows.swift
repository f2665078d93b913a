package import ConditionModel
import DataAcquisition

/// An alert as one row of a table: from its notification to its end.
package struct AlertRow: Hashable, Sendable, Codable {
  package var machine: String
  /// When people were told.
  package var start: Timestamp
  /// When it was over; of an alert that was still open the last moment of the recording.
  package var end: Timestamp
  /// Whether `end` is the end of the recording, not of the alert.
  package var isOpen: Bool
  package var `class`: Kind
  /// `info` or `watch` for what notifies nobody, else the priority.
  package var severity: String
  /// The most telling channel, by the name of its point; empty where none is told.
  package var channel: String

  package enum Kind: String, Hashable, Sendable, Codable {
    case machine
    case sensor
    case limit
  }

  /// Whether people were told.
  package var isNotification: Bool { severity != "info" && severity != "watch" }

  static let header = "machine,start,end,class,severity,channel\n"

  var line: String {
    [machine, start.description, end.description, `class`.rawValue, severity, channel]
      .map(\.asCell).joined(separator: ",") + "\n"
  }
}

extension AlertRow {
  /// The alerts of a machine, one row for each notification, by their start.
  ///
  /// An alert that only later becomes worth telling people of has two rows, one before and one after.
  /// One that was over and comes back is the same one, of which people were told: `info`.
  package static func rows(of outcome: MachineOutcome) -> [AlertRow] {
    rows(
      of: outcome.advisories,
      machine: outcome.machine,
      plant: outcome.plant,
      until: outcome.account.last
    )
  }

  /// The same for the steps of advisories of one machine, watched until some moment.
  package static func rows(
    of advisories: [Advisory],
    machine: String,
    plant: Plant,
    until last: Timestamp?
  ) -> [AlertRow] {
    var rows: [AlertRow] = []
    var open: [UInt64: Int] = [:]
    var told: [UInt64: Advisory.Priority] = [:]
    for advisory in advisories {
      let isKnown = told[advisory.id].map { $0 >= advisory.priority } ?? false
      let severity = isKnown ? "info" : advisory.severityWord
      if let place = open[advisory.id] {
        rows[place].end = advisory.timestamp
        if advisory.phase == .cleared {
          rows[place].isOpen = false
          open[advisory.id] = nil
          continue
        }
        let isNews = !rows[place].isNotification && severity != "info" && severity != "watch"
        guard isNews else { continue }
        rows[place].isOpen = false
      } else if advisory.phase == .cleared {
        continue
      }
      let channel = advisory.findings.first?.channel ?? advisory.life?.channels.first
      open[advisory.id] = rows.count
      if severity != "info", severity != "watch" { told[advisory.id] = advisory.priority }
      rows.append(
        AlertRow(
          machine: machine,
          start: advisory.timestamp,
          end: advisory.timestamp,
          isOpen: true,
          class: advisory.rowClass,
          severity: severity,
          channel: channel.map { plant[$0].name } ?? ""
        )
      )
    }
    for index in rows.indices where rows[index].isOpen {
      rows[index].end = max(rows[index].start, last ?? rows[index].start)
    }
    return rows
  }

  /// The rows of all machines as a table with a header, by their start.
  package static func table(of outcomes: [MachineOutcome]) -> String {
    let rows = outcomes.flatMap { Self.rows(of: $0) }.enumerated().sorted {
      ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
    }
    return header + rows.map(\.element.line).joined()
  }
}

extension Advisory {
  fileprivate var rowClass: AlertRow.Kind {
    switch findingClass {
    case .sensor, .communication: return .sensor
    case .machine:
      switch findings.first?.kind {
      case .limit, .severityZone: return .limit
      default: return .machine
      }
    }
  }

  /// A recording without values says nothing of a sensor: that is worth a note.
  fileprivate var severityWord: String {
    findingClass == .communication ? "info" : priority.word
  }
}

extension String {
  /// As a cell of a table that is separated by commas.
  var asCell: String {
    guard contains(where: { "\",\r\n".contains($0) }) else { return self }
    return "\"" + map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
