package import ConditionModel
package import DataManipulation
package import StateDetection

/// Everything that the core decides by: one part per block.
package struct PipelineConfiguration: Hashable, Sendable, Codable {
  package var plant: Plant
  package var manipulation: ManipulationConfiguration
  package var detection: DetectionConfiguration
  /// Ticks come every second or so when live, with each row of a recording; when none came for longer
  /// than this, the core was not fed, and nobody can tell whether a device was silent meanwhile.
  package var longestTick: Duration

  package init(
    plant: Plant,
    manipulation: ManipulationConfiguration,
    detection: DetectionConfiguration,
    longestTick: Duration = .seconds(10)
  ) {
    self.plant = plant
    self.manipulation = manipulation
    self.detection = detection
    self.longestTick = longestTick
  }
}
