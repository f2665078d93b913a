/// The Fourier transform of real signals of any length, as a convolution with a chirp.
///
/// `j · k = (j² + k² − (k − j)²) ∕ 2` turns the sum of the transform into a convolution, which runs
/// through a complex transform of a fast length of at least twice the length.
///
/// - SeeAlso: Bluestein, "A linear filtering approach to the computation of discrete Fourier
///   transform", IEEE Transactions on Audio and Electroacoustics 18 (1970).
///   doi:10.1109/TAU.1970.1162132
struct ChirpTransform: Sendable {
  private let length: Int
  private var transform: ComplexTransform
  /// `exp(−πi · j² ∕ length)`, zero behind the end.
  private let chirp: [ComplexLanes]
  /// The spectrum of the conjugated chirp, divided by the length of the convolution.
  private let response: [ComplexLanes]

  init(length: Int) {
    self.length = length
    transform = ComplexTransform(length: ComplexTransform.fastLength(atLeast: 2 * length - 1))
    var chirp = Array(repeating: ComplexLanes.zero, count: (length + 3) / 4)
    let count = transform.length
    let scale = 1 / Float(count)
    for index in 0..<length {
      let number = ComplexNumber(twiddle: index * index % (2 * length), of: 2 * length)
      chirp[index / 4][index % 4] = number
      let conjugate = ComplexNumber(real: number.real * scale, imaginary: -number.imaginary * scale)
      transform.front[index / 4][index % 4] = conjugate
      let mirror = (count - index) % count
      transform.front[mirror / 4][mirror % 4] = conjugate
    }
    self.chirp = chirp
    transform.run()
    response = transform.front
  }

  mutating func forward(_ signal: Span<Float>, into spectrum: inout Spectrum) {
    for index in 0..<chirp.count {
      var lanes = ComplexLanes.zero
      for lane in 0..<min(4, length - 4 * index) { lanes.real[lane] = signal[4 * index + lane] }
      transform.front[index] = lanes * chirp[index]
    }
    convolve()
    for bin in 0..<spectrum.binCount {
      let number = transform.front[bin / 4][bin % 4]
      spectrum.real[bin] = number.real
      spectrum.imaginary[bin] = number.imaginary
    }
  }

  /// Computes the signal of a spectrum, the missing half of which is the conjugate of the first.
  mutating func inverse(_ spectrum: Spectrum, into signal: inout MutableSpan<Float>) {
    for index in 0..<chirp.count {
      var lanes = ComplexLanes.zero
      for lane in 0..<min(4, length - 4 * index) {
        let bin = 4 * index + lane
        let image = length - bin
        // Exchanged real and imaginary parts make the transform an inverse one.
        lanes[lane] =
          if bin == 0 || bin == image {
            ComplexNumber(real: 0, imaginary: spectrum.real[bin])
          } else if bin < image {
            ComplexNumber(real: spectrum.imaginary[bin], imaginary: spectrum.real[bin])
          } else {
            ComplexNumber(real: -spectrum.imaginary[image], imaginary: spectrum.real[image])
          }
      }
      transform.front[index] = lanes * chirp[index]
    }
    convolve()
    let scale = 1 / Float(length)
    for index in 0..<length {
      signal[index] = transform.front[index / 4].imaginary[index % 4] * scale
    }
  }

  /// Convolves what lies in `front` with the conjugated chirp and multiplies it by the chirp.
  private mutating func convolve() {
    for index in chirp.count..<transform.front.count { transform.front[index] = .zero }
    transform.run()
    for index in transform.front.indices {
      transform.front[index] = (transform.front[index] * response[index]).exchanged
    }
    transform.run()
    for index in chirp.indices {
      transform.front[index] = transform.front[index].exchanged * chirp[index]
    }
  }
}
