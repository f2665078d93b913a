package import ConditionModel

/// What is followed towards failure.
package struct PrognosisConfiguration: Hashable, Sendable, Codable {
  package var plant: Plant
  /// In order of their machines.
  package var indicators: [IndicatorRule]
  /// At most one for each machine.
  package var models: [LifeModelRule]

  package init(plant: Plant, indicators: [IndicatorRule], models: [LifeModelRule] = []) {
    self.plant = plant
    self.indicators = indicators
    self.models = models
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
    /// Nobody said: somewhere around what failing machines usually reach of this quantity.
    case unknown
  }
}

extension Quantity {
  /// How far a failing machine is usually off, as a share of its usual level or in the unit.
  ///
  /// Orders of magnitude only, half of what alarm practice calls a limit, because the day's average of
  /// the clearest indicator is followed, not its worst moment: vibration doubles from the middle of
  /// zone B to zone D (ISO 20816-1), bearings and windings are stopped some 10 K above normal, pumps
  /// and fans have lost a tenth of pressure or flow when they are overhauled, filters are changed at
  /// twice their clean pressure drop.
  var usualFailure: (share: Double, least: Double) {
    switch self {
    case .temperature: (0, 5)
    case .velocityRMS, .velocityPeak, .accelerationRMS, .accelerationPeak,
      .highFrequencyAccelerationRMS, .displacement, .differentialPressure, .level:
      (0.5, 0)
    case .crestFactor, .kurtosis: (0.25, 0)
    default: (0.06, 0)
    }
  }
}
