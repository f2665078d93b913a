/// How the agent appears as a Sparkplug edge node, with its machines as devices.
package struct SparkplugSettings: Hashable, Sendable {
  /// Without `+`, `/` and `#`.
  package var group: String
  /// Unique in its group, and without `+`, `/` and `#`.
  package var node: String
  /// The host without which nothing is said; `nil` to speak to whoever listens.
  package var primaryHost: String?
  /// The change that is worth a message, as a share of the channel's range, or of the value where
  /// no range is known; 0 for any change.
  package var deadband: Double
  /// A value that does not change is repeated after this.
  package var maximumSilence: Duration
  /// What each channel can measure, by its number, as far as its profile says.
  package var ranges: [ClosedRange<Double>?]
  /// How often each device is asked, by its number in the plant.
  package var periods: [UInt16: Duration]
  /// Of how many brokers one is used at a time.
  package var brokerCount: Int

  package init(
    group: String,
    node: String,
    primaryHost: String? = nil,
    deadband: Double = 0,
    maximumSilence: Duration = .seconds(600),
    ranges: [ClosedRange<Double>?] = [],
    periods: [UInt16: Duration] = [:],
    brokerCount: Int = 1
  ) {
    self.group = group
    self.node = node
    self.primaryHost = primaryHost
    self.deadband = deadband
    self.maximumSilence = maximumSilence
    self.ranges = ranges
    self.periods = periods
    self.brokerCount = brokerCount
  }
}
