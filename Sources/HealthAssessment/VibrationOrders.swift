import ConditionModel
import SignalProcessing

/// The lines of a plain acceleration spectrum and what they say in orders of the shaft.
struct VibrationOrders: Sendable {
  let binHertz: Double
  /// The mean power of the bins, and the level around each.
  private(set) var power: [Float]
  private var floor: [Float]
  private(set) var rise: [Float]
  /// A floor that follows the spectrum closely, to find the rotation by its lines.
  private var near: SpectrumFloor
  /// A floor that lies below many close lines, to say how far each stands out.
  private var wide: SpectrumFloor
  /// From the power of a line's bins to the squared amplitude of its sine.
  private let amplitudeScale: Double

  /// For the power of segments of `length` samples, tapered by a sine.
  init(length: Int, binHertz: Double) {
    self.binHertz = binHertz
    power = Array(repeating: 0, count: length / 2 + 1)
    floor = power
    rise = power
    near = SpectrumFloor(binCount: power.count, halfWidth: max(16, Int(12 / binHertz)))
    wide = SpectrumFloor(binCount: power.count, halfWidth: max(24, Int(30 / binHertz)), rounds: 6)
    // A sine of amplitude a has the power (a · n ∕ 2)² · ⟨w²⟩ spread over its bins, ⟨w²⟩ = 1 ∕ 2.
    amplitudeScale = 8 / (Double(length) * Double(length))
  }

  mutating func read(_ power: [Float]) {
    self.power = power
    near.estimate(under: power, into: &floor)
    SpectrumFloor.writeRise(of: power, above: floor, into: &rise)
    wide.estimate(under: power, into: &floor)
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
  ///   - told: What the rotation is said to be.
  ///   - rise: The logarithm of each bin over its floor: that of the spectrum if none is given.
  /// - Returns: `nil` where no rate in the range has clearly more lines than chance gives.
  func rotation(
    in range: ClosedRange<Double>,
    told: Double?,
    of rise: [Float]? = nil
  ) -> ShaftSpeed? {
    let rise = rise ?? self.rise
    let harmonics = 8
    let step = binHertz / Double(harmonics)
    let first = Int((range.lowerBound / step).rounded(.down))
    let last = Int((range.upperBound / step).rounded(.up))
    guard first > 0, last >= first else { return nil }
    var best = -Float.infinity
    var point = 0
    for candidate in first...last {
      var sum: Float = 0
      for harmonic in 1...harmonics {
        let bin = (candidate * harmonic + harmonics / 2) / harmonics
        guard bin < rise.count else { break }
        let limit: Float = isMains(Double(bin) * binHertz) ? 2 : 6
        sum += min(rise[bin], limit) * (harmonic <= 3 ? 1 : 0.5)
      }
      if let told {
        // What was told is seldom off by much: another rate must fit better by so much per percent.
        sum -= Float(150 * abs(Double(candidate) * step / told - 1))
      }
      if sum > best {
        best = sum
        point = candidate
      }
    }
    guard best >= (told != nil ? Self.clearSum : Self.clearSumUntold) else { return nil }
    let hertz = Double(point) * step
    guard told == nil else {
      return ShaftSpeed(hertz: hertz, uncertaintyHertz: binHertz / 8, origin: .refined)
    }
    // Where a third of the rate has lines of its own, what was found are its every third.
    let part = hertz / 3 >= range.lowerBound && hasLines(between: hertz, rise) ? 3.0 : 1
    return ShaftSpeed(
      hertz: hertz / part,
      uncertaintyHertz: binHertz / 8 / part,
      origin: .estimated
    )
  }

  /// Whether a third of a rate has lines of its own between its threes: as looseness has at halves,
  /// but hardly anything at thirds.
  private func hasLines(between hertz: Double, _ rise: [Float]) -> Bool {
    let bins = [1, 2, 4, 5].map { Int(($0 * hertz / 3 / binHertz).rounded()) }
    guard let last = bins.last, last < rise.count else { return false }
    let sum = bins.reduce(Float(0)) { sum, bin in
      sum + min(rise[bin], isMains(Double(bin) * binHertz) ? 2 : 6)
    }
    return sum >= Self.clearSum
  }

  /// Whether a line may be one of the mains: many motors turn nearly at half their frequency, and a
  /// line of theirs says nothing about the shaft.
  private func isMains(_ hertz: Double) -> Bool {
    [50.0, 60].contains { mains in
      let multiple = (hertz / mains).rounded()
      return multiple >= 1 && abs(hertz - multiple * mains) <= binHertz
    }
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
