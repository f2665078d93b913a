/// A second-order filter: `(b0 + b1 ∕ z + b2 ∕ z²) ∕ (1 + a1 ∕ z + a2 ∕ z²)`.
package struct Biquad: Hashable, Sendable, Codable {
  package var b0: Double
  package var b1: Double
  package var b2: Double
  package var a1: Double
  package var a2: Double

  package init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
    self.b0 = b0
    self.b1 = b1
    self.b2 = b2
    self.a1 = a1
    self.a2 = a2
  }

  /// What a sample adds to the outputs one and two steps later, its own output's share taken off.
  ///
  /// With these the memory of a filter does not wait for the output, which would be half as long again
  /// for each sample.
  fileprivate var nearer: Double { b1 - a1 * b0 }
  fileprivate var farther: Double { b2 - a2 * b0 }

  /// Which side of the cutoff a filter lets pass.
  package enum Side: Hashable, Sendable {
    case low
    case high
  }

  /// The sections of a Butterworth filter, −3 dB at its cutoff and flat as can be.
  ///
  /// An odd order has one section of first order, the last one.
  ///
  /// - Parameters:
  ///   - side: What passes.
  ///   - order: From 1 on; each adds 6 dB per octave.
  ///   - cutoffHertz: Above 0 and below half the sample rate.
  ///   - sampleRateHertz: The rate of the stream.
  /// - Returns: Sections made by the bilinear transform, warped so that the cutoff is exact.
  package static func butterworth(
    _ side: Side,
    order: Int,
    cutoffHertz: Double,
    sampleRateHertz: Double
  ) -> [Biquad] {
    precondition(order > 0, "a filter has an order")
    precondition(
      cutoffHertz > 0 && 2 * cutoffHertz < sampleRateHertz,
      "a cutoff lies between zero and half the sample rate"
    )
    let half = UnitCirclePoint(turns: 0.5 * cutoffHertz / sampleRateHertz)
    let warped = half.sine / half.cosine
    var sections = (0..<order / 2).map { index in
      let damping = 2 * UnitCirclePoint(turns: 2 * index + 1, of: 4 * order).sine
      let scale = 1 / (1 + damping * warped + warped * warped)
      let gain = side == .low ? warped * warped * scale : scale
      return Biquad(
        b0: gain,
        b1: side == .low ? 2 * gain : -2 * gain,
        b2: gain,
        a1: 2 * (warped * warped - 1) * scale,
        a2: (1 - damping * warped + warped * warped) * scale
      )
    }
    if !order.isMultiple(of: 2) {
      let scale = 1 / (1 + warped)
      let gain = side == .low ? warped * scale : scale
      sections.append(
        Biquad(
          b0: gain,
          b1: side == .low ? gain : -gain,
          b2: 0,
          a1: (warped - 1) * scale,
          a2: 0
        )
      )
    }
    return sections
  }
}

/// Second-order filters one after the other, for one stream.
///
/// Transposed direct form II with state in double precision, for cutoffs far below the sample
/// rate. A sample that is not finite spoils all that follow: the caller leaves it out or resets.
///
/// Complexity: five multiplications per section and sample; a run allocates nothing.
package struct BiquadCascade: Hashable, Sendable, Codable {
  package let sections: [Biquad]
  private var first: [Double]
  private var second: [Double]

  package init(_ sections: [Biquad]) {
    self.sections = sections
    first = Array(repeating: 0, count: sections.count)
    second = first
  }

  /// Forgets all samples.
  package mutating func reset() {
    for index in sections.indices {
      first[index] = 0
      second[index] = 0
    }
  }

  /// Filters the next samples of the stream in place.
  package mutating func process(_ samples: inout MutableSpan<Float>) {
    for index in sections.indices {
      let section = sections[index]
      let (direct, nearer, farther) = (section.b0, section.nearer, section.farther)
      var one = first[index]
      var two = second[index]
      for place in 0..<samples.count {
        let input = Double(samples[place])
        samples[place] = Float(direct * input + one)
        (one, two) = (
          nearer * input + two - section.a1 * one, farther * input - section.a2 * one
        )
      }
      first[index] = one
      second[index] = two
    }
  }
}

/// The same second-order filters for eight streams side by side.
///
/// Each lane has the bits that `BiquadCascade` gives for its stream alone.
package struct BiquadLanes: Hashable, Sendable, Codable {
  package let sections: [Biquad]
  private var first: [SIMD8<Double>]
  private var second: [SIMD8<Double>]

  package init(_ sections: [Biquad]) {
    self.sections = sections
    first = Array(repeating: .zero, count: sections.count)
    second = first
  }

  /// Filters the next samples of eight streams in place, one vector for each point in time.
  package mutating func process(_ samples: inout MutableSpan<SIMD8<Float>>) {
    for index in sections.indices {
      let section = sections[index]
      let (direct, nearer, farther) = (section.b0, section.nearer, section.farther)
      var one = first[index]
      var two = second[index]
      for place in 0..<samples.count {
        let input = SIMD8<Double>(samples[place])
        samples[place] = SIMD8<Float>(direct * input + one)
        (one, two) = (
          nearer * input + two - section.a1 * one, farther * input - section.a2 * one
        )
      }
      first[index] = one
      second[index] = two
    }
  }
}
