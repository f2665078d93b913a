import Glibc

/// The periodic Hann window; a single sample is kept whole.
package func plainHann(_ count: Int) -> [Double] {
  guard count > 1 else { return Array(repeating: 1, count: count) }
  return (0..<count).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(count)) }
}

/// The spectrum of each whole frame of a signal under a Hann window, not scaled.
package func plainFrames(
  _ signal: [Float],
  length: Int,
  hop: Int,
  removesMean: Bool
) -> [(real: [Double], imaginary: [Double])] {
  let window = plainHann(length)
  return stride(from: 0, through: signal.count - length, by: hop).map { start in
    let frame = signal[start..<start + length].map { Double($0) }
    let mean = removesMean ? frame.reduce(0, +) / Double(length) : 0
    return plainTransform(zip(frame, window).map { ($0 - mean) * $1 })
  }
}

/// The mean of the squared magnitudes of all frames, one-sided, per hertz.
package func plainWelch(
  _ signal: [Float],
  segmentLength: Int,
  overlap: Int,
  sampleRateHertz: Double
) -> [Double] {
  let frames = plainFrames(
    signal,
    length: segmentLength,
    hop: segmentLength - overlap,
    removesMean: true
  )
  let energy = plainHann(segmentLength).reduce(0) { $0 + $1 * $1 }
  return (0...segmentLength / 2).map { bin in
    guard !frames.isEmpty else { return 0 }
    let power = powers(of: bin, in: frames).reduce(0, +) / Double(frames.count)
    return sides(of: bin, length: segmentLength) * power / (sampleRateHertz * energy)
  }
}

/// The kurtosis of each bin over all frames.
package func plainSpectralKurtosis(_ signal: [Float], frameLength: Int, hop: Int) -> [Double] {
  let frames = plainFrames(signal, length: frameLength, hop: hop, removesMean: false)
  return (0...frameLength / 2).map { kurtosis(of: powers(of: $0, in: frames)) }
}

/// The kurtosis of each band of a kurtogram, from the widest to the narrowest: of the complex signal
/// that the bins of the band make by themselves.
package func plainKurtogram(_ signal: [Float], narrowestBins: Int) -> [Double] {
  let half = signal.count / 2
  var spectrum = plainTransform(signal)
  spectrum.real[0] = 0
  // Powers of two and three times those.
  let bandCounts = (1...signal.count).filter { count in
    let odd = count >> count.trailingZeroBitCount
    return (odd == 1 || odd == 3) && count * narrowestBins <= half
  }
  return bandCounts.flatMap { bandCount in
    let length = lengthOfBand(atLeast: (half + bandCount - 1) / bandCount)
    return (0..<bandCount).map { index in
      let bins = index * half / bandCount..<(index + 1) * half / bandCount
      let band = plainSignal(
        Array(spectrum.real[bins]),
        Array(spectrum.imaginary[bins]),
        length: length
      )
      return kurtosis(of: zip(band.real, band.imaginary).map { $0 * $0 + $1 * $1 })
    }
  }
}

/// The next multiple of 16 that has no factor above five: so many samples a band is brought back to.
private func lengthOfBand(atLeast count: Int) -> Int {
  var length = (count + 15) / 16 * 16
  while true {
    var rest = length
    for factor in [2, 3, 5] {
      while rest.isMultiple(of: factor) { rest /= factor }
    }
    if rest == 1 { return length }
    length += 16
  }
}

private func powers(of bin: Int, in frames: [(real: [Double], imaginary: [Double])]) -> [Double] {
  frames.map { $0.real[bin] * $0.real[bin] + $0.imaginary[bin] * $0.imaginary[bin] }
}

/// That of a complex signal with these squared magnitudes: 0 without any, and for normal noise.
private func kurtosis(of powers: [Double]) -> Double {
  let sum = powers.reduce(0, +)
  guard sum != 0 else { return 0 }
  return powers.reduce(0) { $0 + $1 * $1 } * Double(powers.count) / (sum * sum) - 2
}
