import ConditionModel
import SignalProcessing

// One step of the grid: what the values were, what the machine did, and what it lets expect.
extension MachineLearner {
  /// Minutes of rest after which what keeps its heat has cooled.
  private static let coolingMinutes = 240.0
  /// A stop no longer than that is a pause of the job, as to change a tool, and no start follows it.
  private static let pauseMinutes = 5.0
  /// How many minutes at rest that were never seen before count as one.
  ///
  /// A weekend must not make usual how far a sensor drifts. How warm a machine stays does depend on the
  /// days before, and on the weather.
  private static let restDoubt = 10_000.0
  private static let warmDoubt = 1_000.0

  mutating func close(
    _ step: Int64,
    operation: OperatingState,
    into changes: inout [Change]
  ) {
    let age = step - memory.firstStep
    let isLearning = age < learningSteps
    for place in memory.values.indices {
      isValid[place] = false
      guard let mean = memory.means[place].mean else { continue }
      memory.peaks[place] = max(
        memory.peaks[place] * 0.99999,
        min(abs(mean), memory.habits[place].highestPeak)
      )
      memory.values[place] = transformed(mean, place)
      isValid[place] = true
    }
    let isRunning = isRunning(operation)
    if isRunning {
      if memory.sinceStart == 0, Double(memory.sinceStop) * minutesPerStep <= Self.pauseMinutes {
        memory.sinceStart = memory.ranBefore ?? 0
      }
      memory.sinceStart += 1
      memory.sinceStop = 0
      memory.runningCount += 1
      // The first day shows how high values go, and so what is standstill.
      if age > stepsPerDay { judgeHabits(step, isLearning: isLearning, into: &changes) }
    } else {
      if memory.sinceStart > 0 { memory.ranBefore = memory.sinceStart }
      memory.sinceStart = 0
      memory.sinceStop += 1
      for place in memory.values.indices { memory.means[place].forgetEqual() }
    }
    for place in memory.values.indices {
      if isValid[place], !isSuspect(place) { memory.held[place] = memory.values[place] }
      memory.means[place].restart()
    }
    findSurroundings(isRunning: isRunning, age: age)
    buildFeatures(step)
    replaceSuspects()
    updateLags()
    guard age > stepsPerDay else { return }
    if isRunning {
      judge(step, isLearning: isLearning, into: &changes)
    } else {
      judgeRest(step, isLearning: isLearning, into: &changes)
    }
    fitIfDue(step, isLearning: isLearning)
  }

  /// The place among the channels of a driver, if it is known.
  func place(ofDriver driver: Int) -> Int? { layout.drivers[driver] ?? memory.surroundings }

  private func driverValue(_ driver: Int) -> Double {
    place(ofDriver: driver).flatMap { memory.held[$0] } ?? 0
  }

  /// Whether the machine runs: by what the site file says, or by most of what would tell.
  private func isRunning(_ operation: OperatingState) -> Bool {
    if let told = operation.isRunning { return told }
    guard !layout.activity.isEmpty else { return true }
    var votes = 0
    var count = 0
    for activity in layout.activity where isValid[activity.place] && tellsRunning(activity.place) {
      count += 1
      let value = shown(memory.values[activity.place], activity.place)
      if abs(value) > activity.share * memory.peaks[activity.place] { votes += 1 }
    }
    guard 2 * votes == count else { return 2 * votes > count }
    return isFarFromRest() ?? (memory.sinceStart > 0)
  }

  /// Whether most of the channels that do not tell by themselves that the machine runs show what they
  /// never show at rest; `nil` where they are divided or rest is not known.
  private func isFarFromRest() -> Bool? {
    var votes = 0
    var count = 0
    for place in memory.values.indices
    where isValid[place] && !isSuspect(place) && !layout.quantities[place].isSluggish {
      guard let usual = memory.rests[place].usual,
        !layout.activity.contains(where: { $0.place == place })
      else { continue }
      count += 1
      let distance = shown(memory.values[place], place) - memory.rests[place].level
      if abs(distance) > 3 * usual { votes += 1 }
    }
    return 2 * votes == count ? nil : 2 * votes > count
  }

  /// Whether a channel shows that the machine runs: readings that leap or are cut off still do.
  private func tellsRunning(_ place: Int) -> Bool {
    switch memory.habits[place].trouble {
    case .spiking, .noisy, .clipped: true
    case .stuck, .atEnd, nil: !isSuspect(place)
    }
  }

  private mutating func updateLags() {
    let isFirst = memory.runningCount + Double(memory.sinceStop) <= 1
    for driver in layout.drivers.indices {
      let value = driverValue(driver)
      for lag in MachineLayout.lags.indices {
        let index = driver * MachineLayout.lags.count + lag
        let rate = isFirst ? 1 : min(minutesPerStep / MachineLayout.lags[lag], 1)
        memory.lagged[index] += rate * (value - memory.lagged[index])
      }
    }
  }

  private mutating func buildFeatures(_ step: Int64) {
    let turn = UnitCirclePoint(turns: Int(step % stepsPerDay), of: Int(stepsPerDay))
    for index in features.indices {
      switch layout.features[index].form {
      case .one: features[index] = 1
      case .value(let driver): features[index] = driverValue(driver)
      case .square(let driver):
        let value = driverValue(driver)
        features[index] = value * value
      case .lagged(let driver, let lag):
        features[index] = memory.lagged[driver * MachineLayout.lags.count + lag]
      case .product(let one, let other):
        features[index] = driverValue(one) * driverValue(other)
      case .timeOfDay(let sine): features[index] = sine ? turn.sine : turn.cosine
      }
    }
  }

  /// Puts what the other drivers let expect in the place of a driver whose sensor is at fault.
  private mutating func replaceSuspects() {
    var isChanged = false
    isBlind = layout.drivers.indices.contains { driver in
      guard let place = place(ofDriver: driver), memory.sinceStart > 0 else { return false }
      let equalCount = memory.means[place].equalCount
      return memory.habits[place].isAtEnd
        || memory.habits[place].mayBeStuck(equalCount, minutesPerStep: minutesPerStep)
    }
    for driver in layout.drivers.indices {
      guard let place = place(ofDriver: driver), memory.models[place].hasModel,
        isSuspect(place) || !isValid[place]
      else { continue }
      if let other = memory.substitutes[place], isValid[other.place], !isSuspect(other.place) {
        memory.held[place] = other.constant + other.slope * memory.values[other.place]
      } else {
        isBlind = true
        if memory.sinceStart > 0 {
          // Foretold values foretell each other: without limits they may run away together.
          memory.held[place] = memory.habits[place].limited(
            memory.models[place].prediction(features)
          )
        }
      }
      isChanged = true
    }
    if isChanged { buildFeatures(memory.step ?? 0) }
  }

  private mutating func findSurroundings(isRunning: Bool, age: Int64) {
    guard layout.namedSurroundings == nil, let surroundings = layout.surroundings,
      memory.surroundings == nil, age < learningSteps
    else { return }
    memory.search.take(
      memory.values,
      isValid,
      isRunning: isRunning,
      isSettled: isRunning ? memory.sinceStart > 60 : memory.sinceStop > 60
    )
    guard age >= 3 * stepsPerDay, age - (memory.search.latest ?? 0) >= stepsPerDay else { return }
    memory.search.latest = age
    memory.surroundings = memory.search.result(
      among: layout.temperatures,
      isColdMachine: layout.kind == .chiller
    )
    guard memory.surroundings != nil else { return }
    // Its averages stood at nothing, and would take hours to leave it.
    for lag in MachineLayout.lags.indices {
      memory.lagged[surroundings * MachineLayout.lags.count + lag] = driverValue(surroundings)
    }
    memory.running.learned.forget()
    for place in memory.rests.indices { memory.rests[place] = RestModel() }
  }

  func state() -> MinuteState {
    let minutes = Int(Double(memory.sinceStart) * minutesPerStep)
    return MinuteState(
      start: ChannelModel.startEnds.firstIndex { minutes <= $0 } ?? ChannelModel.startEnds.count,
      firstBin: bin(0),
      secondBin: bin(1)
    )
  }

  private func bin(_ index: Int) -> Int? {
    guard index < memory.binLow.count, memory.binWidth[index] > 0 else { return nil }
    let value = driverValue(layout.mainDrivers[index])
    let place = ((value - memory.binLow[index]) / memory.binWidth[index]).rounded(.down)
    return Int(min(max(place + 1, 0), Double(ChannelModel.binCount - 1)))
  }

  /// A channel is not explained by the state that it defines itself.
  private func ownState(_ state: MinuteState, of place: Int) -> MinuteState {
    var own = state
    for (index, driver) in layout.mainDrivers.enumerated()
    where layout.drivers[driver] == place {
      if index == 0 { own.firstBin = nil } else { own.secondBin = nil }
    }
    return own
  }

  /// Whether a channel cannot be judged because what explains it is missing.
  private func isBlinded(_ place: Int) -> Bool {
    guard isBlind, memory.alarms[place].isSensor == false else { return false }
    return memory.models[place].explained > 0.5
  }

  // MARK: - Running

  private mutating func judge(_ step: Int64, isLearning: Bool, into changes: inout [Change]) {
    let state = state()
    let featureCount = features.count
    for index in features.indices { vector[index] = features[index] }
    for index in memory.spreads.indices {
      novelties[index] = memory.spreads[index].novelty(of: features, scratch: &scratch)
    }
    for place in memory.values.indices {
      guard memory.models[place].hasModel else {
        vector[featureCount + place] = memory.held[place] ?? 0
        continue
      }
      let own = ownState(state, of: place)
      let foretold = memory.models[place].foretell(features, in: own)
      let usual = foretold.usual
      guard isValid[place], memory.habits[place].trouble == nil, !isBlinded(place) else {
        vector[featureCount + place] = foretold.prediction
        continue
      }
      let rest = memory.values[place] - foretold.expected
      // Once it is learned, only the shape is learned, never the level.
      vector[featureCount + place] =
        isLearning
        ? memory.values[place] : memory.values[place] - memory.models[place].sizes[2]
      noticeJump(
        rest,
        usual: usual,
        of: place,
        step,
        isSettled: state.start >= (layout.quantities[place].isSluggish ? 4 : 2)
      )
      if usual > 0, state.start >= 1 {
        memory.models[place].average(
          rest,
          scatter: usual,
          novelty: novelties[memory.models[place].spread],
          minutes: minutesPerStep
        )
      }
      learnFrom(rest, of: place, own, isLearning: isLearning)
      memory.models[place].returnToReference(quantile: quantile)
    }
    isMisled = isDriverMisread()
    for place in memory.values.indices { memory.excesses[place] = excess(of: place) }
    for place in memory.values.indices where memory.models[place].hasModel {
      if memory.excesses[place] > 0.8 { memory.running.isClean = false }
      if isLearning { memory.alarms[place].onset = step }
      guard isValid[place], memory.habits[place].trouble == nil, !isLearning, !isBlinded(place)
      else { continue }
      follow(place, step, into: &changes)
    }
    closeEpisode(step)
    settleAfterWork()
    let around = memory.surroundings
    if isLearning {
      memory.running.learned.add(vector, drivers: layout.drivers, surroundings: around)
    } else {
      memory.running.pending.add(vector, drivers: layout.drivers, surroundings: around)
    }
  }

  private mutating func learnFrom(
    _ rest: Double,
    of place: Int,
    _ state: MinuteState,
    isLearning: Bool
  ) {
    guard isLearning || memory.excesses[place] < 0.6 else { return }
    guard isLearning || !isFadingAway(place) else { return }
    memory.models[place].learnState(
      isLearning ? rest : rest - memory.models[place].sizes[1],
      state,
      memory: 14 * 1_440
    )
    memory.models[place].learnedCount += 1
    if state.start >= 3, memory.models[place].learnedCount * minutesPerStep > 720 {
      memory.models[place].learnAverages(memory: 30 * 1_440, minutes: minutesPerStep)
    }
  }

  /// Whether a vibration is less than it ever was.
  ///
  /// That is no wear, so it takes much before it is told; meanwhile what goes on growing must not become
  /// usual, or it never is. High frequencies fade for weeks with fresh grease.
  private func isFadingAway(_ place: Int) -> Bool {
    let quantity = layout.quantities[place]
    guard quantity.isProportional, quantity != .highFrequencyAccelerationRMS,
      memory.models[place].size(1) < 0
    else { return false }
    return memory.excesses[place] * reluctance(of: place, isAbove: false) > 0.8
  }

  // MARK: - At rest

  private mutating func judgeRest(_ step: Int64, isLearning: Bool, into changes: inout [Change]) {
    let minutes = Double(memory.sinceStop) * minutesPerStep
    guard minutes > 10 else { return }
    for place in memory.values.indices where isValid[place] {
      // A machine that ran hot stays hot for hours.
      guard minutes > Self.coolingMinutes || !layout.quantities[place].isSluggish else { continue }
      guard let around = surroundings(of: place) else { continue }
      let value = shown(memory.values[place], place) - around
      memory.rests[place].take(value, at: step, minutes: minutesPerStep)
      if !isLearning, isOffAtRest(place) {
        let isNews =
          (!memory.alarms[place].isRaised || memory.alarms[place].kind == .unusual)
          && memory.habits[place].trouble == nil && memory.settlesAt == nil
        if isNews, Double(memory.rests[place].rowLength) * minutesPerStep > 60 {
          raiseAtRest(place, step, into: &changes)
        }
      } else if memory.alarms[place].isAtRest, memory.alarms[place].isRaised {
        if isUsualAtRest(place) { end(place, step, into: &changes) }
      } else if isLearning || (memory.excesses[place] < 0.6 && memory.alarms[place].beyond == 0) {
        memory.rests[place].learn(
          value,
          isLearning: isLearning,
          doubt: layout.quantities[place].isSluggish ? Self.warmDoubt : Self.restDoubt
        )
      }
    }
  }

  /// What a channel goes back to at rest with the weather: that of the surroundings for a temperature;
  /// `nil` while the sensor that shows them is at fault.
  func surroundings(of place: Int) -> Double? {
    guard layout.quantities[place] == .temperature, let around = memory.surroundings,
      around != place
    else { return 0 }
    return isSuspect(around) ? nil : memory.held[around]
  }
}
