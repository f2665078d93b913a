import AdvisoryGeneration
import ConditionModel
import Foundation
import Testing

/// What a trained model foresees, where nothing is found on the machine.
struct ForeseenEndTests {
  private static let machine = AssetID(index: 0)
  private static let plant = Plant(
    site: "s",
    gateway: "g",
    assets: [Asset(id: machine, name: "press", kind: .other)],
    channels: [
      Channel(
        id: ChannelID(index: 0),
        asset: machine,
        location: "drive",
        point: "vibration",
        unit: "mm/s",
        quantity: .velocityRMS,
        device: 0
      )
    ]
  )
  /// A desk, its clock in hours, and what it said.
  private struct Desk {
    var desk = AdvisoryDesk(plant, isWatched: [true])
    var said: [Advisory] = []
    var hour = 0.0

    var now: Timestamp { Timestamp(seconds: 1_000_000) + Duration(inSeconds: hour * 3_600) }

    /// Lets hours pass, then takes an estimate in days from now.
    mutating func tell(
      _ days: (Double, Double, Double),
      after hours: Double = 6,
      basis: RemainingLife.Basis = .model,
      swinging: Bool = false
    ) {
      hour += hours
      let now = now
      func due(_ days: Double) -> Timestamp { now + Duration(inSeconds: days * 86_400) }
      let life = RemainingLife(
        indicator: nil,
        since: nil,
        operatingHours: .init(p10: days.0 * 24, p50: days.1 * 24, p90: days.2 * 24),
        due: .init(p10: due(days.0), p50: due(days.1), p90: due(days.2)),
        basis: basis,
        isSwinging: swinging,
        model: ModelEvidence(
          name: "presses A",
          failureCount: 22,
          errorHours: 30,
          coverage: 0.823,
          age: 187,
          ageUnit: "h",
          moved: [ChannelID(index: 0)]
        )
      )
      take(.remainingLife(life))
    }

    /// The model is set aside, or sees no end at all.
    mutating func tellNothing(after hours: Double = 6, doubt: ModelDoubt? = .unknownRegime) {
      hour += hours
      take(.noTrend(.steady), doubt: doubt)
    }

    private mutating func take(_ outlook: Prognosis.Outlook, doubt: ModelDoubt? = nil) {
      let prognosis = Prognosis(asset: machine, timestamp: now, outlook: outlook, modelDoubt: doubt)
      desk.process(prognosis, into: &said)
    }

    mutating func find(_ count: Int) {
      let finding = Finding(
        channel: ChannelID(index: 0),
        kind: .limit(.above, threshold: 1),
        state: .alert,
        since: now,
        observed: 2,
        extreme: 2
      )
      let report = HealthReport(
        asset: machine,
        timestamp: now,
        state: .normal,
        grade: 1,
        isRunning: true,
        coverage: 1,
        findings: Array(repeating: finding, count: count),
        suspects: []
      )
      desk.process(report, isQuiet: { _ in true }, into: &said)
    }

    mutating func mark(_ kind: MaintenanceMark.Kind, hoursAgo: Double = 0) {
      let moment = now.shifted(by: .init(inSeconds: -hoursAgo * 3_600))
      let mark = MaintenanceMark(asset: machine, timestamp: moment, kind: kind, text: "")
      desk.process(mark, at: now, into: &said)
    }
  }

  /// One whose end was foreseen and told.
  private var told: Desk {
    var desk = Desk()
    desk.tell((5, 8, 12))
    desk.tell((5, 8, 12))
    return desk
  }

  @Test func `an end within two weeks is told once it has been foreseen for six hours`() throws {
    var desk = Desk()
    desk.tell((20, 30, 40))
    desk.tell((2, 8, 12))
    #expect(desk.said.isEmpty)
    desk.tell((2, 8, 12), after: 1)
    #expect(desk.said.isEmpty)
    desk.tell((2.1, 8, 12), after: 5)
    let advisory = try #require(desk.said.first)
    #expect(advisory.isForeseen && advisory.findingClass == .machine)
    #expect(advisory.phase == .raised && advisory.priority == .medium)
    #expect(advisory.since == desk.now - .seconds(6 * 3_600))
    #expect(advisory.life?.basis == .model)
    #expect(desk.desk.open == [advisory])
    for _ in 0..<8 { desk.tell((2.1, 8, 12)) }
    #expect(desk.said.count == 1, "nothing is said twice")
  }

  @Test(arguments: [RemainingLife.Basis.trend, .usual])
  func `what no model foresees is no advisory of its own`(basis: RemainingLife.Basis) {
    var desk = Desk()
    for _ in 0..<10 { desk.tell((1, 2, 3), basis: basis) }
    #expect(desk.said.isEmpty)
  }

  @Test func `estimates that swing raise nothing, change nothing and end nothing`() {
    var desk = Desk()
    for day in 0..<10 { desk.tell((1, 2, 3), swinging: day % 2 == 0) }
    #expect(desk.said.isEmpty, "it was never sure for six hours")
    desk = told
    for _ in 0..<10 {
      desk.tell((1, 2, 3), swinging: true)
      desk.tell((30, 40, 50), swinging: true)
    }
    #expect(desk.said.count == 1)
    // Whoever looks then is told that it is uncertain.
    desk.desk.acknowledge(1, at: desk.now, into: &desk.said)
    #expect(desk.said.last?.life?.isSwinging == true)
  }

  @Test func `an end that comes closer is told again, to be seen anew`() {
    var desk = told
    desk.desk.acknowledge(1, at: desk.now, into: &desk.said)
    desk.tell((1.5, 4, 8))
    #expect(desk.said.map(\.priority) == [.medium, .medium, .high])
    #expect(desk.said.map(\.isAcknowledged) == [false, true, false])
    #expect(desk.said.map(\.id) == [1, 1, 1])
    desk.tell((3, 5, 8))
    #expect(desk.said.count == 3, "a date that moves does not make it less urgent")
  }

  @Test func `it ends when the end is seen far off for a day, not when it hovers`() {
    var desk = told
    for _ in 0..<10 {
      desk.tell((18, 20, 30))
      desk.tell((30, 40, 50))
      desk.tell((13, 19, 30))
    }
    #expect(!desk.said.contains { $0.phase == .cleared })
    let count = desk.said.count
    for _ in 0..<4 { desk.tell((30, 40, 50)) }
    #expect(desk.said.count == count)
    desk.tell((30, 40, 50))
    #expect(desk.said.last?.phase == .cleared && desk.said.count == count + 1)
    #expect(desk.said.last?.life?.due.p10 == desk.now + .seconds(30 * 86_400))
    // Foreseen again within three days, it is the same matter.
    desk.tell((5, 8, 12))
    desk.tell((5, 8, 12))
    #expect(desk.said.last?.phase == .updated && desk.said.last?.id == 1)
  }

  @Test func `an end beyond all that the model can see is far off too`() {
    var desk = told
    for _ in 0..<5 { desk.tellNothing(doubt: nil) }
    #expect(desk.said.map(\.phase) == [.raised, .cleared])
  }

  @Test(arguments: [MaintenanceMark.Kind.failure, .part])
  func `a failure or a new part ends it, and the same estimate begins nothing`(
    kind: MaintenanceMark.Kind
  ) {
    var desk = told
    for other in [MaintenanceMark.Kind.greasing, .note, .sensor, .setting] { desk.mark(other) }
    #expect(desk.said.count == 1)
    desk.mark(kind)
    #expect(desk.said.map(\.phase) == [.raised, .cleared])
    #expect(desk.said.last?.life == nil)
    for _ in 0..<10 { desk.tell((1, 2, 3)) }
    #expect(desk.said.count == 2)
    desk.tellNothing()
    desk.tell((5, 8, 12))
    desk.tell((5, 8, 12))
    #expect(desk.said.last?.phase == .raised && desk.said.last?.id == 2, "another end")
  }

  @Test func `a failure of long ago, told late, ends nothing`() {
    var desk = told
    desk.mark(.failure, hoursAgo: 500)
    #expect(desk.said.count == 1)
  }

  @Test func `where an alert stands already, the end is told there and nowhere else`() {
    var desk = Desk()
    desk.find(1)
    for _ in 0..<5 { desk.tell((1, 2, 3)) }
    #expect(desk.said.map(\.phase) == [.raised, .updated])
    #expect(desk.said.allSatisfy { !$0.isForeseen })
    // It goes on after the limit is kept again.
    desk.find(0)
    desk.tell((1, 2, 3))
    #expect(desk.said.last?.isForeseen == true && desk.said.last?.phase == .raised)
  }

  @Test func `what is found beside it is as urgent as what is found`() {
    var desk = told
    desk.tell((1, 2, 3))
    desk.find(1)
    #expect(desk.said.last?.findings.count == 1)
    #expect(desk.said.last?.priority == .medium)
    #expect(desk.said.last?.life != nil, "its reader may know")
    let count = desk.said.count
    desk.tell((0.1, 0.2, 0.3))
    #expect(desk.said.dropFirst(count).map(\.isForeseen) == [true], "told once")
    desk.find(0)
    #expect(desk.desk.open.map(\.isForeseen) == [true])
  }

  @Test func `on the shelf it is quiet, and beside a shelved alert that told it too`() {
    var desk = told
    desk.desk.shelve(1, until: desk.now + .seconds(86_400), at: desk.now, into: &desk.said)
    desk.tell((1, 2, 3))
    #expect(desk.said.count == 2)
    desk.desk.advance(to: desk.now + .seconds(86_400), into: &desk.said)
    #expect(desk.said.count == 3 && desk.said[2].life?.due.p10 == desk.now + .seconds(86_400))

    desk = Desk()
    desk.find(1)
    desk.tell((5, 8, 12))
    desk.desk.shelve(1, until: desk.now + .seconds(30 * 86_400), at: desk.now, into: &desk.said)
    for _ in 0..<5 { desk.tell((5, 8, 12)) }
    #expect(desk.said.count == 3)
    desk.tell((1, 2, 3))
    #expect(desk.said.last?.isForeseen == true, "nobody knew that it is so urgent")
  }

  @Test func `a model that is set aside takes nothing back until all that it said is outlived`() {
    var desk = told
    for _ in 0..<46 { desk.tellNothing() }
    #expect(desk.said.count == 1)
    desk.tell((0.1, 1, 2), basis: .trend)
    #expect(desk.said.count == 1, "a trend is not what the model foresaw")
    desk.tellNothing(after: 24)
    #expect(desk.said.map(\.phase) == [.raised, .cleared])
  }

  @Test func `saved and restored at any step it says the same`() throws {
    func step(_ desk: inout Desk, _ number: Int) {
      switch number {
      case 0..<4: desk.tell((5, 8, 12))
      case 4: desk.desk.shift(by: .seconds(-7_200))
      case 5..<8: desk.tell((1, 2, 3))
      case 8..<13: desk.tell((30, 40, 50))
      case 13..<15: desk.tell((1, 2, 3))
      case 15: desk.mark(.part)
      default: desk.tellNothing()
      }
    }
    var straight = Desk()
    var restored = Desk()
    for number in 0..<17 {
      step(&straight, number)
      step(&restored, number)
      let bytes = try JSONEncoder().encode(restored.desk.memory)
      let memory = try JSONDecoder().decode(AdvisoryDesk.Memory.self, from: bytes)
      #expect(memory.fits(Self.plant))
      restored.desk = AdvisoryDesk(Self.plant, isWatched: [true], memory: memory)
    }
    #expect(restored.said == straight.said)
    #expect(straight.said.map(\.phase) == [.raised, .updated, .cleared, .updated, .cleared])
  }

  @Test func `it reads in both languages what to do, by which model, and what that saw`() throws {
    var plant = Self.plant
    plant.maintenanceWindows = [MaintenanceWindow(weekday: 5, hour: 6)]
    let raised = try #require(told.said.first)
    func read(_ advisory: Advisory, _ language: Language) -> AlertText {
      Wording(language).text(for: advisory, in: plant, clock: .utc)
    }
    let english = read(raised, .english)
    #expect(english.title == "press: failure foreseen by its model")
    #expect(
      english.sentences == [
        "Since Monday 12\u{A0}January, 19:46.",
        "Plan within a week (P10 5\u{A0}d, P50 8\u{A0}d).",
        "It hardly lasts longer than 12\u{A0}d (P90).",
        "Estimated by the model “presses A”, learned from 22 machines that ran to failure; on "
          + "machines hidden from it, it was off by 30\u{A0}h of running, and 82% of the failures "
          + "fell between its P10 and P90.",
        "The model followed it up to the age of 187\u{A0}h.",
        "Moved most since it was new: vibration velocity RMS (drive).",
        "Next suitable stop: Saturday 17\u{A0}January, 6:00.",
      ]
    )
    let french = read(raised, .french)
    #expect(french.title == "press\u{A0}: défaillance prévue par son modèle")
    #expect(
      french.sentences == [
        "Depuis le lundi 12\u{A0}janvier, 19\u{A0}h\u{A0}46.",
        "À planifier sous une semaine (P10 5\u{A0}j, P50 8\u{A0}j).",
        "Elle ne durera guère plus de 12\u{A0}j (P90).",
        "Estimation du modèle «\u{A0}presses A\u{A0}», appris sur 22 machines suivies jusqu’à leur "
          + "défaillance\u{A0}; sur des machines qu’il n’avait pas vues, il s’est trompé de "
          + "30\u{A0}h de marche, et 82\u{A0}% des défaillances sont tombées entre ses P10 et P90.",
        "Le modèle l’a suivie jusqu’à l’âge de 187\u{A0}h.",
        "A bougé le plus depuis l’état neuf\u{A0}: vitesse vibratoire efficace (drive).",
        "Prochain arrêt possible\u{A0}: samedi 17\u{A0}janvier, 6\u{A0}h\u{A0}00.",
      ]
    )
    #expect(french.checks.first == "les pièces d’usure")

    var over = raised
    over.phase = .cleared
    over.life?.due.p10 = over.timestamp + .seconds(30 * 86_400)
    #expect(read(over, .english).title == "Ended: press: failure foreseen by its model")
    #expect(
      read(over, .english).sentences.last == "Its model now gives it at least 30\u{A0}d (P10)."
    )
    over.life = nil
    #expect(read(over, .english).sentences.count == 1)
    var withdrawn = raised
    withdrawn.life = nil
    #expect(read(withdrawn, .french).sentences.last?.hasPrefix("Son modèle ne dit rien") == true)
    var open = raised
    open.life?.isOpenEnded = true
    #expect(
      read(open, .english).sentences[2]
        == "It may also last longer than 12\u{A0}d, as far as the model can tell."
    )
  }
}
