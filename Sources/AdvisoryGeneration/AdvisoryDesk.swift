package import ConditionModel

/// Turns what is found on machines into few advisories, each with one life.
///
/// There is one advisory for each machine, class of finding and place; a device that does not answer
/// is one place, however many channels it has. An advisory that cleared and comes back soon is the
/// same one again. An end that a trained model foresees is an advisory too, where nothing is found.
package struct AdvisoryDesk: Sendable {
  /// What the block remembers: with the plant it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    var entries: [Entry] = []
    fileprivate var lastID: UInt64
    /// The latest estimate for each machine that has one.
    var lives: [Life] = []
    /// The machines whose model foresees their end soon; `nil` in memories from before that was told.
    var foreseen: [ForeseenEnd]?

    /// Nothing, but numbers given so far.
    package init(lastID: UInt64 = 0) {
      self.lastID = lastID
    }

    /// Whether all that it tells of is in the plant.
    package func fits(_ plant: Plant) -> Bool {
      let assets =
        entries.flatMap { [$0.subject.asset, $0.advisory.asset] } + lives.map(\.asset)
        + (foreseen ?? []).map(\.asset)
      let known = entries.compactMap(\.advisory.life) + lives.map(\.life)
      let channels =
        entries.flatMap { $0.advisory.findings.map(\.channel) } + known.flatMap(\.channels)
      return assets.allSatisfy { Int($0.index) < plant.assets.count }
        && channels.allSatisfy { Int($0.index) < plant.channels.count }
    }
  }

  struct Life: Hashable, Sendable, Codable {
    var asset: AssetID
    var life: RemainingLife
  }

  /// The latest advisory about one subject; at most one entry per subject.
  struct Entry: Hashable, Sendable, Codable {
    var subject: Subject
    var advisory: Advisory
    /// Set when a date that was told is gone: the matter stays as urgent as it made it.
    var keepsPriority: Bool?
  }

  /// What an advisory is about.
  struct Subject: Hashable, Sendable, Codable {
    var asset: AssetID
    var findingClass: FindingClass
    var location: String
    /// Set for communication only: a location may have two devices.
    var device: UInt16?
    /// Set for what is unusual only: deviations of one story, wherever they show.
    var episode: UInt32?
    /// Set for an end that a model foresees only.
    var isForeseen: Bool?
  }

  /// An advisory that comes back within this time after it cleared is the same one
  /// (a chattering alarm of IEC 62682 is one alarm, not many).
  private static let reAlarmTime = Duration.seconds(600)
  /// The same for a sensor, for a story of what is unusual and for an end that is foreseen: what lies around
  /// it is one alert, however often shifts and weekends interrupt it.
  private static let levelReAlarmTime = Duration.seconds(3 * 86_400)
  /// The same for a limit or zone of a machine: what comes with a job of each week is told once.
  private static let limitReAlarmTime = Duration.seconds(8 * 86_400)
  /// How many channels that show nothing unusual are worth naming.
  private static let unmovedLimit = 4

  package internal(set) var memory: Memory
  private let plant: Plant
  /// For each channel whether it is held against a limit or zone at all.
  private let isWatched: [Bool]

  package init(_ plant: Plant, isWatched: [Bool], memory: Memory? = nil) {
    self.plant = plant
    self.isWatched = isWatched
    self.memory = memory ?? Memory()
  }

  /// The advisories that are open, oldest first.
  package var open: [Advisory] {
    memory.entries.lazy.map(\.advisory).filter { $0.phase != .cleared }.sorted { $0.id < $1.id }
  }

  /// The highest number that was given so far.
  package var lastID: UInt64 { memory.lastID }

  /// Gives no number up to this one any more.
  package mutating func skip(through number: UInt64) {
    memory.lastID = max(memory.lastID, number)
  }

  /// Takes how a machine is and tells which advisories begin, change and end.
  ///
  /// - Parameters:
  ///   - report: All that is found on the machine.
  ///   - isQuiet: Whether a channel delivers values, all of them within what they are held against.
  ///   - advisories: Receives what changes.
  package mutating func process(
    _ report: HealthReport,
    isQuiet: (ChannelID) -> Bool,
    into advisories: inout [Advisory]
  ) {
    var groups: [(subject: Subject, findings: [Finding])] = []
    for finding in report.findings {
      let subject = subject(of: finding)
      if let index = groups.firstIndex(where: { $0.subject == subject }) {
        groups[index].findings.append(finding)
      } else {
        groups.append((subject, [finding]))
      }
    }
    for index in memory.entries.indices
    where memory.entries[index].subject.asset == report.asset
      && memory.entries[index].advisory.phase != .cleared
      && memory.entries[index].subject.isForeseen != true
      && !groups.contains(where: { $0.subject == memory.entries[index].subject })
    {
      memory.entries[index].advisory.phase = .cleared
      memory.entries[index].advisory.timestamp = report.timestamp
      advisories.append(memory.entries[index].advisory)
    }
    for (subject, findings) in groups {
      let fresh = advisory(on: subject, findings, report, isQuiet: isQuiet)
      if let advisory = take(fresh, on: subject) { advisories.append(advisory) }
    }
  }

  /// Notes that a person has seen an open advisory; anything else changes nothing.
  package mutating func acknowledge(
    _ id: UInt64,
    at moment: Timestamp,
    into advisories: inout [Advisory]
  ) {
    let index = memory.entries.firstIndex {
      $0.advisory.id == id && $0.advisory.phase != .cleared && !$0.advisory.isAcknowledged
    }
    guard let index else { return }
    memory.entries[index].advisory.isAcknowledged = true
    memory.entries[index].advisory.phase = .updated
    memory.entries[index].advisory.timestamp = moment
    renewLife(of: index, at: moment)
    advisories.append(memory.entries[index].advisory)
  }

  /// Puts an open advisory on the shelf: until `end` no change of it is told but its own end.
  ///
  /// Whoever shelves has seen it. Shelving again moves the end. Anything else changes nothing.
  package mutating func shelve(
    _ id: UInt64,
    until end: Timestamp,
    at moment: Timestamp,
    into advisories: inout [Advisory]
  ) {
    let index = memory.entries.firstIndex {
      $0.advisory.id == id && $0.advisory.phase != .cleared
    }
    guard let index, end > moment else { return }
    memory.entries[index].advisory.shelvedUntil = end
    memory.entries[index].advisory.isAcknowledged = true
    memory.entries[index].advisory.phase = .updated
    memory.entries[index].advisory.timestamp = moment
    renewLife(of: index, at: moment)
    advisories.append(memory.entries[index].advisory)
  }

  /// Takes from the shelf what was there long enough, as it is now and to be seen anew.
  package mutating func advance(to now: Timestamp, into advisories: inout [Advisory]) {
    for index in memory.entries.indices {
      guard let end = memory.entries[index].advisory.shelvedUntil, end <= now else { continue }
      memory.entries[index].advisory.shelvedUntil = nil
      guard memory.entries[index].advisory.phase != .cleared else { continue }
      memory.entries[index].advisory.isAcknowledged = false
      memory.entries[index].advisory.phase = .updated
      memory.entries[index].advisory.timestamp = now
      renewLife(of: index, at: now)
      advisories.append(memory.entries[index].advisory)
    }
    // An episode that is over never comes again: the next one is another.
    memory.entries.removeAll { $0.subject.episode != nil && Self.isOver($0.advisory, at: now) }
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.entries.indices {
      memory.entries[index].advisory.shift(by: step)
    }
    for index in memory.lives.indices { memory.lives[index].life.shift(by: step) }
    for index in (memory.foreseen ?? []).indices { memory.foreseen?[index].shift(by: step) }
  }

  private func subject(of finding: Finding) -> Subject {
    let channel = plant[finding.channel]
    let findingClass = finding.kind.findingClass
    if case .unusual(let deviation) = finding.kind {
      return Subject(
        asset: channel.asset,
        findingClass: findingClass,
        location: "",
        episode: deviation.episode
      )
    }
    return Subject(
      asset: channel.asset,
      findingClass: findingClass,
      location: channel.location,
      device: findingClass == .communication ? channel.device : nil
    )
  }

  /// Puts an advisory in the place of the one before, if any.
  ///
  /// - Returns: The advisory if it says something that people do not know yet.
  mutating func take(_ fresh: Advisory, on subject: Subject) -> Advisory? {
    var fresh = fresh
    let index = memory.entries.firstIndex { $0.subject == subject }
    guard let index, !Self.isOver(memory.entries[index].advisory, at: fresh.timestamp) else {
      memory.lastID += 1
      fresh.id = memory.lastID
      if let index {
        memory.entries[index] = Entry(subject: subject, advisory: fresh)
      } else {
        memory.entries.append(Entry(subject: subject, advisory: fresh))
      }
      return fresh
    }
    let known = memory.entries[index].advisory
    let keepsPriority =
      known.phase != .cleared && (known.life != nil || memory.entries[index].keepsPriority == true)
    if keepsPriority {
      // A date that moves back and forth, or is lost, does not make a matter less urgent.
      fresh.priority = max(fresh.priority, known.priority)
    }
    fresh.shelvedUntil = known.shelvedUntil
    let isShelved = known.shelvedUntil != nil
    let isNews = !isShelved && (known.phase == .cleared || isNews(fresh, after: known))
    // What was told last is what news is held against; told anew is only what holds today.
    if !isNews { fresh.life = known.life }
    fresh.id = known.id
    // A story keeps the place where it was first seen.
    fresh.location = known.location
    fresh.since = min(known.since, fresh.since)
    fresh.phase = isNews ? .updated : known.phase
    fresh.timestamp = isNews ? fresh.timestamp : known.timestamp
    // What got worse must be seen again.
    fresh.isAcknowledged = known.isAcknowledged && fresh.priority <= known.priority
    memory.entries[index].advisory = fresh
    memory.entries[index].keepsPriority = keepsPriority ? true : nil
    return isNews ? fresh : nil
  }

  private static func isOver(_ advisory: Advisory, at now: Timestamp) -> Bool {
    guard advisory.phase == .cleared, advisory.shelvedUntil == nil else { return false }
    let lasts = advisory.findingClass == .sensor || advisory.isForeseen
    var longest = lasts ? levelReAlarmTime : reAlarmTime
    for finding in advisory.findings {
      switch finding.kind {
      case .limit, .severityZone: longest = max(longest, limitReAlarmTime)
      case .unusual: longest = max(longest, levelReAlarmTime)
      default: break
      }
    }
    return now - advisory.timestamp > longest
  }

  /// Whether `fresh` has another priority, a new finding or a clearly more extreme value.
  ///
  /// Further channels of a device that does not answer are no news.
  private func isNews(_ fresh: Advisory, after known: Advisory) -> Bool {
    if fresh.priority != known.priority { return true }
    guard fresh.findingClass != .communication else { return false }
    return fresh.findings.contains { finding in
      guard let before = known.findings.first(where: { plant.isSameConcern($0, finding) }) else {
        return true
      }
      return finding.state != before.state || finding.extreme != before.extreme
        || finding.kind.pattern?.stage != before.kind.pattern?.stage
    }
  }

  private func advisory(
    on subject: Subject,
    _ findings: [Finding],
    _ report: HealthReport,
    isQuiet: (ChannelID) -> Bool
  ) -> Advisory {
    let isMachine = subject.findingClass == .machine
    let suspects = report.suspects.filter { suspect in
      isMachine && findings.contains { suspect.evidence.contains($0.channel) }
    }
    let life = isMachine ? life(of: subject.asset, at: report.timestamp) : nil
    let byState = priority(of: findings, subject.findingClass, coverage: report.coverage)
    // Where an advisory of its own tells when to act, this one is as urgent as what was found.
    let isForeseen = foreseenAdvisory(of: subject.asset) != nil
    let byLife = isForeseen ? nil : priority(of: life, at: report.timestamp)
    return Advisory(
      id: 0,
      asset: subject.asset,
      findingClass: subject.findingClass,
      location: subject.episode == nil
        ? subject.location
        : findings.min { $0.since < $1.since }.map { plant[$0.channel].location } ?? "",
      phase: .raised,
      priority: max(byState, byLife ?? byState),
      since: findings.map(\.since).min() ?? report.timestamp,
      timestamp: report.timestamp,
      isAcknowledged: false,
      findings: findings,
      suspects: suspects,
      unmoved: isMachine ? unmoved(besides: subject, report, isQuiet: isQuiet) : [],
      life: life
    )
  }

  /// A fault of the machine counts by its state; one of what watches it is no hurry, unless nothing
  /// watches the machine any more.
  private func priority(
    of findings: [Finding],
    _ findingClass: FindingClass,
    coverage: Double
  ) -> Advisory.Priority {
    switch findingClass {
    case .machine:
      if findings.contains(where: { $0.state == .alarm }) { return .high }
      // A pattern on a machine that still runs smoothly is early news, and no hurry.
      return findings.allSatisfy { $0.kind.pattern?.canWait ?? false } ? .low : .medium
    case .sensor, .communication: return coverage == 0 ? .medium : .low
    }
  }
}

// MARK: - What did not move

extension AdvisoryDesk {
  /// The channels whose silence tells the most, one for each quantity and place.
  ///
  /// A machine at rest shows nothing unusual anywhere, so nothing is named then.
  private func unmoved(
    besides subject: Subject,
    _ report: HealthReport,
    isQuiet: (ChannelID) -> Bool
  ) -> [ChannelID] {
    guard report.isRunning != false else { return [] }
    var found: [Channel] = []
    for channel in plant.channels
    where channel.asset == subject.asset && isWatched[Int(channel.id.index)]
      && isQuiet(channel.id)
      && !report.findings.contains(where: { isAbout($0, channel) })
      && !found.contains(where: {
        $0.quantity == channel.quantity && $0.location == channel.location
      })
    {
      found.append(channel)
    }
    found.sort { one, other in
      let oneRank = (rank(of: one.quantity), one.location == subject.location ? 0 : 1, one.id)
      let otherRank =
        (rank(of: other.quantity), other.location == subject.location ? 0 : 1, other.id)
      return oneRank < otherRank
    }
    return found.prefix(Self.unmovedLimit).map(\.id)
  }

  /// Whether a finding is about the channel or about the same quantity at the same place.
  private func isAbout(_ finding: Finding, _ channel: Channel) -> Bool {
    let other = plant[finding.channel]
    return other.quantity == channel.quantity && other.location == channel.location
  }

  private func rank(of quantity: Quantity) -> Int {
    switch quantity {
    case .temperature: 0
    case .highFrequencyAccelerationRMS, .velocityRMS, .accelerationRMS, .crestFactor, .kurtosis,
      .velocityPeak, .accelerationPeak, .displacement:
      1
    case .current, .activePower: 2
    case .pressure, .differentialPressure, .flow: 3
    default: 4
    }
  }
}

extension Finding.Kind {
  var pattern: FaultPattern? {
    if case .faultPattern(let pattern) = self { pattern } else { nil }
  }
}

extension Advisory {
  fileprivate mutating func shift(by step: Duration) {
    since = since.shifted(by: step)
    timestamp = timestamp.shifted(by: step)
    shelvedUntil = shelvedUntil?.shifted(by: step)
    life?.shift(by: step)
    for index in findings.indices {
      findings[index].since = findings[index].since.shifted(by: step)
    }
  }
}
