import ConditionModel
import SignalProcessing

extension StateDetector {
  /// What the block remembers: with the configuration it is the whole block.
  package struct Memory: Hashable, Sendable, Codable {
    var sensors: [SensorWatch]
    /// For all limits, channel after channel.
    var limits: [LevelTracker]
    var severities: [SeverityTracker]
    /// For each machine what it learned; empty where nothing is learned.
    var learners: [MachineLearner.Memory]
    /// Values that were older than their channel's latest and so were left out.
    package internal(set) var lateSampleCount = 0

    /// Shows the readings of a frame to the watch of each sensor.
    mutating func take(
      _ frame: Frame,
      operation: OperatingState,
      rules: [SensorRules],
      into readings: inout [TakenReading],
      _ changes: inout [SensorWatch.Change]
    ) {
      var lateCount = 0
      // All in one go: to reach them one by one asks each time whether they are shared.
      var sensors = sensors.mutableSpan
      var readings = readings.mutableSpan
      for place in frame.channels.indices {
        let index = Int(frame.channels[place].index)
        let outcome = sensors[index].take(
          frame.values[place],
          frame.qualities[place],
          at: frame.timestamp,
          operation: operation,
          rules: rules[index],
          into: &changes
        )
        if outcome == .late { lateCount += 1 }
        readings[place] = TakenReading(outcome: outcome, changeCount: changes.count)
      }
      lateSampleCount += lateCount
    }

    /// Whether it has a place for all that is watched, and for nothing else.
    package func fits(_ configuration: DetectionConfiguration) -> Bool {
      let plant = configuration.plant
      let channelCount = configuration.channels.count
      guard sensors.count == channelCount, severities.count == configuration.severity.count,
        limits.count == configuration.channels.reduce(0, { $0 + $1.limits.count }),
        severities.allSatisfy({ Int($0.channel.index) < channelCount }),
        learners.isEmpty
          || (configuration.learning != nil && learners.count == plant.assets.count)
      else { return false }
      let step = configuration.learning?.step.nanoseconds ?? 1
      return zip(learners, plant.assets).allSatisfy {
        $0.fits(MachineLayout($1, in: plant), step: step)
      }
    }
  }

  struct SeverityTracker: Hashable, Sendable, Codable {
    var levels = LevelTracker()
    /// The axis that was the largest at the latest report.
    var channel: ChannelID
    /// The largest axis while the machine ran in its learning time, which began at `since`.
    var baseline = RunningMoments()
    var since: Timestamp?
  }
}
