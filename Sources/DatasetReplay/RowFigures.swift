/// How well alarms match labelled faults, row by row; all files pooled.
package struct RowFigures: Hashable, Sendable, Codable {
  package var f1: Double
  /// The share of normal rows that stand in alarm, in percent.
  package var falseAlarmPercent: Double
  /// The share of fault rows without alarm, in percent.
  package var missedAlarmPercent: Double

  init(_ files: [ReplayedFile]) {
    var hits = 0
    var falseRows = 0
    var missed = 0
    var quiet = 0
    for file in files {
      for row in file.judged {
        switch (file.faults[row], file.alarms[row]) {
        case (true, true): hits += 1
        case (false, true): falseRows += 1
        case (true, false): missed += 1
        case (false, false): quiet += 1
        }
      }
    }
    f1 = hits == 0 ? 0 : Double(hits) / (Double(hits) + Double(missed + falseRows) / 2)
    falseAlarmPercent = 100 * Double(falseRows) / Double(max(1, falseRows + quiet))
    missedAlarmPercent = 100 * Double(missed) / Double(max(1, missed + hits))
  }
}
