import SignalProcessing

/// The envelope spectra of many bands of a record, each as a ratio to its own floor.
///
/// Segments of the record that overlap by half are tapered by a sine, so that their envelopes are
/// tapered by a Hann window; the powers of all segments are added. Bins lie at multiples of
/// ``binHertz``.
struct VibrationEnvelopes: Sendable {
  /// What a plan is made for; records that agree in it share one.
  struct Shape: Hashable, Sendable {
    var segmentLength: Int
    var sampleRateHertz: Double
    /// Envelope spectra are wanted up to here.
    var envelopeHertz: Double
  }

  /// A band and the envelope found in it.
  struct Band: Sendable {
    let bins: Range<Int>
    let hertz: ClosedRange<Double>
    fileprivate let row: Int
    fileprivate(set) var power: [Float]
    /// The natural logarithm of power over floor, 0 where it is below.
    fileprivate(set) var rise: [Float]
  }

  let shape: Shape
  let binHertz: Double
  let envelopeBinCount: Int
  private(set) var bands: [Band] = []
  /// How many segments the last record had.
  private(set) var segmentCount = 0
  /// The spectrum of the last segment and the mean power of all.
  private(set) var density: [Float]
  private var transform: RealTransform
  private var spectrum: Spectrum
  private let taper: [Float]
  private var tapered: [Float]
  private var rows: [BandEnvelope] = []
  private var magnitudes: [Float]
  private var levels: [Float]
  private var carrierFloor: SpectrumFloor
  private var envelopeFloor: SpectrumFloor
  private var floor: [Float]

  /// The narrowest band whose envelope is looked at.
  private static let narrowestHertz = 1_400.0
  /// The widest group of neighbouring carriers that count as one level.
  private static let levelHertz = 80.0
  private static let ceiling: Float = 3

  init(_ shape: Shape) {
    self.shape = shape
    let length = shape.segmentLength
    binHertz = shape.sampleRateHertz / Double(length)
    transform = RealTransform(length: length)
    spectrum = Spectrum(transformLength: length)
    taper = (0..<length).map { index in
      Float(UnitCirclePoint(turns: 2 * index + 1, of: 4 * length).sine)
    }
    tapered = Array(repeating: 0, count: length)
    let binCount = length / 2 + 1
    envelopeBinCount = max(32, min(binCount / 2, Int(shape.envelopeHertz / binHertz)))
    density = Array(repeating: 0, count: binCount)
    magnitudes = density
    levels = density
    carrierFloor = SpectrumFloor(binCount: binCount, halfWidth: Int(Self.levelHertz / binHertz))
    floor = Array(repeating: 0, count: envelopeBinCount)
    envelopeFloor = SpectrumFloor(binCount: envelopeBinCount, halfWidth: 40)
    planBands(binCount - 1)
  }

  /// The whole spectrum, its halves, its quarters and so on, and from the halves on also those that
  /// lie across two neighbours.
  private mutating func planBands(_ binCount: Int) {
    let narrowest = max(Int(Self.narrowestHertz / binHertz), 64)
    var parts = 1
    while binCount / parts >= narrowest {
      let width = binCount / parts
      let row = rows.count
      rows.append(BandEnvelope(bandBinCount: width, envelopeBinCount: envelopeBinCount))
      let starts = stride(from: 0, through: binCount - width, by: max(1, width / 2))
      for start in starts {
        let bins = start..<start + width
        bands.append(
          Band(
            bins: bins,
            hertz: Double(bins.lowerBound) * binHertz...Double(bins.upperBound) * binHertz,
            row: row,
            power: floor,
            rise: floor
          )
        )
      }
      parts *= 2
    }
  }

  /// Reads a record of at least one segment.
  mutating func read(_ record: Span<Float>) {
    for band in bands.indices {
      for bin in bands[band].power.indices { bands[band].power[bin] = 0 }
    }
    for bin in density.indices { density[bin] = 0 }
    let length = shape.segmentLength
    let spare = record.count - length
    let count = 1 + (spare + length / 2 - 1) / max(1, length / 2)
    segmentCount = count
    for segment in 0..<count {
      let start = count > 1 ? spare * segment / (count - 1) : 0
      add(record.extracting(start..<start + length), share: 1 / Float(count))
    }
    for band in bands.indices { findRise(band) }
  }

  /// The rise of each bin, the mean of all bands.
  var meanRise: [Float] {
    var mean = floor
    for bin in mean.indices {
      mean[bin] = bands.reduce(0) { $0 + $1.rise[bin] } / Float(max(1, bands.count))
    }
    return mean
  }

  private mutating func add(_ segment: Span<Float>, share: Float) {
    var mean = 0.0
    for index in 0..<segment.count { mean += Double(segment[index]) }
    let offset = Float(mean / Double(segment.count))
    for index in 0..<segment.count { tapered[index] = (segment[index] - offset) * taper[index] }
    transform.forward(tapered, into: &spectrum)
    spectrum.squaredMagnitudes(into: &magnitudes)
    for bin in density.indices { density[bin] += magnitudes[bin] * share }
    for bin in magnitudes.indices { magnitudes[bin] = magnitudes[bin].squareRoot() }
    carrierFloor.estimate(under: magnitudes, into: &levels)
    spectrum.level(to: levels, magnitudes: magnitudes, ceiling: Self.ceiling)
    for band in bands.indices {
      rows[bands[band].row].addEnvelopePower(
        of: bands[band].bins,
        in: spectrum,
        to: &bands[band].power
      )
    }
  }

  private mutating func findRise(_ band: Int) {
    envelopeFloor.estimate(under: bands[band].power, into: &floor)
    SpectrumFloor.writeRise(of: bands[band].power, above: floor, into: &bands[band].rise)
  }
}
