/// One gate of the vote, for eight channels at once: a level, and a baseline that stops following
/// while the level is off.
///
/// The spread that it judges by is the root mean square of two things: how far the level lies from
/// its baseline, and how far it wanders in ``GateSettings/lagSamples``. It goes on learning the
/// spread while the level is normal; without that, a slow baseline stood in alarm for 93 % of a
/// normal recording.
struct GateLanes: Hashable, Sendable, Codable {
  private let settings: GateSettings
  private let limit: Double
  /// How many distances are learned before the first wander is.
  private let wanderDelay: Double
  private(set) var lanes = State()
  /// The last learned levels, eight side by side; each channel writes at its own place.
  private var pastLevels: [Double]
  private var isAnyOff = false
  private var isAnySettling = false

  /// `smoothingWeight(timeConstantSamples: 10)`: a number costs no look whether it was made already.
  static let clearingWeight = 0.095_162_581_964_040_43
  private static let settlingSamples = 5.0
  private static var firstPlaces: SIMD8<Int32> { SIMD8(0, 1, 2, 3, 4, 5, 6, 7) }

  /// What changes with each value, apart from the past: taken back where there was no value.
  struct State: Hashable, Codable {
    var level = Lanes.zero
    var base = Lanes.zero
    /// Follows the value faster than the level does, to see it come back.
    var clearing = Lanes.zero
    /// How far each level is off its baseline, in limits: beyond ±1 it is off.
    var deviation = Lanes.zero
    /// The side on which the level is off: 1 above, −1 below, 0 normal.
    var side = Lanes.zero
    /// 1 where the level is normal, else 0.
    var normal = Lanes.one
    /// The weight of the level in its baseline: slow, slower while off, fast after a return.
    var baseWeight = Lanes.zero
    var samplesSinceReturn = Lanes(repeating: 1e9)
    var limitsPerUnit = Lanes.one
    var distanceSquares = Lanes.zero
    var distanceCount = Lanes.zero
    var wanderSquares = Lanes.zero
    /// Where in the past the oldest level lies.
    var place = GateLanes.firstPlaces
    /// How far the place moves with each value: not at all while the level is off.
    var stride = SIMD8<Int32>(repeating: Int32(Lanes.scalarCount))

    /// Takes back what `earlier` was, for some channels.
    mutating func restore(_ earlier: State, where chosen: LaneMask) {
      level.replace(with: earlier.level, where: chosen)
      base.replace(with: earlier.base, where: chosen)
      clearing.replace(with: earlier.clearing, where: chosen)
      deviation.replace(with: earlier.deviation, where: chosen)
      limitsPerUnit.replace(with: earlier.limitsPerUnit, where: chosen)
      for lane in chosen.indices where chosen[lane] { place[lane] = earlier.place[lane] }
    }
  }

  init(_ settings: GateSettings, limit: Double) {
    self.settings = settings
    self.limit = limit
    let firstWander = LevelSettings.samplesBeforeWander + settings.lagSamples
    wanderDelay = Double(firstWander - LevelSettings.headSamples)
    lanes.baseWeight = Lanes(repeating: settings.slowWeight)
    pastLevels = Array(repeating: 0, count: settings.lagSamples * Lanes.scalarCount)
  }

  /// The distance from the baseline that counts as off, in the channel's unit.
  func reach(of lane: Int) -> Double { 1 / lanes.limitsPerUnit[lane] }

  /// Holds a value from before a channel's start, where its past levels will lie.
  mutating func hold(_ value: Double, lane: Int, seen: Int) {
    pastLevels[seen * Lanes.scalarCount + lane] = value
  }

  /// The values held for a channel.
  func held(for lane: Int) -> [Double] {
    (0..<LevelSettings.headSamples).map { pastLevels[$0 * Lanes.scalarCount + lane] }
  }

  /// Takes the medians of the first and of all held-back samples as a channel's start.
  mutating func start(lane: Int, level first: Double, base all: Double) {
    lanes.level[lane] = first
    lanes.clearing[lane] = first
    lanes.base[lane] = all
  }

  /// Takes the next value of one channel as certainly normal.
  ///
  /// - Parameters:
  ///   - value: The next value.
  ///   - lane: The channel's place.
  ///   - seen: How many values the channel has had before.
  mutating func learn(_ value: Double, lane: Int, seen: Int) {
    lanes.level[lane] += settings.fastWeight * (value - lanes.level[lane])
    lanes.clearing[lane] = lanes.level[lane]
    let distance = lanes.level[lane] - lanes.base[lane]
    if seen >= LevelSettings.headSamples {
      lanes.distanceSquares[lane] += distance * distance
      lanes.distanceCount[lane] += 1
    }
    let pastCount = seen - LevelSettings.samplesBeforeWander
    if pastCount >= 0 {
      let index = Int(lanes.place[lane])
      if pastCount >= settings.lagSamples {
        let wander = lanes.level[lane] - pastLevels[index]
        lanes.wanderSquares[lane] += wander * wander
        let squares =
          lanes.distanceSquares[lane] / lanes.distanceCount[lane]
          + lanes.wanderSquares[lane] / (lanes.distanceCount[lane] - wanderDelay)
        lanes.limitsPerUnit[lane] = 1 / (((squares / 2).squareRoot() + 1e-9) * limit)
      }
      pastLevels[index] = lanes.level[lane]
      let next = (pastCount + 1) % settings.lagSamples * Lanes.scalarCount + lane
      lanes.place[lane] = Int32(next)
    }
    lanes.base[lane] += max(settings.slowWeight, 1 / Double(seen + 1)) * distance
  }

  /// Judges one finite value of each channel, and follows it; all channels have learned.
  mutating func judge(_ values: Lanes) {
    follow(values, where: LaneMask(repeating: true), isComplete: true)
  }

  /// Judges one value per channel, and follows it.
  ///
  /// - Parameters:
  ///   - values: One finite value per channel.
  ///   - chosen: The channels that have a value and have learned; nothing happens to the others.
  mutating func judge(_ values: Lanes, where chosen: LaneMask) {
    let before = lanes
    follow(values, where: chosen, isComplete: false)
    lanes.restore(before, where: .!chosen)
  }

  @inline(__always)
  private mutating func follow(_ values: Lanes, where chosen: LaneMask, isComplete: Bool) {
    lanes.level += settings.fastWeight * (values - lanes.level)
    lanes.clearing += Self.clearingWeight * (values - lanes.clearing)
    lanes.deviation = (lanes.level - lanes.base) * lanes.limitsPerUnit
    if isAnyOff || lanes.deviation.magnitudes.largest > 1 {
      changeSides(where: chosen)
    }
    if isAnySettling {
      settle(where: chosen)
    }
    lanes.base += lanes.baseWeight * (lanes.level - lanes.base)
    if isAnyOff || !isComplete {
      learnSpread(weights: lanes.normal.replacing(with: 0, where: .!chosen))
    } else {
      learnSpread(weights: nil)
    }
  }

  /// Notes which levels leave their baseline and which are back.
  private mutating func changeSides(where chosen: LaneMask) {
    let wasNormal = lanes.side .== 0
    let left = chosen .& wasNormal .& (lanes.deviation.magnitudes .> 1)
    let remaining = lanes.side * (lanes.clearing - lanes.base) * lanes.limitsPerUnit
    let returned = chosen .& .!wasNormal .& (remaining .< settings.stay)

    lanes.side.replace(with: 1, where: left .& (lanes.deviation .> 0))
    lanes.side.replace(with: -1, where: left .& (lanes.deviation .< 0))
    lanes.normal.replace(with: 0, where: left)
    lanes.baseWeight.replace(with: settings.creepWeight, where: left)

    lanes.side.replace(with: 0, where: returned)
    lanes.normal.replace(with: 1, where: returned)
    lanes.level.replace(with: lanes.clearing, where: returned)
    lanes.samplesSinceReturn.replace(with: 0, where: returned)
    for lane in lanes.side.indices {
      lanes.stride[lane] = lanes.side[lane] == 0 ? Int32(Lanes.scalarCount) : 0
    }
    isAnySettling = isAnySettling || any(returned)
    isAnyOff = any(lanes.side .!= 0)
  }

  /// Lets a baseline follow quickly after its level has returned.
  private mutating func settle(where chosen: LaneMask) {
    let settling = chosen .& (lanes.side .== 0)
    let weight = 1 / (Self.settlingSamples + lanes.samplesSinceReturn)
    let slow = Lanes(repeating: settings.slowWeight)
    lanes.baseWeight.replace(with: larger(slow, weight), where: settling)
    lanes.samplesSinceReturn.replace(with: lanes.samplesSinceReturn + 1, where: settling)
    isAnySettling = any(lanes.baseWeight .> slow)
  }

  /// Learns the spread of the levels.
  ///
  /// - Parameter weights: 1 for levels to learn from, 0 for others; `nil` to learn from all.
  @inline(__always)
  private mutating func learnSpread(weights: Lanes?) {
    let distance = lanes.level - lanes.base
    lanes.distanceSquares += distance * distance * (weights ?? .one)
    lanes.distanceCount += weights ?? .one

    let level = lanes.level
    let place = lanes.place
    let next = place &+ lanes.stride
    var past = pastLevels.mutableSpan
    let count = Int32(truncatingIfNeeded: past.count)
    precondition(place.areIndices(below: count), "places lie in the past")
    let oldest = unsafe past.lanes(uncheckedAt: place)
    unsafe past.set(weights.map { $0 * level + (1 - $0) * oldest } ?? level, uncheckedAt: place)
    let end = Self.firstPlaces &+ count
    lanes.place = next.replacing(with: Self.firstPlaces, where: next .== end)

    let wander = level - oldest
    lanes.wanderSquares += wander * wander * (weights ?? .one)

    // √(a ∕ b) = a ∕ √(a b), which spares a division.
    let distanceCount = lanes.distanceCount
    let wanderCount = distanceCount - wanderDelay
    let squares = lanes.distanceSquares * wanderCount + lanes.wanderSquares * distanceCount
    let counts = 2 * distanceCount * wanderCount
    let spread = squares * inverseRoots(squares * counts) + 1e-9
    lanes.limitsPerUnit = 1 / (spread * limit)
  }
}
