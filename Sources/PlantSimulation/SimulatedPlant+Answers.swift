import ConditionModel
import DataAcquisition

/// What a unit does with a request.
package enum UnitAnswer: Hashable, Sendable {
  /// It answers with this protocol data unit (function code first) after `delay`; the line damages
  /// the answer if the scenario wants it so.
  case answer([UInt8], after: Duration, isOnNoisyLine: Bool)
  /// It is there but says nothing.
  case silence
  /// Nothing on this bus has the unit number.
  case noSuchUnit
}

/// Modbus exceptions (Modbus Application Protocol V1.1b3, section 7).
enum ModbusException: UInt8 {
  case illegalFunction = 1
  case illegalAddress = 2
  case illegalValue = 3
  case targetSilent = 11
}

extension SimulatedPlant {
  /// Answers one request as the unit would, from the plant's present state.
  ///
  /// Addresses between two points of a device read as 0 where its profile allows holes; beyond its
  /// first and last point, and inside forbidden ranges, it has no addresses.
  ///
  /// - Parameters:
  ///   - request: The protocol data unit, function code first.
  ///   - unit: The unit number that is asked.
  ///   - bus: The place of the bus in `buses`.
  /// - Returns: What comes back, and when.
  package func answer(_ request: [UInt8], unit: UInt8, bus: Int) -> UnitAnswer {
    let devices = buses[bus].devices.filter { $0.unit == unit }
    guard !devices.isEmpty else { return .noSuchUnit }
    guard !devices.contains(where: isSilent), let function = request.first else { return .silence }
    return .answer(
      response(to: request, function: function, of: devices),
      after: devices.map(delay).max() ?? .zero,
      isOnNoisyLine: devices.contains(where: isDamaged)
    )
  }

  private func response(
    to request: [UInt8],
    function: UInt8,
    of devices: [DeviceDefinition]
  ) -> [UInt8] {
    func refusal(_ exception: ModbusException) -> [UInt8] { [function | 0x80, exception.rawValue] }

    guard let table = RegisterTable.allCases.first(where: { $0.functionCode == function }) else {
      return refusal(.illegalFunction)
    }
    guard request.count == 5 else { return refusal(.illegalValue) }
    let first = Int(request[1]) << 8 | Int(request[2])
    let count = Int(request[3]) << 8 | Int(request[4])
    let limit =
      devices.map { table.holdsBits ? $0.requestLimits.bits : $0.requestLimits.registers }.min()
    guard (1...(limit ?? 1)).contains(count) else { return refusal(.illegalValue) }
    guard let words = words(of: table, from: first, count: count, on: devices) else {
      return refusal(.illegalAddress)
    }

    if table.holdsBits {
      var bytes = [UInt8](repeating: 0, count: (count + 7) / 8)
      for (index, bit) in words.enumerated() where bit != 0 {
        bytes[index / 8] |= 1 << UInt8(index % 8)
      }
      return [function, UInt8(bytes.count)] + bytes
    }
    return [function, UInt8(2 * count)] + words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
  }

  /// The content of `count` addresses; `nil` where the unit refuses one of them.
  private func words(
    of table: RegisterTable,
    from first: Int,
    count: Int,
    on devices: [DeviceDefinition]
  ) -> [UInt16]? {
    let asked = first..<(first + count)
    var words = [UInt16](repeating: 0, count: count)
    var isKnown = [Bool](repeating: false, count: count)
    var lowest = Int.max
    var highest = Int.min

    func write(_ word: UInt16, mask: UInt16, at address: Int) {
      lowest = min(lowest, address)
      highest = max(highest, address)
      guard asked.contains(address) else { return }
      words[address - first] = (words[address - first] & ~mask) | (word & mask)
      isKnown[address - first] = true
    }

    for device in devices {
      let exponents = exponents(of: device)
      for (channel, point) in zip(device.channels, device.points) where point.table == table {
        let place = Int(point.address)..<(Int(point.address) + point.width)
        if place.overlaps(asked), isUnreadable(channel) { return nil }
        let reading = value(of: channel).map(RegisterEncoder.Reading.value) ?? .invalid
        let encoded = RegisterEncoder.words(
          for: reading,
          of: point,
          exponent: exponents.value(for: point)
        )
        for (offset, address) in place.enumerated() {
          write(encoded.values[offset], mask: encoded.masks[offset], at: address)
        }
      }
      for source in blocks where source.device == device.index && source.block.table == table {
        let page = page(of: source.block)
        for address in asked {
          if let word = source.word(at: address, page: page) {
            write(word, mask: 0xFFFF, at: address)
          }
        }
        lowest = min(lowest, source.block.window.lowerBound, Int(source.block.header.lowerBound))
        highest = max(highest, source.block.window.upperBound, Int(source.block.header.upperBound))
      }
      for entry in exponents.entries where entry.table == table {
        let word = UInt16(bitPattern: Int16(entry.exponent))
        write(word, mask: 0xFFFF, at: Int(entry.address))
      }
    }

    let allowsHoles = devices.allSatisfy(\.requestLimits.allowsHoles)
    for (offset, address) in asked.enumerated() where !isKnown[offset] {
      guard allowsHoles, address > lowest, address < highest else { return nil }
    }
    for range in devices.flatMap(\.requestLimits.forbidden) where range.table == table {
      let refused = Int(range.addresses.lowerBound)...Int(range.addresses.upperBound)
      if asked.contains(where: refused.contains) { return nil }
    }
    return words
  }
}

// MARK: - Exponent registers

/// What the exponent registers of a device hold now.
struct ExponentRegisters: Hashable, Sendable {
  private(set) var entries: [Entry] = []

  struct Entry: Hashable, Sendable {
    var table: RegisterTable
    var address: UInt16
    var exponent: Int
  }

  /// The exponent of a point, 0 where it has none.
  func value(for point: PointDefinition) -> Int {
    guard case .exponentRegister(let address) = point.scaling else { return 0 }
    let entry = entries.first { $0.table == point.table && $0.address == address }
    return entry?.exponent ?? 0
  }

  /// Makes the register hold at least `exponent`: points that share it all have to fit.
  mutating func raise(_ table: RegisterTable, _ address: UInt16, to exponent: Int) {
    for index in entries.indices
    where entries[index].table == table && entries[index].address == address {
      entries[index].exponent = max(entries[index].exponent, exponent)
      return
    }
    entries.append(Entry(table: table, address: address, exponent: exponent))
  }
}

extension SimulatedPlant {
  func exponents(of device: DeviceDefinition) -> ExponentRegisters {
    var registers = ExponentRegisters()
    for (channel, point) in zip(device.channels, device.points) {
      guard case .exponentRegister(let address) = point.scaling else { continue }
      let exponent = RegisterEncoder.exponent(for: value(of: channel) ?? 0, of: point)
      registers.raise(point.table, address, to: exponent)
    }
    return registers
  }
}
