import ConditionModel
import DataAcquisition

extension Shape {
  /// A device profile: `firmware-configs/<maker>/<model>.yaml`.
  static let profile = Shape.record(
    Record(
      fields: [
        Field(
          "schema",
          .choice([1]),
          required: true,
          "The version of this format.",
          example: "schema: 1"
        ),
        Field("maker", .text, required: true, "Who makes the device.", example: "maker: Eastron"),
        Field("model", .text, required: true, "The maker's name for it.", example: "model: SDM630"),
        Field("kind", .text, "What it is, in a few words.", example: "kind: power meter"),
        Field(
          "revision",
          .integer(1...9_999),
          required: true,
          "Rises with each change of this file.",
          example: "revision: 1"
        ),
        Field(
          "status",
          .word(ProfileStatus.allCases.map(\.rawValue)),
          required: true,
          "How far this file can be trusted.",
          example: "status: vendor document"
        ),
        Field(
          "sources",
          .list(of: source, count: 1...99),
          required: true,
          "Where the facts come from, so that anyone can check them.",
          example: "sources: [ { title: User manual, confidence: A } ]"
        ),
        Field("notes", .text, "What whoever installs the device should know.", example: "notes: …"),
        Field(
          "serial",
          serialDefaults,
          "How the device is set on delivery.",
          example: "serial: { baud: 9600, parity: none, stop bits: 1 }"
        ),
        Field(
          "unit number",
          .integer(0...255),
          "The unit number on delivery.",
          example: "unit number: 1"
        ),
      ] + mapFields(pointsRequired: true)
    )
  )

  /// The keys that a profile and a generic device in the site file share.
  static func mapFields(pointsRequired: Bool) -> [Field] {
    [
      Field(
        "requests",
        requests,
        "What the device accepts in one request.",
        example: "requests: { registers: 50, holes: false }"
      ),
      Field(
        "timing",
        timing,
        "How long the device takes and how much rest it needs.",
        example: "timing: { response: 500 ms }"
      ),
      Field(
        "defaults",
        .record(
          Record(fields: [
            Field("table", table, "The table of points that name none.", example: "table: input"),
            Field("type", type, "The type of points that name none.", example: "type: f32"),
            Field(
              "order",
              order,
              "The word order of points that name none.",
              example: "order: CDAB"
            ),
          ])
        ),
        "What holds for each point that does not say otherwise.",
        example: "defaults: { table: input, type: f32 }"
      ),
      Field(
        "points",
        .named(of: point, keys: .names, what: "point"),
        required: pointsRequired,
        "The values that the device offers.",
        example: "points: { temperature: { address: 0, unit: °C, quantity: temperature } }"
      ),
      Field(
        "blocks",
        .named(of: block, keys: .names, what: "block"),
        "Blocks of samples that the device takes by itself and shows in a window of registers.",
        example: "blocks: { vibration z: { address: 1000, unit: g, rate: 12800 Hz, … } }"
      ),
    ]
  }

  private static let source = Shape.record(
    Record(fields: [
      Field("title", .text, required: true, "What it is called.", example: "title: User manual"),
      Field("document", .text, "Its number.", example: "document: BBV52816"),
      Field("revision", .text, "Its edition.", example: "revision: r17"),
      Field("page", .text, "Page, section or file.", example: "page: 7.15"),
      Field("url", .text, "Where it can be found.", example: "url: https://example.org"),
      Field(
        "confidence",
        .word(["A", "B", "C"]),
        required: true,
        "A: the maker's document. B: code that runs with the device. C: one other source.",
        example: "confidence: A"
      ),
    ])
  )

  private static let serialDefaults = Shape.record(
    Record(fields: [
      Field("baud", .choice(bauds), required: true, "Bits per second.", example: "baud: 9600"),
      Field("parity", parity, required: true, "The parity bit.", example: "parity: none"),
      Field("stop bits", .integer(1...2), required: true, "Stop bits.", example: "stop bits: 1"),
      Field(
        "bauds",
        .list(of: .choice(bauds), count: 1...20),
        "All rates that the device can be set to.",
        example: "bauds: [4800, 9600, 19200]"
      ),
    ])
  )

  /// The rates that Linux and libmodbus both know; any other would silently become 9600.
  static let bauds = [
    300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800,
    921_600,
  ]

  static let parity = Shape.word(SerialLine.Parity.allCases.map(\.rawValue))

  private static let requests = Shape.record(
    Record(fields: [
      Field(
        "registers",
        .integer(1...125),
        "At most so many registers in one request; 125 by the standard.",
        example: "registers: 50"
      ),
      Field(
        "bits",
        .integer(1...2_000),
        "At most so many bits in one request; 2000 by the standard.",
        example: "bits: 16"
      ),
      Field(
        "holes",
        .flag,
        "Whether one request may cover addresses that no point uses; true when left out.",
        example: "holes: false"
      ),
      Field(
        "forbidden",
        .list(
          of: .record(
            Record(fields: [
              Field("table", table, required: true, "In which table.", example: "table: holding"),
              Field("from", address, required: true, "The first address.", example: "from: 98"),
              Field("to", address, required: true, "The last address.", example: "to: 105"),
            ])
          ),
          count: 1...99
        ),
        "Addresses that must never be read.",
        example: "forbidden: [ { table: holding, from: 98, to: 105 } ]"
      ),
    ])
  )

  private static let timing = Shape.record(
    Record(fields: [
      Field(
        "response",
        .measure(.duration, 0.01...60, example: "500 ms"),
        "How long to wait for an answer; 500 ms when left out.",
        example: "response: 500 ms"
      ),
      Field(
        "guard",
        .measure(.duration, 0...10, example: "5 ms"),
        "Silence that the device needs before each request, beyond that of the standard.",
        example: "guard: 5 ms"
      ),
      Field(
        "settle",
        .measure(.duration, 0...60, example: "1 s"),
        "Rest after a connection is made.",
        example: "settle: 1 s"
      ),
      Field(
        "period",
        .measure(.duration, 0...3_600, example: "100 ms"),
        "The device refreshes its values no faster than this.",
        example: "period: 100 ms"
      ),
    ])
  )

  static let table = Shape.word(RegisterTable.allCases.map(\.rawValue))
  static let address = Shape.integer(0...65_535)
  static let order = Shape.word(WordOrder.allCases.map(\.rawValue))
  private static let type = Shape.word(RegisterType.words.map(\.word) + ["text"])
  private static let pair = Shape.list(of: .number, count: 2...2)

  static let point = Shape.record(
    Record(fields: [
      Field(
        "address",
        address,
        required: true,
        "The address on the wire, counted from 0.",
        example: "address: 5201"
      ),
      Field("printed", .text, "The number in the maker's document.", example: "printed: 45202"),
      Field(
        "table",
        table,
        "Which of the four tables; holding when left out.",
        example: "table: input"
      ),
      Field("type", type, "How the bits form a number; u16 when left out.", example: "type: s32"),
      Field("registers", .integer(1...125), "The length of a text.", example: "registers: 4"),
      Field(
        "order",
        order,
        "The order of the bytes, A the highest; ABCD when left out.",
        example: "order: CDAB"
      ),
      Field(
        "bits",
        .record(
          Record(fields: [
            Field("from", .integer(0...63), required: true, "The lowest bit.", example: "from: 0"),
            Field("count", .integer(1...63), "How many; 1 when left out.", example: "count: 3"),
          ])
        ),
        "The bits of the raw number that count.",
        example: "bits: { from: 4, count: 2 }"
      ),
      Field("scale", .number, "value = raw · scale + offset.", example: "scale: 0.1"),
      Field("offset", .number, "value = raw · scale + offset.", example: "offset: -40"),
      Field(
        "two point",
        .record(
          Record(fields: [
            Field("raw", pair, required: true, "Two raw numbers.", example: "raw: [4000, 20000]"),
            Field("value", pair, required: true, "Their values.", example: "value: [0, 10]"),
          ])
        ),
        "The line through two pairs, as for a 4–20 mA input.",
        example: "two point: { raw: [4000, 20000], value: [0, 10] }"
      ),
      Field(
        "exponent register",
        address,
        "The address of the power of ten, signed, in the same table.",
        example: "exponent register: 40"
      ),
      Field("unit", .unit, "The unit of the value; 1 when it has none.", example: "unit: mm/s"),
      Field(
        "quantity",
        .word(Quantity.allCases.map(\.rawValue)),
        required: true,
        "What is measured.",
        example: "quantity: temperature"
      ),
      Field("axis", .word(Axis.allCases.map(\.rawValue)), "The direction.", example: "axis: z"),
      Field(
        "role",
        .word(PointDefinition.Role.allCases.map(\.rawValue)),
        "What the value is for; measure when left out.",
        example: "role: status"
      ),
      Field(
        "invalid",
        .record(
          Record(fields: [
            Field(
              "equals",
              .list(of: .number, count: 1...20),
              "Raw numbers that are no reading.",
              example: "equals: [0x7FFF]"
            ),
            Field(
              "above",
              .number,
              "Raw numbers above this are no reading.",
              example: "above: 6085"
            ),
            Field(
              "below",
              .number,
              "Raw numbers below this are no reading.",
              example: "below: -1385"
            ),
          ])
        ),
        "Raw numbers (before scaling) that mean: no valid reading.",
        example: "invalid: { equals: [0x7FFF] }"
      ),
      Field(
        "valid",
        pair,
        "Values outside are uncertain, in the point's unit.",
        example: "valid: [-40, 85]"
      ),
      Field(
        "range",
        pair,
        "Where the sensor clips, in the point's unit.",
        example: "range: [0, 100]"
      ),
      Field(
        "meanings",
        .named(of: .text, keys: .integers(-2_147_483_648...4_294_967_295), what: "value"),
        "Words for the values of a status.",
        example: "meanings: { 0: off, 1: on }"
      ),
      Field(
        "confidence",
        .word(["A", "B", "C"]),
        "Where it differs from that of the sources.",
        example: "confidence: C"
      ),
      Field("note", .text, "What is special about this point.", example: "note: signed"),
    ])
  )
}

extension RegisterType {
  /// The words of the profile for all types of a fixed width.
  static let words: [(word: String, type: RegisterType)] = [
    ("bit", .bit), ("u8 low", .u8Low), ("u8 high", .u8High), ("u16", .u16), ("s16", .s16),
    ("u32", .u32), ("s32", .s32), ("u64", .u64), ("s64", .s64), ("f32", .f32), ("f64", .f64),
  ]
}
