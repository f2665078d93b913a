import ConditionModel
import Testing

@testable import SiteConfiguration

struct BearingCatalogueTests {
  private let catalogue = BearingCatalogue.standard

  @Test func `every row is a bearing whose rates add up, with its source`() {
    #expect(catalogue.entries.count == 67)
    for entry in catalogue.entries {
      let orders = entry.geometry.orders
      #expect(abs(orders.outer + orders.inner - Double(entry.geometry.elementCount)) < 1e-9)
      #expect((0.33...0.47).contains(orders.cage), "\(entry.designation)")
      #expect(!entry.source.isEmpty)
    }
  }

  /// Rates that tables of makers and test stands print.
  @Test(arguments: [
    ("6205", 3.583, 5.417), ("6309", 3.060, 4.940), ("6308", 3.078, 4.922),
    ("6205-2RS", 3.585, 5.415), ("6203-2RS", 3.053, 4.947), ("7208B", 5.935, 8.065),
    ("ER-16K", 3.572, 5.428),
  ])
  func `a designation has the rates that are printed for it`(
    designation: String,
    outer: Double,
    inner: Double
  ) throws {
    let orders = try #require(catalogue.entry(for: designation)).geometry.orders
    #expect(abs(orders.outer - outer) < 0.004)
    #expect(abs(orders.inner - inner) < 0.004)
  }

  @Test(arguments: [
    ("SKF 6309-2RS1/C3", "6309"), ("6309 2Z", "6309"), ("fag 6205.c3", "6205"),
    ("6205 2RS", "6205-2RS"), ("er16k", "ER-16K"),
  ])
  func `maker, seals and clearance do not hide a bearing`(written: String, found: String) {
    #expect(catalogue.entry(for: written)?.designation == found)
  }

  @Test(arguments: ["63091", "NU309", "22228", "", "7206C"])
  func `a bearing that is not in the catalogue is not guessed`(designation: String) {
    #expect(catalogue.entry(for: designation) == nil)
  }

  @Test func `an unknown designation gets the nearest one and the way out`() {
    #expect(
      catalogue.mend(for: "6250").contains("6205") || catalogue.mend(for: "6250").contains("62")
    )
    #expect(catalogue.mend(for: "XYZ").contains("geometry"))
  }

  @Test func `a damaged catalogue is refused with all its faults`() {
    var problems = ProblemList()
    let text = """
      sources:
        - { key: a, text: somewhere }
      bearings:
        - { name: one, balls: 8, ball diameter: 40, pitch diameter: 20, angle: 0, source: a, confidence: B }
        - { name: two, balls: 8, ball diameter: 8, pitch diameter: 40, angle: 0, source: b, confidence: B }
        - { name: thin, balls: 8, ball diameter: 1, pitch diameter: 400, angle: 0, source: a, confidence: B }
      """
    _ = BearingCatalogue.read(text, file: "bearings.yaml", problems: &problems)
    let messages = problems.problems.map { "\($0)" }.joined(separator: "\n")
    #expect(messages.contains("same unit"))
    #expect(messages.contains("no source 'b'"))
    #expect(messages.contains("cage would turn"))
  }
}
