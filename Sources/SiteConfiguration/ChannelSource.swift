import ConditionModel
import DataAcquisition

/// What rules for a channel follow from, whether a device or a recording delivers it.
struct ChannelSource: Hashable {
  var quantity: Quantity
  /// Whether it is measured, and not a status or a counter.
  var isMeasure: Bool
  /// The smallest step of the value: 0 for floating point, `nil` where it changes or is not known.
  var step: Double?
  /// As `step`, where it is a true step.
  var resolution: Double?
  /// Where the sensor clips.
  var range: ClosedRange<Double>?
  /// The time between two values.
  var period: Duration
  var isRecorded = false
  /// The blocks of samples that it is made of; `nil` for what is read.
  var waveform: WaveformID?
  /// Whether a velocity reaches to the 1000 Hz of the standards, as far as is known.
  var reachesWholeBand = true

  init(
    quantity: Quantity,
    isMeasure: Bool,
    step: Double?,
    resolution: Double?,
    range: ClosedRange<Double>?,
    period: Duration,
    isRecorded: Bool = false
  ) {
    self.isRecorded = isRecorded
    self.quantity = quantity
    self.isMeasure = isMeasure
    self.step = step
    self.resolution = resolution
    self.range = range
    self.period = period
  }

  /// A value that is made of each block of a source.
  init(
    _ quantity: Quantity,
    madeOf waveform: WaveformID,
    period: Duration,
    sampleRateHertz: Double
  ) {
    self.init(
      quantity: quantity,
      isMeasure: true,
      step: nil,
      resolution: nil,
      range: nil,
      period: period
    )
    self.waveform = waveform
    reachesWholeBand = sampleRateHertz >= 2_000
  }

  init(_ point: PointDefinition, period: Duration) {
    let isFloating = point.type == .f32 || point.type == .f64
    let step: Double? =
      switch point.scaling {
      case .linear(let scale, offset: _): isFloating ? 0 : abs(scale)
      case .twoPoint(let rawLow, let rawHigh, let low, let high):
        isFloating ? 0 : abs((high - low) / (rawHigh - rawLow))
      case .exponentRegister: nil
      }
    self.init(
      quantity: point.quantity,
      isMeasure: point.role == .measure && point.bitField == nil,
      step: step,
      resolution: step == 0 ? nil : step,
      range: point.measuringRange,
      period: period
    )
  }

  /// The measuring range, without an end at 0: that is where a machine at rest is.
  var clippingRange: ClosedRange<Double>? {
    guard let range, range.lowerBound == 0 else { return range }
    return -.greatestFiniteMagnitude...range.upperBound
  }

  /// How long it may be without a value: at least three readings, and as long as the site file says.
  ///
  /// A recording cannot be read faster than it was written, whatever the file says, and a block of
  /// samples comes rarely.
  func silentAfter(_ wanted: Duration?) -> Duration {
    guard let wanted else { return max(.seconds(30), period * 3) }
    return isRecorded || waveform != nil ? max(wanted, period * 3) : wanted
  }

  /// How long this value may stay exactly the same before its sensor must be stuck.
  ///
  /// Coarse steps repeat for hours and a machine at rest has nothing to show, so `nil` (never) wherever
  /// a repeated value is plausible: steps that noise does not cross, and everything that falls
  /// silent at standstill unless something tells that the machine runs. The durations are ours.
  func longestPlausibleStandstill(knowsWhetherItRuns: Bool) -> Duration? {
    guard isMeasure, let step else { return nil }
    switch quantity {
    case .velocityRMS, .velocityPeak, .accelerationRMS, .accelerationPeak,
      .highFrequencyAccelerationRMS, .crestFactor, .kurtosis:
      return knowsWhetherItRuns && step <= 0.002 ? .seconds(600) : nil
    case .temperature:
      return step <= 0.02 && step > 0 ? .seconds(3_600) : nil
    case .pressure, .differentialPressure:
      return knowsWhetherItRuns && step == 0 ? .seconds(1_800) : nil
    default: return nil
    }
  }
}
