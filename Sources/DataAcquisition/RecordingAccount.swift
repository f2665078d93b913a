package import ConditionModel

/// What was met in a recording, and what was left out of it.
package struct RecordingAccount: Hashable, Sendable, Codable {
  /// Rows under the header.
  package var rows = 0
  /// Values handed on, bad ones too.
  package var values = 0
  package var emptyCells = 0
  /// The first and the latest moment.
  package var first: Timestamp?
  package var last: Timestamp?
  /// Rows with more or fewer cells than the header: what lacks counts as empty.
  package var oddRows = Trouble()
  /// Rows left out since their time cannot be read.
  package var unreadableTimes = Trouble()
  /// Rows left out since one with the same time came before.
  package var doubledTimes = Trouble()
  /// Rows left out since one with a later time came before.
  package var backwardTimes = Trouble()
  /// How far back the first of those is.
  package var firstStepBack: Duration?
  /// Cells that hold text which is no number: bad values.
  package var unreadableValues = Trouble()

  package init() {}

  /// Something that went wrong, how often, and where first.
  package struct Trouble: Hashable, Sendable, Codable {
    package var count = 0
    /// From 1; 0 for never.
    package var firstLine = 0

    package init() {}

    mutating func add(_ line: Int) {
      if count == 0 { firstLine = line }
      count += 1
    }
  }

  /// Takes a frame that was read without any trouble.
  package mutating func add(_ frame: Frame) {
    rows += 1
    values += frame.values.count
    if first == nil { first = frame.timestamp }
    // Of recordings played one after the other, a later one may hold what was before.
    last = last.map { max($0, frame.timestamp) } ?? frame.timestamp
  }

  mutating func addBackward(by step: Duration, _ line: Int) {
    if backwardTimes.count == 0 { firstStepBack = step }
    backwardTimes.add(line)
  }

  /// Rows that were left out.
  package var leftOut: Int { unreadableTimes.count + doubledTimes.count + backwardTimes.count }

  /// Why nothing should be concluded from the recording; `nil` if something can.
  package var reasonToRefuse: String? {
    if rows == 0 { return "it has no rows under its header" }
    if unreadableTimes.count * 2 > rows {
      return "the times of \(unreadableTimes.count) of \(rows) rows cannot be read, first on line "
        + "\(unreadableTimes.firstLine); write 2026-10-14T04:20:07Z"
    }
    // A few rows out of order are a logger's slip; a tenth is another order.
    if backwardTimes.count * 10 > rows {
      return
        "its rows are not sorted by time: \(backwardTimes.count) of \(rows) lie before the row "
        + "above, first on line \(backwardTimes.firstLine); sort them"
    }
    return nil
  }

  /// Sentences on all that was left out or taken as bad; empty for a clean recording.
  package var remarks: [String] {
    var remarks: [String] = []
    func add(_ trouble: Trouble, _ one: String, _ many: String) {
      guard trouble.count > 0 else { return }
      let words = trouble.count == 1 ? "1 \(one)" : "\(trouble.count) \(many)"
      remarks.append("\(words), first on line \(trouble.firstLine)")
    }
    add(oddRows, "row has another number of cells", "rows have another number of cells")
    add(
      unreadableTimes,
      "row without a readable time is left out",
      "rows without a readable time are left out"
    )
    add(
      doubledTimes,
      "row with the time of the one before is left out",
      "rows with the time of the one before are left out"
    )
    add(
      backwardTimes,
      "row before the time of the one above is left out",
      "rows before the time of the one above are left out"
    )
    if let step = firstStepBack, abs(step.inSeconds - 3_600) < 600 {
      remarks[remarks.count - 1] +=
        "; this looks like the end of daylight-saving time: record in UTC or with the zone"
    }
    add(
      unreadableValues,
      "cell with text is taken as no reading",
      "cells with text are taken as no reading"
    )
    return remarks
  }
}
