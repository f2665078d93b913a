import ConditionModel
import DataManipulation
import Foundation
import SignalProcessing
import Testing

/// A plant of one source, with every feature that blocks can give.
private struct Bench {
  static let rate = 12_800.0
  static let count = 8_192
  static let bearing = BearingOrders(outer: 3.05, inner: 5.25, spin: 1.99, cage: 0.38)
  static let gravity = 9.806_65

  var features: WaveformFeatures
  let plant: Plant

  init(shaft: ShaftRule? = .fixed(hertz: 25)) {
    let quantities = WaveformRule.quantities(
      sampleRateHertz: Self.rate,
      hasShaft: true,
      hasBearing: true,
      hasTeeth: true,
      hasBlades: true
    )
    let asset = AssetID(index: 0)
    let channels = (quantities + [.rotationSpeed]).enumerated().map { index, quantity in
      Channel(
        id: ChannelID(index: UInt16(index)),
        asset: asset,
        location: "drive end",
        point: quantity.rawValue,
        unit: "1",
        quantity: quantity,
        device: 0
      )
    }
    plant = Plant(
      site: "s",
      gateway: "g",
      assets: [Asset(id: asset, name: "pump", kind: .centrifugalPump)],
      channels: channels,
      waveforms: [
        WaveformSource(
          id: WaveformID(index: 0),
          asset: asset,
          location: "drive end",
          name: "vibration z",
          unit: "[g]",
          axis: .z,
          device: 0
        )
      ]
    )
    let rule = WaveformRule(
      source: WaveformID(index: 0),
      asset: asset,
      sampleRateHertz: Self.rate,
      sampleCount: Self.count,
      unitSize: Self.gravity,
      shaft: shaft,
      bearing: Self.bearing,
      teeth: 20,
      blades: 7,
      beltOrder: 0.35,
      mainsHertz: 60,
      features: channels.dropLast().map(\.id)
    )
    features = WaveformFeatures([rule], plant: plant)
  }

  var speedChannel: ChannelID { plant.channels[plant.channels.count - 1].id }

  /// A block in g of a signal in g over time in seconds.
  func waveform(
    quality: Quality = .good,
    _ signal: (Double) -> Double = { _ in 0 }
  ) -> Waveform {
    Waveform(
      source: WaveformID(index: 0),
      asset: AssetID(index: 0),
      start: Timestamp(seconds: 1_790_000_000),
      sampleRateHertz: Self.rate,
      samples: quality.isUsable
        ? (0..<Self.count).map { Float(signal(Double($0) / Self.rate)) } : [],
      quality: quality
    )
  }

  mutating func values(
    shaftHertz: Double? = 25,
    _ signal: (Double) -> Double
  ) throws -> [Quantity: Double] {
    let made = features.process(waveform(signal), shaftHertz: shaftHertz)
    let frame = try #require(made)
    var values: [Quantity: Double] = [:]
    for (index, channel) in frame.channels.enumerated() where frame.qualities[index] == .good {
      values[plant[channel].quantity] = frame.values[index]
    }
    return values
  }
}

private func sine(_ hertz: Double, _ time: Double, _ turns: Double = 0) -> Double {
  sin(2 * .pi * (hertz * time + turns))
}

struct WaveformFeatureTests {
  @Test func `a sine at the shaft speed has the levels of the textbook`() throws {
    var bench = Bench()
    // 0.2 g at 25 Hz.
    let values = try bench.values { 0.2 * sine(25, $0) }
    let rms = 0.2 / 2.0.squareRoot()
    let velocity = rms * Bench.gravity * 1_000 / (2 * .pi * 25)
    // The block holds 16 periods, so that everything is exact but for rounding and the window.
    #expect(abs((values[.accelerationRMS] ?? 0) / rms - 1) < 0.001)
    #expect(abs((values[.lowFrequencyAccelerationRMS] ?? 0) / rms - 1) < 0.01)
    #expect((values[.highFrequencyAccelerationRMS] ?? 1) < 1e-4)
    #expect(abs((values[.velocityRMS] ?? 0) / velocity - 1) < 0.01)
    #expect(abs((values[.velocityFirstOrder] ?? 0) / velocity - 1) < 0.01)
    for other in [Quantity.velocitySecondOrder, .velocityThirdOrder] {
      #expect((values[other] ?? 1) < 0.01 * velocity, "\(other)")
    }
    #expect(abs((values[.accelerationPeak] ?? 0) - 0.2) < 1e-4)
    #expect(abs((values[.crestFactor] ?? 0) - 2.0.squareRoot()) < 0.001)
    #expect(abs((values[.kurtosis] ?? 0) - 1.5) < 0.001)
    #expect(values.count == bench.plant.channels.count - 1)
  }

  @Test func `the velocity is that of the integration in the frequency domain`() throws {
    var bench = Bench()
    var random = SeededGenerator(seed: 3)
    var noise: [Double] = []
    for _ in 0..<Bench.count { noise.append(0.1 * random.normal()) }
    let signal = { (time: Double) in
      0.3 * sine(25, time) + 0.2 * sine(403, time) + noise[Int((time * Bench.rate).rounded())]
    }
    let values = try bench.values(signal)
    var plan = VelocityIntegration(length: Bench.count, sampleRateHertz: Bench.rate)
    let samples = bench.waveform(signal).samples.map { $0 * Float(Bench.gravity) }
    let expected = Double(plan.rootMeanSquareVelocity(of: samples.span))
    #expect(abs((values[.velocityRMS] ?? 0) / expected - 1) < 0.01)
  }

  @Test(arguments: [
    (Quantity.velocityHalfOrder, 0.5), (.velocitySecondOrder, 2), (.velocityThirdOrder, 3),
  ])
  func `a line at a multiple of the shaft is found there, also with a percent of slip`(
    quantity: Quantity,
    order: Double
  ) throws {
    var bench = Bench()
    let hertz = order * 25 * 1.008
    let values = try bench.values { 0.2 * sine(hertz, $0) + 0.01 * sine(901, $0) }
    let expected = 0.2 / 2.0.squareRoot() * Bench.gravity * 1_000 / (2 * .pi * hertz)
    #expect(abs((values[quantity] ?? 0) / expected - 1) < 0.1)
    for other in [
      Quantity.velocityHalfOrder, .velocityFirstOrder, .velocitySecondOrder, .velocityThirdOrder,
    ] where other != quantity {
      #expect((values[other] ?? 100) < 0.2 * expected, "\(other)")
    }
  }

  /// Bins are 1.5625 Hz apart: a block holds a turn for each in the shaft's speed.
  @Test(arguments: [12.5, 13, 14.1, 15.2, 18])
  func `with few turns in the block a line is not that of its neighbour`(hertz: Double) throws {
    var bench = Bench()
    let values = try bench.values(shaftHertz: hertz) { 0.2 * sine(hertz, $0) }
    let expected = 0.2 / 2.0.squareRoot() * Bench.gravity * 1_000 / (2 * .pi * hertz)
    #expect(abs((values[.velocityFirstOrder] ?? 0) / expected - 1) < 0.05)
    #expect((values[.velocityHalfOrder] ?? 100) < 0.05 * expected)
    #expect((values[.velocitySecondOrder] ?? 100) < 0.05 * expected)
    let half = try bench.values(shaftHertz: hertz) { 0.2 * sine(hertz / 2, $0) }
    #expect(abs((half[.velocityHalfOrder] ?? 0) / (2 * expected) - 1) < 0.05)
    #expect((half[.velocityFirstOrder] ?? 100) < 0.1 * expected)
  }

  @Test func `with too few turns in the block there is no line at all`() throws {
    var bench = Bench()
    // 6.4 turns, and 3.8.
    let few = try bench.values(shaftHertz: 10) { 0.2 * sine(10, $0) }
    #expect(few[.velocityHalfOrder] == nil)
    let expected = 0.2 / 2.0.squareRoot() * Bench.gravity * 1_000 / (2 * .pi * 10)
    #expect(abs((few[.velocityFirstOrder] ?? 0) / expected - 1) < 0.05)
    let none = try bench.values(shaftHertz: 6) { 0.2 * sine(6, $0) }
    #expect(none[.velocityFirstOrder] == nil && none[.velocityRMS] != nil)
  }

  @Test func `a line beyond the spectrum has no value, rather than none to be seen`() throws {
    var bench = Bench()
    // 20 teeth at 330 Hz mesh at 6,600 Hz; the block ends at 6,400 Hz.
    let values = try bench.values(shaftHertz: 330) { 0.2 * sine(330, $0) + sine(3_000, $0) }
    #expect(values[.gearMesh] == nil && values[.gearMeshSidebands] == nil)
    #expect(values[.bladePass] != nil && values[.velocityThirdOrder] != nil)
    // Envelopes of 1,000 to 5,760 Hz move up to 4,760 Hz.
    let fast = try bench.values(shaftHertz: 1_000) { 0.2 * sine(1_000, $0) + sine(3_000, $0) }
    #expect(fast[.envelopeInnerRace] == nil && fast[.envelopeOuterRace] != nil)
  }

  @Test(arguments: [
    (Quantity.envelopeOuterRace, 3.05), (.envelopeInnerRace, 5.25),
    (.envelopeRollingElement, 3.98),
  ])
  func `a ringing that swells at the rate of a part shows in the envelope of that part`(
    quantity: Quantity,
    order: Double
  ) throws {
    var bench = Bench()
    var random = SeededGenerator(seed: 9)
    var noise: [Double] = []
    for _ in 0..<Bench.count { noise.append(0.01 * random.normal()) }
    let signal = { (depth: Double) in
      { (time: Double) in
        (1 + depth * sine(order * 25, time)) * sine(3_000, time)
          + noise[Int((time * Bench.rate).rounded())]
      }
    }
    let plain = try bench.values(signal(0))
    let swelling = try bench.values(signal(0.4))
    // The squared envelope swells by twice the depth: 0.8 g².
    let level = try #require(swelling[quantity])
    #expect(abs(level - 0.8.squareRoot()) < 0.1, "\(level)")
    #expect((plain[quantity] ?? 1) < 0.2 * level)
    for other in [
      Quantity.envelopeOuterRace, .envelopeInnerRace, .envelopeRollingElement, .envelopeCage,
    ] where other != quantity {
      #expect((swelling[other] ?? 1) < 0.7 * level, "\(other)")
    }
  }

  @Test func `gear and blades have their lines, and their sidebands apart from these`() throws {
    var bench = Bench()
    let values = try bench.values {
      0.3 * sine(500, $0) + 0.05 * sine(475, $0) + 0.05 * sine(525, $0) + 0.1 * sine(175, $0)
    }
    #expect(abs((values[.gearMesh] ?? 0) - 0.3 / 2.0.squareRoot()) < 0.01)
    #expect(abs((values[.gearMeshSidebands] ?? 0) - 0.05) < 0.01)
    #expect(abs((values[.bladePass] ?? 0) - 0.1 / 2.0.squareRoot()) < 0.005)
    #expect((values[.bladePassSidebands] ?? 1) < 0.01)
  }

  @Test func `without a speed what depends on it has no value, and the rest has`() throws {
    var bench = Bench(shaft: nil)
    let values = try bench.values(shaftHertz: nil) { 0.2 * sine(25, $0) + 0.01 * sine(3_000, $0) }
    #expect(
      Set(values.keys) == [
        .velocityRMS, .accelerationRMS, .lowFrequencyAccelerationRMS,
        .highFrequencyAccelerationRMS, .accelerationPeak, .crestFactor, .kurtosis,
      ]
    )
  }

  @Test func `what depends on a speed that is not known is out of place, not broken`() throws {
    var bench = Bench(shaft: nil)
    let made = bench.features.process(bench.waveform { sine(25, $0) }, shaftHertz: nil)
    let frame = try #require(made)
    let bad = frame.qualities.filter { !$0.isUsable }
    #expect(bad.count == 12 && bad.allSatisfy { $0 == .bad(.notApplicable) })
    // Without any vibration there is no crest: that is for a sensor to answer for.
    let dead = bench.features.process(bench.waveform(), shaftHertz: 25)
    #expect(dead?.qualities.contains(.bad(.notANumber)) == true)
  }

  @Test func `the speed comes from its channel, and is forgotten when it is old`() {
    var bench = Bench(shaft: nil)
    bench = Bench(shaft: .channel(bench.speedChannel, hertzPerUnit: 1 / 60.0))
    let block = bench.waveform { sine(25, $0) }
    #expect(bench.features.target(of: block)?.shaftHertz == nil)
    func tell(_ speed: Double, _ quality: Quality, at moment: Timestamp) {
      bench.features.process(
        Frame(
          asset: AssetID(index: 0),
          timestamp: moment,
          channels: [bench.speedChannel],
          values: [speed],
          qualities: [quality]
        )
      )
    }
    tell(1_500, .good, at: block.start - .seconds(20))
    tell(3_000, .bad(.noAnswer), at: block.start - .seconds(10))
    tell(900, .good, at: block.start - .seconds(30))
    #expect(bench.features.target(of: block)?.shaftHertz == 25)
    #expect(bench.features.target(of: block)?.bearing == Bench.bearing)
    #expect(bench.features.target(of: block)?.teeth == 20)
    #expect(bench.features.target(of: block)?.beltOrder == 0.35)
    #expect(bench.features.target(of: block)?.mainsHertz == 60)
    bench.features.shift(by: .seconds(-3_600))
    #expect(bench.features.target(of: block)?.shaftHertz == nil)
  }

  @Test(arguments: [0, 0.4, 5_001, 1e12, 1e300, -25, .infinity, .nan] as [Double])
  func `a speed at which no shaft turns is none`(hertz: Double) {
    var bench = Bench(shaft: nil)
    bench = Bench(shaft: .channel(bench.speedChannel, hertzPerUnit: 1))
    let block = bench.waveform { sine(25, $0) }
    bench.features.process(
      Frame(
        asset: AssetID(index: 0),
        timestamp: block.start,
        channels: [bench.speedChannel],
        values: [hertz],
        qualities: [.good]
      )
    )
    #expect(bench.features.target(of: block)?.shaftHertz == nil)
  }

  @Test func `a block is read to its end, however fast a shaft is said to turn`() {
    var bench = Bench()
    for hertz in [7_000, 1e12, 1e300] {
      let frame = bench.features.process(bench.waveform { sine(25, $0) }, shaftHertz: hertz)
      #expect(frame?.values.allSatisfy(\.isFinite) == true)
    }
  }

  @Test func `a block that did not come gives values that say why, one of another length none`()
    throws
  {
    var bench = Bench()
    let gap = bench.features.process(bench.waveform(quality: .bad(.tornBlock)), shaftHertz: 25)
    let bad = try #require(gap)
    #expect(bad.qualities.allSatisfy { $0 == .bad(.tornBlock) })
    #expect(bench.features.target(of: bench.waveform(quality: .bad(.tornBlock))) == nil)
    let clipped = bench.waveform(quality: .uncertain(.outsideValidRange)) { sine(25, $0) }
    let made = bench.features.process(clipped, shaftHertz: 25)
    let doubtful = try #require(made)
    #expect(doubtful.qualities.allSatisfy { $0 == .uncertain(.outsideValidRange) })
    var short = bench.waveform { sine(25, $0) }
    short.samples.removeLast()
    let ofShort = bench.features.process(short, shaftHertz: 25)
    var slow = bench.waveform { sine(25, $0) }
    slow.sampleRateHertz = 6_400
    let ofSlow = bench.features.process(slow, shaftHertz: 25)
    #expect(ofShort == nil && ofSlow == nil)
  }

  @Test func `the same block gives the same bits, whatever came before it`() throws {
    var first = Bench()
    var second = Bench()
    _ = try second.values { 3 * sine(77, $0) }
    let signal = { (time: Double) in 0.2 * sine(25, time) + 0.1 * sine(2_900, time) }
    let values = try first.values(signal)
    let again = try second.values(signal)
    #expect(values == again)
  }
}
