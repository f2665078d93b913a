import PlainKernels
import SignalProcessing

/// One second at 12 kHz; these kernels are made of those that have twins.
func analysisCosts() -> [KernelCost] { blockAnalysisCosts() + envelopeLineCosts() }

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
  return [
    KernelCost(
      "envelope of a band",
      size: 1_500,
      { band.writeEnvelope(of: 1_500..<3_000, in: block, to: &envelope) }
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

private func blockAnalysisCosts() -> [KernelCost] {
  let length = 12_000
  let rate = 12_000.0
  let signal = noise(length)
  var envelope = EnvelopeAnalysis(length: length, sampleRateHertz: rate)
  var amplitudes = [Float](repeating: 0, count: length / 2 + 1)
  var welch = WelchSpectrum(segmentLength: 1024)
  var density = [Float](repeating: 0, count: welch.binCount)
  var frames = ShortTimeTransform(frameLength: 256, hop: 64)
  var frame = Spectrum(transformLength: 256)
  var spectralKurtosis = SpectralKurtosis(frameLength: 128, hop: 32)
  var kurtosis = [Float](repeating: 0, count: spectralKurtosis.binCount)
  var kurtogram = Kurtogram(length: length, sampleRateHertz: rate)
  var velocity = VelocityIntegration(length: length, sampleRateHertz: rate)
  var waveform = signal
  let orders = OrderTracking(samplesPerRevolution: 256)
  let speed = [29.0, 30.5, 30]
  return [
    KernelCost(
      "squared envelope spectrum, whitened",
      size: length,
      {
        var target = amplitudes.mutableSpan
        envelope.squaredEnvelopeSpectrum(
          of: signal.span,
          band: 120...6000,
          whitened: true,
          into: &target
        )
      }
    ),
    KernelCost(
      "Welch spectrum",
      size: length,
      {
        var target = density.mutableSpan
        welch.density(of: signal.span, sampleRateHertz: rate, into: &target)
      }
    ),
    KernelCost(
      "short-time transform",
      size: length,
      {
        for index in 0..<frames.frameCount(of: length) {
          frames.transform(frame: index, of: signal.span, into: &frame)
        }
      }
    ),
    KernelCost(
      "spectral kurtosis",
      size: length,
      {
        var target = kurtosis.mutableSpan
        spectralKurtosis.process(signal.span, into: &target)
      }
    ),
    KernelCost(
      "kurtogram",
      size: length,
      { sink += Double(kurtogram.process(signal.span)?.kurtosis ?? 0) }
    ),
    KernelCost(
      "velocity waveform",
      size: length,
      {
        var target = waveform.mutableSpan
        velocity.velocity(of: signal.span, into: &target)
      }
    ),
    KernelCost(
      "velocity level",
      size: length,
      { sink += Double(velocity.rootMeanSquareVelocity(of: signal.span)) }
    ),
    KernelCost(
      "order tracking",
      size: length,
      {
        var target = waveform.mutableSpan
        sink += Double(
          orders.resample(
            signal.span,
            sampleRateHertz: rate,
            shaftHertz: speed.span,
            into: &target
          )
        )
      }
    ),
  ]
}
