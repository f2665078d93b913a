import Glibc

/// The transform of a real signal as its definition says, in double precision: n² steps.
package func plainTransform(_ signal: [Float]) -> [(real: Double, imaginary: Double)] {
  let length = signal.count
  return (0...length / 2).map { bin in
    var real = 0.0
    var imaginary = 0.0
    for (index, value) in signal.enumerated() {
      let angle = 2 * Double.pi * Double(bin * index % length) / Double(length)
      real += Double(value) * cos(angle)
      imaginary -= Double(value) * sin(angle)
    }
    return (real, imaginary)
  }
}
