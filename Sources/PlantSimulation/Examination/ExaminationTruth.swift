package import ConditionModel

/// What is really wrong with the machines of an examination, and what their owners wrote down.
package struct ExaminationTruth: Hashable, Sendable {
  package var machineFaults: [MachineFault]
  package var sensorFaults: [SensorFault]
  package var workOrders: [WorkOrder]
  /// Times during which a machine stands for repair after a fault, and the day after it, while it
  /// settles.
  package var repairs: [Range<Timestamp>]

  package init(
    machineFaults: [MachineFault] = [],
    sensorFaults: [SensorFault] = [],
    workOrders: [WorkOrder] = [],
    repairs: [Range<Timestamp>] = []
  ) {
    self.machineFaults = machineFaults
    self.sensorFaults = sensorFaults
    self.workOrders = workOrders
    self.repairs = repairs
  }

  /// Wear of a machine from its beginning to failure, repair or the end of the recording.
  package struct MachineFault: Hashable, Sendable {
    package var mode: String
    package var onset: Timestamp
    /// Failure, the beginning of the repair, or the end of the recording.
    package var end: Timestamp
    /// Whether it ends in failure.
    package var fails: Bool
    /// The points that show it clearly at its end.
    package var channels: [String]
    package var curve: String
    /// Whether a work order caused it.
    package var isCausedByWork: Bool
    /// How far the clearest point moves at the end, in standard deviations of its slow noise.
    package var clarity: Double

    package init(
      mode: String,
      onset: Timestamp,
      end: Timestamp,
      fails: Bool,
      channels: [String],
      curve: String,
      isCausedByWork: Bool,
      clarity: Double
    ) {
      self.mode = mode
      self.onset = onset
      self.end = end
      self.fails = fails
      self.channels = channels
      self.curve = curve
      self.isCausedByWork = isCausedByWork
      self.clarity = clarity
    }
  }

  package struct SensorFault: Hashable, Sendable {
    /// The point, or the two that are swapped.
    package var channels: [String]
    package var kind: Kind
    package var start: Timestamp
    package var end: Timestamp

    package init(channels: [String], kind: Kind, start: Timestamp, end: Timestamp) {
      self.channels = channels
      self.kind = kind
      self.start = start
      self.end = end
    }

    package enum Kind: String, Hashable, Sendable, CaseIterable {
      case stuck, drift, spikes, clipped, swapped, noisy, offset, unplugged
    }
  }

  package struct WorkOrder: Hashable, Sendable {
    package var timestamp: Timestamp
    package var text: String
    package var isCause: Bool
  }
}
