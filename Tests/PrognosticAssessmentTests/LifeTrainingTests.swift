import Testing

@testable import PrognosticAssessment

/// A short training, the same for all tests that need a model.
func trainBriefly(
  _ lives: [LifeRecord],
  fleet: FleetDescription = SyntheticFleet.description,
  usesAge: Bool = true,
  seed: UInt64 = 1
) throws(TrainingRefusal) -> (model: LifeModel, validation: CrossValidation) {
  var training = LifeTraining(usesAge: usesAge, seed: seed)
  training.boosting.treeCount = 25
  training.boosting.rate = 0.2
  training.boosting.leastLeafWeight = 10
  return try training.run(lives, fleet: fleet, subset: "test")
}

struct LifeTrainingTests {
  @Test(arguments: [true, false])
  func `hidden machines are predicted far better than by a constant`(usesAge: Bool) throws {
    let (model, validation) = try trainBriefly(
      SyntheticFleet.lives(25, seed: 3),
      usesAge: usesAge
    )
    #expect(validation.error < 0.5 * validation.constantError)
    #expect(model.usesAge == usesAge)
    #expect(model.card.failureCount == 25)
    #expect(Set(validation.outcomes.map(\.unit)).count == 25, "each machine is hidden once")
  }

  @Test func `intervals cover about what they promise, on hidden machines`() throws {
    let (_, validation) = try trainBriefly(SyntheticFleet.lives(30, seed: 5))
    for coverage in validation.coverage {
      #expect(coverage.covered > coverage.share - 0.12)
      #expect(coverage.width < 0.6 * SyntheticFleet.description.horizon)
    }
  }

  @Test func `the same lives and seed give the same bytes, another seed other bytes`() throws {
    let lives = SyntheticFleet.lives(22, seed: 7)
    let first = try trainBriefly(lives).model.encoded()
    #expect(try trainBriefly(lives).model.encoded() == first)
    #expect(try trainBriefly(lives, seed: 2).model.encoded() != first)
  }

  @Test func `too few failures are refused, with how many are missing`() throws {
    let lives =
      SyntheticFleet.lives(8, seed: 1)
      + SyntheticFleet.lives(40, seed: 2, ending: .stillRunning)
    let refusal = #expect(throws: TrainingRefusal.self) { try trainBriefly(lives) }
    #expect(refusal == .tooFewFailures(found: 8, needed: 20))
    #expect(
      refusal?.description
        == "only 8 machines ran to failure and 20 are needed, 12 more; "
        + "until then follow each indicator towards its limit, which needs no history"
    )
  }

  @Test func `an unfinished life teaches only what is certain`() throws {
    let life = try #require(SyntheticFleet.lives(1, seed: 9, ending: .stillRunning).first)
    let horizon: Float = 20
    for row in 0..<life.rowCount {
      let isCertain = life.remaining(at: row) >= horizon
      #expect(life.label(at: row, horizon: horizon) == (isCertain ? horizon : nil))
    }
  }

  @Test func `unfinished lives are used beside failures, and counted`() throws {
    let lives =
      SyntheticFleet.lives(22, seed: 1)
      + SyntheticFleet.lives(5, seed: 2, ending: .stillRunning)
    let (model, validation) = try trainBriefly(lives)
    #expect(model.card.failureCount == 22)
    #expect(model.card.runningCount == 5)
    #expect(validation.error < 0.5 * validation.constantError)
  }

  @Test func `sensors that show no wear are refused`() {
    #expect(throws: TrainingRefusal.noTellingSensor) {
      try trainBriefly(SyntheticFleet.lives(25, seed: 4, wear: 0), usesAge: false)
    }
  }

  @Test func `settings that vary freely are refused`() {
    var lives: [LifeRecord] = []
    for life in SyntheticFleet.lives(20, seed: 4) {
      var changed = LifeRecord(unit: life.unit, ending: .failed, settingCount: 1, sensorCount: 4)
      for row in 0..<life.rowCount {
        changed.append(
          age: life.ages[row],
          settings: [Float(row * 20)],
          sensors: Array(life.sensors(at: row))
        )
      }
      lives.append(changed)
    }
    #expect(throws: TrainingRefusal.tooManyRegimes(limit: 32)) { try trainBriefly(lives) }
  }

  @Test func `a life with other columns is refused by its unit`() {
    var odd = LifeRecord(unit: 77, ending: .failed, settingCount: 1, sensorCount: 3)
    odd.append(age: 1, settings: [20], sensors: [1, 2, 3])
    let lives = SyntheticFleet.lives(20, seed: 4) + [odd]
    #expect(throws: TrainingRefusal.otherColumns(unit: 77)) { try trainBriefly(lives) }
  }

  @Test func `rows with missing values or unknown settings do not stop training`() throws {
    var lives = SyntheticFleet.lives(22, seed: 6)
    var broken = LifeRecord(unit: 23, ending: .failed, settingCount: 1, sensorCount: 4)
    for hour in 1...70 {
      broken.append(
        age: Float(hour),
        settings: [hour % 3 == 0 ? .nan : hour % 3 == 1 ? .infinity : 20],
        sensors: [.nan, 1, 4711, 6]
      )
    }
    lives.append(broken)
    let (model, _) = try trainBriefly(lives)
    #expect(model.card.failureCount == 22, "it taught nothing")
    #expect(model.card.rowCount == lives.dropLast().reduce(0) { $0 + $1.rowCount })
    #expect(model.regimeCount == 2, "a missing setting is no way to operate")
    #expect(try LifeModel(decoding: model.encoded()) == model)
  }

  @Test func `failures without a telling sensor do not count, and it is named`() {
    let lives = SyntheticFleet.lives(100, seed: 6).map { life in
      life.unit <= 15 ? life : SyntheticFleet.changed(life) { $0[1] = .nan }
    }
    let refusal = #expect(throws: TrainingRefusal.self) { try trainBriefly(lives) }
    #expect(refusal == .tooFewReadable(found: 15, needed: 20, lacking: ["vibration"]))
    #expect(
      refusal?.description
        == "only 15 machines that ran to failure have rows in which all that tells wear gives a "
        + "number, and 20 are needed; some lack vibration: leave that out, or mend it"
    )
  }

  @Test func `lives too short to hide their end cannot be judged, which is said`() {
    let lives = SyntheticFleet.lives(25, seed: 3).map { life in
      SyntheticFleet.changed(life, every: 6)
    }
    #expect(lives.allSatisfy { $0.rowCount < 20 })
    #expect(throws: TrainingRefusal.nothingToJudge(leastRows: 20)) { try trainBriefly(lives) }
  }

  @Test func `a constant sensor is left out, and two loads are two regimes`() throws {
    let (model, _) = try trainBriefly(SyntheticFleet.lives(22, seed: 8))
    #expect(model.regressor.scale.sensors == [0, 1, 3])
    #expect(model.regressor.scale.regimes.count == 2)
  }
}
