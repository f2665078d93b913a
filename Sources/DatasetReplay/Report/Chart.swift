import ConditionModel

/// Draws the course of a channel with its usual band, its limits and the alerts on it, as SVG.
struct Chart {
  var trace: Trace
  /// The stretch of time to show, in seconds since 1970, the same for all charts of a machine.
  var span: ClosedRange<Double>
  var limits: [Limit] = []
  var windows: [Window] = []
  var hasDecimalComma = false
  /// How far the clock of the site is ahead of UTC at a moment.
  var offset: (Timestamp) -> Duration

  struct Limit {
    var value: Double
    var isAlarm: Bool
  }

  /// A stretch of time to mark.
  struct Window {
    var seconds: ClosedRange<Double>
    /// A colour variable of the page: `machine`, `limit`, `sensor`, `note`, `usual`.
    var colour: String
    /// What a pointer that rests on it says.
    var label: String
  }

  private static let width = 1_040.0
  private static let height = 150.0
  private static let left = 62.0
  private static let right = 8.0
  private static let top = 8.0
  private static let bottom = 22.0

  func svg() -> String {
    let values = shownValues
    let scale = NumberScale(values.lowerBound...values.upperBound, wanted: 4)
    func y(_ value: Double) -> Double {
      let share =
        (value - scale.range.lowerBound) / (scale.range.upperBound - scale.range.lowerBound)
      return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
    }
    func x(_ seconds: Double) -> Double {
      let share = (seconds - span.lowerBound) / max(1, span.upperBound - span.lowerBound)
      return Self.left + min(1, max(0, share)) * (Self.width - Self.left - Self.right)
    }
    var parts = [
      "<svg viewBox=\"0 0 \(Self.width.plain) \(Self.height.plain)\" role=\"img\">"
    ]
    for window in windows {
      let (from, to) = (x(window.seconds.lowerBound), x(window.seconds.upperBound))
      parts.append(
        "<rect x=\"\(from.plain)\" y=\"\(Self.top.plain)\" width=\"\(max(2, to - from).plain)\" "
          + "height=\"\((Self.height - Self.top - Self.bottom).plain)\" "
          + "fill=\"var(--\(window.colour))\" opacity=\"\(window.colour == "usual" ? "0.7" : "0.22")\"><title>\(window.label.escaped)</title></rect>"
          + "<path d=\"M\(from.plain) \(Self.top.plain)V\((Self.height - Self.bottom).plain)\" "
          + "stroke=\"var(--\(window.colour))\" stroke-width=\"1.5\"/>"
      )
    }
    for tick in scale.ticks {
      let text = tick.fixed(scale.decimals)
      let shown = hasDecimalComma ? String(text.map { $0 == "." ? "," : $0 }) : text
      parts.append(
        "<path d=\"M\(Self.left.plain) \(y(tick).plain)H\((Self.width - Self.right).plain)\" "
          + "stroke=\"var(--line)\"/><text x=\"\((Self.left - 6).plain)\" y=\"\((y(tick) + 4).plain)\" "
          + "text-anchor=\"end\">\(shown)</text>"
      )
    }
    parts += timeTicks(x)
    parts += areas(x, y)
    for limit in limits where scale.range.contains(limit.value) {
      parts.append(
        "<path d=\"M\(Self.left.plain) \(y(limit.value).plain)H\((Self.width - Self.right).plain)\" "
          + "stroke=\"var(--\(limit.isAlarm ? "machine" : "limit"))\" stroke-dasharray=\"6 4\"/>"
      )
    }
    return parts.joined() + "</svg>"
  }

  /// What must be in sight: the values, and limits that are not far from them.
  private var shownValues: ClosedRange<Double> {
    let filled = trace.stretches.filter { !$0.isEmpty }
    let low = filled.map { Double($0.low) }.min() ?? 0
    let high = filled.map { Double($0.high) }.max() ?? 1
    let reach = max(high - low, abs(high) * 0.01, 1e-9)
    let near = limits.map(\.value).filter { $0 > low - reach && $0 < high + reach }
    return min(low, near.min() ?? low)...max(high, near.max() ?? high, low + reach * 0.01)
  }

  /// The usual band and, over it, the values from the lowest to the highest of each stretch.
  private func areas(_ x: (Double) -> Double, _ y: (Double) -> Double) -> [String] {
    var bands: [String] = []
    var curves: [String] = []
    for run in trace.stretches.runs(where: { $0.usual != nil }) {
      let places = Array(run)
      let upper = places.map { place -> String in
        let value = Double(trace.stretches[place].usual?.upperBound ?? 0)
        return "\(x(trace.seconds(of: place)).plain) \(clamped(y(value)).plain)"
      }
      let lower = places.reversed().map { place -> String in
        let value = Double(trace.stretches[place].usual?.lowerBound ?? 0)
        return "\(x(trace.seconds(of: place)).plain) \(clamped(y(value)).plain)"
      }
      bands.append("M" + (upper + lower).joined(separator: "L") + "Z")
    }
    for run in trace.stretches.runs(where: { !$0.isEmpty }) {
      let places = Array(run)
      // A line through the middles, so that a steady value is seen, around it all that was reached.
      let line = places.map { place -> String in
        let stretch = trace.stretches[place]
        let middle = Double(stretch.low + stretch.high) / 2
        return "\(x(trace.seconds(of: place)).plain) \(y(middle).plain)"
      }
      let upper = places.map { place in
        "\(x(trace.seconds(of: place)).plain) \(y(Double(trace.stretches[place].high)).plain)"
      }
      let lower = places.reversed().map { place in
        "\(x(trace.seconds(of: place)).plain) \(y(Double(trace.stretches[place].low)).plain)"
      }
      curves.append(
        "<path d=\"M\((upper + lower).joined(separator: "L"))Z\" fill=\"var(--curve)\" "
          + "opacity=\"0.35\"/><path d=\"M\(line.joined(separator: "L"))\" fill=\"none\" "
          + "stroke=\"var(--curve)\" stroke-width=\"1.1\"/>"
      )
    }
    let band = "<path d=\"\(bands.joined())\" fill=\"var(--usual)\"/>"
    return (bands.isEmpty ? [] : [band]) + curves
  }

  private func clamped(_ y: Double) -> Double {
    min(Self.height - Self.bottom, max(Self.top, y))
  }

  private func timeTicks(_ x: (Double) -> Double) -> [String] {
    TimeScale(span, wanted: 8).ticks.map { tick in
      let moment = Timestamp(seconds: Int64(tick))
      let local = CivilTime(moment, offset: offset(moment))
      let isMidnight = local.hour == 0 && local.minute == 0
      let text =
        span.upperBound - span.lowerBound > 2 * 86_400 || isMidnight
        ? "\(local.year.padded(4))-\(local.month.padded(2))-\(local.day.padded(2))"
        : "\(local.hour.padded(2)):\(local.minute.padded(2))"
          + (span.upperBound - span.lowerBound < 600 ? ":\(local.second.padded(2))" : "")
      return "<path d=\"M\(x(tick).plain) \((Self.height - Self.bottom).plain)v4\" "
        + "stroke=\"var(--soft)\"/><text x=\"\(x(tick).plain)\" y=\"\((Self.height - 5).plain)\" "
        + "text-anchor=\"middle\">\(text)</text>"
    }
  }
}

/// Round numbers along an axis.
struct NumberScale {
  let range: ClosedRange<Double>
  let ticks: [Double]
  let decimals: Int

  init(_ values: ClosedRange<Double>, wanted: Int) {
    let length = max(values.upperBound - values.lowerBound, 1e-12)
    var step = 1.0
    var decimals = 0
    while step * Double(wanted) > length, decimals < 12 {
      step /= 10
      decimals += 1
    }
    while step * 10 * Double(wanted) <= length { step *= 10 }
    for factor in [5.0, 2] where step * factor * Double(wanted) <= length * 1.5 {
      step *= factor
      break
    }
    let first = (values.lowerBound / step).rounded(.down)
    let last = max(first + 1, (values.upperBound / step).rounded(.up))
    range = first * step...last * step
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    self.decimals = decimals
  }
}

/// Full days, hours or minutes along an axis.
struct TimeScale {
  let ticks: [Double]

  init(_ span: ClosedRange<Double>, wanted: Int) {
    let steps: [Double] = [
      1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
      1_209_600, 2_592_000, 7_776_000, 31_536_000,
    ]
    let length = span.upperBound - span.lowerBound
    let step = steps.first { length / $0 <= Double(wanted) } ?? length / Double(wanted)
    let first = (span.lowerBound / step).rounded(.up) * step
    ticks = Array(stride(from: first, through: span.upperBound, by: step))
  }
}

extension Double {
  /// With at most one decimal, as short as can be: `12`, `12.5`.
  fileprivate var plain: String {
    let tenths = Int((self * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : fixed(1)
  }
}

extension [Trace.Stretch] {
  /// The unbroken runs of stretches that fulfil `predicate`.
  fileprivate func runs(where predicate: (Trace.Stretch) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for place in indices where predicate(self[place]) {
      if let last = runs.last, last.upperBound == place {
        runs[runs.count - 1] = last.lowerBound..<place + 1
      } else {
        runs.append(place..<place + 1)
      }
    }
    return runs
  }
}
