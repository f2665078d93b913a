package import AdvisoryGeneration
package import ConditionModel
import DataAcquisition
import MonitoringPipeline
import StateDetection

/// What was said of each machine while its recording ran, as a page to read and print.
package struct PlantReport {
  private let outcomes: [MachineOutcome]
  private let clock: LocalTimeTable
  private let wording: Wording
  private var page: ReportPage

  /// - Parameters:
  ///   - outcomes: Played with `drawsReport`.
  ///   - site: The name of the site.
  ///   - language: That of the page and its alerts.
  ///   - clock: What the clocks on the site's walls show.
  package init(
    _ outcomes: [MachineOutcome],
    site: String,
    language: Language,
    clock: LocalTimeTable
  ) {
    self.outcomes = outcomes
    self.clock = clock
    wording = Wording(language)
    page = ReportPage(
      language: language,
      title: language == .french ? "\(site) : alertes rejouées" : "\(site): alerts replayed"
    )
  }

  package func html() -> String {
    var report = self
    report.summary()
    for outcome in outcomes { report.machine(outcome) }
    return report.page.html
  }

  private func say(_ english: String, _ french: String) -> String { page.say(english, french) }

  // MARK: - All machines

  private mutating func summary() {
    let figures = outcomes.map { OutcomeFigures($0) }
    page.table(
      [
        say("Machine", "Machine"), say("Days", "Jours"), say("Rows", "Lignes"),
        say("Left out", "Écartées"), say("Machine alerts", "Alertes machine"),
        say("Limits", "Seuils"), say("Sensors", "Capteurs"), say("Only noted", "Notées"),
        say("Told per week", "Dites par semaine"),
      ],
      zip(outcomes, figures).map { outcome, figures in
        [
          outcome.machine, number(figures.days, 1), "\(outcome.account.rows)",
          "\(outcome.account.leftOut)", "\(figures.count(.machine))", "\(figures.count(.limit))",
          "\(figures.count(.sensor))", "\(figures.noted)",
          figures.perWeek.map { number($0, 2) } ?? "–",
        ]
      },
      numeric: Set(1...8)
    )
    let total = figures.reduce(into: (notifications: 0, weeks: 0.0)) { sum, one in
      sum.notifications += one.notifications
      sum.weeks += one.days / 7
    }
    if total.weeks > 0 {
      let interval = poissonInterval(count: total.notifications)
      let rate = number(Double(total.notifications) / total.weeks, 2)
      let low = number(interval.lowerBound / total.weeks, 2)
      let high = number(interval.upperBound / total.weeks, 2)
      page.paragraph(
        say(
          "Notifications: \(total.notifications) in \(number(total.weeks, 1)) machine-weeks, \(rate) per "
            + "machine-week (95 %: \(low) to \(high)). Where nothing was wrong, these are false alerts.",
          "Notifications : \(total.notifications) en \(number(total.weeks, 1)) semaines-machine, \(rate) par "
            + "semaine-machine (95 % : \(low) à \(high)). Là où rien n’était en défaut, ce sont de "
            + "fausses alertes."
        )
      )
    }
    page.add(
      "<p class=\"key soft\">"
        + [
          ("machine", say("alert on the machine", "alerte machine")),
          ("limit", say("limit or zone", "seuil ou zone")),
          ("sensor", say("sensor fault", "défaut de capteur")),
          ("note", say("only noted", "seulement notée")),
          ("usual", say("usual band, as learned", "bande habituelle apprise")),
        ].map { "<span><i style=\"background:var(--\($0))\"></i>\($1.escaped)</span>" }.joined()
        + "</p>"
    )
  }

  // MARK: - One machine

  private mutating func machine(_ outcome: MachineOutcome) {
    page.heading(outcome.machine)
    if let failure = outcome.failure { page.paragraph(failure, class: "bad") }
    let account = outcome.account
    guard let first = account.first, let last = account.last else { return }
    var line = "\(date(first)) – \(date(last))"
    if let period = outcome.period {
      line += say(
        ", a row every \(number(period.inSeconds, 0)) s",
        ", une ligne toutes les \(number(period.inSeconds, 0)) s"
      )
    }
    if let later = outcome.laterPeriod {
      line += say(
        " at first, later every \(number(later.inSeconds, 0)) s",
        " d’abord, puis toutes les \(number(later.inSeconds, 0)) s"
      )
    }
    if outcome.pauses.count > 0 {
      let longest = number(outcome.pauses.longest.inSeconds / 3_600, 1)
      line += say(
        ", \(outcome.pauses.count) pauses, the longest \(longest) h",
        ", \(outcome.pauses.count) interruptions, la plus longue \(longest) h"
      )
    }
    page.paragraph(line, class: "soft")
    if let days = outcome.learningDaysLeft.map({ number($0, 1) }) {
      page.paragraph(
        say(
          "Still learning, for \(days) days more; until then only limits and faults of sensors can be"
            + " told.",
          "Apprentissage en cours, encore \(days) jours ; d’ici là, seuls les seuils et les défauts de"
            + " capteurs peuvent être signalés."
        ),
        class: "soft"
      )
    }
    for remark in account.remarks { page.paragraph("\(outcome.path): \(remark)", class: "bad") }
    let rows = AlertRow.rows(of: outcome)
    alerts(outcome)
    let span =
      Double(first.nanoseconds)
      / 1e9...max(
        Double(last.nanoseconds) / 1e9,
        Double(first.nanoseconds) / 1e9 + 1
      )
    for channel in outcome.plant.channels where Int(channel.id.index) < outcome.traces.count {
      chart(channel, of: outcome, rows, span)
    }
    learned(outcome)
  }

  /// Every alert once, as it was at its worst.
  private mutating func alerts(_ outcome: MachineOutcome) {
    guard !outcome.advisories.isEmpty else {
      page.paragraph(say("No alert.", "Aucune alerte."))
      return
    }
    var ids: [UInt64] = []
    for advisory in outcome.advisories where !ids.contains(advisory.id) { ids.append(advisory.id) }
    for id in ids {
      let steps = outcome.advisories.filter { $0.id == id }
      guard let first = steps.first, let end = steps.last else { continue }
      let worst =
        steps.filter { $0.phase != .cleared }.max { $0.priority < $1.priority } ?? first
      let text = wording.text(for: worst, in: outcome.plant, clock: clock)
      // By its own steps: another alert may start at the same moment.
      let row = AlertRow.rows(of: steps, machine: "", plant: outcome.plant, until: nil).first
      let name = row.map { $0.isNotification ? $0.class.rawValue : "quiet" } ?? "quiet"
      let until =
        end.phase == .cleared
        ? date(end.timestamp)
        : say("still open at the end", "toujours ouverte à la fin")
      page.add(
        "<div class=\"alert \(name)\"><b>\(text.title.escaped)</b>"
          + "<span class=\"soft\">\(date(first.timestamp)) – \(until.escaped)</span>"
          + "<p>\(text.text.escaped)</p></div>"
      )
    }
  }

  private mutating func chart(
    _ channel: Channel,
    of outcome: MachineOutcome,
    _ rows: [AlertRow],
    _ span: ClosedRange<Double>
  ) {
    let trace = outcome.traces[Int(channel.id.index)]
    guard trace.start != nil else { return }
    let windows = rows.filter { $0.channel == channel.name }.map { row in
      Chart.Window(
        seconds: Double(row.start.nanoseconds) / 1e9...Double(row.end.nanoseconds) / 1e9,
        colour: row.isNotification ? row.class.rawValue : "note",
        label: "\(date(row.start)) – \(date(row.end))"
      )
    }
    let chart = Chart(
      trace: trace,
      span: span,
      limits: limits(of: channel, in: outcome),
      windows: windows,
      hasDecimalComma: page.language == .french,
      offset: { [clock] in clock.offset(at: $0) }
    )
    let unit = Notation(page.language).unitSymbol(ucum: channel.unit)
    page.add(
      "<figure><figcaption>\(channel.name.escaped)"
        + "\(unit.isEmpty ? "" : ", \(unit.escaped)")</figcaption>\(chart.svg())</figure>"
    )
  }

  private func limits(of channel: Channel, in outcome: MachineOutcome) -> [Chart.Limit] {
    guard let detection = outcome.configuration?.detection else { return [] }
    var limits: [Chart.Limit] = []
    for rule in detection.channels[Int(channel.id.index)].limits {
      if let alert = rule.alert { limits.append(Chart.Limit(value: alert, isAlarm: false)) }
      if let alarm = rule.alarm { limits.append(Chart.Limit(value: alarm, isAlarm: true)) }
    }
    for rule in detection.severity where rule.channels.contains(channel.id) {
      limits.append(Chart.Limit(value: rule.boundaryBC, isAlarm: false))
      limits.append(Chart.Limit(value: rule.boundaryCD, isAlarm: true))
    }
    return limits
  }

  private mutating func learned(_ outcome: MachineOutcome) {
    let rows = zip(outcome.plant.channels, outcome.learned).compactMap { channel, learned in
      learned.map { learned in
        [
          channel.name, number(learned.learnedHours, 0), number(learned.runningHours, 0),
          learned.isTrusted ? say("yes", "oui") : say("not yet", "pas encore"),
        ]
      }
    }
    guard !rows.isEmpty else { return }
    page.heading(say("What was learned", "Ce qui a été appris"), level: 3)
    page.table(
      [
        say("Value", "Grandeur"), say("Hours learned", "Heures apprises"),
        say("Hours run", "Heures de marche"), say("Trusted", "Fiable"),
      ],
      rows,
      numeric: [1, 2]
    )
  }

  // MARK: - Words

  private func number(_ value: Double, _ decimals: Int) -> String {
    let text = value.fixed(decimals)
    return page.language == .french ? String(text.map { $0 == "." ? "," : $0 }) : text
  }

  private func date(_ moment: Timestamp) -> String {
    let local = CivilTime(moment, offset: clock.offset(at: moment))
    return "\(local.year.padded(4))-\(local.month.padded(2))-\(local.day.padded(2)) "
      + "\(local.hour.padded(2)):\(local.minute.padded(2))"
  }
}
