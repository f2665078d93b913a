package import ConditionModel
import SignalProcessing

/// Makes values of blocks of samples: levels, shape of the signal, and lines at the rates of the
/// shaft, the bearing, the gear and the blades.
///
/// Velocities are in mm/s, accelerations and envelopes in g, as sensors give them that work them out
/// themselves. `sin` and `log` take no part: the same block gives the same bits on every machine.
package struct WaveformFeatures: Sendable {
  /// What the block remembers: with the configuration it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    /// For each rule the latest speed that its channel told.
    fileprivate var speeds: [Speed?]

    /// Whether it has a place for each rule.
    package func fits(_ rules: [WaveformRule]) -> Bool { speeds.count == rules.count }
  }

  fileprivate struct Speed: Hashable, Sendable, Codable {
    var hertz: Double
    var timestamp: Timestamp
  }

  /// A speed that was told longer ago than this says nothing about a block.
  private static let speedAge = Duration.seconds(60)
  /// A channel that tells another speed tells of a machine at rest, or nothing that can be.
  private static let shaftRange = 0.5...5_000.0
  private static let standardGravity = 9.806_65
  /// The lines of a bearing lie within so much of their place: elements slip.
  private static let slip = 0.015

  package private(set) var memory: Memory
  private let rules: [WaveformRule]
  private let quantities: [[Quantity]]
  /// The rule of each source.
  private let ruleOfSource: [Int?]
  /// Whether any rule waits for a speed on the channel.
  private let tellsSpeed: [Bool]
  /// One for each length and rate, shared by all sources that have them.
  private var analyses: [WaveformAnalysis] = []

  package init(_ rules: [WaveformRule], plant: Plant, memory: Memory? = nil) {
    self.rules = rules
    quantities = rules.map { rule in rule.features.map { plant[$0].quantity } }
    var ruleOfSource = [Int?](repeating: nil, count: plant.waveforms.count)
    var tellsSpeed = [Bool](repeating: false, count: plant.channels.count)
    for (index, rule) in rules.enumerated() {
      ruleOfSource[Int(rule.source.index)] = index
      if case .channel(let channel, _) = rule.shaft { tellsSpeed[Int(channel.index)] = true }
    }
    self.ruleOfSource = ruleOfSource
    self.tellsSpeed = tellsSpeed
    self.memory = memory ?? Memory(speeds: Array(repeating: nil, count: rules.count))
  }

  /// Takes speeds from a frame, if any rule waits for them.
  package mutating func process(_ frame: Frame) {
    guard !rules.isEmpty else { return }
    for place in frame.channels.indices
    where tellsSpeed[Int(frame.channels[place].index)] && frame.qualities[place].isUsable
      && frame.values[place].isFinite
    {
      for (index, rule) in rules.enumerated() {
        guard case .channel(frame.channels[place], let hertzPerUnit) = rule.shaft else { continue }
        if let known = memory.speeds[index], frame.timestamp < known.timestamp { continue }
        memory.speeds[index] = Speed(
          hertz: frame.values[place] * hertzPerUnit,
          timestamp: frame.timestamp
        )
      }
    }
  }

  /// What is known of the machine while a block was recorded, for whoever looks for faults in it.
  ///
  /// - Returns: `nil` where the block is not one of this configuration, or has no usable samples.
  package func target(of waveform: Waveform) -> VibrationTarget? {
    guard let rule = rule(of: waveform), waveform.quality.isUsable else { return nil }
    return VibrationTarget(
      shaftHertz: shaftHertz(by: rule, at: waveform.end),
      bearing: rules[rule].bearing,
      teeth: rules[rule].teeth,
      blades: rules[rule].blades,
      beltOrder: rules[rule].beltOrder,
      mainsHertz: rules[rule].mainsHertz
    )
  }

  /// The samples of a block in m/s², a copy only where they are in another unit.
  package func acceleration(of waveform: Waveform) -> [Float] {
    guard let rule = rule(of: waveform) else { return [] }
    let size = Float(rules[rule].unitSize)
    guard size != 1 else { return waveform.samples }
    return waveform.samples.map { $0 * size }
  }

  /// Makes the values of a block.
  ///
  /// - Parameters:
  ///   - waveform: A block of a source of this configuration; any other gives `nil`.
  ///   - shaftHertz: The speed of the shaft in it, as exactly as it is known.
  /// - Returns: A frame of all features, bad ones where the block or the speed is.
  package mutating func process(_ waveform: Waveform, shaftHertz: Double?) -> Frame? {
    guard let index = rule(of: waveform) else { return nil }
    let rule = rules[index]
    var frame = Frame(
      asset: rule.asset,
      timestamp: waveform.end,
      channels: rule.features,
      values: Array(repeating: 0, count: rule.features.count),
      qualities: Array(repeating: waveform.quality, count: rule.features.count)
    )
    guard waveform.quality.isUsable else { return frame }
    let analysis = analysis(of: waveform)
    let needsEnvelope = rule.bearing != nil && shaftHertz != nil
    analyses[analysis].read(
      waveform.samples,
      unitSize: rule.unitSize,
      needsEnvelope: needsEnvelope
    )
    for (place, quantity) in quantities[index].enumerated() {
      let value = value(of: quantity, analyses[analysis], rule, shaftHertz)
      frame.values[place] = value ?? 0
      guard value == nil else { continue }
      frame.qualities[place] = .bad(quantity.isOfShaft ? .notApplicable : .notANumber)
    }
    return frame
  }

  /// Moves everything remembered with the clock.
  package mutating func shift(by step: Duration) {
    for index in memory.speeds.indices {
      guard let speed = memory.speeds[index] else { continue }
      memory.speeds[index]?.timestamp = speed.timestamp.shifted(by: step)
    }
  }

  private func rule(of waveform: Waveform) -> Int? {
    let source = Int(waveform.source.index)
    guard source < ruleOfSource.count, let index = ruleOfSource[source] else { return nil }
    let rule = rules[index]
    guard rule.asset == waveform.asset else { return nil }
    guard waveform.quality.isUsable else { return index }
    let isWhole =
      waveform.samples.count == rule.sampleCount
      && waveform.sampleRateHertz == rule.sampleRateHertz
    return isWhole ? index : nil
  }

  private func shaftHertz(by index: Int, at moment: Timestamp) -> Double? {
    switch rules[index].shaft {
    case nil: return nil
    case .fixed(let hertz): return hertz
    case .channel:
      guard let speed = memory.speeds[index], moment - speed.timestamp <= Self.speedAge,
        Self.shaftRange.contains(speed.hertz)
      else { return nil }
      return speed.hertz
    }
  }

  private mutating func analysis(of waveform: Waveform) -> Int {
    let known = analyses.firstIndex {
      $0.length == waveform.samples.count && $0.rate == waveform.sampleRateHertz
    }
    if let known { return known }
    analyses.append(
      WaveformAnalysis(length: waveform.samples.count, rate: waveform.sampleRateHertz)
    )
    return analyses.count - 1
  }
}

extension Quantity {
  /// Whether it needs a shaft that turns, at a known speed.
  fileprivate var isOfShaft: Bool {
    switch self {
    case .velocityHalfOrder, .velocityFirstOrder, .velocitySecondOrder, .velocityThirdOrder,
      .envelopeOuterRace, .envelopeInnerRace, .envelopeRollingElement, .envelopeCage, .gearMesh,
      .gearMeshSidebands, .bladePass, .bladePassSidebands:
      true
    default: false
    }
  }
}

// MARK: - The single values

extension WaveformFeatures {
  /// One value; `nil` where the block or what is known does not give it.
  private func value(
    of quantity: Quantity,
    _ block: WaveformAnalysis,
    _ rule: WaveformRule,
    _ shaftHertz: Double?
  ) -> Double? {
    let half = rule.sampleRateHertz / 2
    let gravity = Self.standardGravity
    switch quantity {
    case .velocityRMS: return block.velocity(in: 10...min(1_000, half))
    case .accelerationRMS: return block.statistics.map { $0.standardDeviation / gravity }
    case .lowFrequencyAccelerationRMS:
      return block.acceleration(in: 10...min(1_000, half)) / gravity
    case .highFrequencyAccelerationRMS:
      return half > 1_000 ? block.acceleration(in: 1_000...half) / gravity : nil
    case .accelerationPeak: return block.statistics.map { Double($0.peak) / gravity }
    case .crestFactor: return block.statistics?.crestFactor
    case .kurtosis: return block.statistics?.kurtosis
    default: break
    }
    guard let shaftHertz, shaftHertz > 0,
      rule.obstacle(to: quantity, shaftHertz: shaftHertz) == nil
    else { return nil }
    switch quantity {
    case .velocityHalfOrder: return shaftLine(0.5, block, shaftHertz)
    case .velocityFirstOrder: return shaftLine(1, block, shaftHertz)
    case .velocitySecondOrder: return shaftLine(2, block, shaftHertz)
    case .velocityThirdOrder: return shaftLine(3, block, shaftHertz)
    case .envelopeOuterRace, .envelopeInnerRace, .envelopeRollingElement, .envelopeCage:
      return rule.bearing.map { envelope(quantity, block, $0, shaftHertz) }
    case .gearMesh: return rule.teeth.map { passing($0, 3, block, shaftHertz).lines }
    case .gearMeshSidebands: return rule.teeth.map { passing($0, 3, block, shaftHertz).sidebands }
    case .bladePass: return rule.blades.map { passing($0, 2, block, shaftHertz).lines }
    case .bladePassSidebands: return rule.blades.map { passing($0, 2, block, shaftHertz).sidebands }
    default: return nil
    }
  }

  /// The line at an order of the shaft, apart from those beside it.
  private func shaftLine(
    _ order: Double,
    _ block: WaveformAnalysis,
    _ shaftHertz: Double
  ) -> Double {
    // There is a bin for each turn in the block, and a line has a lobe of five.
    let showsHalves = shaftHertz / block.binHertz >= WaveformRule.turnsToShow(0.5)
    let room = (showsHalves ? 0.25 : 0.5) * shaftHertz
    return block.velocityLine(
      at: order * shaftHertz,
      reach: min(0.01 * order * shaftHertz + 1.5 * block.binHertz, room),
      room: room
    )
  }

  /// The envelope's lines at the rate of a part of the bearing, three multiples with the sidebands
  /// that this part has: the inner race turns through the load zone, an element with the cage.
  private func envelope(
    _ quantity: Quantity,
    _ block: WaveformAnalysis,
    _ bearing: BearingOrders,
    _ shaftHertz: Double
  ) -> Double {
    let order: Double
    var spacing: Double?
    switch quantity {
    case .envelopeInnerRace: (order, spacing) = (bearing.inner, 1)
    case .envelopeRollingElement: (order, spacing) = (bearing.ball, bearing.cage)
    case .envelopeCage: order = bearing.cage
    default: order = bearing.outer
    }
    var sum = 0.0
    for multiple in 1...3 {
      let centre = Double(multiple) * order * shaftHertz
      let reach = Self.slip * centre + 0.5 * block.binHertz
      sum += block.envelopeLinePower(at: centre, reach: reach)
      guard let spacing else { continue }
      for side in [-spacing, spacing] {
        sum += block.envelopeLinePower(at: centre + side * shaftHertz, reach: reach)
      }
    }
    // The squared envelope is a square: its root is an acceleration again.
    return sum.squareRoot().squareRoot() / Self.standardGravity
  }

  /// The lines of something that passes `count` times a turn, and the sidebands beside them.
  private func passing(
    _ count: Int,
    _ multiples: Int,
    _ block: WaveformAnalysis,
    _ shaftHertz: Double
  ) -> (lines: Double, sidebands: Double) {
    // Closer than the next sideband, or the one would be taken for the other.
    let reach = min(0.3 * shaftHertz, 1.5 * block.binHertz)
    var lines = 0.0
    var sidebands = 0.0
    for multiple in 1...multiples {
      let centre = Double(multiple * count) * shaftHertz
      lines += block.accelerationLinePower(at: centre, reach: reach)
      for side in [-2.0, -1, 1, 2] {
        sidebands += block.accelerationLinePower(at: centre + side * shaftHertz, reach: reach)
      }
    }
    return (
      lines.squareRoot() / Self.standardGravity, sidebands.squareRoot() / Self.standardGravity
    )
  }
}
