import ConditionModel

extension SiteReader {
  mutating func mqttSettings(_ root: Located, _ record: Located) -> MQTTSettings? {
    guard let place = record["broker"] else { return nil }
    let encrypted = ["ca", "certificate", "key"].compactMap { record.entry($0) }
    let addresses = place.list ?? [place]
    let brokers = addresses.compactMap { broker($0) }
    guard brokers.count == addresses.count else { return nil }
    if let key = encrypted.first, !brokers.contains(where: \.usesTLS) {
      error(
        key.keyPosition,
        "'\(key.key)' is for an encrypted connection, but the broker is 'mqtt://'",
        "write 'mqtts://', or remove '\(key.key)'"
      )
    }
    if let only = encrypted.first(where: { $0.key != "ca" }),
      (record["certificate"] == nil) != (record["key"] == nil)
    {
      let other = only.key == "key" ? "certificate" : "key"
      error(only.keyPosition, "'\(only.key)' needs '\(other)' beside it", "add '\(other)'")
    }
    if let password = record.entry("password file"), record["user"] == nil {
      error(password.keyPosition, "'password file' needs 'user' beside it", "add 'user'")
    }
    let formats = record["formats"]?.list?.compactMap(\.text) ?? ["json"]
    let commands = record["commands"]?.list?.compactMap(\.text)
    return MQTTSettings(
      brokers: brokers,
      usesMQTT5: record["version"]?.integer == 5,
      user: record["user"]?.text,
      passwordFile: path(record["password file"]),
      authorityFile: path(record["ca"]),
      certificateFile: path(record["certificate"]),
      keyFile: path(record["key"]),
      publishesJSON: formats.contains("json"),
      sparkplug: sparkplug(root, record, isPublished: formats.contains("sparkplug")),
      // A node that does not repeat its births on demand is no Sparkplug node.
      commands: commands ?? (formats.contains("sparkplug") ? ["rebirth"] : [])
    )
  }

  private mutating func broker(_ place: Located) -> MQTTSettings.Broker? {
    guard let address = place.text else { return nil }
    guard let (host, port, usesTLS) = endpoint(address) else {
      error(
        place.position,
        "'\(address)' is not the address of a broker",
        "write 'mqtt://host:1883', or 'mqtts://host:8883' with encryption; user and password "
          + "have keys of their own"
      )
      return nil
    }
    return MQTTSettings.Broker(host: host, port: port, usesTLS: usesTLS)
  }

  private mutating func sparkplug(
    _ root: Located,
    _ record: Located,
    isPublished: Bool
  ) -> MQTTSettings.SparkplugNames? {
    let settings = record["sparkplug"]
    guard isPublished else {
      if let entry = record.entry("sparkplug") {
        error(
          entry.keyPosition,
          "'sparkplug' is described here, but 'formats' does not publish it",
          "write 'formats: [json, sparkplug]', or remove 'sparkplug'"
        )
      }
      return nil
    }
    if let commands = record["commands"], let list = commands.list,
      !list.contains(where: { $0.text == "rebirth" })
    {
      problems.add(
        .warning,
        file,
        commands.position,
        "without 'rebirth' a Sparkplug host that missed a message stays without the tags",
        "add 'rebirth'"
      )
    }
    checkTagNames(at: record["formats"]?.position ?? record.position)
    return MQTTSettings.SparkplugNames(
      group: settings?["group"]?.text ?? root["site"]?.text ?? "",
      node: settings?["node"]?.text ?? root["gateway"]?.text ?? "",
      primaryHost: settings?["primary host"]?.text,
      deadband: settings?["deadband"]?.baseValue ?? 0,
      maximumSilence: Duration(inSeconds: settings?["maximum silence"]?.baseValue ?? 600),
      ranges: sources.map(\.range)
    )
  }

  /// Tags of one machine must differ in more than capitals, also from those that are not channels.
  private mutating func checkTagNames(at position: Position) {
    var known: [String: String] = [:]
    for channel in channels {
      let machine = assets[Int(channel.asset.index)].name
      let name = channel.name.lowercased()
      if let taken = ["health/", "alerts/", "remaining life/"].first(where: name.hasPrefix) {
        error(
          position,
          "'\(machine)' cannot be a Sparkplug device: the tag '\(channel.name)' begins with "
            + "'\(taken)', which names tags of Vigie's own",
          "call the location otherwise"
        )
      }
      if let other = known.updateValue(channel.name, forKey: "\(machine)\n\(name)") {
        error(
          position,
          "'\(machine)' cannot be a Sparkplug device: the tags '\(other)' and '\(channel.name)' "
            + "differ in capitals only",
          "call one of them otherwise"
        )
      }
    }
  }

  private func endpoint(_ address: String) -> (host: String, port: UInt16, usesTLS: Bool)? {
    let usesTLS = address.hasPrefix("mqtts://")
    guard usesTLS || address.hasPrefix("mqtt://") else { return nil }
    var rest = address.dropFirst(usesTLS ? 8 : 7)
    if rest.last == "/" { rest = rest.dropLast() }
    var port = usesTLS ? "8883"[...] : "1883"
    if rest.first == "[" {
      // An IPv6 address, in brackets because of its colons.
      guard let end = rest.firstIndex(of: "]") else { return nil }
      let after = rest[rest.index(after: end)...]
      rest = rest[rest.index(after: rest.startIndex)..<end]
      guard after.isEmpty || after.first == ":", rest.contains(":") else { return nil }
      if !after.isEmpty { port = after.dropFirst() }
    } else if let colon = rest.firstIndex(of: ":") {
      port = rest[rest.index(after: colon)...]
      rest = rest[..<colon]
    }
    guard !rest.isEmpty, isHost(String(rest)), let number = UInt16(port), number > 0 else {
      return nil
    }
    return (String(rest), number, usesTLS)
  }

  func storeSettings(_ record: Located?) -> StoreSettings {
    StoreSettings(
      path: path(record?["path"]),
      sizeLimitBytes: Int64(record?["size"]?.baseValue ?? 1e9),
      retention: Duration(inSeconds: record?["keep"]?.baseValue ?? 30 * 86_400)
    )
  }

  /// A path in the site file is relative to the site file.
  func path(_ value: Located?) -> String? {
    guard let text = value?.text, !text.hasPrefix("/") else { return value?.text }
    guard let slash = file.lastIndex(of: "/") else { return text }
    return "\(file[...slash])\(text)"
  }
}
