/// A pattern of a fault in the vibration of a machine, with all that speaks for it.
package struct FaultPattern: Hashable, Sendable, Codable {
  package var fault: VibrationFault
  /// The stage of a bearing defect, where the lines show it.
  package var stage: BearingStage?
  /// The bearing that it is about, as people order it; `nil` where it is about none or not known.
  package var bearing: String?
  /// The rate of the main line, in turns of the shaft.
  package var order: Double
  /// How far the main line stands above the floor beside it.
  package var decibelsAboveFloor: Double
  /// The lines that were found, the main one first.
  package var present: [VibrationLine]
  /// The lines of this pattern that were looked for in vain.
  package var absent: [VibrationLine]
  /// The other patterns that were looked for and not found.
  package var notFound: [VibrationFault]
  /// The severity zone at the place, as the vibration velocity has it; `nil` without zones.
  package var zone: Finding.Zone?
  /// Whether the vibration velocity has been rising lately.
  package var isRising: Bool

  package init(
    fault: VibrationFault,
    stage: BearingStage? = nil,
    bearing: String? = nil,
    order: Double,
    decibelsAboveFloor: Double,
    present: [VibrationLine],
    absent: [VibrationLine],
    notFound: [VibrationFault],
    zone: Finding.Zone?,
    isRising: Bool
  ) {
    self.fault = fault
    self.stage = stage
    self.bearing = bearing
    self.order = order
    self.decibelsAboveFloor = decibelsAboveFloor
    self.present = present
    self.absent = absent
    self.notFound = notFound
    self.zone = zone
    self.isRising = isRising
  }

  /// How many multiples of the main line were found too.
  package var multipleCount: Int {
    present.count { line in
      let ratio = line.order / order
      return ratio > 1.5 && (ratio - ratio.rounded()).magnitude < 0.05
    }
  }

  /// How bad it is: by the zone, never by the pattern alone.
  package var severity: ConditionState { zone == .d ? .alarm : .alert }

  /// Whether it can wait: the machine still runs as smoothly as a good one, and no worse than lately.
  package var canWait: Bool { (zone == .a || zone == .b) && !isRising }
}

/// What the latest block of samples of one source says.
package struct DiagnosisSummary: Hashable, Sendable, Codable {
  /// Where on the machine, and which block.
  package var location: String
  package var waveform: String
  /// When the block was recorded.
  package var timestamp: Timestamp
  package var verdict: Verdict
  /// Defects of the bearing of which the block can show nothing; `nil` for none.
  package var unseen: UnseenFaults?

  package init(
    location: String,
    waveform: String,
    timestamp: Timestamp,
    verdict: Verdict,
    unseen: UnseenFaults? = nil
  ) {
    self.location = location
    self.waveform = waveform
    self.timestamp = timestamp
    self.verdict = verdict
    self.unseen = unseen
  }

  package enum Verdict: Hashable, Sendable, Codable {
    /// Patterns that are sure in this block, strongest first; empty: no fault pattern.
    case patterns([VibrationFault])
    /// The block could not be judged.
    case notJudged(Obstacle)
  }

  /// Why a block was not judged.
  package enum Obstacle: String, Hashable, Sendable, Codable, CaseIterable {
    case noBlock = "no block"
    case clipped
    case atRest = "at rest"
    case tooShort = "too short"
  }
}
