import ConditionModel
import DataAcquisition

/// How often people were told of a machine.
struct OutcomeFigures {
  let rows: [AlertRow]
  /// Recorded time in days; pauses are left out.
  let days: Double

  init(_ outcome: MachineOutcome) {
    rows = AlertRow.rows(of: outcome)
    if let first = outcome.account.first, let last = outcome.account.last {
      days = max(0, (last - first).inSeconds - outcome.pauses.total.inSeconds) / 86_400
    } else {
      days = 0
    }
  }

  var notifications: Int { rows.count(where: \.isNotification) }
  var noted: Int { rows.count - notifications }
  var perWeek: Double? { days > 0 ? Double(notifications) * 7 / days : nil }

  func count(_ kind: AlertRow.Kind) -> Int {
    rows.count { $0.isNotification && $0.class == kind }
  }
}
