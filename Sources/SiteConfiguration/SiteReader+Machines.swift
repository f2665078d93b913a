import ConditionModel
import DataAcquisition

extension SiteReader {
  mutating func readMachine(_ entry: Located.Entry) {
    let record = entry.value
    guard assets.count < Int(UInt16.max) else { return }
    let asset = Asset(
      id: AssetID(index: UInt16(assets.count)),
      name: entry.key,
      kind: record["recording"] != nil
        ? recordedKind(record["kind"])
        : record["kind"]?.text.flatMap(MachineKind.init(rawValue:)) ?? .other,
      ratedPowerKilowatts: record["power"]?.baseValue,
      mounting: record["mounting"]?.text.flatMap(Mounting.init(rawValue:)),
      ratedSpeedRPM: record["speed"]?.baseValue
    )
    assets.append(asset)
    if record["recording"] != nil {
      readRecording(entry, on: asset)
      return
    }
    for device in record["points"]?.entries ?? [] { readDevice(device, on: asset) }
  }

  private mutating func readDevice(_ entry: Located.Entry, on asset: Asset) {
    let record = entry.value
    let bus = busName(record["bus"])
    guard let profile = profile(entry), let unit = record["unit"]?.integer, let bus,
      deviceCount < UInt16.max
    else {
      unreadable.append("\(asset.name), \(entry.key)")
      return
    }
    let points = points(of: profile, chosenBy: entry, on: asset)
    let index = deviceCount
    deviceCount += 1
    let period = period(record["every"], profile: profile)
    var ids: [ChannelID] = []
    for point in points where channels.count <= Int(UInt16.max) {
      let id = ChannelID(index: UInt16(truncatingIfNeeded: channels.count))
      ids.append(id)
      channels.append(
        Channel(
          id: id,
          asset: asset.id,
          location: entry.key,
          point: point.name,
          unit: point.unit,
          quantity: point.quantity,
          axis: point.axis,
          device: index
        )
      )
      sources.append(ChannelSource(point, period: period))
    }
    let polls = readBlocks(of: profile, entry, on: asset, device: index)
    let definition = DeviceDefinition(
      index: index,
      asset: asset.id,
      name: "\(asset.name), \(entry.key)",
      unit: UInt8(unit),
      period: period,
      profile: profile.id,
      timing: profile.timing,
      requestLimits: profile.requestLimits,
      points: Array(points.prefix(ids.count)),
      channels: ids,
      waveforms: polls
    )
    devices.append(Device(definition: definition, bus: bus, entry: entry))
  }

  private mutating func busName(_ value: Located?) -> String? {
    guard let value, let name = value.text else { return nil }
    guard busNames.contains(name) else {
      error(
        value.position,
        "there is no bus '\(name)'",
        suggestion(for: name, in: busNames, meaning: "known buses")
      )
      return nil
    }
    return name
  }

  private mutating func period(_ value: Located?, profile: DeviceProfile) -> Duration {
    let shortest = profile.timing.minimumPeriod
    guard let value, let seconds = value.baseValue else { return max(.seconds(1), shortest) }
    let period = Duration(inSeconds: seconds)
    if period < shortest {
      let limit = "\((shortest.inSeconds * 1_000).shown) ms"
      error(
        value.position,
        "\(profile.id) has new values only every \(limit)",
        "write 'every: \(limit)' or longer"
      )
    }
    return period
  }

  // MARK: - Profiles

  private mutating func profile(_ entry: Located.Entry) -> DeviceProfile? {
    let record = entry.value
    guard let device = record["device"], let id = device.text else { return nil }
    let own = ["points", "defaults", "requests", "timing"].compactMap { record.entry($0) }
    guard id == "generic" else {
      for key in own {
        error(
          key.keyPosition,
          "'\(key.key)' is for 'device: generic'; here the profile \(id) says it",
          "remove '\(key.key)', or write 'device: generic'"
        )
      }
      return namedProfile(id, at: device.position)
    }
    guard record["points"] != nil else {
      error(
        device.position,
        "a generic device needs 'points'",
        "add for example 'points: { temperature: { address: 0, unit: °C, quantity: temperature } }'"
      )
      return nil
    }
    var reader = RegisterMapReader(file: file, problems: problems)
    let profile = reader.map(record, id: id)
    problems = reader.problems
    return profile
  }

  private mutating func namedProfile(_ id: String, at position: Position) -> DeviceProfile? {
    if let known = profiles[id] { return known?.profile }
    guard let (name, content) = library.file(id) else {
      let known = library.ids
      let mend =
        nearestWord(to: id, in: known).map { "did you mean '\($0)'?" }
        ?? known.first { $0.hasSuffix("/\(id)") }.map { "did you mean '\($0)'?" }
        ?? (known.isEmpty
          ? "no profiles are at hand: look whether their folder is in its place"
          : "known are: \((known + ["generic"]).joined(separator: ", "))")
      error(position, "there is no profile '\(id)'", mend)
      return nil
    }
    profileFiles.append(name)
    switch content {
    case .failure(let trouble):
      problems.error(name, nil, trouble.message, trouble.mend)
      profiles[id] = .some(nil)
    case .success(let text):
      profiles[id] = .some(ProfileFile.read(text, file: name, id: id, problems: &problems))
    }
    let document = profiles[id] ?? nil
    if let document, document.status == .unverified {
      problems.add(
        .note,
        file,
        position,
        "the profile \(id) was never tried on a device",
        "compare its values with those on the device's own display"
      )
    }
    return document?.profile
  }

  private mutating func points(
    of profile: DeviceProfile,
    chosenBy entry: Located.Entry,
    on asset: Asset
  ) -> [PointDefinition] {
    guard let only = entry.value["only"], let names = only.list else {
      let points = profile.points.filter { $0.role == .measure || $0.role == .status }
      if points.isEmpty, profile.blocks.isEmpty {
        error(
          entry.keyPosition,
          "\(profile.id) has no measures",
          "name the points to read: 'only: [\(profile.points.first?.name ?? "…")]'"
        )
      }
      return points.filter { !$0.isText }
    }
    for (index, name) in names.enumerated() {
      guard let text = name.text else { continue }
      if names[..<index].contains(where: { $0.text == text }) {
        error(name.position, "'\(text)' is named twice", "remove one of them")
      }
      if profile.blocks.contains(where: { $0.name == text }) { continue }
      guard let point = profile.points.first(where: { $0.name == text }) else {
        error(
          name.position,
          "\(profile.id) has no point '\(text)'",
          suggestion(
            for: text,
            in: profile.points.map(\.name) + profile.blocks.map(\.name),
            meaning: "its points"
          )
        )
        unreadable.append("\(asset.name), \(entry.key)")
        continue
      }
      if point.isText {
        error(
          name.position,
          "'\(text)' is a text, not a value that can be watched",
          "remove it from 'only'"
        )
      }
    }
    return profile.points.filter { point in
      !point.isText && names.contains { $0.text == point.name }
    }
  }
}

extension PointDefinition {
  fileprivate var isText: Bool {
    if case .text = type { true } else { false }
  }
}
