import ConditionModel
import Testing

@testable import PrognosticAssessment

struct LifePredictorTests {
  private let model = ModelFileTests.model

  private func follow(_ life: LifeRecord, rows: Int) -> LifePredictor {
    var predictor = LifePredictor(model)
    for row in 0..<min(rows, life.rowCount) {
      _ = predictor.observe(
        age: life.ages[row],
        settings: life.settings(at: row),
        sensors: life.sensors(at: row)
      )
    }
    return predictor
  }

  @Test func `the estimate comes down as the machine wears, inside ranges that nest`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 21).first)
    let early = follow(life, rows: 26)
    let late = follow(life, rows: life.rowCount - 3)
    let first = try #require(early.estimate())
    let last = try #require(late.estimate())
    #expect(last.remaining < 15)
    #expect(first.remaining > last.remaining + 15)
    for estimate in [first, last] {
      #expect(estimate.doubts.isEmpty)
      #expect(estimate.range80.contains(estimate.remaining))
      #expect(estimate.range90.lowerBound <= estimate.range80.lowerBound)
      #expect(estimate.range90.upperBound >= estimate.range80.upperBound)
      #expect(estimate.range90.lowerBound >= 0)
      #expect(estimate.range90.upperBound <= model.fleet.horizon)
    }
  }

  @Test func `row by row says the same as a table of the whole life`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 22).first)
    let table = FeatureTable([life], scale: model.regressor.scale, usesAge: true) { _, _ in true }
    for row in stride(from: 0, to: life.rowCount, by: 9) {
      let predictor = follow(life, rows: row + 1)
      #expect(predictor.estimate()?.remaining == model.regressor.predict(table.row(row)))
    }
  }

  @Test func `a row that cannot be used leaves the estimate as it was`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 23).first)
    var predictor = follow(life, rows: 30)
    let before = predictor.estimate()
    let good = life.sensors(at: 30)
    #expect(predictor.observe(age: 31, settings: [50], sensors: good) == .unknownRegime)
    #expect(predictor.observe(age: 31, settings: [.nan], sensors: good) == .unknownRegime)
    #expect(predictor.observe(age: 30, settings: [20], sensors: good) == .ageWentBack)
    #expect(predictor.observe(age: .nan, settings: [20], sensors: good) == .ageWentBack)
    #expect(
      predictor.observe(age: 31, settings: [20], sensors: [50, .nan, 4711, 6])
        == .missingSensor(name: "vibration")
    )
    #expect(predictor.estimate() == before)
  }

  @Test func `a sensor that the model does not use may be missing`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 23).first)
    var predictor = follow(life, rows: 30)
    #expect(predictor.observe(age: 31, settings: [20], sensors: [50, 1.5, .nan, 6]) == nil)
  }

  @Test func `outside its validity the estimate says so`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 24).first)
    #expect(LifePredictor(model).model.card.longestLife > 90)
    let none = LifePredictor(model)
    #expect(none.estimate() == nil)

    let young = follow(life, rows: 5)
    #expect(young.estimate()?.doubts == [.fewRows(seen: 5, needed: 25)])

    var old = follow(life, rows: 26)
    _ = old.observe(age: 500, settings: life.settings(at: 26), sensors: life.sensors(at: 26))
    let longest = Double(model.card.longestLife)
    #expect(
      old.estimate()?.doubts == [
        .rowsMissing(seen: 27, expected: 500), .olderThanFleet(age: 500, longest: longest),
      ]
    )

    var strange = follow(life, rows: 26)
    for hour in 27...46 {
      _ = strange.observe(age: Float(hour), settings: [20], sensors: [900, 1.3, 4711, 5.8])
    }
    #expect(
      strange.estimate()?.doubts.contains(.neverSeen(name: "temperature")) == true
    )
  }
}
