package import ConditionModel

/// A signal of an examined machine: what the site file says of it, and how it answers the machine.
package struct ExaminationChannel: Hashable, Sendable {
  /// Unique on its machine, and the column of the recording.
  package var point: String
  package var quantity: Quantity
  /// As a site file writes it: `°C`.
  package var unit: String
  /// What the sensor can show.
  package var range: ClosedRange<Double>
  /// The smallest step of the values.
  package var resolution: Double
  /// What it stands for on a machine of its kind.
  var role: Role
  var response: Response

  /// The place of a signal on a machine, whatever its name.
  enum Role: String, Hashable, Sendable, CaseIterable {
    case speed, load, current, power, torque
    case velocityDE, velocityNDE, highDE, highNDE
    case bearingDE, bearingNDE, winding
    case oil, medium, mediumIn, cooling
    case pressure, suction, filter, separator, flow, drain
    case effort, cycle, level, hall, superheat, approach, supply
  }
}

/// How a signal follows the machine: a steady value for each operating point, a lag, and noise.
///
/// `steady = resting + hall · (T_hall − 20) + outdoor · (T_out − 15)
///   + run · (always + speed · s² + load · l + loadSquared · l² + cross · s² · l)`, the part in
/// brackets times resonance, off-best and hidden factors. `s` and `l` are shares of the rated speed
/// and load.
struct Response: Hashable, Sendable {
  var resting = 0.0
  var hall = 0.0
  var outdoor = 0.0
  var always = 0.0
  var speed = 0.0
  /// For a signal that is proportional to the speed itself.
  var linearSpeed = 0.0
  var load = 0.0
  var loadSquared = 0.0
  var cross = 0.0
  /// Growth away from the best load, as of a pump off its best-efficiency point.
  var offBest = 0.0
  var bestLoad = 0.7
  /// A structure that answers at one speed: height, place and width as shares of the rated speed.
  var resonance = 0.0
  var resonanceSpeed = 0.8
  var resonanceWidth = 0.05
  /// What the product in work adds, as a share; nothing that is measured tells it.
  var hidden = 0.0
  /// Change over the whole examination, as a share (running in, slow fouling).
  var ageing = 0.0
  /// First-order lags in seconds while the machine runs and while it rests.
  var lag = 0.0
  var restingLag = 0.0
  /// Standard deviation of the noise from row to row and of the slow one, in units of the signal,
  /// or as a share of it where `isRelative`.
  var white = 0.0
  var slow = 0.0
  var slowSeconds = 3_600.0
  var isRelative = false
  /// How much of the noise is left at standstill.
  var restingNoise = 0.3
  /// What a working neighbour adds, in units of the signal.
  var neighbour = 0.0
  /// A peak at each start, as a multiple of the running value.
  var inrush = 0.0
  /// Whether it shows the pressure of the receiver instead.
  var usesReceiver = false
  /// A controller that holds the signal at a set point while it has authority left.
  var thermostat: Thermostat?
  /// The index of the channel whose controller's effort (0…1, times `effortScale`) this one shows.
  var effortOf: Int?
  var effortScale = 100.0

  struct Thermostat: Hashable, Sendable {
    var setpoint: Double
    /// How far the controller can pull the signal down at most.
    var authority: Double
  }

  /// The value that an undisturbed machine settles at.
  func steady(at point: OperatingPoint, surroundings: Surroundings.Air) -> Double {
    let square = point.speed * point.speed
    var running =
      always + speed * square + linearSpeed * point.speed + load * point.load
      + loadSquared * point.load * point.load + cross * square * point.load
    if offBest != 0 {
      let off = point.load - bestLoad
      running *= 1 + offBest * off * off
    }
    if resonance != 0 {
      let off = (point.speed - resonanceSpeed) / resonanceWidth
      running *= 1 + resonance / (1 + off * off)
    }
    running *= 1 + hidden * point.hidden
    return resting + hall * (surroundings.hall - 20) + outdoor * (surroundings.outdoor - 15)
      + point.run * running
  }
}

/// What the machine is doing: everything that its signals follow.
struct OperatingPoint: Hashable, Sendable {
  /// 0 at standstill … 1 running.
  var run = 0.0
  /// As shares of the rated values.
  var speed = 0.0
  var load = 0.0
  /// What the product in work does to the signals, unseen: about −1…1.
  var hidden = 0.0
  var isStarting = false
}

extension ExaminationChannel {
  /// Whether it says what the machine does rather than how it is: speed, current, power, load, flow
  /// and the air around.
  package var isDriver: Bool {
    switch role {
    case .speed, .load, .current, .power, .torque, .flow, .hall: true
    default: false
    }
  }
}

extension ExaminationChannel {
  /// The unit as a UCUM code.
  package var unitCode: String {
    switch unit {
    case "°C": "Cel"
    case "m³/h": "m3/h"
    case "m/s²": "m/s2"
    case "g": "[g]"
    case "rpm": "{rpm}"
    default: unit
    }
  }
}
