import ConditionModel

// What is unusual for how long, whose fault it is, and when it is over.
extension MachineLearner {
  /// Hours beyond the limit, weighted by how far, after which a deviation is told.
  private static let patience = 1.0
  private static let quietMinutes = 150.0
  private static let steadyDays = 1.5

  // MARK: - How unusual a channel is

  /// The smallest deviation that would matter to anybody, in the unit of the model.
  private func floor(of place: Int) -> Double {
    switch layout.quantities[place] {
    case let quantity where quantity.isProportional: 0.15
    case .temperature: 1 + 0.25 * strangeWeather()
    default: max(0.015 * memory.peaks[place], 3 * resolutions[place])
    }
  }

  /// How much more it takes on a side on which wear does not show.
  private func reluctance(of place: Int, isAbove: Bool) -> Double {
    let quantity = layout.quantities[place]
    var reluctance = 1.0
    if hasJumped(place) { return 1 }
    if !isAbove, quantity.isProportional { reluctance *= 3 }
    if !isAbove, quantity == .temperature, layout.kind != .chiller { reluctance *= 2 }
    if quantity == .temperature, memory.surroundings == nil { reluctance *= 1.4 }
    // What a machine has to do is asked of it, the more so where nothing else explains it.
    if isDemand(place) {
      reluctance *= memory.models[place].explained < 0.3 ? 1.8 : 1.3
    }
    return reluctance
  }

  /// The deviation that all temperatures share where nothing shows the weather.
  private func commonHeat(_ span: Int) -> Double {
    guard memory.surroundings == nil, layout.temperatures.count > 1 else { return 0 }
    var least = Double.infinity
    var isAbove: Bool?
    for place in layout.temperatures where memory.models[place].hasModel {
      let size = memory.models[place].size(span)
      if let isAbove, isAbove != (size >= 0) { return 0 }
      isAbove = size >= 0
      least = min(least, abs(size))
    }
    return least.isFinite ? (isAbove == true ? least : -least) : 0
  }

  func excess(of place: Int, spans: Range<Int> = ChannelModel.spans.indices) -> Double {
    // Weather is no fault, and a speed is what is commanded.
    guard memory.models[place].hasModel, place != memory.surroundings,
      !layout.quantities[place].isCommanded
    else { return 0 }
    let isAbove = memory.models[place].size(1) >= 0
    let reluctance = reluctance(of: place, isAbove: isAbove)
    let isHeat = layout.quantities[place] == .temperature
    var most = 0.0
    for span in spans {
      let size = memory.models[place].size(span)
      let own = isHeat ? size - commonHeat(span) : size
      guard (own >= 0) == isAbove else { continue }
      let share = size == 0 ? 0 : min(1, abs(own / size))
      most = max(
        most,
        min(
          share * memory.models[place].excess(span, quantile: quantile),
          abs(own) / floor(of: place)
        )
      )
    }
    return most / reluctance
  }

  /// Whether a channel shows what is asked of the machine rather than how it is.
  func isDemand(_ place: Int) -> Bool {
    switch layout.quantities[place] {
    case .rotationSpeed, .frequency, .load, .activePower, .current, .torque, .apparentPower, .flow,
      .pressure:
      true
    default: false
    }
  }

  // MARK: - Jumps

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
      memory.jumps[place].lastStep = step
    }
    guard isSettled, step - jump.lastStep <= 3, usual > 0 else { return }
    let size = rest - jump.lastRest
    memory.jumps[place].count = min(jump.count + 1, 10_080)
    memory.jumps[place].usual +=
      (min(abs(size), 5 * max(jump.usual, usual)) - jump.usual) / memory.jumps[place].count
    // Heat moves slowly, so that its leaps stand out from minute to minute.
    let leap =
      layout.quantities[place].isSluggish
      ? max(12 * jump.usual, 2.5 * usual) : max(9 * jump.usual, 5 * usual)
    guard jump.count > 600, abs(size) > leap,
      abs(size) > (layout.quantities[place].isSluggish ? 2.5 : 1) * floor(of: place)
    else { return }
    memory.jumps[place].step = step
    memory.jumps[place].size = size
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
    let size = memory.models[place].size(0)
    return (size >= 0) == (jump.size >= 0) && abs(size) > 0.4 * abs(jump.size)
      && abs(size) < 2 * abs(jump.size)
  }

  /// Whether a channel jumped alone about an hour ago and stayed where it went.
  private func isNewStep(_ place: Int, _ step: Int64) -> Bool {
    let age = Double(step - memory.jumps[place].step) * minutesPerStep
    guard memory.jumps[place].isAlone, age >= 60, age < 600, hasJumped(place),
      !layout.quantities[place].isProportional || shareAtRest(place) != nil
    else { return false }
    let size = abs(memory.models[place].size(0))
    return size > 2.5 * memory.models[place].latestUsual && size > floor(of: place)
      && abs(
        values[place] - memory.models[place].latestExpected
          - memory.models[place].baselineSize
      ) > 0.5 * abs(memory.jumps[place].size)
  }

  /// The channel with which another one was exchanged, if that explains what both show.
  private func exchanged(with place: Int) -> Int? {
    let model = memory.models[place]
    for other in values.indices
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

  // MARK: - From minute to minute

  mutating func follow(_ place: Int, _ step: Int64, into changes: inout [Change]) {
    let excess = excesses[place]
    if excess < 0.5, !memory.alarms[place].isRaised { memory.alarms[place].onset = step }
    if memory.alarms[place].isRaised {
      followRaised(place, step, into: &changes)
      return
    }
    let hours = minutesPerStep / 60
    if excess > 1 {
      memory.alarms[place].beyond += min(excess - 1, 4) * hours
      for span in ChannelModel.spans.indices {
        let model = memory.models[place]
        memory.alarms[place].excursion[span] = max(
          memory.alarms[place].excursion[span],
          abs(model.averages[span] - model.baseline)
        )
      }
    } else {
      memory.alarms[place].beyond = max(0, memory.alarms[place].beyond - 0.5 * hours)
      if excess < 0.6 { learnExcursion(place) }
    }
    if isNewStep(place, step) {
      if verdict(on: place, step) != .unusual { raise(place, step, into: &changes) }
      return
    }
    // Grease warms a bearing for hours; heat that wears lasts.
    let patience = layout.quantities[place].isSluggish ? 3.0 : Self.patience
    guard memory.alarms[place].beyond >= patience else { return }
    raise(culprit(of: place), step, into: &changes)
  }

  /// What came back by itself was no wear: so far may the channel wander.
  private mutating func learnExcursion(_ place: Int) {
    for span in ChannelModel.spans.indices where memory.alarms[place].excursion[span] > 0 {
      let model = memory.models[place]
      memory.models[place].farthest[span] = max(
        model.farthest[span],
        min(memory.alarms[place].excursion[span], 1.15 * model.limit(span, quantile: quantile))
      )
    }
    forgetExcursion(place)
  }

  private mutating func forgetExcursion(_ place: Int) {
    for span in ChannelModel.spans.indices { memory.alarms[place].excursion[span] = 0 }
  }

  /// The channel that a deviation comes from: the one that is farthest off, or a driver whose own
  /// deviation would explain it.
  private func culprit(of place: Int) -> Int {
    var culprit = place
    for other in excesses.indices
    where !memory.alarms[other].isRaised && memory.habits[other].trouble == nil
      && excesses[other] > max(1, 1.2 * excesses[culprit])
    {
      culprit = other
    }
    let size = memory.models[culprit].size(1)
    for driver in layout.drivers.indices {
      guard let source = self.place(ofDriver: driver), source != culprit,
        !memory.alarms[source].isRaised, excesses[source] > 0.6
      else { continue }
      let explained = gain(of: culprit, from: driver) * memory.models[source].size(1)
      if abs(size - explained) < 0.4 * abs(size) { return source }
    }
    return culprit
  }

  /// How much a lasting change of a driver moves what is expected of a channel.
  private func gain(of place: Int, from driver: Int) -> Double {
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

  private mutating func raise(_ place: Int, _ step: Int64, into changes: inout [Change]) {
    let partner = exchanged(with: place)
    let kind =
      partner != nil
      ? .swapped : place == memory.surroundings ? .drifting : verdict(on: place, step)
    memory.alarms[place].partner = partner
    memory.alarms[place].isRaised = true
    memory.alarms[place].kind = kind
    memory.alarms[place].isSensor = kind != .unusual
    memory.alarms[place].isAbove = memory.models[place].size(1) >= 0
    memory.alarms[place].quietCount = 0
    memory.alarms[place].steadyCount = 0
    memory.alarms[place].grown = step
    memory.alarms[place].beyond = 0
    memory.alarms[place].peak = excesses[place]
    if kind == .unusual {
      if !memory.episode.isOpen
        || Double(step - memory.episode.latest) > 1.5 * Double(stepsPerDay)
      {
        memory.episode.number += 1
        memory.episode.isOpen = true
      }
      memory.episode.latest = step
    }
    memory.alarms[place].episode = memory.episode.number
    changes.append(change(place, .began, step))
  }

  private mutating func followRaised(
    _ place: Int,
    _ step: Int64,
    into changes: inout [Change]
  ) {
    let excess = excesses[place]
    let recent = self.excess(of: place, spans: 0..<2)
    memory.alarms[place].quietCount = recent < 0.5 ? memory.alarms[place].quietCount + 1 : 0
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
    guard isSteady || memory.alarms[place].quietCount * minutesPerStep >= Self.quietMinutes
    else { return }
    // What goes again within days, or holds from then on, is within what the machine may do.
    if step - memory.alarms[place].onset < 4 * stepsPerDay { learnExcursion(place) }
    forgetExcursion(place)
    if isSteady {
      memory.models[place].acceptLevel()
    } else {
      memory.models[place].acceptReturn()
    }
    changes.append(change(place, .ended, step))
    memory.alarms[place].isRaised = false
    memory.alarms[place].isSensor = false
    memory.alarms[place].beyond = 0
    memory.alarms[place].onset = step
  }

  mutating func closeEpisode(_ step: Int64) {
    guard memory.episode.isOpen else { return }
    memory.episode.isOpen = memory.alarms.contains { $0.isRaised && !$0.isSensor }
  }

  // MARK: - Whose fault

  /// Whether the machine or the sensor is at fault.
  private func verdict(on place: Int, _ step: Int64) -> ChannelAlarm.Kind {
    let quantity = layout.quantities[place]
    let model = memory.models[place]
    let isAbove = model.size(1) >= 0
    var doubt = 0.0
    if let atRest = shareAtRest(place) {
      if atRest > 0.5 { doubt += 3 } else if atRest < 0.25 { doubt -= 3 }
    }
    var movedCount = 0
    for other in excesses.indices where other != place && !isSuspect(other) {
      if excesses[other] > 0.6 { movedCount += 1 }
    }
    doubt += movedCount == 0 ? 1 : movedCount == 1 ? -1 : -2
    let jumped = hasJumped(place)
    if jumped {
      // Heat has no leaps; anything else may leap with the machine, but seldom alone.
      doubt += quantity.isSluggish ? 4 : memory.jumps[place].isAlone ? 2 : 0
    }
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

  /// The deviation at rest as a share of that in running; `nil` where rest tells nothing.
  private func shareAtRest(_ place: Int) -> Double? {
    let model = memory.models[place]
    let rest = memory.rests[place]
    guard let usual = rest.usual, rest.latest > memory.alarms[place].onset else { return nil }
    let expected = model.latestExpected + model.baselineSize
    let running = shown(expected + model.size(1), place) - shown(expected, place)
    let resting =
      shown(rest.latestExpected + rest.size, place) - shown(rest.latestExpected, place)
    let doubt =
      shown(rest.latestExpected + usual, place) - shown(rest.latestExpected, place)
    guard abs(running) > 0 else { return nil }
    // Where readings at rest wander as far as that anyway, they tell nothing.
    guard doubt < 0.4 * abs(running) else { return nil }
    return resting / running
  }

  // MARK: - Words

  private func change(_ place: Int, _ change: StateReport.Change, _ step: Int64) -> Change {
    let model = memory.models[place]
    let centre = model.latestExpected + model.baselineSize
    var total = 0.0
    for excess in excesses { total += excess * excess }
    let deviation = Finding.Deviation(
      side: memory.alarms[place].isAbove ? .above : .below,
      usual: shown(
        centre - 3 * model.latestUsual,
        place
      )...shown(centre + 3 * model.latestUsual, place),
      share: total > 0 ? min(1, excesses[place] * excesses[place] / total) : 1,
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
      observed: shown(values[place], place)
    )
  }

  // MARK: - How sensors behave

  /// Looks at how readings move; what several channels do at once is the machine's doing.
  mutating func judgeHabits(_ step: Int64, isLearning: Bool, into changes: inout [Change]) {
    guard Double(memory.sinceStart) * minutesPerStep > 10 else { return }
    for place in values.indices {
      suspicions[place] = memory.habits[place].take(
        memory.means[place],
        isProportional: layout.quantities[place].isProportional,
        isCommanded: layout.quantities[place].isCommanded || layout.quantities[place] == .load,
        resolution: resolutions[place],
        range: ranges[place],
        isLearning: isLearning
      )
    }
    for place in values.indices where isValid[place] {
      let before = memory.habits[place].trouble
      let isNews = memory.habits[place].follow(
        isShared(place) ? nil : suspicions[place],
        at: step,
        stepsPerDay: stepsPerDay
      )
      guard isNews, let trouble = memory.habits[place].trouble ?? before else { continue }
      changes.append(
        Change(
          place: place,
          change: memory.habits[place].trouble == nil ? .ended : .began,
          kind: memory.habits[place].kind(
            of: trouble,
            minutesPerStep: minutesPerStep,
            equalCount: memory.means[place].equalCount
          ),
          since: moment(of: memory.habits[place].since),
          observed: shown(values[place], place)
        )
      )
    }
  }

  /// Whether another channel, whose sensor is not known to be at fault, shows the same.
  private func isShared(_ place: Int) -> Bool {
    guard let suspicion = suspicions[place], suspicion != .atEnd else { return false }
    for other in values.indices where other != place && isValid[other] {
      if suspicions[other] == suspicion { return true }
      guard memory.habits[other].trouble == nil else { continue }
      switch suspicion {
      case .noisy:
        if !memory.habits[place].isRougher(than: memory.habits[other].roughness) { return true }
      case .spiking:
        if memory.habits[other].spikes > 0.4 * memory.habits[place].spikes { return true }
      default: break
      }
    }
    return false
  }
}
