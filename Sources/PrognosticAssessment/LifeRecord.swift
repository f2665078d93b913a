/// How one machine ran: a row of operating settings and sensor values per step of its age.
///
/// Rows lie one after the other, oldest first, so that a life is read in the order it was lived.
package struct LifeRecord: Hashable, Sendable {
  /// What is known about the end of the last row.
  package enum Ending: Hashable, Sendable {
    /// The machine failed at its last row.
    case failed
    /// The machine was still running at its last row, or was repaired: it lived at least as long.
    case stillRunning
  }

  package let unit: Int
  package let ending: Ending
  package let settingCount: Int
  package let sensorCount: Int
  /// The age at each row, in the fleet's unit of age; rises.
  package private(set) var ages: [Float] = []
  package private(set) var settings: [Float] = []
  package private(set) var sensors: [Float] = []

  package init(unit: Int, ending: Ending, settingCount: Int, sensorCount: Int) {
    self.unit = unit
    self.ending = ending
    self.settingCount = settingCount
    self.sensorCount = sensorCount
  }

  package var rowCount: Int { ages.count }

  package mutating func append(age: Float, settings: [Float], sensors: [Float]) {
    precondition(
      settings.count == settingCount && sensors.count == sensorCount,
      "each row of a life has the same columns"
    )
    ages.append(age)
    self.settings += settings
    self.sensors += sensors
  }

  /// The settings at a row.
  package func settings(at row: Int) -> ArraySlice<Float> {
    settings[row * settingCount..<(row + 1) * settingCount]
  }

  /// The sensor values at a row.
  package func sensors(at row: Int) -> ArraySlice<Float> {
    sensors[row * sensorCount..<(row + 1) * sensorCount]
  }

  /// What the machine still had before it at a row: exact if it failed, else a lower bound.
  package func remaining(at row: Int) -> Float {
    ages[ages.count - 1] - ages[row]
  }
}

extension LifeRecord {
  /// Remaining life cut at the horizon.
  ///
  /// - Returns: `nil` if it is not known: the machine was still running at its last row, and has
  ///   not outlived the horizon since this one.
  func label(at row: Int, horizon: Float) -> Float? {
    let remaining = remaining(at: row)
    if remaining >= horizon { return horizon }
    return ending == .failed ? remaining : nil
  }
}

/// What the machines of a fleet have in common: their columns and the unit of their age.
package struct FleetDescription: Hashable, Sendable {
  /// What sets the operating regime, chosen by whoever runs the machine.
  package struct Setting: Hashable, Sendable {
    package var name: String
    /// Settings closer than this belong to the same operating regime, in the setting's own unit.
    package var tolerance: Float
    /// Its unit (UCUM); empty where nobody said.
    package var unit: String

    package init(name: String, tolerance: Float, unit: String = "") {
      self.name = name
      self.tolerance = tolerance
      self.unit = unit
    }
  }

  package var name: String
  /// The unit of age and of remaining life: `cycle`, `h`.
  package var ageUnit: String
  /// Remaining lives longer than this are not told apart: wear does not show so early.
  package var horizon: Float
  package var settings: [Setting]
  package var sensors: [String]
  /// The unit of each sensor (UCUM); empty where nobody said.
  package var sensorUnits: [String]
  /// The usual age between two rows of a life, found when a model is learned.
  package var rowStep: Float = 1
  /// The age at which the rows of the life that was seen latest begin, found likewise.
  package var latestStart: Float = 1

  package init(
    name: String,
    ageUnit: String,
    horizon: Float,
    settings: [Setting],
    sensors: [String],
    sensorUnits: [String]? = nil
  ) {
    self.name = name
    self.ageUnit = ageUnit
    self.horizon = horizon
    self.settings = settings
    self.sensors = sensors
    self.sensorUnits = sensorUnits ?? sensors.map { _ in "" }
    precondition(self.sensorUnits.count == sensors.count, "each sensor has a unit, or an empty one")
  }
}

extension FleetDescription {
  /// The same, with the ages at which these lives begin and go on.
  func paced(by records: [LifeRecord]) -> FleetDescription {
    var fleet = self
    var steps: [Float] = []
    for record in records { steps += zip(record.ages.dropFirst(), record.ages).map { $0 - $1 } }
    steps.sort()
    fleet.rowStep = steps.isEmpty ? 1 : steps[steps.count / 2]
    fleet.latestStart = records.compactMap(\.ages.first).max() ?? 1
    return fleet
  }
}
