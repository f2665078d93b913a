import Glibc

/// The transform of a real signal as its definition says, in double precision: n² steps.
package func plainTransform(_ signal: [Float]) -> (real: [Double], imaginary: [Double]) {
  plainTransform(signal.map { Double($0) })
}

/// As above, of numbers in double precision.
package func plainTransform(_ signal: [Double]) -> (real: [Double], imaginary: [Double]) {
  let length = signal.count
  var real: [Double] = []
  var imaginary: [Double] = []
  for bin in 0...length / 2 {
    var cosines = 0.0
    var sines = 0.0
    for (index, value) in signal.enumerated() {
      let angle = 2 * Double.pi * Double(bin * index % length) / Double(length)
      cosines += value * cos(angle)
      sines += value * sin(angle)
    }
    real.append(cosines)
    imaginary.append(-sines)
  }
  return (real, imaginary)
}

/// The complex signal that turns once per period in bin 1, twice in bin 2 and so on, not scaled.
package func plainSignal(
  _ real: [Double],
  _ imaginary: [Double],
  length: Int
) -> (real: [Double], imaginary: [Double]) {
  var signal = (real: [Double](), imaginary: [Double]())
  for index in 0..<length {
    var sum = (real: 0.0, imaginary: 0.0)
    for bin in real.indices {
      let angle = 2 * Double.pi * Double(bin * index % length) / Double(length)
      sum.real += real[bin] * cos(angle) - imaginary[bin] * sin(angle)
      sum.imaginary += real[bin] * sin(angle) + imaginary[bin] * cos(angle)
    }
    signal.real.append(sum.real)
    signal.imaginary.append(sum.imaginary)
  }
  return signal
}

/// How often a bin of a one-sided spectrum stands in the whole one.
func sides(of bin: Int, length: Int) -> Double { bin == 0 || 2 * bin == length ? 1 : 2 }

/// The textbook fast transform: powers of two only, in place, one butterfly at a time.
package struct PlainFastTransform {
  private let length: Int
  private let cosines: [Float]
  private let sines: [Float]
  package private(set) var real: [Float]
  package private(set) var imaginary: [Float]

  package init(length: Int) {
    precondition(length > 0 && length & (length - 1) == 0, "a power of two")
    self.length = length
    let angles = (0..<length / 2).map { 2 * Double.pi * Double($0) / Double(length) }
    cosines = angles.map { Float(cos($0)) }
    sines = angles.map { Float(-sin($0)) }
    real = Array(repeating: 0, count: length)
    imaginary = real
  }

  package mutating func run(_ signal: [Float]) {
    var reversed = 0
    for index in 0..<length {
      real[reversed] = signal[index]
      imaginary[index] = 0
      var bit = length / 2
      while bit > 0, reversed & bit != 0 {
        reversed ^= bit
        bit /= 2
      }
      reversed |= bit
    }
    var half = 1
    while half < length {
      let step = length / (2 * half)
      for start in stride(from: 0, to: length, by: 2 * half) {
        for offset in 0..<half {
          let (one, other) = (start + offset, start + offset + half)
          let (cosine, sine) = (cosines[offset * step], sines[offset * step])
          let turnedReal = real[other] * cosine - imaginary[other] * sine
          let turnedImaginary = real[other] * sine + imaginary[other] * cosine
          real[other] = real[one] - turnedReal
          imaginary[other] = imaginary[one] - turnedImaginary
          real[one] += turnedReal
          imaginary[one] += turnedImaginary
        }
      }
      half *= 2
    }
  }
}
