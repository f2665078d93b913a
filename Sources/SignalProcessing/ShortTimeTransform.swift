/// The spectra of the overlapping, windowed frames of a longer signal.
///
/// Complexity: O(n log n) per frame; a run allocates nothing.
package struct ShortTimeTransform: Sendable {
  /// Samples per frame.
  package let frameLength: Int
  /// Samples from the start of one frame to the start of the next.
  package let hop: Int
  /// Whether the mean of each frame is taken away before it is windowed.
  package let removesMean: Bool
  package let weights: [Float]
  private var transform: RealTransform
  private var frame: [Float]

  package init(frameLength: Int, hop: Int, window: Window = .hann, removesMean: Bool = false) {
    precondition(frameLength > 0 && hop > 0, "frames have a length and move on")
    self.frameLength = frameLength
    self.hop = hop
    self.removesMean = removesMean
    weights = window.weights(count: frameLength)
    transform = RealTransform(length: frameLength)
    frame = Array(repeating: 0, count: frameLength)
  }

  /// The sum of the squared weights, which turns power into power density.
  package var energy: Double { sumOfProducts(weights.span, weights.span) }

  /// How many whole frames fit into `sampleCount` samples.
  package func frameCount(of sampleCount: Int) -> Int {
    sampleCount < frameLength ? 0 : (sampleCount - frameLength) / hop + 1
  }

  /// Computes the spectrum of one frame, not scaled.
  package mutating func transform(
    frame index: Int,
    of signal: Span<Float>,
    into spectrum: inout Spectrum
  ) {
    precondition(
      index >= 0 && index < frameCount(of: signal.count),
      "the frame lies within the signal"
    )
    let samples = signal.extracting(index * hop..<index * hop + frameLength)
    let offset = removesMean ? Float(BlockExtent(samples).sum / Double(frameLength)) : 0
    Window.taper(samples, less: offset, by: weights, into: &frame)
    transform.forward(frame, into: &spectrum)
  }
}
