/// A taper that a block is multiplied by before its transform, lest its ends leak into all bins.
///
/// - SeeAlso: Harris, "On the use of windows for harmonic analysis with the discrete Fourier
///   transform", Proceedings of the IEEE 66 (1978). doi:10.1109/PROC.1978.10837
package enum Window: String, CaseIterable, Hashable, Sendable, Codable {
  /// No taper: narrow lines, strong leakage.
  case rectangular
  /// The usual choice.
  case hann
  case hamming
  case blackman
  /// Four terms, sidelobes at −92 dB.
  case blackmanHarris
  /// Reads amplitudes to 0.01 dB wherever a line lies between two bins.
  case flatTop

  /// The weights for `count` samples of a periodic window, as spectra want it; a single sample is
  /// kept whole.
  package func weights(count: Int) -> [Float] {
    guard count > 1 else { return Array(repeating: 1, count: count) }
    return (0..<count).map { Float(weight(at: $0, of: count)) }
  }

  /// The weights for `count` samples of a symmetric window, as filters want it.
  package func symmetricWeights(count: Int) -> [Float] {
    guard count > 1 else { return Array(repeating: 1, count: count) }
    return (0..<count).map { Float(weight(at: $0, of: count - 1)) }
  }

  /// The weight at `index ∕ period` of the window's width.
  func weight(at index: Int, of period: Int) -> Double {
    var weight = 0.0
    for (order, term) in terms.enumerated() {
      let cosine = UnitCirclePoint(turns: index * order, of: period).cosine
      weight += (order.isMultiple(of: 2) ? term : -term) * cosine
    }
    return weight
  }

  /// The factors of cos(0), −cos(x), cos(2x), …; from Harris, the flat top from ISO 18431-2 as
  /// scipy gives it.
  private var terms: [Double] {
    switch self {
    case .rectangular: [1]
    case .hann: [0.5, 0.5]
    case .hamming: [0.54, 0.46]
    case .blackman: [0.42, 0.5, 0.08]
    case .blackmanHarris: [0.358_75, 0.488_29, 0.141_28, 0.011_68]
    case .flatTop: [0.215_578_95, 0.416_631_58, 0.277_263_158, 0.083_578_947, 0.006_947_368]
    }
  }
}

extension Window {
  /// Writes samples less an offset, each times its weight.
  package static func taper(
    _ samples: Span<Float>,
    less offset: Float,
    by weights: [Float],
    into tapered: inout [Float]
  ) {
    let weights = weights.span
    var tapered = tapered.mutableSpan
    precondition(
      weights.count == samples.count && tapered.count == samples.count,
      "as many weights"
    )
    var index = 0
    while index &+ 8 <= samples.count {
      let lanes =
        unsafe (samples.lanes(fromUnchecked: index) - offset)
        * weights.lanes(fromUnchecked: index)
      unsafe tapered.setLanes(lanes, fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<samples.count { tapered[rest] = (samples[rest] - offset) * weights[rest] }
  }
}
