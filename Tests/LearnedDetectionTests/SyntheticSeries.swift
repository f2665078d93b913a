import SignalProcessing

/// Rows of channels that wander, step, ramp, spike, stand still and come back, the same for one seed.
func plantRows(seed: UInt64, channels: Int, rows: Int) -> [[Double]] {
  var generator = SeededGenerator(seed: seed)
  var levels = (0..<channels).map { Double($0 * 10) }
  var steps = [Double](repeating: 0, count: channels)
  var slopes = [Double](repeating: 0, count: channels)
  return (0..<rows).map { row in
    for channel in levels.indices {
      levels[channel] +=
        0.01 * generator.normal() - 0.001 * (levels[channel] - Double(channel * 10))
      if row > 500, generator.uniform() < 0.004 {
        steps[channel] = steps[channel] == 0 ? 3 * generator.normal() : 0
        slopes[channel] = generator.uniform() < 0.3 ? 0.02 * generator.normal() : 0
      }
      steps[channel] += slopes[channel]
    }
    return levels.indices.map { channel in
      // The last channel is a counter that hardly moves; another one is coarsely rounded.
      let value = levels[channel] + steps[channel] + 0.3 * generator.normal()
      return channel == channels - 1
        ? (value / 50).rounded() : channel == 1 ? value.rounded() : value
    }
  }
}
