/// Compares a tree with a shape and keeps what fits; all that does not becomes a problem.
struct ShapeReader {
  let file: String
  var problems: ProblemList

  /// Reads the text of a whole file.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - file: Its name, for problems.
  ///   - shape: What it must be.
  ///   - problems: Where problems go.
  /// - Returns: What fits, or `nil` when nothing does.
  static func read(
    _ text: String,
    file: String,
    shape: Shape,
    problems: inout ProblemList
  ) -> Located? {
    guard let tree = TextTree.parse(text, file: file, problems: &problems) else { return nil }
    var reader = ShapeReader(file: file, problems: problems)
    let located = reader.read(
      tree,
      shape,
      Place(key: "", position: Position(line: 1, column: 1), example: "site: workshop")
    )
    problems = reader.problems
    return located
  }

  /// Where a value stands, for messages.
  struct Place {
    var key: String
    /// Of the key, else of the value.
    var position: Position
    /// `power: 11 kW`.
    var example: String
  }

  private mutating func fail(_ position: Position, _ message: String, _ mend: String) {
    problems.error(file, position, message, mend)
  }

  mutating func read(_ tree: TextTree, _ shape: Shape, _ place: Place) -> Located? {
    if tree.isEmpty {
      fail(
        place.position,
        "'\(place.key)' has no value",
        "write for example '\(place.example)'"
      )
      return nil
    }
    let value: Located.Value? =
      switch shape {
      case .name: name(tree, place)
      case .text: scalar(tree, place).map { .text($0.text) }
      case .word(let words): word(tree, words, place)
      case .integer(let range): integer(tree, range, place)
      case .choice(let numbers): choice(tree, numbers, place)
      case .number: number(tree, place)
      case .flag: flag(tree, place)
      case .measure(let dimension, let range, let example):
        measure(tree, dimension, range, example, place)
      case .quantity(let example): quantity(tree, example, place)
      case .unit: unit(tree, place)
      case .list(let shape, let count): list(tree, shape, count, place)
      case .record(let record): self.record(tree, record, place)
      case .named(let shape, let keys, let what, let fewest):
        named(tree, shape, keys, what, fewest, place)
      case .either(let key, let having, let otherwise):
        read(tree, tree.keys.contains(key) ? having : otherwise, place)?.value
      case .any(let shapes):
        read(tree, shapes.first { tree.hasForm(of: $0) } ?? shapes[0], place)?.value
      }
    return value.map { Located(value: $0, position: tree.position) }
  }

  // MARK: - Single values

  private mutating func scalar(
    _ tree: TextTree,
    _ place: Place
  ) -> (text: String, isPlain: Bool)? {
    guard case .scalar(let text, let isPlain) = tree.content else {
      fail(
        tree.position,
        "'\(place.key)' must be a single value",
        "write for example '\(place.example)'"
      )
      return nil
    }
    guard !text.isEmpty else {
      fail(tree.position, "'\(place.key)' is empty", "write for example '\(place.example)'")
      return nil
    }
    return (text, isPlain)
  }

  private mutating func name(_ tree: TextTree, _ place: Place) -> Located.Value? {
    guard let (text, _) = scalar(tree, place), isName(text, tree.position) else {
      return nil
    }
    return .text(text)
  }

  private mutating func isName(_ text: String, _ position: Position) -> Bool {
    guard let complaint = nameComplaint(text) else { return true }
    fail(
      position,
      "the name '\(text)' \(complaint)",
      "use letters, digits, spaces, '-', '_' and '.', at most 64 of them"
    )
    return false
  }

  private mutating func word(
    _ tree: TextTree,
    _ words: [String],
    _ place: Place
  ) -> Located.Value? {
    guard let (text, _) = scalar(tree, place) else { return nil }
    guard words.contains(text) else {
      fail(
        tree.position,
        "'\(place.key)' cannot be '\(text)'",
        words.count > 1
          ? suggestion(for: text, in: words, meaning: "known are")
          : "write '\(words[0])', or for example '\(place.example)'"
      )
      return nil
    }
    return .text(text)
  }

  private mutating func flag(_ tree: TextTree, _ place: Place) -> Located.Value? {
    guard let (text, isPlain) = scalar(tree, place) else { return nil }
    guard isPlain, text == "true" || text == "false" else {
      fail(tree.position, "'\(place.key)' cannot be '\(text)'", "write 'true' or 'false'")
      return nil
    }
    return .flag(text == "true")
  }

  private mutating func integer(
    _ tree: TextTree,
    _ range: ClosedRange<Int>,
    _ place: Place
  ) -> Located.Value? {
    guard let (text, isPlain) = scalar(tree, place) else { return nil }
    guard isPlain, let value = wholeNumber(text) else {
      let hasLeadingZero = text.count > 1 && text.first == "0" && text.allSatisfy(\.isNumber)
      fail(
        tree.position,
        "'\(place.key)' must be a whole number, not '\(text)'",
        hasLeadingZero
          ? "remove the zero in front"
          : !isPlain && wholeNumber(text) != nil
            ? "remove the quotes" : "write for example '\(place.example)'"
      )
      return nil
    }
    guard range.contains(value) else {
      fail(
        tree.position,
        "'\(place.key)' must be from \(range.lowerBound) to \(range.upperBound), not \(value)",
        "write for example '\(place.example)'"
      )
      return nil
    }
    return .integer(value)
  }

  private mutating func choice(
    _ tree: TextTree,
    _ numbers: [Int],
    _ place: Place
  ) -> Located.Value? {
    guard case .integer(let value)? = integer(tree, 0...Int.max, place) else { return nil }
    guard numbers.contains(value) else {
      let known = numbers.map(String.init).joined(separator: ", ")
      fail(tree.position, "'\(place.key)' cannot be \(value)", "known are: \(known)")
      return nil
    }
    return .integer(value)
  }

  private mutating func number(_ tree: TextTree, _ place: Place) -> Located.Value? {
    guard let (text, isPlain) = scalar(tree, place) else { return nil }
    if isPlain, let value = wholeNumber(text) { return .integer(value) }
    let parts = NumberAndRest(text)
    guard isPlain, let value = parts.number, parts.rest.isEmpty else {
      fail(
        tree.position,
        "'\(place.key)' must be a number, not '\(text)'",
        decimalPoint(text).map { "write '\($0)'" } ?? "write for example '\(place.example)'"
      )
      return nil
    }
    return .number(value)
  }

  // MARK: - Values with units

  private mutating func measure(
    _ tree: TextTree,
    _ dimension: Unit.Dimension,
    _ range: ClosedRange<Double>,
    _ example: String,
    _ place: Place
  ) -> Located.Value? {
    guard let (text, _) = scalar(tree, place) else { return nil }
    let parts = NumberAndRest(text)
    if let mended = decimalPoint(text) {
      fail(tree.position, "'\(place.key)' has a decimal comma: '\(text)'", "write '\(mended)'")
      return nil
    }
    guard let value = parts.number else {
      fail(
        tree.position,
        "'\(place.key)' must be a number with a unit, not '\(text)'",
        "write for example '\(example)'"
      )
      return nil
    }
    guard !parts.rest.isEmpty else {
      let unit = Unit.spelled(NumberAndRest(example).rest)?.shown ?? ""
      fail(tree.position, "'\(place.key)' needs a unit", "write '\(text) \(unit)' if that is meant")
      return nil
    }
    let units = Unit.of(dimension)
    guard let unit = units.first(where: { $0.spellings.contains(parts.rest) }) else {
      fail(
        tree.position,
        "'\(place.key)' cannot be in '\(parts.rest)'",
        suggestion(for: parts.rest, in: units.map(\.shown), meaning: "units")
          + (Unit.spelled(parts.rest) == nil ? "" : ", for example '\(example)'")
      )
      return nil
    }
    let measure = Measure(value: value, unit: unit)
    guard range.contains(value * unit.factor + unit.offset) else {
      let bounds = [range.lowerBound, range.upperBound].map { bound in
        "\(((bound - unit.offset) / unit.factor).shown) \(unit.shown)"
      }
      fail(
        tree.position,
        "'\(place.key)' must be from \(bounds[0]) to \(bounds[1]), not \(text)",
        "write for example '\(example)'"
      )
      return nil
    }
    return .measure(measure)
  }

  private mutating func quantity(
    _ tree: TextTree,
    _ example: String,
    _ place: Place
  ) -> Located.Value? {
    guard let (text, _) = scalar(tree, place) else { return nil }
    if let mended = decimalPoint(text) {
      fail(tree.position, "'\(place.key)' has a decimal comma: '\(text)'", "write '\(mended)'")
      return nil
    }
    let parts = NumberAndRest(text)
    guard let value = parts.number else {
      fail(
        tree.position,
        "'\(place.key)' must be a number with its unit, not '\(text)'",
        "write for example '\(example)'"
      )
      return nil
    }
    // Beyond these a conversion ends at infinity, or not at a number.
    guard value == 0 || (1e-15...1e15).contains(abs(value)) else {
      fail(
        tree.position,
        "'\(place.key)' is \(text), which no machine shows",
        "write for example '\(example)'"
      )
      return nil
    }
    guard let unit = parts.rest.isEmpty ? Unit.spelled("1") : Unit.spelled(parts.rest) else {
      fail(
        tree.position,
        "'\(place.key)' is in '\(parts.rest)', an unknown unit",
        unitSuggestion(parts.rest, example: example)
      )
      return nil
    }
    return .measure(Measure(value: value, unit: unit))
  }

  private mutating func unit(_ tree: TextTree, _ place: Place) -> Located.Value? {
    guard let (text, _) = scalar(tree, place) else { return nil }
    guard let unit = Unit.spelled(text) else {
      fail(tree.position, "unknown unit '\(text)'", unitSuggestion(text, example: place.example))
      return nil
    }
    return .unit(unit)
  }

  private func unitSuggestion(_ text: String, example: String) -> String {
    nearestWord(to: text, in: Unit.all.flatMap(\.spellings)).map { "did you mean '\($0)'?" }
      ?? "write for example '\(example)'"
  }
}

/// Why `text` cannot be a name that becomes a part of a topic; `nil` when it can.
func nameComplaint(_ text: String) -> String? {
  if text.isEmpty { return "is empty" }
  if text.count > 64 { return "is longer than 64 characters" }
  if let character = text.first(where: { "/+#$".contains($0) }) {
    return "holds '\(character)', which has a meaning of its own in topics"
  }
  if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
    return "holds a control character"
  }
  if text.first == " " || text.last == " " { return "begins or ends with a space" }
  return nil
}

/// A whole number in decimal digits or as `0x…`; `nil` for anything else, also for `010`.
func wholeNumber(_ text: String) -> Int? {
  let digits = text.first == "-" ? text.dropFirst() : text[...]
  if digits.hasPrefix("0x"), digits.dropFirst(2).allSatisfy(\.isHexDigit) {
    return Int(digits.dropFirst(2), radix: 16).map { text.first == "-" ? -$0 : $0 }
  }
  guard digits.count == 1 || digits.first != "0",
    digits.allSatisfy({ $0.isASCII && $0.isNumber })
  else { return nil }
  return Int(text)
}

/// `text` with a point for the decimal comma; `nil` when there is none.
private func decimalPoint(_ text: String) -> String? {
  guard let comma = text.firstIndex(of: ","), comma > text.startIndex,
    text[text.index(before: comma)].isNumber,
    text[text.index(after: comma)...].first?.isNumber == true
  else { return nil }
  return text[..<comma] + "." + text[text.index(after: comma)...]
}
