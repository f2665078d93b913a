import Foundation
import SignalProcessing
import Testing

@testable import PrognosticAssessment

struct ModelFileTests {
  static let model: LifeModel = {
    do {
      return try trainBriefly(SyntheticFleet.lives(22, seed: 11)).model
    } catch {
      fatalError("the synthetic fleet makes a model: \(error)")
    }
  }()

  @Test func `a model comes back from its bytes as it was`() throws {
    let bytes = Self.model.encoded()
    let back = try LifeModel(decoding: bytes)
    #expect(back == Self.model)
    #expect(back.encoded() == bytes)
    #expect(bytes.count < 300_000)
  }

  @Test func `a byte that changed is noticed, wherever it is`() {
    let bytes = Self.model.encoded()
    for place in stride(from: 0, to: bytes.count, by: 41) {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: ModelError.self) { try LifeModel(decoding: damaged) }
    }
  }

  @Test func `a file cut short at any length is refused`() {
    let bytes = Self.model.encoded()
    for count in stride(from: 0, to: bytes.count, by: 173) {
      #expect(throws: ModelError.self) { try LifeModel(decoding: Array(bytes[..<count])) }
    }
  }

  @Test func `nonsense with a right checksum is refused or harmless, never a crash`() throws {
    let bytes = Self.model.encoded()
    let life = try #require(SyntheticFleet.lives(1, seed: 1).first)
    for place in stride(from: 14, to: bytes.count - 4, by: 7) {
      var forged = bytes
      forged[place] = 0xFF
      let checksum = Checksum.of(forged[..<(bytes.count - 4)])
      for shift in 0..<4 {
        forged[bytes.count - 4 + shift] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * shift))
      }
      guard let model = try? LifeModel(decoding: forged) else { continue }
      guard model.fleet.settings.count == 1, model.fleet.sensors.count == 4 else { continue }
      var predictor = LifePredictor(model)
      _ = predictor.observe(age: 1, settings: life.settings(at: 0), sensors: life.sensors(at: 0))
      if let estimate = predictor.estimate() {
        #expect(estimate.range80.contains(estimate.remaining))
      }
    }
  }

  @Test func `more operating regimes than there can be are refused before room is made for them`() {
    let known = Self.model.regressor.scale
    let count = OperatingRegimes.limit + 1
    let forged = LifeModel(
      card: Self.model.card,
      fleet: Self.model.fleet,
      regressor: LifeRegressor(
        scale: ConditionScale(
          regimes: OperatingRegimes(
            centres: (0..<count).map { Float(100 * $0) },
            tolerances: known.regimes.tolerances
          ),
          sensors: known.sensors,
          centres: [],
          inverseScales: [],
          indexWeights: [],
          trusts: []
        ),
        usesAge: true,
        horizon: 60,
        bins: Self.model.regressor.bins,
        trees: Self.model.regressor.trees
      ),
      residuals: Self.model.residuals,
      levels: []
    )
    #expect(throws: ModelError.senseless("it has more operating regimes than there can be")) {
      try LifeModel(decoding: forged.encoded())
    }
  }

  @Test func `other files and other formats get a sentence`() {
    #expect(throws: ModelError.notAModel) { try LifeModel(decoding: Array("a,b,c\n".utf8)) }
    var newer = Self.model.encoded()
    newer[8] = 9
    #expect(throws: ModelError.otherVersion(found: 9, known: 3)) {
      try LifeModel(decoding: newer)
    }
    #expect(
      ModelError.otherVersion(found: 9, known: 3).description
        == "the model file has format 9, this program reads formats up to 3; "
        + "train again with this version"
    )
  }

  @Test func `a model is refused on a machine that lacks its sensors`() throws {
    let model = Self.model
    try model.check(settings: ["load"], sensors: model.fleet.sensors)
    #expect(throws: ModelError.otherMachine(missing: ["vibration"])) {
      try model.check(settings: ["load"], sensors: ["temperature", "serial number", "pressure"])
    }
    #expect(throws: ModelError.self) {
      try model.check(settings: ["load"], sensors: model.fleet.sensors.reversed())
    }
  }

  @Test func `a model tells the units of what it reads`() throws {
    var fleet = SyntheticFleet.description
    fleet.settings[0].unit = "%"
    fleet.sensorUnits = ["Cel", "mm/s", "", "bar"]
    let model = try trainBriefly(SyntheticFleet.lives(22, seed: 11), fleet: fleet).model
    let back = try LifeModel(decoding: model.encoded())
    #expect(back == model)
    #expect(back.fleet.settings[0].unit == "%")
    #expect(back.fleet.sensorUnits == ["Cel", "mm/s", "", "bar"])
  }

  @Test(arguments: [("format-1", 29.879951), ("format-2", 25.170382)] as [(String, Float)])
  func `a model file of a former format loads for ever and says what it said`(
    name: String,
    told: Float
  ) throws {
    let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
    let life = try #require(SyntheticFleet.lives(1, seed: 99).first)
    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "\(name).vigielife")))
    var predictor = LifePredictor(try LifeModel(decoding: bytes))
    for row in 0..<40 {
      let skipped = predictor.observe(
        age: life.ages[row],
        settings: life.settings(at: row),
        sensors: life.sensors(at: row)
      )
      #expect(skipped == nil)
    }
    let remaining = try #require(predictor.estimate()).remaining
    #expect(remaining == told)
  }
}
