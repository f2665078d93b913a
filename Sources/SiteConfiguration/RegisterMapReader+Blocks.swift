import ConditionModel
import DataAcquisition

// Blocks of samples: whether they can be read by reading alone, and whether all parts of their
// description fit together.
extension RegisterMapReader {
  mutating func block(_ entry: Located.Entry, limits: RequestLimits) -> WaveformBlock? {
    let record = entry.value
    guard let address = record["address"]?.integer, let unit = record["unit"],
      let code = unit.unit?.code, let rate = record["rate"]?.baseValue,
      let samples = record["samples"]?.integer, let sequence = record["sequence"],
      let first = sequence["address"]?.integer
    else { return nil }
    guard unit.unit?.dimension == .acceleration else {
      problems.error(
        file,
        unit.position,
        "'\(entry.key)' is in \(unit.unit?.shown ?? code), but a block of samples is an acceleration",
        "write 'unit: g' or 'unit: m/s²', with the scale of the samples"
      )
      return nil
    }
    let last = first + (sequence["registers"]?.integer ?? 1) - 1
    guard last <= 65_535 else {
      problems.error(
        file,
        sequence.position,
        "the sequence ends beyond address 65535",
        "correct its address"
      )
      return nil
    }
    let word = record["type"]?.text
    let scale = record["scale"]?.number ?? 1
    if scale == 0 {
      problems.error(
        file,
        record["scale"]?.position ?? entry.keyPosition,
        "a scale of 0 makes every sample the same",
        "write the step of one raw unit, for example 'scale: 0.001'"
      )
    }
    let block = WaveformBlock(
      name: entry.key,
      table: record["table"]?.text.flatMap(RegisterTable.init(rawValue:)) ?? .holding,
      address: UInt16(address),
      type: RegisterType.words.first { $0.word == word }?.type ?? .s16,
      wordOrder: record["order"]?.text.flatMap(WordOrder.init(rawValue:)) ?? .abcd,
      scale: scale,
      offset: record["offset"]?.number ?? 0,
      unit: code,
      axis: record["axis"]?.text.flatMap(Axis.init(rawValue:)),
      sampleRateHertz: rate,
      sampleCount: samples,
      sequence: UInt16(first)...UInt16(last),
      ready: ready(record["ready"]),
      paging: paging(record["pages"]),
      holdTime: record["holds"]?.baseValue.map { Duration(inSeconds: $0) },
      measuringRange: range(record.entry("range"))
    )
    check(block, entry, limits)
    return block
  }

  private func ready(_ record: Located?) -> WaveformBlock.ReadyFlag? {
    record?["address"]?.integer.map {
      WaveformBlock.ReadyFlag(
        address: UInt16($0),
        value: UInt16(record?["value"]?.integer ?? 1)
      )
    }
  }

  private func paging(_ record: Located?) -> WaveformBlock.Paging? {
    guard let address = record?["address"]?.integer,
      let registers = record?["registers"]?.integer
    else { return nil }
    return WaveformBlock.Paging(address: UInt16(address), registers: registers)
  }

  private mutating func check(
    _ block: WaveformBlock,
    _ entry: Located.Entry,
    _ limits: RequestLimits
  ) {
    let record = entry.value
    func position(_ key: String) -> Position { record[key]?.position ?? entry.keyPosition }
    let window = block.window
    if window.upperBound > 65_535 {
      problems.error(
        file,
        position("address"),
        "the window of '\(block.name)' takes \(window.count) registers and ends beyond address 65535",
        "correct 'address', 'samples' or 'type', or describe its 'pages'"
      )
    }
    if let paging = block.paging { check(paging, of: block, at: position("pages"), limits) }
    if block.type.registerCount > limits.registers {
      problems.error(
        file,
        entry.keyPosition,
        "a sample takes \(block.type.registerCount) registers, but the device gives at most "
          + "\(limits.registers) in one request",
        "correct 'type', or 'registers' under 'requests'"
      )
    }
    let header = Int(block.header.lowerBound)...Int(block.header.upperBound)
    if header.count > min(limits.registers, 125) {
      problems.error(
        file,
        position("ready"),
        "'ready' and 'sequence' are \(header.count) registers apart, too far for one request",
        "both must be read at once: correct an address, or leave 'ready' out"
      )
    } else if block.ready != nil, !limits.allowsHoles,
      header.count > block.sequence.count + 1
    {
      problems.error(
        file,
        position("ready"),
        "between 'ready' and 'sequence' lie unused addresses, and holes are not allowed",
        "both must be read at once: correct an address, or leave 'ready' out"
      )
    }
    if header.overlaps(window) {
      problems.error(
        file,
        position("sequence"),
        "'sequence' or 'ready' lies inside the window \(window.lowerBound) to \(window.upperBound)",
        "correct one of the addresses"
      )
    }
    for forbidden in limits.forbidden where forbidden.table == block.table {
      let range = Int(forbidden.addresses.lowerBound)...Int(forbidden.addresses.upperBound)
      guard range.overlaps(window) || range.overlaps(header) else { continue }
      problems.error(
        file,
        entry.keyPosition,
        "'\(block.name)' needs addresses of the forbidden range \(range.lowerBound) to "
          + "\(range.upperBound)",
        "correct the address or the range"
      )
    }
    if let holdTime = block.holdTime, holdTime < block.duration {
      problems.error(
        file,
        position("holds"),
        "a block of \(block.duration.inSeconds.shown) s cannot be replaced every "
          + "\(holdTime.inSeconds.shown) s",
        "correct 'holds', 'samples' or 'rate'"
      )
    }
    if block.axis == nil {
      problems.add(
        .warning,
        file,
        entry.keyPosition,
        "'\(block.name)' has no axis",
        "add 'axis: x', 'y' or 'z', as the sensor names it"
      )
    }
  }

  private mutating func check(
    _ paging: WaveformBlock.Paging,
    of block: WaveformBlock,
    at position: Position,
    _ limits: RequestLimits
  ) {
    let isNext =
      Int(paging.address) == block.window.lowerBound - 1
      || Int(paging.address) == block.window.upperBound + 1
    if !isNext {
      problems.error(
        file,
        position,
        "the page register \(paging.address) is not next to the window "
          + "\(block.window.lowerBound) to \(block.window.upperBound)",
        "number and page must be read at once, or they may not belong together: correct an address; "
          + "a device that must be told which page to show needs a write and has no 'blocks'"
      )
    } else if paging.registers + 1 > min(limits.registers, 125) {
      problems.error(
        file,
        position,
        "a page and its number take \(paging.registers + 1) registers, but the device gives at most "
          + "\(min(limits.registers, 125)) in one request",
        "correct 'registers' here or under 'requests'"
      )
    }
    if !paging.registers.isMultiple(of: block.type.registerCount) {
      problems.error(
        file,
        position,
        "a page of \(paging.registers) registers ends in the middle of a sample",
        "correct 'registers' or 'type'"
      )
    }
  }

  /// A block, a point and whatever is made of a block need names of their own.
  mutating func reportNameClashes(
    _ blocks: [(block: WaveformBlock, position: Position)],
    with points: [PointDefinition]
  ) {
    var taken = points.map { $0.name.lowercased() }
    for (block, position) in blocks {
      let names =
        [block.name] + Quantity.allCases.filter(\.isMadeOfWaveforms).map(block.featureName)
      if let name = names.first(where: { taken.contains($0.lowercased()) }) {
        problems.error(
          file,
          position,
          name == block.name
            ? "'\(name)' is the name of a point too"
            : "'\(name)', which is made of '\(block.name)', is the name of a point or block too",
          "each value has one name: leave the other out, or give the block another axis"
        )
      }
      taken += names.map { $0.lowercased() }
    }
  }
}

extension Quantity {
  /// Whether a block of samples can give it.
  var isMadeOfWaveforms: Bool {
    switch self {
    case .velocityRMS, .accelerationRMS, .accelerationPeak, .highFrequencyAccelerationRMS,
      .crestFactor, .kurtosis:
      true
    default: isWaveformFeature
    }
  }
}

extension WaveformBlock {
  /// What a value that is made of the block is called: `velocity rms z`, as sensors name it that
  /// work it out themselves.
  func featureName(_ quantity: Quantity) -> String {
    axis.map { "\(quantity.rawValue) \($0.rawValue)" } ?? quantity.rawValue
  }
}
