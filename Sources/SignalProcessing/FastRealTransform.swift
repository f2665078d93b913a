/// The transform of real signals whose length is 32 · 2ᵃ · 3ᵇ · 5ᶜ: as complex signals of half the
/// length, whose real parts are the even samples and whose imaginary parts are the odd ones.
struct FastRealTransform: Sendable {
  private let length: Int
  private var half: ComplexTransform
  /// `−i ∕ 2 · exp(−2πi · k ∕ length)` for `k` up to a quarter of the length.
  private let turns: [ComplexLanes]

  init(length: Int) {
    self.length = length
    half = ComplexTransform(length: length / 2)
    turns = (0..<length / 16).map { block in
      var lanes = ComplexLanes.zero
      for lane in 0..<4 {
        let point = UnitCirclePoint(turns: block * 4 + lane, of: length)
        lanes[lane] = ComplexNumber(
          real: Float(-0.5 * point.sine),
          imaginary: Float(-0.5 * point.cosine)
        )
      }
      return lanes
    }
  }

  static func isFast(_ length: Int) -> Bool {
    length.isMultiple(of: 2) && ComplexTransform.isFast(length / 2)
  }

  mutating func forward(_ signal: Span<Float>, into spectrum: inout Spectrum) {
    half.run(interleaved: signal)
    Self.split(half.front.span, turns.span, &spectrum.real, &spectrum.imaginary)
  }

  mutating func inverse(_ spectrum: Spectrum, into signal: inout MutableSpan<Float>) {
    Self.join(spectrum, turns, &half.front)
    half.run()
    let scale = 2 / Float(length)
    let numbers = half.front.span
    precondition(signal.count == 8 * numbers.count, "the signal is as long as the plan")
    for block in 0..<numbers.count {
      let result = unsafe numbers[unchecked: block].exchanged * scale
      unsafe signal.setLanes(
        SIMD8(even: result.real, odd: result.imaginary),
        fromUnchecked: 8 &* block
      )
    }
  }

  /// Parts the spectrum of the half-length complex signal into that of the real one.
  ///
  /// Bin `k` and its mirror image are made together: with `s = z[k]` and `t` the conjugate of
  /// `z[half − k]`, they are `(s + t) ∕ 2 ± turn · (s − t)`, the second one conjugated.
  private static func split(
    _ numbers: Span<ComplexLanes>,
    _ turns: Span<ComplexLanes>,
    _ realParts: inout [Float],
    _ imaginaryParts: inout [Float]
  ) {
    var real = realParts.mutableSpan
    var imaginary = imaginaryParts.mutableSpan
    let halfLength = real.count &- 1
    precondition(real.count == imaginary.count)
    precondition(numbers.count == halfLength / 4 && turns.count == halfLength / 8)
    var next = numbers[0]
    for block in 0..<turns.count {
      let direct = unsafe numbers[unchecked: block]
      let before = unsafe numbers[unchecked: numbers.count &- 1 &- block]
      let mirror = mirrored(before, next).conjugated
      next = before
      let sum = (direct + mirror) * 0.5
      let difference = unsafe (direct - mirror) * turns[unchecked: block]
      let bin = sum + difference
      let image = sum - difference
      unsafe real.setQuarter(bin.real, fromUnchecked: 4 &* block)
      unsafe imaginary.setQuarter(bin.imaginary, fromUnchecked: 4 &* block)
      let from = halfLength &- 3 &- 4 &* block
      unsafe real.setQuarter(image.real.turnedRound, fromUnchecked: from)
      unsafe imaginary.setQuarter(-image.imaginary.turnedRound, fromUnchecked: from)
    }
    let middle = numbers[numbers.count / 2]
    real[halfLength / 2] = middle.real[0]
    imaginary[halfLength / 2] = -middle.imaginary[0]
  }

  /// Undoes `split`: leaves in `half` the exchanged spectrum of the half-length complex signal.
  private static func join(
    _ spectrum: Spectrum,
    _ factors: [ComplexLanes],
    _ area: inout [ComplexLanes]
  ) {
    let real = spectrum.real.span
    let imaginary = spectrum.imaginary.span
    let halfLength = real.count &- 1
    let turns = factors.span
    var numbers = area.mutableSpan
    precondition(real.count == imaginary.count)
    precondition(numbers.count == halfLength / 4 && turns.count == halfLength / 8)
    // The bin in the middle is its own mirror image.
    var earlier = ComplexLanes.zero
    earlier[0] = ComplexNumber(real: -imaginary[halfLength / 2], imaginary: real[halfLength / 2])
    for step in 0..<turns.count {
      let block = turns.count &- 1 &- step
      let from = halfLength &- 3 &- 4 &* block
      let direct = unsafe ComplexLanes(
        real: real.quarter(fromUnchecked: 4 &* block),
        imaginary: imaginary.quarter(fromUnchecked: 4 &* block)
      )
      let mirror = unsafe ComplexLanes(
        real: real.quarter(fromUnchecked: from).turnedRound,
        imaginary: -imaginary.quarter(fromUnchecked: from).turnedRound
      )
      let sum = (direct + mirror) * 0.5
      let difference = unsafe (direct - mirror) * turns[unchecked: block].conjugated
      let image = (sum - difference).conjugated.exchanged
      unsafe numbers[unchecked: block] = (sum + difference).exchanged
      unsafe numbers[unchecked: numbers.count &- 1 &- block] = mirrored(image, earlier)
      earlier = image
    }
    numbers[0][0] = ComplexNumber(
      real: 0.5 * (real[0] - real[halfLength]),
      imaginary: 0.5 * (real[0] + real[halfLength])
    )
  }

  /// The last three numbers of `block`, last first, behind the first number of `next`.
  @inline(__always)
  private static func mirrored(_ block: ComplexLanes, _ next: ComplexLanes) -> ComplexLanes {
    ComplexLanes(
      real: SIMD4(next.real[0], block.real[3], block.real[2], block.real[1]),
      imaginary: SIMD4(
        next.imaginary[0],
        block.imaginary[3],
        block.imaginary[2],
        block.imaginary[1]
      )
    )
  }
}
