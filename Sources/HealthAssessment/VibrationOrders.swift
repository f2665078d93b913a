import ConditionModel
import SignalProcessing

/// The lines of a plain acceleration spectrum and what they say in orders of the shaft.
struct VibrationOrders: Sendable {
  let binHertz: Double
  /// The mean power of the bins, and the level around each.
  private(set) var power: [Float]
  private var floor: [Float]
  private(set) var rise: [Float]
  private var estimator: SpectrumFloor
  /// From the power of a line's bins to the squared amplitude of its sine.
  private let amplitudeScale: Double

  /// For the power of segments of `length` samples, tapered by a sine.
  init(length: Int, binHertz: Double) {
    self.binHertz = binHertz
    power = Array(repeating: 0, count: length / 2 + 1)
    floor = power
    rise = power
    estimator = SpectrumFloor(binCount: power.count, halfWidth: max(16, Int(12 / binHertz)))
    // A sine of amplitude a has the power (a · n ∕ 2)² · ⟨w²⟩ spread over its bins, ⟨w²⟩ = 1 ∕ 2.
    amplitudeScale = 8 / (Double(length) * Double(length))
  }

  mutating func read(_ power: [Float]) {
    self.power = power
    estimator.estimate(under: power, into: &floor)
    for bin in power.indices {
      let ratio = power[bin] / max(floor[bin], .leastNormalMagnitude)
      rise[bin] = ratio > 1 && ratio.isFinite ? steadyLogarithm(ratio) : 0
    }
  }

  /// A line near a frequency: where its top is, how far above the floor, and its amplitude.
  struct Line: Sendable {
    var hertz: Double
    var decibels: Double
    var amplitude: Double
  }

  /// - Parameters:
  ///   - hertz: Where it is expected.
  ///   - tolerance: How far it may be off, in hertz; a bin at least.
  /// - Returns: The highest bin there; `nil` outside the spectrum.
  func line(at hertz: Double, tolerance: Double) -> Line? {
    let reach = max(1, Int((tolerance / binHertz).rounded(.up)))
    let centre = Int((hertz / binHertz).rounded())
    let low = max(1, centre - reach)
    let high = min(power.count - 3, centre + reach)
    guard low <= high else { return nil }
    var top = low
    for bin in low...high where power[bin] > power[top] { top = bin }
    var sum = 0.0
    for bin in max(0, top - 2)...top + 2 {
      sum += Double(max(0, power[bin] - floor[bin]))
    }
    return Line(
      hertz: Double(top) * binHertz,
      decibels: decibels(Double(power[top]) / Double(max(floor[top], .leastNormalMagnitude))),
      amplitude: (sum * amplitudeScale).squareRoot()
    )
  }

  /// The rotation whose multiples fit the lines best.
  ///
  /// - Parameters:
  ///   - range: In hertz.
  ///   - isTold: Whether the range is known, and not all that is possible.
  /// - Returns: `nil` where no rate in the range has clearly more lines than chance gives.
  func rotation(in range: ClosedRange<Double>, isTold: Bool) -> ShaftSpeed? {
    let harmonics = 8
    let step = binHertz / Double(harmonics)
    let first = Int((range.lowerBound / step).rounded(.down))
    let last = Int((range.upperBound / step).rounded(.up))
    guard first > 0, last >= first else { return nil }
    var best: Float = 0
    var point = 0
    for candidate in first...last {
      var sum: Float = 0
      for harmonic in 1...harmonics {
        let bin = (candidate * harmonic + harmonics / 2) / harmonics
        guard bin < rise.count else { break }
        sum += min(rise[bin], 6) * (harmonic <= 3 ? 1 : 0.5)
      }
      if sum > best {
        best = sum
        point = candidate
      }
    }
    guard best >= (isTold ? Self.clearSum : Self.clearSumUntold) else { return nil }
    return ShaftSpeed(
      hertz: Double(point) * step,
      uncertaintyHertz: binHertz / 4,
      origin: isTold ? .refined : .estimated
    )
  }

  /// What the logarithms of the lines of a real rotation add up to at least.
  private static let clearSum: Float = 5.5
  private static let clearSumUntold: Float = 12

  /// The root mean square of velocity between two frequencies, from acceleration in m/s², in mm/s.
  func velocity(in band: ClosedRange<Double>) -> Double {
    var sum = 0.0
    let low = max(1, Int((band.lowerBound / binHertz).rounded(.up)))
    let high = min(power.count - 1, Int(band.upperBound / binHertz))
    guard low <= high else { return 0 }
    for bin in low...high {
      let rate = 2 * Double.pi * Double(bin) * binHertz
      sum += Double(power[bin]) / (rate * rate)
    }
    return 1000 * (sum * amplitudeScale / 2).squareRoot()
  }
}

/// Ten times the decimal logarithm of a ratio of powers.
func decibels(_ ratio: Double) -> Double {
  guard ratio > 0, ratio.isFinite else { return 0 }
  return 4.342_944_8 * Double(steadyLogarithm(Float(min(max(ratio, 1e-30), 1e30))))
}
