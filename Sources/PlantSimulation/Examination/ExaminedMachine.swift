package import ConditionModel
import SignalProcessing

/// One machine of an examination: what is known of it, how it works, and what goes wrong with it.
package struct ExaminedMachine: Hashable, Sendable {
  package var name: String
  package var kind: Kind
  package var channels: [ExaminationChannel]
  package var truth: ExaminationTruth
  /// The moment of the first row.
  package var start: Timestamp
  package var rowCount: Int

  var seed: UInt64
  /// The seed of weather and neighbours, common to all machines of a plant.
  var plantSeed: UInt64
  var duty: DutyTraits
  var influences: [Influence] = []
  var disturbances: [SensorDisturbance] = []
  var gaps: [Gap] = []
  var downTimes: [Range<Int>] = []
  /// How often a single value is lost.
  var lossChance = 0.0

  /// Rows that were not recorded.
  struct Gap: Hashable, Sendable {
    /// `nil` for all channels.
    var channel: Int?
    var rows: Range<Int>
  }

  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case pump
    case screwCompressor = "screw compressor"
    case fan
    case conveyor
    case press
    case spindle
    case chiller
    case variableSpeedPump = "variable-speed pump"

    /// What a site file calls it.
    package var machineKind: MachineKind {
      switch self {
      case .pump, .variableSpeedPump: .centrifugalPump
      case .screwCompressor: .screwCompressor
      case .fan: .fan
      case .conveyor: .conveyor
      case .press: .hydraulicPress
      case .spindle: .spindle
      case .chiller: .chiller
      }
    }
  }

  /// The recording from its first row on.
  package func rows() -> ExaminationRun { ExaminationRun(self) }

  package func timestamp(ofRow row: Int) -> Timestamp {
    start + .seconds(row * PlantCalendar.secondsPerRow)
  }

  package var end: Timestamp { timestamp(ofRow: rowCount) }

  /// What a scorer needs to know.
  package var record: ExaminationRecord {
    ExaminationRecord(name: name, kind: kind.rawValue, recorded: start..<end, truth: truth)
  }
}

/// A recorded machine as a scorer sees it: when it was recorded, and what was wrong meanwhile.
package struct ExaminationRecord: Hashable, Sendable {
  package var name: String
  package var kind: String
  package var recorded: Range<Timestamp>
  package var truth: ExaminationTruth

  package init(name: String, kind: String, recorded: Range<Timestamp>, truth: ExaminationTruth) {
    self.name = name
    self.kind = kind
    self.recorded = recorded
    self.truth = truth
  }
}
