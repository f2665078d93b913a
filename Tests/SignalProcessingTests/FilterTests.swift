import PlainKernels
import SignalProcessing
import Testing

@Suite struct FilterTests {
  private func decimated(_ signal: [Float], _ filter: inout Decimation) -> [Float] {
    var results = [Float](repeating: .nan, count: filter.resultCount(for: signal.count))
    var target = results.mutableSpan
    let written = filter.process(signal.span, into: &target)
    #expect(written == results.count)
    return results
  }

  @Test(arguments: [1, 2, 3, 5, 10], [0, 1, 2, 17, 500])
  func `decimation is the plain convolution, one in so many`(factor: Int, count: Int) {
    let signal = noise(count, seed: 61)
    var filter = Decimation(factor: factor)
    let expected = plainDecimation(signal, taps: filter.taps, factor: factor)
    #expect(distance(decimated(signal, &filter), expected) < 1e-5)
  }

  @Test(arguments: [1, 3, 7, 64])
  func `a stream gives the same bits however it is cut`(piece: Int) {
    let signal = noise(500, seed: 62)
    var whole = Decimation(factor: 4)
    var cut = Decimation(factor: 4)
    var results: [Float] = []
    for start in stride(from: 0, to: signal.count, by: piece) {
      results += decimated(Array(signal[start..<min(start + piece, signal.count)]), &cut)
    }
    #expect(results == decimated(signal, &whole))
    #expect(cut == whole)
  }

  @Test(arguments: [2, 5, 8])
  func `what is slow passes and what would fold back does not`(factor: Int) {
    let count = 4000 * factor
    let settled = 200
    func level(turnsPerResult: Double) -> Float {
      var filter = Decimation(factor: factor)
      let results = decimated(sine(count, cycles: 4000 * turnsPerResult), &filter)
      let tail = Array(results[settled...])
      let block = tail.span
      return rootMeanSquare(block) * Float(2).squareRoot()
    }
    #expect(abs(level(turnsPerResult: 0.1) - 1) < 1.5e-3)
    #expect(abs(level(turnsPerResult: 0.35) - 1) < 1.5e-3)
    #expect(abs(level(turnsPerResult: 0.42) - 0.5) < 0.02)
    #expect(level(turnsPerResult: 0.5) < 3e-4)
    #expect(level(turnsPerResult: 0.65) < 3e-4)
  }

  private func filtered(_ signal: [Float], _ cascade: inout BiquadCascade) -> [Float] {
    var result = signal
    var target = result.mutableSpan
    cascade.process(&target)
    return result
  }

  @Test(arguments: [0, 1, 2, 300])
  func `a section is its difference equation`(count: Int) {
    let signal = noise(count, seed: 71)
    var cascade = BiquadCascade([Biquad(b0: 0.3, b1: -0.2, b2: 0.1, a1: -1.2, a2: 0.5)])
    let expected = plainBiquad(signal, feedForward: (0.3, -0.2, 0.1), feedback: (-1.2, 0.5))
    #expect(distance(filtered(signal, &cascade), expected) < 1e-5)
  }

  @Test(arguments: [1, 2, 3, 4, 7], [Biquad.Side.low, .high])
  func `a Butterworth filter passes, halves at its cutoff and stops`(
    order: Int,
    side: Biquad.Side
  ) {
    func level(hertz: Double) -> Float {
      var cascade = BiquadCascade(
        Biquad.butterworth(side, order: order, cutoffHertz: 100, sampleRateHertz: 1000)
      )
      let result = filtered(sine(20_000, cycles: hertz * 20), &cascade)
      let tail = Array(result[10_000...])
      let block = tail.span
      return rootMeanSquare(block) * Float(2).squareRoot()
    }
    let stopped: Double = side == .low ? 300 : 20
    #expect(abs(level(hertz: side == .low ? 1 : 499) - 1) < 2e-3)
    #expect(abs(level(hertz: 100) - Float(0.5).squareRoot()) < 1e-3)
    #expect(level(hertz: stopped) < 0.3)
    if order > 3 { #expect(level(hertz: stopped) < 5e-3) }
  }

  @Test func `eight streams side by side have the bits of each alone`() {
    let sections = Biquad.butterworth(.high, order: 5, cutoffHertz: 10, sampleRateHertz: 1000)
    let streams = (0..<8).map { noise(100, seed: UInt64($0 + 80)) }
    var rows = (0..<100).map { index in
      SIMD8<Float>((0..<8).map { streams[$0][index] })
    }
    var lanes = BiquadLanes(sections)
    var target = rows.mutableSpan
    lanes.process(&target)
    for lane in 0..<8 {
      var cascade = BiquadCascade(sections)
      #expect(rows.map { $0[lane] } == filtered(streams[lane], &cascade))
    }
  }

  @Test func `a filter that forgets starts anew, and one that is restored goes on`() throws {
    let sections = Biquad.butterworth(.low, order: 3, cutoffHertz: 50, sampleRateHertz: 1000)
    let signal = noise(64, seed: 90)
    var cascade = BiquadCascade(sections)
    let first = filtered(signal, &cascade)
    var copy = try restored(cascade)
    #expect(filtered(signal, &copy) == filtered(signal, &cascade))
    cascade.reset()
    #expect(filtered(signal, &cascade) == first)
  }
}

@Suite struct OrderTrackingTests {
  private func resampled(
    _ signal: [Float],
    speed: [Double],
    samplesPerRevolution: Int = 32,
    room: Int = 100_000
  ) -> [Float] {
    var result = [Float](repeating: .nan, count: room)
    var target = result.mutableSpan
    let written = OrderTracking(samplesPerRevolution: samplesPerRevolution).resample(
      signal.span,
      sampleRateHertz: 1000,
      shaftHertz: speed.span,
      into: &target
    )
    return Array(result[..<written])
  }

  @Test func `at a steady speed of as many samples nothing changes`() {
    let signal = noise(1000, seed: 91)
    let result = resampled(signal, speed: [10], samplesPerRevolution: 100)
    #expect(result.count >= 998)
    #expect(distance(result, Array(signal[..<result.count])) < 1e-5)
  }

  @Test func `a line that moves with the speed stands still in orders`() {
    // From 10 to 20 Hz in 4 s: 60 turns, three cycles to the turn.
    let signal = (0..<4001).map { index -> Float in
      let seconds = Double(index) / 1000
      let turns = 10 * seconds + 10 * seconds * seconds / 8
      return Float(UnitCirclePoint(turns: 3 * turns).sine)
    }
    let result = resampled(signal, speed: [10, 20])
    #expect(abs(result.count - 60 * 32) <= 1)
    let expected = result.indices.map { index in
      Float(UnitCirclePoint(turns: 3 * index, of: 32).sine)
    }
    #expect(distance(result, expected) < 2e-3)
    let bent = resampled(signal, speed: [10, 12.5, 15, 17.5, 20])
    #expect(distance(bent, result) < 1e-5)
  }

  @Test func `no more is written than there is room for`() {
    #expect(resampled(noise(1000), speed: [10], room: 5).count == 5)
    #expect(resampled(noise(1000), speed: [10], room: 0).isEmpty)
  }

  @Test(arguments: [[], [0], [-3], [10, .nan], [10, .infinity], [10, 0]] as [[Double]])
  func `without a speed there are no orders`(speed: [Double]) {
    #expect(resampled(noise(100), speed: speed).isEmpty)
  }

  @Test(arguments: [0, 1, 3])
  func `too few samples give nothing`(count: Int) {
    #expect(resampled(noise(count), speed: [10]).isEmpty)
  }
}
