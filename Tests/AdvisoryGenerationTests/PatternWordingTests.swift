import AdvisoryGeneration
import ConditionModel
import Testing

struct PatternWordingTests {
  private static let machine = AssetID(index: 0)
  private static let channel = ChannelID(index: 0)

  private static let plant = Plant(
    site: "s",
    gateway: "g",
    assets: [Asset(id: machine, name: "pompe-3", kind: .centrifugalPump)],
    channels: [
      Channel(
        id: channel,
        asset: machine,
        location: "drive end",
        point: "envelope outer race z",
        unit: "[g]",
        quantity: .envelopeOuterRace,
        axis: .z,
        device: 0
      )
    ]
  )

  private static func line(_ name: String, _ order: Double, _ level: Double) -> VibrationLine {
    VibrationLine(
      name: name,
      spectrum: .envelope,
      order: order,
      hertz: order * 25,
      decibelsAboveFloor: level,
      isPresent: level >= 6
    )
  }

  private static func outer(
    bearing: String? = "6309",
    stage: BearingStage? = .second,
    multiples: Int = 2,
    zone: Finding.Zone? = .b
  ) -> FaultPattern {
    let lines = (1...4).map {
      line("\($0)×BPFO", 3.5848 * Double($0), $0 <= multiples + 1 ? 14.2 : 1)
    }
    return FaultPattern(
      fault: .outer,
      stage: stage,
      bearing: bearing,
      order: 3.5848,
      decibelsAboveFloor: 14.2,
      present: lines.filter(\.isPresent),
      absent: lines.filter { !$0.isPresent },
      notFound: [.inner, .imbalance],
      zone: zone,
      isRising: false
    )
  }

  private static func text(_ pattern: FaultPattern, _ language: Language) -> AlertText {
    let advisory = Advisory(
      id: 1,
      asset: machine,
      findingClass: .machine,
      location: "drive end",
      phase: .raised,
      priority: .low,
      since: Timestamp(seconds: 1_790_000_000),
      timestamp: Timestamp(seconds: 1_790_000_600),
      isAcknowledged: false,
      findings: [
        Finding(
          channel: channel,
          kind: .faultPattern(pattern),
          state: .alert,
          since: Timestamp(seconds: 1_790_000_000),
          observed: 0.4,
          extreme: nil
        )
      ],
      suspects: [
        Suspect(mode: "bearing-outer-race", evidence: [channel], part: pattern.bearing)
      ],
      unmoved: []
    )
    return Wording(language).text(for: advisory, in: plant, clock: .utc)
  }

  @Test func `a defect is told with part, bearing, stage, lines and what was not found`() {
    let english = Self.text(Self.outer(), .english)
    #expect(english.title == "pompe-3, drive end: outer race of the bearing in the vibration")
    #expect(
      english.sentences[1...] == [
        "Outer race of the bearing 6309 (drive end), second stage: lines at 3.58\u{A0}× shaft speed and "
          + "2 multiples, 14\u{A0}dB above the floor. Looked for in vain: lines at 14.3\u{A0}×. Not "
          + "found: inner race of the bearing, unbalance. The vibration velocity is in zone\u{A0}B and "
          + "not rising.",
        "Possible cause: damage to the outer race of the bearing (6309).",
        "The pattern says what it is, not how bad: that follows from the zone and its trend.",
      ]
    )
    #expect(english.checks.first == "noise and play of the bearing")

    let french = Self.text(Self.outer(), .french)
    #expect(
      french.title
        == "pompe-3, côté accouplement\u{A0}: bague extérieure du roulement dans la vibration"
    )
    #expect(
      french.sentences[1]
        == "Bague extérieure du roulement 6309 (côté accouplement), deuxième stade\u{A0}: raies à "
        + "3,58\u{A0}× la rotation et 2 multiples, 14\u{A0}dB au-dessus du fond. Cherché en "
        + "vain\u{A0}: raies à 14,3\u{A0}×. Non trouvé\u{A0}: bague intérieure du roulement, balourd. "
        + "La vitesse vibratoire est en zone\u{A0}B et n’augmente pas."
    )
  }

  @Test func `what is not known is not claimed`() {
    let plain = Self.outer(bearing: nil, stage: nil, multiples: 0, zone: nil)
    let sentence = Self.text(plain, .english).sentences[1]
    #expect(
      sentence.hasPrefix(
        "Outer race of the bearing (drive end): lines at 3.58\u{A0}× shaft speed, 14\u{A0}dB above"
      )
    )
    #expect(!sentence.contains("zone") && !sentence.contains("stage"))
    #expect(Self.text(Self.outer(multiples: 1), .french).sentences[1].contains("et un multiple, "))
  }

  /// Lines at once, twice and three times the shaft rate, with these levels in decibels.
  private static func misalignment(_ levels: [Double]) -> FaultPattern {
    let lines = levels.enumerated().map { index, level in
      line("\(index + 1)×", Double(index + 1), level)
    }
    return FaultPattern(
      fault: .misalignment,
      stage: nil,
      bearing: nil,
      order: 2,
      decibelsAboveFloor: levels[1],
      present: lines.filter(\.isPresent),
      absent: lines.filter { !$0.isPresent },
      notFound: [],
      zone: .c,
      isRising: false
    )
  }

  @Test(arguments: [[24, 26, 17], [24, 26, 25], [12, 14, 20]] as [[Double]])
  func `a coupling out of line adds three times the shaft rate`(levels: [Double]) {
    let pattern = Self.misalignment(levels)
    #expect(Self.text(pattern, .english).sentences[1].hasPrefix("Misalignment (drive end): "))
    let french = Self.text(pattern, .french).sentences[1]
    #expect(french.hasPrefix("Défaut de lignage (") && !french.contains("arbre faussé"))
  }

  @Test(arguments: [[24, 26, 15.9], [24, 26, 3], [24, 26]] as [[Double]])
  func `without it the shaft may be bent as well`(levels: [Double]) {
    let pattern = Self.misalignment(levels)
    #expect(
      Self.text(pattern, .english).sentences[1]
        .hasPrefix("Misalignment or a bent shaft (drive end): ")
    )
    #expect(
      Self.text(pattern, .french).sentences[1].hasPrefix("Défaut de lignage ou arbre faussé (")
    )
  }

  @Test func `what was not looked for is said beside what was not found`() {
    func said(_ unseen: UnseenFaults, _ language: Language) -> String {
      Wording(language).sentence(
        for: DiagnosisSummary(
          location: "drive end",
          waveform: "vibration z",
          timestamp: Timestamp(seconds: 0),
          verdict: .patterns([]),
          unseen: unseen
        )
      )
    }
    #expect(
      said(UnseenFaults([.inner], requiredRateHertz: 12_800), .english)
        == "drive end, vibration z: no fault pattern; not looked for: inner race of the bearing (needs "
        + "12,800 samples per second)"
    )
    #expect(
      said(UnseenFaults([.cage], requiredRateHertz: nil), .french)
        .hasSuffix("; non recherché\u{A0}: cage du roulement (vitesse de l’arbre inconnue)")
    )
  }

  @Test func `no fault pattern is an answer, and a block that was not judged says why`() {
    func said(_ verdict: DiagnosisSummary.Verdict, _ language: Language) -> String {
      Wording(language).sentence(
        for: DiagnosisSummary(
          location: "drive end",
          waveform: "vibration z",
          timestamp: Timestamp(seconds: 0),
          verdict: verdict
        )
      )
    }
    #expect(said(.patterns([]), .english) == "drive end, vibration z: no fault pattern")
    #expect(
      said(.patterns([]), .french)
        == "côté accouplement, vibration z\u{A0}: aucune signature de défaut"
    )
    #expect(
      said(.notJudged(.atRest), .french)
        == "côté accouplement, vibration z\u{A0}: non jugé, la machine est à l’arrêt"
    )
    #expect(
      said(.patterns([.inner, .looseness]), .english)
        == "drive end, vibration z: inner race of the bearing, looseness"
    )
  }
}
