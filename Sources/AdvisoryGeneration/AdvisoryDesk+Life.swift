package import ConditionModel

// How long a machine will last, in its advisories and as one of its own.

extension AdvisoryDesk {
  /// A machine whose model foresees its end within the time in which one plans.
  struct ForeseenEnd: Hashable, Sendable, Codable {
    var asset: AssetID
    var since: Timestamp
    /// Since when it foresees the end far off again, if it does.
    var farSince: Timestamp?
    /// Set when a person told of the failure or the work that ended it: the same estimate, which may
    /// go on for a while, begins nothing new.
    var isSettled = false

    mutating func shift(by step: Duration) {
      since = since.shifted(by: step)
      farSince = farSince?.shifted(by: step)
    }
  }

  /// P10 within this time asks for action at once.
  private static let urgentTime = Duration.seconds(2 * 86_400)
  /// P10 within this time is to be planned.
  private static let planningTime = Duration.seconds(14 * 86_400)
  /// P10 beyond this is no longer to be planned: an estimate that hovers around two weeks is one matter.
  private static let farTime = Duration.seconds(21 * 86_400)
  /// How long a model must say so, in estimates six hours apart, before people are told.
  private static let confirmingTime = Duration.seconds(6 * 3_600)
  /// How long it must see the end far off again before that is believed.
  private static let farConfirmingTime = Duration.seconds(86_400)

  /// Takes how long a machine will last into its open advisories.
  ///
  /// That is news when there was no estimate before, when it asks for sooner action, or when its
  /// middle leaves the range that was told; but not while estimates swing, nor where only the usual length
  /// of faults speaks. What a trained model foresees within the time in which one plans is an advisory
  /// of its own where no other one tells it; a trend is not, for it is wrong too often.
  package mutating func process(_ prognosis: Prognosis, into advisories: inout [Advisory]) {
    memory.lives.removeAll { $0.asset == prognosis.asset }
    if case .remainingLife(let life) = prognosis.outlook {
      memory.lives.append(Life(asset: prognosis.asset, life: life))
    }
    let foreseen = foreseenAdvisory(of: prognosis.asset)
    for index in memory.entries.indices where foreseen == nil || index == foreseen {
      let known = memory.entries[index].advisory
      guard known.asset == prognosis.asset, known.findingClass == .machine,
        known.phase != .cleared, known.shelvedUntil == nil
      else { continue }
      var fresh = known
      fresh.life = life(for: memory.entries[index], at: prognosis.timestamp)
      fresh.priority = max(
        known.priority,
        priority(of: fresh.life, at: prognosis.timestamp) ?? known.priority
      )
      guard isNews(fresh, after: known.life) || fresh.priority > known.priority else { continue }
      // That it is far off again ends the matter, once that is sure.
      if index == foreseen, horizon(of: prognosis) == .far { continue }
      fresh.phase = .updated
      fresh.timestamp = prognosis.timestamp
      fresh.isAcknowledged = known.isAcknowledged && fresh.priority <= known.priority
      memory.entries[index].advisory = fresh
      advisories.append(fresh)
    }
    foresee(prognosis, into: &advisories)
  }

  /// Takes what became of a machine: its failure or a new part ends what was foreseen of it.
  ///
  /// - Parameters:
  ///   - mark: What people told, which may lie back.
  ///   - now: The present moment.
  ///   - advisories: Receives what ends.
  package mutating func process(
    _ mark: MaintenanceMark,
    at now: Timestamp,
    into advisories: inout [Advisory]
  ) {
    guard let place = memory.foreseen?.firstIndex(where: { $0.asset == mark.asset }) else { return }
    switch mark.kind {
    case .part: break
    case .failure where mark.timestamp >= memory.foreseen?[place].since ?? mark.timestamp: break
    case .failure, .setting, .sensor, .greasing, .note: return
    }
    memory.foreseen?[place].isSettled = true
    memory.lives.removeAll { $0.asset == mark.asset }
    guard let index = foreseenAdvisory(of: mark.asset) else { return }
    end(index, at: now, into: &advisories)
    // Should it be foreseen again, that is another end.
    memory.entries.remove(at: index)
  }

  // MARK: - Estimates

  /// The latest estimate for a machine; `nil` once the machine has outlived all of it.
  func life(of asset: AssetID, at now: Timestamp) -> RemainingLife? {
    memory.lives.first { $0.asset == asset && $0.life.due.p90 > now }?.life
  }

  /// Puts today's estimate in the place of the one that an advisory was last told with, if any.
  mutating func renewLife(of index: Int, at now: Timestamp) {
    let advisory = memory.entries[index].advisory
    guard advisory.life != nil else { return }
    memory.entries[index].advisory.life = life(for: memory.entries[index], at: now)
    memory.entries[index].keepsPriority = true
  }

  /// The latest estimate that belongs to an advisory: only the model's where it alone speaks.
  private func life(for entry: Entry, at now: Timestamp) -> RemainingLife? {
    let life = life(of: entry.subject.asset, at: now)
    return entry.subject.isForeseen == true && life?.basis != .model ? nil : life
  }

  private func isNews(_ fresh: Advisory, after told: RemainingLife?) -> Bool {
    guard let life = fresh.life, !life.isSwinging, life.tellsWhenToAct else { return false }
    guard let told, told.tellsWhenToAct else { return true }
    return life.due.p50 < told.due.p10 || told.due.p90 < life.due.p50
  }

  /// How soon to act, so that nine of ten failures find the work done: two days is at once, two weeks
  /// is to be planned.
  func priority(of life: RemainingLife?, at now: Timestamp) -> Advisory.Priority? {
    guard let life, !life.isSwinging, life.tellsWhenToAct else { return nil }
    let left = life.due.p10 - now
    if left < Self.urgentTime { return .high }
    return left < Self.planningTime ? .medium : nil
  }

  // MARK: - Ends that a model foresees

  private enum Horizon {
    /// To be planned.
    case near
    /// Well beyond that, or farther than the model can see.
    case far
    /// In between, swinging, or not told.
    case open
  }

  private func horizon(of prognosis: Prognosis) -> Horizon {
    guard case .remainingLife(let life) = prognosis.outlook, life.basis == .model else {
      return prognosis.modelDoubt == nil ? .far : .open
    }
    if priority(of: life, at: prognosis.timestamp) != nil { return .near }
    let isFar = !life.isSwinging && life.due.p10 - prognosis.timestamp >= Self.farTime
    return isFar ? .far : .open
  }

  /// The place of the open advisory about the end that is foreseen of a machine.
  func foreseenAdvisory(of asset: AssetID) -> Int? {
    memory.entries.firstIndex {
      $0.subject.isForeseen == true && $0.subject.asset == asset && $0.advisory.phase != .cleared
    }
  }

  /// Raises and ends the advisory about what a model alone foresees.
  private mutating func foresee(_ prognosis: Prognosis, into advisories: inout [Advisory]) {
    let (asset, now) = (prognosis.asset, prognosis.timestamp)
    var ends = memory.foreseen ?? []
    defer { memory.foreseen = ends.isEmpty ? nil : ends }
    let place = ends.firstIndex { $0.asset == asset }
    let open = foreseenAdvisory(of: asset)
    switch horizon(of: prognosis) {
    case .near:
      guard let place else {
        ends.append(ForeseenEnd(asset: asset, since: now))
        return
      }
      ends[place].farSince = nil
      guard open == nil, !ends[place].isSettled, now - ends[place].since >= Self.confirmingTime
      else { return }
      raise(prognosis, since: ends[place].since, into: &advisories)
    case .far:
      guard let place else { return }
      ends[place].farSince = ends[place].farSince ?? now
      guard let open else {
        ends.remove(at: place)
        return
      }
      guard now - (ends[place].farSince ?? now) >= Self.farConfirmingTime else { return }
      end(open, at: now, into: &advisories)
      ends.remove(at: place)
    case .open:
      guard let place else { return }
      ends[place].farSince = nil
      guard let open else {
        // It must be sure anew. After a failure the estimate may swing and be the same one still.
        if !ends[place].isSettled || prognosis.modelDoubt != nil { ends.remove(at: place) }
        return
      }
      // Set aside, the model takes nothing back, until the machine has outlived all that it said.
      guard prognosis.modelDoubt != nil,
        memory.entries[open].advisory.life.map({ $0.due.p90 < now }) ?? true
      else { return }
      end(open, at: now, into: &advisories)
      ends.remove(at: place)
    }
  }

  private mutating func raise(
    _ prognosis: Prognosis,
    since: Timestamp,
    into advisories: inout [Advisory]
  ) {
    let asset = prognosis.asset
    guard let life = life(of: asset, at: prognosis.timestamp),
      let priority = priority(of: life, at: prognosis.timestamp),
      !isTold(priority, of: asset)
    else { return }
    let subject = Subject(asset: asset, findingClass: .machine, location: "", isForeseen: true)
    let fresh = Advisory(
      id: 0,
      asset: asset,
      findingClass: .machine,
      location: "",
      phase: .raised,
      priority: priority,
      since: since,
      timestamp: prognosis.timestamp,
      isAcknowledged: false,
      findings: [],
      suspects: [],
      unmoved: [],
      life: life
    )
    if let advisory = take(fresh, on: subject) { advisories.append(advisory) }
  }

  /// Whether an open advisory about the machine tells it, or told a person who then shelved it.
  private func isTold(_ priority: Advisory.Priority, of asset: AssetID) -> Bool {
    memory.entries.contains { entry in
      let advisory = entry.advisory
      guard advisory.asset == asset, advisory.findingClass == .machine, advisory.phase != .cleared
      else { return false }
      return advisory.shelvedUntil == nil
        || (advisory.life?.basis == .model && advisory.priority >= priority)
    }
  }

  private mutating func end(
    _ index: Int,
    at now: Timestamp,
    into advisories: inout [Advisory]
  ) {
    memory.entries[index].advisory.life = life(for: memory.entries[index], at: now)
    memory.entries[index].advisory.phase = .cleared
    memory.entries[index].advisory.timestamp = now
    advisories.append(memory.entries[index].advisory)
  }
}
