package import ConditionModel

/// What is made of the blocks of one source, and what is known of the machine beside the sensor.
package struct WaveformRule: Hashable, Sendable, Codable {
  /// A lower rate has been typed wrong, in kilohertz for instance: a tenth of the band from 10 to
  /// 1,000 Hz, on which vibration is judged, would not be left.
  package static let lowestSampleRateHertz = 200.0

  package var source: WaveformID
  package var asset: AssetID
  /// What blocks of this source must have; others are not judged.
  package var sampleRateHertz: Double
  package var sampleCount: Int
  /// The size of the unit of a sample in m/s²: 9.80665 for g.
  package var unitSize: Double
  package var shaft: ShaftRule?
  /// The rates of the bearing's defects; `nil` where no bearing is known.
  package var bearing: BearingOrders?
  package var teeth: Int?
  package var blades: Int?
  /// Turns of a belt per turn of the shaft; `nil` where there is none.
  package var beltOrder: Double?
  /// The frequency of the mains that feed a motor here; `nil` where there is none.
  package var mainsHertz: Double?
  /// The channels that are filled; what each holds is its quantity.
  package var features: [ChannelID]

  package init(
    source: WaveformID,
    asset: AssetID,
    sampleRateHertz: Double,
    sampleCount: Int,
    unitSize: Double,
    shaft: ShaftRule? = nil,
    bearing: BearingOrders? = nil,
    teeth: Int? = nil,
    blades: Int? = nil,
    beltOrder: Double? = nil,
    mainsHertz: Double? = nil,
    features: [ChannelID]
  ) {
    self.source = source
    self.asset = asset
    self.sampleRateHertz = sampleRateHertz
    self.sampleCount = sampleCount
    self.unitSize = unitSize
    self.shaft = shaft
    self.bearing = bearing
    self.teeth = teeth
    self.blades = blades
    self.beltOrder = beltOrder
    self.mainsHertz = mainsHertz
    self.features = features
  }
}

/// Where the speed of a shaft is known from.
package enum ShaftRule: Hashable, Sendable, Codable {
  case fixed(hertz: Double)
  /// A channel of the machine, and what one of its units is in turns per second.
  case channel(ChannelID, hertzPerUnit: Double)
}

extension WaveformRule {
  /// Why blocks cannot show the lines that a value is made of.
  package enum Obstacle: Hashable, Sendable {
    /// Already the first lies beyond the spectrum: the rate is too low.
    case beyondSpectrum(lineHertz: Double, limitHertz: Double)
    /// The block ends before its lines can be told from those beside them.
    case fewTurns(seconds: Double)
  }

  /// What keeps blocks like these from showing a value at a speed of the shaft; `nil` for nothing.
  package func obstacle(to quantity: Quantity, shaftHertz: Double) -> Obstacle? {
    let order: Double?
    switch quantity {
    case .velocityHalfOrder: order = 0.5
    case .velocityFirstOrder: order = 1
    case .velocitySecondOrder: order = 2
    case .velocityThirdOrder: order = 3
    case .envelopeOuterRace: order = bearing?.outer
    case .envelopeInnerRace: order = bearing?.inner
    case .envelopeRollingElement: order = bearing?.ball
    case .envelopeCage: order = bearing?.cage
    case .gearMesh, .gearMeshSidebands: order = teeth.map(Double.init)
    case .bladePass, .bladePassSidebands: order = blades.map(Double.init)
    default: order = nil
    }
    guard let order else { return nil }
    var limit = sampleRateHertz / 2
    switch quantity {
    case .velocityHalfOrder, .velocityFirstOrder, .velocitySecondOrder, .velocityThirdOrder:
      let turns = Self.turnsToShow(order)
      if Double(sampleCount) / sampleRateHertz * shaftHertz < turns {
        return .fewTurns(seconds: turns / shaftHertz)
      }
    case .envelopeOuterRace, .envelopeInnerRace, .envelopeRollingElement, .envelopeCage:
      // An envelope moves no faster than its band is wide.
      let band = WaveformAnalysis.envelopeBand(rate: sampleRateHertz)
      limit = band.upperBound - band.lowerBound
    default: break
    }
    let line = order * shaftHertz
    return line > limit ? .beyondSpectrum(lineHertz: line, limitHertz: limit) : nil
  }

  /// How many turns of the shaft a block must hold to show the lines at an order apart from those
  /// beside them, which are a turn away, or half a turn.
  static func turnsToShow(_ order: Double) -> Double { order == order.rounded() ? 4 : 8 }

  /// The values that blocks like these can give.
  ///
  /// - Parameters:
  ///   - rate: Samples per second.
  ///   - hasShaft: Whether the speed of the shaft is known.
  ///   - hasBearing: Whether the bearing is known.
  ///   - hasTeeth: Whether a gear is.
  ///   - hasBlades: Whether blades or vanes are.
  /// - Returns: In the order in which people look at them.
  package static func quantities(
    sampleRateHertz rate: Double,
    hasShaft: Bool,
    hasBearing: Bool,
    hasTeeth: Bool,
    hasBlades: Bool
  ) -> [Quantity] {
    var quantities: [Quantity] = [
      .velocityRMS, .accelerationRMS, .lowFrequencyAccelerationRMS,
    ]
    // Above 1 kHz there must be something to measure.
    if rate >= 4_000 { quantities.append(.highFrequencyAccelerationRMS) }
    quantities += [.accelerationPeak, .crestFactor, .kurtosis]
    guard hasShaft else { return quantities }
    quantities += [
      .velocityHalfOrder, .velocityFirstOrder, .velocitySecondOrder, .velocityThirdOrder,
    ]
    if hasBearing, rate >= 4_000 {
      quantities += [
        .envelopeOuterRace, .envelopeInnerRace, .envelopeRollingElement, .envelopeCage,
      ]
    }
    if hasTeeth { quantities += [.gearMesh, .gearMeshSidebands] }
    if hasBlades { quantities += [.bladePass, .bladePassSidebands] }
    return quantities
  }
}
