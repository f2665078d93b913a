/// What is known of a machine whose vibration is diagnosed.
package struct VibrationTarget: Hashable, Sendable, Codable {
  /// The rotation, as told by the site file or a speed channel; `nil` to find it in the spectrum.
  package var shaftHertz: Double?
  /// By which share the rotation may differ from what is told: load and slip of a motor.
  package var shaftTolerance: Double
  /// The rates of the bearing's defects; `nil` where no bearing is known.
  package var bearing: BearingOrders?
  /// Teeth of the wheel on this shaft.
  package var teeth: Int?
  /// Blades or vanes on this shaft.
  package var blades: Int?
  /// Turns of a belt per turn of this shaft: π · pulley diameter ∕ belt length.
  package var beltOrder: Double?
  /// The frequency of the mains, where a motor's electrical lines are wanted.
  package var mainsHertz: Double?

  package init(
    shaftHertz: Double?,
    shaftTolerance: Double = 0.04,
    bearing: BearingOrders? = nil,
    teeth: Int? = nil,
    blades: Int? = nil,
    beltOrder: Double? = nil,
    mainsHertz: Double? = nil
  ) {
    self.shaftHertz = shaftHertz
    self.shaftTolerance = shaftTolerance
    self.bearing = bearing
    self.teeth = teeth
    self.blades = blades
    self.beltOrder = beltOrder
    self.mainsHertz = mainsHertz
  }
}
