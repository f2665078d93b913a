import SignalProcessing

// Random numbers and curves from additions, multiplications and square roots alone, so that an
// examination is the same bits with every C library.

extension SeededGenerator {
  /// A nearly normal number from one draw: the sum of four uniform ones with the tails drawn out.
  ///
  /// Variance 1, kurtosis 3.09; it ends at ±4.2.
  mutating func quickNormal() -> Double {
    let drawn = bits()
    let sum =
      (drawn & 0xFFFF) &+ (drawn >> 16 & 0xFFFF) &+ (drawn >> 32 & 0xFFFF) &+ (drawn >> 48)
    // Variance of the sum: 4 · (2¹⁶)² ∕ 12.
    let plain = (Double(sum) - 131_070) * (1 / 37_837.2)
    return plain * (0.935_98 + 0.023_4 * plain * plain)
  }

  /// A number in `range` whose logarithm is about equally likely everywhere.
  mutating func spread(in range: ClosedRange<Double>) -> Double {
    range.lowerBound
      * steadyExponential(uniform() * steadyLogarithm(range.upperBound / range.lowerBound))
  }

  /// A number in `range`.
  mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }

  /// A whole number in `range`.
  mutating func whole(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(uniform() * Double(range.count))
  }

  mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[whole(in: 0...elements.count - 1)]
  }

  /// A generator of its own for one purpose, so that a change in one does not move the others.
  func branch(_ purpose: UInt64) -> SeededGenerator {
    var parent = self
    var child = SeededGenerator(seed: parent.bits() ^ (purpose &* 0xD6E8_FEB8_6659_FD93))
    return SeededGenerator(seed: child.bits())
  }
}

/// A wave of period 1 and height 1 made of parabolas, at most 0.06 from the sine.
func wave(_ turns: Double) -> Double {
  let phase = turns - turns.rounded(.down)
  return phase < 0.5 ? 16 * phase * (0.5 - phase) : -16 * (phase - 0.5) * (1 - phase)
}

/// A slow swing around 0 with standard deviation 1 (an Ornstein-Uhlenbeck process).
struct Swing: Hashable, Sendable {
  private(set) var value = 0.0
  private let keep: Double
  private let push: Double

  /// - Parameters:
  ///   - steps: After how many steps the swing has forgotten all but 37 % of its value.
  ///   - generator: Where it starts.
  init(steps: Double, _ generator: inout SeededGenerator) {
    let rate = 1 / max(steps, 1)
    keep = 1 - rate
    push = (rate * (2 - rate)).squareRoot()
    value = generator.quickNormal()
  }

  mutating func advance(_ generator: inout SeededGenerator) {
    value = value * keep + push * generator.quickNormal()
  }
}
