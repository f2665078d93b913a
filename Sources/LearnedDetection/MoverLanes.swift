/// Says how fast eight channels travel, each in limits of its own: beyond 1 a change is under way.
struct MoverLanes: Hashable, Sendable, Codable {
  private(set) var travel = Lanes.zero
  private var quick = Lanes.zero
  private var lagging = Lanes.zero
  private var squares = Lanes.zero
  private var count = Lanes.zero
  private var limitsPerUnit = Lanes.one

  /// `smoothingWeight(timeConstantSamples:)` of 5 and of 20.
  static let quickWeight = 0.181_269_246_922_018_15
  static let laggingWeight = 0.048_770_575_499_285_99
  /// How many root mean squares of ordinary travel count as a change.
  private static let limit = 3.5

  mutating func start(lane: Int, at value: Double) {
    quick[lane] = value
    lagging[lane] = value
  }

  /// Takes the next value of one channel as ordinary.
  ///
  /// - Parameters:
  ///   - value: The next value.
  ///   - lane: The channel's place.
  ///   - counts: Whether the channel has settled.
  mutating func learn(_ value: Double, lane: Int, counts: Bool) {
    quick[lane] += Self.quickWeight * (value - quick[lane])
    lagging[lane] += Self.laggingWeight * (quick[lane] - lagging[lane])
    guard counts else { return }
    let distance = quick[lane] - lagging[lane]
    squares[lane] += distance * distance
    count[lane] += 1
    let ordinary = (squares[lane] / count[lane]).squareRoot() + 1e-9
    limitsPerUnit[lane] = 1 / (ordinary * Self.limit)
  }

  /// Judges one finite value of each channel; all channels have learned.
  mutating func judge(_ values: Lanes) {
    judge(values, where: LaneMask(repeating: true))
  }

  /// Judges one value per channel.
  ///
  /// - Parameters:
  ///   - values: One finite value per channel.
  ///   - chosen: The channels that have a value and have learned; nothing happens to the others.
  @inline(__always)
  mutating func judge(_ values: Lanes, where chosen: LaneMask) {
    quick.replace(with: quick + Self.quickWeight * (values - quick), where: chosen)
    lagging.replace(with: lagging + Self.laggingWeight * (quick - lagging), where: chosen)
    travel.replace(with: (quick - lagging).magnitudes * limitsPerUnit, where: chosen)
  }
}
