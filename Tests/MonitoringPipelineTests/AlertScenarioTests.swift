import AdvisoryGeneration
import ConditionModel
import MonitoringPipeline
import Testing

/// What a person is told, word for word, in the situations that matter most.
struct AlertScenarioTests {
  /// Wednesday 14 October 2026, 04:00 UTC: 6 o'clock in Paris.
  private let start = Timestamp(seconds: 1_791_950_400)
  private let paris = LocalTimeTable(firstOffset: .seconds(7_200), changes: [])

  private func read(_ advisory: Advisory, _ language: Language) -> AlertText {
    Wording(language).text(for: advisory, in: Workshop.plant, clock: paris)
  }

  @Test func `a slow rise of temperature and its return is one advisory with one life`() throws {
    var watch = try Watch(from: start)
    watch.seconds(120)
    for step in 0..<600 {
      watch.second(PumpValues(temperature: 61 + Double(step) / 17).stirred(step))
    }
    // On its way back the value hovers at the limit: within the deadband nothing happens.
    for step in 0..<600 {
      let hovering = step.isMultiple(of: 40) ? 80.5 : 78.5
      watch.second(PumpValues(temperature: hovering).stirred(step))
    }
    watch.seconds(120)

    #expect(watch.advisories.map(\.phase) == [.raised, .updated, .updated, .cleared])
    #expect(watch.advisories.map(\.priority) == [.medium, .high, .medium, .medium])
    #expect(Set(watch.advisories.map(\.id)) == [1])
  }

  @Test func `what is too hot reads in French and English`() throws {
    var watch = try Watch(from: start)
    watch.seconds(1_200)
    watch.seconds(75, PumpValues(temperature: 92.25))
    let advisory = try #require(watch.advisories.first)

    let french = read(advisory, .french)
    #expect(
      french.title
        == "pompe-3, côté accouplement\u{A0}: température au-dessus de la limite d’alarme"
    )
    #expect(
      french.sentences == [
        "Depuis le mercredi 14\u{A0}octobre, 6\u{A0}h\u{A0}20.",
        "Température\u{A0}: 92,3\u{A0}°C\u{A0}; la limite d’alarme est 90\u{A0}°C.",
        "Dans les limites\u{A0}: vitesse vibratoire efficace, "
          + "accélération haute fréquence efficace, courant (alimentation du moteur).",
        "Cause possible\u{A0}: manque de refroidissement ou de graissage, ou charge plus forte.",
        "La limite vient du fichier du site\u{A0}; la notice du constructeur prime.",
      ]
    )
    #expect(
      french.checks == ["refroidissement", "graissage", "charge et température ambiante"]
    )

    let english = read(advisory, .english)
    #expect(english.title == "pompe-3, drive end: temperature above its alarm limit")
    #expect(
      english.text
        == "Since Wednesday 14\u{A0}October, 6:20. "
        + "Temperature: 92.3\u{A0}°C; the alarm limit is 90\u{A0}°C. "
        + "Within limits: vibration velocity RMS, high-frequency acceleration RMS, "
        + "current (motor supply). "
        + "Possible cause: lack of cooling or lubrication, or more load. "
        + "The limit is set in the site file; the maker's manual comes first. "
        + "To check: cooling, lubrication, load and ambient temperature."
    )
  }

  @Test func `vibration in a zone names the standard, its boundary and both causes`() throws {
    var watch = try Watch(from: start)
    watch.seconds(1_200)
    watch.seconds(75, PumpValues(velocityZ: 3.41, highFrequency: 26))
    let advisory = try #require(
      watch.advisories.last { $0.findingClass == .machine && $0.phase != .cleared }
    )
    #expect(advisory.suspects.map(\.mode) == ["bearing-advanced", "vibration-raised"])

    let french = read(advisory, .french)
    #expect(french.title == "pompe-3, côté accouplement\u{A0}: vibrations en zone\u{A0}C")
    #expect(
      french.sentences == [
        "Depuis le mercredi 14\u{A0}octobre, 6\u{A0}h\u{A0}20.",
        "Vitesse vibratoire efficace, axe\u{A0}z\u{A0}: 3,4\u{A0}mm/s\u{A0}; la zone\u{A0}C de la "
          + "norme ISO 20816-3, groupe 2, rigide commence à 2,8\u{A0}mm/s.",
        "Au plus haut jusqu’ici\u{A0}: 3,41\u{A0}mm/s.",
        "Accélération haute fréquence efficace, axe\u{A0}z\u{A0}: 26\u{A0}m/s²\u{A0}; la limite "
          + "d’alerte est 20\u{A0}m/s².",
        "Dans les limites\u{A0}: température, courant (alimentation du moteur).",
        "Causes possibles\u{A0}: dégradation avancée d’un roulement, balourd, désalignement ou "
          + "desserrage (la valeur globale ne les distingue pas).",
        "Limite de zone à vérifier dans la norme et la notice du constructeur.",
        "La limite vient du fichier du site\u{A0}; la notice du constructeur prime.",
      ]
    )
  }

  @Test func `a device that falls silent is one advisory, however many channels it has`() throws {
    var watch = try Watch(from: start)
    watch.seconds(1_200)
    watch.seconds(60, PumpValues(sensorQuality: .bad(.noAnswer)))
    watch.seconds(5)

    #expect(watch.states.filter { $0.change == .began }.count == 4)
    #expect(watch.advisories.map(\.phase) == [.raised, .cleared])
    #expect(watch.advisories.map(\.priority) == [.low, .low])
    let raised = try #require(watch.advisories.first)
    let english = read(raised, .english)
    #expect(english.title == "pompe-3, drive end: no values, the device does not answer")
    #expect(
      english.sentences == [
        "Since Wednesday 14\u{A0}October, 6:20.", "4 values are missing.",
        "This says nothing about the machine; until it is mended, the machine is watched without "
          + "these values.",
      ]
    )
    #expect(english.checks.first == "supply of the device")
    let ended = read(try #require(watch.advisories.last), .french)
    #expect(
      ended.title
        == "Terminé\u{A0}: pompe-3, côté accouplement\u{A0}: aucune valeur, l’appareil ne répond pas"
    )
    #expect(
      ended.sentences == [
        "Du mercredi 14\u{A0}octobre, 6\u{A0}h\u{A0}20 au mercredi 14\u{A0}octobre, "
          + "6\u{A0}h\u{A0}21."
      ]
    )
  }

  @Test func `a machine of which nothing arrives is not watched, and the alert says so`() throws {
    var watch = try Watch(from: start)
    watch.seconds(120)
    let dead = Quality.bad(.notConnected)
    watch.seconds(60, PumpValues(sensorQuality: dead, meterQuality: dead))
    let open = watch.pipeline.openAdvisories
    #expect(open.map(\.findingClass) == [.communication, .communication])
    #expect(open.map(\.priority) == [.medium, .medium])
    let text = read(try #require(open.first), .english)
    #expect(text.text.contains("at present it is not watched"))
  }

  @Test func `a stuck value is the sensor's fault and reads as such`() throws {
    var watch = try Watch(from: start)
    watch.seconds(60)
    for step in 0..<700 {
      watch.second(PumpValues(velocityX: 1.2 + Double(step % 2) / 100, velocityZ: 0.87))
    }
    let advisory = try #require(watch.advisories.first)
    #expect(advisory.findingClass == .sensor)
    let french = read(advisory, .french)
    #expect(
      french.title
        == "pompe-3, côté accouplement\u{A0}: défaut de capteur, valeur figée "
        + "(vitesse vibratoire efficace)"
    )
    #expect(
      french.sentences[1]
        == "Vitesse vibratoire efficace, axe\u{A0}z\u{A0}: exactement 0,87\u{A0}mm/s pendant "
        + "10\u{A0}min, sans le moindre changement."
    )
    #expect(watch.health.allSatisfy { $0.grade == 1 && $0.state == .normal })
  }
}
