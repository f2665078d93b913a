/// A plan for the spectra of the squared envelopes of bands of equal width, cut from one spectrum.
///
/// A band is brought back to time as a complex signal at a rate of its own, so a narrow band costs
/// little; its envelope keeps the resolution of the block. Bin `k` of every envelope's spectrum lies
/// at `k` turns per block, whatever the band, and is the sum of the products of all bins of the band
/// that lie `k` apart: so bands can be compared bin by bin, and sums of bands are sums of spectra.
///
/// Complexity: two transforms of about `bandBinCount + envelopeBinCount` samples for each band; a
/// run allocates nothing.
package struct BandEnvelope: Sendable {
  /// The widest band, in bins of the spectrum.
  package let bandBinCount: Int
  /// How many bins of the envelope spectrum are wanted.
  package let envelopeBinCount: Int
  private var back: ComplexTransform
  private var forth: RealTransform
  private var squares: [Float]
  private var spectrum: Spectrum

  package init(bandBinCount: Int, envelopeBinCount: Int) {
    precondition(bandBinCount > 0 && envelopeBinCount > 0, "a band and its envelope have bins")
    self.bandBinCount = bandBinCount
    self.envelopeBinCount = envelopeBinCount
    // Differences of bins reach the width of the band; what is wanted of them must not be folded.
    let length = RealTransform.fastLength(
      atLeast: bandBinCount + min(bandBinCount, envelopeBinCount)
    )
    back = ComplexTransform(length: length)
    forth = RealTransform(length: length)
    squares = Array(repeating: 0, count: length)
    spectrum = Spectrum(transformLength: length)
  }

  /// An empty spectrum for ``envelopeBinCount`` bins of an envelope.
  package static func emptySpectrum(envelopeBinCount: Int) -> Spectrum {
    Spectrum(transformLength: max(1, 2 * envelopeBinCount - 2))
  }

  /// Writes the spectrum of the squared envelope of a band, its mean removed.
  ///
  /// - Parameters:
  ///   - bins: The band, as bins of `block`; not wider than planned.
  ///   - block: The spectrum of a block of samples.
  ///   - envelope: One bin for each that is wanted.
  package mutating func writeEnvelope(
    of bins: Range<Int>,
    in block: Spectrum,
    to envelope: inout Spectrum
  ) {
    precondition(bins.count <= bandBinCount && bins.upperBound <= block.binCount, "a planned band")
    precondition(envelope.binCount == envelopeBinCount, "a value for each bin")
    load(bins, of: block)
    back.run()
    Self.square(back.front, into: &squares)
    Self.removeMean(&squares)
    forth.forward(squares, into: &spectrum)
    let scale = 1 / Float(squares.count)
    Self.write(spectrum.real, times: scale, to: &envelope.real)
    Self.write(spectrum.imaginary, times: scale, to: &envelope.imaginary)
  }

  private static func write(_ from: [Float], times factor: Float, to target: inout [Float]) {
    let values = from.span
    var scaled = target.mutableSpan
    // No two bins of a band lie further apart than the transform shows.
    let known = min(values.count, scaled.count)
    var index = 0
    while index &+ 8 <= known {
      unsafe scaled.setLanes(values.lanes(fromUnchecked: index) * factor, fromUnchecked: index)
      index &+= 8
    }
    for rest in index..<known { scaled[rest] = values[rest] * factor }
    for beyond in known..<scaled.count { scaled[beyond] = 0 }
  }

  /// The forward transform of the conjugate is the conjugate of the inverse one.
  private mutating func load(_ bins: Range<Int>, of block: Spectrum) {
    let real = block.real.span.extracting(bins)
    let imaginary = block.imaginary.span.extracting(bins)
    var numbers = back.front.mutableSpan
    let whole = real.count / 4
    for index in 0..<whole {
      unsafe numbers[index] = ComplexLanes(
        real: real.quarter(fromUnchecked: 4 &* index),
        imaginary: -imaginary.quarter(fromUnchecked: 4 &* index)
      )
    }
    for index in whole..<numbers.count { numbers[index] = .zero }
    for bin in 4 * whole..<real.count {
      numbers[whole][bin % 4] = ComplexNumber(real: real[bin], imaginary: -imaginary[bin])
    }
  }

  private static func square(_ area: [ComplexLanes], into values: inout [Float]) {
    let numbers = area.span
    var target = values.mutableSpan
    precondition(target.count == 4 * numbers.count, "four values for each element")
    for index in 0..<numbers.count {
      let number = numbers[index]
      unsafe target.setQuarter(
        number.real * number.real + number.imaginary * number.imaginary,
        fromUnchecked: 4 &* index
      )
    }
  }

  /// The length is a multiple of eight.
  private static func removeMean(_ array: inout [Float]) {
    var values = array.mutableSpan
    var sums = SIMD8<Float>.zero
    for index in stride(from: 0, to: values.count, by: 8) {
      unsafe sums += values.lanes(fromUnchecked: index)
    }
    let mean = sums.foldedSum() / Float(values.count)
    for index in stride(from: 0, to: values.count, by: 8) {
      let lanes = unsafe values.lanes(fromUnchecked: index)
      unsafe values.setLanes(lanes - mean, fromUnchecked: index)
    }
  }
}
