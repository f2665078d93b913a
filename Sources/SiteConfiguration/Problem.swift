/// Something about a file that a person should know or must mend.
package struct Problem: Hashable, Sendable, Codable {
  /// As the file was named by whoever asked for it.
  package var file: String
  /// Where in the file, both from 1; `nil` for a problem of the file as a whole.
  package var position: Position?
  package var severity: Severity
  /// What is wrong: `unknown key 'vites'`.
  package var message: String
  /// What to do about it: `did you mean 'speed'?`; empty where nothing needs doing.
  package var mend: String

  package init(
    file: String,
    position: Position?,
    severity: Severity,
    message: String,
    mend: String
  ) {
    self.file = file
    self.position = position
    self.severity = severity
    self.message = message
    self.mend = mend
  }

  /// How much a problem stands in the way.
  package enum Severity: String, Hashable, Comparable, Sendable, Codable {
    /// An assumption that was made, in case it is wrong.
    case note
    /// Works, though probably not as meant.
    case warning
    /// Nothing starts before this is mended.
    case error

    package static func < (left: Severity, right: Severity) -> Bool {
      left.rank < right.rank
    }

    private var rank: Int {
      switch self {
      case .note: 0
      case .warning: 1
      case .error: 2
      }
    }
  }
}

/// A place in a text, counted in lines and characters from 1.
package struct Position: Hashable, Comparable, Sendable, Codable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (earlier: Position, later: Position) -> Bool {
    (earlier.line, earlier.column) < (later.line, later.column)
  }
}

extension Problem: CustomStringConvertible {
  /// Place, reason and mend in one line.
  ///
  /// For example `site.yaml:12:7: unknown key 'sped'; did you mean 'speed'?`.
  package var description: String {
    let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
    let kind = severity == .error ? "" : "\(severity.rawValue): "
    let advice = mend.isEmpty ? "" : "; \(mend)"
    return "\(place): \(kind)\(message)\(advice)"
  }
}

/// Everything that is wrong with a configuration, ordered by file and place.
package struct ConfigurationProblems: Error, Hashable, Sendable {
  /// Errors, warnings and notes; at least one is an error.
  package var problems: [Problem]

  package init(_ problems: [Problem]) {
    self.problems = problems
  }
}

extension ConfigurationProblems: CustomStringConvertible {
  /// One problem per line.
  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

/// The problems found so far, in one or more files.
///
/// Of each severity the first thousand are kept: nobody reads more.
struct ProblemList {
  private(set) var problems: [Problem] = []
  private var counts: [Problem.Severity: Int] = [:]

  var hasErrors: Bool { counts[.error] != nil }

  mutating func add(
    _ severity: Problem.Severity,
    _ file: String,
    _ position: Position?,
    _ message: String,
    _ mend: String
  ) {
    let problem = Problem(
      file: file,
      position: position,
      severity: severity,
      message: message,
      mend: mend
    )
    guard counts[severity, default: 0] < 1_000, !problems.contains(problem) else { return }
    counts[severity, default: 0] += 1
    problems.append(problem)
  }

  mutating func error(
    _ file: String,
    _ position: Position?,
    _ message: String,
    _ mend: String
  ) {
    add(.error, file, position, message, mend)
  }

  /// By file, in the order in which `files` names them, then by place, then as found.
  func ordered(files: [String]) -> [Problem] {
    let places = problems.enumerated().map { index, problem in
      (
        file: files.firstIndex(of: problem.file) ?? files.count,
        name: problem.file,
        position: problem.position ?? Position(line: 0, column: 0),
        index: index
      )
    }
    return
      places
      .sorted {
        ($0.file, $0.name, $0.position, $0.index) < ($1.file, $1.name, $1.position, $1.index)
      }
      .map { problems[$0.index] }
  }
}
