import PlainKernels
import SignalProcessing

/// Blocks of 960 samples beside the sums of the definitions, and one second at 12 kHz, for which such
/// sums take minutes.
func analysisCosts() -> [KernelCost] {
  [960, 12_000].flatMap { length in
    let block = BlockAnalyses(length: length)
    return block.envelopes() + block.frames() + block.bands() + block.motions()
  } + envelopeLineCosts()
}

/// What looks for the lines of a bearing in envelopes.
private func envelopeLineCosts() -> [KernelCost] {
  let count = 1_000
  let power = noise(count).map { $0 * $0 }
  let rise = power.map { min($0, 6) }
  var estimator = SpectrumFloor(binCount: count, halfWidth: 40)
  var floor = power
  var above = power
  var sided = power
  var comb = power
  var block = Spectrum(transformLength: 12_000)
  block.real = noise(block.binCount)
  block.imaginary = noise(block.binCount)
  var band = BandEnvelope(bandBinCount: 1_500, envelopeBinCount: count)
  var envelope = BandEnvelope.emptySpectrum(envelopeBinCount: count)
  let rows = [power, rise, floor]
  var mean = power
  return [
    KernelCost(
      "envelope of a band",
      size: 1_500,
      { band.writeEnvelope(of: 1_500..<3_000, in: block, to: &envelope) },
      others: [
        (
          "plain",
          {
            let sums = plainBandEnvelope(
              block.real,
              block.imaginary,
              bins: 1_500..<3_000,
              envelopeBinCount: count
            )
            sink += sums[1].real
          }
        )
      ]
    ),
    KernelCost(
      "mean of three spectra",
      size: count,
      { LineComb.writeMean(of: rows, into: &mean) },
      others: [("plain", { sink += Double(plainMean(rows)[0]) })]
    ),
    KernelCost(
      "floor of a spectrum",
      size: count,
      { estimator.estimate(under: power, into: &floor) },
      others: [("plain", { sink += plainFloor(power, halfWidth: 40, rounds: 1)[0] })]
    ),
    KernelCost(
      "rise above a floor",
      size: count,
      { SpectrumFloor.writeRise(of: power, above: floor, into: &above) },
      others: [("plain", { sink += plainRise(power, above: floor)[0] })]
    ),
    KernelCost(
      "lines with their sides",
      size: count,
      { SpectrumFloor.writeSides(of: rise, distance: 30, weight: 0.4, into: &sided) },
      others: [
        ("plain", { sink += Double(plainSides(rise, distance: 30, weight: 0.4)[0]) })
      ]
    ),
    KernelCost(
      "comb of four lines",
      size: count,
      { LineComb.run(0..<count, rise: rise, lines: sided, into: &comb) },
      others: [
        (
          "plain",
          {
            for point in 0..<count {
              sink += Double(plainComb(point, rise: rise, lines: sided))
            }
          }
        )
      ]
    ),
  ]
}

/// What is made of a whole block.
private struct BlockAnalyses {
  private static let rate = 12_000.0
  let length: Int
  private let signal: [Float]

  init(length: Int) {
    self.length = length
    signal = noise(length)
  }

  /// A kernel beside its twin, where the block is short enough for one.
  private func cost(
    _ name: String,
    _ kernel: () -> Void,
    plain: @escaping () -> Double
  ) -> KernelCost {
    let twin = [(name: "plain", work: { sink += plain() })]
    return KernelCost(name, size: length, kernel, others: length <= 1000 ? twin : [])
  }

  func envelopes() -> [KernelCost] {
    var envelope = EnvelopeAnalysis(length: length, sampleRateHertz: Self.rate)
    var amplitudes = [Float](repeating: 0, count: length / 2 + 1)
    var squares = signal
    let band = 120.0...6000
    func plainSquares(whitened: Bool) -> [Double] {
      plainSquaredEnvelope(
        plainAnalyticSignal(
          signal,
          sampleRateHertz: Self.rate,
          band: band,
          whitened: whitened
        )
      )
    }
    return [
      cost(
        "squared envelope",
        {
          var target = squares.mutableSpan
          envelope.squaredEnvelope(of: signal.span, band: band, into: &target)
        },
        plain: { plainSquares(whitened: false)[0] }
      ),
      cost(
        "squared envelope spectrum, whitened",
        {
          var target = amplitudes.mutableSpan
          envelope.squaredEnvelopeSpectrum(
            of: signal.span,
            band: band,
            whitened: true,
            into: &target
          )
        },
        plain: { plainAmplitudes(plainSquares(whitened: true))[1] }
      ),
    ]
  }

  func frames() -> [KernelCost] {
    var welch = WelchSpectrum(segmentLength: 512)
    var density = [Float](repeating: 0, count: welch.binCount)
    var frames = ShortTimeTransform(frameLength: 256, hop: 64)
    var frame = Spectrum(transformLength: 256)
    return [
      cost(
        "Welch spectrum",
        {
          var target = density.mutableSpan
          welch.density(of: signal.span, sampleRateHertz: Self.rate, into: &target)
        },
        plain: {
          plainWelch(signal, segmentLength: 512, overlap: 256, sampleRateHertz: Self.rate)[1]
        }
      ),
      cost(
        "short-time transform",
        {
          for index in 0..<frames.frameCount(of: length) {
            frames.transform(frame: index, of: signal.span, into: &frame)
          }
        },
        plain: { plainFrames(signal, length: 256, hop: 64, removesMean: false)[0].real[1] }
      ),
    ]
  }

  func bands() -> [KernelCost] {
    var spectralKurtosis = SpectralKurtosis(frameLength: 128, hop: 32)
    var kurtosis = [Float](repeating: 0, count: spectralKurtosis.binCount)
    var kurtogram = Kurtogram(length: length, sampleRateHertz: Self.rate)
    return [
      cost(
        "spectral kurtosis",
        {
          var target = kurtosis.mutableSpan
          spectralKurtosis.process(signal.span, into: &target)
        },
        plain: { plainSpectralKurtosis(signal, frameLength: 128, hop: 32)[1] }
      ),
      cost(
        "kurtogram",
        { sink += Double(kurtogram.process(signal.span)?.kurtosis ?? 0) },
        plain: { plainKurtogram(signal, narrowestBins: 64)[0] }
      ),
    ]
  }

  func motions() -> [KernelCost] {
    var velocity = VelocityIntegration(length: length, sampleRateHertz: Self.rate)
    let band = 10.0...1000
    var waveform = signal
    let orders = OrderTracking(samplesPerRevolution: 256)
    let speed = [29.0, 30.5, 30]
    return [
      cost(
        "velocity waveform",
        {
          var target = waveform.mutableSpan
          velocity.velocity(of: signal.span, into: &target)
        },
        plain: { plainVelocity(signal, sampleRateHertz: Self.rate, band: band)[0] }
      ),
      cost(
        "velocity level",
        { sink += Double(velocity.rootMeanSquareVelocity(of: signal.span)) },
        plain: { plainVelocityLevel(signal, sampleRateHertz: Self.rate, band: band) }
      ),
      cost(
        "order tracking",
        {
          var target = waveform.mutableSpan
          sink += Double(
            orders.resample(
              signal.span,
              sampleRateHertz: Self.rate,
              shaftHertz: speed.span,
              into: &target
            )
          )
        },
        plain: {
          plainOrders(
            signal,
            sampleRateHertz: Self.rate,
            shaftHertz: speed,
            samplesPerRevolution: 256
          )[0]
        }
      ),
    ]
  }
}
