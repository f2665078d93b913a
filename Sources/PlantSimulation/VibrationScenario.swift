package import ConditionModel

/// A machine as an accelerometer on a bearing housing hears it: what turns, what is worn, and what
/// else is in the hall.
///
/// Accelerations are in m/s², velocities in mm/s, both as amplitudes where nothing else is said.
package struct VibrationScenario: Hashable, Sendable {
  package var shaftHertz: Double
  /// How far the speed wanders to both sides, as a share of it: 0.02 is 2 %.
  package var speedWander = 0.0
  /// Velocity at the shaft rate.
  package var unbalance = 0.5
  /// Velocity at twice the shaft rate; 40 % of it at three times.
  package var misalignment = 0.1
  /// Velocity at half the shaft rate and all its multiples up to ten turns, falling with order.
  package var looseness = 0.0
  package var gear: Gear?
  package var blades: Blades?
  package var belt: Belt?
  package var mains = Mains()
  package var noise = Noise()
  /// How the housing rings; impacts and noise excite all of it.
  package var resonances = [
    Resonance(hertz: 2_100, damping: 0.03, gain: 0.7),
    Resonance(hertz: 3_800, damping: 0.025, gain: 1),
  ]
  package var neighbour: Neighbour?
  package var defect: BearingDefect?

  package init(shaftHertz: Double) {
    self.shaftHertz = shaftHertz
  }

  package struct Gear: Hashable, Sendable {
    package var teeth: Int
    /// Acceleration at the mesh rate; its multiples fall by half each.
    package var level: Double
    /// The depth of the modulation at the shaft rate, 0 to 1: eccentricity of the wheel.
    package var modulation: Double
    /// Teeth of the wheel on the other shaft, whose turn modulates the mesh half as deep; `nil` leaves
    /// it out.
    package var mateTeeth: Int?

    package init(teeth: Int, level: Double, modulation: Double, mateTeeth: Int? = nil) {
      self.teeth = teeth
      self.level = level
      self.modulation = modulation
      self.mateTeeth = mateTeeth
    }
  }

  package struct Blades: Hashable, Sendable {
    package var count: Int
    /// Acceleration at the pass rate; 40 % of it at its double.
    package var level: Double

    package init(count: Int, level: Double) {
      self.count = count
      self.level = level
    }
  }

  package struct Belt: Hashable, Sendable {
    /// Turns of the belt per turn of the shaft: π · pulley diameter ∕ belt length.
    package var order: Double
    /// Velocity at the belt's turn; its second to fourth multiple have a half, a third, a quarter.
    package var level: Double

    package init(order: Double, level: Double) {
      self.order = order
      self.level = level
    }
  }

  package struct Mains: Hashable, Sendable {
    package var hertz = 50.0
    /// Acceleration at twice the mains frequency: the pull of the motor's field.
    package var level = 0.05
    /// An inverter: acceleration at its carrier, with sidebands at twice the mains frequency.
    package var carrierHertz = 4_000.0
    package var carrierLevel = 0.0

    package init() {}
  }

  package struct Noise: Hashable, Sendable {
    /// Of the sensor and of flow, level over frequency; root mean square.
    package var white = 0.2
    /// Falls by 6 dB per octave above 200 Hz; root mean square.
    package var red = 0.2
    /// What friction feeds into the resonances; root mean square of the force, in the unit in which
    /// an impact has its peak.
    package var friction = 0.05
    /// How deep the turning shaft modulates the friction, 0 to 1.
    package var modulation = 0.0

    package init() {}
  }

  /// A mode of the housing as a damped oscillator.
  package struct Resonance: Hashable, Sendable {
    package var hertz: Double
    /// As a share of critical damping.
    package var damping: Double
    package var gain: Double

    package init(hertz: Double, damping: Double, gain: Double) {
      self.hertz = hertz
      self.damping = damping
      self.gain = gain
    }
  }

  /// A press next door: impacts with a rhythm of their own.
  package struct Neighbour: Hashable, Sendable {
    package var strokesPerSecond: Double
    /// Peak of the acceleration that arrives here.
    package var peak: Double
    /// How unsteady the rhythm is, as a share of the interval.
    package var unsteadiness: Double
    /// What rings there.
    package var resonance = Resonance(hertz: 700, damping: 0.05, gain: 1)

    package init(strokesPerSecond: Double, peak: Double, unsteadiness: Double) {
      self.strokesPerSecond = strokesPerSecond
      self.peak = peak
      self.unsteadiness = unsteadiness
    }
  }

  /// A localized defect of the bearing.
  ///
  /// Each passing of an element is an impact. Impacts on the outer ring are all alike; those on the
  /// inner ring come and go with the load zone once per turn of the shaft, those of an element once
  /// per turn of the cage, alternately on both rings. Elements slip, so the intervals wander.
  ///
  /// - SeeAlso: McFadden and Smith, "Model for the vibration produced by a single point defect in a
  ///   rolling element bearing", Journal of Sound and Vibration 96 (1984).
  ///   doi:10.1016/0022-460X(84)90595-9; Antoni and Randall, "A stochastic model for simulation and
  ///   diagnostics of rolling element bearings with localized faults", Journal of Vibration and
  ///   Acoustics 125 (2003). doi:10.1115/1.1569940
  package struct BearingDefect: Hashable, Sendable {
    /// `inner`, `outer`, `ball` or `cage`.
    package var fault: VibrationFault
    package var orders: BearingOrders
    /// Peak of the acceleration after an impact at full load.
    package var peak: Double
    /// The true rate over the one of the geometry: 0.99 slips by 1 %.
    package var rateRatio = 0.995
    /// Standard deviation of an interval, as a share of it; the errors add up.
    package var jitter = 0.01
    /// Standard deviation of an impact's strength, as a share of it.
    package var unevenness = 0.15
    /// Half the width of the load zone, as the load distribution factor of Stribeck: 0.5 is half a
    /// turn loaded (no clearance), less is narrower, large is a preloaded bearing.
    package var loadDistribution = 0.45
    /// How much of the inner ring's impacts arrives while it faces away from the sensor.
    package var farSide = 0.6

    package init(fault: VibrationFault, orders: BearingOrders, peak: Double) {
      self.fault = fault
      self.orders = orders
      self.peak = peak
    }
  }
}
