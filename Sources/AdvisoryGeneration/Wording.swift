package import ConditionModel

/// An advisory as people read it.
package struct AlertText: Hashable, Sendable, Codable {
  package var title: String
  package var sentences: [String]
  /// What to look at on site, in this order.
  package var checks: [String]
  /// The sentences and what to check, as one paragraph.
  package var text: String

  package init(title: String, sentences: [String], checks: [String], text: String) {
    self.title = title
    self.sentences = sentences
    self.checks = checks
    self.text = text
  }
}

/// Puts advisories and single words into one language, by rules: the same advisory reads the same
/// every time, and says only what its values show.
package struct Wording: Sendable {
  package let notation: Notation
  let catalogue: Catalogue
  let language: Language

  /// Findings of one advisory that get a sentence each.
  private static let findingLimit = 3
  /// Failure modes that are named.
  private static let suspectLimit = 2

  package init(_ language: Language) {
    self.language = language
    notation = Notation(language)
    catalogue = .of(language)
  }

  /// The advisory in words.
  ///
  /// - Parameters:
  ///   - advisory: Has at least one finding, or is about an end that a model foresees.
  ///   - plant: The machines and channels that it names.
  ///   - clock: What the clocks on the site's walls show.
  /// - Returns: Title, sentences and checks.
  package func text(
    for advisory: Advisory,
    in plant: Plant,
    clock: LocalTimeTable
  ) -> AlertText {
    var title = self.title(of: advisory, in: plant)
    var sentences: [String]
    var checks: [String] = []
    if advisory.phase == .cleared {
      title = catalogue.text("title.cleared", ["title": title])
      sentences = endSentences(of: advisory, in: plant, clock: clock)
    } else {
      sentences = [catalogue.text("since", ["time": time(advisory.since, advisory, clock)])]
      sentences += valueSentences(of: advisory, in: plant)
      sentences += contextSentences(of: advisory, in: plant)
      if let life = advisory.life {
        sentences += lifeSentences(of: life, advisory, in: plant, clock: clock)
      } else if advisory.isForeseen {
        sentences.append(catalogue.text("life.withdrawn"))
      }
      sentences += noteSentences(of: advisory)
      checks = self.checks(for: advisory)
    }
    var paragraph = sentences
    if !checks.isEmpty {
      paragraph.append(catalogue.text("checks", ["list": checks.joined(separator: ", ")]))
    }
    return AlertText(
      title: title,
      sentences: sentences,
      checks: checks,
      text: paragraph.joined(separator: " ")
    )
  }

  /// The end of an alert whose machine is no longer in the site file.
  ///
  /// - Parameters:
  ///   - title: What the alert was called; `nil` where that is not known.
  ///   - machine: The name of the machine.
  /// - Returns: Title and reason.
  package func end(ofAlert title: String?, on machine: String) -> AdvisoryText {
    AdvisoryText(
      language: language,
      title: catalogue.text("title.cleared", ["title": title ?? machine]),
      text: catalogue.text("departed", ["machine": machine])
    )
  }

  private func title(of advisory: Advisory, in plant: Plant) -> String {
    if advisory.isForeseen {
      return catalogue.text("title.foreseen", ["machine": plant[advisory.asset].name])
    }
    return catalogue.text(
      "title",
      [
        "machine": plant[advisory.asset].name,
        "place": place(location(of: advisory, in: plant)),
        "what": advisory.findings.first.map { what($0, in: plant) } ?? "",
      ]
    )
  }

  /// Where that lies which is told first: a story keeps the place where it began.
  func location(of advisory: Advisory, in plant: Plant) -> String {
    advisory.findings.first.map { plant[$0.channel].location } ?? advisory.location
  }

  private func what(_ finding: Finding, in plant: Plant) -> String {
    let quantity = word(for: plant[finding.channel].quantity)
    return switch finding.kind {
    case .limit(let side, _):
      catalogue.text("what.\(side.rawValue).\(level(of: finding))", ["quantity": quantity])
    case .severityZone(let zone, _, _): catalogue.text("what.zone", ["zone": zone.rawValue])
    case .unusual(let deviation):
      catalogue.text("what.unusual.\(deviation.side.rawValue)", ["quantity": quantity])
    case .drifting: catalogue.text("what.drifting", ["quantity": quantity])
    case .shifted: catalogue.text("what.shifted", ["quantity": quantity])
    case .noisy: catalogue.text("what.noisy", ["quantity": quantity])
    case .spiking: catalogue.text("what.spiking", ["quantity": quantity])
    case .swapped: catalogue.text("what.swapped", ["quantity": quantity])
    case .faultPattern(let pattern):
      catalogue.text("what.pattern", ["fault": word(for: pattern)])
    case .stuck: catalogue.text("what.stuck", ["quantity": quantity])
    case .clipped: catalogue.text("what.clipped", ["quantity": quantity])
    case .noReading: catalogue.text("what.no-reading", ["quantity": quantity])
    case .silent(let fault): catalogue.text("what.silent", ["fault": word(for: fault)])
    }
  }

  private func level(of finding: Finding) -> String {
    finding.state == .alarm ? "alarm" : "alert"
  }
}

// MARK: - Sentences

extension Wording {
  private func valueSentences(of advisory: Advisory, in plant: Plant) -> [String] {
    if advisory.findingClass == .communication {
      return [counted("value.silent", advisory.findings.count)]
    }
    var sentences: [String] = []
    for finding in advisory.findings.prefix(Self.findingLimit) {
      sentences.append(value(finding, in: plant))
      if let extreme = extreme(finding, in: plant) { sentences.append(extreme) }
    }
    let rest = advisory.findings.count - Self.findingLimit
    if rest > 0 { sentences.append(counted("more", rest)) }
    return sentences
  }

  /// The value against its limit.
  private func value(_ finding: Finding, in plant: Plant) -> String {
    let channel = plant[finding.channel]
    let label = label(channel, in: plant).withInitialCapital
    let value = finding.observed.map { notation.quantity($0, ucum: channel.unit) } ?? "–"
    switch finding.kind {
    case .limit(let side, let threshold):
      return catalogue.text(
        "value.\(side.rawValue).\(level(of: finding))",
        [
          "label": label, "value": value,
          "limit": notation.quantity(threshold, ucum: channel.unit),
        ]
      )
    case .severityZone(let zone, let threshold, let standard):
      return catalogue.text(
        "value.zone",
        [
          "label": label, "value": value, "zone": zone.rawValue,
          "standard": standardName(standard),
          "limit": notation.quantity(threshold, ucum: channel.unit),
        ]
      )
    case .unusual(let deviation), .drifting(let deviation), .shifted(let deviation):
      return catalogue.text(
        "value.\(finding.kind.learnedWord)",
        [
          "label": label, "value": value,
          "low": notation.quantity(deviation.usual.lowerBound, ucum: channel.unit),
          "high": notation.quantity(deviation.usual.upperBound, ucum: channel.unit),
        ]
      )
    case .noisy(let times):
      return catalogue.text(
        "value.noisy",
        ["label": label, "times": notation.number((times * 10).rounded() / 10)]
      )
    case .spiking(let perHour):
      return catalogue.text(
        "value.spiking",
        ["label": label, "count": notation.number(max((8 * perHour).rounded(), 1))]
      )
    case .swapped(let other):
      return catalogue.text(
        "value.swapped",
        ["label": label, "other": list([other], besides: channel.location, in: plant)]
      )
    case .faultPattern(let pattern): return sentence(on: pattern, at: channel.location)
    case .stuck(let duration):
      return catalogue.text(
        "value.stuck",
        ["label": label, "value": value, "duration": self.duration(duration)]
      )
    case .clipped(let side):
      return catalogue.text(
        "value.clipped.\(side.rawValue)",
        ["label": label, "value": value]
      )
    case .noReading(let fault), .silent(let fault):
      return catalogue.text("value.no-reading", ["label": label, "fault": word(for: fault)])
    }
  }

  /// The most extreme value, where it reads unlike the observed one.
  private func extreme(_ finding: Finding, in plant: Plant) -> String? {
    guard let side = finding.kind.side, finding.kind.findingClass == .machine,
      let observed = finding.observed, let extreme = finding.extreme
    else { return nil }
    let unit = plant[finding.channel].unit
    let value = notation.quantity(extreme, ucum: unit)
    guard value != notation.quantity(observed, ucum: unit) else { return nil }
    return catalogue.text("extreme.\(side.rawValue)", ["value": value])
  }

  private func contextSentences(of advisory: Advisory, in plant: Plant) -> [String] {
    var sentences: [String] = []
    var elsewhere: [ChannelID] = []
    for suspect in advisory.suspects {
      for channel in suspect.evidence
      where !elsewhere.contains(channel)
        && !advisory.findings.contains(where: { $0.channel == channel })
      {
        elsewhere.append(channel)
      }
    }
    if !elsewhere.isEmpty {
      let list = list(elsewhere, besides: location(of: advisory, in: plant), in: plant)
      sentences.append(catalogue.text("elsewhere", ["list": list]))
    }
    if !advisory.unmoved.isEmpty {
      let list = list(advisory.unmoved, besides: location(of: advisory, in: plant), in: plant)
      sentences.append(catalogue.text("unmoved", ["list": list]))
    }
    let causes = advisory.suspects.prefix(Self.suspectLimit).map { suspect in
      let mode = word(forMode: suspect.mode)
      guard let part = suspect.part else { return mode }
      return catalogue.text("cause.part", ["mode": mode, "part": part])
    }
    if !causes.isEmpty {
      let key = causes.count == 1 ? "cause.one" : "cause.other"
      sentences.append(catalogue.text(key, ["list": causes.joined(separator: ", ")]))
    }
    return sentences
  }

  /// Where limits come from, and what a fault of the watching means for the machine.
  private func noteSentences(of advisory: Advisory) -> [String] {
    switch advisory.findingClass {
    case .machine:
      let hasZone = advisory.findings.contains { $0.kind.isZone }
      let hasLearned = advisory.findings.contains { $0.kind.isLearned }
      let hasPattern = advisory.findings.contains { $0.kind.pattern != nil }
      let hasLimit = advisory.findings.contains {
        !$0.kind.isZone && !$0.kind.isLearned && $0.kind.pattern == nil
      }
      return (hasZone ? [catalogue.text("standard-note")] : [])
        + (hasLimit ? [catalogue.text("limit-note")] : [])
        + (hasLearned ? [catalogue.text("learned-note")] : [])
        + (hasPattern ? [catalogue.text("pattern-note")] : [])
    case .sensor, .communication:
      let isBlind = advisory.priority > .low
      let note = advisory.findingClass == .sensor ? "sensor-note" : "communication-note"
      return [catalogue.text(isBlind ? "blind-note" : note)]
    }
  }

  private func endSentences(
    of advisory: Advisory,
    in plant: Plant,
    clock: LocalTimeTable
  ) -> [String] {
    let lasted = catalogue.text(
      "lasted",
      [
        "from": time(advisory.since, advisory, clock),
        "to": time(advisory.timestamp, advisory, clock),
      ]
    )
    let extremes = advisory.findings.compactMap { finding -> String? in
      guard finding.kind.findingClass == .machine, let side = finding.kind.side,
        let extreme = finding.extreme
      else { return nil }
      let channel = plant[finding.channel]
      return catalogue.text(
        "ended.\(side.rawValue)",
        [
          "label": label(channel, in: plant).withInitialCapital,
          "value": notation.quantity(extreme, ucum: channel.unit),
        ]
      )
    }
    return [lasted] + extremes.prefix(Self.findingLimit)
      + (advisory.isForeseen ? farSentences(of: advisory) : [])
  }

  private func checks(for advisory: Advisory) -> [String] {
    var keys: [String] = []
    switch advisory.findingClass {
    case .machine where advisory.isForeseen: keys = ["check.foreseen"]
    case .machine:
      keys = advisory.suspects.prefix(Self.suspectLimit).map { "check.mode.\($0.mode)" }
      if keys.isEmpty { keys = ["check.machine"] }
    case .sensor, .communication:
      for finding in advisory.findings {
        switch finding.kind {
        case .limit, .severityZone, .unusual, .faultPattern: break
        case .drifting: keys.append("check.drifting")
        case .shifted: keys.append("check.shifted")
        case .noisy, .spiking: keys.append("check.noisy")
        case .swapped: keys.append("check.swapped")
        case .stuck: keys.append("check.stuck")
        case .clipped: keys.append("check.clipped")
        case .noReading(let fault), .silent(let fault):
          keys.append("check.fault.\(fault.rawValue)")
        }
      }
    }
    var checks: [String] = []
    for key in keys {
      for part in catalogue.text(key).split(separator: ";") {
        let check = String(part.drop { $0 == " " })
        if !checks.contains(check) { checks.append(check) }
      }
    }
    return checks
  }
}

extension Finding.Kind {
  fileprivate var isZone: Bool {
    if case .severityZone = self { true } else { false }
  }

  fileprivate var isLearned: Bool {
    if case .unusual = self { true } else { false }
  }

  /// The word for the kind in the keys of what was learned.
  fileprivate var learnedWord: String {
    switch self {
    case .drifting: "drifting"
    case .shifted: "shifted"
    default: "unusual"
    }
  }

  fileprivate var side: Finding.Side? {
    switch self {
    case .limit(let side, _), .clipped(let side): side
    case .unusual(let deviation): deviation.side
    case .severityZone: .above
    case .faultPattern, .stuck, .noReading, .silent, .drifting, .shifted, .noisy, .spiking,
      .swapped:
      nil
    }
  }
}

extension String {
  var withInitialCapital: String {
    prefix(1).uppercased() + dropFirst()
  }
}
