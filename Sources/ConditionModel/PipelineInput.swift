/// The values of channels of one machine, read at one instant: what travels through the pipeline.
///
/// A poll of a device and a row of a recording both deliver such a frame. The arrays are parallel.
/// A single value is a frame of one.
package struct Frame: Hashable, Sendable, Codable {
  package var asset: AssetID
  package var timestamp: Timestamp
  package var channels: [ChannelID]
  /// In the channels' units; meaningless where the quality is bad (then 0 by convention).
  package var values: [Double]
  package var qualities: [Quality]

  package init(
    asset: AssetID,
    timestamp: Timestamp,
    channels: [ChannelID],
    values: [Double],
    qualities: [Quality]
  ) {
    precondition(
      channels.count == values.count && channels.count == qualities.count,
      "a frame needs one value and one quality per channel"
    )
    self.asset = asset
    self.timestamp = timestamp
    self.channels = channels
    self.values = values
    self.qualities = qualities
  }
}

/// What enters the core: everything that it decides is a function of these, in their order.
package enum PipelineInput: Hashable, Sendable, Codable {
  case frame(Frame)
  case waveform(Waveform)
  /// Time passed, whether or not anything was read: delays run out, silence becomes visible.
  case tick(Timestamp)
  /// The gateway's clock was set: it now shows `by` more than before (negative: less).
  /// Everything that the core remembers moves with it, so that delays keep their length.
  case clockStepped(by: Duration)
  /// A person has seen the advisory.
  case acknowledge(advisory: UInt64, at: Timestamp)
  /// A person wants to hear no more of the advisory for a while (ISA-18.2: shelving).
  case shelve(advisory: UInt64, until: Timestamp, at: Timestamp)
  /// A person says that what the advisory shows is normal from now on.
  case accept(advisory: UInt64, at: Timestamp)
  /// Something was done to a machine.
  case mark(MaintenanceMark)
}

/// Something that was done to a machine, as a person marked it or a work order says.
package struct MaintenanceMark: Hashable, Sendable, Codable {
  package var asset: AssetID
  package var timestamp: Timestamp
  package var kind: Kind
  /// In the words of whoever wrote it; may be empty.
  package var text: String

  package init(asset: AssetID, timestamp: Timestamp, kind: Kind, text: String) {
    self.asset = asset
    self.timestamp = timestamp
    self.kind = kind
    self.text = text
  }

  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case greasing
    /// The machine failed: it could not do its work any more.
    case failure
    /// A part was replaced or repaired.
    case part
    /// The machine is run in another way from now on.
    case setting
    /// A sensor was moved, replaced or calibrated.
    case sensor
    /// A text that says none of these for sure: a work order as it was recorded.
    case note
  }
}
