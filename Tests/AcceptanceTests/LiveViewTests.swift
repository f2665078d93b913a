import ConditionModel
import Testing

@testable import vigie

struct LiveViewTests {
  private static let board = LiveBoard(
    title: "Vigie · atelier-nord/gw-01",
    clock: "09:12:44",
    machines: [
      LiveBoard.Machine(
        name: "pompe-3",
        state: .alarm,
        stateWord: "alarme",
        activity: "en marche",
        values: [
          LiveBoard.Value(label: "vitesse vibratoire", text: "4,9 mm/s", trend: [1, 2, nil, 4]),
          LiveBoard.Value(label: "température", text: "62,7 °C", trend: [60, 61, 62, 62.7]),
        ]
      ),
      LiveBoard.Machine(
        name: "compresseur à vis du bâtiment annexe n° 2",
        state: nil,
        stateWord: "sans données",
        activity: "",
        values: [LiveBoard.Value(label: "pression", text: "–", trend: [nil, nil])]
      ),
    ],
    alertsHeading: "Alertes",
    noAlerts: "Aucune alerte.",
    alerts: (1...3).map { number in
      LiveBoard.Alert(
        priority: .high,
        title: "pompe-3, côté accouplement : vibrations en zone D (\(number))",
        sentences: [
          "Depuis le mardi 14 octobre, 6 h 20. Vitesse vibratoire 4,9 mm/s ; la zone D commence à 4,5.",
          "https://example.org/un-mot-tres-long-qui-ne-se-coupe-nulle-part-et-depasse-la-largeur",
        ]
      )
    },
    health: [
      LiveBoard.HealthLine(label: "bus", text: "5 bus, 9 appareils répondent", isGood: true),
      LiveBoard.HealthLine(label: "courtier", text: "absent depuis 15 s", isGood: false),
    ],
    hint: "Le même sur MQTT : mosquitto_sub -h 127.0.0.1 -p 15020 -t 'vigie/#' -v"
  )

  /// What a terminal shows of a line: all but the colours.
  private func visible(_ line: String) -> String {
    line.replacing(/\u{1B}\[[0-9]+m/, with: "")
  }

  @Test(arguments: [1, 12, 20, 40, 80, 120, 300], [1, 2, 5, 12, 24, 100])
  func `the picture never leaves the terminal`(width: Int, height: Int) {
    for usesColour in [false, true] {
      let view = LiveView(width: width, height: height, usesColour: usesColour)
      let lines = view.lines(of: Self.board)
      #expect(lines.count <= height)
      for line in lines {
        #expect(visible(line).count <= width, "\(line)")
        #expect(!line.contains { $0.isNewline })
      }
    }
  }

  @Test func `colours change nothing but the colours, and none is left on`() {
    let plain = LiveView(width: 60, height: 40, usesColour: false).lines(of: Self.board)
    let coloured = LiveView(width: 60, height: 40, usesColour: true).lines(of: Self.board)
    #expect(coloured.map(visible) == plain)
    for line in coloured where line.contains("\u{1B}") {
      #expect(line.ranges(of: "\u{1B}[0m").count * 2 == line.ranges(of: "\u{1B}[").count)
    }
  }

  @Test func `a terminal of the usual size shows machines, alerts, health and the hint`() {
    let lines = LiveView(width: 80, height: 24, usesColour: false).lines(of: Self.board)
    let text = lines.joined(separator: "\n")
    #expect(lines.first?.hasPrefix(" Vigie · atelier-nord/gw-01") == true)
    #expect(lines.first?.hasSuffix("09:12:44") == true)
    for part in ["● pompe-3", "alarme", "4,9 mm/s", "Alertes", "▲ pompe-3", "● courtier", "MQTT"] {
      #expect(text.contains(part), "no '\(part)' in\n\(text)")
    }
  }

  @Test func `too many alerts end with an ellipsis, and the health stays in sight`() {
    var board = Self.board
    board.alerts += Array(repeating: board.alerts[0], count: 50)
    let lines = LiveView(width: 80, height: 24, usesColour: false).lines(of: board)
    #expect(lines.count == 24)
    #expect(lines.contains(" …"))
    #expect(lines.contains { $0.contains("courtier") })
  }

  @Test func `without alerts it says so`() {
    var board = Self.board
    board.alerts = []
    let lines = LiveView(width: 80, height: 24, usesColour: false).lines(of: board)
    #expect(lines.contains(" Aucune alerte."))
  }

  @Test func `a trend has one mark per column, low at the bottom, a dot where nothing was read`() {
    #expect(sparkline([0, nil, 7, 3.5]) == "▁·█▅")
    #expect(sparkline([nil, nil]) == "··")
    #expect(sparkline([]) == "")
    #expect(sparkline([5]) == "▁")
  }

  @Test func `noise around a value stays nearly flat`() {
    #expect(sparkline([100, 100.4, 99.8, 100.1]) == "▁▁▁▁")
  }

  @Test(arguments: [1, 5, 10, 40])
  func `wrapped text loses no letter and keeps to the width`(width: Int) {
    let text = "Vitesse vibratoire 4,9 mm/s ; la zone D commence à 4,5."
    let lines = wrap(text, width: width)
    #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
    #expect(lines.allSatisfy { $0.count <= width })
  }
}
