import SiteConfiguration
import Testing

struct WrongFileTests {
  @Test func `the files that the tests change are in order`() throws {
    #expect(errors(readSite(goodSite)) == [])
    _ = try ProfileFile.parse(goodProfile, file: "vibration.yaml", id: "acme/vibration")
  }

  @Test(arguments: wrongSites)
  func `a wrong site file is refused with place, reason and mend`(wrong: WrongFile) throws {
    let said = errors(readSite(try wrong.applied(to: goodSite)))
    #expect(said == wrong.errors)
  }

  @Test func `a bare number for a share is refused, for nobody knows of what it is the share`() {
    let profile = goodProfile.replacing(
      "unit: °C, quantity: temperature",
      with: "unit: '%', quantity: load"
    )
    let library = ProfileLibrary(texts: ["acme/vibration": profile, "acme/meter": meterProfile])
    let limits = "alert above: 80 °C, alarm above: 90 °C"
    let running = "point: supply/active power, above: 0.5 kW"
    func said(limits text: String, running rule: String) -> [String] {
      let site = goodSite.replacing(limits, with: text).replacing(running, with: rule)
      return errors(readSite(site, profiles: library))
    }
    #expect(
      said(limits: "alert above: 90", running: "point: drive end/temperature, above: 5") == [
        "site.yaml:15:53: 'drive end/temperature' is in '%', but this has no unit; "
          + "write '5 %' if that is meant",
        "site.yaml:17:45: 'drive end/temperature' is in '%', but this has no unit; "
          + "write '90 %' if that is meant",
      ]
    )
    #expect(
      said(limits: "alert above: 90 %", running: "point: drive end/temperature, above: 5 %") == []
    )
  }

  @Test(arguments: wrongProfiles)
  func `a wrong profile is refused with place, reason and mend`(wrong: WrongFile) throws {
    let text = try wrong.applied(to: goodProfile)
    let said = errors(
      Result { () throws(ConfigurationProblems) in
        try ProfileFile.parse(text, file: "vibration.yaml", id: "acme/vibration")
      }
    )
    #expect(said == wrong.errors)
  }
}
