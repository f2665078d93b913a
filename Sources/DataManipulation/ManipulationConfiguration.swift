package import ConditionModel

/// What the block needs to know of the site.
package struct ManipulationConfiguration: Hashable, Sendable, Codable {
  /// For each asset, in order of `AssetID`: how to tell that it runs; `nil` when nothing tells.
  package var running: [RunningRule?]
  package var channelCount: Int
  /// What is made of blocks of samples, at most one for each source.
  package var waveforms: [WaveformRule]

  package init(running: [RunningRule?], channelCount: Int, waveforms: [WaveformRule] = []) {
    self.running = running
    self.channelCount = channelCount
    self.waveforms = waveforms
  }

  private enum CodingKeys: String, CodingKey {
    case running, channelCount, waveforms
  }

  // A configuration without waveforms is written as before there were any: its fingerprint stays.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    running = try values.decode([RunningRule?].self, forKey: .running)
    channelCount = try values.decode(Int.self, forKey: .channelCount)
    waveforms = try values.decodeIfPresent([WaveformRule].self, forKey: .waveforms) ?? []
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(running, forKey: .running)
    try values.encode(channelCount, forKey: .channelCount)
    if !waveforms.isEmpty { try values.encode(waveforms, forKey: .waveforms) }
  }
}

/// A machine runs while a channel (power, current, speed) is above a threshold.
package struct RunningRule: Hashable, Sendable, Codable {
  package var channel: ChannelID
  /// In the channel's unit; the machine counts as stopped below 90 % of this.
  package var threshold: Double
  /// After this long without a usable value nobody knows any more.
  package var forgetAfter: Duration

  package init(channel: ChannelID, threshold: Double, forgetAfter: Duration = .seconds(60)) {
    self.channel = channel
    self.threshold = threshold
    self.forgetAfter = forgetAfter
  }
}
