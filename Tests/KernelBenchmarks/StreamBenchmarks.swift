import PlainKernels
import SignalProcessing

/// Streams are taken one value at a time in constant memory; twins that keep all values and look at them
/// at once say so.
func streamCosts() -> [KernelCost] {
  [decimationCost(), sectionCost(), biquadCost(), momentsCost(), recentCost(), statisticsCost()]
    + [sketchCost()]
}

private func decimationCost() -> KernelCost {
  let signal = noise(8192)
  var filter = Decimation(factor: 4)
  var results = [Float](repeating: 0, count: signal.count / 4 + 1)
  let taps = filter.taps
  return KernelCost(
    "decimation by 4",
    size: signal.count,
    {
      var target = results.mutableSpan
      filter.process(signal.span, into: &target)
    },
    others: [
      ("plain", { sink += Double(plainDecimation(signal, taps: taps, factor: 4).count) })
    ]
  )
}

private func sectionCost() -> KernelCost {
  let section = Biquad.butterworth(.high, order: 2, cutoffHertz: 10, sampleRateHertz: 8192)[0]
  let signal = noise(8192)
  var samples = signal
  var cascade = BiquadCascade([section])
  return KernelCost(
    "biquad",
    size: signal.count,
    {
      var target = samples.mutableSpan
      cascade.process(&target)
    },
    others: [
      (
        "plain",
        {
          let filtered = plainBiquad(
            signal,
            feedForward: (section.b0, section.b1, section.b2),
            feedback: (section.a1, section.a2)
          )
          sink += Double(filtered[0])
        }
      )
    ]
  )
}

private func biquadCost() -> KernelCost {
  let sections = Biquad.butterworth(.high, order: 4, cutoffHertz: 10, sampleRateHertz: 8192)
  var rows = noise(1024).map { SIMD8<Float>(repeating: $0) }
  var lanes = BiquadLanes(sections)
  var streams = [BiquadCascade](repeating: BiquadCascade(sections), count: 8)
  var signals = (0..<8).map { _ in noise(1024) }
  return KernelCost(
    "biquads, eight streams in lanes",
    size: 8 * rows.count,
    {
      var target = rows.mutableSpan
      lanes.process(&target)
    },
    others: [
      (
        "one by one",
        {
          for stream in 0..<8 {
            var target = signals[stream].mutableSpan
            streams[stream].process(&target)
          }
        }
      )
    ]
  )
}

private func momentsCost() -> KernelCost {
  let values = noise(8192)
  var moments = RunningMoments()
  return KernelCost(
    "moments of a stream",
    size: values.count,
    { for value in values { moments.add(Double(value)) } },
    others: [("all at once", { sink += plainMoments(values).kurtosis })]
  )
}

private func recentCost() -> KernelCost {
  let values = noise(8192).map { Double($0) }
  var recent = ExponentialMoments(weight: 0.01)
  return KernelCost(
    "weighted mean and variance",
    size: values.count,
    { for value in values { recent.add(value) } },
    others: [("all at once", { sink += plainRecentMoments(values, weight: 0.01).variance })]
  )
}

private func statisticsCost() -> KernelCost {
  let row = noise(64).map { Double($0) }
  var lanes = ChannelStatistics(channelCount: row.count, weight: 0.01)
  var moments = [RunningMoments](repeating: RunningMoments(), count: row.count)
  var extrema = [RunningExtrema](repeating: RunningExtrema(), count: row.count)
  var recent = [ExponentialMoments](
    repeating: ExponentialMoments(weight: 0.01),
    count: row.count
  )
  return KernelCost(
    "statistics of channels in lanes",
    size: row.count,
    { lanes.add(row.span) },
    others: [
      (
        "one by one",
        {
          for channel in row.indices {
            moments[channel].add(row[channel])
            extrema[channel].add(row[channel])
            recent[channel].add(row[channel])
          }
        }
      )
    ]
  )
}

private func sketchCost() -> KernelCost {
  let values = noise(8192)
  var sketch = QuantileSketch()
  return KernelCost(
    "quantile sketch",
    size: values.count,
    { for value in values { sketch.add(value) } },
    others: [("all at once", { sink += Double(plainQuantile(percent: 50, of: values)) })]
  )
}
