/// Returns the weight of a new sample in an exponential mean with the given time constant.
///
/// The series is written out because `exp` differs between C libraries, and these weights decide.
///
/// - Parameter samples: The time constant in samples, at least 1.
/// - Returns: `1 − exp(−1 ∕ samples)`, to the last digit or two.
func smoothingWeight(timeConstantSamples samples: Double) -> Double {
  precondition(samples >= 1, "a time constant is at least one sample")
  let exponent = 1 / samples
  var tail = 1.0
  for order in stride(from: 20.0, to: 1.0, by: -1.0) {
    tail = 1 - exponent / order * tail
  }
  return exponent * tail
}

/// Returns the twelfth root of the sum of the twelfth powers: a maximum with rounded corners.
///
/// - Parameters:
///   - left: Not negative.
///   - right: Not negative.
/// - Returns: Between the larger of the two and 1.06 times the larger.
func softMaximum(_ left: Double, _ right: Double) -> Double {
  let larger = max(left, right)
  guard larger > 0 else { return 0 }
  let ratio = min(left, right) / larger
  let square = ratio * ratio
  let fourth = square * square
  let sum = 1 + fourth * fourth * fourth
  // Newton's method for the cube root of a number in 1…2; four steps reach the last digit.
  var root = 1 + (sum - 1) * 0.26
  for _ in 0..<4 {
    root = (2 * root + sum / (root * root)) / 3
  }
  return larger * root.squareRoot().squareRoot()
}

/// Returns the median of `values`, the mean of the middle two for an even count.
func median(of values: some Sequence<Double>) -> Double {
  let sorted = values.sorted()
  precondition(!sorted.isEmpty, "nothing has no median")
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
