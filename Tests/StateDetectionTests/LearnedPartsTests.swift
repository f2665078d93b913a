import ConditionModel
import Foundation
import Testing

@testable import StateDetection

/// The parts that learning is made of, each against what is known exactly.
struct LearnedPartsTests {
  @Test func `a regression finds the coefficients that made the values`() {
    var moments = MomentMatrix(featureCount: 3, channelCount: 1, driverCount: 0)
    var noise = NoiseSource(seed: 5)
    for _ in 0..<2_000 {
      let one = noise.next(3)
      let other = 100 + noise.next(1)
      let vector = [1, one, other, 7 + 2 * one - 0.5 * other]
      moments.add(vector, drivers: [], surroundings: nil)
    }
    let found = FeatureSpread(moments, of: [1, 2], stiffness: [0, 0]).regression(of: 0, moments)
    for (coefficient, expected) in zip(found, [7, 2, -0.5]) {
      #expect(abs(coefficient - expected) < 1e-8)
    }
    #expect(moments.residualVariance(of: 0, found) < 1e-9)
    // A feature that never moves explains nothing and does no harm.
    var still = MomentMatrix(featureCount: 2, channelCount: 1, driverCount: 0)
    for index in 0..<50 {
      still.add([1, 5, Double(index)], drivers: [], surroundings: nil)
    }
    let constant = FeatureSpread(still, of: [1], stiffness: [0]).regression(of: 0, still)
    #expect(constant[1] == 0 && abs(constant[0] - 24.5) < 1e-9)
  }

  @Test func `a state is as new as it is far from what was seen, correlations taken out`() {
    var moments = MomentMatrix(featureCount: 3, channelCount: 1, driverCount: 0)
    var noise = NoiseSource(seed: 11)
    var states: [[Double]] = []
    for _ in 0..<5_000 {
      // Of the second feature 0.8 is the first, so that the two seldom part.
      let one = noise.next(1)
      let other = 0.8 * one + 0.6 * noise.next(1)
      let state = [1, 50 + 3 * one, 20 * other]
      states.append(state)
      moments.add(state + [0], drivers: [], surroundings: nil)
    }
    let spread = FeatureSpread(moments, of: [1, 2], stiffness: [0, 0])
    var scratch: [Double] = []
    let deviation = (1.0 / 3).squareRoot()
    func novelty(_ one: Double, _ other: Double) -> Double {
      let state = [1, 50 + 3 * deviation * one, 20 * deviation * other]
      return spread.novelty(of: state, scratch: &scratch)
    }
    let mean = states.reduce(0) { $0 + spread.novelty(of: $1, scratch: &scratch) } / 5_000
    #expect(abs(mean - 1) < 1e-9)
    // Two standard deviations together, and against each other: (x² - 2 ρ x y + y²) ∕ (1 - ρ²) ∕ 2.
    #expect(abs(novelty(2, 2) - 2.22) < 0.2)
    #expect(abs(novelty(2, -2) - 20) < 2)
    let nothing = FeatureSpread(moments, of: [], stiffness: [])
    #expect(nothing.novelty(of: [1, 0, 0], scratch: &scratch) == 0)
  }

  @Test func `averages last as long on a coarse grid as on one of minutes`() {
    var fine = ChannelModel()
    var coarse = ChannelModel()
    for _ in 0..<600 { fine.average(1, scatter: 1, novelty: 5.2, minutes: 1) }
    for _ in 0..<40 { coarse.average(1, scatter: 1, novelty: 5.2, minutes: 15) }
    for (span, minutes) in [60.0, 360, 1_440].enumerated() {
      let expected = 1 - exp(-600 / minutes)
      #expect(abs(fine.averages[span] - expected) < 0.001)
      #expect(abs(coarse.averages[span] - expected) < 0.01)
      #expect(abs(coarse.sizes[span] - expected) < 0.01)
      fine.learnAverages(memory: 43_200, minutes: 15)
    }
    // A value that stands for longer than a span is its average.
    coarse.average(7, scatter: 1, novelty: 0, minutes: 120)
    #expect(coarse.averages[0] == 7)
    #expect(fine.weights[0] > 44.9)
  }

  @Test func `a state that was hardly seen before gives more leeway, up to three times`() {
    var model = ChannelModel()
    #expect(model.leeway(0) == 1)
    for _ in 0..<900 { model.average(0, scatter: 1, novelty: 1.2, minutes: 1) }
    #expect(model.leeway(0) == 1)
    for _ in 0..<900 { model.average(0, scatter: 1, novelty: 5.2, minutes: 1) }
    #expect(abs(model.leeway(0) - 2) < 0.01)
    for _ in 0..<900 { model.average(0, scatter: 1, novelty: 1e300, minutes: 1) }
    #expect(model.leeway(0) == 3 && model.leeway(2) == 3)
  }

  @Test(arguments: [0.001, 0.5, 1])
  func `readings pile up where they are cut off, and nowhere else`(resolution: Double) {
    var noise = NoiseSource(seed: 12)
    func hits(cutAt ceiling: Double) -> Bool {
      var top = Ceiling()
      var wasCut = false
      for _ in 0..<3_000 {
        var highest = 0.0
        for _ in 0..<6 {
          let reading = min(50 + noise.next(1) + noise.next(1) + noise.next(1), ceiling)
          highest = max(highest, (reading / resolution).rounded() * resolution)
        }
        top.take(highest, margin: 2.5 * resolution, moves: true)
        wasCut = wasCut || top.isCut
      }
      return wasCut
    }
    #expect(!hits(cutAt: .infinity))
    #expect(hits(cutAt: 51))
  }

  @Test func `what was learned of one machine fits no other`() {
    var bench = LearnedBench()
    bench.run(days: 1.5)
    let memory = bench.detector.memory
    let configuration = LearnedBench.configuration()
    #expect(memory.fits(configuration))
    var shorter = configuration
    shorter.plant.channels.removeLast()
    shorter.channels.removeLast()
    #expect(!memory.fits(shorter))
    var other = configuration
    other.plant.channels[5].quantity = .pressure
    #expect(!memory.fits(other))
    var limited = configuration
    limited.channels[0].limits = [
      LimitRule(
        side: .above,
        alert: 1,
        alarm: nil,
        deadband: 0,
        onDelay: .zero,
        offDelay: .zero,
        onlyWhileRunning: false
      )
    ]
    #expect(!memory.fits(limited))
    var unlearned = configuration
    unlearned.learning = nil
    #expect(!memory.fits(unlearned))
    // Nor does one of a time that no clock shows.
    for forge in [
      { $0.step = .max }, { $0.firstStep = .min }, { $0.clockOffset = .seconds(1 << 40) },
      { $0.alarms[0].onset = .max - 1 },
    ] as [(inout MachineLearner.Memory) -> Void] {
      var forged = memory
      forge(&forged.learners[0])
      #expect(!forged.fits(configuration))
    }
  }

  @Test func `a memory from before silence, work and each channel were counted is taken up`() throws
  {
    var bench = LearnedBench()
    bench.run(days: 2.5)
    let saved = try JSONEncoder().encode(bench.detector.memory)
    var text = String(decoding: saved, as: UTF8.self)
    for key in ["heardStep", "silentCount", "sizeBeforeWork", "channels"] {
      text = text.replacing("\"\(key)\":", with: "\"later \(key)\":")
    }
    let memory = try JSONDecoder().decode(StateDetector.Memory.self, from: Data(text.utf8))
    #expect(memory != bench.detector.memory && memory.fits(LearnedBench.configuration()))
    bench.detector = StateDetector(LearnedBench.configuration(), memory: memory)
    bench.run(days: 0.5)
    let left = try #require(bench.detector.learning(of: AssetID(index: 0))?.daysLeft)
    #expect(abs(left - 3) < 0.01)
  }

  @Test func `channels are held against drivers, and memory grows with their number only`() {
    // Two drivers, of which the second has no place of its own yet: it is channel 3.
    var moments = MomentMatrix(featureCount: 1, channelCount: 4, driverCount: 2)
    var noise = NoiseSource(seed: 8)
    var rows: [[Double]] = []
    for _ in 0..<500 {
      let row = (0..<4).map { _ in noise.next(1) }
      rows.append(row)
      moments.add([1] + row, drivers: [1, nil], surroundings: 3)
    }
    func mean(_ value: ([Double]) -> Double) -> Double {
      rows.reduce(0) { $0 + value($1) } / Double(rows.count)
    }
    for (driver, place) in [(0, 1), (1, 3)] {
      for channel in 0..<4 {
        let expected = mean { $0[place] * $0[channel] } - mean { $0[place] } * mean { $0[channel] }
        let found = moments.covariance(driver: driver, at: place, channel: channel)
        #expect(abs(found - expected) < 1e-12)
      }
    }
    func size(_ channels: Int) -> Int {
      let moments = MomentMatrix(featureCount: 22, channelCount: channels, driverCount: 4)
      return moments.elementCount
    }
    #expect(size(500) - size(400) == size(200) - size(100))
  }

  @Test func `a mean of a minute leaves out its extremes and counts equal readings`() {
    var minute = MinuteMean()
    for value in [10.0, 10, 11, 500, 10, 9] { minute.take(value) }
    #expect(minute.mean == 10.25)
    #expect(minute.highest == 500 && minute.lowest == 9)
    minute.restart()
    for _ in 0..<4 { minute.take(9) }
    #expect(minute.equalCount == 4 && minute.roughness == 0)
  }

  @Test func `a spike stands out from both its neighbours, a step from one`() {
    var minute = MinuteMean()
    for value in [10.0, 10, 40, 41, 40] { minute.take(value) }
    #expect(minute.spike == 1)
    minute.restart()
    #expect(minute.spike == 0)
    // The reading before the restart is a neighbour, too.
    for value in [40.0, 9, 40] { minute.take(value) }
    #expect(minute.spike == 31)
  }

  /// Minutes of readings around 50, some of which have more in them.
  private func suspicions(
    _ special: (inout MinuteMean, _ minute: Int) -> Void
  ) -> [SensorHabits
    .Trouble]
  {
    var habits = SensorHabits()
    var noise = NoiseSource(seed: 6)
    var minute = MinuteMean()
    var found: [SensorHabits.Trouble] = []
    for index in 0..<8_000 {
      minute.restart()
      for _ in 0..<6 { minute.take(50 + noise.next(0.5)) }
      if index > 5_000 { special(&minute, index) }
      let trouble = habits.take(minute, isLearning: index < 5_000)
      if let trouble { found.append(trouble) }
    }
    return found
  }

  @Test func `readings that leave the measuring range for a moment are spikes`() {
    let found = suspicions { minute, index in
      if index < 6_500, index.isMultiple(of: 40) { minute.takeOutlier() }
    }
    #expect(found.count > 1_000 && found.allSatisfy { $0 == .spiking })
    // Some hours after the last one it is over, though the mean of eight hours still shows it.
    #expect(found.count < 1_700)
  }

  @Test func `a load that changes within a minute is no spike`() {
    let found = suspicions { minute, index in
      if index.isMultiple(of: 40) { for _ in 0..<6 { minute.take(70) } }
    }
    #expect(found.isEmpty)
  }

  /// A machine of one shift never gives as many rows of a quarter of an hour in a row as readings of seconds.
  @Test(arguments: [(1.0, 241), (15, 25)])
  func `a sensor is stuck after hours, by however few rows`(minutes: Double, rows: Int) {
    var habits = SensorHabits()
    var noise = NoiseSource(seed: 6)
    var minute = MinuteMean()
    var stuckAfter: Int?
    for index in 0..<3_000 where stuckAfter == nil {
      minute.restart()
      minute.take(index < 2_000 ? 50 + noise.next(0.5) : 50)
      let trouble = habits.take(minute, minutesPerStep: minutes, isLearning: index < 1_900)
      if trouble == .stuck { stuckAfter = index - 2_000 }
    }
    #expect(stuckAfter == rows)
  }

  @Test func `what is foretold of a channel stays within what it showed`() {
    var habits = SensorHabits()
    for index in 0..<3_000 {
      var minute = MinuteMean()
      for _ in 0..<6 { minute.take(index.isMultiple(of: 2) ? 40 : 60) }
      _ = habits.take(minute, range: nil, isLearning: true)
    }
    #expect(habits.limited(50) == 50)
    for far in [1e300, .infinity, 61] as [Double] {
      #expect((50...60).contains(habits.limited(far)))
    }
    for far in [-1e300, -.infinity, .nan, 39] as [Double] {
      #expect((40...50).contains(habits.limited(far)))
    }
  }

  @Test func `a temperature that was never read is not that of the surroundings`() {
    var search = SurroundingsSearch()
    for minute in 0..<400 {
      let isRunning = minute < 200
      search.take(
        [0, 21, isRunning ? 60 : 40],
        [false, true, true],
        isRunning: isRunning,
        isSettled: true
      )
    }
    #expect(search.result(among: [0, 1, 2], isColdMachine: false) == 1)
  }

  @Test(arguments: [(22.0, 1 as Int?), (45, nil), (8, nil)])
  func `of a chiller that never rests the surroundings lie between its cold and its warm side`(
    mean: Double,
    place: Int?
  ) {
    var search = SurroundingsSearch()
    for _ in 0..<400 {
      search.take([7, mean, 55], [true, true, true], isRunning: true, isSettled: true)
    }
    #expect(search.result(among: [0, 1, 2], isColdMachine: true) == place)
  }

  @Test(arguments: [("t_amb", true), ("T-amb", true), ("lambda", false), ("hall air", true)])
  func `the surroundings are known by the words that people use for them`(
    name: String,
    isSurroundings: Bool
  ) {
    var channel = LearnedBench.plant.channels[1]
    channel.location = ""
    channel.point = name
    #expect(channel.isSurroundings == isSurroundings)
  }

  @Test(arguments: [(Quantity.pressure, true), (.duration, true), (.temperature, false)])
  func `what a machine has to do is asked of it, the time of a cycle too`(
    quantity: Quantity,
    isDemand: Bool
  ) {
    var configuration = LearnedBench.configuration()
    configuration.plant.channels[3].quantity = quantity
    let learner = LearnedBench(configuration: configuration).detector.learners[0]
    #expect(learner.isDemand(3) == isDemand)
  }

  /// In the learning time, at its end, and in a watch in which work on the machine has still to settle.
  @Test(arguments: [(2.03, 0.5), (2.03, 3.0), (5.5, 3.0), (7.3, 0.3), (7.3, 5.0)])
  func `a device that does not answer and a gap in a recording come to the same`(
    days: Double,
    silence: Double
  ) {
    var live = LearnedBench()
    live.run(days: days)
    live.mark(.part)
    var replayed = live
    live.silence(days: silence)
    replayed.pause(days: silence)
    live.run(days: 0.2)
    replayed.run(days: 0.2)
    #expect(live.detector.learners[0].memory == replayed.detector.learners[0].memory)
    let asset = AssetID(index: 0)
    #expect(live.detector.learning(of: asset) == replayed.detector.learning(of: asset))
  }

  /// Each midnight a few rows are missing.
  @Test func `the surroundings are found without a row in any one minute, and known at once`()
    throws
  {
    var configuration = LearnedBench.configuration()
    configuration.plant.channels[1].location = "north"
    var bench = LearnedBench(configuration: configuration)
    for day in 1...4 {
      bench.run(days: Double(day) - 0.002 - bench.days)
      bench.pause(days: 0.004)
    }
    bench.run(days: 0.1)
    let learner = bench.detector.learners[0]
    #expect(learner.memory.surroundings == 1)
    let driver = try #require(learner.layout.surroundings)
    let held = try #require(learner.memory.held[1])
    let count = MachineLayout.lags.count
    let lags = learner.memory.lagged[driver * count..<(driver + 1) * count]
    #expect(lags.allSatisfy { abs($0 - held) < 3 })
  }

  @Test func `after work on a machine the level at rest is learned anew, its scatter is not`() {
    var rest = RestModel()
    var noise = NoiseSource(seed: 5)
    var step: Int64 = 0
    func pass(_ level: Double, minutes: Int, isLearning: Bool) {
      for _ in 0..<minutes {
        step += 1
        let value = level + noise.next(0.5)
        rest.take(value, at: step, minutes: 1)
        rest.learn(value, isLearning: isLearning, doubt: 10_000)
      }
    }
    pass(20, minutes: 3_000, isLearning: true)
    let usual = rest.usual
    rest.forgetLevel()
    #expect(rest.usual == nil)
    pass(30, minutes: 130, isLearning: false)
    #expect(abs(rest.level - 30) < 0.3)
    #expect(rest.usual ?? 0 > 0.8 * (usual ?? .infinity))
  }

  @Test func `what a channel shows at rest and never did is believed slowly`() {
    var rest = RestModel()
    var step: Int64 = 0
    func pass(_ value: Double, minutes: Int) {
      for _ in 0..<minutes {
        step += 1
        rest.take(value + (step.isMultiple(of: 2) ? 0.1 : -0.1), at: step, minutes: 1)
        rest.learn(value, isLearning: step < 2_000, doubt: 1_000)
      }
    }
    pass(20, minutes: 3_000)
    pass(30, minutes: 600)
    #expect(abs(rest.level - 20) < 0.1)
    #expect(abs(rest.size - 10) < 0.5)
    rest.acceptLevel()
    #expect(abs(rest.level - 30) < 0.5 && rest.size == 0)
  }

  @Test func `readings at rest may go back to the level before a new one was accepted`() {
    var rest = RestModel()
    var step: Int64 = 0
    func pass(_ value: Double, minutes: Int) {
      for _ in 0..<minutes {
        step += 1
        rest.take(value, at: step, minutes: 1)
        rest.learn(value, isLearning: step < 2_000, doubt: 10_000)
      }
    }
    pass(20, minutes: 3_000)
    pass(30, minutes: 300)
    rest.acceptLevel()
    pass(30, minutes: 300)
    #expect(abs(rest.level - 30) < 0.1)
    pass(20, minutes: 60)
    #expect(abs(rest.level - 20) < 0.1)
    pass(20, minutes: 240)
    #expect(abs(rest.size) < 0.1)
  }

  /// A mean over 45 minutes, not over so many rows.
  @Test(arguments: [1.0, 15])
  func `what was off at rest is forgotten in hours, however far apart rows lie`(minutes: Double) {
    var rest = RestModel()
    var step: Int64 = 0
    func pass(_ value: Double, hours: Double) {
      for _ in 0..<Int(hours * 60 / minutes) {
        step += 1
        rest.take(value, at: step, minutes: minutes)
        rest.learn(value, isLearning: step < 200, doubt: 1_000)
      }
    }
    pass(20, hours: 60)
    pass(30, hours: 6)
    #expect(abs(rest.size - 10) < 0.5)
    pass(20, hours: 3)
    #expect(abs(rest.size) < 0.5)
  }

  @Test func `the limit follows from the budget, as the normal distribution has it`() {
    // Five looks at one channel in a week, one in 0.0228 of them wrong: two standard deviations.
    let two = FalseAlertBudget.quantile(perWeek: 5 * 0.02275, channelCount: 1)
    #expect(abs(two - 2) < 1e-3)
    let three = FalseAlertBudget.quantile(perWeek: 5 * 10 * 0.00135, channelCount: 10)
    #expect(abs(three - 3) < 1e-3)
  }

  @Test func `drivers of one family do not explain each other, and counters are left alone`() {
    func channel(_ index: UInt16, _ quantity: Quantity, _ point: String = "p") -> Channel {
      Channel(
        id: ChannelID(index: index),
        asset: AssetID(index: 0),
        location: point,
        point: point,
        unit: "1",
        quantity: quantity,
        device: 0
      )
    }
    let asset = Asset(id: AssetID(index: 0), name: "m", kind: .fan)
    let plant = Plant(
      site: "s",
      gateway: "g",
      assets: [asset],
      channels: [
        channel(0, .activePower), channel(1, .current), channel(2, .energy),
        channel(3, .temperature, "température ambiante"), channel(4, .temperature),
      ]
    )
    let layout = MachineLayout(asset, in: plant)
    #expect(layout.channels.map(\.index) == [0, 1, 3, 4])
    #expect(layout.drivers == [0, 2])
    #expect(layout.families == [.electrical, .surroundings])
    #expect(layout.namedSurroundings == 2)
    #expect(layout.activity.map(\.place) == [0, 1])
    // One meter that breaks would stop the machine: the vibration has a vote, too.
    let plain = Plant(
      site: "s",
      gateway: "g",
      assets: [asset],
      channels: [channel(0, .activePower), channel(1, .velocityRMS), channel(2, .temperature)]
    )
    #expect(MachineLayout(asset, in: plain).activity.map(\.place) == [0, 1])
  }
}

extension SensorHabits {
  /// Takes a step of a channel that is nothing special.
  fileprivate mutating func take(
    _ minute: MinuteMean,
    range: ClosedRange<Double>? = 0...100,
    minutesPerStep: Double = 1,
    isLearning: Bool
  ) -> Trouble? {
    take(
      minute,
      isProportional: false,
      isCommanded: false,
      isSluggish: false,
      resolution: 0.01,
      range: range,
      minutesPerStep: minutesPerStep,
      isLearning: isLearning
    )
  }
}
