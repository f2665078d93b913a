import AdvisoryGeneration
import AgentRuntime
import ConditionModel
import DataAcquisition
import DatasetReplay
import Glibc
import SiteConfiguration

extension ReplayCommand {
  /// Plays what the machines of the site file name as their recordings.
  func replayFolder(_ folder: String) async throws {
    let site = try siteOptions.site()
    guard !site.recordings.isEmpty else {
      throw Failure(
        .configuration,
        "no machine of \(siteOptions.config) names a 'recording'; name recordings instead of a folder"
      )
    }
    let results = try results(besides: site.recordings.map { $0.path(in: folder) })
    let clock = try site.localTime()
    var marks: [MaintenanceMark] = []
    if let events {
      do throws(ReplayError) {
        let file = try EventFile(path: events, plant: site.plant)
        for remark in file.remarks { tell("\(events): \(remark)") }
        marks = file.marks
      } catch {
        throw Failure(.findings, "\(error)")
      }
    }
    let outcomes = await play(site, siteOptions, folder: folder, marks)
    try results.write(outcomes, site, language, clock)
    var (remarks, failures) = troubles(of: outcomes)
    if let against {
      var other = siteOptions
      other.config = against
      let after = await play(try other.site(), other, folder: folder, marks)
      try compare(outcomes, after, site.plant)
      // Most often both read the same recordings: what was said of them is not said twice.
      let more = troubles(of: after)
      remarks += more.remarks.filter { !remarks.contains($0) }.map { "\(against): \($0)" }
      failures += more.failures.filter { !failures.contains($0) }.map { "\(against): \($0)" }
    } else {
      tellAll(of: outcomes, language: site.language, clock)
    }
    for remark in remarks { tell(remark) }
    guard failures.isEmpty else {
      throw Failure(.findings, failures.joined(separator: "\nvigie: "))
    }
    let isTold = outcomes.contains { AlertRow.rows(of: $0).contains(where: \.isNotification) }
    if failOnAlert, isTold { throw Failure(.findings) }
  }

  /// What was odd in recordings, and why some could not be played.
  private func troubles(
    of outcomes: [MachineOutcome]
  ) -> (remarks: [String], failures: [String]) {
    let remarks = outcomes.flatMap { outcome in
      outcome.account.remarks.map { "\(outcome.path): \($0)" }
    }
    return (remarks, outcomes.compactMap(\.failure))
  }

  private func play(
    _ site: Site,
    _ options: SiteOptions,
    folder: String,
    _ marks: [MaintenanceMark]
  ) async -> [MachineOutcome] {
    let replayed = ReplayedSite(site) { one in try options.load(one: one) }
    var replay = PlantReplay(replayed, folder: folder, marks: marks)
    replay.drawsReport = report != nil
    return await replay.run { done, total in
      if Terminal.isPresent { tell("\(done) of \(total) machines") }
    }
  }

  private func tellAll(
    of outcomes: [MachineOutcome],
    language: Language,
    _ clock: LocalTimeTable
  ) {
    printSteps(of: outcomes, language: language, clock)
    guard !json else { return }
    let rows = outcomes.flatMap { AlertRow.rows(of: $0) }
    for outcome in outcomes {
      print(line(on: outcome))
      if let line = learningLine(on: outcome) { print(line) }
      if let line = modelLine(on: outcome, language: language) { print(line) }
    }
    let values = outcomes.reduce(0) { $0 + $1.account.values }
    print(
      "values: \(values), notifications: \(rows.count(where: \.isNotification)), "
        + "only noted: \(rows.count { !$0.isNotification })"
    )
  }

  /// Prints each step of each alert by its time; alerts are numbered in that order.
  private func printSteps(
    of outcomes: [MachineOutcome],
    language: Language,
    _ clock: LocalTimeTable
  ) {
    let wording = Wording(language)
    let steps = outcomes.indices.flatMap { place in
      outcomes[place].advisories.map { (place: place, advisory: $0) }
    }
    let sorted = steps.enumerated().sorted {
      ($0.element.advisory.timestamp, $0.offset) < ($1.element.advisory.timestamp, $1.offset)
    }
    var numbers: [[UInt64: UInt64]] = Array(repeating: [:], count: outcomes.count)
    var latest: UInt64 = 0
    for (count, (_, step)) in sorted.enumerated() {
      var advisory = step.advisory
      if numbers[step.place][advisory.id] == nil {
        latest += 1
        numbers[step.place][advisory.id] = latest
      }
      advisory.id = numbers[step.place][advisory.id] ?? latest
      let plant = outcomes[step.place].plant
      let text = wording.text(for: advisory, in: plant, clock: clock)
      if json {
        print(self.step(advisory, sequence: UInt64(count + 1), text, in: plant))
      } else {
        print(words(advisory, text, clock))
      }
    }
  }

  private func line(on outcome: MachineOutcome) -> String {
    let account = outcome.account
    guard let first = account.first, let last = account.last else {
      return "\(outcome.machine): nothing could be read"
    }
    var period = outcome.period.map { "every \(shown($0.inSeconds)) s" } ?? "once"
    if let later = outcome.laterPeriod {
      period += " at first, later every \(shown(later.inSeconds.rounded())) s"
    }
    let days = shown(((last - first).inSeconds / 8_640).rounded() / 10)
    var line = "\(outcome.machine): \(account.rows) rows \(period), \(days) days"
    if outcome.pauses.count > 0 {
      let hours = shown((outcome.pauses.longest.inSeconds / 360).rounded() / 10)
      let count = outcome.pauses.count
      line += count == 1 ? ", a pause of \(hours) h" : ", \(count) pauses, the longest \(hours) h"
    }
    if account.leftOut > 0 { line += ", \(account.leftOut) rows left out" }
    return line
  }

  /// How long the model of a machine told what remains, and why it did not; `nil` without a model.
  private func modelLine(on outcome: MachineOutcome, language: Language) -> String? {
    let life = outcome.life
    guard life.modelRowCount + life.setAsideRowCount > 0 else { return nil }
    var line =
      "\(outcome.machine): its model told what remains in \(life.modelRowCount) of "
      + "\(life.rows.count) hours"
    if let doubt = life.latestDoubt {
      line +=
        ", was set aside in \(life.setAsideRowCount), at last because "
        + Wording(language).reason(doubt)
    }
    return line
  }

  /// That nothing unusual could be told of a machine yet; `nil` where it could.
  func learningLine(on outcome: MachineOutcome) -> String? {
    guard let days = outcome.learningDaysLeft else { return nil }
    return
      "\(outcome.machine): still learning, for \(shown((days * 10).rounded() / 10)) days more; "
      + "until then only limits and faults of sensors can be told"
  }

  private func shown(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : "\(number)"
  }
}

/// Whether there is a file or folder of this name.
func exists(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0
}

/// Whether there is a folder of this name.
func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
