/// The number of a channel: its place in `Plant.channels`; dense, so that arrays serve as tables.
package struct ChannelID: Hashable, Comparable, Sendable, Codable {
  package var index: UInt16

  package init(index: UInt16) {
    self.index = index
  }

  @inlinable package static func == (left: ChannelID, right: ChannelID) -> Bool {
    left.index == right.index
  }

  @inlinable package static func < (left: ChannelID, right: ChannelID) -> Bool {
    left.index < right.index
  }
}

/// The number of a machine: its place in `Plant.assets`; dense, so that arrays serve as tables.
package struct AssetID: Hashable, Comparable, Sendable, Codable {
  package var index: UInt16

  package init(index: UInt16) {
    self.index = index
  }

  @inlinable package static func == (left: AssetID, right: AssetID) -> Bool {
    left.index == right.index
  }

  @inlinable package static func < (left: AssetID, right: AssetID) -> Bool {
    left.index < right.index
  }
}

/// What is measured: the machines of a site and the channels on each.
///
/// The order is that of the site file. Numbers are dense and valid for one configuration only;
/// whatever outlives a configuration (the store, a recording) keeps names.
package struct Plant: Hashable, Sendable, Codable {
  package var site: String
  package var gateway: String
  package var assets: [Asset]
  package var channels: [Channel]
  package var waveforms: [WaveformSource]
  /// When machines may be stopped for work; `nil` where nobody said.
  package var maintenanceWindows: [MaintenanceWindow]?

  package init(
    site: String,
    gateway: String,
    assets: [Asset],
    channels: [Channel],
    waveforms: [WaveformSource] = [],
    maintenanceWindows: [MaintenanceWindow]? = nil
  ) {
    self.site = site
    self.gateway = gateway
    self.assets = assets
    self.channels = channels
    self.waveforms = waveforms
    self.maintenanceWindows = maintenanceWindows
  }

  private enum CodingKeys: String, CodingKey {
    case site, gateway, assets, channels, waveforms, maintenanceWindows
  }

  // Plants that were stored before there were waveforms have none, and one without any is written
  // as it was then, so that its fingerprint stays.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    site = try values.decode(String.self, forKey: .site)
    gateway = try values.decode(String.self, forKey: .gateway)
    assets = try values.decode([Asset].self, forKey: .assets)
    channels = try values.decode([Channel].self, forKey: .channels)
    waveforms = try values.decodeIfPresent([WaveformSource].self, forKey: .waveforms) ?? []
    maintenanceWindows = try values.decodeIfPresent(
      [MaintenanceWindow].self,
      forKey: .maintenanceWindows
    )
    let areNumbered =
      assets.indices.allSatisfy { Int(assets[$0].id.index) == $0 }
      && channels.indices.allSatisfy { Int(channels[$0].id.index) == $0 }
      && (channels.map(\.asset) + waveforms.map(\.asset))
        .allSatisfy { Int($0.index) < assets.count }
    guard areNumbered else {
      throw DecodingError.dataCorruptedError(
        forKey: .channels,
        in: values,
        debugDescription: "machines and channels are not numbered in their order"
      )
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(site, forKey: .site)
    try values.encode(gateway, forKey: .gateway)
    try values.encode(assets, forKey: .assets)
    try values.encode(channels, forKey: .channels)
    if !waveforms.isEmpty { try values.encode(waveforms, forKey: .waveforms) }
    try values.encodeIfPresent(maintenanceWindows, forKey: .maintenanceWindows)
  }

  package subscript(_ id: AssetID) -> Asset { assets[Int(id.index)] }
  package subscript(_ id: ChannelID) -> Channel { channels[Int(id.index)] }
  package subscript(_ id: WaveformID) -> WaveformSource { waveforms[Int(id.index)] }
}

/// A weekday on which machines may be stopped for work, by the clock on the wall.
package struct MaintenanceWindow: Hashable, Sendable, Codable {
  /// 0 Monday … 6 Sunday.
  package var weekday: Int
  /// From this hour on.
  package var hour: Int

  package init(weekday: Int, hour: Int) {
    self.weekday = weekday
    self.hour = hour
  }
}

/// A machine that is watched.
package struct Asset: Hashable, Sendable, Codable {
  package var id: AssetID
  /// As in the site file: `pompe-3`; part of every topic, so it holds no `/`, `+` or `#`.
  package var name: String
  package var kind: MachineKind
  /// Rated power in kilowatts.
  package var ratedPowerKilowatts: Double?
  package var mounting: Mounting?
  /// Rated speed of the shaft in revolutions per minute.
  package var ratedSpeedRPM: Double?

  package init(
    id: AssetID,
    name: String,
    kind: MachineKind,
    ratedPowerKilowatts: Double? = nil,
    mounting: Mounting? = nil,
    ratedSpeedRPM: Double? = nil
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.ratedPowerKilowatts = ratedPowerKilowatts
    self.mounting = mounting
    self.ratedSpeedRPM = ratedSpeedRPM
  }
}

/// What a machine is; decides which severity zones and which failure modes are considered.
package enum MachineKind: String, Hashable, Sendable, Codable, CaseIterable {
  case centrifugalPump = "centrifugal pump"
  case fan
  case screwCompressor = "screw compressor"
  case pistonCompressor = "piston compressor"
  case gearbox
  case conveyor
  case spindle
  case electricMotor = "electric motor"
  case hydraulicPress = "hydraulic press"
  case chiller
  case cabinet
  case otherRotating = "rotating machine"
  case other = "machine"
}

/// How a machine stands (ISO 20816-3, support classification).
package enum Mounting: String, Hashable, Sendable, Codable, CaseIterable {
  case rigid
  case flexible
}

/// One stream of values: a point of a device on a machine.
package struct Channel: Hashable, Sendable, Codable {
  package var id: ChannelID
  package var asset: AssetID
  /// Where on the machine, as in the site file: `drive end`.
  package var location: String
  /// What the device calls it, as in its profile: `velocity rms z`.
  package var point: String
  /// The unit of the value as a UCUM code: `mm/s`, `Cel`, `bar`, `1`.
  package var unit: String
  package var quantity: Quantity
  package var axis: Axis?
  /// The index of the device that delivers it (one per entry under `points:` of the site file):
  /// channels of one device fall silent together.
  package var device: UInt16

  package init(
    id: ChannelID,
    asset: AssetID,
    location: String,
    point: String,
    unit: String,
    quantity: Quantity,
    axis: Axis? = nil,
    device: UInt16
  ) {
    self.id = id
    self.asset = asset
    self.location = location
    self.point = point
    self.unit = unit
    self.quantity = quantity
    self.axis = axis
    self.device = device
  }

  /// Unique on its machine: `drive end/velocity rms z`; a point that is its own place, as columns of
  /// a recording are, is named once.
  package var name: String { location == point ? point : "\(location)/\(point)" }
}

/// The direction of a vibration measurement, as the sensor names it.
package enum Axis: String, Hashable, Sendable, Codable, CaseIterable {
  case x
  case y
  case z
}

/// What is measured, whatever the make of the sensor.
package enum Quantity: String, Hashable, Sendable, Codable, CaseIterable {
  /// RMS of vibration velocity, 10–1000 Hz (ISO 20816-1): the quantity of severity zones.
  case velocityRMS = "velocity rms"
  case velocityPeak = "velocity peak"
  case accelerationRMS = "acceleration rms"
  case accelerationPeak = "acceleration peak"
  /// RMS of acceleration above about 1 kHz, where bearings and gears show first.
  case highFrequencyAccelerationRMS = "high-frequency acceleration rms"
  case displacement
  case crestFactor = "crest factor"
  case kurtosis
  case vibrationFrequency = "vibration frequency"
  /// RMS of acceleration from 10 to 1000 Hz, where the shaft and its multiples are.
  case lowFrequencyAccelerationRMS = "low-frequency acceleration rms"
  /// RMS of the vibration velocity at a multiple of the shaft speed.
  case velocityHalfOrder = "velocity 0.5x"
  case velocityFirstOrder = "velocity 1x"
  case velocitySecondOrder = "velocity 2x"
  case velocityThirdOrder = "velocity 3x"
  /// The envelope's lines at the rate of a part of the bearing, with multiples and sidebands.
  case envelopeOuterRace = "envelope outer race"
  case envelopeInnerRace = "envelope inner race"
  case envelopeRollingElement = "envelope rolling element"
  case envelopeCage = "envelope cage"
  /// Acceleration at the rate of meshing teeth, and beside it at multiples of the shaft speed.
  case gearMesh = "gear mesh"
  case gearMeshSidebands = "gear mesh sidebands"
  /// Acceleration at the rate of passing blades or vanes, and beside it.
  case bladePass = "blade pass"
  case bladePassSidebands = "blade pass sidebands"
  case temperature
  case pressure
  case differentialPressure = "differential pressure"
  case flow
  case level
  case humidity
  case voltage
  case current
  case activePower = "active power"
  case reactivePower = "reactive power"
  case apparentPower = "apparent power"
  case powerFactor = "power factor"
  case energy
  case frequency
  case harmonicDistortion = "harmonic distortion"
  case rotationSpeed = "rotation speed"
  case torque
  case load
  case duration
  case count
  case statusWord = "status word"
  case other
}

extension Quantity {
  /// Whether it is made of a block of samples only, never read as one number.
  package var isWaveformFeature: Bool {
    switch self {
    case .lowFrequencyAccelerationRMS, .velocityHalfOrder, .velocityFirstOrder,
      .velocitySecondOrder, .velocityThirdOrder, .envelopeOuterRace, .envelopeInnerRace,
      .envelopeRollingElement, .envelopeCage, .gearMesh, .gearMeshSidebands, .bladePass,
      .bladePassSidebands:
      true
    default: false
    }
  }

  /// Whether it tells how much a machine vibrates.
  package var isVibration: Bool {
    switch self {
    case .velocityRMS, .velocityPeak, .accelerationRMS, .accelerationPeak,
      .highFrequencyAccelerationRMS, .displacement, .crestFactor, .kurtosis:
      true
    default: isWaveformFeature
    }
  }
}
