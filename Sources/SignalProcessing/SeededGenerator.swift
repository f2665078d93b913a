/// A random generator that gives the same numbers for the same seed, on every machine, for ever.
///
/// The standard library may change how it turns bits into numbers; here that is written out.
///
/// - SeeAlso: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
///   (SplitMix64). doi:10.1145/2660193.2660195
package struct SeededGenerator: Sendable, Codable, Hashable {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  package mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0..<1, each multiple of 2⁻⁵³ equally likely.
  package mutating func uniform() -> Double {
    Double(bits() >> 11) * 0x1p-53
  }

  /// A number in `range`, its upper end excluded.
  package mutating func uniform(in range: Range<Double>) -> Double {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }

  /// A nearly normal number with mean 0 and variance 1: the sum of twelve uniform numbers less 6.
  ///
  /// It needs no logarithm, so it is the same bits everywhere; its tails end at ±6.
  package mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }
}
