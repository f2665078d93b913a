extension ShapeReader {
  mutating func list(
    _ tree: TextTree,
    _ shape: Shape,
    _ count: ClosedRange<Int>,
    _ place: Place
  ) -> Located.Value? {
    guard case .list(let items) = tree.content else {
      problems.error(
        file,
        tree.position,
        "'\(place.key)' must be a list",
        "write for example '\(place.example)'"
      )
      return nil
    }
    guard count.contains(items.count) else {
      let expected =
        count.lowerBound == count.upperBound
        ? "\(count.lowerBound)" : "\(count.lowerBound) or more"
      problems.error(
        file,
        tree.position,
        "'\(place.key)' must have \(expected) entries, not \(items.count)",
        "write for example '\(place.example)'"
      )
      return nil
    }
    let located = items.map { item in
      read(item, shape, Place(key: place.key, position: item.position, example: place.example))
    }
    let good = located.compactMap { $0 }
    return good.count == items.count ? .list(good) : nil
  }

  mutating func record(_ tree: TextTree, _ record: Shape.Record, _ place: Place) -> Located.Value? {
    guard case .record(let entries) = tree.content else {
      problems.error(
        file,
        tree.position,
        (place.key.isEmpty ? "the file" : "'\(place.key)'")
          + " must be a record of keys and values",
        "write for example '\(place.example)'"
      )
      return nil
    }
    var good: [Located.Entry] = []
    for (index, entry) in entries.enumerated() {
      if let next = entries.dropFirst(index + 1).first, isAfterComma(next, in: record) {
        reportComma(entry, next)
        continue
      }
      if index > 0, isAfterComma(entry, in: record) { continue }
      guard let field = record.fields.first(where: { $0.key == entry.key }) else {
        reportUnknown(entry, in: record)
        continue
      }
      let inner = Place(key: entry.key, position: entry.keyPosition, example: field.example)
      if let value = read(entry.value, field.shape, inner) {
        good.append(.init(key: entry.key, keyPosition: entry.keyPosition, value: value))
      }
    }
    for field in record.fields where field.isRequired {
      guard !entries.contains(where: { $0.key == field.key }) else { continue }
      problems.error(
        file,
        place.position,
        "'\(field.key)' is missing" + (place.key.isEmpty ? "" : " in '\(place.key)'"),
        "add for example '\(field.example)'"
      )
    }
    let options = record.requiresOneOf
    if !options.isEmpty, !entries.contains(where: { options.contains($0.key) }) {
      let words = options.map { "'\($0)'" }
      problems.error(
        file,
        place.position,
        "'\(place.key)' has none of \(words.joined(separator: ", "))",
        "add for example '\(place.example)'"
      )
    }
    return .record(good)
  }

  /// Whether YAML took the comma of `{ power: 7,5 kW }` for the end of the value.
  private func isAfterComma(_ entry: TextTree.Entry, in record: Shape.Record) -> Bool {
    entry.key.first?.isNumber == true && entry.value.isEmpty
      && !record.fields.contains { $0.key == entry.key }
  }

  private mutating func reportComma(_ entry: TextTree.Entry, _ rest: TextTree.Entry) {
    guard case .scalar(let text, isPlain: _) = entry.value.content else { return }
    problems.error(
      file,
      entry.value.position,
      "'\(entry.key)' has a decimal comma: '\(text),\(rest.key)'",
      "write '\(text).\(rest.key)'"
    )
  }

  private mutating func reportUnknown(_ entry: TextTree.Entry, in record: Shape.Record) {
    if let refusal = record.refusals.first(where: { $0.key == entry.key }) {
      problems.error(file, entry.keyPosition, refusal.message, refusal.mend)
      return
    }
    let mend: String
    if entry.key == "<<" {
      mend = "merge keys are not supported; write the keys out"
    } else {
      mend = suggestion(for: entry.key, in: record.fields.map(\.key), meaning: "known keys")
    }
    problems.error(file, entry.keyPosition, "unknown key '\(entry.key)'", mend)
  }

  mutating func named(
    _ tree: TextTree,
    _ shape: Shape,
    _ keys: Shape.Keys,
    _ what: String,
    _ fewest: Int,
    _ place: Place
  ) -> Located.Value? {
    guard case .record(let entries) = tree.content, entries.count >= fewest else {
      problems.error(
        file,
        tree.position,
        "'\(place.key)' must name at least one \(what)",
        "write for example '\(place.example)'"
      )
      return nil
    }
    var good: [Located.Entry] = []
    var names: [String: TextTree.Entry] = [:]
    for entry in entries {
      guard isKey(entry, keys, what) else { continue }
      if let other = names[entry.key.lowercased()] {
        problems.error(
          file,
          entry.keyPosition,
          "the \(what) '\(entry.key)' has the name of '\(other.key)' on line "
            + "\(other.keyPosition.line), capitals aside",
          "rename one of them"
        )
      } else {
        names[entry.key.lowercased()] = entry
      }
      let inner = Place(key: entry.key, position: entry.keyPosition, example: place.example)
      if let value = read(entry.value, shape, inner) {
        good.append(.init(key: entry.key, keyPosition: entry.keyPosition, value: value))
      }
    }
    return .record(good)
  }

  private mutating func isKey(_ entry: TextTree.Entry, _ keys: Shape.Keys, _ what: String) -> Bool {
    switch keys {
    case .names:
      guard let complaint = nameComplaint(entry.key) else { return true }
      problems.error(
        file,
        entry.keyPosition,
        "the name '\(entry.key)' \(complaint)",
        "use letters, digits, spaces, '-', '_' and '.', at most 64 of them"
      )
    case .paths:
      if entry.key.split(separator: "/", omittingEmptySubsequences: false).count == 2 {
        return true
      }
      problems.error(
        file,
        entry.keyPosition,
        "'\(entry.key)' does not name a \(what)",
        "write location and point, for example 'drive end/temperature'"
      )
    case .points:
      let isPrintable = !entry.key.unicodeScalars.contains {
        $0.properties.generalCategory == .control
      }
      if !entry.key.isEmpty, isPrintable { return true }
      problems.error(
        file,
        entry.keyPosition,
        "a \(what) has no name, or one with a control character",
        "write for example 'drive end temperature'"
      )
    case .integers(let range):
      if let number = wholeNumber(entry.key), range.contains(number) { return true }
      problems.error(
        file,
        entry.keyPosition,
        "'\(entry.key)' does not name a \(what)",
        "write a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return false
  }
}

extension TextTree {
  /// The keys of a record; empty for anything else.
  var keys: [String] {
    if case .record(let entries) = content { entries.map(\.key) } else { [] }
  }

  /// Whether this could be meant as `shape`, judged by its form alone.
  func hasForm(of shape: Shape) -> Bool {
    switch (content, shape) {
    case (.record, .record), (.record, .named), (.record, .either), (.list, .list): true
    case (.scalar(let text, isPlain: true), .number), (.scalar(let text, isPlain: true), .integer):
      NumberAndRest(text).number != nil || wholeNumber(text) != nil
    case (.scalar, .name), (.scalar, .text), (.scalar, .word), (.scalar, .flag),
      (.scalar, .measure), (.scalar, .quantity), (.scalar, .unit):
      true
    default: false
    }
  }
}
