import ConditionModel

/// What the live view shows at one moment, already in the reader's words.
struct LiveBoard: Equatable {
  var title: String
  var clock: String
  var machines: [Machine]
  var alertsHeading: String
  var noAlerts: String
  var alerts: [Alert]
  /// One line each: buses, broker, store, the agent itself.
  var health: [HealthLine]
  /// How to see the same elsewhere.
  var hint: String?

  struct Machine: Equatable {
    var name: String
    var state: ConditionState?
    var stateWord: String
    var activity: String
    var values: [Value]
  }

  struct Value: Equatable {
    var label: String
    var text: String
    /// The last minutes, oldest first; `nil` where nothing was read.
    var trend: [Double?]
  }

  struct Alert: Equatable {
    var priority: Advisory.Priority
    var title: String
    var sentences: [String]
  }

  struct HealthLine: Equatable {
    var label: String
    var text: String
    var isGood: Bool
  }
}

/// Draws a board as lines for a terminal.
struct LiveView {
  var width: Int
  var height: Int
  var usesColour: Bool

  /// The lines of the whole screen, never more than `height`, none wider than `width`.
  func lines(of board: LiveBoard) -> [String] {
    var lines = [
      spread(styled(" \(board.title)", .bold), plainLeft: board.title.count + 1, board.clock),
      styled(String(repeating: "─", count: width), .dim),
    ]
    let nameWidth = min(22, board.machines.map(\.name.count).max() ?? 0)
    let wordWidth = board.machines.map(\.stateWord.count).max() ?? 0
    let activityWidth = board.machines.map(\.activity.count).max() ?? 0
    for machine in board.machines {
      lines.append(
        line(
          of: machine,
          nameWidth: nameWidth,
          wordWidth: wordWidth,
          activityWidth: activityWidth
        )
      )
    }
    lines.append("")
    var footer = [""]
    for line in board.health {
      let mark = line.isGood ? styled("●", .green) : styled("●", .red)
      footer.append(
        " \(mark) " + styled(line.label.filled(8), .dim) + " " + line.text.cut(width - 12)
      )
    }
    if let hint = board.hint { footer += ["", " " + styled(hint.cut(width - 1), .dim)] }

    let room = height - lines.count - footer.count
    lines += alertLines(of: board, room: max(2, room))
    lines += footer
    return lines.prefix(height).map { $0.cutAsShown(width) }
  }

  private func line(
    of machine: LiveBoard.Machine,
    nameWidth: Int,
    wordWidth: Int,
    activityWidth: Int
  ) -> String {
    let style = style(of: machine.state)
    var line =
      " \(styled("●", style)) \(machine.name.filled(nameWidth))  "
      + styled(machine.stateWord.filled(wordWidth), style)
      + "  " + styled(machine.activity.filled(activityWidth), .dim)
    var used = 3 + nameWidth + 2 + wordWidth + 2 + activityWidth
    for value in machine.values {
      let trend = sparkline(value.trend)
      let plain = "   \(value.label) \(value.text.filled(9)) \(trend)"
      guard used + plain.count <= width else { break }
      line +=
        "   " + styled(value.label, .dim) + " " + value.text.filled(9) + " " + styled(trend, .blue)
      used += plain.count
    }
    return line
  }

  private func alertLines(of board: LiveBoard, room: Int) -> [String] {
    guard !board.alerts.isEmpty else { return [" " + styled(board.noAlerts, .dim)] }
    var lines = [" " + styled(board.alertsHeading, .bold)]
    for alert in board.alerts {
      let style: Style = alert.priority == .high ? .red : alert.priority == .medium ? .yellow : .dim
      let head = wrap(alert.title, width: width - 4)
      for (index, part) in head.enumerated() {
        lines.append((index == 0 ? " \(styled("▲", style)) " : "   ") + styled(part, .bold))
      }
      for sentence in alert.sentences {
        for part in wrap(sentence, width: width - 4) { lines.append("   " + part) }
      }
    }
    guard lines.count > room else { return lines }
    return Array(lines.prefix(room - 1)) + [" …"]
  }

  /// `left` at the left edge and `right` at the right edge of one line.
  private func spread(_ left: String, plainLeft: Int, _ right: String) -> String {
    let gap = width - plainLeft - right.count - 1
    guard gap > 0 else { return left }
    return left + String(repeating: " ", count: gap) + styled(right, .dim)
  }

  private func style(of state: ConditionState?) -> Style {
    switch state {
    case nil: .dim
    case .normal?: .green
    case .alert?: .yellow
    case .alarm?: .red
    }
  }

  private enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
  }

  private func styled(_ text: String, _ style: Style) -> String {
    usesColour && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// A trend as eight heights of block, a dot where nothing was read.
///
/// The scale spans the values shown, but never less than a fifth of their size, so that noise stays
/// nearly flat.
func sparkline(_ values: [Double?]) -> String {
  let numbers = values.compactMap { $0 }
  guard let low = numbers.min(), let high = numbers.max() else {
    return String(repeating: "·", count: values.count)
  }
  let span = max(high - low, 0.2 * max(abs(low), abs(high)), 1e-9)
  let blocks = Array("▁▂▃▄▅▆▇█")
  return String(
    values.map { value in
      guard let value else { return "·" }
      return blocks[min(7, Int((value - low) / span * 8))]
    }
  )
}

/// Cuts `text` between words, and words that are longer, into lines of at most `width` characters.
func wrap(_ text: String, width: Int) -> [String] {
  let width = max(1, width)
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if line.count + 1 + word.count <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = String(word)
    }
    while line.count > width {
      lines.append(String(line.prefix(width)))
      line.removeFirst(width)
    }
  }
  return line.isEmpty ? lines : lines + [line]
}

extension String {
  /// This text with spaces up to `width`, cut when it is longer.
  fileprivate func filled(_ width: Int) -> String {
    count >= width ? cut(width) : self + String(repeating: " ", count: width - count)
  }

  /// At most `width` characters besides the codes for colours, which all stay.
  fileprivate func cutAsShown(_ width: Int) -> String {
    guard count > width else { return self }
    var shown = 0
    var isCode = false
    return filter { character in
      if character == "\u{1B}" { isCode = true }
      if isCode {
        if character == "m" { isCode = false }
        return true
      }
      shown += 1
      return shown <= width
    }
  }

  /// At most `width` characters; an ellipsis shows that some are missing.
  fileprivate func cut(_ width: Int) -> String {
    count <= width ? self : String(prefix(max(0, width - 1))) + "…"
  }
}
