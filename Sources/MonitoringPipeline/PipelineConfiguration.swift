package import ConditionModel
package import DataManipulation
package import StateDetection

/// Everything that the core decides by: one part per block.
package struct PipelineConfiguration: Hashable, Sendable, Codable {
  package var plant: Plant
  package var manipulation: ManipulationConfiguration
  package var detection: DetectionConfiguration

  package init(
    plant: Plant,
    manipulation: ManipulationConfiguration,
    detection: DetectionConfiguration
  ) {
    self.plant = plant
    self.manipulation = manipulation
    self.detection = detection
  }
}
