import ConditionModel
import DataAcquisition

/// How often people were told of a machine.
struct OutcomeFigures {
  let rows: [AlertRow]
  /// Recorded time in days; pauses are left out.
  let days: Double
  /// From when on all could be told that is counted; `nil` for all the time.
  ///
  /// Where a recording ends before its machine is learned, only limits and sensors could speak, and
  /// these do from the start.
  let watchedFrom: Timestamp?
  /// Recorded time from then on in days.
  let watchedDays: Double

  init(_ outcome: MachineOutcome) {
    rows = AlertRow.rows(of: outcome)
    if let first = outcome.account.first, let last = outcome.account.last {
      days = max(0, (last - first).inSeconds - outcome.pauses.total.inSeconds) / 86_400
    } else {
      days = 0
    }
    if let learnedAt = outcome.learnedAt, let last = outcome.account.last, learnedAt < last {
      watchedFrom = learnedAt
      let watched = (last - learnedAt).inSeconds - outcome.pauses.whileWatched.inSeconds
      watchedDays = min(days, max(0, watched / 86_400))
    } else {
      watchedFrom = nil
      watchedDays = days
    }
  }

  var notifications: Int { rows.count(where: \.isNotification) }
  var noted: Int { rows.count - notifications }
  var perWeek: Double? { days > 0 ? Double(notifications) * 7 / days : nil }

  func count(_ kind: AlertRow.Kind) -> Int {
    rows.count { $0.isNotification && $0.class == kind }
  }
}
