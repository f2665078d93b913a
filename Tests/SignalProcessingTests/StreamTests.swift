import Foundation
import PlainKernels
import SignalProcessing
import Testing

@Suite struct StreamTests {
  @Test(arguments: [2, 3, 10, 1000])
  func `moments of a stream are those of the block`(count: Int) throws {
    let window = noise(count, seed: 5).map { $0 * $0 + 100 }
    let plain = plainMoments(window)
    var moments = RunningMoments()
    for value in window { moments.add(Double(value)) }
    #expect(moments.count == count)
    #expect(abs(moments.mean - plain.mean) < 1e-9)
    #expect(abs(try #require(moments.variance) - plain.variance) < 1e-9)
    #expect(abs(try #require(moments.skewness) - plain.skewness) < 1e-7)
    #expect(abs(try #require(moments.kurtosis) - plain.kurtosis) < 1e-7)
  }

  @Test(arguments: [0, 1, 250, 500])
  func `two parts of a stream add up to the whole`(cut: Int) throws {
    let values = noise(500, seed: 6).map { Double($0) + 3 }
    var whole = RunningMoments()
    var first = RunningMoments()
    var second = RunningMoments()
    var extrema = RunningExtrema()
    var laterExtrema = RunningExtrema()
    for (index, value) in values.enumerated() {
      whole.add(value)
      if index < cut {
        first.add(value)
        extrema.add(value)
      } else {
        second.add(value)
        laterExtrema.add(value)
      }
    }
    first.add(second)
    extrema.add(laterExtrema)
    #expect(first.count == whole.count)
    #expect(abs(first.mean - whole.mean) < 1e-12)
    #expect(abs(try #require(first.variance) - #require(whole.variance)) < 1e-12)
    #expect(abs(try #require(first.skewness) - #require(whole.skewness)) < 1e-10)
    #expect(abs(try #require(first.kurtosis) - #require(whole.kurtosis)) < 1e-10)
    #expect(extrema.minimum == values.min())
    #expect(extrema.maximum == values.max())
  }

  @Test func `nothing is known before the first value`() {
    #expect(RunningMoments().variance == nil)
    #expect(RunningMoments().kurtosis == nil)
    #expect(RunningExtrema().minimum == nil)
    #expect(ExponentialMoments(weight: 0.1).mean == nil)
    #expect(ExponentialMoments(weight: 0.1).variance == nil)
    #expect(QuantileSketch().quantile(0.5) == nil)
    #expect(ChannelStatistics(channelCount: 3, weight: 0.1).mean(2) == nil)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `a value that is not finite changes nothing`(value: Double) {
    var moments = RunningMoments()
    var extrema = RunningExtrema()
    var recent = ExponentialMoments(weight: 0.2)
    var sketch = QuantileSketch()
    for sample in noise(20) {
      moments.add(Double(sample))
      extrema.add(Double(sample))
      recent.add(Double(sample))
      sketch.add(sample)
    }
    let before = (moments, extrema, recent, sketch)
    moments.add(value)
    extrema.add(value)
    recent.add(value)
    sketch.add(Float(value))
    #expect(before == (moments, extrema, recent, sketch))
  }

  @Test(arguments: [0.01, 0.2, 1])
  func `recent moments are the weighted moments of all values`(weight: Double) throws {
    let values = noise(300, seed: 8).map { Double($0) + 50 }
    var recent = ExponentialMoments(weight: weight)
    for value in values { recent.add(value) }
    let plain = plainRecentMoments(values, weight: weight)
    #expect(abs(try #require(recent.mean) - plain.mean) < 1e-10)
    #expect(abs(try #require(recent.variance) - plain.variance) < 1e-10)
  }

  @Test(arguments: [1, 7, 8, 9, 24, 31])
  func `channels side by side have the bits of each channel alone`(channelCount: Int) {
    var generator = SeededGenerator(seed: 11)
    var lanes = ChannelStatistics(channelCount: channelCount, weight: 0.05)
    var moments = [RunningMoments](repeating: RunningMoments(), count: channelCount)
    var extrema = [RunningExtrema](repeating: RunningExtrema(), count: channelCount)
    var recent = [ExponentialMoments](
      repeating: ExponentialMoments(weight: 0.05),
      count: channelCount
    )
    for _ in 0..<200 {
      let row = (0..<channelCount).map { channel -> Double in
        let draw = generator.uniform()
        if draw < 0.1 { return .nan }
        if draw < 0.15 { return .infinity }
        return generator.normal() * Double(channel + 1) - 20
      }
      lanes.add(row.span)
      for channel in 0..<channelCount {
        moments[channel].add(row[channel])
        extrema[channel].add(row[channel])
        recent[channel].add(row[channel])
      }
    }
    for channel in 0..<channelCount {
      #expect(lanes.count(channel) == moments[channel].count)
      #expect(lanes.mean(channel) == moments[channel].mean)
      #expect(lanes.variance(channel) == moments[channel].variance)
      #expect(lanes.minimum(channel) == extrema[channel].minimum)
      #expect(lanes.maximum(channel) == extrema[channel].maximum)
      #expect(lanes.recentMean(channel) == recent[channel].mean)
      #expect(lanes.recentVariance(channel) == recent[channel].variance)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `a quantile is off by no more than promised`(seed: UInt64) throws {
    let values = noise(5000, seed: seed).map { $0 * $0 * $0 }
    var sketch = QuantileSketch(bucketLimit: 8192)
    for value in values { sketch.add(value) }
    let sorted = values.sorted()
    #expect(sketch.coarseness == 0)
    for percent in 0...100 {
      let expected = plainQuantile(percent: percent, of: sorted)
      let found = try #require(sketch.quantile(Double(percent) / 100))
      #expect(abs(found - expected) <= abs(expected) / 256)
    }
    #expect(sketch.quantile(0) == sorted.first)
    #expect(sketch.quantile(1) == sorted.last)
  }

  @Test func `a sketch keeps to its buckets and says how coarse it became`() throws {
    var sketch = QuantileSketch(bucketLimit: 64)
    let values = noise(20_000, seed: 12).map { $0 * 10 }
    for value in values { sketch.add(value) }
    let error = Float(sign: .plus, exponent: sketch.coarseness - 8, significand: 1)
    #expect(sketch.coarseness > 0)
    for percent in [5, 25, 75, 95] {
      let expected = plainQuantile(percent: percent, of: values)
      let found = try #require(sketch.quantile(Double(percent) / 100))
      #expect(abs(found - expected) <= abs(expected) * error * 1.01)
    }
  }

  @Test func `two sketches add up to that of the whole stream`() {
    let values = noise(3000, seed: 13)
    var whole = QuantileSketch()
    var first = QuantileSketch()
    var second = QuantileSketch()
    for (index, value) in values.enumerated() {
      whole.add(value)
      if index.isMultiple(of: 3) { first.add(value) } else { second.add(value) }
    }
    first.add(second)
    for percent in 0...100 {
      let fraction = Double(percent) / 100
      #expect(first.quantile(fraction) == whole.quantile(fraction))
    }
  }

  @Test func `zeros, both of them, and the smallest values count as zero`() {
    var sketch = QuantileSketch()
    for value in [0, -0.0, 0x1p-149, -0x1p-149, -1, 1] as [Float] { sketch.add(value) }
    #expect(sketch.quantile(0.5) == 0)
    #expect(sketch.quantile(0) == -1)
    #expect(sketch.quantile(1) == 1)
  }

  @Test func `statistics are saved and restored without loss`() throws {
    var lanes = ChannelStatistics(channelCount: 11, weight: 0.1)
    var moments = RunningMoments()
    var sketch = QuantileSketch()
    var recent = ExponentialMoments(weight: 0.1)
    for round in 0..<50 {
      let row = noise(11, seed: UInt64(round)).map(Double.init)
      lanes.add(row.span)
      moments.add(row[0])
      recent.add(row[0])
      sketch.add(Float(row[0]))
    }
    #expect(try restored(lanes) == lanes)
    #expect(try restored(moments) == moments)
    #expect(try restored(recent) == recent)
    #expect(try restored(sketch) == sketch)
    #expect(try restored(QuantileSketch()) == QuantileSketch())
    let untouched = ChannelStatistics(channelCount: 9, weight: 0.1)
    #expect(try restored(untouched) == untouched)
  }
}

/// What comes back from a snapshot.
func restored<Value: Codable>(_ value: Value) throws -> Value {
  try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
}
