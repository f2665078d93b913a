/// What one record of a vibration says about the machine, from its pattern alone.
///
/// How bad it is, is another question: that follows from the severity zone and its trend.
package struct VibrationDiagnosis: Hashable, Sendable, Codable {
  /// The patterns that were looked for, strongest evidence first.
  ///
  /// Without any confident one the first is ``VibrationFault/none``.
  package var suspects: [VibrationSuspect]
  /// The rotation that the record was read with.
  package var shaft: ShaftSpeed
  /// Levels of the record that do not depend on a suspicion.
  package var levels: VibrationLevels
  /// Defects of the known bearing of which the record can show nothing; `nil` for none.
  package var unseen: UnseenFaults?

  package init(
    suspects: [VibrationSuspect],
    shaft: ShaftSpeed,
    levels: VibrationLevels,
    unseen: UnseenFaults? = nil
  ) {
    self.suspects = suspects
    self.shaft = shaft
    self.levels = levels
    self.unseen = unseen
  }

  /// The suspects that one can rely on, strongest first.
  package var confident: [VibrationSuspect] { suspects.filter(\.isConfident) }
}

/// Defects that were not looked for, so that no pattern of theirs is no answer.
package struct UnseenFaults: Hashable, Sendable, Codable {
  package var faults: [VibrationFault]
  /// The sample rate that shows them; `nil` where it is the speed of the shaft that is missing.
  package var requiredRateHertz: Double?

  package init(_ faults: [VibrationFault], requiredRateHertz: Double?) {
    self.faults = faults
    self.requiredRateHertz = requiredRateHertz
  }

  /// Those of a bearing that blocks at a rate cannot show; `nil` where they show all.
  ///
  /// A defect is heard where the housing rings, in bands of 1,400 Hz or wider, and by four multiples
  /// of its rate, in an envelope that reaches to a quarter of the sample rate.
  ///
  /// - Parameters:
  ///   - bearing: Its rates.
  ///   - shaftHertz: The speed of the shaft; `nil` where it is not known yet.
  ///   - sampleRateHertz: The rate of the blocks.
  package init?(of bearing: BearingOrders, shaftHertz: Double?, sampleRateHertz: Double) {
    let orders: [(fault: VibrationFault, order: Double)] = [
      (.inner, bearing.inner), (.outer, bearing.outer), (.ball, bearing.ball),
      (.cage, bearing.cage),
    ]
    // With room for the slip of the elements and for a speed that is told a little wrong.
    let needed = orders.map { max(Self.lowestRateHertz, 17 * $0.order * (shaftHertz ?? 0)) }
    faults = zip(orders, needed).filter { $0.1 > sampleRateHertz }.map(\.0.fault)
    guard !faults.isEmpty, let highest = needed.max() else { return nil }
    requiredRateHertz = (highest / 100).rounded(.up) * 100
  }

  /// Half of it is the narrowest band whose envelope is looked at.
  package static let lowestRateHertz = 2_800.0
}

/// A pattern in the vibration, after ISO 13373-3.
package enum VibrationFault: String, Hashable, Sendable, Codable, CaseIterable {
  /// A defect on the inner ring of the bearing.
  case inner
  /// A defect on the outer ring of the bearing.
  case outer
  /// A defect on a ball or roller.
  case ball
  /// A damaged cage, or one that rubs.
  case cage
  case imbalance
  case misalignment
  case looseness
  case gear
  case blade
  case belt
  /// Twice the mains frequency: an uneven air gap, a soft foot, a bad winding.
  case electrical
  /// No fault pattern: that is an answer.
  case none

  /// Whether it is a fault of the rolling bearing.
  package var isBearing: Bool {
    switch self {
    case .inner, .outer, .ball, .cage: true
    default: false
    }
  }
}

/// One pattern and what speaks for it.
package struct VibrationSuspect: Hashable, Sendable, Codable {
  package var fault: VibrationFault
  /// The strength of the evidence, in standard deviations: the pattern would be this strong by
  /// chance as rarely as a normal variable passes this value.
  package var z: Double
  package var isConfident: Bool
  /// The stage of a bearing defect, where the lines show it; `nil` elsewhere.
  package var stage: BearingStage?
  /// The ratio of the true rate of a bearing defect to the one of its geometry, 1 without slip.
  package var rateRatio: Double?
  /// The lines that were looked for.
  package var lines: [VibrationLine]

  package init(
    fault: VibrationFault,
    z: Double,
    isConfident: Bool,
    stage: BearingStage? = nil,
    rateRatio: Double? = nil,
    lines: [VibrationLine]
  ) {
    self.fault = fault
    self.z = z
    self.isConfident = isConfident
    self.stage = stage
    self.rateRatio = rateRatio
    self.lines = lines
  }
}

/// How far a defect of a bearing has come, as trade guides count it.
///
/// The first stage (ultrasound only) and the fourth (no lines any more, only noise) have no lines
/// that a diagnosis could rest on.
package enum BearingStage: Int, Hashable, Sendable, Codable {
  /// The defect makes the housing ring: lines in the envelope spectrum only.
  case second = 2
  /// The lines stand in the plain spectrum too.
  case third = 3
}

/// A line that was looked for, and what is there.
package struct VibrationLine: Hashable, Sendable, Codable {
  /// `BPFO`, `2×BPFO`, `BPFI−1×`, `1×`, `mesh`.
  package var name: String
  package var spectrum: Kind
  /// In turns of the shaft.
  package var order: Double
  package var hertz: Double
  /// How far above the floor beside it.
  package var decibelsAboveFloor: Double
  package var isPresent: Bool

  package init(
    name: String,
    spectrum: Kind,
    order: Double,
    hertz: Double,
    decibelsAboveFloor: Double,
    isPresent: Bool
  ) {
    self.name = name
    self.spectrum = spectrum
    self.order = order
    self.hertz = hertz
    self.decibelsAboveFloor = decibelsAboveFloor
    self.isPresent = isPresent
  }

  /// Where the line was looked for.
  package enum Kind: String, Hashable, Sendable, Codable {
    case acceleration
    case velocity
    case envelope
  }
}

/// The rotation of the shaft while a record was made.
package struct ShaftSpeed: Hashable, Sendable, Codable {
  package var hertz: Double
  /// Half the width of the range that it lies in.
  package var uncertaintyHertz: Double
  package var origin: Origin

  package init(hertz: Double, uncertaintyHertz: Double, origin: Origin) {
    self.hertz = hertz
    self.uncertaintyHertz = uncertaintyHertz
    self.origin = origin
  }

  package enum Origin: String, Hashable, Sendable, Codable {
    /// As it was told.
    case given
    /// As it was told, made exact by the lines of the spectrum.
    case refined
    /// Found from the spectrum alone.
    case estimated
    /// Neither told nor found.
    case unknown
  }
}

/// Levels of one record.
package struct VibrationLevels: Hashable, Sendable, Codable {
  /// Root mean square of the acceleration without its mean, in m/s².
  package var acceleration: Double
  /// The largest distance from the mean, in m/s².
  package var peak: Double
  package var crestFactor: Double
  /// 3 for normal noise.
  package var kurtosis: Double
  /// Root mean square of the velocity in its band, in mm/s.
  package var velocity: Double
  /// 10 to 1000 Hz, as the standards have it, or to half the sample rate where that is lower.
  package var velocityBand: ClosedRange<Double>
  /// The band whose envelope carried the strongest bearing pattern, in hertz.
  package var envelopeBand: ClosedRange<Double>?

  package init(
    acceleration: Double,
    peak: Double,
    crestFactor: Double,
    kurtosis: Double,
    velocity: Double,
    velocityBand: ClosedRange<Double>,
    envelopeBand: ClosedRange<Double>? = nil
  ) {
    self.acceleration = acceleration
    self.peak = peak
    self.crestFactor = crestFactor
    self.kurtosis = kurtosis
    self.velocity = velocity
    self.velocityBand = velocityBand
    self.envelopeBand = envelopeBand
  }
}
