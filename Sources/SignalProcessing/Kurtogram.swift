/// Where in the spectrum, and in how wide a band, a signal is most impulsive.
///
/// The spectrum of the block is cut into 1, 2, 3, 4, 6, 8, 12, … equal bands; each band is brought
/// back to time as a complex signal of its own, slower rate, and the kurtosis of its envelope is
/// taken. The bands are those of the fast kurtogram; they are cut from one transform of the whole
/// block instead of by a tree of filters, so their edges are sharp.
///
/// Complexity: O(n log n) for each row; a run allocates nothing.
///
/// - SeeAlso: Antoni, "Fast computation of the kurtogram for the detection of transient faults",
///   Mechanical Systems and Signal Processing 21 (2007). doi:10.1016/j.ymssp.2005.12.002
package struct Kurtogram: Sendable {
  /// One band and what was found in it.
  package struct Band: Hashable, Sendable {
    /// Into how many bands its row cuts the spectrum.
    package let bandCount: Int
    /// The bins of the block's spectrum that it takes.
    package let bins: Range<Int>
    package let lowHertz: Double
    package let highHertz: Double
    /// `⟨|z|⁴⟩ ∕ ⟨|z|²⟩² − 2` of its complex signal `z`: 0 for stationary normal noise.
    package fileprivate(set) var kurtosis: Float = 0
  }

  /// All bands of the last block, from the widest to the narrowest, in order of frequency.
  package private(set) var bands: [Band]
  private var transform: RealTransform
  private var spectrum: Spectrum
  /// For each row, the transform that brings its bands back.
  private var rows: [(bandCount: Int, transform: ComplexTransform)]

  /// Plans for blocks of `length` samples.
  ///
  /// - Parameters:
  ///   - length: Samples per block.
  ///   - sampleRateHertz: Their rate.
  ///   - narrowestBins: A row is left out when its bands would have fewer bins than this; the
  ///     kurtosis of normal noise scatters by about 2 ∕ √bins.
  package init(length: Int, sampleRateHertz: Double, narrowestBins: Int = 64) {
    precondition(narrowestBins > 0, "a band has bins")
    let half = length / 2
    transform = RealTransform(length: length)
    spectrum = Spectrum(transformLength: length)
    rows = Self.bandCounts(upTo: half / narrowestBins).map { bandCount in
      let widest = (half + bandCount - 1) / bandCount
      let length = ComplexTransform.fastLength(atLeast: widest)
      return (bandCount, ComplexTransform(length: length))
    }
    let hertzPerBin = sampleRateHertz / Double(length)
    bands = rows.flatMap { row in
      (0..<row.bandCount).map { index in
        let bins = index * half / row.bandCount..<(index + 1) * half / row.bandCount
        return Band(
          bandCount: row.bandCount,
          bins: bins,
          lowHertz: Double(bins.lowerBound) * hertzPerBin,
          highHertz: Double(bins.upperBound) * hertzPerBin
        )
      }
    }
  }

  /// 1, 2, 3, 4, 6, 8, 12, … up to `limit`.
  private static func bandCounts(upTo limit: Int) -> [Int] {
    var counts: [Int] = []
    var count = 1
    while count <= limit {
      counts.append(count)
      if count > 1, count / 2 * 3 <= limit { counts.append(count / 2 * 3) }
      count *= 2
    }
    return counts
  }

  /// Computes the kurtosis of every band of a block.
  ///
  /// - Returns: The most impulsive band, the wider one among equals; `nil` for a block too short
  ///   for any band and for one whose samples are not all finite.
  @discardableResult
  package mutating func process(_ signal: Span<Float>) -> Band? {
    transform.forward(signal, into: &spectrum)
    // The mean says nothing about impulses.
    spectrum.real[0] = 0
    spectrum.imaginary[0] = 0
    var band = 0
    for row in rows.indices {
      for _ in 0..<rows[row].bandCount {
        bands[band].kurtosis = Self.kurtosis(
          spectrum,
          bands[band].bins,
          &rows[row].transform
        )
        band += 1
      }
    }
    return best
  }

  private var best: Band? {
    var best: Band?
    for band in bands {
      guard band.kurtosis.isFinite else { return nil }
      if let known = best, known.kurtosis >= band.kurtosis { continue }
      best = band
    }
    return best
  }

  private static func kurtosis(
    _ spectrum: Spectrum,
    _ bins: Range<Int>,
    _ transform: inout ComplexTransform
  ) -> Float {
    let blockCount = transform.front.count
    for block in 0..<blockCount {
      var lanes = ComplexLanes.zero
      for lane in 0..<4 {
        let bin = bins.lowerBound + 4 * block + lane
        guard bin < bins.upperBound else { break }
        // The forward transform of the conjugate is the conjugate of the inverse one.
        lanes[lane] = ComplexNumber(real: spectrum.real[bin], imaginary: -spectrum.imaginary[bin])
      }
      transform.front[block] = lanes
    }
    transform.run()
    var power = 0.0
    var square = 0.0
    for block in 0..<blockCount {
      let lanes = transform.front[block]
      let magnitudes = lanes.real * lanes.real + lanes.imaginary * lanes.imaginary
      for lane in 0..<4 {
        let value = Double(magnitudes[lane])
        power += value
        square += value * value
      }
    }
    guard power != 0 else { return 0 }
    return Float(square * Double(4 * blockCount) / (power * power) - 2)
  }
}
