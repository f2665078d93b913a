/// Sees the levels of a machine's process channels leave what they learned, and says which did.
///
/// Each channel is judged by five gates of different speed; it is off when three agree. The machine
/// is in alarm while any channel is off. Independently, a change is announced when a channel travels
/// faster than it ever ordinarily does.
///
/// It learns from what it takes for normal itself, in constant time and memory: at most 4 kB per
/// channel. A value that is not finite, or beyond 1e60, is no value and changes nothing.
package struct LevelDetector: Hashable, Sendable, Codable {
  package let channelCount: Int
  private var banks: [ChannelBank]
  private var isMoving = false
  private var rowsSinceChange = Self.restRows

  /// At least this many rows lie between two announced changes.
  private static let restRows = 20

  package init(channelCount: Int, settings: LevelSettings) {
    precondition(channelCount > 0, "a detector needs a channel")
    self.channelCount = channelCount
    let bankCount = (channelCount + Lanes.scalarCount - 1) / Lanes.scalarCount
    banks = Array(repeating: ChannelBank(settings), count: bankCount)
  }

  /// Judges the values of all channels at one instant, and learns from those that are normal.
  ///
  /// - Parameter values: One per channel; not finite where there is none.
  /// - Returns: What the row says of the machine.
  package mutating func judge(_ values: Span<Double>) -> LevelVerdict {
    precondition(values.count == channelCount, "one value per channel")
    var verdict = LevelVerdict(deviation: 0, channel: 0, isAlarm: false, isChange: false)
    var travels = false
    var isEmpty = true
    for bank in banks.indices {
      let first = bank * Lanes.scalarCount
      let count = min(Lanes.scalarCount, channelCount - first)
      // Lanes without a channel of their own repeat the last one.
      var lanes = Lanes.zero
      for lane in lanes.indices { lanes[lane] = values[first + min(lane, count - 1)] }
      let (part, hasValue) = banks[bank].judge(lanes)
      isEmpty = isEmpty && !hasValue
      travels = travels || part.isAnyTravelling
      verdict.isAlarm = verdict.isAlarm || part.isAnyOff
      let deviation = part.deviation
      for lane in 0..<count where abs(deviation[lane]) > abs(verdict.deviation) {
        verdict.deviation = deviation[lane]
        verdict.channel = first + lane
      }
    }
    guard !isEmpty else { return verdict }
    rowsSinceChange += 1
    if travels, !isMoving, rowsSinceChange >= Self.restRows {
      verdict.isChange = true
      rowsSinceChange = 0
    }
    isMoving = travels
    return verdict
  }

  /// How one channel stands after the latest row.
  ///
  /// - Parameter channel: The place of the channel.
  /// - Returns: `nil` while the channel is still learning.
  package func standing(of channel: Int) -> LevelStanding? {
    precondition((0..<channelCount).contains(channel), "no such channel")
    return banks[channel / Lanes.scalarCount].standing(of: channel % Lanes.scalarCount)
  }
}

/// What one row of values says of a machine.
package struct LevelVerdict: Hashable, Sendable {
  /// How far the most telling channel is off its baseline, in limits; negative below.
  package var deviation: Double
  /// The place of the most telling channel.
  package var channel: Int
  /// Whether any channel is off.
  package var isAlarm: Bool
  /// Whether a channel just began to travel.
  package var isChange: Bool

  /// How unusual the row is: 0 ordinary, 0.5 at the limit, towards 1 without end.
  package var score: Double { abs(deviation) / (1 + abs(deviation)) }
}

/// How one channel stands against what it learned.
package struct LevelStanding: Hashable, Sendable {
  /// Whether at least three of its five gates see it off.
  package var isOff: Bool
  /// How far it is off, in limits; negative below.
  package var deviation: Double
  /// The smoothed value, in the channel's unit.
  package var level: Double
  /// The baseline that the level is compared with, in the channel's unit.
  package var usual: Double
  /// How far from the baseline counts as off, in the channel's unit.
  package var reach: Double
}
