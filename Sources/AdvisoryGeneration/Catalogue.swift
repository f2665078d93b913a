package import ConditionModel

/// The words of one language, read from the file that translators edit.
///
/// A line is `"key" = "text with {placeholder}"`; an empty line or one that begins with `//` says
/// nothing. Inside the quotes `~` is a space that does not break, `\"` a quotation mark and `\\` a
/// backslash.
package struct Catalogue: Sendable {
  /// Looked up only, never walked in its order.
  private let texts: [String: String]
  /// In the order of the file.
  package let keys: [String]
  /// The numbers of lines that are none of the above or repeat a key.
  package let faultyLines: [Int]

  package init(parsing source: String) {
    var texts: [String: String] = [:]
    var keys: [String] = []
    var faultyLines: [Int] = []
    let lines = source.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated() {
      let isBlank = line.allSatisfy { $0 == " " || $0 == "\t" }
      if isBlank || line.drop(while: { $0 == " " }).hasPrefix("//") { continue }
      var rest = line
      guard let key = rest.takeQuoted(), rest.takeEquals(), let text = rest.takeQuoted(),
        rest.allSatisfy({ $0 == " " || $0 == ";" }), texts[key] == nil
      else {
        faultyLines.append(index + 1)
        continue
      }
      texts[key] = text
      keys.append(key)
    }
    self.texts = texts
    self.keys = keys
    self.faultyLines = faultyLines
  }

  /// The text for `key` as it stands in the file.
  package subscript(_ key: String) -> String? { texts[key] }

  /// The text for `key`, its placeholders filled.
  ///
  /// A missing text shows as its key: a sentence with a hole is better than none, and a test holds
  /// the files to completeness.
  package func text(_ key: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
    guard let pattern = texts[key] else { return key }
    var filled = ""
    var rest = pattern[...]
    while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
      let name = rest[rest.index(after: start)..<end]
      filled += rest[..<start]
      filled += values.first { $0.key == name }?.value ?? String(rest[start...end])
      rest = rest[rest.index(after: end)...]
    }
    return filled + rest
  }

  /// The catalogue of a language, as shipped.
  package static func of(_ language: Language) -> Catalogue {
    switch language {
    case .english: english
    case .french: french
    }
  }

  private static let english = Catalogue(
    parsing: String(decoding: PackageResources.en_strings, as: UTF8.self)
  )
  private static let french = Catalogue(
    parsing: String(decoding: PackageResources.fr_strings, as: UTF8.self)
  )
}

extension Substring {
  /// Takes a text in quotation marks from the front, blanks before it too.
  fileprivate mutating func takeQuoted() -> String? {
    self = drop { $0 == " " || $0 == "\t" }
    guard popFirst() == "\"" else { return nil }
    var text = ""
    while let character = popFirst() {
      switch character {
      case "\"": return text
      case "\\":
        guard let escaped = popFirst() else { return nil }
        text.append(escaped)
      case "~": text.append("\u{A0}")
      default: text.append(character)
      }
    }
    return nil
  }

  fileprivate mutating func takeEquals() -> Bool {
    self = drop { $0 == " " || $0 == "\t" }
    return popFirst() == "="
  }
}
