import ConditionModel

/// What tells one kind of machine from another in the simulation, at rated speed and load.
///
/// The figures are those of ordinary healthy machines; none of them is a limit.
struct MachineTraits: Hashable, Sendable {
  var ratedPowerKilowatts: Double
  var ratedSpeedRPM: Double
  /// Vibration velocity in mm/s RMS.
  var velocity: Double
  /// Acceleration above 1 kHz in g RMS.
  var highFrequencyAcceleration: Double
  /// How far the bearing housing, the winding and the process medium (oil, discharged air) are
  /// above the ambient, in kelvin.
  var rise: Rise
  /// The thermal inertia of the housing; winding and medium follow from it.
  var housingTimeConstantSeconds: Double
  var duty: Duty
  /// The share of the rated power that is drawn at full speed without load.
  var idlePower: Double
  /// From standstill to rated speed.
  var rampSeconds: Double
  /// In bar.
  var pressure: Double
  /// In m³/h per kilowatt of rated power.
  var flowPerKilowatt: Double
  /// Across the filter, in bar.
  var filterDifferentialPressure: Double

  struct Rise: Hashable, Sendable {
    var housing: Double
    var winding: Double
    var medium: Double
  }

  /// How a machine is used over time.
  enum Duty: Hashable, Sendable {
    /// Always on, at a load that swings slowly between the two values.
    case continuous(low: Double, high: Double, periodSeconds: Double)
    /// Runs and pauses in turn; while it runs, the load changes as above.
    case batches(
      runSeconds: Double,
      pauseSeconds: Double,
      low: Double,
      high: Double,
      periodSeconds: Double
    )
    /// Fills a receiver between two pressures, in bar, and runs unloaded in between.
    case loadUnload(cutIn: Double, cutOut: Double)
    /// Nothing turns.
    case standing(load: Double)
  }

  init(of asset: Asset) {
    self = MachineTraits(kind: asset.kind)
    ratedPowerKilowatts = asset.ratedPowerKilowatts ?? ratedPowerKilowatts
    ratedSpeedRPM = asset.ratedSpeedRPM ?? ratedSpeedRPM
  }

  private init(kind: MachineKind) {
    self.init(
      ratedPowerKilowatts: 11,
      ratedSpeedRPM: 1480,
      velocity: 1.0,
      highFrequencyAcceleration: 0.12,
      rise: Rise(housing: 22, winding: 55, medium: 15),
      housingTimeConstantSeconds: 900,
      duty: .continuous(low: 0.65, high: 0.8, periodSeconds: 180),
      idlePower: 0.35,
      rampSeconds: 4,
      pressure: 6,
      flowPerKilowatt: 5,
      filterDifferentialPressure: 0.15
    )
    switch kind {
    case .centrifugalPump:
      pressure = 4
    case .fan:
      ratedPowerKilowatts = 15
      velocity = 1.2
      rampSeconds = 12
      pressure = 0.015
      flowPerKilowatt = 1_400
      filterDifferentialPressure = 0.0025
      duty = .continuous(low: 0.6, high: 0.75, periodSeconds: 400)
    case .screwCompressor:
      ratedPowerKilowatts = 37
      ratedSpeedRPM = 2970
      velocity = 1.1
      highFrequencyAcceleration = 0.35
      rise = Rise(housing: 40, winding: 60, medium: 62)
      pressure = 7.5
      flowPerKilowatt = 10
      filterDifferentialPressure = 0.25
      idlePower = 0.3
      duty = .loadUnload(cutIn: 7, cutOut: 8)
    case .pistonCompressor:
      ratedPowerKilowatts = 7.5
      ratedSpeedRPM = 1100
      velocity = 1.3
      rise = Rise(housing: 35, winding: 60, medium: 105)
      pressure = 9
      flowPerKilowatt = 7
      duty = .loadUnload(cutIn: 8, cutOut: 10)
    case .gearbox, .conveyor:
      ratedPowerKilowatts = 5.5
      ratedSpeedRPM = 1440
      velocity = 0.9
      highFrequencyAcceleration = 0.3
      rise = Rise(housing: 28, winding: 50, medium: 32)
      duty = .batches(
        runSeconds: 240,
        pauseSeconds: 15,
        low: 0.4,
        high: 0.75,
        periodSeconds: 30
      )
    case .spindle:
      ratedPowerKilowatts = 15
      ratedSpeedRPM = 9_000
      velocity = 0.5
      highFrequencyAcceleration = 0.5
      rise = Rise(housing: 18, winding: 40, medium: 12)
      housingTimeConstantSeconds = 420
      rampSeconds = 2
      idlePower = 0.15
      duty = .batches(
        runSeconds: 45,
        pauseSeconds: 8,
        low: 0.15,
        high: 0.6,
        periodSeconds: 15
      )
    case .hydraulicPress:
      ratedPowerKilowatts = 22
      velocity = 1.4
      highFrequencyAcceleration = 0.4
      rise = Rise(housing: 25, winding: 50, medium: 26)
      pressure = 180
      flowPerKilowatt = 2
      filterDifferentialPressure = 0.4
      duty = .continuous(low: 0.2, high: 0.9, periodSeconds: 12)
    case .chiller:
      ratedPowerKilowatts = 30
      ratedSpeedRPM = 2950
      velocity = 0.8
      pressure = 14
      rise = Rise(housing: 30, winding: 55, medium: 45)
      duty = .continuous(low: 0.5, high: 0.9, periodSeconds: 600)
    case .cabinet:
      ratedPowerKilowatts = 20
      rise = Rise(housing: 12, winding: 25, medium: 8)
      duty = .standing(load: 0.6)
    case .other:
      duty = .standing(load: 0.6)
    case .electricMotor, .otherRotating:
      break
    }
  }

  private init(
    ratedPowerKilowatts: Double,
    ratedSpeedRPM: Double,
    velocity: Double,
    highFrequencyAcceleration: Double,
    rise: Rise,
    housingTimeConstantSeconds: Double,
    duty: Duty,
    idlePower: Double,
    rampSeconds: Double,
    pressure: Double,
    flowPerKilowatt: Double,
    filterDifferentialPressure: Double
  ) {
    self.ratedPowerKilowatts = ratedPowerKilowatts
    self.ratedSpeedRPM = ratedSpeedRPM
    self.velocity = velocity
    self.highFrequencyAcceleration = highFrequencyAcceleration
    self.rise = rise
    self.housingTimeConstantSeconds = housingTimeConstantSeconds
    self.duty = duty
    self.idlePower = idlePower
    self.rampSeconds = rampSeconds
    self.pressure = pressure
    self.flowPerKilowatt = flowPerKilowatt
    self.filterDifferentialPressure = filterDifferentialPressure
  }
}
