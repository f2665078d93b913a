import ConditionModel
import Foundation
import SignalProcessing
import Testing

@testable import PrognosticAssessment

/// A machine of the synthetic fleet, followed as the running agent would.
private struct Press {
  static let asset = AssetID(index: 0)
  static let names = ["load", "temperature", "vibration", "serial number", "pressure", "hours"]
  static let plant = Plant(
    site: "works",
    gateway: "gw",
    assets: [Asset(id: asset, name: "press", kind: .other)],
    channels: names.enumerated().map { place, name in
      Channel(
        id: ChannelID(index: UInt16(place)),
        asset: asset,
        location: "press",
        point: name,
        unit: "1",
        quantity: .other,
        device: 0
      )
    }
  )
  static let configuration = PrognosisConfiguration(
    plant: plant,
    indicators: [],
    models: [
      LifeModelRule(
        asset: asset,
        model: ModelFileTests.model,
        age: .counter(ChannelID(index: 5), factor: 1, hoursPerAge: 1),
        settings: [ChannelID(index: 0)],
        sensors: ([1, 2, nil, 4] as [UInt16?]).map { $0.map { ChannelID(index: $0) } }
      )
    ]
  )

  var prognosticator = Prognosticator(Self.configuration)
  private(set) var prognosis: Prognosis?
  private var minute: Int64 = 0

  private var now: Timestamp { Timestamp(seconds: minute * 60) }

  /// Lets rows of a life pass, an hour each, polled every ten minutes; `missing` delivers nothing.
  mutating func run(
    _ life: LifeRecord,
    rows: Range<Int>,
    age: Float = 0,
    missing: Int? = nil,
    isUsable: Bool = true
  ) {
    for row in rows {
      for _ in 0..<6 {
        minute += 10
        read(life, row: row, age: life.ages[row] + age, missing: missing)
        prognosticator.observe(Self.asset, at: now, isRunning: true) {
          _ -> Prognosticator.Reading? in nil
        }
        let told = prognosticator.assess(Self.asset, at: now) { _ in isUsable }
        if let told { prognosis = told }
      }
    }
  }

  /// Shows the values of a row to the model, at an age of its own.
  mutating func read(_ life: LifeRecord, row: Int, age: Float, missing: Int? = nil) {
    let values = [life.settings[row]] + life.sensors(at: row) + [age]
    prognosticator.follow(Self.asset, at: now, isRunning: true) { channel in
      Int(channel.index) == missing ? nil : Double(values[Int(channel.index)])
    }
  }

  mutating func mark(_ kind: MaintenanceMark.Kind, hoursAgo: Int64 = 0) {
    let moment = Timestamp(seconds: minute * 60 - hoursAgo * 3_600)
    prognosticator.process(
      MaintenanceMark(asset: Self.asset, timestamp: moment, kind: kind, text: "")
    )
  }

  var life: RemainingLife? {
    if case .remainingLife(let life) = prognosis?.outlook { life } else { nil }
  }
}

struct FollowedLifeTests {
  // The first of more than 90 hours.
  private let life =
    SyntheticFleet.lives(20, seed: 21).first { $0.rowCount > 90 }
    ?? SyntheticFleet.lives(1, seed: 21)[0]

  @Test func `a machine near its end gets the estimate of its model`() throws {
    var press = Press()
    press.run(life, rows: 0..<life.rowCount - 2)
    let told = try #require(press.life)
    #expect(told.basis == .model)
    #expect(told.indicator == nil)
    #expect(press.prognosis?.modelDoubt == nil)
    #expect(told.operatingHours.p10 <= told.operatingHours.p50)
    #expect(told.operatingHours.p50 < 15, "two hours are left")
    #expect(told.due.p50 > press.prognosis?.timestamp ?? Timestamp(nanoseconds: 0))
  }

  @Test func `a young machine, of which too little is seen, has no estimate and a reason`() {
    var press = Press()
    press.run(life, rows: 0..<13)
    #expect(press.life == nil)
    guard case .fewRows(let seen, needed: 25) = press.prognosis?.modelDoubt else {
      Issue.record("\(String(describing: press.prognosis))")
      return
    }
    #expect((6...13).contains(seen))
  }

  @Test func `a machine that was not seen when new is left to its trend`() {
    var press = Press()
    press.run(life, rows: 0..<40, age: 60)
    #expect(press.life == nil)
    #expect(press.prognosis?.modelDoubt == .startMissed(age: 61))
  }

  @Test func `an estimate grows old when a sensor fails, and says which`() {
    var press = Press()
    press.run(life, rows: 0..<45)
    press.run(life, rows: 45..<60, missing: 2)
    #expect(press.prognosis?.modelDoubt == .missingSensor(name: "vibration"))
  }

  @Test func `a counter that stays silent ends the estimate, whose date would move on for ever`() {
    var press = Press()
    press.run(life, rows: 0..<life.rowCount - 10)
    #expect(press.life?.basis == .model)
    press.run(life, rows: 60..<64, missing: 5)
    #expect(press.prognosis?.modelDoubt == nil, "it may come back")
    press.run(life, rows: 64..<80, missing: 5)
    #expect(press.life == nil)
    #expect(press.prognosis?.modelDoubt == .missingSensor(name: "h"))
  }

  @Test func `where no channel of its model delivers, a machine has no estimate`() {
    var press = Press()
    press.run(life, rows: 0..<life.rowCount - 10)
    #expect(press.life?.basis == .model)
    press.run(life, rows: life.rowCount - 10..<life.rowCount - 3, isUsable: false)
    #expect(press.prognosis?.outlook == .noTrend(.noData))
  }

  @Test func `a counter that jumps back stops the estimate until a new part begins a new life`() {
    var press = Press()
    press.run(life, rows: 0..<45)
    press.run(life, rows: 0..<12)
    #expect(press.prognosis?.modelDoubt == .ageWentBack)
    press.mark(.part)
    press.run(life, rows: 0..<40)
    #expect(press.prognosis?.modelDoubt == nil)
  }

  @Test func `after a failure the model is silent until a new part begins a new life`() {
    var press = Press()
    press.run(life, rows: 0..<45)
    press.mark(.failure, hoursAgo: 100)
    press.run(life, rows: 45..<46)
    #expect(press.prognosis?.modelDoubt == nil, "that was a life before this one")
    press.mark(.failure)
    press.run(life, rows: 46..<60)
    #expect(press.prognosis?.modelDoubt == .alreadyFailed)
    press.mark(.part)
    press.run(life, rows: 0..<40)
    #expect(press.prognosis?.modelDoubt == nil)
  }

  @Test func `a core of another configuration takes over the life that a model followed`() throws {
    var straight = Press()
    straight.run(life, rows: 0..<40)
    let known = straight.prognosticator.memory
    var other = straight
    var strange = straight
    // The same machine and model among others, and elsewhere.
    var configuration = Press.configuration
    let spare = Asset(id: AssetID(index: 1), name: "spare", kind: .other)
    configuration.plant.assets.append(spare)
    configuration.indicators = [
      IndicatorRule(channel: ChannelID(index: 1), failure: .limit(.above, 90))
    ]
    other.prognosticator = Prognosticator(configuration)
    other.prognosticator.inherit(known)
    straight.run(life, rows: 40..<life.rowCount - 3)
    other.run(life, rows: 40..<life.rowCount - 3)
    // Asks for an estimate now, not six hours after the one before.
    straight.mark(.sensor)
    other.mark(.sensor)
    straight.run(life, rows: life.rowCount - 3..<life.rowCount - 2)
    other.run(life, rows: life.rowCount - 3..<life.rowCount - 2)
    #expect(straight.life?.basis == .model)
    #expect(other.life?.operatingHours == straight.life?.operatingHours)

    // Another way to tell the age is another life.
    configuration.models[0].age = .runningHours(perAge: 1)
    strange.prognosticator = Prognosticator(configuration)
    strange.prognosticator.inherit(known)
    strange.run(life, rows: 40..<55)
    guard case .fewRows = strange.prognosis?.modelDoubt else {
      Issue.record("\(String(describing: strange.prognosis))")
      return
    }
  }

  @Test(arguments: [0, 40]) func `one reading of a counter far too high changes nothing`(row: Int) {
    var press = Press()
    var straight = Press()
    press.run(life, rows: 0..<row)
    press.read(life, row: row, age: 65_535)
    press.run(life, rows: row..<life.rowCount - 5)
    straight.run(life, rows: 0..<life.rowCount - 5)
    #expect(press.prognosis?.modelDoubt == nil)
    #expect(press.life?.operatingHours.p50 == straight.life?.operatingHours.p50)
  }

  @Test func `a counter that leaps leaves rows out, and says so`() {
    var press = Press()
    press.run(life, rows: 0..<30)
    press.run(life, rows: 30..<43, age: 20)
    guard case .rowsMissing = press.prognosis?.modelDoubt else {
      Issue.record("\(String(describing: press.prognosis))")
      return
    }
  }

  @Test func `saved and restored in the middle it goes on as if nothing had been`() throws {
    var straight = Press()
    straight.run(life, rows: 0..<30)
    var restored = straight
    let bytes = try JSONEncoder().encode(straight.prognosticator.memory)
    restored.prognosticator = Prognosticator(
      Press.configuration,
      memory: try JSONDecoder().decode(Prognosticator.Memory.self, from: bytes)
    )
    #expect(restored.prognosticator.memory == straight.prognosticator.memory)
    straight.run(life, rows: 30..<life.rowCount)
    restored.run(life, rows: 30..<life.rowCount)
    #expect(restored.prognosis == straight.prognosis)
    #expect(bytes.count < 40_000, "it is kept for each machine")
  }

  @Test func `a model travels with the configuration as the bytes of its file`() throws {
    let bytes = try JSONEncoder().encode(Press.configuration)
    let back = try JSONDecoder().decode(PrognosisConfiguration.self, from: bytes)
    #expect(back == Press.configuration)
  }
}

struct RegimeAlignmentTests {
  /// Wear of a height, with noise, in one regime.
  private func spread(wear: Float, noise: Float, seed: UInt64) -> WearSpread {
    var generator = SeededGenerator(seed: seed)
    var spread = WearSpread()
    for _ in 0..<50 {
      spread.begin()
      for row in 0..<200 {
        spread.add(wear * Float(row) / 200 + noise * Float(generator.normal()))
      }
    }
    return spread
  }

  @Test func `wear gets the same width in each regime, and clear regimes count more`() {
    let alignment = RegimeAlignment([
      spread(wear: 4, noise: 1, seed: 1), spread(wear: 2, noise: 1, seed: 2),
    ])
    #expect(abs(alignment.gains[0] * 4 / (alignment.gains[1] * 2) - 1) < 0.1)
    #expect(abs(alignment.trusts[0] / alignment.trusts[1] / 4 - 1) < 0.2)
    #expect(abs(alignment.trusts[0] + alignment.trusts[1] - 2) < 1e-5)
  }

  @Test func `one regime stays as it is`() {
    let alignment = RegimeAlignment([spread(wear: 3, noise: 1, seed: 1)])
    #expect(alignment.gains == [1] && alignment.trusts == [1])
  }

  @Test func `a lane that stands still in a regime says nothing there`() {
    let alignment = RegimeAlignment([
      spread(wear: 3, noise: 1, seed: 1), spread(wear: 0, noise: 0, seed: 2),
    ])
    #expect(alignment.gains[1] == 0 && alignment.trusts[1] == 0)
  }
}
