/// The number of a source of waveforms: its place in `Plant.waveforms`.
package struct WaveformID: Hashable, Comparable, Sendable, Codable {
  package var index: UInt16

  package init(index: UInt16) {
    self.index = index
  }

  package static func < (left: WaveformID, right: WaveformID) -> Bool {
    left.index < right.index
  }
}

/// Where blocks of samples come from: one block of a device on a machine.
///
/// What is made of a block (`velocity rms z`, `envelope outer race z`, …) are channels like any other,
/// at the same location and of the same device.
package struct WaveformSource: Hashable, Sendable, Codable {
  package var id: WaveformID
  package var asset: AssetID
  /// Where on the machine, as in the site file: `drive end`.
  package var location: String
  /// What the device calls the block, as in its profile: `vibration z`.
  package var name: String
  /// The unit of the samples as a UCUM code: `[g]` or `m/s2`.
  package var unit: String
  package var axis: Axis?
  /// As in `Channel.device`.
  package var device: UInt16
  /// The rolling bearing beside the sensor, as people order it: `6309`.
  package var bearing: String?

  package init(
    id: WaveformID,
    asset: AssetID,
    location: String,
    name: String,
    unit: String,
    axis: Axis? = nil,
    device: UInt16,
    bearing: String? = nil
  ) {
    self.id = id
    self.asset = asset
    self.location = location
    self.name = name
    self.unit = unit
    self.axis = axis
    self.device = device
    self.bearing = bearing
  }
}

/// A block of samples that a sensor took without a gap, at a steady rate.
package struct Waveform: Hashable, Sendable, Codable {
  package var source: WaveformID
  package var asset: AssetID
  /// The moment of the first sample.
  package var start: Timestamp
  package var sampleRateHertz: Double
  /// In the source's unit; empty where the quality is bad.
  package var samples: [Float]
  package var quality: Quality

  package init(
    source: WaveformID,
    asset: AssetID,
    start: Timestamp,
    sampleRateHertz: Double,
    samples: [Float],
    quality: Quality
  ) {
    self.source = source
    self.asset = asset
    self.start = start
    self.sampleRateHertz = sampleRateHertz
    self.samples = samples
    self.quality = quality
  }

  /// How long the block is.
  package var duration: Duration {
    sampleRateHertz > 0 ? Duration(inSeconds: Double(samples.count) / sampleRateHertz) : .zero
  }

  /// The moment after the last sample: that of whatever is made of the block.
  package var end: Timestamp { start + duration }
}
