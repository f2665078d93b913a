/// One pass of a Stockham transform: the butterflies of one radix over a whole work area.
///
/// With `columns` = `length ∕ radix` it takes the elements `q + stride · (p + columns · k)` to
/// `q + stride · (radix · p + k)`, for `q` below `stride`, `p` below `columns` and `k` below
/// `radix`, and multiplies by `exp(−2πi · p · k ∕ length)`.
struct TransformPass: Sendable {
  private let radix: Int
  private let columns: Int
  private let stride: Int
  /// The factors of `k` = 1 to `radix` − 1, for each column from the second on.
  private let twiddles: [ComplexNumber]

  init(radix: Int, length: Int, stride: Int) {
    self.radix = radix
    self.stride = stride
    columns = length / radix
    twiddles = (1..<max(1, columns)).flatMap { column in
      (1..<radix).map { ComplexNumber(twiddle: column * $0, of: length) }
    }
  }

  func run(from area: [ComplexLanes], to targetArea: inout [ComplexLanes]) {
    let source = area.span
    var target = targetArea.mutableSpan
    precondition(source.count == radix * columns * stride && target.count == source.count)
    switch radix {
    case 3: runThree(source, &target)
    case 4: runFour(source, &target)
    case 5: runFive(source, &target)
    default: runEight(source, &target)
    }
  }

  private func runThree(_ source: Span<ComplexLanes>, _ target: inout MutableSpan<ComplexLanes>) {
    let step = columns &* stride
    for offset in 0..<stride {
      let from = offset
      let to = offset
      let sums = unsafe threePoints(
        source[unchecked: from],
        source[unchecked: from &+ step],
        source[unchecked: from &+ 2 &* step]
      )
      unsafe target[unchecked: to] = sums.0
      unsafe target[unchecked: to &+ stride] = sums.1
      unsafe target[unchecked: to &+ 2 &* stride] = sums.2
    }
    let factors = twiddles.span
    for column in 1..<max(1, columns) {
      let base = 2 &* (column &- 1)
      let factor1 = unsafe ComplexLanes(repeating: factors[unchecked: base])
      let factor2 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 1])
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 3 &* column &* stride &+ offset
        let sums = unsafe threePoints(
          source[unchecked: from],
          source[unchecked: from &+ step],
          source[unchecked: from &+ 2 &* step]
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
      }
    }
  }

  private func runFour(_ source: Span<ComplexLanes>, _ target: inout MutableSpan<ComplexLanes>) {
    let step = columns &* stride
    for offset in 0..<stride {
      let from = offset
      let to = offset
      let sums = unsafe fourPoints(
        source[unchecked: from],
        source[unchecked: from &+ step],
        source[unchecked: from &+ 2 &* step],
        source[unchecked: from &+ 3 &* step]
      )
      unsafe target[unchecked: to] = sums.0
      unsafe target[unchecked: to &+ stride] = sums.1
      unsafe target[unchecked: to &+ 2 &* stride] = sums.2
      unsafe target[unchecked: to &+ 3 &* stride] = sums.3
    }
    let factors = twiddles.span
    for column in 1..<max(1, columns) {
      let base = 3 &* (column &- 1)
      let factor1 = unsafe ComplexLanes(repeating: factors[unchecked: base])
      let factor2 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 1])
      let factor3 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 2])
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 4 &* column &* stride &+ offset
        let sums = unsafe fourPoints(
          source[unchecked: from],
          source[unchecked: from &+ step],
          source[unchecked: from &+ 2 &* step],
          source[unchecked: from &+ 3 &* step]
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
        unsafe target[unchecked: to &+ 3 &* stride] = sums.3 * factor3
      }
    }
  }

  private func runFive(_ source: Span<ComplexLanes>, _ target: inout MutableSpan<ComplexLanes>) {
    let step = columns &* stride
    for offset in 0..<stride {
      let from = offset
      let to = offset
      let sums = unsafe fivePoints(
        source[unchecked: from],
        source[unchecked: from &+ step],
        source[unchecked: from &+ 2 &* step],
        source[unchecked: from &+ 3 &* step],
        source[unchecked: from &+ 4 &* step]
      )
      unsafe target[unchecked: to] = sums.0
      unsafe target[unchecked: to &+ stride] = sums.1
      unsafe target[unchecked: to &+ 2 &* stride] = sums.2
      unsafe target[unchecked: to &+ 3 &* stride] = sums.3
      unsafe target[unchecked: to &+ 4 &* stride] = sums.4
    }
    let factors = twiddles.span
    for column in 1..<max(1, columns) {
      let base = 4 &* (column &- 1)
      let factor1 = unsafe ComplexLanes(repeating: factors[unchecked: base])
      let factor2 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 1])
      let factor3 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 2])
      let factor4 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 3])
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 5 &* column &* stride &+ offset
        let sums = unsafe fivePoints(
          source[unchecked: from],
          source[unchecked: from &+ step],
          source[unchecked: from &+ 2 &* step],
          source[unchecked: from &+ 3 &* step],
          source[unchecked: from &+ 4 &* step]
        )
        unsafe target[unchecked: to] = sums.0
        unsafe target[unchecked: to &+ stride] = sums.1 * factor1
        unsafe target[unchecked: to &+ 2 &* stride] = sums.2 * factor2
        unsafe target[unchecked: to &+ 3 &* stride] = sums.3 * factor3
        unsafe target[unchecked: to &+ 4 &* stride] = sums.4 * factor4
      }
    }
  }

  private func runEight(_ source: Span<ComplexLanes>, _ target: inout MutableSpan<ComplexLanes>) {
    let step = columns &* stride
    for offset in 0..<stride {
      let from = offset
      let to = offset
      let sums = unsafe eightPoints(
        source[unchecked: from],
        source[unchecked: from &+ step],
        source[unchecked: from &+ 2 &* step],
        source[unchecked: from &+ 3 &* step],
        source[unchecked: from &+ 4 &* step],
        source[unchecked: from &+ 5 &* step],
        source[unchecked: from &+ 6 &* step],
        source[unchecked: from &+ 7 &* step]
      )
      unsafe target[unchecked: to] = sums.0
      unsafe target[unchecked: to &+ stride] = sums.1
      unsafe target[unchecked: to &+ 2 &* stride] = sums.2
      unsafe target[unchecked: to &+ 3 &* stride] = sums.3
      unsafe target[unchecked: to &+ 4 &* stride] = sums.4
      unsafe target[unchecked: to &+ 5 &* stride] = sums.5
      unsafe target[unchecked: to &+ 6 &* stride] = sums.6
      unsafe target[unchecked: to &+ 7 &* stride] = sums.7
    }
    let factors = twiddles.span
    for column in 1..<max(1, columns) {
      let base = 7 &* (column &- 1)
      let factor1 = unsafe ComplexLanes(repeating: factors[unchecked: base])
      let factor2 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 1])
      let factor3 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 2])
      let factor4 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 3])
      let factor5 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 4])
      let factor6 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 5])
      let factor7 = unsafe ComplexLanes(repeating: factors[unchecked: base &+ 6])
      for offset in 0..<stride {
        let from = column &* stride &+ offset
        let to = 8 &* column &* stride &+ offset
        let sums = unsafe eightPoints(
          source[unchecked: from],
          source[unchecked: from &+ step],
          source[unchecked: from &+ 2 &* step],
          source[unchecked: from &+ 3 &* step],
          source[unchecked: from &+ 4 &* step],
          source[unchecked: from &+ 5 &* step],
          source[unchecked: from &+ 6 &* step],
          source[unchecked: from &+ 7 &* step]
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
}
