import ConditionModel

/// What is held against one channel, and since when.
struct ChannelAlarm: Hashable, Sendable, Codable {
  /// Hours of being beyond the limit, weighted by how far.
  var beyond = 0.0
  /// The step at which the deviation began to show: no sooner than anything is judged.
  var onset: Int64 = 0
  var isRaised = false
  /// Whether a person said that it is normal.
  var isAccepted = false
  /// Whether it is the sensor that is at fault.
  var isSensor = false
  var kind = Kind.unusual
  /// Whether it showed while the machine stood, so that what is usual at rest is the measure.
  var isAtRest = false
  var isAbove = true
  var quietCount = 0.0
  /// The channel with which it was exchanged.
  var partner: Int?
  /// The step at which it was raised or last grew, and minutes of running since.
  var grown: Int64 = 0
  var steadyCount = 0.0
  /// The highest multiple of the limit so far.
  var peak = 0.0
  var episode: UInt32 = 0
  /// How far the channel was off when the machine was last worked on; `nil` where nothing stood.
  var sizeBeforeWork: Double?
  /// The step at which the latest alarm ended.
  var ended: Int64 = -1_000_000
  /// The farthest averages of an excursion that has not come back yet.
  var excursion = SIMD3<Double>.zero
  /// The most that an hour of it was off, in the unit of the model; `nil` where there is none.
  var farthest: Double?

  enum Kind: String, Hashable, Sendable, Codable {
    case unusual, drifting, shifted, swapped
  }
}

/// An abrupt change of a channel between neighbouring minutes.
struct Jump: Hashable, Sendable, Codable {
  /// When it happened; far in the past before the first.
  var step: Int64 = -1_000_000
  /// How far, in the unit of the model.
  var size = 0.0
  /// Whether no other channel of the machine jumped with it.
  var isAlone = true
  /// The value of the minute before, and what was left of it.
  var lastValue = 0.0
  var lastRest = 0.0
  var lastStep: Int64 = -1_000_000
  /// The usual distance from one minute to the next.
  var usual = 0.0
  var count = 0.0
}

/// The story that deviations of one machine belong to.
struct Episode: Hashable, Sendable, Codable {
  var number: UInt32 = 0
  var isOpen = false
  /// The step of the latest channel that joined.
  var latest: Int64 = 0
}
