import ConditionModel

/// What is held against one channel, and since when.
struct ChannelAlarm: Hashable, Sendable, Codable {
  /// Hours of being beyond the limit, weighted by how far.
  var beyond = 0.0
  /// The step at which the deviation began to show.
  var onset: Int64 = 0
  var isRaised = false
  /// Whether it is the sensor that is at fault.
  var isSensor = false
  var kind = Kind.unusual
  var isAbove = true
  var quietCount = 0.0
  /// Minutes since it was raised or last grew.
  var steadyCount = 0.0
  /// The highest multiple of the limit so far.
  var peak = 0.0
  var episode: UInt32 = 0
  /// The farthest averages of an excursion that has not come back yet.
  var excursion = [Double](repeating: 0, count: ChannelModel.spans.count)

  enum Kind: String, Hashable, Sendable, Codable {
    case unusual, drifting, shifted
  }
}

/// The story that deviations of one machine belong to.
struct Episode: Hashable, Sendable, Codable {
  var number: UInt32 = 0
  var isOpen = false
  /// The step of the latest channel that joined.
  var latest: Int64 = 0
}
