import Yams

extension DatasetDescriptor {
  /// Reads a descriptor.
  ///
  /// - Parameters:
  ///   - yaml: The text of `dataset.yaml`.
  ///   - path: The file that it came from, for messages.
  /// - Throws: At the first thing that is missing, unknown or impossible, with its line.
  package init(yaml: String, path: String) throws(DatasetError) {
    let root = try DescriptorMapping.root(of: yaml, path: path)
    if root.has("subsets"), root.has("splits") {
      throw root.error(
        "this is a dataset of lives that end in a failure, which nothing can be replayed of; learn"
          + " from it by 'vigie train --dataset \(path) --data DIR --subset NAME --model FILE', then"
          + " see 'vigie predict --help'"
      )
    }
    try root.allowOnly([
      "dataset", "title", "licence", "source", "revision", "checksums", "folder", "groups",
      "tuned on", "separator", "time", "period", "channels", "labels", "learning",
    ])
    name = try root.text("dataset")
    title = try root.text("title")
    licence = try root.text("licence")
    source = try root.text("source")
    folder = try root.optionalText("folder") ?? "."
    groups = try root.mapping("groups").entries { (name, group) throws(DatasetError) in
      try group.allowOnly(["telling channel", "faults"])
      let faults = try group.optionalText("faults")
      guard faults == nil || faults == "none" else {
        throw group.error("'faults' can only be 'none'; leave it out for groups with faults")
      }
      return Group(
        name: name,
        hasFaults: faults == nil,
        tellingChannel: try group.optionalText("telling channel")
      )
    }
    tunedGroups = try root.texts("tuned on")
    separator = try root.separator("separator")
    let time = try root.mapping("time")
    try time.allowOnly(["column", "format"])
    timeColumn = try time.text("column")
    let pattern = try time.text("format")
    guard let format = TimeFormat(pattern) else {
      throw time.error(
        "the time format '\(pattern)' is neither like 'YYYY-MM-DD hh:mm:ss' nor 'ISO 8601'"
      )
    }
    timeFormat = format
    periodSeconds = try root.optionalSeconds("period")
    channels = try root.mapping("channels").entries { (name, channel) throws(DatasetError) in
      try channel.allowOnly(["unit", "quantity"])
      return Column(name: name, unit: try channel.text("unit"))
    }
    labels = try root.optionalMapping("labels").map(Self.labels)
    if labels == nil {
      for index in groups.indices { groups[index].hasFaults = false }
    }
    learning = try Self.learning(root.mapping("learning"))
    guard !groups.isEmpty, !channels.isEmpty else {
      throw root.error("a dataset needs at least one group and one channel")
    }
  }

  private static func labels(_ mapping: DescriptorMapping) throws(DatasetError) -> Labels {
    try mapping.allowOnly(["fault", "change", "change window", "windows file"])
    if let file = try mapping.optionalText("windows file") {
      return .windows(file: file)
    }
    guard let window = try mapping.optionalSeconds("change window") else {
      throw mapping.error("'change window' is missing, for example 60 s")
    }
    return .columns(
      fault: try mapping.text("fault"),
      change: try mapping.text("change"),
      windowSeconds: window
    )
  }

  private static func learning(_ mapping: DescriptorMapping) throws(DatasetError) -> Learning {
    try mapping.allowOnly(["rows", "share", "at most"])
    if let rows = try mapping.optionalText("rows") {
      guard let count = Int(rows), count > 0 else {
        throw mapping.error("'rows' is a whole number above 0, not '\(rows)'")
      }
      return .rows(count)
    }
    let share = try mapping.text("share")
    let most = try mapping.text("at most")
    let percent = share.hasSuffix("%") ? Double(share.dropLast().trimmed) : nil
    guard let percent, (0...100).contains(percent), let count = Int(most), count > 0 else {
      throw mapping.error("give 'rows: 400', or 'share: 15 %' with 'at most: 750'")
    }
    return .share(percent / 100, atMost: count)
  }
}

/// A mapping of the descriptor that knows its place in the file.
private struct DescriptorMapping {
  let path: String
  private let node: Node
  private let pairs: [(key: Node, value: Node)]

  static func root(of yaml: String, path: String) throws(DatasetError) -> DescriptorMapping {
    let node: Node?
    do {
      node = try compose(yaml: yaml)
    } catch {
      throw DatasetError(path: path, problem: "is not YAML: \(error)")
    }
    guard let node else { throw DatasetError(path: path, problem: "is empty") }
    return try DescriptorMapping(node, path: path)
  }

  private init(_ node: Node, path: String) throws(DatasetError) {
    self.path = path
    self.node = node
    guard let mapping = node.mapping else {
      throw DatasetError(
        path: path,
        line: node.mark?.line,
        problem: "names with values belong here"
      )
    }
    pairs = mapping.map { ($0.key, $0.value) }
  }

  func error(_ problem: String) -> DatasetError {
    DatasetError(path: path, line: node.mark?.line, problem: problem)
  }

  func allowOnly(_ keys: [String]) throws(DatasetError) {
    for (key, _) in pairs where !keys.contains(key.string ?? "") {
      throw DatasetError(
        path: path,
        line: key.mark?.line,
        problem:
          "'\(key.string ?? "?")' is not known here; known are \(keys.joined(separator: ", "))"
      )
    }
  }

  func has(_ key: String) -> Bool { value(key) != nil }

  func text(_ key: String) throws(DatasetError) -> String {
    guard let text = try optionalText(key) else { throw error("'\(key)' is missing") }
    return text
  }

  func optionalText(_ key: String) throws(DatasetError) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.scalar?.string else {
      throw DatasetError(path: path, line: value.mark?.line, problem: "'\(key)' is one value")
    }
    return text
  }

  func texts(_ key: String) throws(DatasetError) -> [String] {
    guard let value = value(key) else { return [] }
    guard let sequence = value.sequence else {
      throw DatasetError(path: path, line: value.mark?.line, problem: "'\(key)' is a list")
    }
    return sequence.compactMap(\.string)
  }

  func mapping(_ key: String) throws(DatasetError) -> DescriptorMapping {
    guard let mapping = try optionalMapping(key) else { throw error("'\(key)' is missing") }
    return mapping
  }

  func optionalMapping(_ key: String) throws(DatasetError) -> DescriptorMapping? {
    guard let value = value(key) else { return nil }
    return try DescriptorMapping(value, path: path)
  }

  func entries<Entry>(
    _ read: (String, DescriptorMapping) throws(DatasetError) -> Entry
  ) throws(DatasetError) -> [Entry] {
    var entries: [Entry] = []
    for (key, value) in pairs {
      entries.append(try read(key.string ?? "", DescriptorMapping(value, path: path)))
    }
    return entries
  }

  func separator(_ key: String) throws(DatasetError) -> UInt8 {
    let text = try text(key)
    guard text.utf8.count == 1, let byte = text.utf8.first else {
      throw error("'\(key)' is one character, not '\(text)'")
    }
    return byte
  }

  /// Reads `1 s`, `5 min` or `1 h`.
  func optionalSeconds(_ key: String) throws(DatasetError) -> Double? {
    guard let text = try optionalText(key) else { return nil }
    let parts = text.split(separator: " ")
    let units = ["s": 1.0, "min": 60, "h": 3_600]
    guard parts.count == 2, let number = Double(parts[0]), number > 0,
      let unit = units[String(parts[1])]
    else { throw error("'\(key)' is a time such as 1 s or 5 min, not '\(text)'") }
    return number * unit
  }

  private func value(_ key: String) -> Node? {
    pairs.first { $0.key.string == key }?.value
  }
}

extension Substring {
  /// This text without the spaces around it.
  fileprivate var trimmed: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
