import ConditionModel

extension SiteReader {
  mutating func mqttSettings(_ record: Located) -> MQTTSettings? {
    guard let broker = record["broker"], let address = broker.text else { return nil }
    if let format = record["formats"]?.list?.first(where: { $0.text == "sparkplug" }) {
      warnUnused(format.position, "'sparkplug' is not published yet; JSON is")
    }
    let encrypted = ["ca", "certificate", "key"].compactMap { record.entry($0) }
    guard let (host, port, usesTLS) = endpoint(address) else {
      error(
        broker.position,
        "'\(address)' is not the address of a broker",
        "write 'mqtt://host:1883', or 'mqtts://host:8883' with encryption; user and password "
          + "have keys of their own"
      )
      return nil
    }
    if !usesTLS, let key = encrypted.first {
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
    return MQTTSettings(
      host: host,
      port: port,
      usesTLS: usesTLS,
      user: record["user"]?.text,
      passwordFile: path(record["password file"]),
      authorityFile: path(record["ca"]),
      certificateFile: path(record["certificate"]),
      keyFile: path(record["key"])
    )
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
  private func path(_ value: Located?) -> String? {
    guard let text = value?.text, !text.hasPrefix("/") else { return value?.text }
    guard let slash = file.lastIndex(of: "/") else { return text }
    return "\(file[...slash])\(text)"
  }
}
