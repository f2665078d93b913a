import AdvisoryGeneration
import ConditionModel
import DatasetReplay
import Foundation
import SignalProcessing

/// A diagnosis as one page that needs nothing else: to read on a screen or on paper.
struct DiagnosisPage {
  let html: String

  init(
    _ diagnosis: VibrationDiagnosis,
    record: VibrationRecord,
    file: String,
    target: VibrationTarget,
    bearing: String?,
    words: DiagnosisWords
  ) {
    let name = URL(fileURLWithPath: file).lastPathComponent
    let seconds = Double(record.samples.count) / record.sampleRateHertz
    let origin = words.text(
      "record",
      [
        "file": name,
        "seconds": words.notation.number(seconds),
        "rate": words.notation.number(record.sampleRateHertz),
      ]
    )
    var body = "<h1>\(escaped(words.text("title")))</h1>\n<p>\(escaped(origin))</p>\n"
    for sentence in words.conclusions(diagnosis) {
      body += "<p class=\"conclusion\">\(escaped(sentence)).</p>\n".replacingOccurrences(
        of: "..</p>",
        with: ".</p>"
      )
    }
    for remark in record.remarks { body += "<p class=\"remark\">\(escaped(remark))</p>\n" }
    let weak = words.weak(diagnosis)
    if !weak.isEmpty {
      let list = weak.joined(separator: "; ")
      body += "<p>\(escaped(words.text("lookedfor"))) \(escaped(list))</p>\n"
    }
    for fact in words.facts(diagnosis, bearing: bearing) { body += "<p>\(escaped(fact))</p>\n" }
    let figures = DiagnosisFigures(diagnosis, record: record, words: words)
    body += figures.all.map { "<figure>\($0)</figure>\n" }.joined()
    body += Self.table(diagnosis, words)
    html = """
      <!DOCTYPE html>
      <html lang="\(words.language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(words.text("title"))): \(escaped(name))</title>
      <style>
      body { font: 15px/1.4 system-ui, sans-serif; color: #000; background: #fff;
        max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem; }
      h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
      p { margin: .3rem 0; }
      .conclusion { font-size: 1.15rem; font-weight: 600; border-left: 4px solid #000;
        padding-left: .6rem; margin: .8rem 0; }
      .remark { border: 1px solid #000; padding: .3rem .6rem; }
      figure { margin: 1rem 0; break-inside: avoid; }
      svg { width: 100%; height: auto; }
      table { border-collapse: collapse; width: 100%; break-inside: auto; }
      th, td { border-bottom: 1px solid #888; padding: .15rem .5rem; text-align: right; }
      th:first-child, td:first-child, td.text { text-align: left; }
      td.absent { color: #555; }
      @page { size: A4; margin: 15mm; }
      @media print { body { margin: 0; max-width: none; font-size: 10pt; } }
      </style>
      </head>
      <body>
      \(body)</body>
      </html>

      """
  }

  /// The lines of what is named; of the strongest suspect where nothing is.
  private static func table(_ diagnosis: VibrationDiagnosis, _ words: DiagnosisWords) -> String {
    let named = diagnosis.confident
    let shown =
      named.isEmpty ? diagnosis.suspects.filter { !$0.lines.isEmpty }.prefix(1) : named[...]
    var rows = ""
    for suspect in shown {
      for line in suspect.lines {
        let state = words.text(line.isPresent ? "present" : "absent")
        let cells = [
          line.name, words.notation.number(line.order), words.notation.number(line.hertz),
          words.text("where.\(line.spectrum.rawValue)"),
          words.notation.number(line.decibelsAboveFloor.rounded()), state,
        ]
        let style = line.isPresent ? "" : " class=\"absent\""
        rows += "<tr>" + cells.map { "<td\(style)>\(escaped($0))</td>" }.joined() + "</tr>\n"
      }
    }
    guard !rows.isEmpty else { return "" }
    let heads = ["column.line", "column.order", "", "column.where", "column.level", ""]
    let head = heads.map { key in
      "<th>\(key.isEmpty ? "" : escaped(words.text(key)))</th>"
    }
    var titles = head
    titles[2] = "<th>Hz</th>"
    return "<table>\n<tr>\(titles.joined())</tr>\n\(rows)</table>\n"
  }
}

/// Text that may stand in a page.
func escaped(_ text: String) -> String {
  text.replacingOccurrences(of: "&", with: "&amp;")
    .replacingOccurrences(of: "<", with: "&lt;")
    .replacingOccurrences(of: ">", with: "&gt;")
    .replacingOccurrences(of: "\"", with: "&quot;")
}
