import AdvisoryGeneration
import ConditionModel
import HealthAssessment

/// A diagnosis in sentences.
struct DiagnosisWords {
  let language: Language
  let notation: Notation
  private let words: LiveWords

  init(_ language: Language) {
    self.language = language
    notation = Notation(language)
    words = LiveWords(language)
  }

  func text(_ key: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
    words.text("diagnose.\(key)", values)
  }

  /// All that is said on a terminal.
  func text(of diagnosis: VibrationDiagnosis, bearing: String?) -> String {
    var lines = conclusions(diagnosis).flatMap { [$0, ""] }
    for suspect in diagnosis.confident {
      for line in suspect.lines { lines.append("  " + self.line(line)) }
      lines.append("")
    }
    let weak = weak(diagnosis)
    if !weak.isEmpty { lines += [text("lookedfor")] + weak.map { "  " + $0 } + [""] }
    return (lines + facts(diagnosis, bearing: bearing)).joined(separator: "\n")
  }

  /// One sentence for each suspect that is sure, or the one that there is none, and what no answer
  /// is given on.
  func conclusions(_ diagnosis: VibrationDiagnosis) -> [String] {
    let sure = diagnosis.confident
    let found = sure.isEmpty ? [text("none")] : sure.map(sentence)
    return found + [diagnosis.unseen.map(sentence)].compactMap { $0 }
  }

  private func sentence(_ unseen: UnseenFaults) -> String {
    let names = unseen.faults.map { text($0.rawValue) }.joined(separator: ", ")
    guard let rate = unseen.requiredRateHertz else {
      return text("unseen.speed", ["list": names])
    }
    return text("unseen.rate", ["list": names, "rate": notation.number(rate)])
  }

  func sentence(_ suspect: VibrationSuspect) -> String { sentence("found", suspect) }

  private func name(_ suspect: VibrationSuspect) -> String {
    text(suspect.fault.wordKey(suspect.lines))
  }

  private func sentence(_ key: String, _ suspect: VibrationSuspect) -> String {
    // The lines of the rate itself and its multiples come first; sidebands follow.
    let main = suspect.lines.filter { $0.spectrum != .acceleration }
    let rate = main.first
    let base = rate?.hertz ?? 0
    let multiples = main.dropFirst().count { line in
      guard line.isPresent, base > 0 else { return false }
      let ratio = line.hertz / base
      return ratio > 1.5 && abs(ratio - ratio.rounded()) < 0.03
    }
    let several =
      switch multiples {
      case 0: ""
      case 1: text("multiple")
      default: text("multiples", ["count": "\(multiples)"])
      }
    let name = name(suspect)
    return text(
      key,
      [
        "fault": key == "found" ? name.prefix(1).uppercased() + name.dropFirst() : name,
        "stage": suspect.stage.map { ", " + text("stage.\($0.rawValue)") } ?? "",
        "order": notation.number(rate?.order ?? 0),
        "multiples": several,
        "level": notation.number((rate?.decibelsAboveFloor ?? 0).rounded()),
      ]
    )
  }

  func line(_ line: VibrationLine) -> String {
    let state = text(line.isPresent ? "present" : "absent")
    let place = text("where.\(line.spectrum.rawValue)")
    return "\(line.name): \(notation.number(line.order)) × (\(notation.number(line.hertz)) Hz), "
      + "\(place), \(notation.number(line.decibelsAboveFloor.rounded())) dB, \(state)"
  }

  func weak(_ diagnosis: VibrationDiagnosis) -> [String] {
    diagnosis.suspects
      .filter { !$0.isConfident && $0.fault != .none }
      .map { suspect in
        if suspect.z >= VibrationDiagnoser.confidentDeviation {
          return sentence("unproven", suspect)
        }
        return text(
          "weak",
          [
            "fault": name(suspect),
            "z": notation.number(max(0, suspect.z)),
            "bar": notation.number(VibrationDiagnoser.confidentDeviation),
          ]
        )
      }
  }

  /// The speed that the record was read with, and where it is known from.
  func shaft(_ diagnosis: VibrationDiagnosis) -> String {
    text(
      "shaft.\(diagnosis.shaft.origin.rawValue)",
      [
        "hertz": notation.number(diagnosis.shaft.hertz),
        "uncertainty": notation.number(diagnosis.shaft.uncertaintyHertz),
      ]
    )
  }

  func facts(_ diagnosis: VibrationDiagnosis, bearing: String?) -> [String] {
    let levels = diagnosis.levels
    let isWholeBand = levels.velocityBand.upperBound >= 1000
    return [
      bearing.map { text("bearing", ["bearing": $0]) } ?? text("nobearing"),
      shaft(diagnosis),
      text(
        "levels",
        [
          "low": notation.number(levels.velocityBand.lowerBound),
          "high": notation.number(levels.velocityBand.upperBound),
          "velocity": notation.number(levels.velocity),
          "acceleration": notation.number(levels.acceleration),
          "peak": notation.number(levels.peak),
          "crest": notation.number(levels.crestFactor),
          "kurtosis": notation.number(levels.kurtosis),
        ]
      ),
      text(isWholeBand ? "severity" : "severity.band"),
    ]
  }
}
