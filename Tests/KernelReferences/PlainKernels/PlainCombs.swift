/// What a comb of four lines shows at the rate of `point ∕ 4` bins.
package func plainComb(_ point: Int, rise: [Float], lines: [Float]) -> Float {
  let weights: [Float] = [1, 0.8, 0.6, 0.5]
  // The nearest bin of each multiple, the upper one of two.
  let found = (1...4).map { multiple in
    lines[(multiple * point + 2) / 4] * weights[multiple - 1]
  }
  let sum = found[0] + found[1] + found[2] + found[3]
  let ordered = found.sorted()
  let alone = max(0, ordered[3] - 2 * ordered[2] - 0.3)
  return min(sum - alone, 3.5 * rise[(point + 2) / 4] + 0.5)
}

/// The mean of rows, value by value.
package func plainMean(_ rows: [[Float]]) -> [Float] {
  (rows.first ?? []).indices.map { index in
    rows.reduce(0) { $0 + $1[index] } / Float(rows.count)
  }
}
