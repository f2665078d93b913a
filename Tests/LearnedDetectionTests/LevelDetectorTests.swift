import SignalProcessing
import Testing

@testable import LearnedDetection

struct LevelDetectorTests {
  private let settings = LevelSettings(learningSamples: 400)

  @Test(arguments: zip([1, 2, 3, 4] as [UInt64], [11, 2, 8, 5]))
  func `lanes decide as the plain loop does, on every row`(seed: UInt64, channels: Int) throws {
    var detector = LevelDetector(channelCount: channels, settings: settings)
    var plain = [PlainChannel](repeating: PlainChannel(), count: channels)
    var generator = SeededGenerator(seed: seed &+ 100)
    var wasMoving = false
    var lastChange = -20
    var alarms = 0
    var changes = 0
    for (row, values) in plantRows(seed: seed, channels: channels, rows: 2_000).enumerated() {
      // Every hundredth value is missing, in the second half of the runs.
      let values = values.map { seed > 2 && generator.uniform() < 0.01 ? Double.nan : $0 }
      for channel in plain.indices where values[channel].isFinite {
        plain[channel].take(values[channel])
      }
      guard values.contains(where: \.isFinite) else { continue }
      let verdict = detector.judge(values.span)
      let deviation = plain.map { abs($0.deviation) }.max() ?? 0
      let isMoving = plain.contains { $0.travel > 1 }
      let isChange = isMoving && !wasMoving && row - lastChange >= 20
      wasMoving = isMoving
      if isChange { lastChange = row }
      try #require(abs(verdict.score - deviation / (1 + deviation)) < 1e-9, "row \(row)")
      try #require(verdict.isAlarm == plain.contains { $0.isOff }, "row \(row)")
      try #require(verdict.isChange == isChange, "row \(row)")
      alarms += verdict.isAlarm ? 1 : 0
      changes += isChange ? 1 : 0
    }
    // The comparison means something only if both happened.
    #expect(alarms > 10)
    #expect(changes > 1)
  }

  @Test func `weights that stand as numbers are those of their time constants`() {
    #expect(GateLanes.clearingWeight == smoothingWeight(timeConstantSamples: 10))
    #expect(MoverLanes.quickWeight == smoothingWeight(timeConstantSamples: 5))
    #expect(MoverLanes.laggingWeight == smoothingWeight(timeConstantSamples: 20))
  }

  @Test func `the detector keeps the laws`() throws {
    try expectDetectorLaws(
      LevelDetector(channelCount: 3, settings: settings),
      on: plantRows(seed: 5, channels: 3, rows: 1_500),
      missing: [.nan, -.infinity, .greatestFiniteMagnitude]
    ) { detector, values in
      detector.judge(values.span).score
    }
  }

  @Test func `a step is an alarm that names its channel, and ends with the step`() throws {
    var generator = SeededGenerator(seed: 3)
    var detector = LevelDetector(channelCount: 10, settings: settings)
    var raised: Int?
    var ended: Int?
    for row in 0..<1_400 {
      var values = (0..<10).map { _ in 20 + generator.normal() }
      if (800..<900).contains(row) { values[9] -= 10 }
      let verdict = detector.judge(values.span)
      if verdict.isAlarm, raised == nil {
        raised = row
        #expect(verdict.channel == 9)
        #expect(verdict.deviation < -1)
        #expect(verdict.score > 0.5)
        let standing = try #require(detector.standing(of: 9))
        #expect(standing.isOff)
        #expect(abs(standing.usual - 20) < 1)
        #expect(standing.level < standing.usual - standing.reach)
        #expect(detector.standing(of: 0)?.isOff == false)
      } else if raised != nil, !verdict.isAlarm, ended == nil {
        ended = row
      }
    }
    #expect(try (800..<810).contains(#require(raised)))
    #expect(try (900..<960).contains(#require(ended)))
  }

  @Test func `a new normal is accepted in the end`() {
    var generator = SeededGenerator(seed: 4)
    var detector = LevelDetector(channelCount: 1, settings: settings)
    var last = false
    var alarms = 0
    for row in 0..<30_000 {
      let values = [generator.normal() + (row < 1_000 ? 0 : 5)]
      last = detector.judge(values.span).isAlarm
      alarms += last ? 1 : 0
    }
    #expect(!last)
    #expect(alarms > 600)
  }

  @Test func `a level that wanders further than it did at first does not stand in alarm`() {
    var generator = SeededGenerator(seed: 6)
    var detector = LevelDetector(channelCount: 1, settings: settings)
    var frozen = PlainChannel()
    frozen.goesOnLearning = false
    var wander = 0.0
    var alarms = 0
    var frozenAlarms = 0
    let rows = 6_000
    for row in 0..<rows {
      // Slow wander that is four times as strong once learning is over.
      wander += (row < 400 ? 0.05 : 0.2) * generator.normal() - 0.002 * wander
      let values = [wander + generator.normal()]
      alarms += detector.judge(values.span).isAlarm ? 1 : 0
      frozen.take(values[0])
      frozenAlarms += frozen.isOff ? 1 : 0
    }
    #expect(alarms < rows / 6)
    // A spread that is learned only once would see an alarm most of the time.
    #expect(frozenAlarms > rows / 2)
  }

  @Test func `a channel that never moves raises nothing, until it moves`() {
    var detector = LevelDetector(channelCount: 1, settings: settings)
    let still = [7.5]
    for _ in 0..<2_000 {
      let verdict = detector.judge(still.span)
      #expect(verdict.score == 0)
      #expect(!verdict.isAlarm && !verdict.isChange)
    }
    let moved = [8.5]
    let verdict = detector.judge(moved.span)
    #expect(verdict.isChange)
    #expect(verdict.score > 0.5)
  }

  @Test func `a channel that stays silent leaves the others as they are without it`() {
    var alone = LevelDetector(channelCount: 2, settings: settings)
    var accompanied = LevelDetector(channelCount: 3, settings: settings)
    for values in plantRows(seed: 9, channels: 2, rows: 2_000) {
      let three = values + [.nan]
      #expect(alone.judge(values.span) == accompanied.judge(three.span))
    }
    #expect(accompanied.standing(of: 2) == nil)
  }

  @Test func `nothing is judged before it is learned`() {
    var detector = LevelDetector(channelCount: 4, settings: settings)
    for (row, values) in plantRows(seed: 2, channels: 4, rows: 400).enumerated() {
      let wild = row == 200 ? values.map { $0 + 1_000 } : values
      let verdict = detector.judge(wild.span)
      #expect(verdict == LevelVerdict(deviation: 0, channel: 0, isAlarm: false, isChange: false))
      #expect(detector.standing(of: 0) == nil)
    }
  }

  @Test func `longer learning gives slower baselines and a higher limit, up to 20 minutes`() {
    let limits = [160, 400, 800, 1_200, 86_400].map { LevelSettings(learningSamples: $0).limit }
    #expect(limits == [3.25, 3.25, 4.125, 5, 5])
    let slow = LevelSettings(learningSamples: 3_600).gates[0].slowWeight
    #expect(abs(slow - PlainGate.weight(9 * 150)) < 1e-15)
  }

  @Test(arguments: [1e-300, 1e-20, 0.5, 1, 2, 3.999, 4, 1e9, 1e280])
  func `the inverse root is exact to ten digits`(value: Double) {
    let inverse = inverseRoots(Lanes(repeating: value))
    let expected = 1 / value.squareRoot()
    for lane in inverse.indices {
      #expect(abs(inverse[lane] - expected) <= 5e-11 * expected)
    }
  }

  @Test func `nothing has a finite inverse root`() {
    #expect(inverseRoots(.zero)[0].isFinite)
  }

  @Test func `eight channels take less than 4 kB each`() {
    let settings = LevelSettings(learningSamples: 400)
    let pastLevels = settings.gates.reduce(0) { $0 + $1.lagSamples } * MemoryLayout<Lanes>.size
    let gates = settings.gates.count * MemoryLayout<GateLanes>.stride
    let bytes = MemoryLayout<ChannelBank>.stride + gates + pastLevels
    #expect(bytes / 8 <= 4_000)
  }
}
