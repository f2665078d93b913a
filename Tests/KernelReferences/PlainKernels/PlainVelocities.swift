/// The integral of a band of an acceleration that repeats, in mm/s from m/s².
package func plainVelocity(
  _ acceleration: [Float],
  sampleRateHertz: Double,
  band: ClosedRange<Double>
) -> [Double] {
  let length = acceleration.count
  let velocity = integrated(
    plainTransform(acceleration),
    length: length,
    sampleRateHertz: sampleRateHertz,
    band: band
  )
  let real = velocity.real.indices.map { bin in
    velocity.real[bin] * sides(of: bin, length: length) / Double(length)
  }
  let imaginary = velocity.imaginary.indices.map { bin in
    velocity.imaginary[bin] * sides(of: bin, length: length) / Double(length)
  }
  return plainSignal(real, imaginary, length: length).real
}

/// The root mean square of that velocity under a Hann window, its loss made good.
package func plainVelocityLevel(
  _ acceleration: [Float],
  sampleRateHertz: Double,
  band: ClosedRange<Double>
) -> Double {
  let length = acceleration.count
  let velocity = integrated(
    plainFrames(acceleration, length: length, hop: length, removesMean: true)[0],
    length: length,
    sampleRateHertz: sampleRateHertz,
    band: band
  )
  var power = 0.0
  for (bin, (real, imaginary)) in zip(velocity.real, velocity.imaginary).enumerated() {
    power += sides(of: bin, length: length) * (real * real + imaginary * imaginary)
  }
  let energy = plainHann(length).reduce(0) { $0 + $1 * $1 }
  return (power / (Double(length) * energy)).squareRoot()
}

/// Each bin of the band through `2πif`, the others 0.
private func integrated(
  _ spectrum: (real: [Double], imaginary: [Double]),
  length: Int,
  sampleRateHertz: Double,
  band: ClosedRange<Double>
) -> (real: [Double], imaginary: [Double]) {
  var result = spectrum
  for bin in spectrum.real.indices {
    let hertz = Double(bin) * sampleRateHertz / Double(length)
    let factor = band.contains(hertz) ? 1000 / (2 * Double.pi * hertz) : 0
    result.real[bin] = spectrum.imaginary[bin] * factor
    result.imaginary[bin] = -spectrum.real[bin] * factor
  }
  return result
}
