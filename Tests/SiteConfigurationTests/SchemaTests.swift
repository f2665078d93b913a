import Foundation
import SiteConfiguration
import Testing

struct SchemaTests {
  @Test(arguments: PublishedSchema.allCases)
  func `the published schema is what the parser reads by`(schema: PublishedSchema) throws {
    let path = "deploy/schema/\(schema.fileName)"
    if ProcessInfo.processInfo.environment["VIGIE_UPDATE_GOLDEN"] == "1" {
      let file = repository.appending(path: path)
      try schema.rendered().write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try repositoryText(path) == schema.rendered())
  }

  @Test func `the schemas accept all examples and profiles`() throws {
    let folder = repository.appending(path: "firmware-configs")
    let profiles = try ProfileLibrary(directories: [folder.path]).ids
      .map { try repositoryText("firmware-configs/\($0).yaml") }
    let sites = try ["site.yaml", "atelier.yaml"].map {
      try repositoryText("deploy/examples/\($0)")
    }
    #expect(try accepted(by: .profile, profiles) == profiles.map { _ in true })
    #expect(try accepted(by: .site, sites) == sites.map { _ in true })
    let recorded = """
      site: workshop
      gateway: gw-01
      buses: {}
      machines:
        pump-1:
          kind: variable-speed pump
          recording: pump-1.csv
          every: 10 s
          points:
            drive end/velocity: { column: v, unit: mm/s, range: 0 .. 50 mm/s, resolution: 0.01 }
            "t #1 (°C)": { quantity: temperature, unit: °C, range: [0, 150 °C] }
            speed: { range: { from: 0, to: 3000 } }
      """
    #expect(try accepted(by: .site, [recorded]) == [true])
  }

  @Test func `what the parser refuses for its form, the site schema refuses too`() throws {
    #expect(try accepted(by: .site, [goodSite]) == [true])
    #expect(try disagreements(.site, wrongSites, from: goodSite) == [])
  }

  @Test func `what the parser refuses for its form, the profile schema refuses too`() throws {
    #expect(try accepted(by: .profile, [goodProfile]) == [true])
    #expect(try disagreements(.profile, wrongProfiles, from: goodProfile) == [])
  }

  /// The files of a wrong form that the schema would accept.
  private func disagreements(
    _ schema: PublishedSchema,
    _ files: [WrongFile],
    from good: String
  ) throws -> [String] {
    let wrong = files.filter { isAboutForm($0) }
    #expect(wrong.count > 12)
    let texts = try wrong.map { try $0.applied(to: good) }
    return try zip(wrong, accepted(by: schema, texts)).filter(\.1).map(\.0.into)
  }

  /// Whether one of the problems concerns the form of the file, which a schema can judge too.
  private func isAboutForm(_ wrong: WrongFile) -> Bool {
    let form =
      /unknown key|is missing|cannot be|must be|must have|has no value|decimal comma|needs a unit|has none of|unknown unit/
    // Ranges with units, what one key means for another, and what only old YAML reads differently.
    let other = /kW to|cannot be (asked|set|negative)|zero in front|merge keys|cannot be 'no'/
    return wrong.errors.contains { $0.contains(form) && !$0.contains(other) }
  }

  /// What a third party's validator says of each text.
  private func accepted(by schema: PublishedSchema, _ texts: [String]) throws -> [Bool] {
    let program = """
      import json, sys, yaml, jsonschema
      data = json.load(sys.stdin)
      schema = json.loads(data["schema"])
      jsonschema.Draft202012Validator.check_schema(schema)
      validator = jsonschema.Draft202012Validator(schema)
      def accepts(text):
          try:
              return validator.is_valid(yaml.safe_load(text))
          except yaml.YAMLError:
              return False
      print(json.dumps([accepts(text) for text in data["texts"]]))
      """
    let input = try JSONEncoder().encode(Request(schema: schema.rendered(), texts: texts))
    let output = try python(program, input: input)
    return try JSONDecoder().decode([Bool].self, from: Data(output.utf8))
  }

  private struct Request: Encodable {
    var schema: String
    var texts: [String]
  }
}
