/// One pass of a Stockham transform: the butterflies of one radix over a whole work area.
///
/// With `columns` = `length ∕ radix` it takes the elements `q + stride · (p + columns · k)` to
/// `q + stride · (radix · p + k)`, for `q` below `stride`, `p` below `columns` and `k` below
/// `radix`, and multiplies by `exp(−2πi · p · k ∕ length)`. The last pass has one column, where all
/// factors are 1.
struct TransformPass: Sendable {
  private let radix: Int
  private let columns: Int
  private let stride: Int
  /// The factors of `k` = 1 to `radix` − 1, for each column, each of them four times.
  private let twiddles: [ComplexLanes]

  /// - Parameters:
  ///   - radix: 3, 4, 5 or 8.
  ///   - length: How many numbers the transforms of this pass have.
  ///   - stride: How many such transforms lie side by side, in elements of four.
  init(radix: Int, length: Int, stride: Int) {
    precondition([3, 4, 5, 8].contains(radix), "there are no butterflies of radix \(radix)")
    self.radix = radix
    self.stride = stride
    columns = length / radix
    twiddles = (0..<columns).flatMap { column in
      (1..<radix).map {
        ComplexLanes(repeating: ComplexNumber(twiddle: column * $0, of: length))
      }
    }
  }

  /// The passes of a transform of `length` numbers, a multiple of 4, four times side by side.
  static func all(ofLength length: Int) -> [TransformPass] {
    var rest = length
    return radices(of: length).map { radix in
      defer { rest /= radix }
      return TransformPass(radix: radix, length: rest, stride: length / rest)
    }
  }

  /// The radices whose product is `rest`, a multiple of 4: those of 8 last, for the last pass needs
  /// no twiddle factors.
  private static func radices(of rest: Int) -> [Int] {
    var radices: [Int] = []
    var rest = rest
    for factor in [5, 3] {
      while rest.isMultiple(of: factor) {
        radices.append(factor)
        rest /= factor
      }
    }
    while rest.trailingZeroBitCount % 3 != 0 {
      radices.append(4)
      rest /= 4
    }
    while rest > 1 {
      radices.append(8)
      rest /= 8
    }
    return radices
  }

  func run(from area: [ComplexLanes], to targetArea: inout [ComplexLanes]) {
    unsafe run(from: area.span.bytes, to: &targetArea)
  }

  /// As above, from the bytes of a complex signal, wherever they lie.
  func run(from source: RawSpan, to targetArea: inout [ComplexLanes]) {
    var target = targetArea.mutableSpan
    precondition(target.count == radix * columns * stride && source.byteCount == 32 * target.count)
    switch (radix, columns == 1) {
    case (3, false): runThree(source, &target, stride: stride)
    case (3, true): runThreeAtLast(source, &target)
    case (4, false): runFour(source, &target, stride: stride)
    case (4, true): runFourAtLast(source, &target)
    case (5, false): runFive(source, &target, stride: stride)
    case (5, true): runFiveAtLast(source, &target)
    // The first of these passes of a power of two; knowing its stride pays.
    case (_, false) where stride == 1: runEight(source, &target, stride: 1)
    case (_, false): runEight(source, &target, stride: stride)
    case (_, true): runEightAtLast(source, &target)
    }
  }

  @inline(__always)
  private func runThree(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>,
    stride: Int
  ) {
    let step = columns &* stride
    let factors = twiddles.span
    for column in 0..<columns {
      let base = 2 &* column
      let factor1 = unsafe factors[unchecked: base]
      let factor2 = unsafe factors[unchecked: base &+ 1]
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 3 &* column &* stride &+ offset
        let sums = unsafe threePoints(
          source.complexLanes(fromUnchecked: from),
          source.complexLanes(fromUnchecked: from &+ step),
          source.complexLanes(fromUnchecked: from &+ 2 &* step)
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
      }
    }
  }

  private func runThreeAtLast(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>
  ) {
    for offset in 0..<stride {
      let sums = unsafe threePoints(
        source.complexLanes(fromUnchecked: offset),
        source.complexLanes(fromUnchecked: offset &+ stride),
        source.complexLanes(fromUnchecked: offset &+ 2 &* stride)
      )
      unsafe target[unchecked: offset] = sums.0
      unsafe target[unchecked: offset &+ stride] = sums.1
      unsafe target[unchecked: offset &+ 2 &* stride] = sums.2
    }
  }

  @inline(__always)
  private func runFour(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>,
    stride: Int
  ) {
    let step = columns &* stride
    let factors = twiddles.span
    for column in 0..<columns {
      let base = 3 &* column
      let factor1 = unsafe factors[unchecked: base]
      let factor2 = unsafe factors[unchecked: base &+ 1]
      let factor3 = unsafe factors[unchecked: base &+ 2]
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 4 &* column &* stride &+ offset
        let sums = unsafe fourPoints(
          source.complexLanes(fromUnchecked: from),
          source.complexLanes(fromUnchecked: from &+ step),
          source.complexLanes(fromUnchecked: from &+ 2 &* step),
          source.complexLanes(fromUnchecked: from &+ 3 &* step)
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
        unsafe target[unchecked: to &+ 3 &* stride] = sums.3 * factor3
      }
    }
  }

  private func runFourAtLast(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>
  ) {
    for offset in 0..<stride {
      let sums = unsafe fourPoints(
        source.complexLanes(fromUnchecked: offset),
        source.complexLanes(fromUnchecked: offset &+ stride),
        source.complexLanes(fromUnchecked: offset &+ 2 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 3 &* stride)
      )
      unsafe target[unchecked: offset] = sums.0
      unsafe target[unchecked: offset &+ stride] = sums.1
      unsafe target[unchecked: offset &+ 2 &* stride] = sums.2
      unsafe target[unchecked: offset &+ 3 &* stride] = sums.3
    }
  }

  @inline(__always)
  private func runFive(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>,
    stride: Int
  ) {
    let step = columns &* stride
    let factors = twiddles.span
    for column in 0..<columns {
      let base = 4 &* column
      let factor1 = unsafe factors[unchecked: base]
      let factor2 = unsafe factors[unchecked: base &+ 1]
      let factor3 = unsafe factors[unchecked: base &+ 2]
      let factor4 = unsafe factors[unchecked: base &+ 3]
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 5 &* column &* stride &+ offset
        let sums = unsafe fivePoints(
          source.complexLanes(fromUnchecked: from),
          source.complexLanes(fromUnchecked: from &+ step),
          source.complexLanes(fromUnchecked: from &+ 2 &* step),
          source.complexLanes(fromUnchecked: from &+ 3 &* step),
          source.complexLanes(fromUnchecked: from &+ 4 &* step)
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
        unsafe target[unchecked: to &+ 3 &* stride] = sums.3 * factor3
        unsafe target[unchecked: to &+ 4 &* stride] = sums.4 * factor4
      }
    }
  }

  private func runFiveAtLast(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>
  ) {
    for offset in 0..<stride {
      let sums = unsafe fivePoints(
        source.complexLanes(fromUnchecked: offset),
        source.complexLanes(fromUnchecked: offset &+ stride),
        source.complexLanes(fromUnchecked: offset &+ 2 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 3 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 4 &* stride)
      )
      unsafe target[unchecked: offset] = sums.0
      unsafe target[unchecked: offset &+ stride] = sums.1
      unsafe target[unchecked: offset &+ 2 &* stride] = sums.2
      unsafe target[unchecked: offset &+ 3 &* stride] = sums.3
      unsafe target[unchecked: offset &+ 4 &* stride] = sums.4
    }
  }

  @inline(__always)
  private func runEight(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>,
    stride: Int
  ) {
    let step = columns &* stride
    let factors = twiddles.span
    for column in 0..<columns {
      let base = 7 &* column
      let factor1 = unsafe factors[unchecked: base]
      let factor2 = unsafe factors[unchecked: base &+ 1]
      let factor3 = unsafe factors[unchecked: base &+ 2]
      let factor4 = unsafe factors[unchecked: base &+ 3]
      let factor5 = unsafe factors[unchecked: base &+ 4]
      let factor6 = unsafe factors[unchecked: base &+ 5]
      let factor7 = unsafe factors[unchecked: base &+ 6]
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 8 &* column &* stride &+ offset
        let sums = unsafe eightPoints(
          source.complexLanes(fromUnchecked: from),
          source.complexLanes(fromUnchecked: from &+ step),
          source.complexLanes(fromUnchecked: from &+ 2 &* step),
          source.complexLanes(fromUnchecked: from &+ 3 &* step),
          source.complexLanes(fromUnchecked: from &+ 4 &* step),
          source.complexLanes(fromUnchecked: from &+ 5 &* step),
          source.complexLanes(fromUnchecked: from &+ 6 &* step),
          source.complexLanes(fromUnchecked: from &+ 7 &* step)
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
        unsafe target[unchecked: to &+ 3 &* stride] = sums.3 * factor3
        unsafe target[unchecked: to &+ 4 &* stride] = sums.4 * factor4
        unsafe target[unchecked: to &+ 5 &* stride] = sums.5 * factor5
        unsafe target[unchecked: to &+ 6 &* stride] = sums.6 * factor6
        unsafe target[unchecked: to &+ 7 &* stride] = sums.7 * factor7
      }
    }
  }

  private func runEightAtLast(
    _ source: RawSpan,
    _ target: inout MutableSpan<ComplexLanes>
  ) {
    for offset in 0..<stride {
      let sums = unsafe eightPoints(
        source.complexLanes(fromUnchecked: offset),
        source.complexLanes(fromUnchecked: offset &+ stride),
        source.complexLanes(fromUnchecked: offset &+ 2 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 3 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 4 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 5 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 6 &* stride),
        source.complexLanes(fromUnchecked: offset &+ 7 &* stride)
      )
      unsafe target[unchecked: offset] = sums.0
      unsafe target[unchecked: offset &+ stride] = sums.1
      unsafe target[unchecked: offset &+ 2 &* stride] = sums.2
      unsafe target[unchecked: offset &+ 3 &* stride] = sums.3
      unsafe target[unchecked: offset &+ 4 &* stride] = sums.4
      unsafe target[unchecked: offset &+ 5 &* stride] = sums.5
      unsafe target[unchecked: offset &+ 6 &* stride] = sums.6
      unsafe target[unchecked: offset &+ 7 &* stride] = sums.7
    }
  }
}
