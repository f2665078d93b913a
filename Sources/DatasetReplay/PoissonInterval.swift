import Glibc

/// Returns the range in which the mean of a Poisson count lies, with a confidence of 95 %.
///
/// - Parameter count: What was counted.
/// - Returns: The exact interval, each side 2.5 %; it starts at 0 for nothing counted.
/// - SeeAlso: Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936).
///   doi:10.1093/biomet/28.3-4.437
func poissonInterval(count: Int) -> ClosedRange<Double> {
  let tail = 0.025
  let low = count == 0 ? 0 : mean(count: count - 1, cumulative: 1 - tail)
  return low...mean(count: count, cumulative: tail)
}

/// The mean for which at most `count` comes with the probability `cumulative`.
private func mean(count: Int, cumulative: Double) -> Double {
  var low = 0.0
  var high = 2 * Double(count) + 20
  for _ in 0..<100 {
    let middle = (low + high) / 2
    if probability(atMost: count, mean: middle) > cumulative { low = middle } else { high = middle }
  }
  return (low + high) / 2
}

private func probability(atMost count: Int, mean: Double) -> Double {
  // Summed from logarithms, so that neither the power nor the factorial overflows.
  var sum = 0.0
  var term = -mean
  for index in 0...count {
    if index > 0 { term += log(mean / Double(index)) }
    sum += exp(term)
  }
  return sum
}
