package import ConditionModel

extension VibrationFault {
  /// The name by which people know a pattern with these lines, as a key of their language.
  ///
  /// A bent shaft shows once and twice the shaft rate as a misaligned coupling does; only a coupling
  /// adds three times in strength. Else it takes the phase at both ends to tell (ISO 13373-3).
  package func wordKey(_ lines: [VibrationLine]) -> String {
    guard self == .misalignment else { return rawValue }
    let third = lines.first { $0.name == "3×" && $0.isPresent }
    let second = lines.first { $0.name == "2×" }
    guard let third, let second else { return Self.unclearMisalignment }
    let distance = second.decibelsAboveFloor - third.decibelsAboveFloor
    return distance < 10 ? rawValue : Self.unclearMisalignment
  }

  fileprivate static let unclearMisalignment = "misalignment or bend"
}

// Fault patterns of vibration in words: which part, which lines, how clear, what was not found, and how
// smoothly the machine runs.
extension Wording {
  package func word(for fault: VibrationFault) -> String {
    catalogue.text("fault-pattern.\(fault.rawValue)")
  }

  /// As clear as the lines allow.
  func word(for pattern: FaultPattern) -> String {
    catalogue.text("fault-pattern.\(pattern.fault.wordKey(pattern.present))")
  }

  package func word(for obstacle: DiagnosisSummary.Obstacle) -> String {
    catalogue.text("obstacle.\(obstacle.rawValue)")
  }

  /// What the latest block of a source says, for people: `drive end, vibration z: no fault pattern`.
  package func sentence(for summary: DiagnosisSummary) -> String {
    let verdict: String =
      switch summary.verdict {
      case .patterns(let faults) where faults.isEmpty: word(for: VibrationFault.none)
      case .patterns(let faults): faults.map { word(for: $0) }.joined(separator: ", ")
      case .notJudged(let obstacle): word(for: obstacle)
      }
    return catalogue.text(
      "diagnosis",
      [
        "place": place(summary.location), "waveform": summary.waveform,
        "verdict": ([verdict] + [summary.unseen.map { sentence(on: $0) }].compactMap { $0 })
          .joined(separator: "; "),
      ]
    )
  }

  private func sentence(on unseen: UnseenFaults) -> String {
    let names = unseen.faults.map { word(for: $0) }.joined(separator: ", ")
    guard let rate = unseen.requiredRateHertz else {
      return catalogue.text("unseen.speed", ["list": names])
    }
    return catalogue.text("unseen.rate", ["list": names, "rate": notation.number(rate)])
  }

  /// What was found, where, how clear, what was not found, and how smoothly the machine runs.
  func sentence(on pattern: FaultPattern, at location: String) -> String {
    var sentences = [
      catalogue.text(
        "value.pattern",
        [
          "fault": subject(of: pattern, at: location).withInitialCapital,
          "order": notation.number(rounded(pattern.order)),
          "multiples": pattern.multipleCount == 0
            ? "" : counted("multiples", pattern.multipleCount),
          "level": notation.number(pattern.decibelsAboveFloor.rounded()),
        ]
      )
    ]
    let sidebands = pattern.present.count { $0.name.contains("−") || $0.name.contains("+") }
    if sidebands > 0 { sentences.append(counted("sidebands", sidebands)) }
    if !pattern.absent.isEmpty {
      let names = pattern.absent.map { line in
        catalogue.text("line", ["order": notation.number(rounded(line.order))])
      }
      sentences.append(catalogue.text("absent", ["list": names.joined(separator: ", ")]))
    }
    if !pattern.notFound.isEmpty {
      let names = pattern.notFound.map { word(for: $0) }
      sentences.append(catalogue.text("not-found", ["list": names.joined(separator: ", ")]))
    }
    if let zone = pattern.zone {
      let trend = catalogue.text(pattern.isRising ? "trend.rising" : "trend.steady")
      sentences.append(
        catalogue.text("pattern-zone", ["zone": zone.rawValue, "trend": trend])
      )
    }
    return sentences.joined(separator: " ")
  }

  private func subject(of pattern: FaultPattern, at location: String) -> String {
    let stage = pattern.stage.map { catalogue.text("stage.\($0.rawValue)") } ?? ""
    guard pattern.fault.isBearing else {
      return catalogue.text(
        "pattern.machine",
        ["fault": word(for: pattern), "place": place(location), "stage": stage]
      )
    }
    return catalogue.text(
      pattern.bearing == nil ? "pattern.bearing" : "pattern.named-bearing",
      [
        "fault": catalogue.text("part.\(pattern.fault.rawValue)"), "place": place(location),
        "bearing": pattern.bearing ?? "", "stage": stage,
      ]
    )
  }

  /// Two decimals: orders are compared with tables.
  private func rounded(_ order: Double) -> Double { (order * 100).rounded() / 100 }

  /// Every key of patterns that the code asks for.
  static var patternKeys: [String] {
    [
      "what.pattern", "value.pattern", "multiples.one", "multiples.other", "sidebands.one",
      "sidebands.other", "line", "absent", "not-found", "pattern-zone", "trend.rising",
      "trend.steady", "pattern.machine", "pattern.bearing", "pattern.named-bearing", "stage.2",
      "stage.3", "cause.part", "pattern-note", "diagnosis", "unseen.rate", "unseen.speed",
    ] + VibrationFault.allCases.map { "fault-pattern.\($0.rawValue)" }
      + ["fault-pattern.\(VibrationFault.unclearMisalignment)"]
      + VibrationFault.allCases.filter(\.isBearing).map { "part.\($0.rawValue)" }
      + DiagnosisSummary.Obstacle.allCases.map { "obstacle.\($0.rawValue)" }
  }
}
