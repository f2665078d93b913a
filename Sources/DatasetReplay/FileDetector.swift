import ConditionModel
import LearnedDetection

/// The detector that fits a file: gates for process channels, records for slow ones.
enum FileDetector {
  case levels(LevelDetector)
  /// One for each channel.
  case novelty([NoveltyDetector])

  /// From this sampling period on, a channel is slow.
  private static let slowPeriodSeconds = 60.0

  /// Chooses by the sampling period alone; `nil` if there is too little to learn from.
  ///
  /// - Parameters:
  ///   - channelCount: How many channels a row has.
  ///   - periodSeconds: The usual time between rows.
  ///   - learningRows: How many rows are known to be normal.
  init?(channelCount: Int, periodSeconds: Double, learningRows: Int) {
    if periodSeconds < Self.slowPeriodSeconds {
      guard learningRows >= LevelSettings.fewestLearningSamples else { return nil }
      let settings = LevelSettings(learningSamples: learningRows)
      self = .levels(LevelDetector(channelCount: channelCount, settings: settings))
    } else {
      // The records settle before the rest of the learning part shows whether they hold.
      let detector = NoveltyDetector(
        samplingPeriodSeconds: periodSeconds,
        warmUpSamples: Int(0.7 * Double(learningRows))
      )
      self = .novelty(Array(repeating: detector, count: channelCount))
    }
  }

  /// What a detector says of a row.
  struct Verdict {
    /// 0 ordinary … 1, in billionths.
    var scoreBillionths: Int
    var isAlarm: Bool
    var isNotice: Bool
    /// The place of the most telling channel.
    var channel: Int
  }

  /// Judges one row.
  ///
  /// - Parameters:
  ///   - values: One per channel; not finite where there is none.
  ///   - moment: When the row was taken, on the clock of the plant.
  /// - Returns: What the detector says of it.
  mutating func judge(_ values: Span<Double>, at moment: Timestamp) -> Verdict {
    switch self {
    case .levels(var detector):
      // Taken out and put back, so that its arrays are not copied.
      self = .novelty([])
      let verdict = detector.judge(values)
      self = .levels(detector)
      return Verdict(
        scoreBillionths: Int((verdict.score * 1e9).rounded()),
        isAlarm: verdict.isAlarm,
        isNotice: verdict.isChange,
        channel: verdict.channel
      )
    case .novelty(var detectors):
      self = .novelty([])
      let time = CivilTime(moment)
      let second = time.hour * 3_600 + time.minute * 60 + time.second
      var top = Verdict(scoreBillionths: 0, isAlarm: false, isNotice: false, channel: 0)
      for channel in detectors.indices {
        let verdict = detectors[channel].judge(values[channel], secondOfDay: second)
        let billionths = Int((verdict.score * 1e9).rounded())
        top.isAlarm = top.isAlarm || verdict.isAlarm
        if billionths > top.scoreBillionths {
          top.scoreBillionths = billionths
          top.channel = channel
        }
      }
      self = .novelty(detectors)
      return top
    }
  }
}
