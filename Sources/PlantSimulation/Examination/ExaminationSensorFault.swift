import SignalProcessing

/// What a broken sensor makes of a true value.
struct SensorDisturbance: Hashable, Sendable {
  var channel: Int
  var rows: Range<Int>
  var kind: Kind

  enum Kind: Hashable, Sendable {
    /// The value freezes.
    case stuck
    /// Moves away evenly, at standstill too, by so much per row.
    case drift(perRow: Double)
    /// Single rows with anything in them.
    case spikes(chance: Double, height: Double)
    /// Nothing beyond these values gets through.
    case clipped(ClosedRange<Double>)
    /// Shows another channel's value.
    case swapped(with: Int)
    /// So much noise on top.
    case noisy(Double)
    case offset(Double)
    /// Sits at one value, with a little noise, or delivers nothing.
    case unplugged(at: Double?, noise: Double)
  }

  /// What the sensor shows of the true values of all channels; `frozen` is where it got stuck.
  func disturbed(
    _ values: [Double],
    row: Int,
    frozen: inout Double,
    _ generator: inout SeededGenerator
  ) -> Double {
    let value = values[channel]
    switch kind {
    case .stuck:
      if row == rows.lowerBound || frozen.isNaN { frozen = value }
      return frozen
    case .drift(let perRow): return value + perRow * Double(row - rows.lowerBound)
    case .spikes(let chance, let height):
      guard generator.chance(chance) else { return value }
      return value + height * (generator.chance(0.5) ? 1 : -1) * generator.uniform(in: 0.4...1.4)
    case .clipped(let window): return min(max(value, window.lowerBound), window.upperBound)
    case .swapped(let other): return values[other]
    case .noisy(let deviation): return value + deviation * generator.quickNormal()
    case .offset(let step): return value + step
    case .unplugged(let level, let noise):
      guard let level else { return .nan }
      return level + noise * generator.quickNormal()
    }
  }
}
