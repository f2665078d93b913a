/// What the owner of the machine would have lived through.
package struct EventFigures: Hashable, Sendable, Codable {
  package var events: Int
  /// In how many events an alarm was raised; one that was already standing does not count.
  package var detected: Int
  package var detectedOrStanding: Int
  /// From the start of a detected event to the alarm.
  package var medianDelaySeconds: Double?
  /// Alarms raised outside all events and the grace after them.
  package var falseAlarms: Int
  package var normalHours: Double
  package var falseAlarmsPerHour: Double?
  package var falseAlarmsPerMachineWeek: Double?
  /// Between these two lies the rate with a confidence of 95 %, if false alarms come independently.
  package var falseAlarmsPerMachineWeekLow: Double?
  package var falseAlarmsPerMachineWeekHigh: Double?
  /// The share of rows outside events that stand in alarm.
  package var burdenPercent: Double
  /// Alarms raised again within a minute (or ten rows, if that is longer) after they ended.
  package var chatter: Int

  /// Counts over files.
  ///
  /// - Parameters:
  ///   - files: The files; rows of their learning parts are left out.
  ///   - graceSeconds: How long after an event an alarm is not yet false.
  init(_ files: [ReplayedFile], graceSeconds: Double) {
    var count = Count()
    for file in files {
      count.add(file, graceSeconds: graceSeconds)
    }
    count.delays.sort()
    events = count.events
    detected = count.delays.count
    detectedOrStanding = count.touched
    medianDelaySeconds = count.delays.isEmpty ? nil : count.delays[count.delays.count / 2]
    falseAlarms = count.falseAlarms
    normalHours = count.normalSeconds / 3_600
    burdenPercent = 100 * Double(count.standingRows) / Double(max(1, count.normalRows))
    chatter = count.chatter
    guard count.normalSeconds > 0 else { return }
    let weeks = count.normalSeconds / 604_800
    falseAlarmsPerHour = Double(count.falseAlarms) / (weeks * 168)
    falseAlarmsPerMachineWeek = Double(count.falseAlarms) / weeks
    let interval = poissonInterval(count: count.falseAlarms)
    falseAlarmsPerMachineWeekLow = interval.lowerBound / weeks
    falseAlarmsPerMachineWeekHigh = interval.upperBound / weeks
  }

  private struct Count {
    var events = 0
    var delays: [Double] = []
    var touched = 0
    var falseAlarms = 0
    var normalSeconds = 0.0
    var normalRows = 0
    var standingRows = 0
    var chatter = 0

    mutating func add(_ file: ReplayedFile, graceSeconds: Double) {
      guard file.learningRows < file.rowCount else { return }
      let seconds = file.seconds
      let start = seconds[file.learningRows]
      let first = seconds.partitioningIndex { $0 >= start }
      let rows = first..<file.rowCount
      let events = file.events.map { (start: seconds[$0.lowerBound], end: seconds[$0.upperBound]) }
        .filter { $0.end >= start }
      let period = medianStep(seconds)
      let raises = rows.filter { file.alarms[$0] && ($0 == first || !file.alarms[$0 - 1]) }
        .map { seconds[$0] }

      self.events += events.count
      for event in events {
        if let raise = raises.first(where: { $0 >= event.start && $0 <= event.end }) {
          delays.append(raise - event.start)
        }
        let isTouched = rows.contains {
          file.alarms[$0] && seconds[$0] >= event.start && seconds[$0] <= event.end
        }
        touched += isTouched ? 1 : 0
      }
      falseAlarms += raises.count { raise in
        !events.contains { raise >= $0.start && raise <= $0.end + graceSeconds }
      }
      var lastAlarm: Double?
      for row in rows {
        let moment = seconds[row]
        if file.alarms[row] {
          if let lastAlarm, !file.alarms[row - 1], moment - lastAlarm <= max(60, 10 * period) {
            chatter += 1
          }
          lastAlarm = moment
        }
        guard !events.contains(where: { moment >= $0.start && moment <= $0.end }) else { continue }
        normalRows += 1
        standingRows += file.alarms[row] ? 1 : 0
        // A longer gap counts as three periods of normal time.
        if row > first { normalSeconds += min(moment - seconds[row - 1], 3 * period) }
      }
    }
  }
}

/// The middle of the times between neighbours; the upper one of an even number.
private func medianStep(_ seconds: [Double]) -> Double {
  let steps = zip(seconds.dropFirst(), seconds).map { $0 - $1 }.sorted()
  return steps.isEmpty ? 0 : steps[steps.count / 2]
}

extension [Double] {
  /// The first index whose element fulfils `predicate`, if all later ones do too.
  fileprivate func partitioningIndex(where predicate: (Double) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
