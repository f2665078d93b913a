package import ConditionModel

/// What the block needs to know of the site.
package struct ManipulationConfiguration: Hashable, Sendable, Codable {
  /// For each asset, in order of `AssetID`: how to tell that it runs; `nil` when nothing tells.
  package var running: [RunningRule?]
  package var channelCount: Int

  package init(running: [RunningRule?], channelCount: Int) {
    self.running = running
    self.channelCount = channelCount
  }
}

/// A machine runs while a channel (power, current, speed) is above a threshold.
package struct RunningRule: Hashable, Sendable, Codable {
  package var channel: ChannelID
  /// In the channel's unit; the machine counts as stopped below 90 % of this.
  package var threshold: Double

  package init(channel: ChannelID, threshold: Double) {
    self.channel = channel
    self.threshold = threshold
  }
}
