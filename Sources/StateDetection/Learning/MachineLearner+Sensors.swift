import ConditionModel

// Whose fault a deviation is, and how sensors behave.
extension MachineLearner {
  /// Up to this part of its highest, what others keep under pressure counts as none.
  private static let emptyPart = 0.1

  mutating func noticeJump(
    _ rest: Double,
    usual: Double,
    of place: Int,
    _ step: Int64,
    isSettled: Bool
  ) {
    let jump = memory.jumps[place]
    defer {
      memory.jumps[place].lastRest = rest
      memory.jumps[place].lastValue = memory.values[place]
      memory.jumps[place].lastStep = step
    }
    guard isSettled, step - jump.lastStep <= 3, usual > 0 else { return }
    let size = rest - jump.lastRest
    // The value itself must leap, not what is expected of it.
    let valueSize = memory.values[place] - jump.lastValue
    memory.jumps[place].count = min(jump.count + 1, 10_080)
    memory.jumps[place].usual +=
      (min(abs(size), 5 * max(jump.usual, usual)) - jump.usual) / memory.jumps[place].count
    // Heat moves slowly, so that its leaps stand out from minute to minute.
    let leap =
      layout.quantities[place].isSluggish
      ? max(12 * jump.usual, 2.5 * usual) : max(9 * jump.usual, 5 * usual)
    guard jump.count > 600, abs(size) > leap, abs(valueSize) > leap, size * valueSize > 0,
      abs(size) > (layout.quantities[place].isSluggish ? 2.5 : 1) * floor(of: place)
    else { return }
    // A jump within a minute shows in the means of two.
    let isSame = step - jump.step <= 2 && (jump.size >= 0) == (size >= 0)
    memory.jumps[place].step = step
    memory.jumps[place].size = isSame ? jump.size + size : size
    memory.jumps[place].isAlone = true
    for other in memory.jumps.indices where other != place {
      if step - memory.jumps[other].step <= 3 {
        memory.jumps[place].isAlone = false
        memory.jumps[other].isAlone = false
      }
    }
  }

  /// Whether the present deviation began with a jump.
  func hasJumped(_ place: Int) -> Bool {
    let jump = memory.jumps[place]
    guard let step = memory.step, step - jump.step < 2 * stepsPerDay else { return false }
    func isLeft(_ size: Double) -> Bool {
      let share = size / jump.size
      return share > 0.4 && share < 2
    }
    // The mean of the last hour trusts nothing far off at once: the latest minute shows it first.
    return isLeft(memory.models[place].size(0))
      || isLeft(jump.lastRest - memory.models[place].baselineSize)
  }

  /// Whether a channel jumped alone about an hour ago and stayed where it went.
  func isNewStep(_ place: Int, _ step: Int64) -> Bool {
    let age = Double(step - memory.jumps[place].step) * minutesPerStep
    guard !layout.quantities[place].isCommanded, memory.jumps[place].isAlone, age >= 60,
      age < 600, hasJumped(place), !isSmoothed(place),
      !layout.quantities[place].isProportional || shareAtRest(place) != nil
    else { return false }
    // What leaves the mean of the hour within its limit is a leap of the job.
    return abs(memory.models[place].size(0)) > 2.5 * memory.models[place].latestUsual
      && excess(of: place, spans: 0..<1) > 1
      && abs(
        memory.values[place] - memory.models[place].latestExpected
          - memory.models[place].baselineSize
      ) > 0.5 * abs(memory.jumps[place].size)
  }

  /// The channel with which another one was exchanged, if that explains what both show.
  func exchanged(with place: Int) -> Int? {
    let model = memory.models[place]
    for other in memory.values.indices
    where other != place && layout.quantities[other] == layout.quantities[place]
      && memory.models[other].hasModel && memory.habits[other].trouble == nil
    {
      let partner = memory.models[other]
      let own = model.latestExpected + model.baselineSize
      let foreign = partner.latestExpected + partner.baselineSize
      let moved = abs(model.size(0)) + abs(partner.size(0))
      guard abs(model.size(0)) > 3 * model.latestUsual,
        abs(partner.size(0)) > 3 * partner.latestUsual
      else { continue }
      let left = abs(own + model.size(0) - foreign) + abs(foreign + partner.size(0) - own)
      if left < 0.35 * moved { return other }
    }
    return nil
  }

  // MARK: - The machine or the sensor

  /// Whether the machine or the sensor is at fault.
  func verdict(on place: Int, _ step: Int64) -> ChannelAlarm.Kind {
    let quantity = layout.quantities[place]
    let model = memory.models[place]
    let isAbove = model.size(1) >= 0
    var doubt = 0.0
    var movedCount = 0
    for other in memory.excesses.indices where other != place && !isSuspect(other) {
      if memory.excesses[other] > 0.6 { movedCount += 1 }
    }
    let jumped = hasJumped(place)
    // What leaps alone is alone, whatever it makes others look like.
    let leaptAlone = jumped && memory.jumps[place].isAlone
    let isAlone = movedCount == 0 || leaptAlone
    doubt += isAlone ? 1 : movedCount == 1 ? -1 : -2
    if jumped {
      // Heat has no leaps; anything else may leap with the machine, but seldom alone.
      doubt += quantity.isSluggish ? 4 : leaptAlone ? 3 : 0
    }
    if let atRest = shareAtRest(place) {
      if atRest > 0.5 {
        doubt += 5
      } else if atRest < 0.25, !leaptAlone || quantity.isProportional {
        // A scale that is set wrong reads nothing at rest, too.
        doubt -= 4
      }
    }
    if isContradicted(place) { doubt += 2 }
    switch quantity {
    case _ where quantity.isProportional: doubt += isAbove ? -1.5 : 1.5
    case .temperature: doubt += isAbove ? 0 : 2
    case .differentialPressure: doubt += isAbove ? -1.5 : 0.5
    case .rotationSpeed: doubt += 1
    default: doubt += 0
    }
    guard doubt > 1 else { return .unusual }
    return jumped ? .shifted : .drifting
  }

  /// Whether what the motor takes, by another channel, did not change with this one.
  func isContradicted(_ place: Int) -> Bool {
    guard layout.quantities[place].isElectrical, memory.models[place].size(1) != 0 else {
      return false
    }
    func share(_ place: Int) -> Double {
      let model = memory.models[place]
      let usual = model.latestExpected + model.baselineSize
      return usual == 0 ? 0 : model.size(1) / usual
    }
    return memory.values.indices.contains { other in
      other != place && layout.quantities[other].isElectrical && memory.models[other].hasModel
        && isValid[other] && !isSuspect(other) && memory.excesses[other] < 0.7
        && share(other) / share(place) < 0.15
    }
  }

  /// The deviation at rest as a share of that in running; `nil` where rest tells nothing.
  func shareAtRest(_ place: Int) -> Double? {
    let model = memory.models[place]
    let rest = memory.rests[place]
    let onset = memory.alarms[place].onset
    guard let usual = rest.usual, rest.latest > onset - stepsPerDay, hasLevelAtRest(place) else {
      return nil
    }
    let expected = model.latestExpected + model.baselineSize
    // Where it began a moment ago, the mean of six hours shows little of it.
    let size = abs(model.size(0)) > abs(model.size(1)) ? model.size(0) : model.size(1)
    let running = shown(expected + size, place) - shown(expected, place)
    // Where readings at rest wander as far as that anyway, they tell nothing; nor where they lie
    // so near the end of what can be shown that they could not go as far.
    guard usual < 0.4 * abs(running) else { return nil }
    if running < 0, !layout.quantities[place].isSluggish {
      let lowest = layout.quantities[place].isProportional ? 0 : ranges[place]?.lowerBound ?? -1e99
      guard rest.level - lowest > 0.7 * abs(running) else { return nil }
    }
    let share = rest.size / running
    // A stop before it began tells only if it was there already.
    return rest.latest > onset || share > 0.5 ? share : nil
  }

  /// Whether a channel is farther off at rest than it ever was, where no machine can be the reason.
  func isOffAtRest(_ place: Int) -> Bool {
    guard let usual = memory.rests[place].usual, !isGiven(place), hasLevelAtRest(place) else {
      return false
    }
    let size = abs(memory.rests[place].size)
    return size > 3 * usual && size > leastAtRest(place)
  }

  /// Whether a channel comes to one level of its own whenever its machine stands: what others keep under
  /// pressure does not, nor does what cold water and refrigerant pass.
  private func hasLevelAtRest(_ place: Int) -> Bool {
    switch layout.quantities[place] {
    case .pressure: abs(memory.rests[place].level) < Self.emptyPart * memory.peaks[place]
    case .temperature: layout.kind != .chiller
    default: true
    }
  }

  /// The smallest deviation at rest that is told.
  private func leastAtRest(_ place: Int) -> Double {
    switch layout.quantities[place] {
    // Its neighbours shake a machine that stands, but do not reach these frequencies.
    case .highFrequencyAccelerationRMS: 0.15 * memory.peaks[place]
    case let quantity where quantity.isProportional: Double.infinity
    case .temperature: 3.0
    default: max(0.05 * memory.peaks[place], 3 * resolutions[place])
    }
  }

  /// Whether an hour of rest shows that a channel is no longer off.
  ///
  /// What rest has told, rest ends: where the channel alone tells whether the machine runs, nothing else
  /// ever could.
  func isUsualAtRest(_ place: Int) -> Bool {
    let rest = memory.rests[place]
    guard let usual = rest.usual else { return false }
    return abs(rest.size) < max(usual, leastAtRest(place) / 3)
      && Double(rest.rowLength) * minutesPerStep > 60
  }

  /// What a channel usually shows while its machine stands, in its own unit.
  func usualAtRest(_ place: Int) -> ClosedRange<Double> {
    let level = memory.rests[place].level + (surroundings(of: place) ?? 0)
    let reach = memory.rests[place].usual ?? 0
    return level - reach...level + reach
  }

  // MARK: - How sensors behave

  /// Looks at how readings move; what several channels do at once is the machine's doing.
  mutating func judgeHabits(_ step: Int64, isLearning: Bool, into changes: inout [Change]) {
    guard Double(memory.sinceStart) * minutesPerStep > 10 else { return }
    for place in memory.values.indices {
      suspicions[place] = memory.habits[place].take(
        memory.means[place],
        isProportional: layout.quantities[place].isProportional,
        isCommanded: layout.quantities[place].isCommanded || layout.quantities[place] == .load,
        isSluggish: layout.quantities[place].isSluggish,
        resolution: resolutions[place],
        range: ranges[place],
        minutesPerStep: minutesPerStep,
        isLearning: isLearning
      )
    }
    for place in memory.values.indices where isValid[place] {
      let before = memory.habits[place].trouble
      let isOwn = suspicions[place] != nil && !isShared(place)
      let isNews = memory.habits[place].follow(
        isOwn ? suspicions[place] : nil,
        at: step,
        minutesPerStep: minutesPerStep
      )
      guard isNews, let trouble = memory.habits[place].trouble ?? before else { continue }
      if before == nil, isDriver(place) { excuse(step) }
      changes.append(
        Change(
          place: place,
          change: memory.habits[place].trouble == nil ? .ended : .began,
          kind: memory.habits[place].kind(
            of: trouble,
            minutesPerStep: minutesPerStep,
            readingsPerStep: memory.means[place].count,
            equalCount: memory.means[place].equalCount
          ),
          since: moment(of: memory.habits[place].since),
          observed: shown(memory.values[place], place)
        )
      )
    }
  }

  /// Whether other channels are explained by what a channel shows.
  private func isDriver(_ place: Int) -> Bool {
    layout.drivers.indices.contains { self.place(ofDriver: $0) == place }
  }

  /// Lets what is not told yet begin anew: a driver that is found at fault made others look wrong.
  private mutating func excuse(_ step: Int64) {
    for place in memory.alarms.indices where !memory.alarms[place].isRaised {
      memory.alarms[place].beyond = 0
      memory.alarms[place].onset = step
    }
  }

  /// Whether another channel, whose sensor is not known to be at fault, shows the same.
  func isShared(_ place: Int) -> Bool {
    guard let suspicion = suspicions[place], suspicion != .atEnd else { return false }
    for other in memory.values.indices where other != place && isValid[other] {
      if suspicions[other] == suspicion { return true }
      guard memory.habits[other].trouble == nil else { continue }
      switch suspicion {
      case .noisy:
        if !memory.habits[place].isRougher(than: memory.habits[other].roughness) { return true }
      case .spiking:
        if memory.habits[other].newSpikes > 0.4 * memory.habits[place].spikes { return true }
      default: break
      }
    }
    return false
  }
}
