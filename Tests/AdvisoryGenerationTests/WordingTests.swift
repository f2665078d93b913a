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

  @Test func `a story names the place of what it tells first, wherever it began`() {
    var story = advisory([.limit(.above, threshold: 55)])
    story.findings[0].channel = ChannelID(index: 2)
    let text = Wording(.english).text(for: story, in: plant, clock: .utc)
    #expect(text.title == "broche-1, motor supply: current above its alert limit")
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

  /// P10 in nine days, P50 in 24, told on Thursday 31 December 2026 at 22:01.
  private func life(swinging: Bool = false, days: (Int, Int, Int) = (9, 24, 41)) -> RemainingLife {
    let now = Timestamp(seconds: 1_798_754_460)
    return RemainingLife(
      indicator: RemainingLife.Indicator(
        channel: temperature,
        side: .above,
        measure: .limit,
        level: 61,
        limit: 70
      ),
      since: now,
      operatingHours: RemainingLife.Quantiles(p10: 216, p50: 576, p90: 984),
      due: RemainingLife.Quantiles(
        p10: now + .seconds(days.0 * 86_400),
        p50: now + .seconds(days.1 * 86_400),
        p90: now + .seconds(days.2 * 86_400)
      ),
      basis: .trend,
      isSwinging: swinging
    )
  }

  @Test func `an alert says when a model told, and why it did not`() {
    var hot = advisory([.limit(.above, threshold: 55)])
    hot.life = life()
    hot.life?.basis = .model
    #expect(
      sentences(hot, .english).contains(
        "Estimated by the model of machines of its kind that ran to failure."
      )
    )
    hot.life = life()
    hot.life?.modelDoubt = .olderThanFleet(age: 400, longest: 362)
    #expect(
      sentences(hot, .english).contains(
        "The model for this machine does not hold here "
          + "(its age of 400 passes the longest life learned from, 362)."
      )
    )
    #expect(
      sentences(hot, .french).contains(
        "Le modèle de cette machine ne s’applique pas ici "
          + "(son âge de 400 dépasse la plus longue vie du modèle, 362)."
      )
    )
  }

  @Test func `remaining life becomes advice by when to act`() {
    var hot = advisory([.limit(.above, threshold: 55)])
    hot.life = life()
    #expect(
      sentences(hot, .english).contains("Plan within 2 weeks (P10 9\u{A0}d, P50 24\u{A0}d).")
    )
    #expect(
      sentences(hot, .french).contains(
        "À planifier sous 2\u{A0}semaines (P10 9\u{A0}j, P50 24\u{A0}j)."
      )
    )
    hot.life = life(days: (1, 3, 5))
    #expect(sentences(hot, .english).contains { $0.hasPrefix("Act now") })
    hot.life = life(days: (-1, 0, 5))
    #expect(
      sentences(hot, .english).contains(
        "Act now: it may fail within two days (P10 60\u{A0}min, P50 60\u{A0}min)."
      )
    )
    hot.life = life(days: (200, 300, 400))
    #expect(sentences(hot, .english).contains { $0.hasPrefix("No hurry") })
    hot.life = life(swinging: true)
    #expect(
      sentences(hot, .english).contains { $0.hasPrefix("How long it will last is uncertain") }
    )
    #expect(!sentences(hot, .english).contains { $0.hasPrefix("Plan") })
  }

  @Test func `what only usual faults tell asks nobody to act and names no stop`() {
    var hot = advisory([.limit(.above, threshold: 55)])
    hot.life = life(days: (1, 3, 15))
    hot.life?.basis = .usual
    var plant = plant
    plant.maintenanceWindows = [MaintenanceWindow(weekday: 3, hour: 22)]
    let told = Wording(.english).text(for: hot, in: plant, clock: .utc).sentences
    #expect(
      told.contains(
        "How long it will last is open: there is no clear trend towards a limit. From the usual "
          + "length of such faults, a stop comes in 24\u{A0}h to 15\u{A0}d, one of two within 3\u{A0}d."
      ),
      "\(told)"
    )
    #expect(
      !told.contains { $0.contains("Act now") || $0.contains("Plan") || $0.contains("stop:") }
    )
    #expect(
      sentences(hot, .french).contains {
        $0.hasPrefix("Durée restante ouverte\u{A0}: pas de tendance nette vers une limite.")
      }
    )
  }

  @Test func `how earlier estimates did is told beside the next one`() {
    var hot = advisory([.limit(.above, threshold: 55)])
    var told = life()
    var tally = EstimateTally()
    (tally.within, tally.tooLong) = (2, 1)
    told.earlier = tally
    hot.life = told
    #expect(
      sentences(hot, .english).contains(
        "3 earlier estimates on this machine: 2 within their range."
      )
    )
    #expect(
      sentences(hot, .french).contains(
        "3 estimations passées sur cette machine\u{A0}: 2 dans leur fourchette."
      )
    )
  }

  @Test func `the next suitable stop is named, and one that may come too late is called that`() {
    var hot = advisory([.limit(.above, threshold: 55)])
    hot.life = life()
    var plant = plant
    plant.maintenanceWindows = [
      MaintenanceWindow(weekday: 3, hour: 22), MaintenanceWindow(weekday: 5, hour: 6),
    ]
    // Thursday 22:00 is just over, so Saturday comes first.
    let told = Wording(.english).text(for: hot, in: plant, clock: .utc).sentences
    #expect(told.contains("Next suitable stop: Saturday 2\u{A0}January 2027, 6:00."), "\(told)")
    hot.life = life(days: (1, 3, 5))
    let late = Wording(.english).text(for: hot, in: plant, clock: .utc).sentences
    #expect(late.contains { $0.hasPrefix("The next planned stop, Saturday") }, "\(late)")
  }

  /// Three in the mean of eight hours are the fewest that are told.
  @Test func `few spikes are told by the shift, never as none an hour`() {
    let few = advisory([.spiking(perHour: 0.39)])
    #expect(sentences(few, .french)[1].contains("environ 3 lectures en huit heures"))
    #expect(sentences(few, .english)[1].contains("about 3 readings in eight hours"))
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
