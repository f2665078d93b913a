import AdvisoryGeneration
import ConditionModel

/// How detection did on a dataset, as a page to read and print: figures, then every file.
struct DatasetPage {
  private let report: DatasetReport
  private let files: [ReplayedFile]
  private let channels: [DatasetDescriptor.Column]
  private var page: ReportPage

  init(
    _ report: DatasetReport,
    _ files: [ReplayedFile],
    _ descriptor: DatasetDescriptor,
    language: Language
  ) {
    self.report = report
    self.files = files
    channels = descriptor.channels
    page = ReportPage(language: language, title: report.title)
  }

  func html() -> String {
    var filled = self
    filled.summary()
    for part in report.parts { filled.part(part) }
    filled.normal()
    filled.page.heading(filled.say("File by file", "Fichier par fichier"))
    filled.page.paragraph(
      filled.say(
        "The channel that is named most, and the score. Green: labelled fault; red: in alarm.",
        "La voie la plus nommée, et le score. Vert : défaut étiqueté ; rouge : en alarme."
      ),
      class: "soft"
    )
    for file in files { filled.file(file) }
    return filled.page.html
  }

  private func say(_ english: String, _ french: String) -> String { page.say(english, french) }

  private mutating func summary() {
    page.paragraph(
      say(
        "\(files.count) files, \(report.rows) rows. Labels are read for the figures only.",
        "\(files.count) fichiers, \(report.rows) lignes. Les étiquettes ne servent qu’aux chiffres."
      ),
      class: "soft"
    )
    let problems = report.problems
    if !problems.isEmpty {
      page.paragraph(
        say(
          "Caution: \(problems.missingValues) fields without a number, \(problems.unreadableTimes) times "
            + "that cannot be read, \(problems.disorderedTimes) rows out of order, "
            + "\(problems.shortRows) short rows.",
          "Attention : \(problems.missingValues) champs sans nombre, \(problems.unreadableTimes) heures "
            + "illisibles, \(problems.disorderedTimes) lignes en désordre, "
            + "\(problems.shortRows) lignes trop courtes."
        ),
        class: "bad"
      )
    }
  }

  private mutating func part(_ part: DatasetReport.Part) {
    page.heading(part.name == "all" ? say("All files", "Tous les fichiers") : part.name)
    var rows: [[String]] = []
    func add(_ english: String, _ french: String, _ value: String) {
      rows.append([say(english, french), value])
    }
    add("Files", "Fichiers", "\(part.files)")
    let events = part.events
    add("Events", "Événements", "\(events.events)")
    add(
      "Events with an alarm raised in them",
      "Événements où une alarme s’est levée",
      "\(events.detected)"
    )
    if let delay = events.medianDelaySeconds {
      add("Median delay", "Délai médian", "\(number(delay, 0)) s")
    }
    if let weekly = events.falseAlarmsPerMachineWeek,
      let low = events.falseAlarmsPerMachineWeekLow,
      let high = events.falseAlarmsPerMachineWeekHigh
    {
      add(
        "False alarms per machine-week (95 %)",
        "Fausses alarmes par semaine-machine (95 %)",
        "\(number(weekly, 2)) (\(number(low, 2)) – \(number(high, 2)))"
      )
    }
    add("Normal rows in alarm", "Lignes normales en alarme", "\(number(events.burdenPercent, 2)) %")
    add("Chatter", "Battements", "\(events.chatter)")
    if let lift = part.lift {
      add("Lift over a metronome", "Avantage sur un métronome", number(lift, 2))
    }
    if let named = part.namedRight {
      add("Channel named right", "Voie bien nommée", "\(named.right) / \(named.files)")
    }
    page.table([say("Figure", "Chiffre"), ""], rows, numeric: [1])
    comparison(part)
  }

  /// The scores beside those of detectors that look at no data: nothing is said without them.
  private mutating func comparison(_ part: DatasetReport.Part) {
    func percent(_ rows: RowFigures?) -> [String] {
      [
        rows.map { number($0.f1, 4) } ?? "–", rows.map { number($0.falseAlarmPercent, 2) } ?? "–",
        rows.map { number($0.missedAlarmPercent, 2) } ?? "–",
      ]
    }
    func scores(_ scores: ProfileScores?) -> [String] {
      [
        scores.map { number($0.standard, 2) } ?? "–",
        scores.map { number($0.fewFalseCalls, 2) } ?? "–",
        scores.map { number($0.fewMisses, 2) } ?? "–",
      ]
    }
    func volume(_ volume: Double?) -> String { volume.map { number($0, 3) } ?? "–" }
    var rows = [
      ["Vigie"] + percent(part.rows) + scores(part.changes?.scores ?? part.windows?.ownAlarms)
        + [volume(part.surfaceVolume)]
    ]
    if let best = part.windows?.best {
      rows.append(
        [say("Vigie, thresholds set with the labels", "Vigie, seuils choisis par les étiquettes")]
          + percent(nil) + scores(best) + ["–"]
      )
    }
    for baseline in part.baselines {
      rows.append(
        [baseline.name] + percent(baseline.rows)
          + scores(baseline.changes?.scores ?? baseline.ownAlarms) + [
            volume(baseline.surfaceVolume)
          ]
      )
    }
    page.table(
      ["", "F1", "FAR %", "MAR %", "standard", "low FP", "low FN", "VUS-PR"],
      rows,
      numeric: Set(1...7)
    )
  }

  private mutating func normal() {
    guard let normal = report.normal else { return }
    page.heading(say("Nothing wrong", "Rien en défaut"))
    page.paragraph(
      say(
        "\(normal.files) files, \(number(normal.events.normalHours, 2)) h: \(normal.events.falseAlarms) "
          + "false alarms, \(number(normal.events.burdenPercent, 2)) % of the rows in alarm.",
        "\(normal.files) fichiers, \(number(normal.events.normalHours, 2)) h : "
          + "\(normal.events.falseAlarms) fausses alarmes, \(number(normal.events.burdenPercent, 2)) % "
          + "des lignes en alarme."
      )
    )
  }

  // MARK: - One file

  private mutating func file(_ file: ReplayedFile) {
    guard let first = file.seconds.first, let last = file.seconds.last, last > first else { return }
    page.heading(file.name, level: 3)
    // Where the clock goes back within a run, its last row is not the latest.
    func seconds(_ rows: ClosedRange<Int>) -> ClosedRange<Double> {
      let own = file.seconds[rows]
      return (own.min() ?? first)...(own.max() ?? last)
    }
    let windows =
      file.events.map { event in
        Chart.Window(
          seconds: seconds(event),
          colour: "usual",
          label: say("labelled fault", "défaut étiqueté")
        )
      }
      + file.alarmRuns.map { run in
        Chart.Window(
          seconds: seconds(run),
          colour: "machine",
          label: say("in alarm", "en alarme")
        )
      }
    var shown: [(Trace, String)] = []
    if let channel = file.mostNamed, channel < file.traces.count {
      shown.append((file.traces[channel], "\(channels[channel].name), \(unit(of: channel))"))
    }
    if let score = file.scoreTrace { shown.append((score, "score")) }
    for (trace, caption) in shown {
      let chart = Chart(
        trace: trace,
        span: first...last,
        windows: windows,
        hasDecimalComma: page.language == .french,
        offset: { _ in .zero }
      )
      page.add("<figure><figcaption>\(caption.escaped)</figcaption>\(chart.svg())</figure>")
    }
  }

  private func unit(of channel: Int) -> String {
    Notation(page.language).unitSymbol(ucum: channels[channel].unit)
  }

  private func number(_ value: Double, _ decimals: Int) -> String {
    let text = value.fixed(decimals)
    return page.language == .french ? String(text.map { $0 == "." ? "," : $0 }) : text
  }
}

extension ReplayedFile {
  /// The unbroken runs of judged rows in alarm.
  fileprivate var alarmRuns: [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for row in judged where alarms[row] {
      if let last = runs.last, last.upperBound == row - 1 {
        runs[runs.count - 1] = last.lowerBound...row
      } else {
        runs.append(row...row)
      }
    }
    return runs
  }

  /// The channel that is named in most alarm rows; where there are none, in most rows.
  fileprivate var mostNamed: Int? {
    let rows = judged.contains { alarms[$0] } ? judged.filter { alarms[$0] } : Array(judged)
    var votes: [Int] = []
    for row in rows {
      let channel = Int(channels[row])
      while votes.count <= channel { votes.append(0) }
      votes[channel] += 1
    }
    return votes.max().flatMap { votes.firstIndex(of: $0) }
  }
}
