import ConditionModel
import DataAcquisition

extension Shape {
  /// Cases for the register map of a profile: `firmware-configs/<maker>/cases/<model>.yaml`.
  static let cases = Shape.record(
    Record(fields: [
      Field(
        "profile",
        .text,
        required: true,
        "Whose register map is tried.",
        example: "profile: banner/qm30vt2"
      ),
      Field(
        "cases",
        .named(of: profileCase, keys: .names, what: "case"),
        required: true,
        "Raw registers and what they must be read as.",
        example: "cases: { idle: { holding: { 0: 1 }, expect: { speed: 1 } } }"
      ),
    ])
  )

  private static let profileCase = Shape.record(
    Record(
      fields: RegisterTable.allCases.map { table in
        Field(
          table.rawValue,
          .named(
            of: table.holdsBits ? .integer(0...1) : .integer(0...65_535),
            keys: .integers(0...65_535),
            what: "address"
          ),
          "Raw words by address, as the device sends them.",
          example: "\(table.rawValue): { 0: 1 }"
        )
      } + [
        Field(
          "expect",
          .named(
            of: .any([
              .number,
              .record(
                Record(fields: [
                  Field("value", .number, required: true, "The value.", example: "value: 700"),
                  Field(
                    "doubt",
                    .word(Doubt.allCases.map(\.rawValue)),
                    required: true,
                    "Why it is uncertain.",
                    example: "doubt: outside valid range"
                  ),
                ])
              ),
              .word(Fault.allCases.filter { $0 != .notApplicable }.map(\.rawValue)),
            ]),
            keys: .names,
            what: "point"
          ),
          required: true,
          "By point: the value in its unit, or the fault.",
          example: "expect: { temperature: 21.5 }"
        )
      ]
    )
  )
}
