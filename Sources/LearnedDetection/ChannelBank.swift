/// Eight channels judged side by side: five gates vote on each, and a mover says when it travels.
struct ChannelBank: Hashable, Sendable, Codable {
  private var verdict = BankVerdict()
  private var gates: [GateLanes]
  private var mover = MoverLanes()
  private let learningSamples: Double
  /// How many values each channel has had.
  private var seen = Lanes.zero
  /// How many lanes still learn.
  private var learningCount = Lanes.scalarCount

  init(_ settings: LevelSettings) {
    learningSamples = Double(settings.learningSamples)
    gates = settings.gates.map { GateLanes($0, limit: settings.limit) }
  }

  /// Takes the next value of each channel; one that is not finite counts as none.
  ///
  /// - Parameter values: One per channel.
  /// - Returns: What the channels say after these values, and whether there was any.
  mutating func judge(_ values: Lanes) -> (verdict: BankVerdict, hasValue: Bool) {
    let present = values.magnitudes .<= largestUsableValue
    guard learningCount > 0 || !present.isFull else {
      // Nearly every row.
      seen += 1
      for gate in gates.indices { gates[gate].judge(values) }
      mover.judge(values)
      sumUp()
      return (verdict, true)
    }
    let learned = present .& (seen .>= learningSamples)
    if learningCount > 0 {
      for lane in values.indices where present[lane] && !learned[lane] {
        learn(values[lane], lane: lane)
      }
    }
    seen.replace(with: seen + 1, where: present)
    guard any(learned) else { return (verdict, any(present)) }
    let known = values.replacing(with: 0, where: .!learned)
    for gate in gates.indices { gates[gate].judge(known, where: learned) }
    mover.judge(known, where: learned)
    sumUp()
    return (verdict, true)
  }

  /// Lets the gates vote.
  private mutating func sumUp() {
    let fewestNormal =
      -(-gates[0].lanes.normal - gates[1].lanes.normal - gates[2].lanes.normal
      - gates[3].lanes.normal - gates[4].lanes.normal).largest
    verdict.isAnyOff = Int(fewestNormal) <= gates.count - LevelSettings.majority
    verdict.isAnyTravelling = mover.travel.largest > 1
    verdict.deviation = middleByMagnitude(
      gates[0].lanes.deviation,
      gates[1].lanes.deviation,
      gates[2].lanes.deviation,
      gates[3].lanes.deviation,
      gates[4].lanes.deviation
    )
  }

  /// How one channel stands after the latest value, as its middle gate sees it.
  func standing(of lane: Int) -> LevelStanding? {
    guard seen[lane] > learningSamples else { return nil }
    let deviation = verdict.deviation[lane]
    let middle = gates.first { $0.lanes.deviation[lane] == deviation } ?? gates[0]
    return LevelStanding(
      isOff: gates.count { $0.lanes.normal[lane] == 0 } >= LevelSettings.majority,
      deviation: deviation,
      level: middle.lanes.level[lane],
      usual: middle.lanes.base[lane],
      reach: middle.reach(of: lane)
    )
  }

  /// Holds the first minute of a channel back, so that it starts from medians rather than from one
  /// value; then learns it and what follows.
  private mutating func learn(_ value: Double, lane: Int) {
    let before = Int(seen[lane])
    guard before < LevelSettings.headSamples else {
      learn(value, lane: lane, seen: before)
      return
    }
    gates[0].hold(value, lane: lane, seen: before)
    guard before == LevelSettings.headSamples - 1 else { return }
    let held = gates[0].held(for: lane)
    let first = median(of: held.prefix(20))
    for gate in gates.indices {
      gates[gate].start(lane: lane, level: first, base: median(of: held))
    }
    mover.start(lane: lane, at: first)
    for (seen, value) in held.enumerated() {
      learn(value, lane: lane, seen: seen)
    }
  }

  private mutating func learn(_ value: Double, lane: Int, seen: Int) {
    for gate in gates.indices {
      gates[gate].learn(value, lane: lane, seen: seen)
    }
    mover.learn(value, lane: lane, counts: seen >= LevelSettings.headSamples)
    guard seen + 1 == Int(learningSamples) else { return }
    learningCount -= 1
  }
}

/// What eight channels say together.
struct BankVerdict: Hashable, Sendable, Codable {
  /// How far each channel is off its baseline, in limits: the middle one of the five gates.
  var deviation = Lanes.zero
  /// Whether any channel is off: at least three of its five gates say so.
  var isAnyOff = false
  /// Whether any channel travels faster than it ordinarily does.
  var isAnyTravelling = false
}
