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
