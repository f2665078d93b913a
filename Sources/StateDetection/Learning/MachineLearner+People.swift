import ConditionModel

// What people say: work on the machine, and deviations that are normal from now on.
extension MachineLearner {
  /// Minutes of running after which the level after work on a machine is the one to compare with.
  private static let settlingMinutes = 360.0
  private static let greaseDays: Int64 = 2

  /// Takes up that something was done to the machine.
  ///
  /// The level some hours later is the new baseline; what grows from there on is seen, so that a
  /// fault that the work caused is not erased. The old baseline is kept, and the watch goes back to
  /// it when the values do. A failure is not yet its repair, and a note says too little to change
  /// anything.
  mutating func mark(_ mark: MaintenanceMark) {
    switch mark.kind {
    case .part, .setting, .sensor:
      memory.settlesAt = memory.runningCount + Self.settlingMinutes / minutesPerStep
      for place in memory.alarms.indices {
        memory.alarms[place].sizeBeforeWork = memory.alarms[place].isRaised ? size(of: place) : nil
      }
    case .greasing:
      memory.greasedUntil = step(of: mark.timestamp) + Self.greaseDays * stepsPerDay
    case .failure, .note: break
    }
  }

  /// Takes the present level of a channel as normal, as a person says.
  mutating func accept(_ place: Int) {
    if memory.alarms[place].isRaised {
      memory.alarms[place].isAccepted = true
    } else {
      memory.models[place].acceptLevel(isKnown: true)
    }
  }

  mutating func settleAfterWork() {
    guard let settlesAt = memory.settlesAt else { return }
    let left = (settlesAt - memory.runningCount) * minutesPerStep
    if abs(left - Self.settlingMinutes / 2) <= minutesPerStep / 2 {
      // The averages of hours remember what was before the work: it is none of the new level.
      for place in memory.models.indices { memory.models[place].acceptReturn() }
    }
    guard left <= 0 else { return }
    memory.settlesAt = nil
    for place in memory.models.indices where memory.models[place].hasModel && !isUntouched(place) {
      accept(place)
      memory.rests[place].forgetLevel()
    }
  }

  /// Whether a deviation stands that was told before the work on the machine, and which that did not
  /// change: then it was not what the work was for.
  private func isUntouched(_ place: Int) -> Bool {
    guard memory.alarms[place].isRaised, let before = memory.alarms[place].sizeBeforeWork else {
      return false
    }
    return abs(size(of: place) - before) < 0.3 * abs(before)
  }

  /// How far a channel is off, where its alarm showed.
  private func size(of place: Int) -> Double {
    memory.alarms[place].isAtRest ? memory.rests[place].size : memory.models[place].size(0)
  }

  /// How far the machine is learned.
  func progress() -> LearningProgress {
    let heard = memory.heardStep ?? memory.step ?? 0
    let age = Double(heard - memory.firstStep) / Double(stepsPerDay)
    let silence = Double(memory.silentCount ?? 0) / Double(stepsPerDay)
    let days = Double(learningSteps) / Double(stepsPerDay)
    let hours = memory.running.learned.count * minutesPerStep / 60
    var states: [LearningProgress.State] = []
    for (index, driver) in layout.mainDrivers.enumerated() where states.isEmpty {
      guard index < memory.binWidth.count, memory.binWidth[index] > 0,
        let channel = layout.drivers[driver]
      else { continue }
      for bin in 0..<ChannelModel.binCount {
        let minutes = memory.models.map { model in
          (index == 0 ? model.byFirst : model.bySecond).weight(bin)
        }
        guard let most = minutes.max(), most > 0 else { continue }
        let from = memory.binLow[index] + (Double(bin) - 1) * memory.binWidth[index]
        states.append(
          LearningProgress.State(
            driver: layout.channels[channel],
            range: from...(from + memory.binWidth[index]),
            hours: most * minutesPerStep / 60
          )
        )
      }
    }
    let daysLeft = memory.step == nil ? days : max(0, days - age)
    return LearningProgress(
      hours: hours,
      daysLeft: daysLeft,
      isTrusted: daysLeft == 0 && hours >= LearningProgress.leastHours,
      states: states,
      learnedAt: memory.step.map { _ in moment(of: memory.firstStep + learningSteps) },
      weeksWatched: max(0, age - days - silence) / 7,
      alertCount: memory.alertCount,
      budgetPerWeek: rules.falseAlertsPerWeek,
      missing: missing(hours: hours, daysLeft: daysLeft, states: states)
    )
  }

  private func missing(
    hours: Double,
    daysLeft: Double,
    states: [LearningProgress.State]
  ) -> [LearningProgress.Missing] {
    var missing: [LearningProgress.Missing] = []
    if daysLeft > 0 { missing.append(.days(daysLeft)) }
    let hoursLeft = LearningProgress.leastHours - hours
    guard hoursLeft <= 0 else { return missing + [.hours(hoursLeft)] }
    missing += states.filter { !$0.isTrusted }.map { .state($0) }
    if !layout.temperatures.isEmpty, memory.surroundings == nil { missing.append(.surroundings) }
    for (place, channel) in layout.channels.enumerated()
    where !memory.models[place].hasModel || isSuspect(place) {
      missing.append(.channel(channel))
    }
    return missing
  }
}
