package import ConditionModel

/// Bearings by designation, with where each geometry comes from.
package struct BearingCatalogue: Sendable {
  package struct Entry: Hashable, Sendable {
    package var designation: String
    package var geometry: BearingGeometry
    /// Where the geometry comes from, in a sentence.
    package var source: String
    /// A read in the maker's document, B two sources agree, C to be checked.
    package var confidence: String
  }

  package private(set) var entries: [Entry]

  /// The catalogue that comes with the program.
  package static let standard: BearingCatalogue = {
    var problems = ProblemList()
    let text = String(decoding: PackageResources.bearings_yaml, as: UTF8.self)
    let catalogue = read(text, file: "bearings.yaml", problems: &problems)
    precondition(!problems.hasErrors, "the bearing catalogue is damaged: \(problems.problems)")
    return catalogue
  }()

  /// The bearing of a designation.
  ///
  /// Makers put their name before it and seals, cage and clearance behind it; neither changes the
  /// geometry: `SKF 6309-2RS1/C3` is a 6309 unless the catalogue knows better.
  package func entry(for designation: String) -> Entry? {
    let wanted = Self.plain(designation)
    if let exact = entries.first(where: { Self.plain($0.designation) == wanted }) { return exact }
    let words = designation.split { !$0.isLetter && !$0.isNumber }.map { Self.plain(String($0)) }
    let fitting = entries.filter { entry in
      let name = Self.plain(entry.designation)
      // 63091 is no 6309: what follows without a gap are letters, as in 6309ZZ.
      return words.contains {
        $0.hasPrefix(name) && $0.dropFirst(name.count).first?.isNumber != true
      }
    }
    return fitting.max { $0.designation.count < $1.designation.count }
  }

  /// What to say to somebody whose designation is unknown.
  package func mend(for designation: String) -> String {
    let near = nearestWord(to: designation, in: entries.map(\.designation))
    let hint = near.map { "did you mean '\($0)'? Otherwise " } ?? ""
    return hint + "give its geometry: number of balls, ball and pitch diameter, contact angle"
  }

  private static func plain(_ designation: String) -> String {
    designation.uppercased().filter { $0.isLetter || $0.isNumber }
  }

  /// Reads a catalogue; every row must be a possible bearing with a known source.
  static func read(_ text: String, file: String, problems: inout ProblemList) -> BearingCatalogue {
    let root = ShapeReader.read(text, file: file, shape: .bearings, problems: &problems)
    var sources: [String: String] = [:]
    for source in root?["sources"]?.list ?? [] {
      if let key = source["key"]?.text { sources[key] = source["text"]?.text }
    }
    var entries: [Entry] = []
    for row in root?["bearings"]?.list ?? [] {
      guard let name = row["name"]?.text, let count = row["balls"]?.integer,
        let ball = row["ball diameter"]?.number, let pitch = row["pitch diameter"]?.number,
        let angle = row["angle"]?.number, let key = row["source"]?.text
      else { continue }
      func fail(_ message: String, _ mend: String) {
        problems.error(file, row.position, "bearing \(name): \(message)", mend)
      }
      let impossible = BearingGeometry.problems(
        elementCount: count,
        elementDiameter: ball,
        pitchDiameter: pitch,
        contactAngleDegrees: angle
      )
      for problem in impossible { fail(problem, "compare the row with its source") }
      guard let source = sources[key] else {
        fail("no source '\(key)'", "add it to 'sources'")
        continue
      }
      guard
        let geometry = BearingGeometry(
          elementCount: count,
          elementDiameter: ball,
          pitchDiameter: pitch,
          contactAngleDegrees: angle
        )
      else { continue }
      let orders = geometry.orders
      // Rates outside of this are a slip of the pen: in all real bearings the cage turns a little
      // less than half as fast as the shaft.
      if !(0.33...0.47).contains(orders.cage)
        || abs(orders.outer + orders.inner - Double(count)) > 1e-9
      {
        fail("its cage would turn \(orders.cage) times per turn", "compare the row with its source")
      }
      if entries.contains(where: { $0.designation == name }) {
        fail("stands here twice", "keep one row")
      }
      entries.append(
        Entry(
          designation: name,
          geometry: geometry,
          source: source,
          confidence: row["confidence"]?.text ?? "C"
        )
      )
    }
    return BearingCatalogue(entries: entries)
  }
}

extension Shape {
  /// The catalogue, `Bearings/bearings.yaml`.
  fileprivate static let bearings = Shape.record(
    Record(fields: [
      Field(
        "sources",
        .list(of: source, count: 1...99),
        required: true,
        "Where rows come from.",
        example: "sources:"
      ),
      Field(
        "bearings",
        .list(of: bearing, count: 1...9_999),
        required: true,
        "The rows.",
        example: "bearings:"
      ),
    ])
  )

  private static let source = Shape.record(
    Record(fields: [
      Field("key", .text, required: true, "Its name in rows.", example: "key: nsk"),
      Field("text", .text, required: true, "What it is.", example: "text: a catalogue"),
    ])
  )

  private static let bearing = Shape.record(
    Record(fields: [
      Field("name", .text, required: true, "The designation.", example: "name: 6309"),
      Field("balls", .integer(3...120), required: true, "In a row.", example: "balls: 8"),
      Field("ball diameter", .number, required: true, "In mm.", example: "ball diameter: 17.46"),
      Field("pitch diameter", .number, required: true, "In mm.", example: "pitch diameter: 74.31"),
      Field("angle", .number, required: true, "In degrees.", example: "angle: 0"),
      Field("source", .text, required: true, "A key of 'sources'.", example: "source: nsk"),
      Field(
        "confidence",
        .word(["A", "B", "C"]),
        required: true,
        "How sure.",
        example: "confidence: B"
      ),
    ])
  )
}
