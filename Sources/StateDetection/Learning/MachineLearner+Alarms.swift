import ConditionModel

// What is unusual for how long, whose fault it is, and when it is over.
extension MachineLearner {
  /// Hours beyond the limit, weighted by how far, after which a deviation is told.
  private static let patience = 3.0
  private static let quietMinutes = 240.0
  private static let steadyMinutes = 2 * 1_440.0
  /// Days after which a further channel is a story of its own.
  private static let storyDays: Int64 = 5

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
    if !isAbove, quantity.isProportional { reluctance *= 3 }
    if !isAbove, quantity == .temperature, layout.kind != .chiller { reluctance *= 2 }
    if quantity == .temperature, memory.surroundings == nil { reluctance *= 1.4 }
    // What nothing explains is what somebody asks of the machine.
    if memory.models[place].explained < 0.3, layout.drivers.contains(place) { reluctance *= 1.5 }
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
    guard memory.models[place].hasModel, place != memory.surroundings else { return 0 }
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
    guard memory.alarms[place].beyond >= Self.patience else { return }
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
      memory.alarms[place].excursion[span] = 0
    }
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
    let kind = verdict(on: place, step)
    memory.alarms[place].isRaised = true
    memory.alarms[place].kind = kind
    memory.alarms[place].isSensor = kind != .unusual
    memory.alarms[place].isAbove = memory.models[place].size(1) >= 0
    memory.alarms[place].quietCount = 0
    memory.alarms[place].steadyCount = 0
    memory.alarms[place].beyond = 0
    memory.alarms[place].peak = excesses[place]
    for span in ChannelModel.spans.indices { memory.alarms[place].excursion[span] = 0 }
    if kind == .unusual {
      if !memory.episode.isOpen
        || step - memory.episode.latest > Self.storyDays * stepsPerDay
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
    }
    // A level that holds for days is no news any more: from there on its growth is watched.
    let isSteady = memory.alarms[place].steadyCount * minutesPerStep > Self.steadyMinutes
    guard isSteady || memory.alarms[place].quietCount * minutesPerStep >= Self.quietMinutes
    else { return }
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
    switch quantity {
    case _ where quantity.isProportional: doubt += isAbove ? -1.5 : 1.5
    case .temperature: doubt += isAbove ? 0 : 2
    case .differentialPressure: doubt += isAbove ? -1.5 : 0.5
    case .rotationSpeed: doubt += 1
    default: doubt += 0
    }
    guard doubt > 1 else { return .unusual }
    return .drifting
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
        resolution: resolutions[place],
        range: ranges[place],
        isLearning: isLearning
      )
    }
    for place in values.indices where isValid[place] {
      let before = memory.habits[place].trouble
      let isNews = memory.habits[place].follow(
        isShared(place) && before == nil ? nil : suspicions[place],
        at: step
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
    for other in values.indices
    where other != place && memory.habits[other].trouble == nil && isValid[other] {
      if suspicions[other] == suspicion { return true }
      if suspicion == .noisy,
        !memory.habits[place].isRougher(than: memory.habits[other].roughness)
      {
        return true
      }
    }
    return false
  }
}
