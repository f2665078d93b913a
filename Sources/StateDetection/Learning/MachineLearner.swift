import ConditionModel
import SignalProcessing

/// Learns how the values of one machine hang together, and tells which of them no longer do.
struct MachineLearner: Sendable {
  struct Memory: Hashable, Sendable, Codable {
    var means: [MinuteMean]
    /// The step of the grid that is being filled; `nil` before the first value.
    var step: Int64?
    var firstStep: Int64 = 0
    /// How far the gateway's clock was set since the start; steps are counted without it.
    var clockOffset = Duration.zero
    var peaks: [Double]
    var held: [Double?]
    var lagged: [[Double]]
    /// Minutes of running since the latest start.
    var sinceStart = 0
    var runningCount = 0.0
    var learned: MomentMatrix
    var pending: MomentMatrix
    var earlier: MomentMatrix
    var lastFitStep: Int64 = 0
    var lastTurnStep: Int64 = 0
    var binLow: [Double] = []
    var binWidth: [Double] = []
    var models: [ChannelModel]
    var alarms: [ChannelAlarm]
    var isClean = true
  }

  struct ChannelAlarm: Hashable, Sendable, Codable {
    var beyondCount = 0.0
    var isRaised = false
    var since: Int64 = 0
    var quietCount = 0.0
    var raisedCount = 0.0
    var peak = 0.0
    var sideAbove = true
  }

  /// What begins or ends on a channel.
  struct Change {
    var place: Int
    var change: StateReport.Change
    var kind: Finding.Kind
    var since: Timestamp
    var observed: Double
  }

  private(set) var memory: Memory
  let layout: MachineLayout
  private let rules: LearningRules
  private let stepNanoseconds: Int64
  private let stepsPerDay: Int64
  private let quantile: Double
  // Scratch, kept between calls.
  private var values: [Double]
  private var isValid: [Bool]
  private var features: [Double]
  private var vector: [Double]

  init(_ layout: MachineLayout, rules: LearningRules, memory: Memory? = nil) {
    self.layout = layout
    self.rules = rules
    stepNanoseconds = max(rules.step.nanoseconds, 1)
    stepsPerDay = max(86_400_000_000_000 / stepNanoseconds, 1)
    quantile = 3.6
    let count = layout.channels.count
    values = Array(repeating: 0, count: count)
    isValid = Array(repeating: false, count: count)
    features = Array(repeating: 0, count: layout.features.count)
    vector = Array(repeating: 0, count: layout.features.count + count)
    let size = vector.count
    self.memory =
      memory
      ?? Memory(
        means: Array(repeating: MinuteMean(), count: count),
        peaks: Array(repeating: 0, count: count),
        held: Array(repeating: nil, count: count),
        lagged: Array(
          repeating: Array(repeating: 0, count: MachineLayout.lags.count),
          count: layout.drivers.count
        ),
        learned: MomentMatrix(size: size),
        pending: MomentMatrix(size: size),
        earlier: MomentMatrix(size: size),
        models: Array(repeating: ChannelModel(), count: count),
        alarms: Array(repeating: ChannelAlarm(), count: count)
      )
  }

  mutating func take(_ value: Double, of place: Int) {
    memory.means[place].take(value)
  }

  /// Lets time pass: closes the step of the grid that is over.
  mutating func advance(
    to now: Timestamp,
    operation: OperatingState,
    into changes: inout [Change]
  ) {
    let step = (now - memory.clockOffset).nanoseconds / stepNanoseconds
    guard let current = memory.step else {
      memory.step = step
      memory.firstStep = step
      memory.lastTurnStep = step
      memory.lastFitStep = step
      return
    }
    guard step > current else { return }
    close(current, operation: operation, into: &changes)
    if step - current > 60 { memory.sinceStart = 0 }
    memory.step = step
  }

  private func moment(of step: Int64) -> Timestamp {
    Timestamp(nanoseconds: step * stepNanoseconds).shifted(by: memory.clockOffset)
  }

  private var minutesPerStep: Double { Double(stepNanoseconds) / 60e9 }
}

// MARK: - What others may know

extension MachineLearner {
  func deviation(of place: Int) -> LearnedDeviation? {
    let model = memory.models[place]
    guard model.hasModel, model.scatter > 0, memory.sinceStart > 0 else { return nil }
    let expected = model.latestExpected + model.baselineSize
    let usual = model.latestUsual
    let deviation = model.sizes[1] - model.baselineSize
    return LearnedDeviation(
      expected: shown(expected, place),
      usual: shown(expected - 3 * usual, place)...shown(expected + 3 * usual, place),
      deviation: shown(expected + deviation, place) - shown(expected, place),
      sigmas: model.averages[1] - model.baseline,
      ofLimit: model.excess(2, quantile: quantile)
        * (model.averages[2] >= model.baseline ? 1 : -1),
      learnedHours: model.learnedCount * minutesPerStep / 60,
      runningHours: memory.runningCount * minutesPerStep / 60,
      isTrusted: model.learnedCount * minutesPerStep > 720
    )
  }
}

// MARK: - One step of the grid

extension MachineLearner {
  private mutating func close(
    _ step: Int64,
    operation: OperatingState,
    into changes: inout [Change]
  ) {
    let age = step - memory.firstStep
    for place in values.indices {
      isValid[place] = false
      if let mean = memory.means[place].mean {
        memory.peaks[place] = max(memory.peaks[place] * 0.99999, abs(mean))
        values[place] = transformed(mean, place)
        isValid[place] = true
        memory.held[place] = values[place]
      }
      memory.means[place].restart()
    }
    let isRunning = isRunning(operation)
    buildFeatures(step)
    updateLags()
    guard isRunning else {
      memory.sinceStart = 0
      return
    }
    memory.sinceStart += 1
    memory.runningCount += 1
    guard age > stepsPerDay else { return }
    judge(step, isLearning: age < learningSteps, into: &changes)
    fitIfDue(step, isLearning: age < learningSteps)
  }

  private var learningSteps: Int64 { rules.learningTime.nanoseconds / stepNanoseconds }

  private func transformed(_ value: Double, _ place: Int) -> Double {
    guard layout.quantities[place].isProportional else { return value }
    return naturalLogarithm(max(value, 0.01 * memory.peaks[place], 1e-6))
  }

  private func shown(_ value: Double, _ place: Int) -> Double {
    layout.quantities[place].isProportional ? exponential(value) : value
  }

  private func isRunning(_ operation: OperatingState) -> Bool {
    if let told = operation.isRunning { return told }
    guard !layout.activity.isEmpty else { return true }
    var votes = 0
    var count = 0
    for (place, share) in layout.activity where isValid[place] {
      count += 1
      let value =
        layout.quantities[place].isProportional ? exponential(values[place]) : values[place]
      if value > share * memory.peaks[place] { votes += 1 }
    }
    return count > 0 ? 2 * votes >= count : memory.sinceStart > 0
  }

  /// The value of a driver, or what the other drivers let expect where it is missing.
  private func driverValue(_ driver: Int) -> Double {
    memory.held[layout.drivers[driver]] ?? 0
  }

  private mutating func updateLags() {
    for driver in layout.drivers.indices {
      let value = driverValue(driver)
      for lag in MachineLayout.lags.indices {
        let rate = min(minutesPerStep / MachineLayout.lags[lag], 1)
        if memory.runningCount == 0 && memory.lagged[driver][lag] == 0 {
          memory.lagged[driver][lag] = value
        }
        memory.lagged[driver][lag] += rate * (value - memory.lagged[driver][lag])
      }
    }
  }

  private mutating func buildFeatures(_ step: Int64) {
    let turn = UnitCirclePoint(turns: Int(step % stepsPerDay), of: Int(stepsPerDay))
    for (index, feature) in layout.features.enumerated() {
      switch feature.form {
      case .one: features[index] = 1
      case .value(let driver): features[index] = driverValue(driver)
      case .square(let driver):
        let value = driverValue(driver)
        features[index] = value * value
      case .lagged(let driver, let lag): features[index] = memory.lagged[driver][lag]
      case .product(let one, let other):
        features[index] = driverValue(one) * driverValue(other)
      case .timeOfDay(let sine): features[index] = sine ? turn.sine : turn.cosine
      }
    }
  }

  private func startBin() -> Int {
    let minutes = Int(Double(memory.sinceStart) * minutesPerStep)
    return ChannelModel.startEnds.firstIndex { minutes <= $0 } ?? ChannelModel.startEnds.count
  }

  private func bins() -> [Int?] {
    (0..<2).map { index in
      guard index < memory.binLow.count, index < layout.mainDrivers.count,
        memory.binWidth[index] > 0
      else { return nil }
      let value = driverValue(layout.mainDrivers[index])
      let place = ((value - memory.binLow[index]) / memory.binWidth[index]).rounded(.down)
      return Int(min(max(place + 1, 0), Double(ChannelModel.binCount - 1)))
    }
  }

  private mutating func judge(_ step: Int64, isLearning: Bool, into changes: inout [Change]) {
    let start = startBin()
    let bins = bins()
    let featureCount = features.count
    for index in features.indices { vector[index] = features[index] }
    var worst = 0.0
    for place in values.indices {
      let ownBins =
        layout.drivers.contains(place)
        ? zip(bins.indices, bins).map { index, bin in
          bin == nil || layout.drivers[layout.mainDrivers[index]] == place ? nil : bin
        } : bins
      guard memory.models[place].hasModel else {
        vector[featureCount + place] = isValid[place] ? values[place] : 0
        continue
      }
      let prediction = memory.models[place].prediction(features)
      guard isValid[place] else {
        vector[featureCount + place] = prediction
        continue
      }
      let expected = prediction + memory.models[place].level(start: start, bins: ownBins)
      let rest = values[place] - expected
      let usual = memory.models[place].usualScatter(start: start, bins: ownBins)
      memory.models[place].latestExpected = expected
      memory.models[place].latestUsual = usual
      // After the learning time only the shape is learned, never the level.
      vector[featureCount + place] =
        isLearning ? values[place] : values[place] - memory.models[place].sizes[2]
      if usual > 0, start >= 1 {
        memory.models[place].average(rest, scatter: usual, weight: 1)
      }
      let excess = excess(place)
      worst = max(worst, excess)
      if isLearning || excess < 0.6 {
        memory.models[place].learnState(
          rest - (isLearning ? 0 : memory.models[place].sizes[1]),
          start: start,
          bins: ownBins,
          memory: 14 * 1_440
        )
        if start >= 3, memory.models[place].learnedCount > 720 {
          memory.models[place].learnAverages(memory: 30 * 1_440)
        }
      }
      memory.models[place].learnedCount += 1
      if !isLearning {
        follow(place, excess: excess, expected: expected, usual: usual, step, into: &changes)
      }
    }
    if worst > 0.8 { memory.isClean = false }
    if isLearning { memory.learned.add(vector) } else { memory.pending.add(vector) }
  }

  private func floor(_ place: Int) -> Double {
    switch layout.quantities[place] {
    case let quantity where quantity.isProportional: 0.15
    case .temperature: 1.0
    default: 0.015 * memory.peaks[place]
    }
  }

  private func excess(_ place: Int) -> Double {
    let model = memory.models[place]
    var most = 0.0
    for span in ChannelModel.spans.indices {
      most = max(
        most,
        min(
          model.excess(span, quantile: quantile),
          abs(model.sizes[span] - model.baselineSize) / floor(place)
        )
      )
    }
    return most
  }

  private mutating func follow(
    _ place: Int,
    excess: Double,
    expected: Double,
    usual: Double,
    _ step: Int64,
    into changes: inout [Change]
  ) {
    var alarm = memory.alarms[place]
    defer { memory.alarms[place] = alarm }
    alarm.beyondCount = excess > 1 ? alarm.beyondCount + 1 : max(0, alarm.beyondCount - 1)
    let side: Finding.Side =
      memory.models[place].sizes[1] >= memory.models[place].baselineSize ? .above : .below
    if !alarm.isRaised {
      guard alarm.beyondCount >= 60 else { return }
      alarm.isRaised = true
      alarm.since = step - 60
      alarm.quietCount = 0
      alarm.raisedCount = 0
      alarm.peak = excess
      alarm.sideAbove = side == .above
      changes.append(
        change(place, .began, side, expected: expected, usual: usual, since: alarm.since)
      )
      return
    }
    alarm.raisedCount += 1
    alarm.quietCount = excess < 0.6 ? alarm.quietCount + 1 : 0
    // A new level that holds is no news any more: watch from there.
    if excess > 1.15 * alarm.peak {
      alarm.peak = excess
      alarm.raisedCount = 0
    }
    if alarm.raisedCount > 3 * 1_440 {
      memory.models[place].baseline = memory.models[place].averages[2]
      memory.models[place].baselineSize = memory.models[place].sizes[2]
      alarm.quietCount = 1_000
    }
    if alarm.quietCount >= 720 {
      alarm.isRaised = false
      alarm.beyondCount = 0
      changes.append(
        change(
          place,
          .ended,
          alarm.sideAbove ? .above : .below,
          expected: expected,
          usual: usual,
          since: alarm.since
        )
      )
    }
  }

  private func change(
    _ place: Int,
    _ change: StateReport.Change,
    _ side: Finding.Side,
    expected: Double,
    usual: Double,
    since: Int64
  ) -> Change {
    let centre = expected + memory.models[place].baselineSize
    return Change(
      place: place,
      change: change,
      kind: .unusual(
        Finding.Deviation(
          side: side,
          usual: shown(centre - 3 * usual, place)...shown(centre + 3 * usual, place),
          share: 1,
          episode: 0
        )
      ),
      since: moment(of: since),
      observed: shown(values[place], place)
    )
  }
}

// MARK: - Fitting

extension MachineLearner {
  private mutating func fitIfDue(_ step: Int64, isLearning: Bool) {
    if isLearning {
      guard step - memory.lastFitStep >= stepsPerDay, memory.learned.count >= 360 else { return }
      memory.lastFitStep = step
      memory.lastTurnStep = step
      fit()
    } else if step - memory.lastTurnStep >= 4 * stepsPerDay {
      memory.lastTurnStep = step
      // What was seen waits for some days, so that a fault that grows meanwhile is not learned.
      if memory.isClean {
        memory.learned.absorb(&memory.earlier, keeping: 0.97)
      } else {
        memory.earlier.forget()
      }
      swap(&memory.earlier, &memory.pending)
      memory.isClean = true
      if memory.learned.count >= 360 { fit() }
    }
  }

  private mutating func fit() {
    for place in layout.channels.indices {
      memory.models[place].coefficients = memory.learned.regression(
        of: features.count + place,
        on: layout.allowed[place],
        stiffness: layout.stiffness[place]
      )
      // Zero for all that explains nothing, the channels themselves included.
      memory.models[place].coefficients.removeLast(layout.channels.count)
    }
    guard memory.binLow.isEmpty else { return }
    for driver in layout.mainDrivers.prefix(2) {
      let index = features.count + layout.drivers[driver]
      let mean = memory.learned.mean(index)
      let spread = max(memory.learned.covariance(index, index), 0).squareRoot()
      memory.binLow.append(mean - 2 * spread)
      memory.binWidth.append(spread > 0.02 * abs(mean) ? 0.4 * spread : 0)
    }
  }

  /// Moves with the clock: time that passed is counted without its steps.
  mutating func shift(by step: Duration) { memory.clockOffset += step }
}
