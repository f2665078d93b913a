import SignalProcessing

/// Normal noise, the same in each run.
func noise(_ count: Int) -> [Float] {
  var generator = SeededGenerator(seed: 1)
  return (0..<count).map { _ in Float(generator.normal()) }
}

/// Where results go, so that no work is left out for having none.
nonisolated(unsafe) var sink: Double = 0
