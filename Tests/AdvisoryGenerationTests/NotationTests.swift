import AdvisoryGeneration
import ConditionModel
import Testing

struct NotationTests {
  @Test(arguments: [
    (0, "0", "0"), (-0.0, "0", "0"), (4.9, "4.9", "4,9"), (4.896, "4.9", "4,9"),
    (92.25, "92.3", "92,3"), (99.94, "99.9", "99,9"), (99.96, "100", "100"), (90, "90", "90"),
    (0.0714, "0.0714", "0,0714"), (0.000_000_4, "0", "0"), (0.000_012, "0.000012", "0,000012"),
    (1_480, "1480", "1480"), (12_345.6, "12,346", "12\u{202F}346"),
    (1_234_567, "1,234,567", "1\u{202F}234\u{202F}567"), (-5.25, "\u{2212}5.25", "\u{2212}5,25"),
    (.nan, "–", "–"), (.infinity, "–", "–"), (1e20, "1e+20", "1e+20"),
  ])
  func `numbers have three digits that count`(value: Double, english: String, french: String) {
    #expect(Notation(.english).number(value) == english)
    #expect(Notation(.french).number(value) == french)
  }

  @Test(arguments: [
    ("Cel", "21.5\u{A0}°C", "21,5\u{A0}°C"), ("mm/s", "21.5\u{A0}mm/s", "21,5\u{A0}mm/s"),
    ("1", "21.5", "21,5"), ("%", "21.5%", "21,5\u{A0}%"), ("deg", "21.5°", "21,5°"),
    ("Ohm", "21.5\u{A0}Ω", "21,5\u{A0}Ω"), ("m/s2", "21.5\u{A0}m/s²", "21,5\u{A0}m/s²"),
    ("/min", "21.5\u{A0}rpm", "21,5\u{A0}tr/min"), ("kW.h", "21.5\u{A0}kWh", "21,5\u{A0}kWh"),
    ("kV.A", "21.5\u{A0}kVA", "21,5\u{A0}kVA"),
    ("{pulses}", "21.5\u{A0}pulses", "21,5\u{A0}pulses"),
    ("[psi]", "21.5\u{A0}psi", "21,5\u{A0}psi"), ("[HP]", "21.5\u{A0}hp", "21,5\u{A0}hp"),
    ("[ppm]", "21.5\u{A0}ppm", "21,5\u{A0}ppm"),
    ("[in_i]/s", "21.5\u{A0}in/s", "21,5\u{A0}in/s"),
    ("bar", "21.5\u{A0}bar", "21,5\u{A0}bar"),
  ])
  func `units stand as people write them`(ucum: String, english: String, french: String) {
    #expect(Notation(.english).quantity(21.5, ucum: ucum) == english)
    #expect(Notation(.french).quantity(21.5, ucum: ucum) == french)
  }

  @Test func `the clock on the wall follows its changes`() {
    let table = LocalTimeTable(
      firstOffset: .seconds(3_600),
      changes: [
        .init(from: Timestamp(seconds: 2_000), offset: .seconds(3_600)),
        .init(from: Timestamp(seconds: 1_000), offset: .seconds(7_200)),
      ]
    )
    #expect(table.offset(at: Timestamp(seconds: 999)) == .seconds(3_600))
    #expect(table.offset(at: Timestamp(seconds: 1_000)) == .seconds(7_200))
    #expect(table.offset(at: Timestamp(seconds: 2_000)) == .seconds(3_600))
    #expect(LocalTimeTable.utc.offset(at: Timestamp(seconds: 5)) == .zero)
  }
}
