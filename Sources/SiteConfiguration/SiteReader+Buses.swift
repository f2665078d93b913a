import ConditionModel
import DataAcquisition

extension SiteReader {
  mutating func readBuses(_ record: Located?) {
    var ports: [String: Located.Entry] = [:]
    for entry in record?.entries ?? [] {
      busNames.append(entry.key)
      guard let line = line(entry.value) else { continue }
      buses.append(Bus(name: entry.key, line: line, position: entry.keyPosition))
      let port =
        switch line {
        case .serial(let serial): serial.port
        case .tcp(let endpoint): "\(endpoint.host):\(endpoint.port)"
        }
      if let other = ports[port] {
        error(
          entry.keyPosition,
          "the bus '\(entry.key)' has the port '\(port)' of '\(other.key)' on line "
            + "\(other.keyPosition.line); a line has one set of settings and one master",
          "put all its devices on one bus"
        )
      } else {
        ports[port] = entry
      }
    }
  }

  private mutating func line(_ record: Located) -> BusDefinition.Line? {
    if let host = record["host"] {
      guard let name = host.text else { return nil }
      guard isHost(name) else {
        error(
          host.position,
          "'\(name)' is not a host name or address",
          "write only the name or address, without '://' and port"
        )
        return nil
      }
      return .tcp(TCPEndpoint(host: name, port: UInt16(record["port"]?.integer ?? 502)))
    }
    guard let port = record["port"], let path = port.text, let baud = record["baud"]?.integer,
      let parity = record["parity"]?.text.flatMap(SerialLine.Parity.init(rawValue:))
    else { return nil }
    guard path.hasPrefix("/") else {
      error(
        port.position,
        "'\(path)' is not the path of a serial port",
        wholeNumber(path) == nil
          ? "write the whole path, for example '/dev/ttyUSB0'"
          : "write for example '/dev/ttyUSB0', or add a 'host' for Modbus TCP"
      )
      return nil
    }
    return .serial(
      SerialLine(
        port: path,
        baud: baud,
        parity: parity,
        stopBits: record["stop bits"]?.integer ?? 1,
        direction: record["direction"]?.text
          .flatMap(SerialLine.DirectionControl.init(rawValue:)) ?? .automatic
      )
    )
  }

  /// Whether `text` may be a host name, an IPv4 or an IPv6 address.
  func isHost(_ text: String) -> Bool {
    let colons = text.count { $0 == ":" }
    return colons != 1
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_:%".contains($0)) }
  }

  /// The buses with their devices, in the order of the file.
  func busDefinitions() -> [BusDefinition] {
    buses.map { bus in
      BusDefinition(
        name: bus.name,
        line: bus.line,
        devices: devices.filter { $0.bus == bus.name }.map(\.definition)
      )
    }
  }

  mutating func checkBuses(_ definitions: [BusDefinition]) {
    for (bus, definition) in zip(buses, definitions) {
      let onBus = devices.filter { $0.bus == bus.name }
      if onBus.isEmpty, !problems.hasErrors {
        problems.add(
          .warning,
          file,
          bus.position,
          "no device is on the bus '\(bus.name)'",
          "remove it, or name it in a device"
        )
      }
      checkUnits(onBus, line: bus.line)
      if case .serial(let line) = bus.line { checkSettings(onBus, line: line, bus: bus.name) }
      if !problems.hasErrors { checkLoad(of: definition, at: bus.position) }
    }
  }

  private mutating func checkUnits(_ devices: [Device], line: BusDefinition.Line) {
    var byUnit: [UInt8: Device] = [:]
    for device in devices {
      let unit = device.definition.unit
      let position = device.entry.value["unit"]?.position ?? device.entry.keyPosition
      switch line {
      case .serial where !(1...247).contains(unit):
        error(
          position,
          "unit \(unit) cannot be asked on a serial line",
          "write the device's number, from 1 to 247"
        )
      case .tcp where unit > 247 && unit != 255:
        error(
          position,
          "unit \(unit) cannot be asked over TCP",
          "write a number from 1 to 247, or 255 or 0 for the endpoint itself"
        )
      default: break
      }
      if let other = byUnit[unit], other.definition.profile != device.definition.profile {
        error(
          position,
          "unit \(unit) on '\(device.bus)' is '\(device.definition.profile)' here and "
            + "'\(other.definition.profile)' on line \(other.entry.keyPosition.line)",
          "correct one of the unit numbers or profiles"
        )
      } else {
        byUnit[unit] = device
      }
    }
  }

  private mutating func checkSettings(_ devices: [Device], line: SerialLine, bus: String) {
    let settings = shownSettings(baud: line.baud, parity: line.parity, stopBits: line.stopBits)
    for device in devices {
      guard case .some(.some(let document)) = profiles[device.definition.profile],
        let serial = document.serial
      else { continue }
      let position = device.entry.value["device"]?.position ?? device.entry.keyPosition
      if !serial.bauds.isEmpty, !serial.bauds.contains(line.baud) {
        let known = serial.bauds.map { "\($0)" }.joined(separator: ", ")
        error(
          position,
          "\(document.profile.id) cannot be set to the \(line.baud) baud of '\(bus)'",
          "known are: \(known); put it on another bus, or change the whole bus"
        )
      } else if serial.shown != settings {
        problems.add(
          .note,
          file,
          position,
          "\(document.profile.id) is delivered with \(serial.shown), '\(bus)' runs with \(settings)",
          "make sure that the device is set to \(settings)"
        )
      }
    }
  }

  /// A block must be read before the device replaces it, with the polls in between.
  private mutating func checkTransfers(on bus: BusDefinition) {
    for plan in BusPlan(bus).devices {
      for waveform in plan.waveforms where waveform.isTooSlow {
        guard let device = devices.first(where: { $0.definition.index == plan.index }),
          let holdTime = waveform.block.holdTime
        else { continue }
        error(
          device.entry.keyPosition,
          "a block of '\(waveform.block.name)' takes \(waveform.transferTime.inSeconds.roundedUp) s "
            + "on '\(bus.name)', but the device replaces it every \(holdTime.inSeconds.shown) s",
          "raise the baud rate, read other points less often, or leave the block out with 'only'"
        )
      }
    }
  }

  private mutating func checkLoad(of bus: BusDefinition, at position: Position) {
    guard let load = busLoad?(bus) else { return }
    checkTransfers(on: bus)
    guard load > 0.8 else { return }
    let percent = Int((load * 100).rounded())
    let hasBlocks = bus.devices.contains { !$0.waveforms.isEmpty }
    let mend =
      "read less often ('every'\(hasBlocks ? ", 'block every'" : "")), read fewer points ('only'), "
      + "or raise the baud rate"
    if load > 1 {
      error(position, "the bus '\(bus.name)' would be busy \(percent) % of the time", mend)
    } else {
      problems.add(
        .warning,
        file,
        position,
        "the bus '\(bus.name)' is busy \(percent) % of the time, which leaves little for repeats",
        mend
      )
    }
  }
}

extension Double {
  /// In tenths, rounded up.
  fileprivate var roundedUp: String { ((self * 10).rounded(.up) / 10).shown }
}
