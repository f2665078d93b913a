import FoundationEssentials
import Glibc

/// The terminal that standard output is, if it is one.
struct Terminal {
  /// Whether a person looks at standard output.
  static var isPresent: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns and rows; 80 by 24 when the terminal does not say.
  static var size: (width: Int, height: Int) {
    var window = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
      return (80, 24)
    }
    return (Int(window.ws_col), Int(window.ws_row))
  }

  /// Takes the whole screen, hides the cursor; the earlier screen comes back with `leave`.
  static func enter() { write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J") }

  static func leave() { write("\u{1B}[?25h\u{1B}[?1049l") }

  /// Draws all lines at once from the top; no flicker, nothing left of the earlier picture.
  static func draw(_ lines: [String]) {
    write(
      "\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
    )
  }

  private static func write(_ text: String) { writeAll(text, to: STDOUT_FILENO) }
}

/// Tells the person something that is not the result: a line on standard error.
///
/// It may quote what files and devices say: of that, nothing may steer the terminal.
func tell(_ text: String) {
  let shown = text.unicodeScalars.map { scalar in
    let isControl =
      scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    return isControl ? Unicode.Scalar("\u{FFFD}") : scalar
  }
  // What was printed before stands before it, also where both go into one file.
  fflush(nil)
  writeAll(String(String.UnicodeScalarView(shown)) + "\n", to: STDERR_FILENO)
}

private func writeAll(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno != EINTR { return }
    rest = rest.dropFirst(max(0, count))
  }
}
