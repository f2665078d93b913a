import Foundation

extension VibrationRecord {
  /// Samples without which no spectrum is worth reading.
  private static let fewestSamples = 1_024
  /// Turns of the shaft without which lines of a bearing cannot be told apart.
  private static let fewestTurns = 10.0

  /// Largest magnitudes between which a record in m/s² can lie, far beyond what any sensor gives.
  private static let possiblePeaks = 1e-9...1e9

  /// Looks for what makes numbers useless or doubtful.
  static func judge(
    _ values: [Float],
    _ scale: Double,
    _ rate: Double?,
    _ shaftHertz: Double?,
    _ path: String,
    _ problems: inout [String],
    _ remarks: inout [String]
  ) {
    if values.count < fewestSamples {
      problems.append(
        "\(path): \(values.count) samples are too short; record at least 1,024, better one second"
      )
    }
    if let rate, let shaftHertz, shaftHertz > 0 {
      let turns = Double(values.count) / rate * shaftHertz
      if turns < fewestTurns, values.count >= fewestSamples {
        problems.append(
          "\(path): too short, it holds \(text(turns)) turns of the shaft at \(text(shaftHertz)) Hz; "
            + "record at least \(text(fewestTurns / shaftHertz)) s, better \(text(45 / shaftHertz)) s, "
            + "or check --rate"
        )
      }
    }
    if let first = values.firstIndex(where: { !$0.isFinite }) {
      let count = values.count { !$0.isFinite }
      problems.append(
        "\(path): \(count) of \(values.count) samples are no numbers, the first is sample \(first + 1); "
          + "cut the record there or export it again"
      )
      return
    }
    guard let least = values.min(), let greatest = values.max() else { return }
    if least == greatest {
      problems.append(
        "\(path): all samples are \(least); check sensor, cable and supply, and the --column"
      )
      return
    }
    if greatest.magnitude > 1e9 || least.magnitude > 1e9 {
      problems.append(
        "\(path): values up to \(max(greatest.magnitude, least.magnitude)) are no acceleration; "
          + "check --format: are these really 32-bit floats?"
      )
      return
    }
    let peak = Double(max(greatest.magnitude, least.magnitude)) * scale.magnitude
    if !possiblePeaks.contains(peak) {
      problems.append(
        "\(path): values up to \(text(peak)) m/s² are no acceleration; check --scale and --unit"
      )
      return
    }
    judgeLevel(values, least, greatest, path, &problems, &remarks)
  }

  private static func judgeLevel(
    _ values: [Float],
    _ least: Float,
    _ greatest: Float,
    _ path: String,
    _ problems: inout [String],
    _ remarks: inout [String]
  ) {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let square = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let deviation = (square / Double(values.count)).squareRoot()
    // Fewer than this many different values are the steps of a converter, not a vibration.
    if deviation < 1e-6 * max(Double(greatest.magnitude), Double(least.magnitude)) {
      problems.append(
        "\(path): hardly varies around \(text(mean)); check sensor, cable and supply, and the --column"
      )
      return
    }
    let atTop = longestRun(of: greatest, in: values)
    let atBottom = longestRun(of: least, in: values)
    let clipped = values.count { $0 == greatest || $0 == least }
    if max(atTop, atBottom) >= 3, clipped * 1_000 >= values.count {
      let share = Double(clipped) / Double(values.count) * 100
      if share >= 5 {
        problems.append(
          "\(path): \(text(share)) % of the samples are clipped at \(text(Double(greatest))); "
            + "lower the gain or take a sensor with a larger range, and record again"
        )
      } else {
        remarks.append(
          "\(path): \(text(share)) % of the samples are clipped at \(text(Double(greatest))); "
            + "peaks are too low, and lines may be false: lower the gain"
        )
      }
    }
    if abs(mean) > 5 * deviation {
      remarks.append(
        "\(path): a constant part of \(text(mean)) was taken away, \(text(abs(mean) / deviation)) times "
          + "as large as the vibration; couple the sensor for AC, and check the --column"
      )
    }
  }

  private static func longestRun(of value: Float, in values: [Float]) -> Int {
    var longest = 0
    var run = 0
    for sample in values {
      run = sample == value ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  private static func text(_ value: Double) -> String {
    String(format: abs(value) >= 100 ? "%.0f" : "%.3g", value)
  }
}
