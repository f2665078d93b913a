import AdvisoryGeneration
import ConditionModel
import Testing

struct CatalogueTests {
  @Test(arguments: Language.allCases)
  func `every text that the code asks for is there, and no other`(language: Language) {
    let catalogue = Catalogue.of(language)
    #expect(catalogue.faultyLines.isEmpty)
    let ownKeys = catalogue.keys.filter { !$0.hasPrefix("mode.") && !$0.hasPrefix("check.mode.") }
    #expect(Set(Wording.keys).subtracting(ownKeys).isEmpty)
    #expect(Set(ownKeys).subtracting(Wording.keys).isEmpty)
  }

  @Test func `both languages have the same keys in the same order with the same placeholders`() {
    let (english, french) = (Catalogue.of(.english), Catalogue.of(.french))
    #expect(english.keys == french.keys)
    for key in english.keys {
      #expect(placeholders(in: english[key]) == placeholders(in: french[key]), "\(key)")
    }
  }

  @Test(arguments: Language.allCases)
  func `no text is empty or left in doubt`(language: Language) {
    let catalogue = Catalogue.of(language)
    for key in catalogue.keys {
      let text = catalogue[key] ?? ""
      #expect(!text.isEmpty && !text.contains("TODO") && !text.contains("  "), "\(key)")
      // A straight apostrophe is none in French, and a colon has its space.
      #expect(language == .english || !text.contains("'"), "\(key)")
      #expect(language == .english || !text.contains(" :"), "\(key)")
    }
  }

  @Test func `lines that are none are told by number`() {
    let catalogue = Catalogue(
      parsing: """
        // a comment

        "a" = "one ~two \\"three\\" {x}"
        "b" = unquoted
        "c" "no equals sign"
        "a" = "again"
        "d" = "open
        "e" = "semicolon";
        """
    )
    #expect(catalogue.faultyLines == [4, 5, 6, 7])
    #expect(catalogue.keys == ["a", "e"])
    #expect(catalogue["a"] == "one \u{A0}two \"three\" {x}")
  }

  @Test func `a file with the line ends of another system reads the same`() {
    let catalogue = Catalogue(parsing: "\"a\" = \"one\"\r\n\"b\" = \"two\"\r\n")
    #expect(catalogue.faultyLines.isEmpty)
    #expect(catalogue.keys == ["a", "b"])
  }

  private func placeholders(in text: String?) -> Set<String> {
    var found: Set<String> = []
    var rest = (text ?? "")[...]
    while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
      found.insert(String(rest[start...end]))
      rest = rest[rest.index(after: end)...]
    }
    return found
  }
}
