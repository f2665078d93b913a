import ConditionModel

// What is unusual for how long, whose fault it is, and when it is over.
extension MachineLearner {
  /// Hours beyond the limit, weighted by how far, after which a deviation is told; what keeps its heat
  /// wanders for longer.
  private static let patience = 0.25
  private static let heatPatience = 0.75
  /// A deviation of which the last hour shows less than this part is on its way back; heat moves steadily.
  private static let recedingPart = 0.75
  private static let recedingHeat = 0.85
  /// For so many hours a rise within the hour that is no higher may be the heat of fresh grease.
  private static let greaseHours = 12.0
  private static let greaseHeat = 15.0
  /// What is over by itself so soon was a start or a change of the job; what leapt alone is told before.
  private static let leastMinutes = 65.0
  private static let quietMinutes = 150.0
  private static let steadyDays = 1.2

  // MARK: - From minute to minute

  mutating func follow(_ place: Int, _ step: Int64, into changes: inout [Change]) {
    let excess = memory.excesses[place]
    if excess < 0.5, !memory.alarms[place].isRaised { memory.alarms[place].onset = step }
    if memory.alarms[place].isRaised {
      followRaised(place, step, into: &changes)
      return
    }
    let hours = minutesPerStep / 60
    if step < memory.greasedUntil, layout.quantities[place].followsGrease { return }
    // What work on the machine changed is what it was for, until the new baseline stands.
    guard memory.settlesAt == nil else {
      memory.alarms[place].beyond = 0
      return
    }
    // What goes back to where it was before is repaired: the averages are soon there, too.
    guard !memory.models[place].isBack(memory.jumps[place].lastRest) else { return }
    let isReceding = isReceding(place)
    if excess > 1 { noteExcursion(place) }
    if excess > 1, !isReceding {
      memory.alarms[place].beyond += min(excess - 1, 4) * hours
    } else {
      memory.alarms[place].beyond = max(0, memory.alarms[place].beyond - 0.5 * hours)
    }
    if excess < 0.6 { learnExcursion(place) }
    if isNewStep(place, step) {
      if verdict(on: place, step) != .unusual { raise(place, step, into: &changes) }
      return
    }
    let patience = layout.quantities[place].isSluggish ? Self.heatPatience : Self.patience
    guard excess > 1, memory.alarms[place].beyond >= patience, !isReceding,
      !mayBeGrease(place, step),
      Double(step - memory.alarms[place].onset) * minutesPerStep >= Self.leastMinutes
    else { return }
    raise(culprit(of: place), step, into: &changes)
  }

  /// Whether the last hour shows clearly less of a deviation than there was of it: no wear goes back.
  private func isReceding(_ place: Int) -> Bool {
    let model = memory.models[place]
    let farthest = max(memory.alarms[place].farthest ?? 0, abs(model.size(1)), abs(model.size(2)))
    let part = layout.quantities[place].isSluggish ? Self.recedingHeat : Self.recedingPart
    return abs(model.size(0)) < part * farthest
  }

  /// Whether heat may be that of fresh grease: it came within the hour, and may go within the day.
  private func mayBeGrease(_ place: Int, _ step: Int64) -> Bool {
    guard layout.quantities[place] == .temperature else { return false }
    let heat = memory.models[place].size(0)
    return heat < Self.greaseHeat && heat > 1.2 * abs(memory.models[place].size(1))
      && Double(step - memory.alarms[place].onset) * minutesPerStep < Self.greaseHours * 60
  }

  private mutating func noteExcursion(_ place: Int) {
    let model = memory.models[place]
    for span in ChannelModel.spans.indices {
      memory.alarms[place].excursion[span] = max(
        memory.alarms[place].excursion[span],
        abs(model.averages[span] - model.baseline)
      )
    }
    memory.alarms[place].farthest = max(memory.alarms[place].farthest ?? 0, abs(model.size(0)))
  }

  /// What came back by itself was no wear: so far may the channel wander.
  mutating func learnExcursion(_ place: Int) {
    let excursion = memory.alarms[place].excursion
    guard excursion != .zero else { return }
    memory.models[place].learnExcursion(excursion, quantile: quantile)
    forgetExcursion(place)
  }

  mutating func forgetExcursion(_ place: Int) {
    memory.alarms[place].excursion = .zero
    memory.alarms[place].farthest = nil
  }

  /// The channel that a deviation comes from: of those that deliver, the one that is farthest off, or a
  /// driver whose own deviation would explain it.
  func culprit(of place: Int) -> Int {
    var culprit = place
    for other in memory.excesses.indices
    where isValid[other] && !memory.alarms[other].isRaised && memory.habits[other].trouble == nil
      && memory.excesses[other] > max(1, memory.excesses[culprit])
    {
      culprit = other
    }
    let size = memory.models[culprit].size(1)
    for driver in layout.drivers.indices {
      guard let source = self.place(ofDriver: driver), source != culprit, isValid[source],
        !memory.alarms[source].isRaised
      else { continue }
      if isGiven(source) {
        // It leapt alone: it is read wrong, and all that it explains looks wrong.
        if hasJumped(source), memory.jumps[source].isAlone { return source }
        continue
      }
      guard memory.excesses[source] > 0.6 else { continue }
      let explained = gain(of: culprit, from: driver) * memory.models[source].size(1)
      if abs(size - explained) < 0.4 * abs(size) { return source }
    }
    return culprit
  }

  /// Whether nothing that befalls the machine changes a channel: its speed is commanded, and the
  /// weather is what it is.
  func isGiven(_ place: Int) -> Bool {
    place == memory.surroundings || layout.quantities[place].isCommanded
  }

  /// How much a lasting change of a driver moves what is expected of a channel.
  func gain(of place: Int, from driver: Int) -> Double {
    var gain = 0.0
    for (index, coefficient) in memory.models[place].coefficients.enumerated() {
      switch layout.features[index].form {
      case .value(driver), .lagged(driver, lag: _): gain += coefficient
      case .square(driver):
        gain += 2 * coefficient * (self.place(ofDriver: driver).flatMap { memory.held[$0] } ?? 0)
      default: break
      }
    }
    return gain
  }

  mutating func raise(_ place: Int, _ step: Int64, into changes: inout [Change]) {
    let partner = exchanged(with: place)
    let kind =
      partner != nil
      ? .swapped
      : isGiven(place) ? (hasJumped(place) ? .shifted : .drifting) : verdict(on: place, step)
    memory.alarms[place].partner = partner
    memory.alarms[place].isAtRest = false
    memory.alarms[place].isAbove = memory.models[place].size(1) >= 0
    raise(place, as: kind, step, into: &changes)
  }

  /// Raises what the channel shows at rest; what was told of the machine instead ends.
  mutating func raiseAtRest(_ place: Int, _ step: Int64, into changes: inout [Change]) {
    if memory.alarms[place].isRaised { changes.append(change(place, .ended, step)) }
    memory.alarms[place].partner = nil
    memory.alarms[place].isAtRest = true
    memory.alarms[place].isAbove = memory.rests[place].size >= 0
    raise(place, as: .drifting, step, into: &changes)
  }

  private mutating func raise(
    _ place: Int,
    as kind: ChannelAlarm.Kind,
    _ step: Int64,
    into changes: inout [Change]
  ) {
    memory.alarms[place].isRaised = true
    memory.alarms[place].kind = kind
    memory.alarms[place].isSensor = kind != .unusual
    memory.alarms[place].quietCount = 0
    memory.alarms[place].steadyCount = 0
    memory.alarms[place].grown = step
    memory.alarms[place].beyond = 0
    memory.alarms[place].peak = memory.excesses[place]
    if kind == .unusual {
      // What comes back within a day is the same story.
      let comesBack =
        memory.alarms[place].episode == memory.episode.number
        && step - memory.alarms[place].ended < stepsPerDay
      if comesBack {
        memory.episode.isOpen = true
      } else if !memory.episode.isOpen
        || Double(step - memory.episode.latest) > 1.5 * Double(stepsPerDay)
      {
        memory.episode.number += 1
        memory.episode.isOpen = true
        memory.alertCount += 1
      }
      memory.episode.latest = step
    }
    memory.alarms[place].episode = memory.episode.number
    changes.append(change(place, .began, step))
  }

  mutating func followRaised(
    _ place: Int,
    _ step: Int64,
    into changes: inout [Change]
  ) {
    let excess = memory.excesses[place]
    // The first stop since then may show that it is the sensor after all.
    if memory.alarms[place].kind == .unusual, let share = shareAtRest(place), share > 0.5,
      verdict(on: place, step) != .unusual
    {
      changes.append(change(place, .ended, step))
      raise(place, step, into: &changes)
      return
    }
    // Once it is replaced, nothing tells how a given value reads: it is tried again after days.
    if isGiven(place) {
      let days = Double(step - memory.alarms[place].grown) / Double(stepsPerDay)
      guard days > Self.steadyDays else { return }
      changes.append(change(place, .ended, step))
      memory.alarms[place].isRaised = false
      memory.alarms[place].isSensor = false
      memory.alarms[place].onset = step
      return
    }
    let recent = self.excess(of: place, spans: 0..<1)
    memory.alarms[place].quietCount = recent < 0.6 ? memory.alarms[place].quietCount + 1 : 0
    memory.alarms[place].steadyCount += 1
    if excess > 1.15 * memory.alarms[place].peak {
      memory.alarms[place].peak = excess
      memory.alarms[place].steadyCount = 0
      memory.alarms[place].grown = step
    }
    // A level that holds for days is no news any more: from there on its growth is watched.
    let isSteady =
      Double(step - memory.alarms[place].grown) > Self.steadyDays * Double(stepsPerDay)
      && memory.alarms[place].steadyCount * minutesPerStep > 360
    let isAccepted = memory.alarms[place].isAccepted
    guard
      isSteady || isAccepted
        || memory.alarms[place].quietCount * minutesPerStep >= Self.quietMinutes
    else { return }
    // What goes again within days, or holds from then on, is within what the machine may do.
    if step - memory.alarms[place].onset < 4 * stepsPerDay { learnExcursion(place) }
    forgetExcursion(place)
    if isSteady || isAccepted {
      memory.models[place].acceptLevel(isKnown: isAccepted)
      memory.rests[place].acceptLevel()
    } else {
      memory.models[place].acceptReturn()
    }
    end(place, step, into: &changes)
  }

  mutating func end(_ place: Int, _ step: Int64, into changes: inout [Change]) {
    changes.append(change(place, .ended, step))
    memory.alarms[place].isRaised = false
    memory.alarms[place].ended = step
    memory.alarms[place].isAccepted = false
    memory.alarms[place].isSensor = false
    memory.alarms[place].beyond = 0
    memory.alarms[place].onset = step
  }

  mutating func closeEpisode(_ step: Int64) {
    guard memory.episode.isOpen else { return }
    memory.episode.isOpen = memory.alarms.contains { $0.isRaised && !$0.isSensor }
  }

  // MARK: - Words

  func change(_ place: Int, _ change: StateReport.Change, _ step: Int64) -> Change {
    let average = memory.alarms[place].isAtRest ? nil : averaged(place)
    var total = 0.0
    for excess in memory.excesses { total += excess * excess }
    let deviation = Finding.Deviation(
      side: memory.alarms[place].isAbove ? .above : .below,
      usual: average.map { shown($0.usual.lowerBound, place)...shown($0.usual.upperBound, place) }
        ?? usualAtRest(place),
      share: total > 0 ? min(1, memory.excesses[place] * memory.excesses[place] / total) : 1,
      episode: memory.alarms[place].episode
    )
    let kind: Finding.Kind =
      switch memory.alarms[place].kind {
      case .unusual: .unusual(deviation)
      case .drifting: .drifting(deviation)
      case .shifted: .shifted(deviation)
      case .swapped:
        .swapped(with: layout.channels[memory.alarms[place].partner ?? place])
      }
    return Change(
      place: place,
      change: change,
      kind: kind,
      since: moment(of: min(memory.alarms[place].onset, step)),
      observed: shown(average?.observed ?? memory.values[place], place)
    )
  }

  /// What the average that is farthest off comes to in the present state of the machine, and within
  /// which values nothing would be said of it: single minutes wander farther.
  private func averaged(_ place: Int) -> (observed: Double, usual: ClosedRange<Double>) {
    let model = memory.models[place]
    let centre = model.latestExpected + model.baselineSize
    var span = 0
    var farthest = 0.0
    for candidate in ChannelModel.spans.indices {
      let excess = excess(of: place, spans: candidate..<candidate + 1)
      if excess > farthest { (span, farthest) = (candidate, excess) }
    }
    let size = model.size(span)
    let width = farthest > 0 ? abs(size) / farthest : 3 * model.latestUsual
    return (centre + size, centre - width...centre + width)
  }
}
