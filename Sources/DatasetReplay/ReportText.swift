extension DatasetReport {
  /// The report for a terminal.
  package var text: String {
    var lines = [title, "\(rows) rows"]
    if !missingGroups.isEmpty {
      lines.append("not there: \(missingGroups.joined(separator: ", "))")
    }
    if !unlabelledFiles.isEmpty {
      lines.append("without labels, so without figures: \(unlabelledFiles.joined(separator: ", "))")
    }
    lines += problemLines
    for part in parts { lines += [""] + part.lines }
    if let normal {
      lines += ["", "nothing wrong (\(normal.files) files)"] + normal.events.falseAlarmLines
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var problemLines: [String] {
    [
      (problems.missingValues, "fields hold no number and count as no value"),
      (
        problems.unreadableTimes,
        "rows have no readable time and count as taken with the one before"
      ),
      (problems.disorderedTimes, "rows were not taken after the one before"),
      (problems.shortRows, "rows have too few fields"),
    ].filter { $0.0 > 0 }.map { "caution: \($0.0) \($0.1)" }
  }
}

extension DatasetReport.Part {
  fileprivate var lines: [String] {
    var lines = ["\(name) (\(files) files)"]
    if let rows { lines.append(row("rows", rows.summary)) }
    if let changes { lines.append(row("changes", changes.summary)) }
    if let windows {
      lines.append(row("windows", windows.best.summary + ", thresholds set with the labels"))
      lines.append(row("own alarms", windows.ownAlarms.summary))
    }
    if let lift {
      lines.append(row("lift", "\(lift.fixed(2)) above equally many evenly spaced calls"))
    }
    lines += events.lines + events.falseAlarmLines
    if let surfaceVolume { lines.append(row("VUS-PR", surfaceVolume.fixed(3))) }
    if let namedRight {
      lines.append(row("channel", "named right in \(namedRight.right) of \(namedRight.files)"))
    }
    lines.append("  detectors that look at no data:")
    for baseline in baselines { lines.append(row(baseline.name, baseline.summary)) }
    return lines
  }
}

extension RowFigures {
  fileprivate var summary: String {
    "F1 \(f1.fixed(4))  FAR \(falseAlarmPercent.fixed(2)) %  MAR \(missedAlarmPercent.fixed(2)) %"
  }
}

extension ProfileScores {
  fileprivate var summary: String {
    "standard \(standard.fixed(2))  low FP \(fewFalseCalls.fixed(2))  low FN \(fewMisses.fixed(2))"
  }
}

extension ChangeFigures {
  fileprivate var summary: String {
    "\(scores.summary)  missed \(missed) of \(changes)  false \(falseNotices)"
  }
}

extension EventFigures {
  fileprivate var lines: [String] {
    var text = "raised in \(detected) of \(events), in alarm in \(detectedOrStanding)"
    if let medianDelaySeconds {
      text += ", median delay \(medianDelaySeconds.fixed(0)) s"
    }
    return [row("events", text)]
  }

  fileprivate var falseAlarmLines: [String] {
    var text = "\(falseAlarms) in \(normalHours.fixed(2)) normal hours"
    if let hourly = falseAlarmsPerHour, let weekly = falseAlarmsPerMachineWeek,
      let low = falseAlarmsPerMachineWeekLow, let high = falseAlarmsPerMachineWeekHigh
    {
      text += ": \(hourly.fixed(3)) per hour, \(weekly.fixed(2)) per machine-week"
      text += " (95 %: \(low.fixed(2)) to \(high.fixed(2)))"
    }
    return [
      row("false alarms", text),
      row("burden", "\(burdenPercent.fixed(2)) % of normal rows in alarm; chatter \(chatter)"),
    ]
  }
}

extension Baseline {
  fileprivate var summary: String {
    var parts: [String] = []
    if let rows { parts.append(rows.summary) }
    if let changes { parts.append("changes \(changes.scores.standard.fixed(2))") }
    if let ownAlarms { parts.append(ownAlarms.summary) }
    if let surfaceVolume { parts.append("VUS-PR \(surfaceVolume.fixed(3))") }
    return parts.joined(separator: "  ")
  }
}

private func row(_ name: String, _ text: String) -> String {
  "  \(name)\(String(repeating: " ", count: max(1, 14 - name.count)))\(text)"
}
