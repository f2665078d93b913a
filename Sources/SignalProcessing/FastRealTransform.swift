/// The transform of real signals whose length is 32 · 2ᵃ · 3ᵇ · 5ᶜ.
///
/// Sample `8 · j + l` is sample `j` of the `l`-th of eight signals. Signals `l` and `l + 4` make the
/// real and the imaginary part of a complex one; these four are transformed side by side, one in
/// each lane, as they lie in memory. Their spectra are then parted by symmetry, turned, and joined
/// by butterflies of radix 8.
struct FastRealTransform: Sendable {
  private let length: Int
  private let passes: [TransformPass]
  /// Half of `exp(−2πi · l · k ∕ length)` for `l` from 1 to 7, and from 4 on another `−i`: seven
  /// elements for each four bins `k` of the parts, up to the middle and a little beyond.
  private let turns: [ComplexLanes]
  private var front: [ComplexLanes]
  private var back: [ComplexLanes]

  init(length: Int) {
    precondition(Self.isFast(length), "\(length) is not 32 · 2ᵃ · 3ᵇ · 5ᶜ")
    self.length = length
    let partLength = length / 8
    passes = TransformPass.all(ofLength: partLength)
    turns = (0..<Self.blockCount(of: partLength)).flatMap { block in
      (1...7).map { signal in
        let quarterTurn = signal < 4 ? 0 : length / 4
        var lanes = ComplexLanes.zero
        for lane in 0..<4 {
          let turn = signal * (block * 4 + lane) + quarterTurn
          lanes[lane] = ComplexNumber(twiddle: turn, of: length)
        }
        return lanes * 0.5
      }
    }
    front = Array(repeating: .zero, count: partLength)
    back = front
  }

  static func isFast(_ length: Int) -> Bool {
    length.isMultiple(of: 2) && ComplexTransform.isFast(length / 2)
  }

  /// How many blocks of four bins reach the middle of a spectrum of `partLength`.
  private static func blockCount(of partLength: Int) -> Int { partLength / 8 + 1 }

  mutating func forward(_ signal: Span<Float>, into spectrum: inout Spectrum) {
    unsafe passes[0].run(from: signal.bytes, to: &back)
    runLaterPasses()
    Self.join(front.span, turns.span, &spectrum.real, &spectrum.imaginary)
  }

  mutating func inverse(_ spectrum: Spectrum, into signal: inout MutableSpan<Float>) {
    Self.part(spectrum, turns, &front)
    // Exchanged real and imaginary parts make a forward transform the inverse one.
    passes[0].run(from: front, to: &back)
    runLaterPasses()
    let scale = 2 / Float(length)
    let numbers = front.span
    precondition(signal.count == 8 * numbers.count, "the signal is as long as the plan")
    for index in 0..<numbers.count {
      let samples = unsafe numbers[unchecked: index].exchanged * scale
      unsafe signal.setLanes(
        SIMD8(lowHalf: samples.real, highHalf: samples.imaginary),
        fromUnchecked: 8 &* index
      )
    }
  }

  /// Leaves in `front` what the first pass left in `back` and the others make of it.
  private mutating func runLaterPasses() {
    swap(&front, &back)
    for pass in passes[1...] {
      pass.run(from: front, to: &back)
      swap(&front, &back)
    }
  }

  /// Makes the spectrum of the signal from those of its four complex parts.
  ///
  /// With `s = z[k]` and `t` the conjugate of `z[partLength − k]`, the spectra of the two signals
  /// of a part are `(s + t) ∕ 2` and `−i ∕ 2 · (s − t)`. Of these eight, bin `k` gives the bins
  /// `k + r · partLength`, which from `r` = 4 on are the conjugates of bins of the lower half.
  private static func join(
    _ parts: Span<ComplexLanes>,
    _ turns: Span<ComplexLanes>,
    _ realParts: inout [Float],
    _ imaginaryParts: inout [Float]
  ) {
    var real = realParts.mutableSpan
    var imaginary = imaginaryParts.mutableSpan
    let count = parts.count
    let blockCount = blockCount(of: count)
    precondition(real.count == 4 * count + 1 && imaginary.count == real.count)
    precondition(turns.count == 7 * blockCount)
    for block in 0..<blockCount {
      let bin = 4 &* block
      let direct = unsafe transposedAsRead(
        parts[unchecked: bin],
        parts[unchecked: bin &+ 1],
        parts[unchecked: bin &+ 2],
        parts[unchecked: bin &+ 3]
      )
      let image = unsafe transposedAsRead(
        parts[unchecked: bin == 0 ? 0 : count &- bin],
        parts[unchecked: count &- bin &- 1],
        parts[unchecked: count &- bin &- 2],
        parts[unchecked: count &- bin &- 3]
      )
      let image0 = image.0.conjugated
      let image1 = image.1.conjugated
      let image2 = image.2.conjugated
      let image3 = image.3.conjugated
      let base = 7 &* block
      let bins = unsafe eightPoints(
        (direct.0 + image0) * 0.5,
        (direct.1 + image1) * turns[unchecked: base],
        (direct.2 + image2) * turns[unchecked: base &+ 1],
        (direct.3 + image3) * turns[unchecked: base &+ 2],
        (direct.0 - image0) * turns[unchecked: base &+ 3],
        (direct.1 - image1) * turns[unchecked: base &+ 4],
        (direct.2 - image2) * turns[unchecked: base &+ 5],
        (direct.3 - image3) * turns[unchecked: base &+ 6]
      )
      let last = 4 &* count &- 3 &- bin
      unsafe set(bins.0, fromUnchecked: bin, &real, &imaginary)
      unsafe set(bins.1, fromUnchecked: bin &+ count, &real, &imaginary)
      unsafe set(bins.2, fromUnchecked: bin &+ 2 &* count, &real, &imaginary)
      unsafe set(bins.3, fromUnchecked: bin &+ 3 &* count, &real, &imaginary)
      unsafe set(bins.4.image, fromUnchecked: last, &real, &imaginary)
      unsafe set(bins.5.image, fromUnchecked: last &- count, &real, &imaginary)
      unsafe set(bins.6.image, fromUnchecked: last &- 2 &* count, &real, &imaginary)
      unsafe set(bins.7.image, fromUnchecked: last &- 3 &* count, &real, &imaginary)
    }
  }

  @inline(__always)
  @unsafe
  private static func set(
    _ bins: ComplexLanes,
    fromUnchecked first: Int,
    _ real: inout MutableSpan<Float>,
    _ imaginary: inout MutableSpan<Float>
  ) {
    unsafe real.setQuarter(bins.real, fromUnchecked: first)
    unsafe imaginary.setQuarter(bins.imaginary, fromUnchecked: first)
  }

  /// Undoes `join`: leaves the exchanged spectra of the four parts, four times too large.
  private static func part(
    _ spectrum: Spectrum,
    _ factors: [ComplexLanes],
    _ area: inout [ComplexLanes]
  ) {
    let real = spectrum.real.span
    let imaginary = spectrum.imaginary.span
    let turns = factors.span
    var parts = area.mutableSpan
    let count = parts.count
    let blockCount = blockCount(of: count)
    precondition(real.count == 4 * count + 1 && imaginary.count == real.count)
    precondition(turns.count == 7 * blockCount)
    for block in 0..<blockCount {
      let bin = 4 &* block
      let last = 4 &* count &- 3 &- bin
      var lowest = unsafe exchanged(real, imaginary, fromUnchecked: bin)
      var highest = unsafe exchanged(real, imaginary, fromUnchecked: last).exchangedImage
      if block == 0 {
        lowest.real[0] = 0
        highest.real[0] = 0
      }
      let sums = unsafe eightPoints(
        lowest,
        exchanged(real, imaginary, fromUnchecked: bin &+ count),
        exchanged(real, imaginary, fromUnchecked: bin &+ 2 &* count),
        exchanged(real, imaginary, fromUnchecked: bin &+ 3 &* count),
        highest,
        exchanged(real, imaginary, fromUnchecked: last &- count).exchangedImage,
        exchanged(real, imaginary, fromUnchecked: last &- 2 &* count).exchangedImage,
        exchanged(real, imaginary, fromUnchecked: last &- 3 &* count).exchangedImage
      )
      let base = 7 &* block
      let signal0 = sums.0 * 0.5
      let signal1 = unsafe sums.1 * turns[unchecked: base]
      let signal2 = unsafe sums.2 * turns[unchecked: base &+ 1]
      let signal3 = unsafe sums.3 * turns[unchecked: base &+ 2]
      let signal4 = unsafe sums.4 * turns[unchecked: base &+ 3]
      let signal5 = unsafe sums.5 * turns[unchecked: base &+ 4]
      let signal6 = unsafe sums.6 * turns[unchecked: base &+ 5]
      let signal7 = unsafe sums.7 * turns[unchecked: base &+ 6]
      let image = transposed(
        signal0 - signal4,
        signal1 - signal5,
        signal2 - signal6,
        signal3 - signal7
      )
      unsafe parts[unchecked: bin == 0 ? 0 : count &- bin] = image.0.exchangedConjugate
      unsafe parts[unchecked: count &- bin &- 1] = image.1.exchangedConjugate
      unsafe parts[unchecked: count &- bin &- 2] = image.2.exchangedConjugate
      unsafe parts[unchecked: count &- bin &- 3] = image.3.exchangedConjugate
      let direct = transposed(
        signal0 + signal4,
        signal1 + signal5,
        signal2 + signal6,
        signal3 + signal7
      )
      unsafe parts[unchecked: bin] = direct.0
      unsafe parts[unchecked: bin &+ 1] = direct.1
      unsafe parts[unchecked: bin &+ 2] = direct.2
      unsafe parts[unchecked: bin &+ 3] = direct.3
    }
  }

  @inline(__always)
  @unsafe
  private static func exchanged(
    _ real: Span<Float>,
    _ imaginary: Span<Float>,
    fromUnchecked first: Int
  ) -> ComplexLanes {
    unsafe ComplexLanes(
      real: imaginary.quarter(fromUnchecked: first),
      imaginary: real.quarter(fromUnchecked: first)
    )
  }
}

extension ComplexLanes {
  /// The conjugates, last first.
  @inline(__always)
  fileprivate var image: Self {
    Self(real: real.turnedRound, imaginary: -imaginary.turnedRound)
  }

  /// Of numbers whose parts are exchanged: the conjugates, exchanged as well, last first.
  @inline(__always)
  fileprivate var exchangedImage: Self { exchanged.image.exchanged }

  /// Of numbers whose parts are exchanged: the conjugates, exchanged as well.
  @inline(__always)
  fileprivate var exchangedConjugate: Self { exchanged.conjugated.exchanged }
}
