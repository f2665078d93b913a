import SignalProcessing

/// Normal noise with variance 1, the same for the same seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float(generator.normal()) }
}

/// A sine of amplitude 1.
func sine(_ count: Int, cycles: Double, phaseTurns: Double = 0) -> [Float] {
  (0..<count).map { index in
    let turns = cycles * Double(index) / Double(count) + phaseTurns
    return Float(UnitCirclePoint(turns: turns).sine)
  }
}

/// Adds what a resonance answers to one impact.
func addImpulse(to signal: inout [Float], at start: Int, ringing turnsPerSample: Double) {
  var strength: Float = 8
  for index in start..<min(start + 60, signal.count) {
    let turns = turnsPerSample * Double(index - start)
    signal[index] += strength * Float(UnitCirclePoint(turns: turns).sine)
    strength *= 0.9
  }
}

/// Adds what a resonance answers to one impact every `period` samples.
func addImpulses(to signal: inout [Float], every period: Int, ringing turnsPerSample: Double) {
  for start in stride(from: 0, to: signal.count, by: period) {
    addImpulse(to: &signal, at: start, ringing: turnsPerSample)
  }
}

/// The largest distance between two signals; not a number where one of theirs is not.
func distance(_ one: [Float], _ other: [Float]) -> Float {
  precondition(one.count == other.count, "two signals of the same length")
  let distances = zip(one, other).map { abs($0 - $1) }
  return distances.contains { $0.isNaN } ? .nan : distances.max() ?? 0
}

/// A number that changes when any bit of the values does (FNV-1a).
func fingerprint(_ values: [Float]) -> UInt64 {
  values.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01B3 }
}
