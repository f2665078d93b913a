import ConditionModel

/// A report in one file: no script, nothing to load, the same on a screen and on paper.
struct ReportPage {
  let language: Language
  let title: String
  private var body = ""

  init(language: Language, title: String) {
    self.language = language
    self.title = title
  }

  /// The word of the report's language.
  func say(_ english: String, _ french: String) -> String {
    language == .french ? french : english
  }

  mutating func add(_ html: String) { body += html + "\n" }

  mutating func heading(_ text: String, level: Int = 2) {
    add("<h\(level)>\(text.escaped)</h\(level)>")
  }

  mutating func paragraph(_ text: String, class name: String = "") {
    add("<p\(name.isEmpty ? "" : " class=\"\(name)\"")>\(text.escaped)</p>")
  }

  /// A table; columns in `numeric` stand to the right.
  mutating func table(_ header: [String], _ rows: [[String]], numeric: Set<Int> = []) {
    func cells(_ row: [String], _ tag: String) -> String {
      row.enumerated().map { place, cell in
        "<\(tag)\(numeric.contains(place) ? " class=\"n\"" : "")>\(cell.escaped)</\(tag)>"
      }.joined()
    }
    add("<table><thead><tr>\(cells(header, "th"))</tr></thead><tbody>")
    for row in rows { add("<tr>\(cells(row, "td"))</tr>") }
    add("</tbody></table>")
  }

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="\(language.rawValue)">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title.escaped)</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <h1>\(title.escaped)</h1>
    \(body)</body>
    </html>

    """
  }

  private static let style = """

    :root { --ink: #1c2730; --soft: #5d6b76; --line: #d5dce1; --paper: #fff; --curve: #14506e;
      --usual: #cfe6d6; --machine: #c8352b; --limit: #d98200; --sensor: #6a57b8; --note: #8795a0; }
    * { box-sizing: border-box; }
    body { font: 15px/1.5 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; color: var(--ink);
      background: var(--paper); max-width: 1080px; margin: 0 auto; padding: 24px 20px 60px; }
    h1 { font-size: 25px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 36px 0 6px;
      border-top: 2px solid var(--ink); padding-top: 10px; } h3 { font-size: 16px; margin: 18px 0 4px; }
    p { margin: 6px 0; } p.soft, figcaption { color: var(--soft); } p.bad { color: var(--machine); }
    table { border-collapse: collapse; margin: 10px 0; font-size: 14px; width: 100%; }
    th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line);
      vertical-align: top; } th { font-weight: 600; color: var(--soft); }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    figure { margin: 10px 0; break-inside: avoid; } figcaption { font-size: 13px; }
    svg { display: block; width: 100%; height: auto; } svg text { font: 11px system-ui, "Noto Sans",
      "DejaVu Sans", sans-serif; fill: var(--soft); }
    .alert { border-left: 4px solid var(--note); padding: 2px 0 2px 12px; margin: 10px 0;
      break-inside: avoid; } .alert b { display: block; }
    .alert.machine { border-color: var(--machine); } .alert.limit { border-color: var(--limit); }
    .alert.sensor { border-color: var(--sensor); } .alert.quiet { border-color: var(--note); }
    .key span { display: inline-block; margin-right: 18px; } .key i { display: inline-block;
      width: 22px; height: 11px; margin-right: 6px; vertical-align: baseline; }
    @page { size: A4; margin: 14mm 12mm; }
    @media print { body { font-size: 10.5pt; max-width: none; padding: 0;
      -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      h2 { break-after: avoid; } h3 { break-after: avoid; } tr { break-inside: avoid; } }

    """
}

extension String {
  /// As text of a page.
  var escaped: String {
    var text = ""
    text.reserveCapacity(utf8.count)
    for character in self {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.append(character)
      }
    }
    return text
  }
}
