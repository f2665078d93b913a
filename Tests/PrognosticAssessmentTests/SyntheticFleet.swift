import PrognosticAssessment
import SignalProcessing

/// Machines that wear faster and faster under two loads, seen by noisy sensors.
enum SyntheticFleet {
  static let description = FleetDescription(
    name: "synthetic",
    ageUnit: "h",
    horizon: 60,
    settings: [FleetDescription.Setting(name: "load", tolerance: 5)],
    sensors: ["temperature", "vibration", "serial number", "pressure"]
  )

  /// Whole lives of 50 to 110 hours; `wear` zero gives sensors that show nothing.
  static func lives(
    _ count: Int,
    seed: UInt64,
    wear: Double = 1,
    ending: LifeRecord.Ending = .failed
  ) -> [LifeRecord] {
    var generator = SeededGenerator(seed: seed)
    return (1...count).map { unit in
      var record = LifeRecord(unit: unit, ending: ending, settingCount: 1, sensorCount: 4)
      let life = 50 + Int(generator.uniform() * 60)
      for hour in 1...life {
        let load = generator.uniform() < 0.5 ? 20.0 : 80.0
        let share = Double(hour) / Double(life)
        let damage = wear * share * share * share
        let settings = [Float(load + generator.uniform())]
        let sensors = [
          40 + load / 4 + 8 * damage + generator.normal(),
          1 + load / 80 + 2 * damage + 0.2 * generator.normal(),
          4711,
          6 - load / 100 - 0.5 * damage + 0.1 * generator.normal(),
        ]
        record.append(age: Float(hour), settings: settings, sensors: sensors.map { Float($0) })
      }
      return record
    }
  }

  /// The last of so many rows each, with other sensor values.
  static func changed(
    _ life: LifeRecord,
    every step: Int = 1,
    _ change: (inout [Float]) -> Void = { _ in }
  ) -> LifeRecord {
    var changed = LifeRecord(
      unit: life.unit,
      ending: life.ending,
      settingCount: life.settingCount,
      sensorCount: life.sensorCount
    )
    for row in stride(from: (life.rowCount - 1) % step, to: life.rowCount, by: step) {
      var sensors = Array(life.sensors(at: row))
      change(&sensors)
      changed.append(
        age: life.ages[row],
        settings: Array(life.settings(at: row)),
        sensors: sensors
      )
    }
    return changed
  }

  /// The first rows of a life.
  static func beginning(of life: LifeRecord, rows: Int) -> LifeRecord {
    var part = LifeRecord(
      unit: life.unit,
      ending: .stillRunning,
      settingCount: life.settingCount,
      sensorCount: life.sensorCount
    )
    for row in 0..<min(rows, life.rowCount) {
      part.append(
        age: life.ages[row],
        settings: Array(life.settings(at: row)),
        sensors: Array(life.sensors(at: row))
      )
    }
    return part
  }
}
