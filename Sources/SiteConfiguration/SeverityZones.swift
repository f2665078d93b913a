import ConditionModel

/// The zone boundaries that the standards give, by machine.
struct SeverityZones {
  struct Zone {
    /// As people cite it: `ISO 20816-3, group 2, rigid`.
    var standard: String
    var confidence: String
    var kinds: [MachineKind]
    var powerAboveKilowatts: Double
    var powerUpToKilowatts: Double
    var mounting: Mounting?
    /// A/B, B/C and C/D in mm/s RMS.
    var boundaries: [Double]
  }

  var zones: [Zone]
  var reasonsWithout: [MachineKind: String]

  func zone(for kind: MachineKind, powerKilowatts: Double, mounting: Mounting) -> Zone? {
    zones.first { zone in
      zone.kinds.contains(kind) && powerKilowatts > zone.powerAboveKilowatts
        && powerKilowatts <= zone.powerUpToKilowatts
        && (zone.mounting ?? mounting) == mounting
    }
  }

  /// The table that comes with the program.
  static let standard: SeverityZones = {
    var problems = ProblemList()
    let text = String(decoding: PackageResources.zones_yaml, as: UTF8.self)
    let table = read(text, file: "zones.yaml", problems: &problems)
    precondition(!problems.hasErrors, "the severity table is damaged: \(problems.problems)")
    return table
  }()

  static func read(_ text: String, file: String, problems: inout ProblemList) -> SeverityZones {
    let root = ShapeReader.read(text, file: file, shape: .severityZones, problems: &problems)
    var reasons: [MachineKind: String] = [:]
    for entry in root?["without"]?.list ?? [] {
      for kind in kinds(entry) { reasons[kind] = entry["reason"]?.text }
    }
    return SeverityZones(
      zones: (root?["zones"]?.list ?? []).map { record in
        Zone(
          standard: record["standard"]?.text ?? "",
          confidence: record["confidence"]?.text ?? "",
          kinds: kinds(record),
          powerAboveKilowatts: record["power above"]?.baseValue ?? 0,
          powerUpToKilowatts: record["power up to"]?.baseValue ?? .infinity,
          mounting: record["mounting"]?.text.flatMap(Mounting.init(rawValue:)),
          boundaries: record["boundaries"]?.list?.compactMap(\.number) ?? []
        )
      },
      reasonsWithout: reasons
    )
  }

  private static func kinds(_ record: Located) -> [MachineKind] {
    (record["kinds"]?.list ?? []).compactMap { $0.text.flatMap(MachineKind.init(rawValue:)) }
  }
}

extension Shape {
  static let machineKind = Shape.word(MachineKind.allCases.map(\.rawValue))
  static let mounting = Shape.word(Mounting.allCases.map(\.rawValue))
  static let power = Shape.measure(.activePower, 0.001...100_000, example: "11 kW")

  /// The table of severity zones, `Severity/zones.yaml`.
  fileprivate static let severityZones = Shape.record(
    Record(fields: [
      Field(
        "zones",
        .list(of: zone, count: 1...99),
        required: true,
        "The zones.",
        example: "zones:"
      ),
      Field("without", .list(of: without, count: 0...99), "Kinds without.", example: "without:"),
    ])
  )

  private static let zone = Shape.record(
    Record(fields: [
      Field("standard", .text, required: true, "As cited.", example: "standard: ISO 20816-3"),
      Field("clause", .text, required: true, "Where in it.", example: "clause: table A.1"),
      Field(
        "confidence",
        .word(["A", "B", "C"]),
        required: true,
        "How sure.",
        example: "confidence: B"
      ),
      Field(
        "kinds",
        .list(of: machineKind, count: 1...20),
        required: true,
        "Of.",
        example: "kinds: [fan]"
      ),
      Field("power above", power, "Exclusive.", example: "power above: 15 kW"),
      Field("power up to", power, "Inclusive.", example: "power up to: 300 kW"),
      Field("mounting", mounting, "Where it matters.", example: "mounting: rigid"),
      Field(
        "boundaries",
        .list(of: .number, count: 3...3),
        required: true,
        "A/B, B/C and C/D in mm/s RMS.",
        example: "boundaries: [1.4, 2.8, 4.5]"
      ),
    ])
  )

  private static let without = Shape.record(
    Record(fields: [
      Field(
        "kinds",
        .list(of: machineKind, count: 1...20),
        required: true,
        "Of.",
        example: "kinds: [spindle]"
      ),
      Field("reason", .text, required: true, "Why.", example: "reason: not at hand"),
    ])
  )
}
