import AdvisoryGeneration
import Foundation

/// A curve in a frame, as SVG in black on white, to be read on paper too.
struct Plot {
  var title: String
  var horizontal: ClosedRange<Double>
  var vertical: ClosedRange<Double>
  var horizontalUnit: String
  var verticalUnit: String
  var notation: Notation
  /// Where a named line stands.
  var marks: [(at: Double, name: String)] = []
  /// A part of the horizontal axis to set apart.
  var shade: ClosedRange<Double>?
  var shadeText: String?

  private let width = 720.0
  private let left = 52.0
  private let right = 24.0
  private let bottom = 34.0
  private let height = 190.0

  /// Room for the names of lines, which stand upright.
  private var top: Double { marks.isEmpty ? 26 : 96 }
  private var total: Double { top + height + bottom }

  func drawn(_ points: [(Double, Double)]) -> String {
    """
    <svg viewBox="0 0 \(number(width)) \(number(total))" role="img" \
    aria-label="\(escaped(title))" font-family="sans-serif" font-size="12">
    <text x="\(number(left))" y="14" font-weight="bold">\(escaped(title))</text>
    \(shading)\(axes)\(curve(points))\(names)</svg>
    """
  }

  private func x(_ value: Double) -> Double {
    let share = (value - horizontal.lowerBound) / (horizontal.upperBound - horizontal.lowerBound)
    return left + min(max(share, 0), 1) * (width - left - right)
  }

  private func y(_ value: Double) -> Double {
    let share = (value - vertical.lowerBound) / (vertical.upperBound - vertical.lowerBound)
    return top + (1 - min(max(share, 0), 1)) * height
  }

  private var shading: String {
    guard let shade else { return "" }
    let from = x(shade.lowerBound)
    let to = x(shade.upperBound)
    let text = shadeText.map { escaped($0) } ?? ""
    return """
      <rect x="\(number(from))" y="\(number(top))" width="\(number(max(1, to - from)))" \
      height="\(number(height))" fill="#e4e4e4"/>
      <text x="\(number(width - right))" y="14" text-anchor="end" fill="#333">\(text)</text>

      """
  }

  private var axes: String {
    var svg = """
      <rect x="\(number(left))" y="\(number(top))" width="\(number(width - left - right))" \
      height="\(number(height))" fill="none" stroke="#000"/>

      """
    for tick in ticks(horizontal, about: 8) {
      svg += """
        <line x1="\(number(x(tick)))" y1="\(number(top + height))" x2="\(number(x(tick)))" \
        y2="\(number(top + height + 4))" stroke="#000"/><text x="\(number(x(tick)))" \
        y="\(number(top + height + 17))" text-anchor="middle">\(notation.number(tick))</text>

        """
    }
    for tick in ticks(vertical, about: 5) {
      svg += """
        <line x1="\(number(left - 4))" y1="\(number(y(tick)))" x2="\(number(left))" \
        y2="\(number(y(tick)))" stroke="#000"/><text x="\(number(left - 7))" \
        y="\(number(y(tick) + 4))" text-anchor="end">\(notation.number(tick))</text>

        """
    }
    let middle = top + height / 2
    return svg + """
      <text x="\(number(width - right))" y="\(number(total - 3))" \
      text-anchor="end">\(escaped(horizontalUnit))</text>
      <text x="13" y="\(number(middle))" text-anchor="middle" \
      transform="rotate(-90 13 \(number(middle)))">\(escaped(verticalUnit))</text>

      """
  }

  /// One stroke from the least to the greatest value for each column of pixels.
  private func curve(_ points: [(Double, Double)]) -> String {
    let columns = Int(width - left - right)
    guard points.count > 2 * columns else {
      let path = points.map { "\(number(x($0.0))),\(number(y($0.1)))" }.joined(separator: " ")
      return "<polyline points=\"\(path)\" fill=\"none\" stroke=\"#000\" stroke-width=\"0.9\"/>\n"
    }
    var least = [Double](repeating: .infinity, count: columns + 1)
    var greatest = [Double](repeating: -.infinity, count: columns + 1)
    for (position, value) in points {
      let column = Int(x(position) - left)
      least[column] = min(least[column], value)
      greatest[column] = max(greatest[column], value)
    }
    var path = ""
    for column in 0...columns where least[column].isFinite {
      let place = number(left + Double(column))
      path += "\(path.isEmpty ? "M" : "L")\(place) \(number(y(greatest[column])))"
      path += "L\(place) \(number(y(least[column])))"
    }
    return "<path d=\"\(path)\" fill=\"none\" stroke=\"#000\" stroke-width=\"0.9\"/>\n"
  }

  /// Dashed lines up to upright names, moved apart where they would touch.
  private var names: String {
    var svg = ""
    var last = -Double.infinity
    for mark in marks.sorted(by: { $0.at < $1.at }) where horizontal.contains(mark.at) {
      let place = x(mark.at)
      let text = max(place, last + 13)
      last = text
      svg += """
        <path d="M\(number(place)) \(number(top + height))V\(number(top))L\(number(text)) \
        \(number(top - 8))" fill="none" stroke="#000" stroke-width="0.7" stroke-dasharray="3 3"/>
        <text transform="translate(\(number(text + 4)) \(number(top - 11))) rotate(-90)" \
        font-size="11">\(escaped(mark.name))</text>

        """
    }
    return svg
  }

  /// Round numbers within a range.
  private func ticks(_ range: ClosedRange<Double>, about count: Int) -> [Double] {
    let rough = (range.upperBound - range.lowerBound) / Double(count)
    guard rough > 0, rough.isFinite else { return [] }
    let power = pow(10, floor(log10(rough)))
    let step = ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10) * power
    var ticks: [Double] = []
    var tick = (range.lowerBound / step).rounded(.up) * step
    while tick <= range.upperBound + 1e-9 * step {
      ticks.append(abs(tick) < 1e-9 * step ? 0 : tick)
      tick += step
    }
    return ticks
  }

  private func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
