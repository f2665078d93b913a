import Yams

/// A YAML text as a tree in which each part knows its place.
struct TextTree {
  var content: Content
  var position: Position

  enum Content {
    /// A single value as it is written; `isPlain` when it stands without quotes.
    case scalar(String, isPlain: Bool)
    case list([TextTree])
    case record([Entry])
  }

  struct Entry {
    var key: String
    var keyPosition: Position
    var value: TextTree
  }

  /// Whether the value was left out: `power:` with nothing after it, or `~`.
  var isEmpty: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return text.isEmpty || text == "~" || text.lowercased() == "null"
  }

  /// More than any honest file holds; aliases of aliases would grow without end.
  fileprivate static let maximumParts = 100_000
}

extension TextTree {
  /// Reads `text`, and goes on after a doubled key so that the other problems are found too.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - file: Its name, for problems.
  ///   - problems: Where problems go.
  /// - Returns: `nil` when the text has no structure to look at.
  static func parse(_ text: String, file: String, problems: inout ProblemList) -> TextTree? {
    var text = text.withPlainLines
    var setAside = 0
    while true {
      do {
        let node = try Yams.compose(yaml: text, .basic, .default, .utf8)
        var reader = NodeReader(file: file, problems: problems)
        let tree = node.flatMap { reader.tree($0) }
        problems = reader.problems
        guard let tree, !tree.isEmpty else {
          problems.error(file, nil, "the file is empty", "start from an example in deploy/examples")
          return nil
        }
        return tree
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let position = Position(line: context.mark.line, column: context.mark.column)
        let key = keys.first ?? ""
        problems.error(
          file,
          position,
          "key '\(key)' is given more than once",
          "keep one of them and remove the others"
        )
        // Yams stops here. The first of the two gets a name that nothing else has, and is skipped.
        guard let next = text.settingAside(key, at: position, number: setAside) else { return nil }
        text = next
        setAside += 1
      } catch let error as YamlError {
        problems.report(error, file: file, text: text)
        return nil
      } catch {
        problems.error(
          file,
          nil,
          "the file cannot be read as YAML: \(error)",
          "check its structure"
        )
        return nil
      }
    }
  }
}

/// Characters that name keys which were set aside; private use, so no file has them by chance.
private let asideMarks = UInt32(0xF_0000)...0xF_FFFD

extension String {
  /// This text without a byte order mark, and with line ends of one character.
  fileprivate var withPlainLines: String {
    String(
      (unicodeScalars.first == "\u{FEFF}"
        ? self[unicodeScalars.index(after: startIndex)...] : self[...])
        .map { $0 == "\r\n" ? "\n" : $0 }
    )
  }

  /// This text with the key at `position` replaced by one that is skipped when read.
  fileprivate func settingAside(_ key: String, at position: Position, number: Int) -> String? {
    guard let mark = Unicode.Scalar(asideMarks.lowerBound + UInt32(number)) else { return nil }
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map { $0 }
    guard position.line <= lines.count else { return nil }
    let line = lines[position.line - 1]
    let scalars = line.unicodeScalars
    guard
      let start = scalars.index(
        scalars.startIndex,
        offsetBy: position.column - 1,
        limitedBy: scalars.endIndex
      )
    else { return nil }
    let rest = line[start...]
    // As long as the key was, so that what follows keeps its column.
    let name = String(repeating: "\(mark)", count: key.unicodeScalars.count)
    for quote in ["", "\"", "'"] where rest.hasPrefix("\(quote)\(key)\(quote)") {
      let after = rest.dropFirst(key.count + 2 * quote.count)
      lines[position.line - 1] = Substring("\(line[..<start])\(quote)\(name)\(quote)\(after)")
      return lines.joined(separator: "\n")
    }
    return nil
  }
}

/// Turns the nodes of the library into a `TextTree`.
private struct NodeReader {
  let file: String
  var problems: ProblemList
  var parts = 0

  init(file: String, problems: ProblemList) {
    self.file = file
    self.problems = problems
  }

  mutating func tree(_ node: Node) -> TextTree? {
    let position = Position(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    parts += 1
    guard parts <= TextTree.maximumParts else {
      if parts == TextTree.maximumParts + 1 {
        problems.error(
          file,
          position,
          "the file has more than \(TextTree.maximumParts) parts",
          "write it without aliases ('*name') that repeat one another"
        )
      }
      return nil
    }
    switch node {
    case .scalar(let scalar):
      return TextTree(
        content: .scalar(scalar.string, isPlain: scalar.style == .plain || scalar.style == .any),
        position: position
      )
    case .sequence(let sequence):
      return TextTree(content: .list(sequence.compactMap { tree($0) }), position: position)
    case .mapping(let mapping):
      var entries: [TextTree.Entry] = []
      for (key, value) in mapping {
        if let entry = entry(key, value, in: position) { entries.append(entry) }
      }
      return TextTree(content: .record(entries), position: position)
    case .alias:
      preconditionFailure("the library puts what an alias names in its place")
    }
  }

  mutating func entry(_ key: Node, _ value: Node, in record: Position) -> TextTree.Entry? {
    let position = key.mark.map { Position(line: $0.line, column: $0.column) } ?? record
    guard case .scalar(let scalar) = key else {
      problems.error(
        file,
        position,
        "a key must be a word",
        "put quotes around it if it holds braces or brackets"
      )
      return nil
    }
    let isAside = scalar.string.unicodeScalars.first.map { asideMarks.contains($0.value) } ?? false
    guard !isAside, let value = tree(value) else { return nil }
    return TextTree.Entry(key: scalar.string, keyPosition: position, value: value)
  }
}

extension ProblemList {
  /// What the YAML parser says, with what mostly causes it.
  fileprivate mutating func report(_ failure: YamlError, file: String, text: String) {
    switch failure {
    case .scanner(let context, let problem, let mark, yaml: _),
      .parser(let context, let problem, let mark, yaml: _),
      .composer(let context, let problem, let mark, yaml: _):
      let position = Position(line: mark.line, column: mark.column)
      let before = context.map { "\($0.text) (line \($0.mark.line)): " } ?? ""
      error(
        file,
        position,
        "not valid YAML: \(before)\(problem)",
        mend(problem, at: mark, in: text)
      )
    case .reader(let problem, let offset, value: _, yaml: _):
      let before = text.prefix(offset ?? 0)
      let line = before.count { $0.isNewline } + 1
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      error(
        file,
        Position(line: line, column: column),
        "not valid YAML: \(problem)",
        "remove the invisible character"
      )
    default:
      error(file, nil, "not valid YAML: \(failure)", "check the structure of the file")
    }
  }

  private func mend(_ problem: String, at mark: Mark, in text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = mark.line <= lines.count ? lines[mark.line - 1] : ""
    if line.prefix(mark.column).contains("\t") { return "indent with spaces; YAML forbids tabs" }
    if problem.contains("another document") { return "keep one document, without '---' lines" }
    if problem.contains("undefined alias") {
      return "put quotes around a text that begins with '*'"
    }
    if problem.contains("mapping values are not allowed") {
      return "indent all keys of one record alike, and put quotes around a text that holds ': '"
    }
    if problem.contains("could not find expected ':'") { return "write 'key: value' on each line" }
    if problem.contains("did not find expected ',' or") { return "close the bracket or brace" }
    return "indent all keys of one record alike, and close quotes, brackets and braces"
  }
}
