package import ConditionModel

/// What a model of device offers and how to ask for it: its register map, as data.
///
/// One file `firmware-configs/<maker>/<model>.yaml` holds one profile. Bus, unit number, machine and
/// limits are not here but in the site file.
package struct DeviceProfile: Hashable, Sendable, Codable {
  /// `maker/model`, as the site file names it: `banner/qm30vt2`.
  package var id: String
  package var timing: DeviceTiming
  package var requestLimits: RequestLimits
  /// Every point of the map, in the file's order.
  package var points: [PointDefinition]
  /// Every block of samples of the map, in the file's order.
  package var blocks: [WaveformBlock]

  package init(
    id: String,
    timing: DeviceTiming,
    requestLimits: RequestLimits,
    points: [PointDefinition],
    blocks: [WaveformBlock] = []
  ) {
    self.id = id
    self.timing = timing
    self.requestLimits = requestLimits
    self.points = points
    self.blocks = blocks
  }
}

/// How long a device takes and how much rest it needs.
package struct DeviceTiming: Hashable, Sendable, Codable {
  /// How long to wait for the first byte of an answer.
  package var responseTimeout: Duration
  /// Silence that the device needs on the bus before each request, beyond t3.5.
  package var guardTime: Duration
  /// Rest after a connection is made, before the first request.
  package var settleTime: Duration
  /// The shortest time between two reads of the same register that makes sense.
  package var minimumPeriod: Duration

  package init(
    responseTimeout: Duration = .milliseconds(500),
    guardTime: Duration = .zero,
    settleTime: Duration = .zero,
    minimumPeriod: Duration = .zero
  ) {
    self.responseTimeout = responseTimeout
    self.guardTime = guardTime
    self.settleTime = settleTime
    self.minimumPeriod = minimumPeriod
  }
}

/// What a device accepts in one request.
package struct RequestLimits: Hashable, Sendable, Codable {
  /// At most this many registers in one request; 125 by the standard.
  package var registers: Int
  /// At most this many bits in one request; 2000 by the standard.
  package var bits: Int
  /// Whether a block may cover addresses that no point uses.
  package var allowsHoles: Bool
  /// Addresses that must not be read, ordered and disjoint.
  package var forbidden: [ForbiddenRange]

  package init(
    registers: Int = 125,
    bits: Int = 2000,
    allowsHoles: Bool = true,
    forbidden: [ForbiddenRange] = []
  ) {
    self.registers = registers
    self.bits = bits
    self.allowsHoles = allowsHoles
    self.forbidden = forbidden
  }

  package struct ForbiddenRange: Hashable, Sendable, Codable {
    package var table: RegisterTable
    package var addresses: ClosedRange<UInt16>

    package init(table: RegisterTable, addresses: ClosedRange<UInt16>) {
      self.table = table
      self.addresses = addresses
    }
  }
}

/// The four tables of the Modbus data model, each with the function code that reads it.
///
/// Vigie knows no function that writes.
package enum RegisterTable: String, Hashable, Sendable, Codable, CaseIterable {
  case coil
  case discrete
  case holding
  case input

  /// The function code (Modbus Application Protocol V1.1b3, section 6).
  package var functionCode: UInt8 {
    switch self {
    case .coil: 1
    case .discrete: 2
    case .holding: 3
    case .input: 4
    }
  }

  /// Whether one address holds one bit rather than 16.
  package var holdsBits: Bool { self == .coil || self == .discrete }
}

/// One value of a device: where it is and what its bits mean.
package struct PointDefinition: Hashable, Sendable, Codable {
  /// Unique in its profile: `velocity rms z`.
  package var name: String
  package var table: RegisterTable
  /// The address on the wire, from 0.
  package var address: UInt16
  /// The number in the maker's document, as printed there: `45201`.
  package var printedAddress: String?
  package var type: RegisterType
  package var wordOrder: WordOrder
  /// The bits of the raw value that count, shifted down to bit 0; `nil` for all.
  package var bitField: BitField?
  package var scaling: Scaling
  /// UCUM code: `mm/s`, `Cel`, `bar`, `1`.
  package var unit: String
  package var quantity: Quantity
  package var axis: Axis?
  package var role: Role
  /// Raw values (before scaling) that mean "no valid reading".
  package var invalidCodes: [InvalidCode]
  /// The range, in the point's unit, in which the maker calls the value valid.
  package var validRange: ClosedRange<Double>?
  /// The range, in the point's unit, at whose ends the sensor clips.
  package var measuringRange: ClosedRange<Double>?
  /// Words for the values of a status point, ordered by value.
  package var meanings: [Meaning]

  package init(
    name: String,
    table: RegisterTable,
    address: UInt16,
    printedAddress: String? = nil,
    type: RegisterType,
    wordOrder: WordOrder = .abcd,
    bitField: BitField? = nil,
    scaling: Scaling = .linear(scale: 1, offset: 0),
    unit: String,
    quantity: Quantity,
    axis: Axis? = nil,
    role: Role = .measure,
    invalidCodes: [InvalidCode] = [],
    validRange: ClosedRange<Double>? = nil,
    measuringRange: ClosedRange<Double>? = nil,
    meanings: [Meaning] = []
  ) {
    self.name = name
    self.table = table
    self.address = address
    self.printedAddress = printedAddress
    self.type = type
    self.wordOrder = wordOrder
    self.bitField = bitField
    self.scaling = scaling
    self.unit = unit
    self.quantity = quantity
    self.axis = axis
    self.role = role
    self.invalidCodes = invalidCodes
    self.validRange = validRange
    self.measuringRange = measuringRange
    self.meanings = meanings
  }

  /// How many registers (or bits, in a table of bits) the point takes up.
  package var width: Int { table.holdsBits ? 1 : type.registerCount }

  package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
    case measure
    case status
    case counter
    case identity
    case setting
  }

  package struct Meaning: Hashable, Sendable, Codable {
    package var value: Int64
    package var word: String

    package init(value: Int64, word: String) {
      self.value = value
      self.word = word
    }
  }
}

/// How the bits of one or more registers form a number.
package enum RegisterType: Hashable, Sendable, Codable {
  /// One bit of a coil or discrete input.
  case bit
  /// The low byte of a register, unsigned.
  case u8Low
  /// The high byte of a register, unsigned.
  case u8High
  case u16
  case s16
  case u32
  case s32
  case u64
  case s64
  case f32
  case f64
  /// ASCII text, two characters per register; it identifies a device and never becomes a sample.
  case text(registers: Int)

  package var registerCount: Int {
    switch self {
    case .bit, .u8Low, .u8High, .u16, .s16: 1
    case .u32, .s32, .f32: 2
    case .u64, .s64, .f64: 4
    case .text(let registers): registers
    }
  }
}

/// The order in which a device sends the bytes of a value, high byte A first.
///
/// For values of four registers the same rule holds throughout: words reversed or not, bytes in
/// each word swapped or not.
package enum WordOrder: String, Hashable, Sendable, Codable, CaseIterable {
  /// High word first, high byte first.
  case abcd = "ABCD"
  /// Low word first, high byte first.
  case cdab = "CDAB"
  /// High word first, low byte first.
  case badc = "BADC"
  /// Low word first, low byte first.
  case dcba = "DCBA"
}

/// Consecutive bits of a raw integer.
package struct BitField: Hashable, Sendable, Codable {
  package var lowest: Int
  package var count: Int

  package init(lowest: Int, count: Int) {
    self.lowest = lowest
    self.count = count
  }
}

/// How a raw number becomes a value in the point's unit.
package enum Scaling: Hashable, Sendable, Codable {
  /// `raw · scale + offset`.
  case linear(scale: Double, offset: Double)
  /// The line through two pairs of raw number and value, as for 4–20 mA inputs.
  case twoPoint(rawLow: Double, rawHigh: Double, low: Double, high: Double)
  /// `raw · 10^n`, with the signed 16-bit `n` in another register of the same table (SunSpec).
  case exponentRegister(address: UInt16)
}

/// A raw number that means "no valid reading".
package enum InvalidCode: Hashable, Sendable, Codable {
  case equals(Double)
  case above(Double)
  case below(Double)
}
