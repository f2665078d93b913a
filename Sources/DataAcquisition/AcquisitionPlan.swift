package import ConditionModel

/// A bus and everything on it, as the site file says and already checked.
package struct BusDefinition: Hashable, Sendable, Codable {
  /// As in the site file: `ligne-1`.
  package var name: String
  package var line: Line
  /// In the order of the site file.
  package var devices: [DeviceDefinition]

  package init(name: String, line: Line, devices: [DeviceDefinition]) {
    self.name = name
    self.line = line
    self.devices = devices
  }

  /// What the bytes travel on.
  package enum Line: Hashable, Sendable, Codable {
    case serial(SerialLine)
    case tcp(TCPEndpoint)
  }
}

/// A serial port and how it is set.
package struct SerialLine: Hashable, Sendable, Codable {
  package var port: String
  package var baud: Int
  package var parity: Parity
  package var stopBits: Int
  package var direction: DirectionControl

  package init(
    port: String,
    baud: Int,
    parity: Parity,
    stopBits: Int,
    direction: DirectionControl = .automatic
  ) {
    self.port = port
    self.baud = baud
    self.parity = parity
    self.stopBits = stopBits
    self.direction = direction
  }

  package enum Parity: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    case even
    case odd
  }

  /// Who switches an RS-485 driver between sending and listening.
  package enum DirectionControl: String, Hashable, Sendable, Codable, CaseIterable {
    /// The adapter itself.
    case automatic
    /// The kernel's serial driver.
    case kernel
    /// The RTS line, set by software; slow, the last resort.
    case rts
  }

  /// Bits on the wire per character: start, eight data, parity, stop.
  package var bitsPerCharacter: Int { 9 + (parity == .none ? 0 : 1) + stopBits }
}

/// Where a Modbus TCP server or a gateway listens.
package struct TCPEndpoint: Hashable, Sendable, Codable {
  package var host: String
  package var port: UInt16

  package init(host: String, port: UInt16 = 502) {
    self.host = host
    self.port = port
  }
}

/// A device on a bus: one entry under `points:` of a machine in the site file.
package struct DeviceDefinition: Hashable, Sendable, Codable {
  /// Its number on the site, equal to `Channel.device` of its channels.
  package var index: UInt16
  package var asset: AssetID
  /// For messages: `pompe-3, drive end`.
  package var name: String
  /// The unit number on the bus.
  package var unit: UInt8
  /// How often each point is to be read.
  package var period: Duration
  package var profile: String
  package var timing: DeviceTiming
  package var requestLimits: RequestLimits
  /// The points to read; parallel to `channels`.
  package var points: [PointDefinition]
  package var channels: [ChannelID]
  /// The blocks of samples to read.
  package var waveforms: [WaveformPoll]

  package init(
    index: UInt16,
    asset: AssetID,
    name: String,
    unit: UInt8,
    period: Duration,
    profile: String,
    timing: DeviceTiming,
    requestLimits: RequestLimits,
    points: [PointDefinition],
    channels: [ChannelID],
    waveforms: [WaveformPoll] = []
  ) {
    precondition(points.count == channels.count, "each point that is read has one channel")
    self.index = index
    self.asset = asset
    self.name = name
    self.unit = unit
    self.period = period
    self.profile = profile
    self.timing = timing
    self.requestLimits = requestLimits
    self.points = points
    self.channels = channels
    self.waveforms = waveforms
  }
}

/// One read of consecutive addresses of one table of one unit.
package struct PollRequest: Hashable, Sendable, Codable {
  /// For messages: `pompe-3, drive end`.
  package var deviceName: String
  package var unit: UInt8
  package var table: RegisterTable
  package var address: UInt16
  /// Registers, or bits in a table of bits.
  package var count: Int
  package var responseTimeout: Duration
  package var guardTime: Duration

  package init(
    deviceName: String,
    unit: UInt8,
    table: RegisterTable,
    address: UInt16,
    count: Int,
    responseTimeout: Duration,
    guardTime: Duration
  ) {
    self.deviceName = deviceName
    self.unit = unit
    self.table = table
    self.address = address
    self.count = count
    self.responseTimeout = responseTimeout
    self.guardTime = guardTime
  }
}

extension PollRequest: CustomStringConvertible {
  package var description: String {
    let last = Int(address) + count - 1
    let range = count == 1 ? "\(address)" : "\(address)–\(last)"
    return "\(deviceName), unit \(unit), \(table.rawValue) \(range)"
  }
}
