/// The mean and the variance of the recent past of a stream, older values weighing less and less.
///
/// Each value weighs `1 − weight` times as much as the next one; weights are normalised from the
/// first value on, so the beginning is not drawn towards zero. Values that are not finite are
/// passed over.
///
/// - SeeAlso: West, "Updating mean and variance estimates: an improved method", Communications of
///   the ACM 22 (1979). doi:10.1145/359146.359153
package struct ExponentialMoments: Hashable, Sendable, Codable {
  /// What the newest value weighs in the long run; `2 ∕ (n + 1)` for a memory of about `n` values.
  package let weight: Double
  private var total = 0.0
  private var centre = 0.0
  private var spread = 0.0

  package init(weight: Double) {
    precondition(weight > 0 && weight <= 1, "a weight lies above 0 and not above 1")
    self.weight = weight
  }

  package mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    let kept = (1 - weight) * total
    total = kept + 1
    let distance = value - centre
    let step = distance / total
    centre += step
    spread = (1 - weight) * spread + kept * distance * step
  }

  /// `nil` before the first value.
  package var mean: Double? { total > 0 ? centre : nil }

  /// The weighted mean squared deviation from the mean; `nil` before the first value.
  package var variance: Double? { total > 0 ? spread / total : nil }

  package var standardDeviation: Double? { variance?.squareRoot() }
}
