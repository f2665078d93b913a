import ConditionModel
import Foundation
import MonitoringPipeline
import SiteConfiguration
import Testing

@testable import PrognosticAssessment

/// A model of an earlier version: age in hours, a setting `load`, and of four sensors three that count.
private let model = repository.appending(
  path: "Tests/PrognosticAssessmentTests/Fixtures/format-1.vigielife"
).path

private let lifeSite = """
  site: works
  gateway: gw
  machines:
    press:
      kind: machine
      recording: press.csv
      points:
        drive/temperature: { unit: °C }
        drive/vibration: { unit: mm/s, quantity: velocity rms }
        oil pressure: { unit: bar }
        load: { unit: "%" }
        hours: { unit: h }
        parts: { quantity: count }
      remaining life:
        model: \(model)
        sensors: { temperature: drive/temperature, vibration: drive/vibration, pressure: oil pressure }
        settings: { load: load }
  """

struct RemainingLifeTests {
  @Test func `a model is read with the points that it looks at`() throws {
    let rule = try #require(try readSite(lifeSite).get().pipeline.lifeModels.first)
    #expect(rule.asset == AssetID(index: 0))
    #expect(rule.age == .runningHours(perAge: 1))
    #expect(rule.settings == [ChannelID(index: 3)])
    #expect(
      rule.sensors == [ChannelID(index: 0), ChannelID(index: 1), nil, ChannelID(index: 2)]
    )
    #expect(rule.model.usedSensors == ["temperature", "vibration", "pressure"])
  }

  @Test func `age may be counted by a point, in any unit of time`() throws {
    let site = lifeSite + "\n      age: hours"
    let rule = try #require(try readSite(site).get().pipeline.lifeModels.first)
    #expect(rule.age == .counter(ChannelID(index: 4), factor: 1, hoursPerAge: 1))
  }

  @Test(arguments: [
    WrongFile(
      "settings: { load: load }",
      "age: parts",
      "the model needs 'load', which nothing is named for; "
        + "name the points that show it, or take a model of the same kind of machine",
      "'parts' is in 1, the model counts age in h; "
        + "name a point that counts time"
    ),
    WrongFile(
      "temperature: drive/temperature,",
      "temprature: drive/temperature,",
      "the model needs 'temperature', which nothing is named for; "
        + "name the points that show it, or take a model of the same kind of machine",
      "the model has no 'temprature'; did you mean 'temperature'?"
    ),
    WrongFile(
      "vibration: drive/vibration,",
      "vibration: drive/vibrations,",
      "'press' has no point 'drive/vibrations' that is read; "
        + "did you mean 'drive/vibration'?"
    ),
    WrongFile(
      "model: \(model)",
      "model: nothing.vigielife",
      "the model nothing.vigielife: there is no such file; "
        + "check the path and its capitals"
    ),
    WrongFile(
      "model: \(model)",
      "model: \(repository.path)/README.md",
      "the model \(repository.path)/README.md: "
        + "this is no Vigie model file; `vigie train` writes one"
    ),
  ])
  func `what does not fit is told with its place`(wrong: WrongFile) throws {
    let found = errors(readSite(try wrong.applied(to: lifeSite)))
    #expect(found.allSatisfy { $0.hasPrefix("site.yaml:1") })
    // Behind the place.
    let said = found.map { String($0.drop { $0 != " " }.dropFirst()) }
    #expect(said == wrong.errors)
  }

  @Test func `a damaged model and one of another version are refused`() throws {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: model)))
    bytes[100] ^= 1
    #expect(try problem(of: bytes).contains("is damaged: its checksum does not match"))
    bytes[8] = 9
    #expect(try problem(of: bytes).contains("has format 9, this program reads formats up to 3"))
  }

  @Test func `a point in another unit than the model's is refused, an unknown unit is not`() throws
  {
    let old = try LifeModel(
      decoding: [UInt8](try Data(contentsOf: URL(fileURLWithPath: model)))
    )
    func problem(_ units: [String]) throws -> String {
      try self.problem(of: old.withUnits(units).encoded())
    }
    #expect(try problem(["Cel", "mm/s", "", "bar"]).isEmpty)
    #expect(try problem(["[degR]", "", "", ""]).isEmpty)
    #expect(
      try problem(["[degF]", "mm/s", "", "V"]).contains(
        "'drive/temperature' is in °C, the model learned 'temperature' in °F; "
          + "name a point in °F, or scale it to that in its profile"
      )
    )
    #expect(try problem(["[degF]", "mm/s", "", "V"]).contains("the model learned 'pressure' in V"))
  }

  private func problem(of bytes: [UInt8]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let site = try WrongFile(model, file.path).applied(to: lifeSite)
    return errors(readSite(site)).joined()
  }

  @Test func `a site with a model has another fingerprint, one without has the old one`() throws {
    let plain = lifeSite.split(separator: "\n").prefix(13).joined(separator: "\n")
    let without = try readSite(plain).get().pipeline
    let with = try readSite(lifeSite).get().pipeline
    #expect(without.lifeModels.isEmpty)
    #expect(with.fingerprint != without.fingerprint)
    var stripped = with
    stripped.lifeModels = []
    #expect(stripped.fingerprint == without.fingerprint)
  }
}

extension LifeModel {
  /// The same, learned from sensors in these units.
  fileprivate func withUnits(_ units: [String]) -> LifeModel {
    var fleet = fleet
    fleet.sensorUnits = units
    return LifeModel(
      card: card,
      fleet: fleet,
      regressor: regressor,
      residuals: residuals,
      levels: levels
    )
  }
}
