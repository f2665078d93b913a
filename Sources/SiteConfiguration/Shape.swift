/// What may stand in a place of a file.
///
/// Reading, messages and the published JSON Schema all come from one tree of these, so that they
/// cannot differ.
indirect enum Shape: Sendable {
  /// A name that becomes part of a topic: without `/`, `+`, `#` and control characters.
  case name
  /// Any text that is not empty.
  case text
  /// One of these words.
  case word([String])
  case integer(ClosedRange<Int>)
  /// One of these whole numbers.
  case choice([Int])
  case number
  /// `true` or `false`.
  case flag
  /// A number with a unit of the dimension: `11 kW`. The range is in the dimension's base unit.
  case measure(Unit.Dimension, ClosedRange<Double>, example: String)
  /// A number with any known unit; a bare number has the unit 1.
  case quantity(example: String)
  /// A known unit of measurement, as people write it or as a UCUM code.
  case unit
  case list(of: Shape, count: ClosedRange<Int>)
  case record(Record)
  /// Entries under names that the writer chooses; the names differ in more than capitals.
  case named(of: Shape, keys: Keys, what: String, fewest: Int = 1)
  /// The second shape for a record that has the key, the third for any other.
  case either(key: String, having: Shape, otherwise: Shape)
  /// The first shape that a value of this form can have.
  case any([Shape])

  /// What the keys of `named` are.
  enum Keys: Sendable {
    case names
    /// `location/point`.
    case paths
    /// The columns of a recording: any name, with or without a location in front of a last `/`.
    case points
    case integers(ClosedRange<Int>)
  }

  /// The keys of a record, in the order in which the documentation names them.
  struct Record: Sendable {
    var fields: [Field]
    /// Keys that one might expect here, each with the sentence that says what to do instead.
    var refusals: [Refusal] = []
    /// Keys of which at least one must be there; empty for no such rule.
    var requiresOneOf: [String] = []
  }

  struct Field: Sendable {
    var key: String
    var shape: Shape
    var isRequired: Bool
    /// One sentence for the schema.
    var description: String
    /// A whole line or a part of it, to show: `power: 11 kW`.
    var example: String

    init(
      _ key: String,
      _ shape: Shape,
      required: Bool = false,
      _ description: String,
      example: String
    ) {
      self.key = key
      self.shape = shape
      isRequired = required
      self.description = description
      self.example = example
    }
  }

  struct Refusal: Sendable {
    var key: String
    var message: String
    var mend: String
  }
}

/// A value that has its shape, with its place.
struct Located: Sendable {
  var value: Value
  var position: Position

  indirect enum Value: Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case measure(Measure)
    case unit(Unit)
    case list([Located])
    case record([Entry])
  }

  struct Entry: Sendable {
    var key: String
    var keyPosition: Position
    var value: Located
  }
}

extension Located {
  var text: String? { if case .text(let text) = value { text } else { nil } }
  var integer: Int? { if case .integer(let integer) = value { integer } else { nil } }
  var flag: Bool? { if case .flag(let flag) = value { flag } else { nil } }
  var measure: Measure? { if case .measure(let measure) = value { measure } else { nil } }
  var unit: Unit? { if case .unit(let unit) = value { unit } else { nil } }
  var list: [Located]? { if case .list(let list) = value { list } else { nil } }
  var entries: [Entry] { if case .record(let entries) = value { entries } else { [] } }

  /// Whole numbers count as numbers too.
  var number: Double? {
    switch value {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    default: nil
    }
  }

  /// The value in the base unit of its dimension: seconds, kilowatts, bytes, revolutions per minute.
  var baseValue: Double? { measure.map { $0.value * $0.unit.factor + $0.unit.offset } }

  subscript(key: String) -> Located? { entries.first { $0.key == key }?.value }

  func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }
}
