/// The bins of a band, both ends included, turning one way only: the band and its Hilbert transform.
package func plainAnalyticSignal(
  _ signal: [Float],
  sampleRateHertz: Double,
  band: ClosedRange<Double>?,
  whitened: Bool
) -> (real: [Double], imaginary: [Double]) {
  let length = signal.count
  var spectrum = plainTransform(signal)
  for bin in spectrum.real.indices {
    let (real, imaginary) = (spectrum.real[bin], spectrum.imaginary[bin])
    let hertz = Double(bin) * sampleRateHertz / Double(length)
    var factor = sides(of: bin, length: length) / Double(length)
    if whitened { factor /= (real * real + imaginary * imaginary).squareRoot() }
    if let band, !band.contains(hertz) { factor = 0 }
    spectrum.real[bin] = real * factor
    spectrum.imaginary[bin] = imaginary * factor
  }
  return plainSignal(spectrum.real, spectrum.imaginary, length: length)
}

/// The squared magnitude of each number.
package func plainSquaredEnvelope(_ signal: (real: [Double], imaginary: [Double])) -> [Double] {
  zip(signal.real, signal.imaginary).map { $0 * $0 + $1 * $1 }
}

/// The amplitude of each bin, the steady part left out.
package func plainAmplitudes(_ envelope: [Double]) -> [Double] {
  let spectrum = plainTransform(envelope)
  return spectrum.real.indices.map { bin in
    let (real, imaginary) = (spectrum.real[bin], spectrum.imaginary[bin])
    let scale = sides(of: bin, length: envelope.count) / Double(envelope.count)
    return bin == 0 ? 0 : scale * (real * real + imaginary * imaginary).squareRoot()
  }
}
