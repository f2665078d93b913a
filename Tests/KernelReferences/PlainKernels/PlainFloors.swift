import Glibc

/// The level of a spectrum without its lines: means of eight bins, averaged over `reach` groups to
/// both sides, and held to twice that before they are averaged again.
package func plainFloor(_ values: [Float], halfWidth: Int, rounds: Int) -> [Double] {
  let reach = max(1, (halfWidth + 4) / 8)
  var groups = stride(from: 0, to: values.count, by: 8).map { start in
    let group = values[start..<min(start + 8, values.count)].map { Double($0) }
    return group.reduce(0, +) / Double(group.count)
  }
  func averages() -> [Double] {
    groups.indices.map { index in
      let near = groups[max(0, index - reach)...min(groups.count - 1, index + reach)]
      return near.reduce(0, +) / Double(near.count)
    }
  }
  for _ in 0..<rounds { groups = zip(groups, averages()).map { min($0, 2 * $1) } }
  let means = averages()
  return values.indices.map { means[$0 / 8] }
}

/// The natural logarithm of values over their floor, 0 where they lie below it.
package func plainRise(_ values: [Float], above floor: [Float]) -> [Double] {
  zip(values, floor).map { value, floor in
    let ratio = Double(value) / Double(max(floor, .leastNormalMagnitude))
    return ratio > 1 && ratio < Double(Float.greatestFiniteMagnitude) ? log(ratio) : 0
  }
}

/// Each value and a share of those at a distance to both sides.
package func plainSides(_ values: [Float], distance: Int, weight: Float) -> [Float] {
  values.indices.map { index in
    let below = index >= distance ? values[index - distance] : 0
    let above = index + distance < values.count ? values[index + distance] : 0
    return values[index] + weight * (below + above)
  }
}

/// The spectrum of the squared envelope of a band, its mean removed: for each distance the sum of the
/// products of all bins so far apart.
package func plainBandEnvelope(
  _ real: [Float],
  _ imaginary: [Float],
  bins: Range<Int>,
  envelopeBinCount: Int
) -> [(real: Double, imaginary: Double)] {
  (0..<envelopeBinCount).map { distance in
    var products = (real: 0.0, imaginary: 0.0)
    guard distance > 0 else { return products }
    for bin in bins where bins.contains(bin + distance) {
      let low = (Double(real[bin]), Double(imaginary[bin]))
      let high = (Double(real[bin + distance]), Double(imaginary[bin + distance]))
      products.real += high.0 * low.0 + high.1 * low.1
      products.imaginary += high.1 * low.0 - high.0 * low.1
    }
    return products
  }
}
