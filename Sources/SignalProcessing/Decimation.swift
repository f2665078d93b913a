/// Lowers the sample rate of a stream by a whole factor, after taking away what would be folded
/// back.
///
/// The filter is a sinc with a Blackman window: flat to 0.02 dB up to 0.35 of the new rate, at
/// −6 dB at 0.42 and below −70 dB from the point on that would fold back onto the flat part.
///
/// Complexity: as many multiplications per result as there are taps; a run allocates nothing.
package struct Decimation: Hashable, Sendable, Codable {
  package let factor: Int
  /// The impulse response; its sum is 1.
  package let taps: [Float]
  /// The newest samples twice over, so that they always lie somewhere in one piece.
  private var history: [Float]
  /// The taps, last first, with zeros in front up to a multiple of eight.
  private let reversedTaps: [Float]
  private var position = 0
  private var untilNext = 1

  /// Plans for one in `factor` samples.
  ///
  /// - Parameters:
  ///   - factor: Samples in for each sample out.
  ///   - tapsPerFactor: How long the filter is; less is faster and less steep.
  package init(factor: Int, tapsPerFactor: Int = 40) {
    precondition(factor > 0, "a factor is positive")
    precondition(tapsPerFactor > 0, "a filter has taps")
    let half = factor * tapsPerFactor / 2
    let count = 2 * half + 1
    self.factor = factor
    let raw = (0..<count).map { index -> Double in
      // The cut is at 0.42 of the new rate: sin(2π · 0.42 · n ∕ factor) ∕ n.
      let distance = index - half
      let weight = Window.blackman.weight(at: index, of: count - 1)
      guard distance != 0 else { return weight * 2 * Double.pi * 0.42 / Double(factor) }
      let turns = 0.42 * Double(distance) / Double(factor)
      return weight * UnitCirclePoint(turns: turns).sine / Double(distance)
    }
    var sum = 0.0
    for value in raw { sum += value }
    let taps = factor == 1 ? [1] : raw.map { Float($0 / sum) }
    self.taps = taps
    let padding = (8 - taps.count % 8) % 8
    reversedTaps = Array(repeating: 0, count: padding) + taps.reversed()
    history = Array(repeating: 0, count: 2 * reversedTaps.count)
  }

  /// How far the result lies behind, in samples of the input.
  package var delay: Int { (taps.count - 1) / 2 }

  /// How many results the next `sampleCount` samples will give.
  package func resultCount(for sampleCount: Int) -> Int {
    sampleCount < untilNext ? 0 : (sampleCount - untilNext) / factor + 1
  }

  /// Takes the next samples of the stream and writes what comes out, the first result with the
  /// very first sample.
  ///
  /// Before the first sample the stream is taken to be zero.
  ///
  /// - Parameters:
  ///   - samples: Any number of samples.
  ///   - results: Room for at least `resultCount(for:)` values.
  /// - Returns: How many values were written.
  @discardableResult
  package mutating func process(
    _ samples: Span<Float>,
    into results: inout MutableSpan<Float>
  ) -> Int {
    precondition(results.count >= resultCount(for: samples.count), "there is room for the results")
    let length = reversedTaps.count
    var written = 0
    for index in 0..<samples.count {
      history[position] = samples[index]
      history[position + length] = samples[index]
      position = position + 1 == length ? 0 : position + 1
      untilNext -= 1
      if untilNext == 0 {
        results[written] = Self.filtered(history, from: position, by: reversedTaps)
        written += 1
        untilNext = factor
      }
    }
    return written
  }

  private static func filtered(_ history: [Float], from start: Int, by taps: [Float]) -> Float {
    let newest = history.span.extracting(start..<start + taps.count)
    return Float(sumOfProducts(newest, taps.span))
  }
}
