import ConditionModel
import DatasetReplay

/// What `vigie diagnose --json` prints.
struct DiagnosisReport: Encodable {
  var suspects: [Suspect]
  /// Defects of the bearing of which the record can show nothing.
  var notLookedFor: [String]
  /// Samples per second that would show them; absent where it is the speed that is missing.
  var requiredRate: Double?
  var features: Features
  var shaft: Shaft
  var bearing: String?
  var remarks: [String]

  struct Suspect: Encodable {
    var fault: String
    var z: Double
    var confident: Bool
    var stage: Int?
    /// The true rate of the defect over the one of the geometry.
    var rateRatio: Double?
    var lines: [Line]
  }

  struct Line: Encodable {
    var name: String
    var spectrum: String
    var order: Double
    var hertz: Double
    var decibelsAboveFloor: Double
    var present: Bool
  }

  /// In m/s², mm/s and hertz.
  struct Features: Encodable {
    var accelerationRms: Double
    var peak: Double
    var crestFactor: Double
    var kurtosis: Double
    var velocityRms: Double
    var velocityBand: [Double]
    var envelopeBand: [Double]?
    var seconds: Double
    var sampleRate: Double
  }

  struct Shaft: Encodable {
    var hertz: Double
    var uncertainty: Double
    var origin: String
  }

  init(_ diagnosis: VibrationDiagnosis, record: VibrationRecord, bearing: String?) {
    suspects = diagnosis.suspects.map { suspect in
      Suspect(
        fault: suspect.fault.rawValue,
        z: rounded(suspect.z, 100),
        confident: suspect.isConfident,
        stage: suspect.isConfident ? suspect.stage?.rawValue : nil,
        rateRatio: suspect.rateRatio.map { rounded($0, 10_000) },
        lines: suspect.lines.map { line in
          Line(
            name: line.name,
            spectrum: line.spectrum.rawValue,
            order: rounded(line.order, 1_000),
            hertz: rounded(line.hertz, 1_000),
            decibelsAboveFloor: rounded(line.decibelsAboveFloor, 10),
            present: line.isPresent
          )
        }
      )
    }
    notLookedFor = diagnosis.unseen?.faults.map(\.rawValue) ?? []
    requiredRate = diagnosis.unseen?.requiredRateHertz
    let levels = diagnosis.levels
    features = Features(
      accelerationRms: rounded(levels.acceleration, 10_000),
      peak: rounded(levels.peak, 10_000),
      crestFactor: rounded(levels.crestFactor, 1_000),
      kurtosis: rounded(levels.kurtosis, 1_000),
      velocityRms: rounded(levels.velocity, 10_000),
      velocityBand: [levels.velocityBand.lowerBound, levels.velocityBand.upperBound],
      envelopeBand: levels.envelopeBand.map { [$0.lowerBound.rounded(), $0.upperBound.rounded()] },
      seconds: rounded(Double(record.samples.count) / record.sampleRateHertz, 10_000),
      sampleRate: record.sampleRateHertz
    )
    shaft = Shaft(
      hertz: rounded(diagnosis.shaft.hertz, 10_000),
      uncertainty: rounded(diagnosis.shaft.uncertaintyHertz, 10_000),
      origin: diagnosis.shaft.origin.rawValue
    )
    self.bearing = bearing
    remarks = record.remarks
  }
}

/// To so many parts of one.
private func rounded(_ value: Double, _ parts: Double) -> Double {
  (value * parts).rounded() / parts
}
