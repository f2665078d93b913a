package import ConditionModel

/// What is followed towards failure.
package struct PrognosisConfiguration: Hashable, Sendable, Codable {
  package var plant: Plant
  /// In order of their machines.
  package var indicators: [IndicatorRule]
  /// At most one for each machine.
  package var models: [LifeModelRule]
  /// For each machine: a longer gap than this between two looks at it is not counted as operation.
  private var longestSteps: [Duration]

  package init(
    plant: Plant,
    indicators: [IndicatorRule],
    models: [LifeModelRule] = [],
    longestSteps: [Duration] = []
  ) {
    self.plant = plant
    self.indicators = indicators
    self.models = models
    self.longestSteps = longestSteps
  }

  /// Half an hour, and more for a machine that is read more seldom.
  func longestStep(of asset: AssetID) -> Duration {
    let index = Int(asset.index)
    let least = Duration.seconds(1_800)
    return index < longestSteps.count ? max(least, longestSteps[index]) : least
  }
}

/// One indicator of wear, and where failure lies on its way.
package struct IndicatorRule: Hashable, Sendable, Codable {
  package var channel: ChannelID
  package var failure: Failure

  package init(channel: ChannelID, failure: Failure) {
    self.channel = channel
    self.failure = failure
  }

  package enum Failure: Hashable, Sendable, Codable {
    /// A limit of the site file that means alarm, in the channel's unit.
    case limit(Finding.Side, Double)
    /// Where zone D of a severity standard begins, in mm/s.
    case severityZone(Double)
    /// Nobody said; what is learned of the channel tells when it is no longer as usual.
    case unknown
  }
}
