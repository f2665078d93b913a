import ConditionModel
import SignalProcessing

/// The spectra of one block, from which all its features are read.
///
/// One serves all blocks of its length and rate, one after the other: what it holds is scratch.
struct WaveformAnalysis: Sendable {
  let length: Int
  let rate: Double
  private var transform: RealTransform
  private var spectrum: Spectrum
  private let window: [Float]
  /// The sum of the squares of the window, by which a power becomes a mean square.
  private let windowEnergy: Double
  private var weighted: [Float]
  private var envelopes: EnvelopeAnalysis
  /// For each bin its share of the mean square, in (m/s²)².
  private(set) var power: [Float]
  /// For each bin the amplitude of the squared envelope, in (m/s²)².
  private(set) var envelope: [Float]
  private(set) var statistics: BlockStatistics?

  /// The envelope is that of the upper part of the spectrum, where housings ring after an impact.
  private let envelopeBand: ClosedRange<Double>

  init(length: Int, rate: Double) {
    self.length = length
    self.rate = rate
    transform = RealTransform(length: length)
    let spectrum = Spectrum(transformLength: length)
    self.spectrum = spectrum
    let window = Window.hann.weights(count: length)
    self.window = window
    windowEnergy = window.reduce(0) { $0 + Double($1) * Double($1) }
    weighted = window
    envelopes = EnvelopeAnalysis(length: length, sampleRateHertz: rate)
    power = Array(repeating: 0, count: spectrum.binCount)
    envelope = power
    envelopeBand = Self.envelopeBand(rate: rate)
  }

  /// The band whose envelope is read, in hertz.
  static func envelopeBand(rate: Double) -> ClosedRange<Double> {
    min(1_000, 0.2 * rate)...0.45 * rate
  }

  /// Reads a block.
  ///
  /// - Parameters:
  ///   - samples: As many as the plan has.
  ///   - unitSize: The size of their unit in m/s².
  ///   - needsEnvelope: Whether the envelope is wanted, which takes three times as long as the rest.
  mutating func read(_ samples: [Float], unitSize: Double, needsEnvelope: Bool) {
    let size = Float(unitSize)
    let mean = Float(BlockStatistics(samples.span).mean)
    for index in weighted.indices { weighted[index] = (samples[index] - mean) * size }
    statistics = BlockStatistics(weighted.span)
    if needsEnvelope {
      Self.envelope(of: weighted, &envelopes, band: envelopeBand, into: &envelope)
    }
    for index in weighted.indices { weighted[index] *= window[index] }
    transform.forward(weighted, into: &spectrum)
    spectrum.squaredMagnitudes(into: &power)
    let scale = Float(2 / (Double(length) * windowEnergy))
    for bin in power.indices { power[bin] *= scale }
    // Neither has a mirror image.
    power[0] *= 0.5
    if length.isMultiple(of: 2) { power[power.count - 1] *= 0.5 }
  }

  private static func envelope(
    of samples: [Float],
    _ analysis: inout EnvelopeAnalysis,
    band: ClosedRange<Double>,
    into amplitudes: inout [Float]
  ) {
    var target = amplitudes.mutableSpan
    analysis.squaredEnvelopeSpectrum(of: samples.span, band: band, into: &target)
  }

  var binHertz: Double { rate / Double(length) }

  private func bins(_ band: ClosedRange<Double>) -> Range<Int> {
    spectrum.bins(in: band, sampleRateHertz: rate)
  }

  /// Root mean square of the acceleration in a band, in m/s².
  func acceleration(in band: ClosedRange<Double>) -> Double {
    var sum = 0.0
    for bin in bins(band) { sum += Double(power[bin]) }
    return sum.squareRoot()
  }

  /// Root mean square of the velocity in a band, in mm/s.
  func velocity(in band: ClosedRange<Double>) -> Double {
    var sum = 0.0
    for bin in bins(band) { sum += velocityPower(bin) }
    return sum.squareRoot()
  }

  private func velocityPower(_ bin: Int) -> Double {
    let factor = 1_000 / (2 * Double.pi * Double(bin) * binHertz)
    return Double(power[bin]) * factor * factor
  }

  /// Root mean square of the velocity of the line at `hertz`, in mm/s.
  ///
  /// - Parameters:
  ///   - hertz: Where it should be.
  ///   - reach: How far it may lie beside that.
  ///   - room: What lies this far beside that, or further, belongs to another line.
  /// - Returns: 0 beyond the spectrum.
  func velocityLine(at hertz: Double, reach: Double, room: Double) -> Double {
    guard let peak = peak(of: power, at: hertz, reach: reach) else { return 0 }
    var sum = 0.0
    for bin in lobe(around: peak)
    where bin > 0 && (Double(bin) * binHertz - hertz).magnitude < room {
      sum += velocityPower(bin)
    }
    return sum.squareRoot()
  }

  /// The square of the root mean square of the acceleration of the line at `hertz`, in (m/s²)².
  func accelerationLinePower(at hertz: Double, reach: Double) -> Double {
    guard let peak = peak(of: power, at: hertz, reach: reach) else { return 0 }
    var sum = 0.0
    for bin in lobe(around: peak) { sum += Double(power[bin]) }
    return sum
  }

  /// The square of the amplitude of the squared envelope at `hertz` above the floor beside it.
  func envelopeLinePower(at hertz: Double, reach: Double) -> Double {
    guard let peak = peak(of: envelope, at: hertz, reach: reach) else { return 0 }
    let floor = floor(around: peak)
    let amplitude = Double(envelope[peak])
    return max(0, amplitude * amplitude - floor * floor)
  }

  /// The bins that a line spreads over under the window.
  private func lobe(around bin: Int) -> ClosedRange<Int> {
    max(0, bin - 2)...min(power.count - 1, bin + 2)
  }

  private func peak(of values: [Float], at hertz: Double, reach: Double) -> Int? {
    // Before any conversion: no integer holds what lies far enough beyond the spectrum.
    guard hertz > 0, hertz - reach <= rate / 2 else { return nil }
    let low = max(1, Int(((hertz - reach) / binHertz).rounded()))
    let high = min(values.count - 1, Int((min(hertz + reach, rate) / binHertz).rounded()))
    guard low <= high else { return nil }
    var best = low
    for bin in low...high where values[bin] > values[best] { best = bin }
    return best
  }

  /// The mean of the envelope's amplitudes some bins away on both sides.
  private func floor(around bin: Int) -> Double {
    var sum = 0.0
    var count = 0
    for distance in 4...12 {
      for neighbour in [bin - distance, bin + distance]
      where neighbour > 0 && neighbour < envelope.count {
        sum += Double(envelope[neighbour])
        count += 1
      }
    }
    return count > 0 ? sum / Double(count) : 0
  }
}
