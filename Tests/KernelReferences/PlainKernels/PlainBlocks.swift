// One value after the other, as one would write it on paper.

package func plainRootMeanSquare(_ window: [Float]) -> Float {
  var sum: Float = 0
  for value in window { sum += value * value }
  return (sum / Float(window.count)).squareRoot()
}

package func plainSumOfProducts(_ one: [Float], _ other: [Float]) -> Float {
  var sum: Float = 0
  for index in one.indices { sum += one[index] * other[index] }
  return sum
}

package func plainPeak(_ window: [Float]) -> Float {
  var peak: Float = 0
  for value in window where abs(value) > peak { peak = abs(value) }
  return peak
}

package func plainCrestFactor(_ window: [Float]) -> Float {
  plainPeak(window) / plainRootMeanSquare(window)
}

/// Mean, variance, skewness and kurtosis in double precision.
package func plainMoments(
  _ window: [Float]
) -> (mean: Double, variance: Double, skewness: Double, kurtosis: Double) {
  let count = Double(window.count)
  var mean = 0.0
  for value in window { mean += Double(value) }
  mean /= count
  var second = 0.0
  var third = 0.0
  var fourth = 0.0
  for value in window {
    let distance = Double(value) - mean
    second += distance * distance
    third += distance * distance * distance
    fourth += distance * distance * distance * distance
  }
  let variance = second / count
  return (
    mean, variance, third / count / (variance * variance.squareRoot()),
    fourth / count / (variance * variance)
  )
}

/// Mean and fourth moment in single precision, as a loop would do it.
package func plainKurtosis(_ window: [Float]) -> Float {
  var mean: Float = 0
  for value in window { mean += value }
  mean /= Float(window.count)
  var second: Float = 0
  var fourth: Float = 0
  for value in window {
    let square = (value - mean) * (value - mean)
    second += square
    fourth += square * square
  }
  return fourth * Float(window.count) / (second * second)
}

package func plainSquaredMagnitudes(
  _ real: [Float],
  _ imaginary: [Float],
  into power: inout [Float]
) {
  for index in real.indices {
    power[index] = real[index] * real[index] + imaginary[index] * imaginary[index]
  }
}

/// Every bin brought to the magnitude 1.
package func plainWhiten(_ real: inout [Float], _ imaginary: inout [Float]) {
  for index in real.indices {
    let power = real[index] * real[index] + imaginary[index] * imaginary[index]
    let factor = power < .leastNormalMagnitude ? 0 : 1 / power.squareRoot()
    real[index] *= factor
    imaginary[index] *= factor
  }
}

/// The convolution with `taps`, of which every `factor`-th value is kept.
package func plainDecimation(_ signal: [Float], taps: [Float], factor: Int) -> [Float] {
  stride(from: 0, to: signal.count, by: factor).map { place in
    var sum: Float = 0
    for (delay, tap) in taps.enumerated() where delay <= place {
      sum += tap * signal[place - delay]
    }
    return sum
  }
}

/// A second-order section as a difference equation.
package func plainBiquad(
  _ signal: [Float],
  feedForward b: (Double, Double, Double),
  feedback a: (Double, Double)
) -> [Float] {
  var inputs = (0.0, 0.0)
  var outputs = (0.0, 0.0)
  return signal.map { sample in
    let input = Double(sample)
    let output =
      b.0 * input + b.1 * inputs.0 + b.2 * inputs.1 - a.0 * outputs.0 - a.1 * outputs.1
    inputs = (input, inputs.0)
    outputs = (output, outputs.0)
    return Float(output)
  }
}
