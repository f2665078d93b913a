import ConditionModel
import DataAcquisition
import DataManipulation

extension Shape {
  /// A block of samples in a window of registers.
  static let block = Shape.record(
    Record(
      fields: [
        Field(
          "address",
          address,
          required: true,
          "The first register of the window, counted from 0.",
          example: "address: 1000"
        ),
        Field(
          "table",
          .word([RegisterTable.holding.rawValue, RegisterTable.input.rawValue]),
          "Which of the tables; holding when left out.",
          example: "table: input"
        ),
        Field(
          "type",
          .word(RegisterType.words.filter { sampleTypes.contains($0.type) }.map(\.word)),
          "How the bits of a sample form a number; s16 when left out.",
          example: "type: s16"
        ),
        Field(
          "order",
          order,
          "The order of the bytes; ABCD when left out.",
          example: "order: CDAB"
        ),
        Field("scale", .number, "value = raw · scale + offset.", example: "scale: 0.001"),
        Field("offset", .number, "value = raw · scale + offset.", example: "offset: -16"),
        Field(
          "unit",
          .unit,
          required: true,
          "The unit of a sample, an acceleration.",
          example: "unit: g"
        ),
        Field("axis", .word(Axis.allCases.map(\.rawValue)), "The direction.", example: "axis: z"),
        Field(
          "rate",
          .measure(
            .frequency,
            WaveformRule.lowestSampleRateHertz...1_000_000,
            example: "12800 Hz"
          ),
          required: true,
          "Samples per second, at least 200.",
          example: "rate: 12800 Hz"
        ),
        Field(
          "samples",
          .integer(1_024...65_536),
          required: true,
          "How many samples a block has.",
          example: "samples: 8192"
        ),
        Field(
          "sequence",
          .record(
            Record(fields: [
              Field(
                "address",
                address,
                required: true,
                "The first register of the number, in the same table.",
                example: "address: 100"
              ),
              Field(
                "registers",
                .integer(1...8),
                "How many registers it has; 1 when left out.",
                example: "registers: 2"
              ),
            ])
          ),
          required: true,
          "A count or time that is another one for each block: shows a block replaced while it is read.",
          example: "sequence: { address: 100 }"
        ),
        Field(
          "ready",
          .record(
            Record(fields: [
              Field(
                "address",
                address,
                required: true,
                "The register, in the same table.",
                example: "address: 101"
              ),
              Field(
                "value",
                .integer(0...65_535),
                "What it holds while the window may be read; 1 when left out.",
                example: "value: 1"
              ),
            ])
          ),
          "A register that says whether the window may be read.",
          example: "ready: { address: 101, value: 1 }"
        ),
        Field(
          "pages",
          .record(
            Record(fields: [
              Field(
                "address",
                address,
                required: true,
                "The register that holds the number of the page, from 0, next to the window.",
                example: "address: 999"
              ),
              Field(
                "registers",
                .integer(1...124),
                required: true,
                "How many registers of the block a page holds.",
                example: "registers: 120"
              ),
            ])
          ),
          "For a window that shows one page after the other by itself.",
          example: "pages: { address: 999, registers: 120 }"
        ),
        Field(
          "holds",
          .measure(.duration, 0.1...86_400, example: "60 s"),
          "How long a block stands before the device replaces it.",
          example: "holds: 60 s"
        ),
        Field(
          "range",
          .list(of: .number, count: 2...2),
          "Where the sensor clips, in the unit.",
          example: "range: [-16, 16]"
        ),
        Field("note", .text, "What is special about this block.", example: "note: …"),
      ],
      refusals: [
        ("trigger", "to start a block"), ("start", "to start a block"),
        ("arm", "to start a block"), ("command", "to start a block"),
        ("write", "anything"), ("unlock", "to unlock the window"),
        ("acknowledge", "that a block was read"), ("page select", "to turn the page"),
        ("clear", "the ready flag"),
      ].map { key, purpose in
        Refusal(
          key: key,
          message: "'\(key)' would mean to write \(purpose); Vigie reads only and writes nothing",
          mend:
            "set the device to take blocks by itself and leave '\(key)' out; one that cannot do "
            + "that has no 'blocks'"
        )
      }
    )
  )

  /// The types that a sample can have.
  static let sampleTypes: [RegisterType] = [.u16, .s16, .u32, .s32, .f32]
}
