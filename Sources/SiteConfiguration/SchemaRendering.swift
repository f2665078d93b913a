/// The JSON Schemas that editors use, rendered from the tables that the parser reads by.
package enum PublishedSchema: String, Hashable, Sendable, CaseIterable {
  case site
  case profile

  /// The file under `deploy/schema`.
  package var fileName: String { "\(rawValue).schema.json" }

  /// The text of the schema (JSON Schema draft 2020-12).
  package func rendered() -> String {
    let (shape, title) =
      switch self {
      case .site: (Shape.site, "Vigie site file")
      case .profile: (Shape.profile, "Vigie device profile")
      }
    guard case .object(let members) = shape.schema else {
      preconditionFailure("a file is a record")
    }
    let head: [(String, JSON)] = [
      ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
      ("title", .text(title)),
    ]
    return JSON.object(head + members).rendered() + "\n"
  }
}

/// As much of JSON as a schema needs; members keep their order.
private indirect enum JSON {
  case text(String)
  case number(Double)
  case flag(Bool)
  case list([JSON])
  case object([(String, JSON)])

  func rendered(indentation: String = "") -> String {
    let inner = indentation + "  "
    switch self {
    case .text(let text): return text.quotedJSON
    case .number(let number): return number.shown
    case .flag(let flag): return flag ? "true" : "false"
    case .list(let items):
      let texts = items.map { $0.rendered(indentation: inner) }
      let line = "[\(texts.joined(separator: ", "))]"
      if line.count + indentation.count < 90, !line.contains("\n") { return line }
      return "[\n\(inner)\(texts.joined(separator: ",\n\(inner)"))\n\(indentation)]"
    case .object(let members):
      let texts = members.map { "\($0.quotedJSON): \($1.rendered(indentation: inner))" }
      let line = "{ \(texts.joined(separator: ", ")) }"
      if line.count + indentation.count < 80, !line.contains("\n") { return line }
      return "{\n\(inner)\(texts.joined(separator: ",\n\(inner)"))\n\(indentation)}"
    }
  }
}

extension Shape {
  /// The keywords that say the same as this shape.
  fileprivate var schema: JSON {
    switch self {
    case .name:
      // A number without quotes is a good name too.
      .object([
        ("type", .list([.text("string"), .text("number")])), ("pattern", .text(namePattern)),
        ("maxLength", .number(64)),
      ])
    case .text:
      .object([("type", .list([.text("string"), .text("number")])), ("minLength", .number(1))])
    case .word(let words): .object([("enum", .list(words.map { .text($0) }))])
    case .integer(let range):
      .object([
        ("type", .text("integer")), ("minimum", .number(Double(range.lowerBound))),
        ("maximum", .number(Double(range.upperBound))),
      ])
    case .choice(let numbers): .object([("enum", .list(numbers.map { .number(Double($0)) }))])
    case .number: .object([("type", .text("number"))])
    case .flag: .object([("type", .text("boolean"))])
    case .measure(let dimension, _, let example):
      .object([
        ("type", .text("string")),
        ("pattern", .text(pattern(Unit.of(dimension).flatMap(\.spellings)))),
        ("examples", .list([.text(example)])),
      ])
    case .quantity(let example):
      .object([
        ("type", .list([.text("string"), .text("number")])),
        ("pattern", .text(pattern(unitWords, isOptional: true))),
        ("examples", .list([.text(example)])),
      ])
    case .unit: .object([("enum", .list(unitWords.map { .text($0) } + [.number(1)]))])
    case .list(let shape, let count):
      .object([
        ("type", .text("array")), ("items", shape.schema),
        ("minItems", .number(Double(count.lowerBound))),
        ("maxItems", .number(Double(count.upperBound))),
      ])
    case .record(let record): record.schema
    case .named(let shape, let keys, _, let fewest):
      .object([
        ("type", .text("object")), ("minProperties", .number(Double(fewest))),
        ("propertyNames", .object([("pattern", .text(keys.pattern))])),
        ("additionalProperties", shape.schema),
      ])
    case .either(let key, let having, let otherwise):
      .object([
        ("type", .text("object")), ("if", .object([("required", .list([.text(key)]))])),
        ("then", having.schema), ("else", otherwise.schema),
      ])
    case .any(let shapes): .object([("anyOf", .list(shapes.map(\.schema)))])
    }
  }

  private var unitWords: [String] {
    var words: [String] = []
    for word in Unit.all.flatMap({ $0.spellings + [$0.code] }) where !words.contains(word) {
      words.append(word)
    }
    return words
  }

  private func pattern(_ units: [String], isOptional: Bool = false) -> String {
    let words = units.map(\.quotedForPattern).joined(separator: "|")
    return "^[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?\\s*(\(words))\(isOptional ? "?" : "")$"
  }
}

private let namePattern = "^(?! )[^/+#$\\u0000-\\u001f\\u007f-\\u009f]+(?<! )$"

extension Shape.Keys {
  fileprivate var pattern: String {
    switch self {
    case .names: namePattern
    case .paths: "^[^/]*/[^/]*$"
    case .points: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    case .integers: "^-?(0|[1-9][0-9]*|0x[0-9a-fA-F]+)$"
    }
  }
}

extension Shape.Record {
  fileprivate var schema: JSON {
    let required = fields.filter(\.isRequired).map { JSON.text($0.key) }
    let properties = fields.map { field in
      guard case .object(let members) = field.shape.schema else {
        preconditionFailure("each shape is an object of keywords")
      }
      return (field.key, JSON.object([("description", .text(field.description))] + members))
    }
    return .object(
      [("type", .text("object"))]
        + (required.isEmpty ? [] : [("required", .list(required))])
        + (requiresOneOf.isEmpty
          ? []
          : [
            (
              "anyOf",
              .list(requiresOneOf.map { .object([("required", .list([.text($0)]))]) })
            )
          ])
        + [("additionalProperties", .flag(false)), ("properties", .object(properties))]
    )
  }
}

extension String {
  fileprivate var quotedJSON: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      default:
        precondition(scalar.value >= 0x20, "no text of a schema holds control characters")
        text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  fileprivate var quotedForPattern: String {
    var text = ""
    for character in self {
      if "\\^$.|?*+()[]{}/".contains(character) { text += "\\" }
      text.append(character)
    }
    return text
  }
}
