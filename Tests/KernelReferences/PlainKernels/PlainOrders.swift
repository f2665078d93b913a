/// The signal at equal steps of angle: the speed is summed sample by sample, and a cubic laid through
/// the four samples about each place.
package func plainOrders(
  _ signal: [Float],
  sampleRateHertz: Double,
  shaftHertz: [Double],
  samplesPerRevolution: Int
) -> [Double] {
  let last = signal.count - 1
  let speeds = signal.indices.map { index in
    let place = Double(index) / Double(last) * Double(shaftHertz.count - 1)
    let before = min(Int(place), shaftHertz.count - 1)
    let after = min(before + 1, shaftHertz.count - 1)
    return shaftHertz[before] + (shaftHertz[after] - shaftHertz[before]) * (place - Double(before))
  }
  var turns = [0.0]
  for index in 0..<last {
    turns.append(turns[index] + (speeds[index] + speeds[index + 1]) / 2 / sampleRateHertz)
  }
  var results: [Double] = []
  while true {
    let wanted = Double(results.count) / Double(samplesPerRevolution)
    guard let after = turns.firstIndex(where: { $0 > wanted }) else { return results }
    let part = (wanted - turns[after - 1]) / (turns[after] - turns[after - 1])
    results.append(cubic(through: signal, at: Double(after - 1) + part, between: after - 1))
  }
}

/// Lagrange's polynomial through four samples, moved inwards at the ends.
private func cubic(through signal: [Float], at place: Double, between index: Int) -> Double {
  let start = min(max(index - 1, 0), signal.count - 4)
  let near = start..<start + 4
  return near.reduce(0) { sum, one in
    let weight = near.filter { $0 != one }.reduce(1.0) { product, other in
      product * (place - Double(other)) / Double(one - other)
    }
    return sum + Double(signal[one]) * weight
  }
}
