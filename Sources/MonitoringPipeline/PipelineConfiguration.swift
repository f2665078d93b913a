package import ConditionModel
package import DataManipulation
package import PrognosticAssessment
package import StateDetection

/// Everything that the core decides by: one part per block.
package struct PipelineConfiguration: Hashable, Sendable, Codable {
  package var plant: Plant
  package var manipulation: ManipulationConfiguration
  package var detection: DetectionConfiguration
  /// Ticks come every second or so when live, with each row of a recording; when none came for longer
  /// than this, the core was not fed, and nobody can tell whether a device was silent meanwhile.
  package var longestTick: Duration
  /// Learned remaining life, at most one model for each machine.
  package var lifeModels: [LifeModelRule]

  package init(
    plant: Plant,
    manipulation: ManipulationConfiguration,
    detection: DetectionConfiguration,
    longestTick: Duration = .seconds(10),
    lifeModels: [LifeModelRule] = []
  ) {
    self.plant = plant
    self.manipulation = manipulation
    self.detection = detection
    self.longestTick = longestTick
    self.lifeModels = lifeModels
  }

  private enum CodingKeys: String, CodingKey {
    case plant, manipulation, detection, longestTick, lifeModels
  }

  // A configuration without models is written as before there were any: its fingerprint stays.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    plant = try values.decode(Plant.self, forKey: .plant)
    manipulation = try values.decode(ManipulationConfiguration.self, forKey: .manipulation)
    detection = try values.decode(DetectionConfiguration.self, forKey: .detection)
    longestTick = try values.decode(Duration.self, forKey: .longestTick)
    lifeModels = try values.decodeIfPresent([LifeModelRule].self, forKey: .lifeModels) ?? []
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(plant, forKey: .plant)
    try values.encode(manipulation, forKey: .manipulation)
    try values.encode(detection, forKey: .detection)
    try values.encode(longestTick, forKey: .longestTick)
    if !lifeModels.isEmpty { try values.encode(lifeModels, forKey: .lifeModels) }
  }
}

extension PipelineConfiguration {
  /// What is followed towards failure: values towards their limits, and all that is learned.
  var prognosis: PrognosisConfiguration {
    var indicators: [IndicatorRule] = []
    for (channel, rules) in zip(plant.channels, detection.channels) {
      for limit in rules.limits {
        guard let value = limit.alarm ?? limit.alert else { continue }
        indicators.append(
          IndicatorRule(channel: channel.id, failure: .limit(limit.side, value))
        )
      }
      for rule in detection.severity where rule.channels.contains(channel.id) {
        indicators.append(
          IndicatorRule(channel: channel.id, failure: .severityZone(rule.boundaryCD))
        )
      }
      if detection.learning != nil, channel.quantity.showsWear, !channel.isSurroundings {
        indicators.append(IndicatorRule(channel: channel.id, failure: .unknown))
      }
    }
    // A machine is silent once all that is read of it is.
    var longestSteps = plant.assets.map { _ in Duration.zero }
    for (channel, rules) in zip(plant.channels, detection.channels) {
      let asset = Int(channel.asset.index)
      let known = longestSteps[asset]
      longestSteps[asset] = known == .zero ? rules.silentAfter : min(known, rules.silentAfter)
    }
    return PrognosisConfiguration(
      plant: plant,
      indicators: indicators,
      models: lifeModels,
      longestSteps: longestSteps
    )
  }
}

extension Quantity {
  /// Whether a slow change of it, at the same duty, may be wear.
  fileprivate var showsWear: Bool {
    switch self {
    case .energy, .count, .statusWord, .humidity, .voltage, .frequency: false
    default: true
    }
  }
}
