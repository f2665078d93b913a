import ConditionModel
import SignalProcessing

/// Learns how the values of one machine hang together, and tells which of them no longer do.
///
/// Values come together in means over the minutes of a grid in event time. While the machine runs,
/// each channel is explained by what the machine has to do; what is left, averaged over hours and a
/// day, is held against how far it wandered while all was well.
struct MachineLearner: Sendable {
  struct Memory: Hashable, Sendable, Codable {
    var means: [MinuteMean]
    /// The step of the grid that is being filled; `nil` before the first value.
    var step: Int64?
    var firstStep: Int64 = 0
    /// The latest step in which a value came; `nil` in memories from before it was noted, as if in the
    /// step that is being filled.
    var heardStep: Int64?
    /// Steps without a value since the machine was learned; `nil` in memories from before they were
    /// counted.
    var silentCount: Int64?
    /// How far the gateway's clock was set since the start; steps are counted without it.
    var clockOffset = Duration.zero
    /// The latest values as the models take them, and how unusual each channel was, as a multiple
    /// of its limit.
    var values: [Double]
    var excesses: [Double]
    /// The highest value of each channel, slowly forgotten.
    var peaks: [Double]
    /// The latest value of each channel.
    var held: [Double?]
    /// For each driver and lag in turn.
    var lagged: [Double]
    /// The channel that shows the temperature around the machine, where no name tells.
    var surroundings: Int?
    var search = SurroundingsSearch()
    /// Steps since the latest start, or since the latest stop.
    var sinceStart = 0
    var sinceStop = 0
    /// How long it had run before the latest stop; `nil` where nothing is known of it.
    var ranBefore: Int?
    var runningCount = 0.0
    var running: LearnedMoments
    var lastFitStep: Int64 = 0
    var lastTurnStep: Int64 = 0
    var binLow: [Double] = []
    var binWidth: [Double] = []
    /// Of the features that tell how new an operating state is; no more than there are channels.
    var spreads: [FeatureSpread] = []
    var models: [ChannelModel]
    var rests: [RestModel]
    var habits: [SensorHabits]
    var alarms: [ChannelAlarm]
    var jumps: [Jump]
    var episode = Episode()
    /// How far the running count must come until the level is accepted after work on the machine.
    var settlesAt: Double?
    /// Until when heat and high frequencies mean nothing, after greasing.
    var greasedUntil: Int64 = 0
    /// Stories that began since the machine was learned, sensors left out.
    var alertCount = 0
    /// For each channel one that says the same, and how.
    var substitutes: [Substitute?]
  }

  /// What begins or ends on a channel.
  struct Change {
    var place: Int
    var change: StateReport.Change
    var kind: Finding.Kind
    var since: Timestamp
    var observed: Double
  }

  var memory: Memory
  let layout: MachineLayout
  let rules: LearningRules
  let ranges: [ClosedRange<Double>?]
  let resolutions: [Double]
  let stepNanoseconds: Int64
  let stepsPerDay: Int64
  let minutesPerStep: Double
  let learningSteps: Int64
  let quantile: Double
  /// The first moment behind the step of the grid that is being filled, in nanoseconds.
  private(set) var endOfStep = Int64.min
  // Scratch, kept between calls.
  var isValid: [Bool]
  var features: [Double]
  var vector: [Double]
  var suspicions: [SensorHabits.Trouble?]
  /// How new the state of the minute is, by each of the spreads.
  var novelties: [Double]
  var scratch: [Double] = []
  /// Whether a driver is missing and nothing says what it would.
  var isBlind = false
  /// Whether a driver seems to be read wrong, so that it does not tell how new a state is.
  var isMisled = false

  init(
    _ layout: MachineLayout,
    rules: LearningRules,
    channels: [ChannelRules],
    memory: Memory? = nil
  ) {
    self.layout = layout
    self.rules = rules
    ranges = layout.channels.map { channels[Int($0.index)].measuringRange }
    resolutions = layout.channels.map { channels[Int($0.index)].resolution ?? 0 }
    stepNanoseconds = max(rules.step.nanoseconds, 1)
    stepsPerDay = max(86_400_000_000_000 / stepNanoseconds, 1)
    minutesPerStep = Double(stepNanoseconds) / 60e9
    learningSteps = rules.learningTime.nanoseconds / stepNanoseconds
    let count = layout.channels.count
    quantile = FalseAlertBudget.quantile(perWeek: rules.falseAlertsPerWeek, channelCount: count)
    isValid = Array(repeating: false, count: count)
    suspicions = Array(repeating: nil, count: count)
    novelties = Array(repeating: 0, count: count)
    features = Array(repeating: 0, count: layout.features.count)
    vector = Array(repeating: 0, count: layout.features.count + count)
    let moments = MomentMatrix(
      featureCount: layout.features.count,
      channelCount: count,
      driverCount: layout.drivers.count
    )
    self.memory =
      memory
      ?? Memory(
        means: Array(repeating: MinuteMean(), count: count),
        values: Array(repeating: 0, count: count),
        excesses: Array(repeating: 0, count: count),
        peaks: Array(repeating: 0, count: count),
        held: Array(repeating: nil, count: count),
        lagged: Array(
          repeating: 0,
          count: layout.drivers.count * MachineLayout.lags.count
        ),
        surroundings: layout.namedSurroundings,
        running: LearnedMoments(moments),
        models: Array(repeating: ChannelModel(), count: count),
        rests: Array(repeating: RestModel(), count: count),
        habits: Array(repeating: SensorHabits(), count: count),
        alarms: Array(repeating: ChannelAlarm(), count: count),
        jumps: Array(repeating: Jump(), count: count),
        substitutes: Array(repeating: nil, count: count)
      )
  }

  /// Takes the readings of a frame, as far as they say anything.
  ///
  /// - Parameters:
  ///   - frame: Values of channels of this machine.
  ///   - readings: What came of each of them.
  ///   - placeOfChannel: The place of each channel here; `nil` for those that are not watched.
  mutating func take(
    _ frame: Frame,
    _ readings: [StateDetector.TakenReading],
    placeOfChannel: [Int?]
  ) {
    var isHeard = false
    var means = memory.means.mutableSpan
    for index in frame.channels.indices {
      guard let place = placeOfChannel[Int(frame.channels[index].index)] else { continue }
      switch readings[index].outcome {
      case .trusted:
        means[place].take(frame.values[index])
        isHeard = true
      case .beyondRange: means[place].takeOutlier()
      case .late, .unusable: break
      }
    }
    if isHeard, memory.heardStep != memory.step { endSilence() }
  }

  /// Notes that a value came in the present step, whether or not time was told since the one before.
  private mutating func endSilence() {
    guard let step = memory.step else { return }
    let heard = memory.heardStep ?? step
    memory.heardStep = step
    if heard - memory.firstStep >= learningSteps {
      memory.silentCount = (memory.silentCount ?? 0) + max(0, step - heard - 1)
    } else if step - heard > stepsPerDay {
      // The time before a clock is set, or of a long stop, is none of learning.
      memory.firstStep += step - heard
    }
  }

  /// Lets time pass: closes the step of the grid that is over.
  mutating func advance(
    to now: Timestamp,
    operation: OperatingState,
    into changes: inout [Change]
  ) {
    guard now.nanoseconds >= endOfStep else { return }
    let step = step(of: now)
    defer { findEndOfStep() }
    guard let current = memory.step else {
      memory.step = step
      memory.firstStep = step
      memory.heardStep = step
      memory.lastTurnStep = step
      memory.lastFitStep = step
      return
    }
    guard step > current else { return }
    // A step without a value is one that is not there: nothing of it is counted, judged or learned.
    let heard = memory.heardStep ?? current
    if heard == current { close(current, operation: operation, into: &changes) }
    // Nobody knows what the machine did meanwhile.
    if Double(step - heard) * minutesPerStep > 60 {
      memory.sinceStart = 0
      memory.sinceStop = 0
      memory.ranBefore = nil
    }
    memory.step = step
  }

  /// Moves with the clock: steps are counted as if it had not been set.
  mutating func shift(by step: Duration) {
    // As far as any clock can be off; more would overflow.
    let limit = Duration.nanoseconds(Timestamp.plausible.upperBound.nanoseconds)
    let held = min(max(step, .zero - limit), limit)
    memory.clockOffset = min(max(memory.clockOffset + held, .zero - limit), limit)
    findEndOfStep()
  }

  private mutating func findEndOfStep() {
    // Before its own beginning a grid is coarser, and every moment is looked at.
    guard let step = memory.step, step >= 0 else {
      endOfStep = .min
      return
    }
    endOfStep = ((step + 1) * stepNanoseconds).clampedSum(memory.clockOffset.nanoseconds)
  }

  func step(of moment: Timestamp) -> Int64 {
    (moment - memory.clockOffset).nanoseconds / stepNanoseconds
  }

  func moment(of step: Int64) -> Timestamp {
    Timestamp(nanoseconds: step * stepNanoseconds).shifted(by: memory.clockOffset)
  }

  /// A value as the models take it.
  func transformed(_ value: Double, _ place: Int) -> Double {
    guard layout.quantities[place].isProportional else { return value }
    return steadyLogarithm(max(value, 0.01 * memory.peaks[place], 1e-6))
  }

  /// A value of the models as people see it.
  func shown(_ value: Double, _ place: Int) -> Double {
    layout.quantities[place].isProportional ? steadyExponential(value) : value
  }

  /// Whether the sensor of a channel is known to be at fault, so that nothing rests on it.
  func isSuspect(_ place: Int) -> Bool {
    memory.habits[place].trouble != nil || memory.alarms[place].isSensor
  }

  /// Whether the machine ran at the latest step of the grid.
  var isActive: Bool { memory.sinceStart > 0 }

  func deviation(of place: Int) -> LearnedDeviation? {
    let model = memory.models[place]
    guard memory.sinceStart > 0, let ofLimit = model.deviationOfLimit(quantile: quantile) else {
      return nil
    }
    let expected = model.latestExpected + model.baselineSize
    let usual = model.latestUsual
    return LearnedDeviation(
      expected: shown(expected, place),
      usual: shown(expected - 3 * usual, place)...shown(expected + 3 * usual, place),
      deviation: shown(expected + model.size(1), place) - shown(expected, place),
      sigmas: model.averages[1] - model.baseline,
      ofLimit: ofLimit,
      learnedHours: model.learnedCount * minutesPerStep / 60,
      runningHours: memory.runningCount * minutesPerStep / 60,
      isTrusted: model.learnedCount * minutesPerStep > 720 && !isSuspect(place)
    )
  }
}

/// A channel that says what another one does, as current does of power.
struct Substitute: Hashable, Sendable, Codable {
  var place: Int
  var constant: Double
  var slope: Double
}

/// What was seen of a machine while it ran: taken over after a quarantine, lest a fault that grows
/// be learned.
struct LearnedMoments: Hashable, Sendable, Codable {
  var learned: MomentMatrix
  var pending: MomentMatrix
  var earlier: MomentMatrix
  var isClean = true

  init(_ empty: MomentMatrix) {
    learned = empty
    pending = empty
    earlier = empty
  }

  /// Ends a period of the quarantine.
  mutating func turn() {
    if isClean {
      learned.absorb(&earlier, keeping: 0.97)
    } else {
      earlier.forget()
    }
    swap(&earlier, &pending)
    isClean = true
  }
}
