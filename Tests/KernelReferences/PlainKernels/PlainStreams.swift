import Glibc

/// The mean and the variance of a stream of which each value weighs `1 − weight` times as much as the
/// one after it.
package func plainRecentMoments(
  _ values: [Double],
  weight: Double
) -> (mean: Double, variance: Double) {
  let weights = values.indices.map { pow(1 - weight, Double(values.count - 1 - $0)) }
  let total = weights.reduce(0, +)
  let mean = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } / total
  let spread = zip(weights, values).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
  return (mean, spread / total)
}

/// The smallest value that so many per cent of all values do not exceed.
package func plainQuantile(percent: Int, of values: [Float]) -> Float {
  values.sorted()[max(1, (percent * values.count + 99) / 100) - 1]
}
