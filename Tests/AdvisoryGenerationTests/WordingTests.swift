import AdvisoryGeneration
import ConditionModel
import Testing

struct WordingTests {
  private let machine = AssetID(index: 0)
  private let temperature = ChannelID(index: 0)
  private let velocity = ChannelID(index: 1)

  private var plant: Plant {
    Plant(
      site: "s",
      gateway: "g",
      assets: [Asset(id: machine, name: "broche-1", kind: .spindle)],
      channels: [
        channel(0, "nez", "temperature", "Cel", .temperature, nil),
        channel(1, "nez", "velocity rms z", "mm/s", .velocityRMS, .z),
        channel(2, "motor supply", "current l1", "A", .current, nil),
        channel(3, "motor supply", "current l2", "A", .current, nil),
      ]
    )
  }

  private func channel(
    _ index: UInt16,
    _ location: String,
    _ point: String,
    _ unit: String,
    _ quantity: Quantity,
    _ axis: Axis?
  ) -> Channel {
    Channel(
      id: ChannelID(index: index),
      asset: machine,
      location: location,
      point: point,
      unit: unit,
      quantity: quantity,
      axis: axis,
      device: 0
    )
  }

  private func advisory(
    _ kinds: [Finding.Kind],
    _ findingClass: FindingClass = .machine,
    since: Timestamp = Timestamp(seconds: 1_798_754_400),
    at timestamp: Timestamp = Timestamp(seconds: 1_798_754_460)
  ) -> Advisory {
    Advisory(
      id: 1,
      asset: machine,
      findingClass: findingClass,
      location: "nez",
      phase: .raised,
      priority: findingClass == .machine ? .medium : .low,
      since: since,
      timestamp: timestamp,
      isAcknowledged: false,
      findings: kinds.map {
        Finding(
          channel: temperature,
          kind: $0,
          state: .alert,
          since: since,
          observed: 61.23,
          extreme: 63
        )
      },
      suspects: [],
      unmoved: []
    )
  }

  private func sentences(_ advisory: Advisory, _ language: Language) -> [String] {
    Wording(language).text(for: advisory, in: plant, clock: .utc).sentences
  }

  @Test func `an alert from last year says so, and the first of a month is the first`() {
    // 31 December 2026 22:00 UTC, told on 1 January 2027.
    let newYear = Timestamp(seconds: 1_798_761_660)
    let old = advisory([.limit(.above, threshold: 55)], at: newYear)
    #expect(
      sentences(old, .french)[0] == "Depuis le jeudi 31\u{A0}décembre 2026, 22\u{A0}h\u{A0}00."
    )
    let first = advisory([.limit(.above, threshold: 55)], since: newYear, at: newYear)
    #expect(
      sentences(first, .french)[0] == "Depuis le vendredi 1er\u{A0}janvier, 0\u{A0}h\u{A0}01."
    )
    #expect(sentences(first, .english)[0] == "Since Friday 1\u{A0}January, 0:01.")
  }

  @Test func `a value that was higher before says so, in the middle and at the end`() {
    var hot = advisory([.limit(.above, threshold: 55)])
    #expect(sentences(hot, .french)[2] == "Au plus haut jusqu’ici\u{A0}: 63\u{A0}°C.")
    hot.phase = .cleared
    let text = Wording(.english).text(for: hot, in: plant, clock: .utc)
    #expect(text.title == "Ended: broche-1, nez: temperature above its alert limit")
    #expect(
      text.sentences == [
        "From Thursday 31\u{A0}December, 22:00 to Thursday 31\u{A0}December, 22:01.",
        "Temperature: at most 63\u{A0}°C meanwhile.",
      ]
    )
    #expect(text.checks.isEmpty)
  }

  @Test func `a value below its limit is called low in both languages`() {
    let low = advisory([.limit(.below, threshold: 70)])
    #expect(
      sentences(low, .french)[1]
        == "Température\u{A0}: 61,2\u{A0}°C\u{A0}; la limite basse d’alerte est 70\u{A0}°C."
    )
    #expect(
      sentences(low, .english)[1]
        == "Temperature: 61.2\u{A0}°C; the lower alert limit is 70\u{A0}°C."
    )
  }

  @Test(arguments: [
    (Finding.Kind.clipped(.above), "étendue de mesure"), (.clipped(.below), "le bas de"),
    (.noReading(.invalidCode), "n’a pas de mesure valable"),
    (.stuck(for: .seconds(7_200)), "pendant 2\u{A0}h"),
    (.stuck(for: .seconds(172_800)), "pendant 2\u{A0}j"),
  ])
  func `a sensor's fault names itself and clears the machine`(kind: Finding.Kind, part: String) {
    let text = Wording(.french).text(for: advisory([kind], .sensor), in: plant, clock: .utc)
    #expect(text.title.contains("défaut de capteur"))
    #expect(text.sentences[1].contains(part))
    #expect(text.sentences.last?.hasPrefix("Cela ne dit rien de la machine") == true)
    #expect(!text.checks.isEmpty)
  }

  @Test(arguments: Fault.allCases)
  func `each reason for silence has its words and checks`(fault: Fault) {
    for language in Language.allCases {
      let wording = Wording(language)
      let text = wording.text(
        for: advisory([.silent(fault), .silent(fault)], .communication),
        in: plant,
        clock: .utc
      )
      #expect(text.title.contains(wording.word(for: fault)))
      #expect(text.sentences[1].hasPrefix("2"))
      #expect(!text.checks.isEmpty && text.checks.allSatisfy { !$0.hasPrefix("check") })
    }
  }

  @Test func `what counts has its plural`() {
    let one = advisory([.silent(.busy)], .communication)
    #expect(sentences(one, .english)[1] == "1 value is missing.")
    #expect(sentences(one, .french)[1] == "1\u{A0}valeur manque.")
    let many = advisory(Array(repeating: .limit(.above, threshold: 55), count: 5))
    #expect(sentences(many, .english).contains("2 more findings at the same place."))
  }

  @Test func `channels are told apart where one word would mean two`() {
    let wording = Wording(.french)
    #expect(wording.label(plant.channels[0], in: plant) == "température")
    #expect(
      wording.label(plant.channels[1], in: plant) == "vitesse vibratoire efficace, axe\u{A0}z"
    )
    #expect(wording.label(plant.channels[2], in: plant) == "courant (current l1)")
    #expect(wording.place("motor supply") == "alimentation du moteur")
    #expect(wording.place("Presse-étoupe") == "Presse-étoupe")
  }

  @Test func `names of standards keep their numbers and change their words`() {
    let zone = Finding.Kind.severityZone(
      .d,
      threshold: 8.5,
      standard: "ISO 10816-7, pumps, category II"
    )
    #expect(
      sentences(advisory([zone]), .french)[1].contains(
        "la zone\u{A0}D de la norme ISO 10816-7, pompes, catégorie II commence à 8,5\u{A0}°C"
      )
    )
  }

  @Test func `without a suspect the advice is to go and look`() {
    let text = Wording(.english).text(
      for: advisory([.limit(.above, threshold: 55)]),
      in: plant,
      clock: .utc
    )
    #expect(
      text.checks == [
        "look, listen and feel at the machine", "ask whether its duty has changed",
      ]
    )
  }
}
