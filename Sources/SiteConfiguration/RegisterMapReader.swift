import ConditionModel
import DataAcquisition

/// Turns the part of a file that describes a register map into values, and checks that they fit.
struct RegisterMapReader {
  let file: String
  var problems: ProblemList

  mutating func map(_ record: Located, id: String) -> DeviceProfile {
    let limits = requestLimits(record["requests"])
    let defaults = record["defaults"]
    var points: [(point: PointDefinition, position: Position)] = []
    for entry in record["points"]?.entries ?? [] {
      if let point = point(entry, defaults: defaults) {
        points.append((point, entry.keyPosition))
        check(point, at: entry.keyPosition, against: limits)
      }
    }
    reportOverlaps(points)
    var blocks: [(block: WaveformBlock, position: Position)] = []
    for entry in record["blocks"]?.entries ?? [] {
      if let block = block(entry, limits: limits) { blocks.append((block, entry.keyPosition)) }
    }
    reportNameClashes(blocks, with: points.map(\.point))
    return DeviceProfile(
      id: id,
      timing: timing(record["timing"]),
      requestLimits: limits,
      points: points.map(\.point),
      blocks: blocks.map(\.block)
    )
  }

  // MARK: - Reading

  private func timing(_ record: Located?) -> DeviceTiming {
    let standard = DeviceTiming()
    func duration(_ key: String) -> Duration? {
      record?[key]?.baseValue.map { Duration(inSeconds: $0) }
    }
    return DeviceTiming(
      responseTimeout: duration("response") ?? standard.responseTimeout,
      guardTime: duration("guard") ?? standard.guardTime,
      settleTime: duration("settle") ?? standard.settleTime,
      minimumPeriod: duration("period") ?? standard.minimumPeriod
    )
  }

  private mutating func requestLimits(_ record: Located?) -> RequestLimits {
    var ranges: [(range: RequestLimits.ForbiddenRange, position: Position)] = []
    for item in record?["forbidden"]?.list ?? [] {
      guard let table = item["table"]?.text.flatMap(RegisterTable.init(rawValue:)),
        let from = item["from"]?.integer, let to = item["to"]?.integer
      else { continue }
      guard from <= to else {
        problems.error(file, item.position, "'from' comes after 'to'", "swap \(from) and \(to)")
        continue
      }
      ranges.append((.init(table: table, addresses: UInt16(from)...UInt16(to)), item.position))
    }
    ranges.sort { ($0.range.order, $0.position) < ($1.range.order, $1.position) }
    for (one, next) in zip(ranges, ranges.dropFirst())
    where one.range.table == next.range.table
      && next.range.addresses.lowerBound <= one.range.addresses.upperBound
    {
      problems.error(
        file,
        next.position,
        "this forbidden range overlaps that on line \(one.position.line)",
        "join the two"
      )
    }
    let standard = RequestLimits()
    return RequestLimits(
      registers: record?["registers"]?.integer ?? standard.registers,
      bits: record?["bits"]?.integer ?? standard.bits,
      allowsHoles: record?["holes"]?.flag ?? standard.allowsHoles,
      forbidden: ranges.map(\.range)
    )
  }

  private mutating func point(
    _ entry: Located.Entry,
    defaults: Located?
  ) -> PointDefinition? {
    let record = entry.value
    func word(_ key: String) -> String? { record[key]?.text ?? defaults?[key]?.text }
    guard let address = record["address"]?.integer,
      let quantity = record["quantity"]?.text.flatMap(Quantity.init(rawValue:))
    else { return nil }
    let table = word("table").flatMap(RegisterTable.init(rawValue:)) ?? .holding
    let unit = record["unit"]?.unit?.code ?? "1"
    let type = type(word("type"), table: table, record, at: entry.keyPosition)
    let scaling = scaling(record, at: entry.keyPosition)
    return PointDefinition(
      name: entry.key,
      table: table,
      address: UInt16(address),
      printedAddress: record["printed"]?.text,
      type: type,
      wordOrder: word("order").flatMap(WordOrder.init(rawValue:)) ?? .abcd,
      bitField: bitField(record["bits"], of: type),
      scaling: scaling,
      unit: unit,
      quantity: quantity,
      axis: record["axis"]?.text.flatMap(Axis.init(rawValue:)),
      role: record["role"]?.text.flatMap(PointDefinition.Role.init(rawValue:)) ?? .measure,
      invalidCodes: invalidCodes(record["invalid"]),
      validRange: range(record.entry("valid")),
      measuringRange: range(record.entry("range")),
      meanings: (record["meanings"]?.entries ?? [])
        .compactMap { meaning in
          guard let value = wholeNumber(meaning.key), let word = meaning.value.text else {
            return nil
          }
          return .init(value: Int64(value), word: word)
        }
        .sorted { $0.value < $1.value }
    )
  }

  private mutating func type(
    _ word: String?,
    table: RegisterTable,
    _ record: Located,
    at position: Position
  ) -> RegisterType {
    if table.holdsBits {
      if let own = record["type"], own.text != "bit" {
        problems.error(
          file,
          own.position,
          "a point in the table '\(table.rawValue)' is one bit, not '\(own.text ?? "")'",
          "remove the type, or name the table 'holding' or 'input'"
        )
      }
      return .bit
    }
    let length = record.entry("registers")
    if word == "text" {
      if length == nil {
        problems.error(
          file,
          position,
          "a text needs a length",
          "add 'registers: 4' for eight characters"
        )
      }
      return .text(registers: length?.value.integer ?? 1)
    }
    if let length {
      problems.error(
        file,
        length.keyPosition,
        "'registers' is only for the type 'text'",
        "remove it; the type '\(word ?? "u16")' says how wide the point is"
      )
    }
    let type = RegisterType.words.first { $0.word == word }?.type ?? .u16
    if type == .bit {
      problems.error(
        file,
        record["type"]?.position ?? position,
        "the type 'bit' is for the tables 'coil' and 'discrete'",
        "name one of them, or write 'type: u16' with 'bits: { from: 0 }'"
      )
    }
    return type
  }

  private mutating func bitField(_ record: Located?, of type: RegisterType) -> BitField? {
    guard let record, let lowest = record["from"]?.integer else { return nil }
    let count = record["count"]?.integer ?? 1
    guard let width = type.integerBits else {
      problems.error(
        file,
        record.position,
        "'bits' needs a whole number, not this type",
        "remove 'bits', or write a type such as 'u16'"
      )
      return nil
    }
    guard lowest + count <= width else {
      problems.error(
        file,
        record.position,
        "the bits \(lowest) to \(lowest + count - 1) lie outside the \(width) bits of the type",
        "count bits from 0, the lowest"
      )
      return nil
    }
    return BitField(lowest: lowest, count: count)
  }

  private mutating func scaling(_ record: Located, at position: Position) -> Scaling {
    let ways = ["scale", "offset", "two point", "exponent register"].compactMap {
      record.entry($0)
    }
    let isLinear = ways.allSatisfy { $0.key == "scale" || $0.key == "offset" }
    if ways.count > 1, !isLinear {
      problems.error(
        file,
        ways[1].keyPosition,
        "'\(ways[0].key)' and '\(ways[1].key)' are two ways of scaling",
        "keep one: 'scale' with 'offset', 'two point', or 'exponent register'"
      )
    }
    if let pairs = record["two point"] {
      let raw = pairs["raw"]?.list?.compactMap(\.number) ?? []
      let value = pairs["value"]?.list?.compactMap(\.number) ?? []
      guard raw.count == 2, value.count == 2 else { return .linear(scale: 1, offset: 0) }
      if raw[0] == raw[1] {
        problems.error(file, pairs.position, "the two raw numbers are the same", "give two points")
      }
      return .twoPoint(rawLow: raw[0], rawHigh: raw[1], low: value[0], high: value[1])
    }
    if let address = record["exponent register"]?.integer {
      return .exponentRegister(address: UInt16(address))
    }
    let scale = record["scale"]?.number ?? 1
    if scale == 0 {
      problems.error(
        file,
        record["scale"]?.position ?? position,
        "a scale of 0 makes every value the same",
        "write the step of one raw unit, for example 'scale: 0.1'"
      )
    }
    return .linear(scale: scale, offset: record["offset"]?.number ?? 0)
  }

  private func invalidCodes(_ record: Located?) -> [InvalidCode] {
    let equal = (record?["equals"]?.list ?? []).compactMap(\.number).map(InvalidCode.equals)
    let above = record?["above"]?.number.map(InvalidCode.above)
    let below = record?["below"]?.number.map(InvalidCode.below)
    return equal + [above, below].compactMap { $0 }
  }

  mutating func range(_ entry: Located.Entry?) -> ClosedRange<Double>? {
    guard let entry, let ends = entry.value.list?.compactMap(\.number), ends.count == 2 else {
      return nil
    }
    guard ends[0] < ends[1] else {
      problems.error(
        file,
        entry.value.position,
        "'\(entry.key)' runs from \(ends[0].shown) to \(ends[1].shown)",
        "write the lower end first"
      )
      return nil
    }
    return ends[0]...ends[1]
  }
}

extension RequestLimits.ForbiddenRange {
  /// By table, then by address.
  fileprivate var order: Int {
    let table = RegisterTable.allCases.firstIndex(of: table) ?? 0
    return table * 65_536 + Int(addresses.lowerBound)
  }
}

extension RegisterType {
  /// How many bits the raw number has; `nil` for what is no whole number.
  fileprivate var integerBits: Int? {
    switch self {
    case .u8Low, .u8High: 8
    case .u16, .s16: 16
    case .u32, .s32: 32
    case .u64, .s64: 64
    case .bit, .f32, .f64, .text: nil
    }
  }
}
