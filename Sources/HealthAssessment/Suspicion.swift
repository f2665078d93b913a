package import ConditionModel

extension Suspect {
  /// The keys of all failure modes that can be suspected, for those who hold words for them.
  package static var modes: [String] {
    let modes = FailureMode.all.map(\.key)
    return modes + VibrationFault.allCases.compactMap(\.mode).filter { !modes.contains($0) }
  }

  /// The failure modes that fit what was found on a machine, likeliest first.
  ///
  /// A mode fits when all that it needs is found and nothing that excludes it. It ranks by how many
  /// of its signs are found, then by the order of the table.
  ///
  /// - Parameters:
  ///   - findings: What holds about the machine; faults of sensors and of the bus do not count.
  ///   - kind: What the machine is.
  ///   - plant: Tells what each channel measures.
  /// - Returns: Empty when nothing is found on the machine itself.
  static func suspects(
    from findings: [Finding],
    on kind: MachineKind,
    in plant: Plant
  ) -> [Suspect] {
    // A pattern names its cause itself, and better than levels can.
    let patterns = findings.compactMap { finding -> Suspect? in
      guard case .faultPattern(let pattern) = finding.kind, let mode = pattern.fault.mode else {
        return nil
      }
      return Suspect(mode: mode, evidence: [finding.channel], part: pattern.bearing)
    }
    let symptoms = findings.compactMap { Symptom($0, in: plant) }
    guard !symptoms.isEmpty else { return patterns }
    var ranked: [(weight: Int, order: Int, suspect: Suspect)] = []
    for (order, mode) in FailureMode.all.enumerated() where mode.machines.contains(kind) {
      for place in places(of: symptoms, for: mode) {
        guard let match = mode.match(symptoms.filter { place == nil || $0.location == place })
        else { continue }
        let suspect = Suspect(mode: mode.key, evidence: match.evidence)
        ranked.append((match.weight, order, suspect))
      }
    }
    ranked.sort { ($1.weight, $0.order) < ($0.weight, $1.order) }
    return patterns + ranked.map(\.suspect)
  }

  /// The places that a mode is looked for at: each in turn, or the whole machine at once (`nil`).
  private static func places(of symptoms: [Symptom], for mode: FailureMode) -> [String?] {
    guard mode.isLocal else { return [nil] }
    var places: [String?] = []
    for symptom in symptoms where !places.contains(symptom.location) {
      places.append(symptom.location)
    }
    return places
  }
}

/// A finding as the table of modes sees it.
private struct Symptom {
  var channel: ChannelID
  var location: String
  var quantity: Quantity
  var side: Finding.Side

  init?(_ finding: Finding, in plant: Plant) {
    switch finding.kind {
    case .limit(let side, _): self.side = side
    case .severityZone: side = .above
    case .unusual(let deviation): side = deviation.side
    case .faultPattern, .stuck, .clipped, .noReading, .silent, .drifting, .shifted, .noisy,
      .spiking, .swapped:
      return nil
    }
    channel = finding.channel
    location = plant[finding.channel].location
    quantity = plant[finding.channel].quantity
  }
}

extension FailureMode {
  fileprivate func match(_ symptoms: [Symptom]) -> (weight: Int, evidence: [ChannelID])? {
    guard !excludes.contains(where: { sign in symptoms.contains(where: sign.shows) }) else {
      return nil
    }
    var weight = 0
    var evidence: [ChannelID] = []
    for (sign, isNeeded) in needs.map({ ($0, true) }) + supports.map({ ($0, false) }) {
      let shown = symptoms.filter(sign.shows)
      guard !shown.isEmpty else {
        if isNeeded { return nil }
        continue
      }
      weight += 1
      for symptom in shown where !evidence.contains(symptom.channel) {
        evidence.append(symptom.channel)
      }
    }
    return (weight, evidence)
  }
}

extension FailureMode.Sign {
  fileprivate func shows(_ symptom: Symptom) -> Bool {
    symptom.side == side && quantities.contains(symptom.quantity)
  }
}

extension VibrationFault {
  /// The key of its words in the catalogue; `nil` for no fault.
  var mode: String? {
    switch self {
    case .outer: "bearing-outer-race"
    case .inner: "bearing-inner-race"
    case .ball: "bearing-rolling-element"
    case .cage: "bearing-cage"
    case .imbalance: "unbalance"
    case .misalignment: "misalignment"
    case .looseness: "looseness"
    case .gear: "gear-damage"
    case .blade: "blade-damage"
    case .belt: "belt-damage"
    case .electrical: "electrical-forces"
    case .none: nil
    }
  }
}
