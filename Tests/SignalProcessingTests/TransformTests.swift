import Glibc
import PlainKernels
import SignalProcessing
import Testing

@Suite struct TransformTests {
  @Test(
    arguments: Array(1...131) + [
      160, 192, 240, 256, 320, 384, 480, 512, 800, 997, 1000, 1024, 1200,
    ]
  )
  func `every length gives what the definition says`(length: Int) {
    let signal = noise(length, seed: UInt64(length))
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    plan.forward(signal, into: &spectrum)
    let expected = plainTransform(signal)
    let tolerance = 2e-6 * Double(length).squareRoot()
    #expect(spectrum.binCount == expected.real.count)
    for bin in 0..<spectrum.binCount {
      #expect(abs(Double(spectrum.real[bin]) - expected.real[bin]) < tolerance)
      #expect(abs(Double(spectrum.imaginary[bin]) - expected.imaginary[bin]) < tolerance)
    }
  }

  @Test(arguments: [
    1, 2, 3, 17, 31, 32, 60, 96, 100, 480, 997, 4096, 12_000, 20_480, 65_536, 1 << 20,
  ])
  func `what is transformed and brought back is the signal`(length: Int) {
    let signal = noise(length, seed: 3)
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    var back = signal.map { _ in Float.nan }
    plan.forward(signal, into: &spectrum)
    plan.inverse(spectrum, into: &back)
    #expect(distance(signal, back) < 5e-6)
  }

  @Test(arguments: [5, 8, 12, 16, 20])
  func `the textbook transform agrees for powers of two`(exponent: Int) {
    let length = 1 << exponent
    let signal = noise(length, seed: 4)
    var plain = PlainFastTransform(length: length)
    plain.run(signal)
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    plan.forward(signal, into: &spectrum)
    let tolerance = 2e-6 * Float(length).squareRoot()
    #expect(distance(spectrum.real, Array(plain.real[0...length / 2])) < tolerance)
    #expect(distance(spectrum.imaginary, Array(plain.imaginary[0...length / 2])) < tolerance)
  }

  @Test(arguments: [64, 480, 1000, 4096])
  func `a sine that fits the block stands in one bin`(length: Int) {
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    plan.forward(sine(length, cycles: 7, phaseTurns: 0.25), into: &spectrum)
    for bin in 0..<spectrum.binCount {
      let expected: Float = bin == 7 ? Float(length) / 2 : 0
      #expect(abs(spectrum.real[bin] - expected) < 1e-3)
      #expect(abs(spectrum.imaginary[bin]) < 1e-3)
    }
  }

  @Test(arguments: [32, 100, 4096])
  func `the imaginary parts that a real signal cannot have are ignored`(length: Int) {
    let signal = noise(length)
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    var back = signal
    plan.forward(signal, into: &spectrum)
    spectrum.imaginary[0] = 1000
    spectrum.imaginary[length / 2] = -1000
    plan.inverse(spectrum, into: &back)
    #expect(distance(signal, back) < 5e-6)
  }

  @Test(arguments: [64, 100])
  func `a sample that is not a number shows in every bin, and leaves the plan as it was`(
    length: Int
  ) {
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    var signal = noise(length)
    signal[length / 3] = .nan
    plan.forward(signal, into: &spectrum)
    for bin in 0..<spectrum.binCount {
      #expect(spectrum.real[bin].isNaN || spectrum.imaginary[bin].isNaN)
    }

    let healthy = noise(length, seed: 2)
    var fresh = RealTransform(length: length)
    var expected = Spectrum(transformLength: length)
    plan.forward(healthy, into: &spectrum)
    fresh.forward(healthy, into: &expected)
    #expect(spectrum == expected)
  }

  @Test func `samples below the normal range are neither lost nor raised`() {
    let length = 64
    var plan = RealTransform(length: length)
    var spectrum = Spectrum(transformLength: length)
    plan.forward([Float](repeating: 0x1p-140, count: length), into: &spectrum)
    #expect(spectrum.real[0] == 0x1p-134)
    #expect(spectrum.real[1...].filter { $0 != 0 }.isEmpty)
  }

  @Test func `a fast length is never below what was asked for, nor far above`() {
    for length in 1...3000 {
      let fast = RealTransform.fastLength(atLeast: length)
      #expect(fast >= length)
      #expect(fast <= max(32, length + length / 4 + 32))
    }
    #expect(RealTransform.fastLength(atLeast: 20_480) == 20_480)
    #expect(RealTransform.fastLength(atLeast: 12_000) == 12_000)
  }

  @Test func `the bits are the same on every machine`() {
    var results: [UInt64] = []
    for length in [4096, 12_000, 997] {
      var plan = RealTransform(length: length)
      var spectrum = Spectrum(transformLength: length)
      plan.forward(noise(length), into: &spectrum)
      results.append(fingerprint(spectrum.real + spectrum.imaginary))
    }
    #expect(
      results == [
        10_242_825_392_839_457_402, 6_405_778_564_472_579_279, 16_561_485_083_950_951_589,
      ]
    )
  }
}

@Suite struct UnitCircleTests {
  @Test(arguments: [1, 2, 3, 7, 8, 60, 997, 4096, 1 << 20])
  func `points lie within one unit in the last place of the library's`(denominator: Int) {
    for numerator in stride(
      from: -denominator,
      through: 2 * denominator,
      by: max(1, denominator / 500)
    ) {
      let point = UnitCirclePoint(turns: numerator, of: denominator)
      let angle = 2 * Double.pi * Double(numerator) / Double(denominator)
      // The angle itself is rounded: by more, the larger it is.
      #expect(abs(point.cosine - cos(angle)) < 2.3e-16 + abs(angle) * 2.3e-16)
      #expect(abs(point.sine - sin(angle)) < 2.3e-16 + abs(angle) * 2.3e-16)
    }
  }

  @Test func `the axes are exact and the diagonals stand between them`() {
    #expect(UnitCirclePoint(turns: 0, of: 8).cosine == 1)
    #expect(UnitCirclePoint(turns: 2, of: 8).sine == 1)
    #expect(UnitCirclePoint(turns: 2, of: 8).cosine == 0)
    #expect(UnitCirclePoint(turns: 4, of: 8).cosine == -1)
    #expect(UnitCirclePoint(turns: -2, of: 8).sine == -1)
    let diagonal = UnitCirclePoint(turns: 3, of: 8)
    #expect(abs(diagonal.sine + diagonal.cosine) < 2.3e-16)
  }

  @Test func `a point is the same by parts and by turns, and after any number of turns`() {
    for part in 0..<64 {
      let point = UnitCirclePoint(turns: part, of: 64)
      #expect(point == UnitCirclePoint(turns: Double(part) / 64))
      #expect(point == UnitCirclePoint(turns: Double(part) / 64 - 3))
      #expect(point == UnitCirclePoint(turns: part + 640, of: 64))
    }
    #expect(UnitCirclePoint(turns: -1e-300).cosine == 1)
  }
}
