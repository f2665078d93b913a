package import ConditionModel
package import DataAcquisition
import SignalProcessing

/// The machines of a site with their sensors and devices, and what goes wrong with them.
///
/// The same plant, seed, scenarios and start give the same values at the same moments, however
/// often and in whichever order they are asked for.
package struct SimulatedPlant: Sendable {
  package let plant: Plant
  package let buses: [BusDefinition]
  package let start: Timestamp
  package private(set) var now: Timestamp

  private var machines: [SimulatedMachine]
  private let sensors: [SimulatedSensor]
  /// The blocks of samples, in order of `WaveformID`.
  private(set) var blocks: [SimulatedBlocks]
  private let troubles: [Trouble]
  /// For each channel, what a stuck sensor shows.
  private var stuckValues: [Double?]

  /// A scenario with its words resolved.
  private struct Trouble: Hashable, Sendable {
    var scenario: Scenario
    var asset: AssetID
    /// The channels and devices that it concerns, in ascending order.
    var channels: [ChannelID]
    var devices: [UInt16]
  }

  /// Creates the plant at the moment `start`.
  ///
  /// - Parameters:
  ///   - plant: The machines and channels of a site file.
  ///   - buses: Its buses with the devices that deliver the channels.
  ///   - targets: For each source of waveforms, what turns beside its sensor.
  ///   - seed: The same seed gives the same values.
  ///   - scenarios: What goes wrong, counted from `start`.
  ///   - start: The plant's time at the beginning; it decides the ambient temperature.
  /// - Throws: A scenario that names what the plant does not have.
  package init(
    _ plant: Plant,
    buses: [BusDefinition],
    targets: [VibrationTarget] = [],
    seed: UInt64,
    scenarios: [Scenario] = [],
    start: Timestamp
  ) throws(ScenarioError) {
    self.plant = plant
    self.buses = buses
    self.start = start
    now = start
    var seeds = SeededGenerator(seed: seed)
    machines = plant.assets.map {
      SimulatedMachine(asset: $0, seed: seeds.bits(), start: start)
    }
    sensors = plant.channels.map { SimulatedSensor($0) }
    blocks = buses.flatMap(\.devices).flatMap(\.waveforms)
      .sorted { $0.source < $1.source }
      .map { poll in
        let index = Int(poll.source.index)
        return SimulatedBlocks(
          poll.block,
          on: plant[poll.source],
          target: index < targets.count ? targets[index] : VibrationTarget(shaftHertz: nil),
          seed: seeds.bits()
        )
      }
    stuckValues = Array(repeating: nil, count: plant.channels.count)
    var troubles: [Trouble] = []
    for scenario in scenarios {
      troubles.append(try Self.resolve(scenario, in: plant))
    }
    self.troubles = troubles
    updateFaults()
    takeBlocks()
  }

  /// Lets time pass up to `moment`; an earlier moment changes nothing.
  package mutating func advance(to moment: Timestamp) {
    let step = SimulatedMachine.stepLength
    while moment - now >= step {
      now += step
      for index in machines.indices { machines[index].advance(by: step) }
      updateFaults()
      takeBlocks()
    }
  }

  private mutating func takeBlocks() {
    for index in blocks.indices {
      blocks[index].advance(to: now - start, machines[Int(blocks[index].asset.index)])
    }
  }

  /// The page that a window with pages shows now; it is turned ten times a second.
  func page(of block: WaveformBlock) -> Int {
    Int((now - start).nanoseconds / 100_000_000) % block.pageCount
  }

  /// What the sensor of the channel shows now, in the channel's unit.
  ///
  /// - Returns: `nil` for a sensor that is unplugged.
  package func value(of channel: ChannelID) -> Double? {
    for trouble in active(.unpluggedSensor) where trouble.channels.contains(channel) {
      return nil
    }
    return stuckValues[Int(channel.index)] ?? liveValue(of: channel)
  }

  /// The values of all devices at `moment` as they would be read through their registers.
  ///
  /// - Parameter moment: Not before the previous one; the plant moves on to it.
  /// - Returns: One frame per device, in order of bus and device.
  package mutating func sample(at moment: Timestamp) -> [Frame] {
    advance(to: moment)
    return buses.flatMap(\.devices).map { frame(of: $0, at: moment) }
  }

  private func liveValue(of channel: ChannelID) -> Double {
    sensors[Int(channel.index)].value(on: machines[Int(plant[channel].asset.index)])
  }

  private func frame(of device: DeviceDefinition, at moment: Timestamp) -> Frame {
    let exponents = exponents(of: device)
    let isSilent = isSilent(device)
    var values: [Double] = []
    var qualities: [Quality] = []
    for (channel, point) in zip(device.channels, device.points) {
      var quality = Quality.good
      var shown = 0.0
      if isSilent {
        quality = .bad(.noAnswer)
      } else if isUnreadable(channel) {
        quality = .bad(.noSuchAddress)
      } else if let value = value(of: channel) {
        shown = RegisterEncoder.rounded(value, by: point, exponent: exponents.value(for: point))
      } else {
        quality = .bad(point.invalidCodes.isEmpty ? .notANumber : .invalidCode)
      }
      values.append(shown)
      qualities.append(quality)
    }
    return Frame(
      asset: device.asset,
      timestamp: moment,
      channels: device.channels,
      values: values,
      qualities: qualities
    )
  }
}

// MARK: - Troubles

extension SimulatedPlant {
  /// Whether the device no longer answers.
  func isSilent(_ device: DeviceDefinition) -> Bool {
    active(.silentUnit).contains { $0.devices.contains(device.index) }
  }

  /// Whether the device says that it has no such address.
  func isUnreadable(_ channel: ChannelID) -> Bool {
    active(.unreadableAddress).contains { $0.channels.contains(channel) }
  }

  /// How much longer than usual the device takes.
  func delay(of device: DeviceDefinition) -> Duration {
    var longest = 0.0
    for trouble in active(.slowAnswers) where trouble.devices.contains(device.index) {
      longest = max(longest, trouble.scenario.level(at: now - start))
    }
    return Duration(inSeconds: longest * 1.5 * device.timing.responseTimeout.inSeconds)
  }

  /// Whether the device's answers are damaged on their way.
  func isDamaged(_ device: DeviceDefinition) -> Bool {
    active(.corruptedFrames).contains { $0.devices.contains(device.index) }
  }

  private func active(_ kind: Scenario.Kind) -> some Sequence<Trouble> {
    troubles.lazy.filter { [elapsed = now - start] in
      $0.scenario.kind == kind && $0.scenario.level(at: elapsed) > 0
    }
  }

  /// Hands the machines how far their faults have come, and keeps what stuck sensors show.
  private mutating func updateFaults() {
    guard !troubles.isEmpty else { return }
    let elapsed = now - start
    for index in machines.indices { machines[index].faults.removeAll(keepingCapacity: true) }
    var stuck: [ChannelID] = []
    for trouble in troubles {
      let level = trouble.scenario.level(at: elapsed)
      guard level > 0 else { continue }
      if let kind = trouble.scenario.kind.machineFault {
        machines[Int(trouble.asset.index)].faults.append(
          MachineFault(
            kind: kind,
            level: level,
            location: trouble.scenario.location,
            growth: trouble.scenario.growth
          )
        )
      } else if trouble.scenario.kind == .stuckSensor {
        stuck += trouble.channels
      }
    }
    for index in stuckValues.indices {
      let channel = plant.channels[index].id
      if !stuck.contains(channel) {
        stuckValues[index] = nil
      } else if stuckValues[index] == nil {
        stuckValues[index] = liveValue(of: channel)
      }
    }
  }

  private static func resolve(
    _ scenario: Scenario,
    in plant: Plant
  ) throws(ScenarioError) -> Trouble {
    guard let asset = plant.assets.first(where: { matches($0.name, scenario.machine) }) else {
      throw .unknownMachine(scenario.machine, valid: plant.assets.map(\.name))
    }
    var scenario = scenario
    var channels = plant.channels.filter { $0.asset == asset.id }
    if let location = scenario.location {
      let there = channels.filter { matches($0.location, location) }
      guard let first = there.first else {
        let valid = distinct(channels.map(\.location))
        throw .unknownLocation(location, machine: asset.name, valid: valid)
      }
      channels = there
      scenario.location = first.location
    }
    if let point = scenario.point {
      let named = channels.filter { matches($0.point, point) }
      guard !named.isEmpty else {
        let valid = distinct(channels.map(\.point))
        throw .unknownPoint(point, location: scenario.location ?? asset.name, valid: valid)
      }
      channels = named
    }
    let devices = distinct(channels.map(\.device))
    if scenario.kind == .unreadableAddress, scenario.point == nil {
      channels = devices.compactMap { device in channels.first { $0.device == device } }
    }
    return Trouble(
      scenario: scenario,
      asset: asset.id,
      channels: channels.map(\.id),
      devices: devices
    )
  }

  private static func matches(_ name: String, _ word: String) -> Bool {
    name.lowercased() == word.lowercased()
  }

  private static func distinct<Element: Equatable>(_ elements: [Element]) -> [Element] {
    elements.reduce(into: []) { found, element in
      if !found.contains(element) { found.append(element) }
    }
  }
}
