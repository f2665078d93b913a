import ConditionModel

/// A machine that was recorded: a file with one column per point takes the place of devices.
extension Shape {
  static let recordedMachine = Shape.record(
    Record(
      fields: [
        Field(
          "kind",
          .text,
          required: true,
          "What it is: decides severity zones and failure modes; one of "
            + MachineKind.allCases.map(\.rawValue).joined(separator: ", ") + ".",
          example: "kind: centrifugal pump"
        ),
        Field(
          "recording",
          .text,
          required: true,
          "A CSV file with a column 'timestamp' (ISO 8601) and one column per point; its folder is "
            + "named when it is replayed.",
          example: "recording: pump-3.csv"
        ),
        Field(
          "every",
          .measure(.duration, 0.001...86_400, example: "10 s"),
          "The usual time between two rows; taken from the recording when left out.",
          example: "every: 10 s"
        ),
      ] + machineFields + [
        Field(
          "points",
          .named(of: recordedPoint, keys: .points, what: "point"),
          required: true,
          "By point, or by location/point: the column that holds its values.",
          example: "points: { bearing temperature: { column: t1, unit: °C, range: [0, 150] } }"
        ),
        Field(
          "limits",
          .named(of: limit, keys: .points, what: "point"),
          "By point: limits of your own.",
          example: "limits: { bearing temperature: { alert above: 80 °C } }"
        ),
      ]
    )
  )

  private static let recordedPoint = Shape.record(
    Record(
      fields: [
        Field(
          "column",
          .text,
          "The name of the column; that of the point when left out.",
          example: "column: temp_de"
        ),
        Field(
          "quantity",
          .text,
          "What is measured, one of "
            + Quantity.allCases.map(\.rawValue).joined(separator: ", ")
            + "; by the unit when left out.",
          example: "quantity: temperature"
        ),
        Field("unit", .text, "The unit of the values; 1 when left out.", example: "unit: °C"),
        Field(
          "range",
          .any([
            .list(of: .quantity(example: "150 °C"), count: 2...2),
            .record(
              Record(fields: [
                Field(
                  "from",
                  .quantity(example: "0 °C"),
                  required: true,
                  "Low.",
                  example: "from: 0"
                ),
                Field(
                  "to",
                  .quantity(example: "9 °C"),
                  required: true,
                  "High.",
                  example: "to: 150"
                ),
              ])
            ),
            .text,
          ]),
          "Where the sensor clips, in the point's unit where none is written: a list, from and to, "
            + "or '0 .. 150'.",
          example: "range: [0, 150]"
        ),
        Field(
          "resolution",
          .quantity(example: "0.1 °C"),
          "The smallest step of the value, in the point's unit where none is written.",
          example: "resolution: 0.1"
        ),
        Field("axis", .word(Axis.allCases.map(\.rawValue)), "The direction.", example: "axis: z"),
      ],
      refusals: [
        Refusal(
          key: "device",
          message: "a recorded machine has columns, not devices",
          mend: "remove 'recording' from the machine, or name the 'column' here"
        )
      ]
    )
  )
}
