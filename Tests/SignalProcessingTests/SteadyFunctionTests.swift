import Glibc
import SignalProcessing
import Testing

@Suite struct SteadyFunctionTests {
  @Test func `exponentials are those of the C library within their tolerance`() {
    for step in -70_000...70_000 {
      let number = Double(step) / 100
      #expect(abs(steadyExponential(number) / exp(number) - 1) < 1e-13)
    }
    for step in -8_000...8_800 {
      let number = Float(step) / 100
      #expect(abs(Double(steadyExponential(number)) / exp(Double(number)) - 1) < 1e-6)
    }
  }

  @Test func `beyond its range an exponential stays at the end, and no number stays none`() {
    #expect(steadyExponential(-1e9) == steadyExponential(-700.0))
    #expect(steadyExponential(Double.infinity) == steadyExponential(700.0))
    #expect(steadyExponential(Double.nan).isNaN)
    #expect(steadyExponential(Float(-80.1)) == 0)
    #expect(steadyExponential(-Float.infinity) == 0)
    #expect(steadyExponential(Float(88.1)) == .infinity)
    #expect(steadyExponential(Float.nan).isNaN)
  }

  @Test func `logarithms are those of the C library within their tolerance`() {
    var number = Double.leastNormalMagnitude
    while number < .greatestFiniteMagnitude / 1.01 {
      let truth = log(number)
      #expect(abs(steadyLogarithm(number) - truth) < 1e-15 * max(1, abs(truth)))
      number *= 1.037
    }
    let subnormal = Double.leastNonzeroMagnitude
    #expect(abs(steadyLogarithm(subnormal) - log(subnormal)) < 1e-12)
    var single = Float.leastNormalMagnitude
    while single < .greatestFiniteMagnitude / 1.01 {
      let truth = log(Double(single))
      #expect(abs(Double(steadyLogarithm(single)) - truth) < 1.3e-7 * max(1, abs(truth)))
      single *= 1.003_7
    }
  }

  @Test func `eight logarithms are the eight single ones, bit for bit`() {
    var numbers = SIMD8<Float>(1e-37, 0.3, 0.707, 0.708, 1, 1.414_2, 1.414_3, 3e38)
    for _ in 0..<200 {
      let logarithms = steadyLogarithm(numbers)
      for lane in 0..<8 { #expect(logarithms[lane] == steadyLogarithm(numbers[lane])) }
      numbers = (numbers * 0.97).clamped(
        lowerBound: SIMD8(repeating: 1e-37),
        upperBound: SIMD8(repeating: 3e38)
      )
    }
  }

  @Test func `only positive numbers have a logarithm`() async {
    await #expect(processExitsWith: .failure) { _ = steadyLogarithm(0.0) }
    await #expect(processExitsWith: .failure) { _ = steadyLogarithm(-1.0) }
    await #expect(processExitsWith: .failure) { _ = steadyLogarithm(Double.nan) }
  }
}
