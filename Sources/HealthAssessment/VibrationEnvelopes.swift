import ConditionModel
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

  /// Where a band's envelope comes from.
  fileprivate enum Source: Sendable {
    case transform(row: Int)
    /// From those of narrower bands, by their indices: the sum of some less that of others.
    case bands(added: [Int], taken: [Int])
  }

  /// A band and the envelope found in it.
  struct Band: Sendable {
    let bins: Range<Int>
    let hertz: ClosedRange<Double>
    fileprivate var source = Source.transform(row: 0)
    /// The spectrum of the last segment's squared envelope.
    fileprivate var envelope: Spectrum
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
  private static let narrowestHertz = UnseenFaults.lowestRateHertz / 2
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
      for start in stride(from: 0, through: binCount - width, by: max(1, width / 2)) {
        let bins = start..<start + width
        bands.append(
          Band(
            bins: bins,
            hertz: Double(bins.lowerBound) * binHertz...Double(bins.upperBound) * binHertz,
            envelope: BandEnvelope.emptySpectrum(envelopeBinCount: envelopeBinCount),
            power: floor,
            rise: floor
          )
        )
      }
      parts *= 2
    }
    for band in bands.indices { bands[band].source = source(of: bands[band].bins) }
  }

  /// The three halves of a wide band hold all pairs of bins that its envelope is a sum of, those
  /// within its two inner quarters twice: where no pair that counts lies further apart than a quarter
  /// is wide, they do instead of a transform.
  private mutating func source(of bins: Range<Int>) -> Source {
    let quarter = bins.count / 4
    func find(_ start: Int, _ count: Int) -> Int? {
      let start = bins.lowerBound + start * quarter
      return bands.firstIndex { $0.bins == start..<start + count * quarter }
    }
    let halves = [0, 1, 2].compactMap { find($0, 2) }
    let quarters = [1, 2].compactMap { find($0, 1) }
    if bins.count == 4 * quarter, envelopeBinCount <= quarter + 1, halves.count == 3,
      quarters.count == 2
    {
      return .bands(added: halves, taken: quarters)
    }
    if rows.last?.bandBinCount != bins.count {
      rows.append(BandEnvelope(bandBinCount: bins.count, envelopeBinCount: envelopeBinCount))
    }
    return .transform(row: rows.count - 1)
  }

  /// Reads a record of at least one segment.
  mutating func read(_ record: Span<Float>) {
    for band in bands.indices { Self.clear(&bands[band].power) }
    Self.clear(&density)
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
    LineComb.writeMean(of: bands.map(\.rise), into: &mean)
    return mean
  }

  private static func clear(_ array: inout [Float]) {
    var values = array.mutableSpan
    for index in 0..<values.count { values[index] = 0 }
  }

  private mutating func add(_ segment: Span<Float>, share: Float) {
    Window.taper(segment, less: mean(segment), by: taper, into: &tapered)
    transform.forward(tapered, into: &spectrum)
    spectrum.addSquaredMagnitudes(to: &density, scale: share)
    spectrum.magnitudes(into: &magnitudes)
    carrierFloor.estimate(under: magnitudes, into: &levels)
    spectrum.level(to: levels, magnitudes: magnitudes, ceiling: Self.ceiling)
    // Narrow bands come last; wide ones are made of them.
    for band in bands.indices.reversed() {
      findEnvelope(band)
      bands[band].envelope.addSquaredMagnitudes(to: &bands[band].power, scale: 1)
    }
  }

  private mutating func findEnvelope(_ band: Int) {
    switch bands[band].source {
    case .transform(let row):
      rows[row].writeEnvelope(of: bands[band].bins, in: spectrum, to: &bands[band].envelope)
    case .bands(let added, let taken):
      bands[band].envelope.clear()
      for index in added { bands[band].envelope.add(bands[index].envelope, times: 1) }
      for index in taken { bands[band].envelope.add(bands[index].envelope, times: -1) }
    }
  }

  private mutating func findRise(_ band: Int) {
    envelopeFloor.estimate(under: bands[band].power, into: &floor)
    SpectrumFloor.writeRise(of: bands[band].power, above: floor, into: &bands[band].rise)
  }
}
