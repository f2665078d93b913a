import ConditionModel
import DataAcquisition
import DataManipulation

// Blocks of samples: which are read, what is made of them, and what is known of the shaft, the bearing
// and the wheels beside the sensor.
extension SiteReader {
  /// A device whose blocks are read, with what the site file says about it.
  struct Blocks {
    var entry: Located.Entry
    var asset: AssetID
    var polls: [WaveformPoll]
    var bearing: (name: String?, geometry: BearingGeometry)?
  }

  /// The blocks of a device that are read, entered as sources with their channels.
  mutating func readBlocks(
    of profile: DeviceProfile,
    _ entry: Located.Entry,
    on asset: Asset,
    device: UInt16
  ) -> [WaveformPoll] {
    let record = entry.value
    let chosen = record["only"]?.list?.compactMap(\.text)
    let blocks = profile.blocks.filter { chosen?.contains($0.name) ?? true }
    guard !blocks.isEmpty else {
      // A block with a problem of its own is missing here only for that.
      for key in Shape.waveformFields.compactMap({ record.entry($0.key) })
      where !problems.hasErrors {
        problems.add(
          .warning,
          file,
          key.keyPosition,
          "'\(key.key)' is for blocks of samples, and none of \(profile.id) is read here",
          profile.blocks.isEmpty
            ? "remove it, or measure here with a device that has 'blocks'"
            : "remove it, or name the block in 'only'"
        )
      }
      return []
    }
    let bearing = record["bearing"].flatMap { self.bearing($0) }
    let period = record["block every"]?.baseValue.map { Duration(inSeconds: $0) } ?? .seconds(600)
    var polls: [WaveformPoll] = []
    for block in blocks where waveforms.count < Int(UInt16.max) {
      let id = WaveformID(index: UInt16(waveforms.count))
      waveforms.append(
        WaveformSource(
          id: id,
          asset: asset.id,
          location: entry.key,
          name: block.name,
          unit: block.unit,
          axis: block.axis,
          device: device,
          bearing: bearing?.name
        )
      )
      polls.append(WaveformPoll(source: id, block: block, period: period))
      checkLength(of: block, record, at: entry.keyPosition)
    }
    blocksOfDevices.append(
      Blocks(entry: entry, asset: asset.id, polls: polls, bearing: bearing)
    )
    for poll in polls { addFeatures(of: poll, entry, on: asset, device: device) }
    return polls
  }

  /// Two blocks of a device that are far longer than the time between them cannot all be read.
  private mutating func checkLength(
    of block: WaveformBlock,
    _ record: Located,
    at position: Position
  ) {
    guard let every = record["block every"], let seconds = every.baseValue,
      seconds < block.duration.inSeconds
    else { return }
    error(
      every.position,
      "a block of '\(block.name)' lasts \(block.duration.inSeconds.shown) s",
      "write 'block every: \(block.duration.inSeconds.rounded(.up).shown) s' or longer"
    )
  }

  private mutating func addFeatures(
    of poll: WaveformPoll,
    _ entry: Located.Entry,
    on asset: Asset,
    device: UInt16
  ) {
    let record = entry.value
    let quantities = WaveformRule.quantities(
      sampleRateHertz: poll.block.sampleRateHertz,
      hasShaft: true,
      hasBearing: record["bearing"] != nil,
      hasTeeth: record["teeth"] != nil,
      hasBlades: record["blades"] != nil
    )
    for quantity in quantities where channels.count <= Int(UInt16.max) {
      channels.append(
        Channel(
          id: ChannelID(index: UInt16(truncatingIfNeeded: channels.count)),
          asset: asset.id,
          location: entry.key,
          point: poll.block.featureName(quantity),
          unit: quantity.waveformUnit,
          quantity: quantity,
          axis: poll.block.axis,
          device: device
        )
      )
      // However often one looks, there is no block before the device has taken one.
      let period = max(poll.period, poll.block.holdTime ?? .zero)
      sources.append(
        ChannelSource(
          quantity,
          madeOf: poll.source,
          period: period,
          sampleRateHertz: poll.block.sampleRateHertz
        )
      )
    }
  }

  private mutating func beltOrder(_ value: Located?) -> Double? {
    guard let value, let order = value.number else { return nil }
    guard (0.01..<2).contains(order) else {
      error(
        value.position,
        "a belt turns 0.01 to 2 times per turn of the shaft, not \(order.shown) times",
        "write π × pulley diameter / belt length, for example 'belt: 0.35'"
      )
      return nil
    }
    return order
  }

  /// Names the values that will never come, because blocks like these cannot show them.
  private mutating func checkLines(
    of rule: WaveformRule,
    _ block: WaveformBlock,
    at entry: Located.Entry
  ) {
    guard case .fixed(let shaftHertz) = rule.shaft else { return }
    for id in rule.features {
      let channel = channels[Int(id.index)]
      guard let obstacle = rule.obstacle(to: channel.quantity, shaftHertz: shaftHertz) else {
        continue
      }
      let rpm = (shaftHertz * 60).rounded().shown
      switch obstacle {
      case .beyondSpectrum(let line, let limit):
        note(
          .warning,
          entry,
          "'\(channel.point)' will have no value: at \(rpm) rpm its line lies at "
            + "\(line.rounded().shown) Hz, and a block of '\(block.name)' shows "
            + "\(limit.rounded().shown) Hz at most",
          "measure here at a higher rate, or correct the speed, 'teeth' or 'blades'"
        )
      case .fewTurns(let seconds):
        note(
          .warning,
          entry,
          "'\(channel.point)' will have no value: at \(rpm) rpm it takes a block of "
            + "\(((seconds * 100).rounded(.up) / 100).shown) s, and one of '\(block.name)' lasts "
            + "\(block.duration.inSeconds.shown) s",
          "measure here with longer blocks, or correct the speed"
        )
      }
    }
  }

  /// Names the defects of the bearing that will not be looked for in blocks like these.
  private mutating func checkBearing(
    of rule: WaveformRule,
    _ block: WaveformBlock,
    at entry: Located.Entry
  ) {
    guard let bearing = rule.bearing else { return }
    var shaftHertz: Double?
    if case .fixed(let hertz) = rule.shaft { shaftHertz = hertz }
    let unseen = UnseenFaults(
      of: bearing,
      shaftHertz: shaftHertz,
      sampleRateHertz: block.sampleRateHertz
    )
    guard let unseen, let rate = unseen.requiredRateHertz else { return }
    let names: [VibrationFault: String] = [
      .inner: "inner race", .outer: "outer race", .ball: "rolling element", .cage: "cage",
    ]
    note(
      .warning,
      entry,
      "defects of the bearing will not be looked for in '\(block.name)': "
        + unseen.faults.compactMap { names[$0] }.joined(separator: ", "),
      "measure here at \(rate.shown) samples per second or more"
    )
  }

  /// What is made of the blocks of every source.
  mutating func waveformRules() -> [WaveformRule] {
    var rules: [WaveformRule] = []
    for blocks in blocksOfDevices {
      let record = blocks.entry.value
      let shaft = shaftRule(blocks)
      for poll in blocks.polls {
        let features = channels.indices.filter { sources[$0].waveform == poll.source }
        let rule = WaveformRule(
          source: poll.source,
          asset: blocks.asset,
          sampleRateHertz: poll.block.sampleRateHertz,
          sampleCount: poll.block.sampleCount,
          unitSize: Unit.code(poll.block.unit)?.factor ?? 1,
          shaft: shaft,
          bearing: blocks.bearing?.geometry.orders,
          teeth: record["teeth"]?.integer,
          blades: record["blades"]?.integer,
          beltOrder: beltOrder(record["belt"]),
          mainsHertz: record["mains"]?.baseValue,
          features: features.map { channels[$0].id }
        )
        checkLines(of: rule, poll.block, at: blocks.entry)
        checkBearing(of: rule, poll.block, at: blocks.entry)
        rules.append(rule)
      }
    }
    return rules
  }

  private mutating func shaftRule(_ blocks: Blocks) -> ShaftRule? {
    let record = blocks.entry.value
    let asset = assets[Int(blocks.asset.index)]
    if let ratio = record.entry("speed ratio"), record["speed channel"] == nil {
      error(ratio.keyPosition, "'speed ratio' needs 'speed channel' beside it", "remove it")
    }
    guard let entry = record.entry("speed channel"), let name = entry.value.text else {
      let own = record["speed"]?.baseValue ?? asset.ratedSpeedRPM
      if own == nil, record["bearing"] != nil || record["teeth"] != nil || record["blades"] != nil {
        problems.add(
          .warning,
          file,
          blocks.entry.keyPosition,
          "nothing tells the speed of the shaft at '\(blocks.entry.key)', so it is looked for in "
            + "every block, which fails on a quiet machine",
          "add 'speed: 1480 rpm' or 'speed channel: …' here, or 'speed' to the machine"
        )
      }
      return own.map { .fixed(hertz: $0 / 60) }
    }
    if let speed = record.entry("speed") {
      error(
        speed.keyPosition,
        "'speed' and 'speed channel' both tell the speed of the shaft",
        "keep 'speed channel' where the speed varies, else 'speed'"
      )
    }
    guard let channel = channel(named: name, of: asset.name) else {
      reportUnknownChannel(name, of: asset.name, at: entry.value.position)
      return nil
    }
    let ratio = record["speed ratio"]?.number ?? 1
    guard ratio > 0 else {
      error(
        record["speed ratio"]?.position ?? entry.keyPosition,
        "a speed ratio is above 0",
        "write turns here per turn there, for example 'speed ratio: 0.4'"
      )
      return nil
    }
    guard let unit = Unit.code(channel.unit),
      unit.dimension == .rotationSpeed || unit.dimension == .frequency
    else {
      error(
        entry.value.position,
        "'\(name)' is in \(Unit.code(channel.unit)?.shown ?? channel.unit), which is no speed",
        "name a point in rpm or Hz"
      )
      return nil
    }
    let hertz = unit.dimension == .frequency ? unit.factor : unit.factor / 60
    return .channel(channel.id, hertzPerUnit: hertz * ratio)
  }

  // MARK: - Bearings

  private mutating func bearing(
    _ value: Located
  ) -> (name: String?, geometry: BearingGeometry)? {
    guard let elements = value["balls"]?.integer,
      let element = value["ball diameter"]?.baseValue,
      let pitch = value["pitch diameter"]?.baseValue
    else { return value.text.flatMap { knownBearing($0, at: value.position) } }
    let angle = value["angle"]?.baseValue ?? 0
    // In millimetres, as the messages show them.
    let geometry = BearingGeometry(
      elementCount: elements,
      elementDiameter: element / 1_000,
      pitchDiameter: pitch / 1_000,
      contactAngleDegrees: angle
    )
    if let geometry { return (value["name"]?.text, geometry) }
    let complaints = BearingGeometry.problems(
      elementCount: elements,
      elementDiameter: element / 1_000,
      pitchDiameter: pitch / 1_000,
      contactAngleDegrees: angle
    )
    for complaint in complaints {
      error(value.position, complaint, "compare with the maker's catalogue")
    }
    return nil
  }

  private mutating func knownBearing(
    _ designation: String,
    at position: Position
  ) -> (name: String?, geometry: BearingGeometry)? {
    let catalogue = BearingCatalogue.standard
    guard let entry = catalogue.entry(for: designation) else {
      error(
        position,
        "the geometry of the bearing '\(designation)' is not known here",
        catalogue.mend(for: designation)
          + ": 'bearing: { name: \(designation), balls: 8, ball diameter: 17.5 mm, pitch diameter: "
          + "72.5 mm }'"
      )
      return nil
    }
    problems.add(
      .note,
      file,
      position,
      "the bearing \(designation) is taken as \(entry.geometry.elementCount) balls of "
        + "\(entry.geometry.elementDiameter.shown) mm on \(entry.geometry.pitchDiameter.shown) mm "
        + "(\(entry.source), confidence \(entry.confidence))",
      "compare with the maker's catalogue: makers build one designation differently"
    )
    return (designation, entry.geometry)
  }
}

extension Quantity {
  /// The UCUM code of the unit in which a value made of a block is given.
  fileprivate var waveformUnit: String {
    switch self {
    case .velocityRMS, .velocityHalfOrder, .velocityFirstOrder, .velocitySecondOrder,
      .velocityThirdOrder:
      "mm/s"
    case .crestFactor, .kurtosis: "1"
    default: "[g]"
    }
  }
}
