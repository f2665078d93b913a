import SignalProcessing

/// One second at 12 kHz; these kernels are made of those that have twins.
func analysisCosts() -> [KernelCost] {
  let length = 12_000
  let rate = 12_000.0
  let signal = noise(length)
  var envelope = EnvelopeAnalysis(length: length, sampleRateHertz: rate)
  var amplitudes = [Float](repeating: 0, count: length / 2 + 1)
  var welch = WelchSpectrum(segmentLength: 1024)
  var density = [Float](repeating: 0, count: welch.binCount)
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
